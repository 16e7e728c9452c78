"""The order in which a notebook holds cells that were run again and out of order, as far as it can be told.

The untrusted side of the wire.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import TypeVar

from grader.inside.cells.parsing import parse
from grader.inside.cells.statements import Statement

Cell = TypeVar("Cell", bound=Hashable)


def in_place(runs: Sequence[Cell], sources: Mapping[Cell, str]) -> list[Cell]:
    """Each cell once: where it was run first, or at the first later run at which all that it needs was there.

    runs: cells in the order in which they were run; sources: what each holds now. A cell that was run again after
    others stands where it stood, since those others may use it; one that was run too early at first, or has come
    to need what was run since, stands after that.
    """
    parsed = {cell: parse(source).statements for cell, source in sources.items()}
    bound = {cell: {name for statement in found for name in statement.binds} for cell, found in parsed.items()}
    needed = _needed(parsed, bound)
    last = {cell: number for number, cell in enumerate(runs)}
    placed: dict[Cell, None] = {}
    there: set[str] = set()
    for number, cell in enumerate(runs):
        if cell not in placed and (needed[cell] <= there or number == last[cell]):
            placed[cell] = None
            there |= bound[cell]
    return list(placed)


def _needed(parsed: Mapping[Cell, list[Statement]], bound: Mapping[Cell, set[str]]) -> dict[Cell, set[str]]:
    """Names that other cells bind and without which a cell cannot be run, also those that its calls need."""
    uses: dict[str, set[str]] = {}
    for statement in (statement for found in parsed.values() for statement in found):
        for name in statement.binds:
            uses.setdefault(name, set()).update(statement.uses.now | statement.uses.later)
    now = {cell: {name for statement in found for name in statement.uses.now} for cell, found in parsed.items()}
    return {cell: _reached(names, uses) - bound[cell] for cell, names in now.items()}


def _reached(names: Iterable[str], uses: Mapping[str, set[str]]) -> set[str]:
    """The names among those that cells bind, and the ones that these use."""
    todo, found = [name for name in names if name in uses], set[str]()
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += [other for other in uses[name] if other in uses]
    return found
