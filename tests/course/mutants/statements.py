"""Operators of mutation that change whole statements: each yields where, and the text to put there instead."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from mutants.operations import ARITHMETIC
from mutants.scopes import Scope


@dataclass(frozen=True)
class Change:
    """The text from the start of one node to the end of another, and what stands there instead.

    around: how many bytes more are replaced on both sides: 1 for a node's parentheses.
    """

    first: ast.AST
    last: ast.AST
    text: str
    around: int = 0


Operator = Callable[[ast.stmt, Scope, str], Iterator[Change]]


def deleted(node: ast.stmt, scope: Scope, source: str) -> Iterator[Change]:
    """A statement left out."""
    if not isinstance(node, ast.Pass):
        yield Change(node, node, "pass")


def twice(node: ast.stmt, scope: Scope, source: str) -> Iterator[Change]:
    """A statement done twice."""
    if isinstance(node, ast.Expr | ast.AugAssign):
        text = _text(node, source)
        yield Change(node, node, f"{text}\n{' ' * node.col_offset}{text}")


def order(node: ast.stmt, scope: Scope, source: str) -> Iterator[Change]:
    """A statement done after the next one."""
    following = _following(node, scope)
    if following is not None:
        text = f"{_text(following, source)}\n{' ' * node.col_offset}{_text(node, source)}"
        yield Change(node, following, text)


def once(node: ast.stmt, scope: Scope, source: str) -> Iterator[Change]:
    """A loop that ends after its first round."""
    if isinstance(node, ast.For | ast.While):
        last = node.body[-1]
        yield Change(last, last, f"{_text(last, source)}\n{' ' * last.col_offset}break")


def moved(node: ast.stmt, scope: Scope, source: str) -> Iterator[Change]:
    """A simple statement of a loop's body done once, before the loop or after it."""
    if not isinstance(node, ast.For | ast.While):
        return
    margin = " " * node.col_offset
    for inner in node.body:
        if isinstance(inner, ast.Assign | ast.AugAssign | ast.Expr):
            loop = _text(node, source).splitlines()
            at = slice(inner.lineno - node.lineno, (inner.end_lineno or inner.lineno) - node.lineno + 1)
            loop[at] = [f"{' ' * inner.col_offset}pass"]
            rest, text = "\n".join(loop), _text(inner, source)
            yield Change(node, node, f"{text}\n{margin}{rest}")
            yield Change(node, node, f"{rest}\n{margin}{text}")


def unguarded(node: ast.stmt, scope: Scope, source: str) -> Iterator[Change]:
    """A block without its `with`."""
    if isinstance(node, ast.With):
        yield Change(node, node.items[-1].optional_vars or node.items[-1].context_expr, "if True")


def augmented(node: ast.stmt, scope: Scope, source: str) -> Iterator[Change]:
    """Another operator in an augmented assignment, or a plain assignment."""
    if not isinstance(node, ast.AugAssign):
        return
    yield Change(node, node, f"{ast.unparse(node.target)} = {ast.unparse(node.value)}")
    for kind in ARITHMETIC:
        if not isinstance(node.op, kind):
            yield Change(node, node, ast.unparse(ast.AugAssign(node.target, kind(), node.value)))


STATEMENTS: dict[str, Operator] = {
    operator.__name__: operator for operator in (deleted, twice, order, once, moved, unguarded, augmented)
}
"""By name, in the order in which their mutants are numbered."""


def _text(node: ast.stmt, source: str) -> str:
    text = ast.get_source_segment(source, node)
    assert text is not None
    return text


def _following(node: ast.stmt, scope: Scope) -> ast.stmt | None:
    """The next statement of the same block."""
    for block in ("body", "orelse", "finalbody"):
        statements = getattr(scope.parent(node), block, [])
        if isinstance(statements, list) and node in statements[:-1]:
            found = statements[statements.index(node) + 1]
            return found if isinstance(found, ast.stmt) else None
    return None
