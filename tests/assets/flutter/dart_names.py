"""Which names a Dart file declares and uses: no Dart analyser is at hand, and a typing error is still one."""

from collections.abc import Iterator
from pathlib import Path

from modelport.tests.assets.flutter.dart_syntax import parse_dart
from tree_sitter import Node

#: Nodes whose own identifiers are declared by them.
_DECLARING = {
    *("class_definition", "function_signature", "getter_signature", "formal_parameter", "constructor_param"),
    *("initialized_variable_definition", "initialized_identifier", "static_final_declaration", "for_loop_parts"),
    *("constructor_signature", "constant_constructor_signature", "import_specification", "catch_parameters"),
}


def declared_names(path: Path) -> set[str]:
    """Return every name that a file declares anywhere."""
    nodes = _all(parse_dart(path.read_bytes()))
    found = (child for node in nodes if node.type in _DECLARING for child in node.children)
    return {_text(child) for child in found if child.type == "identifier"}


def used_names(path: Path) -> set[str]:
    """Return every name that stands on its own; a member behind a dot, and the label of an argument, do not."""
    nodes = (node for node in _all(parse_dart(path.read_bytes())) if node.type in ("identifier", "type_identifier"))
    return {_text(node) for node in nodes if not _is_member(node)}


def _is_member(node: Node) -> bool:
    before, parent = node.prev_sibling, node.parent
    return (before is not None and before.type in (".", "?.")) or (parent is not None and parent.type == "label")


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.children:
        yield from _all(child)


def _text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()
