"""A learner's notebooks in the released frame, with what the checks printed: what nbgrader's pages show."""

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.catalogue import NOTEBOOKS, Notebook, check_cell, task_cell
from grader.marks import Mark, Marks
from grader.notebooks import released

CELL_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What nbformat takes for a cell's id."""


class Cell(Protocol):
    """A code cell of a learner's notebook; its id is empty where it has none."""

    @property
    def id(self) -> str:
        """nbformat's id of it."""

    @property
    def source(self) -> str:
        """What is written in it."""


class HandedIn(Protocol):
    """What a learner handed in: modules by their stages' names, notebooks by theirs, or why there is neither."""

    @property
    def error(self) -> str | None:
        """Why it was rejected."""

    @property
    def sources(self) -> dict[str, str]:
        """The modules."""

    @property
    def notebooks(self) -> Mapping[str, Sequence[Cell]]:
        """The code cells of the notebooks."""


def notebooks_of(handed_in: HandedIn) -> dict[Notebook, NotebookNode]:
    """The notebooks that a learner handed in, or that hold the modules handed in, without outputs.

    Of a rejected submission all four as released, so that nbgrader's pages can say why.
    """
    made = {}
    for which in NOTEBOOKS:
        if which.name in handed_in.notebooks:
            made[which] = in_frame(which, handed_in.notebooks[which.name])
        elif any(stage.name in handed_in.sources for stage in which.stages):
            made[which] = _of_modules(which, handed_in.sources)
        elif handed_in.error is not None:
            made[which] = in_frame(which, ())
    return made


def in_frame(which: Notebook, cells: Iterable[Cell]) -> NotebookNode:
    """The released notebook with a learner's task cells; cells of their own stand after the cell they followed."""
    frame = released(which)
    tasks = {task_cell(stage, task) for stage in which.stages for task in stage.tasks}
    known = {cell.id for cell in frame.cells}
    own: dict[str, str] = {}
    extra: dict[str, list[Cell]] = {}
    after = frame.cells[0].id
    for cell in cells:
        first = cell.id in known and cell.id not in own
        if first:
            after = cell.id
            own[cell.id] = cell.source
        elif cell.source.strip():
            extra.setdefault(after, []).append(cell)
    made = []
    for cell in frame.cells:
        made.append(_with_source(cell, own[cell.id]) if cell.id in tasks & own.keys() else cell)
        made += [_extra(one, cell.id, number) for number, one in enumerate(extra.get(cell.id, ()), 1)]
    return NotebookNode(frame | {"cells": made})


def with_outputs(made: NotebookNode, which: Notebook, marks: Marks) -> NotebookNode:
    """The notebook with the report and the points in each check cell, as the check itself would have left them."""
    shown = {
        check_cell(stage, task): marks[stage.name, task]
        for stage in which.stages
        for task in stage.tasks
        if (stage.name, task) in marks
    }
    cells = [
        NotebookNode(cell | {"outputs": outputs(shown[cell.id])}) if cell.get("id") in shown else cell
        for cell in made.cells
    ]
    return NotebookNode(made | {"cells": cells})


def outputs(mark: Mark) -> list[NotebookNode]:
    """A check cell's outputs: the report, and the number that nbgrader takes for partial credit."""
    return [
        NotebookNode(output_type="stream", name="stdout", text=f"{mark.report}\n"),
        NotebookNode(
            output_type="execute_result",
            data=NotebookNode({"text/plain": repr(mark.points)}),
            execution_count=None,
            metadata=NotebookNode(),
        ),
    ]


def _with_source(cell: NotebookNode, source: str) -> NotebookNode:
    return NotebookNode(cell | {"source": _encodable(source)})


def _extra(cell: Cell, after: str, number: int) -> NotebookNode:
    """A cell of the learner's own, with an id that is nobody else's and the same whenever it is made."""
    made: NotebookNode = new_code_cell(_encodable(cell.source), id=f"own-{number}-{after}"[:64])
    return made


def _encodable(source: str) -> str:
    """JSON can hold halves of characters, which no file and no gradebook can."""
    return source.encode("utf-8", "replace").decode("utf-8")


def _of_modules(which: Notebook, sources: Mapping[str, str]) -> NotebookNode:
    frame = released(which)
    written: dict[str, str] = {}
    for stage in which.stages:
        source = sources.get(stage.name, "")
        try:
            nodes = {
                node.name: node
                for node in ast.parse(source).body
                if isinstance(node, ast.FunctionDef | ast.ClassDef)
            }
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            written[task_cell(stage, stage.tasks[0])] = source
            continue
        lines = source.splitlines()
        for task in stage.tasks:
            if task in nodes:
                written[task_cell(stage, task)] = "\n".join(lines[nodes[task].lineno - 1 : nodes[task].end_lineno])
    cells = [_with_source(cell, written[cell.id]) if cell.id in written else cell for cell in frame.cells]
    return NotebookNode(frame | {"cells": cells})
