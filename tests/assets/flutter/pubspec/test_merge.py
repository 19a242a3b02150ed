"""A pubspec is added to as a text; a YAML parser says what it meant before and after."""

import difflib
import random
from typing import Any

import pytest
from modelport.assets.flutter.pubspec.merge import fragment, merge_pubspec
from modelport.contract.errors import InputError

yaml = pytest.importorskip("yaml", reason="PyYAML, which reads a pubspec, is in the extra [dev]")

#: What `flutter create` writes, shortened in the comments.
FRESH = """\
name: my_app
description: "A new Flutter project."
# The following line prevents the package from being accidentally published to
# pub.dev using `flutter pub publish`. This is preferred for private packages.
publish_to: 'none' # Remove this line if you wish to publish to pub.dev

version: 1.0.0+1

environment:
  sdk: ^3.5.0

dependencies:
  flutter:
    sdk: flutter

  # Use with the CupertinoIcons class for iOS style icons.
  cupertino_icons: ^1.0.8

dev_dependencies:
  flutter_test:
    sdk: flutter

  flutter_lints: ^4.0.0

# The following section is specific to Flutter packages.
flutter:

  # The following line ensures that the Material Icons font is included.
  uses-material-design: true

  # To add assets to your application, add an assets section, like this:
  # assets:
  #   - images/a_dot_burr.jpeg
"""

#: A pubspec that somebody cares for.
OWN = """\
# (c) the shop
---
name: shop   # the app
description: >-
  Sells things: a "lot" of them,
  # which is no comment,
  & more.
version: 3.2.1+17
homepage: https://example.com/#top
topics: [shop, "a, b", things]   # two things
screenshots:
- description: 'It''s the first page'
  path: a.png
environment: {sdk: '>=3.3.0 <4.0.0', flutter: ">=3.19.0"}

flutter:
    generate: true
    assets:
        # pictures
        - images/      # all of them
        - path: videos/
          flavors:
            - paid

    fonts:
        - family: Sans
          fonts:
            - asset: fonts/Sans.ttf
              weight: 700

dependencies:
    flutter: {sdk: flutter}
    image: ">=4.2.0 <5.0.0"   # for thumbnails
    http: any
    ours:
        git:
            url: git@example.com:ours.git
            ref: main


dev_dependencies:
    integration_test:
        sdk: flutter
    # lints come last
    flutter_lints: ^4.0.0

dependency_overrides:
    intl: 0.19.0
"""

ADDED: dict[str, dict[str, Any]] = {
    "dependencies": {"image": "^4.2.0", "tflite_flutter": "^0.12.1"},
    "dev_dependencies": {"flutter_test": {"sdk": "flutter"}, "integration_test": {"sdk": "flutter"}},
}


def merge(text: str, oldest_plugin: str = "0.11.0") -> str:
    return merge_pubspec(text, oldest_plugin=oldest_plugin, where="pubspec.yaml").text


def expected(value: dict[str, Any]) -> dict[str, Any]:
    """Add what is to be added to what a pubspec means, where it is not yet."""
    made = dict(value)
    for section, packages in ADDED.items():
        made[section] = packages | (made.get(section) or {})
    assets = (made.get("flutter") or {}).get("assets") or []
    made["flutter"] = (made.get("flutter") or {}) | {
        "assets": assets if "assets/model/" in assets else [*assets, "assets/model/"]
    }
    return made


def check(text: str) -> str:
    """Merge, and hold: only lines were added, nothing but the additions means something else, again changes nothing."""
    merged = merge(text)
    assert expected(yaml.safe_load(text)) == yaml.safe_load(merged)
    lines, rest = text.removesuffix("\n").split("\n"), iter(merged.split("\n"))
    assert all(line in rest for line in lines[:-1]), "a line is gone, changed, or elsewhere"
    assert lines[-1] in (line if text.endswith("\n") else line.removesuffix("\r") for line in rest)
    assert merged == merge(merged)
    return merged


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FRESH, id="fresh"),
        pytest.param(OWN, id="own"),
        pytest.param(FRESH.rstrip("\n"), id="no-last-line-end"),
        pytest.param("name: x\n", id="nothing-there"),
        pytest.param("name: x", id="nothing-there-no-line-end"),
        pytest.param("name: x\ndependencies:\n\nflutter: # later\n  assets:\n", id="empty-sections"),
        pytest.param("name: x\nflutter:\n  assets:\n  - a.png\n  uses-material-design: true\n", id="list-not-indented"),
        pytest.param("name: x\nflutter:\n  assets: # mine\n    - assets/model/ # ours\n", id="assets-there"),
        pytest.param('"name": x\n"dependencies":\n  "image": "^4.3.0"\n', id="quoted-keys"),
        pytest.param("name: x\ndependencies:\n  tflite_flutter: ^0.13.0\n  image: 4.5.4\n", id="newer-versions"),
        pytest.param("name: x\ndependencies:\n  flutter_test:\n    sdk: flutter\n", id="test-package-for-all"),
        pytest.param("name: x\ndescription: a text\n  of two lines: no\n".replace(": no", ""), id="folded-plain"),
        pytest.param("name: x\nnotes: |\n  a: b\n\n   - c\n", id="block-scalar-last"),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_what_stood_there_stays_and_what_is_needed_is_added(text: str, line_end: str) -> None:
    if "flutter_test:\n    sdk: flutter" in text and "dev_dependencies" not in text:
        merged = merge(text)  # is not listed twice
        assert "flutter_test" not in yaml.safe_load(merged)["dev_dependencies"]
        return
    merged = check(text.replace("\n", line_end))
    assert "\n" not in text or merged.count("\n") == merged.count(line_end)


def test_the_lines_stand_where_one_would_write_them() -> None:
    lines = list(difflib.unified_diff(FRESH.splitlines(), merge(FRESH).splitlines(), lineterm="", n=1))
    assert [
        "   cupertino_icons: ^1.0.8",
        "+  image: ^4.2.0",
        "+  tflite_flutter: ^0.12.1",
        " ",
    ] == lines[3:7]
    assert [line for line in lines if line.startswith("+ ")][2:] == [
        "+  integration_test:",
        "+    sdk: flutter",
        "+  assets:",
        "+    - assets/model/",
    ]


def test_comments_and_order_survive_in_a_pubspec_of_ones_own() -> None:
    lines = [line for line in difflib.ndiff(OWN.splitlines(), merge(OWN).splitlines()) if line[0] in "+-?"]
    assert lines == [
        "+         - assets/model/",
        "+     tflite_flutter: ^0.12.1",
        "+     flutter_test:",
        "+         sdk: flutter",
    ]


def test_a_byte_order_mark_stays() -> None:
    assert merge("\ufeff" + FRESH) == "\ufeff" + merge(FRESH)


def test_mixed_line_ends_stay_mixed() -> None:
    text = FRESH.replace("cupertino_icons: ^1.0.8\n", "cupertino_icons: ^1.0.8\r\n")
    merged = merge(text)
    assert "  image: ^4.2.0\r\n  tflite_flutter: ^0.12.1\r\n\ndev" in merged
    assert merged.count("\r\n") == 3


@pytest.mark.parametrize(
    ("line", "received"),
    [
        pytest.param("tflite_flutter: ^0.10.4", "tflite_flutter: ^0.10.4", id="caret"),
        pytest.param("tflite_flutter: '>=0.9.0 <0.13.0'", "tflite_flutter: >=0.9.0 <0.13.0", id="bounds"),
        pytest.param("tflite_flutter: any", "tflite_flutter: any", id="any"),
        pytest.param("tflite_flutter:", "tflite_flutter: any", id="empty"),
        pytest.param('tflite_flutter: "<0.13.0"', "tflite_flutter: <0.13.0", id="no-lower-bound"),
        pytest.param("image: ^3.3.0", "image: ^3.3.0", id="image"),
    ],
)
def test_too_old_a_package_is_refused_with_the_line_to_write_never_changed(line: str, received: str) -> None:
    with pytest.raises(InputError) as caught:
        merge(f"name: x\ndependencies:\n  {line}\n")
    assert caught.value.where == "pubspec.yaml, line 3"
    assert caught.value.received == received
    assert caught.value.fix is not None
    assert ("write tflite_flutter: ^0.12.1" if "tflite" in line else "write image: ^4.2.0") in caught.value.fix


def test_an_older_plugin_that_runs_the_file_is_left_alone() -> None:
    text = "name: x\ndependencies:\n  tflite_flutter: ^0.11.0\n"
    assert "tflite_flutter: ^0.11.0\n" in merge(text, "0.11.0")
    with pytest.raises(InputError, match="lets in a tflite_flutter"):
        merge(text, "0.12.1")


def test_an_override_decides() -> None:
    text = "name: x\ndependencies:\n  tflite_flutter: ^0.12.1\ndependency_overrides:\n  tflite_flutter: 0.9.5\n"
    with pytest.raises(InputError, match="lets in a tflite_flutter"):
        merge(text)


def test_a_package_for_tests_only_is_refused() -> None:
    with pytest.raises(InputError) as caught:
        merge("name: x\ndev_dependencies:\n  tflite_flutter: ^0.12.1\n")
    assert caught.value.received == "it is there for tests only"


def test_a_package_from_elsewhere_is_told() -> None:
    text = "name: x\ndependencies:\n  tflite_flutter:\n    git: https://example.com/fork.git\n"
    merged = merge_pubspec(text, oldest_plugin="0.11.0", where="pubspec.yaml")
    assert merged.notes == ("tflite_flutter comes from where line 3 says: it must be 0.11.0 or newer",)
    assert "tflite_flutter: ^" not in merged.text


@pytest.mark.parametrize(
    ("text", "number", "why"),
    [
        pytest.param("", 1, "a pubspec has a name", id="empty"),
        pytest.param("- name: x\n", 1, "does not begin with a key", id="a-list"),
        pytest.param("  name: x\n", 1, "left edge", id="indented"),
        pytest.param("name: x\ndependencies: {image: any}\n", 2, "line for each key", id="flow-mapping"),
        pytest.param("name: x\nflutter: {}\n", 2, "line for each key", id="empty-flow-mapping"),
        pytest.param("name: x\nflutter: ~\n", 2, "line for each key", id="null"),
        pytest.param("name: x\nflutter:\n  assets: [a.png]\n", 3, "line for each", id="flow-list"),
        pytest.param("name: x\ntopics: [a,\n  b]\n", 2, "do not end on the line", id="open-flow"),
        pytest.param("name: x\ndependencies: &all\n  image: any\n", 2, "not a plain or quoted", id="anchor"),
        pytest.param("name: x\nflutter:\n  <<: *base\n", 3, "neither a key", id="merge-key"),
        pytest.param("name: x\nversion: !!str 1\n", 2, "not a plain or quoted", id="tag"),
        pytest.param("name: x\ndependencies:\n\timage: any\n", 3, "it holds a tab", id="tab"),
        pytest.param("name: x\ndependencies:\n  a: any\ndependencies:\n  b: any\n", 4, "occurs twice", id="twice"),
        pytest.param("name: x\ndependencies:\n  a: any\n  a: any\n", 4, "occurs twice", id="package-twice"),
        pytest.param('name: x\ndescription: "a\n  b"\n', 2, "not a plain or quoted", id="open-quote"),
        pytest.param("name: x\n---\nname: y\n", 2, "neither a key", id="second-document"),
        pytest.param("name: x\n...\n", 2, "neither a key", id="document-end"),
        pytest.param("%YAML 1.2\n---\nname: x\n", 1, "neither a key", id="directive"),
        pytest.param("? name\n: x\n", 1, "neither a key", id="complex-key"),
        pytest.param("name: x\ndependencies:\n    a: any\n  b: any\n", 4, "further left", id="ragged"),
        pytest.param("name: x\ndependencies:\n  - image\n", 2, "line for each key", id="list-for-mapping"),
        pytest.param("name: x\nnotes: |+\n  kept\n", 2, "not a plain or quoted", id="kept-blank-lines"),
        pytest.param("name: x\rversion: 1\r", 1, "old Mac", id="old-mac"),
        pytest.param("name: x\nversion: 1\x85\n", 2, "0x85", id="another-line-end"),
    ],
)
def test_what_is_not_understood_is_refused_with_the_lines_to_paste(text: str, number: int, why: str) -> None:
    with pytest.raises(InputError) as caught:
        merge(text)
    assert caught.value.where == f"pubspec.yaml, line {number}"
    assert why in str(caught.value.received)
    assert fragment() in str(caught.value.fix)


def test_the_fragment_is_what_is_added_to_nothing() -> None:
    assert expected({}) == yaml.safe_load(fragment())


LINES = [
    *("name: x", "version: 1.0.0", "description: a text", "description: >", "  more: text", "   - and more", "# c"),
    *("dependencies:", "dev_dependencies:", "flutter:", "  assets:", "    - a.png", "  - b.png", "  image: ^4.2.0"),
    *("  flutter:", "    sdk: flutter", "", "    # d", "topics: [a, b]", "  fonts:", "    - family: F", "      fonts:"),
    *("  http: any", "flutter: {}", '  q: "a"', "  q: 'it''s'", '  r: "open', "  s: &a 1", "\tt: 1", "  - c: d"),
]


def test_of_random_files_each_is_refused_or_added_to_without_another_meaning() -> None:
    """The reader may refuse what YAML allows; what it takes must mean the same to a YAML parser."""
    draw, taken = random.Random(5), 0
    for _ in range(2000):
        text = "name: app\n" + "\n".join(draw.choice(LINES) for _ in range(draw.randint(1, 9))) + "\n"
        try:
            merged = merge(text)
        except InputError:
            continue
        try:
            meaning = yaml.safe_load(text)
        except yaml.YAMLError:
            continue  # neither pub nor anybody reads it
        taken += 1
        added = expected(meaning)
        assert added == yaml.safe_load(merged), text
        assert merged == merge(merged), text
    assert taken > 100


@pytest.mark.parametrize(
    ("entries", "keys"),
    [
        pytest.param("    - path: assets/model/\n      flavors: [paid]\n", "flavors", id="flavors"),
        pytest.param("    - flavors:\n        - paid\n      path: assets/model/\n", "flavors", id="path-last"),
        pytest.param("    - path: assets/model/\n      platforms: [ios]\n", "platforms", id="platforms"),
        pytest.param("    - path: assets/model/\n", "", id="path-alone"),
        pytest.param("    - assets/model/\n    - path: b/\n      flavors: [paid]\n", "", id="of-another"),
        pytest.param("    - assets/model/\n    - path: assets/model/\n      flavors: [paid]\n", "", id="both"),
    ],
)
def test_a_model_for_some_builds_only_is_noted(entries: str, keys: str) -> None:
    merged = merge_pubspec(f"name: x\nflutter:\n  assets:\n{entries}", oldest_plugin="0.11.0", where="p")
    assert not any("assets" in added for added in merged.added), "it stands there"
    note = f"assets/model/ is there with {keys} (line 4): the model is missing or changed in builds that differ"
    assert merged.notes == ((note,) if keys else ())
