"""Hand-made .keras and .h5 files: nothing here is rebuilt, so nothing needs Keras."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest
from modelport.contract.errors import InputError
from modelport.runtimes.keras_file.config import MAX_CONFIG_BYTES, read_config


def _layer(class_name: str, name: str, module: str | None = "keras.layers", **more: Any) -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": {"name": name}, "registered_name": None} | more


def _model(*layers: dict[str, Any]) -> dict[str, Any]:
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "net", "layers": list(layers)},
        "compile_config": {"loss": _layer("MyLoss", "loss", "their.losses")},
    }


def _write_keras(path: Path, config: Any, **members: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", config if isinstance(config, str) else json.dumps(config))
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.1.4"}))
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def test_an_attribute_that_is_no_text_is_refused_and_a_version_that_is_none_is_not_told(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="legacy files need h5py")
    for name, text in (("empty", h5py.Empty("f")), ("array", [1.0, 2.0]), ("number", 5)):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file.attrs["model_config"] = text
        with pytest.raises(InputError, match="model_config is damaged"):
            read_config(tmp_path / f"{name}.h5")
    for name, version in (("list", [2, 15]), ("nothing", h5py.Empty("f")), ("integer", 2)):
        with h5py.File(tmp_path / f"{name}.h5", "w") as file:
            file.attrs["model_config"], file.attrs["keras_version"] = json.dumps(_model()), version
        assert read_config(tmp_path / f"{name}.h5").keras_version is None


def test_objects_and_version_are_read_in_the_files_order(tmp_path: Path) -> None:
    path = _write_keras(tmp_path / "m.keras", _model(_layer("Conv2D", "first"), _layer("Dense", "last")))
    found = read_config(path)
    assert ("3.1.4", "Sequential") == (found.keras_version, found.config["class_name"])
    assert [("Sequential", "net"), ("Conv2D", "first"), ("Dense", "last")] == [
        (item.class_name, item.name) for item in found.objects
    ]
    assert not any(item.is_code or item.is_custom for item in found.objects)


@pytest.mark.parametrize("class_name", ["Lambda", "TFSMLayer", "TorchModuleWrapper"])
def test_a_layer_that_runs_code_is_found_however_deep(tmp_path: Path, class_name: str) -> None:
    inner = _layer("TimeDistributed", "outer")
    inner["config"]["layer"] = _layer(class_name, "inside")
    found = read_config(_write_keras(tmp_path / "m.keras", _model(inner)))
    assert [f"{class_name} (layer 'inside')"] == [str(item) for item in found.objects if item.is_code]


@pytest.mark.parametrize(
    ("module", "registered_name"),
    [
        pytest.param("os", None, id="any-module"),
        pytest.param("kerasish.layers", None, id="begins-like-keras"),
        pytest.param("their.layers", "their>Attention", id="registered"),
        pytest.param(None, "their>Attention", id="registered-without-module"),
        pytest.param("keras.layers", "their>Dense", id="registered-over-keras"),
    ],
)
def test_a_class_that_is_not_keras_is_custom(tmp_path: Path, module: str | None, registered_name: str | None) -> None:
    layer = _layer("Attention", "mine", module) | {"registered_name": registered_name}
    found = read_config(_write_keras(tmp_path / "m.keras", _model(layer)))
    assert ["mine"] == [item.name for item in found.objects if item.is_custom]


def test_a_function_of_a_module_names_the_layer_it_belongs_to(tmp_path: Path) -> None:
    layer = _layer("Activation", "act")
    layer["config"]["activation"] = {"module": "os", "class_name": "function", "config": "system"}
    (custom,) = [i for i in read_config(_write_keras(tmp_path / "m.keras", _model(layer))).objects if i.is_custom]
    assert "function system of os (layer 'act')" == str(custom)


@pytest.mark.parametrize(("name", "is_custom"), [("relu", False), ("exec", True)])
def test_builtins_are_keras_functions_and_never_pythons(tmp_path: Path, name: str, is_custom: bool) -> None:
    """Keras writes the module of its own functions as "builtins"."""
    layer = _layer("Activation", "act")
    layer["config"]["activation"] = {"module": "builtins", "class_name": "function", "config": name}
    found = read_config(_write_keras(tmp_path / "m.keras", _model(layer))).objects
    assert is_custom == any(item.is_custom for item in found)


def test_a_legacy_file_is_read_without_keras(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="legacy files need h5py")
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"layers": []}})
        file.attrs["keras_version"] = b"2.4.0"
    found = read_config(tmp_path / "m.h5")
    assert ("Sequential", "2.4.0") == (found.objects[0].class_name, found.keras_version)


def test_weights_only_are_told_from_a_model(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py", reason="legacy files need h5py")
    with h5py.File(tmp_path / "m.weights.h5", "w") as file:
        file["layer"] = [1.0]
    with pytest.raises(InputError, match="weights only"):
        read_config(tmp_path / "m.weights.h5")


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """33 MB of blanks are 33 kB in the archive."""
    path = tmp_path / "m.keras"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", " " * (MAX_CONFIG_BYTES + 1))
    assert path.stat().st_size < 100_000
    with pytest.raises(InputError, match="too large to read"):
        read_config(path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("[" * 200_000, "not JSON", id="deep"),
        pytest.param("{", "not JSON", id="broken"),
        pytest.param("[1]", "not understood", id="list"),
        pytest.param('{"class_name": 3}', "not understood", id="no-name"),
    ],
)
def test_a_damaged_configuration_is_an_answer(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_config(_write_keras(tmp_path / "m.keras", content))


def test_files_that_are_no_model_are_named(tmp_path: Path) -> None:
    pytest.importorskip("h5py", reason="a file that is no ZIP is taken for a legacy one")
    (tmp_path / "pointer.keras").write_text("version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(InputError, match=r"not a Keras file[\s\S]*version http"):
        read_config(tmp_path / "pointer.keras")
    with zipfile.ZipFile(tmp_path / "photos.keras", "w") as archive:
        archive.writestr("a.jpg", b"")
    with pytest.raises(InputError, match=r"not a \.keras file[\s\S]*a\.jpg"):
        read_config(tmp_path / "photos.keras")
    with pytest.raises(InputError, match="does not exist"):
        read_config(tmp_path / "gone.keras")


@pytest.mark.parametrize("key", ["compile_config", "build_config", "optimizer_config", "training_config"])
def test_what_a_model_inside_was_compiled_with_is_searched(tmp_path: Path, key: str) -> None:
    """Keras clears that of the outermost model only, and rebuilds the others."""
    inner = _layer("Sequential", "inner", "keras") | {key: {"loss": _layer("Lambda", "evil")}}
    found = read_config(_write_keras(tmp_path / "m.keras", _model(inner))).objects
    assert ["Lambda (layer 'evil')"] == [str(item) for item in found if item.is_code]


def test_what_a_legacy_file_was_compiled_with_is_searched(tmp_path: Path) -> None:
    """Of an .h5 with configurations of the new kind, tf-keras rebuilds that of the outermost model as well."""
    h5py = pytest.importorskip("h5py", reason="legacy files need h5py")
    config = _model() | {"compile_config": {"loss": _layer("Lambda", "evil")}}
    with h5py.File(tmp_path / "m.h5", "w") as file:
        file.attrs["model_config"] = json.dumps(config)
    assert ["evil"] == [item.name for item in read_config(tmp_path / "m.h5").objects if item.is_code]


def test_a_compiled_model_of_keras_inside_is_no_reason_to_refuse(tmp_path: Path) -> None:
    """Transfer learning as in Keras' guides: the base was compiled, too. The file is Keras' own."""
    keras = pytest.importorskip("keras", reason="the file is written by Keras")
    base = keras.Sequential([keras.Input((4, 4, 3)), keras.layers.Conv2D(2, 3), keras.layers.GlobalAveragePooling2D()])
    schedule = keras.optimizers.schedules.CosineDecay(0.01, 10)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    base.compile(keras.optimizers.AdamW(schedule), loss, metrics=["accuracy", keras.metrics.AUC()])
    model = keras.Sequential([keras.Input((4, 4, 3)), base, keras.layers.Dense(2, activation=keras.activations.gelu)])
    model.compile("adam", "mse")
    model.save(tmp_path / "m.keras")
    found = read_config(tmp_path / "m.keras").objects
    assert {"SparseCategoricalCrossentropy", "AdamW", "CosineDecay", "AUC"} <= {item.class_name for item in found}
    assert [] == [str(item) for item in found if item.is_code or item.is_custom or item.is_unlisted]
