"""Dart's names as the Python twin has them: what the typed lists, methods and getters are called, and snake_case."""

import ast
import re

from modelport.tests.assets.flutter.dart_syntax import DartFunction

#: Constructors and static methods.
_CALLED = {
    "Float32List": "float32_list",
    "Int32List": "int32_list",
    "Uint8List": "uint8_list",
    "Uint8List.sublistView": "sublist_view",
    "String.fromCharCodes": "from_char_codes",
    "ArgumentError": "ValueError",
    "range": "range",
}
#: Methods and getters that are functions.
_METHOD_FUNCTIONS = {"floor": "floor", "toDouble": "float"}
_GETTER_FUNCTIONS = {"length": "len", "codeUnits": "code_units"}
#: Methods of lists and texts.
_METHODS = {
    "add": "append",
    "removeLast": "pop",
    "removeAt": "pop",
    "clear": "clear",
    "lastIndexOf": "rfind",
    "startsWith": "startswith",
}


class _Renamer(ast.NodeTransformer):
    """Renames everything in one function.

    Args:
        members: names of its class, which Python writes with `self`.
        known: methods of the delivered classes.
    """

    def __init__(self, members: frozenset[str], known: frozenset[str]) -> None:
        self.members, self.known = members, known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self.members:
            return ast.Attribute(ast.Name("self", ast.Load()), _snake(node.id), node.ctx)
        return ast.Name(_snake(node.id), node.ctx)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        owner = self.visit(node.value)
        if node.attr in _GETTER_FUNCTIONS:
            return ast.Call(ast.Name(_GETTER_FUNCTIONS[node.attr], ast.Load()), [owner], [])
        return ast.Attribute(owner, _snake(node.attr), node.ctx)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        arguments = [self.visit(argument) for argument in node.args]
        called = ast.unparse(node.func)
        if called in _CALLED:
            return ast.Call(ast.Name(_CALLED[called], ast.Load()), arguments, [])
        if isinstance(node.func, ast.Name):
            return ast.Call(self.visit(node.func), arguments, [])
        assert isinstance(node.func, ast.Attribute)
        owner, name = self.visit(node.func.value), node.func.attr
        if name in _METHOD_FUNCTIONS:
            return ast.Call(ast.Name(_METHOD_FUNCTIONS[name], ast.Load()), [owner, *arguments], [])
        if name == "join":
            return ast.Call(ast.Attribute(ast.Constant(""), "join", ast.Load()), [owner, *arguments], [])
        if name == "substring":
            return ast.Subscript(owner, ast.Slice(*arguments), ast.Load())
        assert name in _METHODS or name in self.known, f"not in the vocabulary: {called}"
        return ast.Call(ast.Attribute(owner, _METHODS.get(name, _snake(name)), ast.Load()), arguments, [])


def as_python(function: DartFunction, known: frozenset[str]) -> str:
    """Return the function as Python source, without types and texts for the reader."""
    tree = _Renamer(function.members, known).visit(function.tree)
    tree.name = _snake(tree.name)
    names = [*(["self"] if function.owner else []), *(_snake(argument.arg) for argument in tree.args.args)]
    tree.args.args = [ast.arg(name) for name in names]
    return ast.unparse(ast.fix_missing_locations(tree))


def twin_functions(source: str) -> dict[str, str]:
    """Return the functions of a Python file in the same form; methods as Class.method."""
    found: dict[str, str] = {}
    for node in ast.parse(source).body:
        inner = node.body if isinstance(node, ast.ClassDef) else [node]
        owner = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
        for function in inner:
            if isinstance(function, ast.FunctionDef):
                found[owner + function.name] = _bare(function)
    return found


def _bare(function: ast.FunctionDef) -> str:
    function.decorator_list, function.returns = [], None
    function.args = ast.arguments([], [ast.arg(one.arg) for one in function.args.args], None, [], [], None, [])
    if ast.get_docstring(function) is not None:
        function.body = function.body[1:]
    return ast.unparse(ast.fix_missing_locations(_Untyped().visit(function)))


class _Untyped(ast.NodeTransformer):
    """Makes `x: int = 1` to `x = 1`."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.Assign:
        assert node.value is not None
        return ast.Assign([node.target], node.value)


def _snake(name: str) -> str:
    """Return `aboveLeft` as `above_left`; a class keeps its name."""
    return name if name[:1].isupper() else re.sub("(?<=[a-z0-9])[A-Z]", lambda match: f"_{match[0].lower()}", name)
