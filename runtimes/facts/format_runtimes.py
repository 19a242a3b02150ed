"""Where the code of each format is: the runtimes' half of contract/formats.py. By name: only a worker imports them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class FormatRuntime:
    """Of one format, its files below `runtimes`, as FILE:NAME.

    Attributes:
        driver: class that opens and runs an artifact.
        inspector: function that reads one without running it.
        facts: task that reads what no runtime tells; None: there is none.
        driver_reads_facts: whether the driver takes `facts=False`, and otherwise reads them itself.
        is_tried: whether `inspect` runs the file once, too.
        packages: that the driver can run on, the first that is there; empty: it looks for what it needs itself.
        extra: that brings them; None: the base install.
        inspector_package: that the inspector needs beyond the base install; None: none.
    """

    driver: str
    inspector: str
    facts: str | None = None
    driver_reads_facts: bool = False
    is_tried: bool = False
    packages: tuple[str, ...] = ()
    extra: str | None = None
    inspector_package: str | None = None


RUNTIMES = {
    "keras": FormatRuntime(
        driver="keras_file.keras_driver:KerasDriver",
        inspector="keras_file.inspect_keras:inspect_keras",
        packages=("keras",),
        extra="tensorflow",
    ),
    "saved_model": FormatRuntime(
        driver="tf_graph.saved_model_driver:SavedModelDriver",
        inspector="tf_graph.inspect_saved_model:inspect_saved_model",
        packages=("tensorflow",),
        extra="tensorflow",
        inspector_package="tensorflow",
    ),
    "frozen_graph": FormatRuntime(
        driver="tf_graph.frozen_graph_driver:FrozenGraphDriver",
        inspector="tf_graph.inspect_frozen_graph:inspect_frozen_graph",
        packages=("tensorflow",),
        extra="tensorflow",
        inspector_package="tensorflow",
    ),
    "tflite": FormatRuntime(
        driver="tflite.tflite_driver:TfliteDriver",
        inspector="tflite.inspect_tflite:inspect_tflite",
        facts="tflite.open_tflite:tflite_facts",
        driver_reads_facts=True,
        is_tried=True,
        packages=("ai_edge_litert", "tflite_runtime", "tensorflow"),
    ),
    "onnx": FormatRuntime(
        driver="onnx_file.onnx_driver:OnnxDriver",
        inspector="onnx_file.inspect_onnx:inspect_onnx",
        facts="onnx_file.onnx_driver:onnx_facts",
        driver_reads_facts=True,
        is_tried=True,
        packages=("onnxruntime",),
    ),
    "tfjs": FormatRuntime(
        driver="tfjs.tfjs_driver:TfjsDriver",
        inspector="tfjs.inspect_tfjs:inspect_tfjs",
        facts="tfjs.tfjs_driver:tfjs_facts",
    ),
    "h5": FormatRuntime(
        driver="keras_file.h5_driver:H5Driver",
        inspector="keras_file.inspect_keras:inspect_keras_h5",
        packages=("tf_keras",),
        extra="tensorflow",
        inspector_package="h5py",
    ),
}


_HERE = f"{__name__.partition('.')[0]}.runtimes"

#: Format to the task that reads what stands in a file, without running it.
FACTS = {name: f"{_HERE}.{row.facts}" for name, row in RUNTIMES.items() if row.facts is not None}
