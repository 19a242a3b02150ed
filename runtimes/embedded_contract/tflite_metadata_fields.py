"""TFLite Metadata's field numbers, which count from 0 in the order of each table of the schema, and its constants.

Reference: tensorflow/tflite-support, tensorflow_lite_support/metadata/metadata_schema.fbs at 02e5df0f, read on
2026-11-21.
"""

#: The name under which a .tflite file lists the metadata's buffer, and the identifier at that buffer's byte 4.
BUFFER_NAME, IDENTIFIER = "TFLITE_METADATA", b"M001"

#: The name under which it lists modelport's contract, which is JSON.
CONTRACT_BUFFER_NAME = "modelport_contract"

MODEL = {"name": 0, "description": 1, "version": 2, "author": 4, "license": 5, "min_parser_version": 7}
MODEL_SUBGRAPHS = 3
SUBGRAPH_INPUTS, SUBGRAPH_OUTPUTS = 2, 3
TENSOR_NAME, TENSOR_DESCRIPTION, TENSOR_CONTENT, TENSOR_UNITS, TENSOR_STATS, TENSOR_FILES = 0, 1, 3, 4, 5, 6
UNION_TYPE, UNION_VALUE = 0, 1  # of Content, and of ProcessUnit
NORMALIZATION = 1  # member of the union ProcessUnitOptions: mean, std
FEATURE, IMAGE = 1, 2  # members of the union ContentProperties
IMAGE_COLOR_SPACE, IMAGE_SIZE = 0, 1
COLOR_SPACES = {1: "RGB", 2: "grayscale"}
FILE_NAME, FILE_DESCRIPTION, FILE_TYPE = 0, 1, 2
TENSOR_AXIS_LABELS, TENSOR_VALUE_LABELS = 2, 3
