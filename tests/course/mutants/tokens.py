"""Operators of mutation that change the text: what comes of a slip of the hand, whatever it then means."""

import ast
from collections.abc import Callable, Iterator

from mutants.operations import ARITHMETIC
from mutants.scopes import Scope
from mutants.statements import Change

Operator = Callable[[ast.AST, Scope, str], Iterator[Change]]

SYMBOLS = dict(zip(ARITHMETIC, ("+", "-", "*", "/", "//", "%", "**", "@"), strict=True))


def typed(node: ast.AST, scope: Scope, source: str) -> Iterator[Change]:
    """Another arithmetic operator typed, which may bind what is around it otherwise."""
    if not isinstance(node, ast.BinOp) or type(node.op) not in SYMBOLS:
        return
    whole, left, right = (_text(part, source) for part in (node, node.left, node.right))
    start, end = whole.index(left) + len(left), whole.rindex(right)
    for kind, other in SYMBOLS.items():
        if not isinstance(node.op, kind):
            between = whole[start:end].replace(SYMBOLS[type(node.op)], other, 1)
            yield Change(node, node, whole[:start] + between + whole[end:])


def parentheses(node: ast.AST, scope: Scope, source: str) -> Iterator[Change]:
    """Parentheses forgotten around an operation."""
    argument = isinstance(scope.parent(node), ast.Call)  # of which the parentheses may be the call's
    if isinstance(node, ast.BinOp | ast.Compare | ast.BoolOp | ast.UnaryOp | ast.IfExp) and not argument:
        yield Change(node, node, _text(node, source), around=1)


TOKENS: dict[str, Operator] = {operator.__name__: operator for operator in (typed, parentheses)}
"""By name, in the order in which their mutants are numbered."""


def _text(node: ast.AST, source: str) -> str:
    text = ast.get_source_segment(source, node)
    assert text is not None
    return text
