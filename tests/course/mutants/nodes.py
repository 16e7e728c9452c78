"""Small changes to nodes of a syntax tree, and to lists of them."""

import ast
import copy
from collections.abc import Sequence
from typing import Any


def changed(node: Any, **fields: Any) -> Any:
    """A copy of a node with some fields changed."""
    made = copy.copy(node)
    for field, value in fields.items():
        setattr(made, field, value)
    return made


def swapped(entries: Sequence[ast.expr], at: int) -> list[ast.expr]:
    """The entries with one and its next neighbour changed over."""
    return [*entries[:at], entries[at + 1], entries[at], *entries[at + 2 :]]


def number(value: float) -> ast.expr:
    """A number as it is written, the minus of a negative one being an operator."""
    return ast.UnaryOp(ast.USub(), ast.Constant(-value)) if value < 0 else ast.Constant(value)


def following(value: str, among: Sequence[str]) -> str | None:
    """The entry after this one, round and round; None where there is no other."""
    if value not in among or len(among) < 2:
        return None
    return among[(among.index(value) + 1) % len(among)]
