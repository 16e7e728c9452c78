"""A notebook's statements together: which bind or change a name, and from which cell each task is taken.

The untrusted side of the wire.
"""

from dataclasses import dataclass, field
from typing import Any

from grader.inside.cells.parsing import Parsed
from grader.inside.cells.statements import SETTERS, Statement

MOST_TOLD = 5
"""Cells at the most that a note names."""
Checks = dict[tuple[str, str], int]
"""Before which of a notebook's statements the check of each stage's task comes."""


@dataclass(frozen=True)
class Cell:
    """A code cell that may hold the learner's code; number: by which it is told.

    start, end: its statements among all of the notebook's; others: names that it binds as tasks of a stage of
    another notebook.
    """

    number: int
    id: str
    parsed: Parsed
    start: int
    end: int
    source: str = ""
    others: frozenset[str] = frozenset()

    def last(self, name: str) -> Statement | None:
        """The last statement that binds a name."""
        return next((s for s in reversed(self.parsed.statements) if name in s.binds), None)

    def writes(self, task: str) -> bool:
        """Whether the task is written here: not left as a stub, nor its name given to a value made by it."""
        statement = self.last(task)
        return statement is not None and not statement.is_stub and not statement.makes_a_value(task)


@dataclass
class Chosen:
    """What a stage's tasks are taken from: each one's cell, or the broken cell in which it was to be."""

    cells: dict[str, Cell] = field(default_factory=dict)
    broken: dict[str, Cell] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Pool:
    """All statements of a notebook, and which of them bind or change a name."""

    def __init__(self, cells: list[Cell], checks: Checks, stages: list[dict[str, Any]]) -> None:
        self.cells = cells
        self.checks = checks
        self.stages = stages
        self.statements = [statement for cell in cells for statement in cell.parsed.statements]
        self.homes = [cell for cell in cells for _ in cell.parsed.statements]
        self.owners = {id: task for stage in stages for task, id in stage["cells"].items()}
        self.binders: dict[str, list[int]] = {}
        self.changers: dict[str, list[int]] = {}
        for index, statement in enumerate(self.statements):
            for name in statement.binds:
                self.binders.setdefault(name, []).append(index)
        for index, statement in enumerate(self.statements):
            for name in self._changed(statement):
                self.changers.setdefault(name, []).append(index)
        self.chosen = [self._choices(stage) for stage in stages]
        self.labels = self._labels()

    def _labels(self) -> dict[int, str]:
        """Cells that are told by their task: by their id, or where ids are lost by what is taken from them."""
        tasks = {cell.number: self.owners[cell.id] for cell in self.cells if cell.id in self.owners}
        if not tasks:
            for chosen in self.chosen:
                for task, cell in {**chosen.cells, **chosen.broken}.items():
                    tasks.setdefault(cell.number, task)
        return {number: f"the cell of {task}" for number, task in tasks.items()}

    def touched(self, index: int) -> frozenset[str]:
        """Names that a statement binds, or whose objects it changes."""
        return self.statements[index].binds | self._changed(self.statements[index])

    def _changed(self, statement: Statement) -> set[str]:
        changed = set(statement.changes)
        changed |= {name for name, method in statement.methods if self._is_own(name) or SETTERS.match(method)}
        for function in statement.calls - set(self.owners.values()):
            for index in self.binders.get(function, []):
                changed |= {name for name in self.statements[index].effects if self._is_own(name)}
                changed |= {function} if _gathers(self.statements[index]) else set()
        return changed

    def _is_own(self, name: str) -> bool:
        """Whether a name is of the learner's data or helpers, neither a task nor a library."""
        bound = [self.statements[index] for index in self.binders.get(name, [])]
        return name not in self.owners.values() and any(not statement.is_import for statement in bound)

    def _choices(self, stage: dict[str, Any]) -> Chosen:
        """The cell that each task is taken from."""
        chosen = Chosen()
        for task, id in stage["cells"].items():
            self._choose(stage["stage"], task, id, chosen)
            below = self.checks.get((stage["stage"], task), len(self.statements))
            again = [c.number for c in self.cells if c.start >= below and task not in c.others and c.writes(task)]
            counts = chosen.cells.get(task)
            if counts and again and counts.start < below:
                numbers = ", ".join(map(str, again[:MOST_TOLD]))
                chosen.notes.append(
                    f"{task} is written again below its check, in cell {numbers}, which does not count"
                )
        return chosen

    def _choose(self, stage: str, task: str, id: str, chosen: Chosen) -> None:
        own = [cell for cell in self.cells if cell.id == id]
        binding = [cell for cell in own if cell.last(task)]
        others = [cell for cell in self.cells if cell.id != id and cell.last(task) and task not in cell.others]
        broken = [cell for cell in own if cell.parsed.error]
        if binding and (binding[-1].writes(task) or not any(cell.writes(task) for cell in others)):
            chosen.cells[task] = binding[-1]
            if len(own) > 1:
                chosen.notes.append(
                    f"the cell of {task} is there {len(own)} times: the last that defines it counts"
                )
            return
        if broken and not binding:  # it never ran, so what an earlier cell made is still there
            others = [cell for cell in others if cell.start <= broken[-1].start]
        found = _last_written(task, others, self.checks.get((stage, task)))
        if found:
            chosen.cells[task] = found
            why = "is not written" if binding else "cannot be read" if broken else "does not define it"
            if own:
                chosen.notes.append(f"{task} is taken from cell {found.number}, as its own cell {why}")
            elif any(cell.id in self.owners for cell in self.cells):
                chosen.notes.append(f"{task} is taken from cell {found.number}, as its own cell is missing")
            return
        broken = broken or [cell for cell in self.cells if task in cell.parsed.names and task not in cell.others]
        if broken:
            chosen.broken[task] = broken[-1]


def _last_written(task: str, cells: list[Cell], check: int | None) -> Cell | None:
    """The last cell before the task's check that defines it, else the last of all; a written one before a stub."""
    cells = [cell for cell in cells if cell.writes(task)] or cells
    before = [cell for cell in cells if check is not None and cell.end <= check]
    return (before or cells)[-1] if cells else None


def _gathers(statement: Statement) -> bool:
    """Whether it is a class that learns of each class derived from it."""
    return type(statement.node).__name__ == "ClassDef" and "__init_subclass__" in statement.text
