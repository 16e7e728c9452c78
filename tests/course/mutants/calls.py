"""Operators of mutation for calls, attributes, names, what is returned and what is gone through.

Each is a function of a node and its scope that yields what may stand in the node's place.
"""

import ast
from collections.abc import Iterator

from mutants.families import ATTRIBUTES, NAMES, relatives
from mutants.nodes import changed, number, swapped
from mutants.scopes import Scope

AXES = ("axis", "dim")


def axis(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """Another axis, the last, or all of them."""
    if not isinstance(node, ast.Call):
        return
    for at, given in enumerate(node.keywords):
        if given.arg in AXES:
            for other in (ast.Constant(None), ast.Constant(1), ast.Constant(0), number(-1)):
                if ast.dump(other) != ast.dump(given.value):
                    keywords = [*node.keywords[:at], ast.keyword(given.arg, other), *node.keywords[at + 1 :]]
                    yield changed(node, keywords=keywords)


def argument(node: ast.AST, scope: Scope) -> Iterator[ast.expr]:
    """An argument dropped, two neighbours swapped, a keyword dropped, two keywords' values swapped."""
    if not isinstance(node, ast.Call):
        return
    for at in range(len(node.args)):
        yield changed(node, args=[*node.args[:at], *node.args[at + 1 :]])
    for at in range(len(node.args) - 1):
        yield changed(node, args=swapped(node.args, at))
    for at in range(len(node.keywords)):
        yield changed(node, keywords=[*node.keywords[:at], *node.keywords[at + 1 :]])
    for at in range(len(node.keywords) - 1):
        one, two = node.keywords[at : at + 2]
        pair = [ast.keyword(one.arg, two.value), ast.keyword(two.arg, one.value)]
        yield changed(node, keywords=[*node.keywords[:at], *pair, *node.keywords[at + 2 :]])


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
            yield changed(node, attr=other)
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
        yield from (ast.Tuple(swapped(value.elts, at), ast.Load()) for at in range(len(value.elts) - 1))
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
    first, last = ast.Slice(lower=ast.Constant(1)), ast.Slice(upper=number(-1))
    yield ast.List([], ast.Load())
    for part in (first, last, ast.Slice(step=number(-1))):
        yield ast.Subscript(entries, part, ast.Load())
