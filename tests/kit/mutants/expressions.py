"""Operators of mutation that put a wrong expression in place of a right one.

Each is a function of a node and its scope that yields what may stand in the node's place.
"""

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from mutants.families import ATTRIBUTES, NAMES, relatives
from mutants.scopes import Scope

Operator = Callable[[ast.AST, Scope], Iterator[ast.expr]]

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
AXES = ("axis", "dim")


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
    if isinstance(node, ast.BinOp | ast.Call | ast.Name | ast.Attribute | ast.Subscript) and _is_value(
        node, scope
    ):
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
        yield from (_number(other) for other in dict.fromkeys(others) if other != value)
    elif isinstance(value, str) and not isinstance(scope.parent(node), ast.JoinedStr):
        following = _next(value, _strings(node, scope))
        if following:
            yield ast.Constant(following)


def index(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """A subscript dropped, its parts swapped, dropped or left open."""
    if not isinstance(node, ast.Subscript):
        return
    if isinstance(node.ctx, ast.Load):
        yield node.value
    parts: list[list[ast.expr]] = []
    if isinstance(node.slice, ast.Tuple):
        entries = node.slice.elts
        parts = [_swapped(entries, at) for at in range(len(entries) - 1)]
        parts += [[*entries[:at], ast.Slice(), *entries[at + 1 :]] for at in range(len(entries))]
        parts += [[*entries[:at], *entries[at + 1 :]] for at in range(len(entries))]
    elif isinstance(node.slice, ast.Slice):
        for bound in ("lower", "upper", "step"):
            if getattr(node.slice, bound) is not None:
                parts.append([_with(node.slice, **{bound: None})])
    for part in parts:
        yield _with(node, slice=part[0] if len(part) == 1 else ast.Tuple(part, ast.Load()))


def axis(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """Another axis, the last, or all of them."""
    if not isinstance(node, ast.Call):
        return
    for at, given in enumerate(node.keywords):
        if given.arg in AXES:
            for other in (ast.Constant(None), ast.Constant(1), ast.Constant(0), _number(-1)):
                if ast.dump(other) != ast.dump(given.value):
                    changed = ast.keyword(given.arg, other)
                    yield _with(node, keywords=[*node.keywords[:at], changed, *node.keywords[at + 1 :]])


def argument(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """An argument dropped, two neighbours swapped, a keyword dropped, two keywords' values swapped."""
    if not isinstance(node, ast.Call):
        return
    for at in range(len(node.args)):
        yield _with(node, args=[*node.args[:at], *node.args[at + 1 :]])
    for at in range(len(node.args) - 1):
        yield _with(node, args=_swapped(node.args, at))
    for at in range(len(node.keywords)):
        yield _with(node, keywords=[*node.keywords[:at], *node.keywords[at + 1 :]])
    for at in range(len(node.keywords) - 1):
        one, two = node.keywords[at : at + 2]
        pair = [ast.keyword(one.arg, two.value), ast.keyword(two.arg, one.value)]
        yield _with(node, keywords=[*node.keywords[:at], *pair, *node.keywords[at + 2 :]])


def call(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """What a function is called with, or what a method is called on, in the place of the call."""
    if not isinstance(node, ast.Call):
        return
    if isinstance(node.func, ast.Attribute) and not scope.is_module(node.func.value):
        yield node.func.value
    if node.args:
        first = node.args[0]
        yield first.value if isinstance(first, ast.Starred) else first
    elif not node.keywords:
        yield node.func


def attribute(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """Another attribute or function of the same family; an attribute dropped."""
    if isinstance(node, ast.Attribute):
        for other in relatives(node.attr, ATTRIBUTES):
            yield _with(node, attr=other)
        called = isinstance(scope.parent(node), ast.Call) and scope.parent(node).func is node  # type: ignore[attr-defined]
        if isinstance(node.ctx, ast.Load) and not called and not scope.is_module(node.value):
            yield node.value
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        for other in relatives(node.id, NAMES):
            yield ast.Name(other, ast.Load())


def transpose(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """A transpose where there was none, beside a matrix product."""
    parent = scope.parent(node)
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.MatMult) and isinstance(node, ast.expr):
        yield ast.Attribute(node, "T", ast.Load())


def name(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """Each other name that the function has in the place of a name."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        known = scope.names(node)
        yield from (ast.Name(other, ast.Load()) for other in known if node.id in known and other != node.id)


def returned(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """None, or any of the function's names, returned; of a tuple, its entries swapped, or None for one."""
    if not isinstance(node, ast.Return) or node.value is None:
        return
    value = node.value
    yield ast.Constant(None)
    yield from (ast.Name(other, ast.Load()) for other in scope.names(node))
    if isinstance(value, ast.Tuple):
        yield from (ast.Tuple(_swapped(value.elts, at), ast.Load()) for at in range(len(value.elts) - 1))
        for at in range(len(value.elts)):
            yield ast.Tuple([*value.elts[:at], ast.Constant(None), *value.elts[at + 1 :]], ast.Load())
            yield value.elts[at]


def repetition(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """What a loop goes through: nothing, its first entry left out, its last one, in reverse order."""
    parent = scope.parents.get(node)
    if not (isinstance(parent, ast.For | ast.comprehension) and parent.iter is node):
        return
    assert isinstance(node, ast.expr)
    entries = ast.Call(ast.Name("list", ast.Load()), [node], [])
    first, last = ast.Slice(lower=ast.Constant(1)), ast.Slice(upper=_number(-1))
    yield ast.List([], ast.Load())
    for part in (first, last, ast.Slice(step=_number(-1))):
        yield ast.Subscript(entries, part, ast.Load())


EXPRESSIONS: dict[str, Operator] = {
    operator.__name__: operator
    for operator in (
        *(binary, unary, comparison, condition, constant, index, axis, argument, call),
        *(attribute, transpose, name, returned, repetition),
    )
}
"""By name, in the order in which their mutants are numbered."""


def _with(node: Any, **changed: Any) -> Any:
    """A copy of a node with some fields changed."""
    made = copy.copy(node)
    for field, value in changed.items():
        setattr(made, field, value)
    return made


def _swapped(entries: Sequence[ast.expr], at: int) -> list[ast.expr]:
    """The entries with one and its next neighbour changed over."""
    return [*entries[:at], entries[at + 1], entries[at], *entries[at + 2 :]]


def _number(value: float) -> ast.expr:
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


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


def _next(value: str, among: Sequence[str]) -> str | None:
    """The entry after this one, round and round; None where there is no other."""
    if value not in among or len(among) < 2:
        return None
    return among[(among.index(value) + 1) % len(among)]


def _strings(node: ast.AST, scope: Scope) -> list[str]:
    """A function's strings, each once, less its docstring and the words of f-strings and errors."""
    function = scope.function_of(node)
    if function is None:
        return []
    texts = [n for n in ast.walk(function) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    texts = [t for t in texts if not isinstance(scope.parent(t), ast.Expr | ast.JoinedStr)]
    return list(dict.fromkeys(str(text.value) for text in texts if not scope.is_within_raise(text)))
