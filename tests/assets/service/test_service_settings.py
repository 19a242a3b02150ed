"""Settings: by the environment and a file, typed, bounded, and never silently ignored."""

import re
from pathlib import Path

import pytest
from modelport.assets.service.model.settings import Settings, settings, table, variable_of
from modelport.assets.service.read_settings import CONFIG_VARIABLE, OTHERS, read_settings
from modelport.contract.errors import InputError, UsageError

ROOT = Path(__file__).parents[3]


def test_names_that_deployments_have_already_are_read() -> None:
    given = read_settings({"HOST": "0.0.0.0", "PORT": "8000", "USE_MOCK_MODEL": "1", "PATH": "/bin"})
    assert ("0.0.0.0", 8000, True) == (given.host, given.port, given.mock)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("MODELPORT_MODLE", "MODELPORT_MODEL"),
        ("MODELPORT_PORT", "PORT"),
        ("MODELPORT_CORS_ORIGIN", "MODELPORT_CORS_ORIGINS"),
        ("MODELPORT_CONFIGURATION", "MODELPORT_CONFIG"),
    ],
)
def test_unknown_names_are_told_with_the_nearest(name: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_settings({name: "1"})
    assert name == caught.value.where
    assert f"did you mean {meant}?" == caught.value.fix


def test_variables_of_other_parts_of_modelport_are_no_errors() -> None:
    """All names that modelport's own code reads, found in its text: one that is added later must be added here, too."""
    files = [file for folder in ("runtimes", "contract", "validate", "cli") for file in (ROOT / folder).rglob("*.py")]
    text = "".join(file.read_text(encoding="utf-8") for file in files)
    found = set(re.findall(r'"(MODELPORT_[A-Z_]+)"', text))
    assert "MODELPORT_CACHE" in found
    read_settings(dict.fromkeys(found, "1"))
    assert set(OTHERS).isdisjoint({variable_of(name) for name in settings()})


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("PORT", "http"),
        ("PORT", "-1"),
        ("PORT", "65536"),
        ("USE_MOCK_MODEL", "maybe"),
        ("MODELPORT_RATE_PER_SECOND", "nan"),
        ("MODELPORT_RATE_PER_SECOND", "inf"),
        ("MODELPORT_MODEL", ""),
        ("MODELPORT_FORMAT", "keras"),
        ("MODELPORT_MODEL_SHA256", "abc"),
        ("MODELPORT_CORS_ORIGINS", "https://app.example.org/page"),
        ("MODELPORT_TRUSTED_PROXY", "everybody"),
        ("MODELPORT_ALLOWED_SEQUENCES", "HELLO,YOU THERE"),
        ("MODELPORT_WINDOW", "0"),
        ("HOST", ""),
    ],
)
def test_values_that_mean_nothing_are_refused_by_name(variable: str, text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_settings({variable: text})
    assert variable == caught.value.where


def test_a_variable_stands_before_the_file(tmp_path: Path) -> None:
    file = tmp_path / "service.toml"
    file.write_text('port = 6000\nmodel = "models/a.pb"\nreload_seconds = 2\nmock = true\n', encoding="utf-8")
    given = read_settings({CONFIG_VARIABLE: str(file), "PORT": "7000"})
    assert (7000, True, 2.0) == (given.port, given.mock, given.reload_seconds)
    assert tmp_path / "models" / "a.pb" == given.model, "a path in a file is meant from where the file lies"


@pytest.mark.parametrize(
    ("text", "named"),
    [("prot = 1", "prot"), ('port = "5000"', "port"), ("mock = 1", "mock"), ("port = true", "port")],
)
def test_keys_of_the_file_are_checked(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "service.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        read_settings({CONFIG_VARIABLE: str(file)})
    assert f"{file}, {named}" == caught.value.where


def test_the_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """Windows' Notepad writes one, and modelport.toml may have it."""
    file = tmp_path / "service.toml"
    file.write_text("port = 6000", encoding="utf-8-sig")
    assert 6000 == read_settings({CONFIG_VARIABLE: str(file)}).port


@pytest.mark.parametrize("content", [b"port = ", b"\xff\xfe", b"port = " + 3000 * b"[" + 3000 * b"]"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "service.toml"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_settings({CONFIG_VARIABLE: str(file)})
    assert file == caught.value.where


def test_the_table_in_the_readme_is_the_dataclass() -> None:
    readme = (ROOT / "assets" / "service" / "README.md").read_text(encoding="utf-8")
    rows = [f"| `{variable}` | `{key}` | {default} | {what} |" for variable, key, default, what in table()]
    found = re.findall(r"^\| `[A-Z_0-9]+` \| `.*\|$", readme, re.MULTILINE)
    assert rows == found


def test_defaults_are_closed() -> None:
    """Nothing is open that was not asked for: other machines, other origins, bodies and rates without a bound."""
    given = Settings()
    assert ("127.0.0.1", "", "", False) == (given.host, given.cors_origins, given.trusted_proxy, given.mock)
    assert given.max_body_bytes <= 16 << 20
    assert 0 < given.rate_per_second < 1000
