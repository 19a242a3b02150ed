"""Files that would do something while they are opened: hand-made, as no Keras writes them."""

import json
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from modelport.contract.errors import InputError

pytest.importorskip("tensorflow", reason="opening models needs the extra [tensorflow]")

import h5py
import keras
from modelport.runtimes.inspect.inspect_file import inspect_here
from modelport.training.adopt.rewrite.foreign_keras import open_keras

STRANGERS = "not among the layers and functions that modelport runs for strangers"


@pytest.fixture(autouse=True)
def no_tf_keras_left_behind() -> Iterator[None]:
    yield
    keras.config.set_dtype_policy("float32")


def _layer(class_name: str, inbound: list[Any], **config: Any) -> dict[str, Any]:
    name = config.setdefault("name", class_name.lower())
    return {"class_name": class_name, "config": config, "name": name, "inbound_nodes": inbound}


def _functional(*evil: dict[str, Any]) -> dict[str, Any]:
    layers = [
        _layer("InputLayer", [], name="i", batch_input_shape=[None, 8, 8, 3], dtype="float32"),
        *evil,
        _layer("Flatten", [[["i", 0, 0, {}]]], name="f"),
        _layer("Dense", [[["f", 0, 0, {}]]], name="d", units=3, activation="softmax"),
    ]
    config = {"name": "m", "layers": layers, "input_layers": [["i", 0, 0]], "output_layers": [["d", 0, 0]]}
    return {"class_name": "Functional", "config": config}


def _write_h5(path: Path, config: dict[str, Any]) -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config).encode()
        file.attrs["keras_version"], file.attrs["backend"] = b"2.15.0", b"tensorflow"
        weights = file.create_group("model_weights")
        weights.attrs["layer_names"] = []
        weights.attrs["keras_version"], weights.attrs["backend"] = b"2.15.0", b"tensorflow"
    return path


def _refused(path: Path, named: str, *, allow_lambda: bool = False) -> None:
    """Both commands say the same sentence."""
    with pytest.raises(InputError) as caught:
        open_keras(path, allow_lambda=allow_lambda)
    assert f"{named}: {STRANGERS}" in str(caught.value)
    assert f"{named}: {STRANGERS}" in [problem.sentence for problem in inspect_here(path).problems]


@pytest.mark.parametrize("allow_lambda", [False, True])
@pytest.mark.parametrize("layer", ["TFOpLambda", "SlicingOpLambda"])
@pytest.mark.parametrize("module", [None, "keras.layers", "tf_keras.src.layers.core.tf_op_layer"])
def test_a_layer_that_calls_tensorflow_may_not_write_files(
    tmp_path: Path, module: str | None, layer: str, allow_lambda: bool
) -> None:
    """A node of constants is run while tf-keras loads the file; --allow-lambda is about the author's Python."""
    written = tmp_path / "written"
    node = [["_CONSTANT_VALUE", -1, str(written), {"contents": "owned"}]]
    evil = _layer(layer, node, name="evil", function="io.write_file") | ({"module": module} if module else {})
    path = _write_h5(tmp_path / "m.h5", _functional(evil))
    _refused(path, f"{layer} of tf.io.write_file (layer 'evil')", allow_lambda=allow_lambda)
    assert not written.exists()


@pytest.mark.parametrize("symbol", ["io.gfile.remove", "load_op_library", "keras.models.load_model", "py_function"])
def test_a_layer_that_calls_tensorflow_names_a_function_of_the_list(tmp_path: Path, symbol: str) -> None:
    victim = tmp_path / "victim"
    victim.write_text("here")
    evil = _layer("TFOpLambda", [["_CONSTANT_VALUE", -1, str(victim), {}]], name="evil", function=symbol)
    _refused(_write_h5(tmp_path / "m.h5", _functional(evil)), f"TFOpLambda of tf.{symbol} (layer 'evil')")
    assert victim.exists()


@pytest.mark.parametrize(
    "class_name", ["ClassMethod", "InstanceMethod", "InstanceProperty", "TensorFlowOpLayer", "ResidualWrapper"]
)
@pytest.mark.parametrize("module", [None, "tf_keras.src.layers"])
def test_other_ways_to_call_are_refused(tmp_path: Path, class_name: str, module: str | None) -> None:
    evil = _layer(class_name, [[["i", 0, 0, {}]]], name="evil") | ({"module": module} if module else {})
    _refused(_write_h5(tmp_path / "m.h5", _functional(evil)), f"{class_name} (layer 'evil')")


@pytest.mark.parametrize(
    "named",
    [
        pytest.param({"module": "tf_keras.src.utils.io_utils", "config": "os.system"}, id="through-a-module"),
        pytest.param({"module": "keras.utils", "config": "get_file"}, id="downloads"),
        pytest.param({"module": "tf_keras.models", "config": "load_model"}, id="loads-another-file"),
        pytest.param({"module": "keras", "config": "relu", "registered_name": "os"}, id="second-name"),
    ],
)
def test_a_function_that_is_keras_own_is_no_activation_for_that(tmp_path: Path, named: dict[str, Any]) -> None:
    function = {"class_name": "function"} | named
    evil = _layer("Activation", [[["i", 0, 0, {}]]], name="evil", activation=function)
    _refused(_write_h5(tmp_path / "m.h5", _functional(evil)), f"function {named['config']} (layer 'evil')")


def test_an_activations_text_names_an_activation(tmp_path: Path) -> None:
    """tf-keras looks through everything that its module of activations has imported."""
    evil = _layer("Activation", [[["i", 0, 0, {}]]], name="evil", activation="deserialize_keras_object")
    path = _write_h5(tmp_path / "m.h5", _functional(evil))
    with pytest.raises(InputError, match=r"not Keras' own[\s\S]*function deserialize_keras_object"):
        open_keras(path, allow_lambda=False)


def test_a_class_under_the_second_name_is_refused(tmp_path: Path) -> None:
    """tf-keras takes `registered_name` where the module has no `class_name`."""
    evil = _layer("Dropout", [[["i", 0, 0, {}]]], name="evil", rate=0.5)
    evil |= {"module": "tf_keras.src.layers.core.lambda_layer", "registered_name": "Lambda"}
    _refused(_write_h5(tmp_path / "m.h5", _functional(evil)), "Dropout (layer 'evil')")


@pytest.mark.parametrize(
    "compute",
    [
        pytest.param(lambda x, tf: 1 - x, id="constant-first"),
        pytest.param(lambda x, tf: 2.0**x / 3 + x, id="arithmetic"),
        pytest.param(lambda x, tf: -abs(x[:, 1:, ..., ::-1]), id="slices"),
        pytest.param(lambda x, tf: tf.nn.relu6(tf.concat([x, x], -1)), id="concat-relu6"),
        pytest.param(lambda x, tf: tf.clip_by_value(tf.image.resize(x, (4, 4)), 0.2, 0.8), id="resize-clip"),
        pytest.param(lambda x, tf: tf.reduce_mean(tf.cast(x > 0.5, tf.float32), 1, keepdims=True), id="compare"),
        pytest.param(lambda x, tf: tf.reshape(tf.nn.swish(x), (-1, 8, 24)), id="reshape"),
    ],
)
def test_arithmetic_outside_layers_is_read_as_before(tmp_path: Path, compute: Callable[[Any, Any], Any]) -> None:
    """The oracle is the tf-keras model that wrote the file."""
    tf_keras = pytest.importorskip("tf_keras", reason="legacy models need tf-keras")
    import tensorflow as tf

    image = tf_keras.Input((8, 8, 3))
    model = tf_keras.Model(image, tf_keras.layers.Dense(3)(tf_keras.layers.Flatten()(compute(image, tf))))
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # tf-keras calls its own format legacy
        model.save(tmp_path / "m.h5")
    pixels = np.random.default_rng(0).random((2, 8, 8, 3), dtype=np.float32)
    opened = open_keras(tmp_path / "m.h5", allow_lambda=False)
    np.testing.assert_allclose(model(pixels), opened.run(pixels), atol=1e-6)


def _plain_model(path: Path) -> Path:
    import warnings

    keras.utils.set_random_seed(0)
    image = keras.Input((8, 8, 3))
    model = keras.Model(image, keras.layers.Dense(3, name="d")(keras.layers.Flatten()(image)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Keras 3 calls .h5 legacy
        model.save(path)
    return path


def _kernel(file: Any) -> str:
    names: list[str] = []
    file.visititems(lambda name, item: names.append(name) if getattr(item, "shape", None) == (192, 3) else None)
    return names[0]


def _replace_kernel(file: Any, how: str, secret: Path) -> None:
    name = _kernel(file)
    del file[name]
    if how == "external-data":
        file.create_dataset(name, shape=(192, 3), dtype="f4", external=[(str(secret), 0, 192 * 3 * 4)])
    elif how == "external-link":
        file[name] = h5py.ExternalLink(str(secret), "/x")
    elif how == "soft-link":
        file[name] = h5py.SoftLink("/elsewhere")
    else:
        layout = h5py.VirtualLayout((192, 3), "f4")
        layout[:] = h5py.VirtualSource(str(secret), "x", (192, 3))
        file.create_virtual_dataset(name, layout)


@pytest.mark.parametrize("how", ["external-data", "external-link", "soft-link", "virtual-data"])
@pytest.mark.parametrize("kind", ["m.h5", "m.keras"])
@pytest.mark.parametrize("version", ["2.15.0", "3.0.0"])
def test_weights_that_are_another_files_bytes_are_refused(tmp_path: Path, how: str, kind: str, version: str) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(np.arange(576, dtype="f4").tobytes())
    path = _plain_model(tmp_path / kind)
    if kind == "m.h5":
        with h5py.File(path, "a") as file:
            _replace_kernel(file, how, secret)
            file.attrs["keras_version"] = version
    else:
        with zipfile.ZipFile(path) as archive:
            members = {name: archive.read(name) for name in archive.namelist()}
        (tmp_path / "weights").write_bytes(members["model.weights.h5"])
        with h5py.File(tmp_path / "weights", "a") as file:
            _replace_kernel(file, how, secret)
        members["model.weights.h5"] = (tmp_path / "weights").read_bytes()
        members["metadata.json"] = json.dumps({"keras_version": version}).encode()
        with zipfile.ZipFile(path, "w") as archive:
            for name, data in members.items():
                archive.writestr(name, data)
    with pytest.raises(InputError, match="weights are not inside the file"):
        open_keras(path, allow_lambda=False)
    assert any("weights are not inside the file" in problem.sentence for problem in inspect_here(path).problems)


def test_an_optimizers_group_is_walked_too(tmp_path: Path) -> None:
    path = _plain_model(tmp_path / "m.h5")
    with h5py.File(path, "a") as file:
        file.create_group("optimizer_weights")["x"] = h5py.ExternalLink("/etc/passwd", "/x")
    with pytest.raises(InputError, match=r"weights are not inside the file[\s\S]*/optimizer_weights/x"):
        open_keras(path, allow_lambda=False)


def test_what_keras_3_refuses_as_unsafe_is_not_given_to_tf_keras(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _write_h5(tmp_path / "m.h5", _functional())

    def load_model(*_: Any, **__: Any) -> None:
        raise ValueError("Not allowed: H5 file Dataset with external links: /x")

    monkeypatch.setattr(keras.models, "load_model", load_model)
    with pytest.raises(InputError, match=r"cannot be rebuilt[\s\S]*Not allowed"):
        open_keras(path, allow_lambda=False)


def test_a_file_that_is_a_zip_and_an_h5_at_once_is_refused(tmp_path: Path) -> None:
    """Its ZIP part would be searched for code, and its HDF5 part be loaded."""
    evil = _layer("Lambda", [[["i", 0, 0, {}]]], name="evil")
    path = _write_h5(tmp_path / "m.h5", _functional(evil))
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("config.json", json.dumps(_functional()))
    assert zipfile.is_zipfile(path)
    assert h5py.is_hdf5(path)
    with pytest.raises(InputError, match=r"not called \.keras"):
        open_keras(path, allow_lambda=False)
