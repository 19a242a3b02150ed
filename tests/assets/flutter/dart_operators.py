"""Nest operands and operators as the Dart language does: its table of precedence, and chains from the left.

https://dart.dev/language/operators, read on 2026-11-21.
"""

import ast
from collections.abc import Sequence
from itertools import pairwise

ARITHMETIC: dict[str, type[ast.operator]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "~/": ast.FloorDiv,
    ">>": ast.RShift,
}
_COMPARISONS: dict[str, type[ast.cmpop]] = {
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
    "==": ast.Eq,
    "!=": ast.NotEq,
}
_LOGIC: dict[str, type[ast.boolop]] = {"&&": ast.And, "||": ast.Or}

#: From the loosest to the tightest.
_LEVELS = (("||",), ("&&",), ("==", "!="), ("<", "<=", ">", ">="), (">>",), ("+", "-"), ("*", "/", "~/"))


def nest(parts: Sequence[str | ast.expr]) -> ast.expr:
    """Return one expression of operands and operators, with "?" and ":" among them, in their order.

    Example:
        >>> ast.unparse(nest([ast.Name("a"), "+", ast.Constant(4), "<=", ast.Name("b"), "&&", "!", ast.Name("c")]))
        'a + 4 <= b and (not c)'
    """
    if "?" in parts:
        ask = parts.index("?")
        colon = _matching_colon(parts, ask)
        return ast.IfExp(nest(parts[:ask]), nest(parts[ask + 1 : colon]), nest(parts[colon + 1 :]))
    for level in _LEVELS:
        places = [place for place, part in enumerate(parts) if isinstance(part, str) and part in level]
        if places and level[0] in _LOGIC:
            edges = [-1, *places, len(parts)]
            sides = [nest(parts[edge + 1 : after]) for edge, after in pairwise(edges)]
            return ast.BoolOp(_LOGIC[level[0]](), sides)
        if places:
            return _of_two(nest(parts[: places[-1]]), str(parts[places[-1]]), nest(parts[places[-1] + 1 :]))
    if parts[0] == "!":
        return ast.UnaryOp(ast.Not(), nest(parts[1:]))
    (only,) = parts
    assert isinstance(only, ast.expr), only
    return only


def _of_two(left: ast.expr, sign: str, right: ast.expr) -> ast.expr:
    if sign in ARITHMETIC:
        return ast.BinOp(left, ARITHMETIC[sign](), right)
    assert not isinstance(left, ast.Compare), "Dart does not chain comparisons"
    compare: ast.cmpop = _COMPARISONS[sign]()
    if isinstance(right, ast.Constant) and right.value is None:
        compare = ast.Is() if sign == "==" else ast.IsNot()
    return ast.Compare(left, [compare], [right])


def _matching_colon(parts: Sequence[str | ast.expr], ask: int) -> int:
    depth = 0
    for place in range(ask, len(parts)):
        depth += (parts[place] == "?") - (parts[place] == ":")
        if depth == 0:
            return place
    raise AssertionError("a ? without its :")
