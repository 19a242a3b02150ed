"""Read the part of Dart that the delivered arithmetic is written in, with a Dart grammar, as Python's own syntax tree.

The names stay Dart's; dart_vocabulary.py turns them into Python's. What is not listed here is refused, so that
nothing is compared that was not understood. The grammar (tree-sitter-dart 0.1.0) nests operators of different
precedence either way, `a + (4 <= b && c)` for `a + 4 <= b && c`: so they are taken in their order, and nested by
dart_operators.py.
"""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import tree_sitter_dart
from modelport.tests.assets.flutter.dart_operators import ARITHMETIC, nest
from tree_sitter import Language, Node, Parser

_PARSER = Parser(Language(tree_sitter_dart.language()))

#: What holds operators.
_OPERATIONS = (
    *("additive_expression", "multiplicative_expression", "shift_expression", "relational_expression"),
    *("equality_expression", "logical_and_expression", "logical_or_expression", "conditional_expression"),
    "unary_expression",
)
_CONSTANTS = {"true": True, "false": False, "null_literal": None}


class DartFunction(NamedTuple):
    """A function or method.

    `owner` is its class, "" for none; `members` are the names that stand there without `this`.
    """

    owner: str
    members: frozenset[str]
    tree: ast.FunctionDef


def parse_dart(data: bytes) -> Node:
    """Return the root of the syntax tree."""
    return _PARSER.parse(data).root_node


def broken_nodes(root: Node) -> list[str]:
    """Return what the grammar could not read, with its line."""
    found = [f"line {root.start_point[0] + 1}: {root.type}"] if root.is_error or root.is_missing else []
    return found + [text for child in root.children for text in broken_nodes(child)]


def read_dart(path: Path) -> list[DartFunction]:
    """Return the functions, methods and getters of a file; constructors and fields are left out."""
    root = parse_dart(path.read_bytes())
    assert not broken_nodes(root), broken_nodes(root)
    found = list(_functions_in(root, "", frozenset()))
    for node in root.children:
        if node.type == "class_definition":
            body = _one(node, "class_body")
            found += _functions_in(body, _text(_one(node, "identifier")), frozenset(_members(body)))
    return found


def _functions_in(parent: Node, owner: str, members: frozenset[str]) -> Iterator[DartFunction]:
    signature: Node | None = None
    for node in parent.children:
        if node.type != "function_body":
            signature = node.named_children[0] if node.type == "method_signature" else node
        elif signature is not None and signature.type in ("function_signature", "getter_signature"):
            yield DartFunction(owner, members, _function(signature, node))


def _members(body: Node) -> Iterator[str]:
    for node in body.children:
        if node.type == "declaration":
            yield from (_text(inner.children[0]) for inner in _below(node) if inner.type == "initialized_identifier")
        elif node.type == "method_signature" and node.named_children[0].type in (
            "function_signature",
            "getter_signature",
        ):
            yield _text(_one(node.named_children[0], "identifier"))


def _function(signature: Node, body: Node) -> ast.FunctionDef:
    parameters = [_text(_one(node, "identifier")) for node in _below(signature) if node.type == "formal_parameter"]
    text = f"def {_text(_one(signature, 'identifier'))}({', '.join(parameters)}): pass"
    made = ast.parse(text).body[0]
    assert isinstance(made, ast.FunctionDef)
    made.body = _block(_one(body, "block"))
    return made


def _block(node: Node) -> list[ast.stmt]:
    inner = node.named_children if node.type == "block" else [node]
    return [_statement(one) for one in inner if one.type != "comment"]


def _statement(node: Node) -> ast.stmt:
    children = [child for child in node.children if child.type not in (";", "comment")]
    match node.type:
        case "local_variable_declaration":
            parts = children[0].children
            equals = [part.type for part in parts].index("=")
            return ast.Assign([ast.Name(_text(parts[equals - 1]), ast.Store())], _expression(parts[equals + 1 :]))
        case "expression_statement":
            return _effect(children)
        case "return_statement":
            return ast.Return(_expression(children[1:]) if children[1:] else None)
        case "if_statement":
            close = [child.type for child in children].index(")")
            then, *otherwise = children[close + 1 :]
            assert not otherwise, "else is not read: return earlier"
            return ast.If(_expression(children[2:close]), _block(then), [])
        case "while_statement":
            return ast.While(_expression([children[1]]), _block(children[2]), [])
        case "for_statement":
            return _for(_one(node, "for_loop_parts"), _block(children[-1]))
        case "continue_statement":
            return ast.Continue()
    raise NotImplementedError(f"{node.type}: {_text(node)}")


def _effect(parts: list[Node]) -> ast.stmt:
    node = parts[0]
    if node.type == "assignment_expression":
        target, sign, *value = node.children
        assigned = _stored(_expression(target.children))
        if _text(sign) == "=":
            return ast.Assign([assigned], _expression(value))
        return ast.AugAssign(assigned, ARITHMETIC[_text(sign).removesuffix("=")](), _expression(value))
    if node.type == "postfix_expression":
        assert _text(node.children[1]) == "++", _text(node)
        return ast.AugAssign(_stored(_expression(node.children[0].children)), ast.Add(), ast.Constant(1))
    if node.type == "throw_expression":
        return ast.Raise(_expression(node.children[1:]), None)
    return ast.Expr(_expression(parts))


def _for(head: Node, body: list[ast.stmt]) -> ast.For:
    """Read `for (final x in xs)`, and `for (var i = a; i < b; i++)` as a range."""
    parts = [child for child in head.children if child.type not in ("(", ")")]
    if parts[0].type == "final_builtin":
        return ast.For(ast.Name(_text(parts[1]), ast.Store()), _expression(parts[3:]), body, [])
    first, condition, _, update = parts
    start, test, step = _statement(first), _expression([condition]), _effect([update])
    assert isinstance(start, ast.Assign)
    assert isinstance(test, ast.Compare)
    assert isinstance(step, ast.AugAssign)
    names = {ast.unparse(name) for name in (start.targets[0], test.left, step.target)}
    assert len(names) == 1, _text(head)
    assert (type(test.ops[0]), type(step.op)) == (ast.Lt, ast.Add), _text(head)
    begins_at_0 = isinstance(start.value, ast.Constant) and start.value.value == 0
    bounds = [*([] if begins_at_0 else [start.value]), test.comparators[0]]
    return ast.For(start.targets[0], ast.Call(ast.Name("range", ast.Load()), bounds, []), body, [])


def _expression(parts: Sequence[Node]) -> ast.expr:
    """Read a first node and its selectors, which the grammar has side by side."""
    first, *selectors = [part for part in parts if part.type != "comment"]
    if first.type in _OPERATIONS:
        assert not selectors, _text(first)
        return nest(_in_order(first))
    value = _single(first)
    for selector in selectors:
        inner = selector.children[0] if selector.type == "selector" else selector
        if inner.type == "argument_part":
            given = [argument for argument in inner.named_children[0].named_children if argument.type == "argument"]
            value = ast.Call(value, [_expression(argument.children) for argument in given], [])
        else:
            assert inner.type == "unconditional_assignable_selector", inner.type
            value = _selected(value, inner)
    return value


def _selected(value: ast.expr, node: Node) -> ast.expr:
    if node.children[0].type == "index_selector":
        return ast.Subscript(value, _expression(node.children[0].children[1:-1]), ast.Load())
    return ast.Attribute(value, _text(node.children[1]), ast.Load())


def _single(node: Node) -> ast.expr:
    text = _text(node)
    match node.type:
        case "identifier":
            return ast.Name(text, ast.Load())
        case "decimal_integer_literal":
            return ast.Constant(int(text))
        case "decimal_floating_point_literal":
            return ast.Constant(float(text))
        case "string_literal":
            assert text[0] == text[-1] == "'", text
            assert not set(text[1:-1]) & set("\\$'"), text
            return ast.Constant(text[1:-1])
        case "true" | "false" | "null_literal":
            return ast.Constant(_CONSTANTS[node.type])
        case "parenthesized_expression":
            return _expression(node.children[1:-1])
        case "list_literal":
            assert {child.type for child in node.named_children} <= {"type_arguments"}, text
            return ast.List([], ast.Load())
    raise NotImplementedError(f"{node.type}: {text}")


def _in_order(node: Node) -> list[str | ast.expr]:
    """Return the operands and operators of an operation in the order in which they stand."""
    found: list[str | ast.expr] = []
    operand: list[Node] = []
    for child in [*node.children, None]:
        is_operator = child is not None and (child.type in "?:" or child.type.endswith("_operator"))
        if operand and (child is None or is_operator or child.type in _OPERATIONS):
            found.append(_expression(operand))
            operand = []
        if child is None or child.type == "comment":
            continue
        if is_operator:
            found.append(_text(child))
        elif child.type in _OPERATIONS:
            found += _in_order(child)
        else:
            operand.append(child)
    return found


def _stored(value: ast.expr) -> ast.Name | ast.Attribute | ast.Subscript:
    assert isinstance(value, ast.Name | ast.Attribute | ast.Subscript), ast.unparse(value)
    value.ctx = ast.Store()
    return value


def _below(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from _below(child)


def _one(node: Node, kind: str) -> Node:
    return next(child for child in node.children if child.type == kind)


def _text(node: Node) -> str:
    assert node.text is not None
    return node.text.decode()
