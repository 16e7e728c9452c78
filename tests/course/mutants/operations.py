"""Operators of mutation for arithmetic, comparisons, conditions, constants and subscripts.

Each is a function of a node and its scope that yields what may stand in the node's place.
"""

import ast
from collections.abc import Iterator

from mutants.nodes import changed, following, number, swapped
from mutants.scopes import Scope

ARITHMETIC = (ast.Add, ast.Sub, ast.Mult, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult)
ORDER = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
ALIKE: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Is: (ast.IsNot, ast.Eq),
    ast.IsNot: (ast.Is, ast.NotEq),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Eq: (*ORDER, ast.NotEq, ast.Is, ast.IsNot),
    ast.NotEq: (*ORDER, ast.Eq, ast.Is, ast.IsNot),
}
VALUES = (ast.BinOp, ast.Call, ast.Name, ast.Attribute, ast.Subscript)


def binary(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """Another arithmetic operator, the operands swapped, one operand alone."""
    if not isinstance(node, ast.BinOp):
        return
    for kind in ARITHMETIC:
        if not isinstance(node.op, kind):
            yield ast.BinOp(node.left, kind(), node.right)
    if not isinstance(node.op, ast.Add | ast.Mult):
        yield ast.BinOp(node.right, node.op, node.left)
    yield node.left
    yield node.right


def unary(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """A unary operator dropped; a minus before an operand, or what is assigned, returned, given."""
    if isinstance(node, ast.UnaryOp):
        yield node.operand
    if isinstance(node, VALUES) and _is_value(node, scope):
        yield ast.UnaryOp(ast.USub(), node)


def comparison(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """Another comparison in the place of each of a chain's."""
    if not isinstance(node, ast.Compare):
        return
    for at, op in enumerate(node.ops):
        others = ALIKE.get(type(op), (*ORDER, ast.Eq, ast.NotEq))
        for kind in (kind for kind in others if not isinstance(op, kind)):
            yield ast.Compare(node.left, [*node.ops[:at], kind(), *node.ops[at + 1 :]], node.comparators)


def condition(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """A condition that always or never holds, or holds where it must not; `and` for `or`; one side alone."""
    if isinstance(node, ast.expr) and _is_condition(node, scope):
        yield ast.Constant(True)
        yield ast.Constant(False)
        yield ast.UnaryOp(ast.Not(), node)
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for at in range(len(node.values)):
            rest = [*node.values[:at], *node.values[at + 1 :]]
            yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)


def constant(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """Another number, the opposite truth; of a string, the next one that the function knows."""
    if not isinstance(node, ast.Constant) or scope.is_within_raise(node):
        return
    value = node.value
    if isinstance(value, bool):
        yield ast.Constant(not value)
    elif isinstance(value, int | float):
        others = [
            value + 1,
            value - 1,
            2 * value,
            value / 2 if isinstance(value, float) else value // 2,
            -value,
            0,
        ]
        yield from (number(other) for other in dict.fromkeys(others) if other != value)
    elif isinstance(value, str) and not isinstance(scope.parent(node), ast.JoinedStr):
        other = following(value, _strings(node, scope))
        if other:
            yield ast.Constant(other)


def index(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """A subscript dropped, its parts swapped, dropped or left open."""
    if not isinstance(node, ast.Subscript):
        return
    if isinstance(node.ctx, ast.Load):
        yield node.value
    parts: list[list[ast.expr]] = []
    if isinstance(node.slice, ast.Tuple):
        entries = node.slice.elts
        parts = [swapped(entries, at) for at in range(len(entries) - 1)]
        parts += [[*entries[:at], ast.Slice(), *entries[at + 1 :]] for at in range(len(entries))]
        parts += [[*entries[:at], *entries[at + 1 :]] for at in range(len(entries))]
    elif isinstance(node.slice, ast.Slice):
        for bound in ("lower", "upper", "step"):
            if getattr(node.slice, bound) is not None:
                parts.append([changed(node.slice, **{bound: None})])
    for part in parts:
        yield changed(node, slice=part[0] if len(part) == 1 else ast.Tuple(part, ast.Load()))


def _is_condition(node: ast.expr, scope: Scope) -> bool:
    parent = scope.parent(node)
    return (isinstance(parent, ast.If | ast.IfExp | ast.While) and parent.test is node) or (
        isinstance(parent, ast.comprehension) and node in parent.ifs
    )


def _is_value(node: ast.AST, scope: Scope) -> bool:
    """Whether a node is an operand, or what is assigned (not what it is assigned to), returned or an argument."""
    parent = scope.parent(node)
    if isinstance(parent, ast.Assign | ast.Return | ast.keyword):
        return parent.value is node
    return isinstance(parent, ast.BinOp | ast.Compare) or (isinstance(parent, ast.Call) and node in parent.args)


def _strings(node: ast.AST, scope: Scope) -> list[str]:
    """A function's strings, each once, less its docstring and the words of f-strings and errors."""
    function = scope.function_of(node)
    if function is None:
        return []
    texts = [n for n in ast.walk(function) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    texts = [t for t in texts if not isinstance(scope.parent(t), ast.Expr | ast.JoinedStr)]
    return list(dict.fromkeys(str(text.value) for text in texts if not scope.is_within_raise(text)))
