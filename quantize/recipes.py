"""The recipes by name. No heavy import, so that `--help` can list them.

float16: weights stored as float16, computed as float32. dynamic_int8: weights int8, activations quantized as they come.
full_int8: weights and activations int8, with ranges measured on representative images.
"""

#: Recipe to the name of its artifact in the run folder, in the order in which they are written.
PATHS = {
    "float16": "model.float16.tflite",
    "dynamic_int8": "model.dynamic_int8.tflite",
    "full_int8": "model.full_int8.tflite",
}
