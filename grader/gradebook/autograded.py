"""A learner's notebooks in the released frame, with what the checks printed: what nbgrader's pages show."""

import re
from collections.abc import Collection, Mapping, Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.course.catalogue import NOTEBOOKS, Notebook, Stage, check_cell, task_cell
from grader.gradebook.marks import Mark, Marks
from grader.intake.notebook_files import Cell
from grader.intake.submissions import Submission
from grader.publishing.assembly import released

DEFINITION = re.compile(r"^(?:async ++def|def|class) ++(\w++)", re.MULTILINE)
"""Where, by the look of a line, a function or a class is written."""


def notebooks_of(submission: Submission) -> dict[Notebook, NotebookNode]:
    """The notebooks that a learner handed in, or that show the modules handed in, without outputs.

    Of a rejected submission all of them as released, so that nbgrader's pages can say why.
    """
    made = {}
    for which in NOTEBOOKS:
        modules = [stage for stage in which.stages if stage.name in submission.sources]
        unread = any(stage.name in submission.unread for stage in which.stages)
        if which.name in submission.notebooks or modules or unread or submission.error is not None:
            cells = submission.notebooks.get(which.name, ())
            own: dict[str, str] = {}
            for stage in modules:
                own |= divided(stage, submission.sources[stage.name])
            made[which] = in_frame(which, [cell for cell in cells if cell.id not in own], own)
    return made


def divided(stage: Stage, source: str) -> dict[str, str]:
    """A module's lines, divided among the task cells of its stage, by their ids: each begins where its task does.

    By the look of the lines alone: a stranger's code is not parsed here. What comes first is in the first cell.
    """
    lines = source.splitlines()
    starts: dict[int, str] = {}
    for number, line in enumerate(lines):
        found = DEFINITION.match(line)
        if found and found[1] in stage.tasks:
            starts.setdefault(number if starts else 0, found[1])
    if not starts:
        starts = {0: stage.tasks[0]}
    ends = [*list(starts)[1:], len(lines)]
    parts: dict[str, list[str]] = {}
    for (start, task), end in zip(starts.items(), ends, strict=True):
        parts.setdefault(task, []).extend(lines[start:end])
    return {task_cell(stage, task): "\n".join(part).strip("\n") for task, part in parts.items()}


def in_frame(which: Notebook, cells: Sequence[Cell], own: Mapping[str, str] | None = None) -> NotebookNode:
    """The released notebook with a learner's code in its task cells, as far as cells tell whose they are.

    Cells of the learner's own stand after the cell that they followed. own: code of task cells, known already.
    """
    frame = released(which)
    tasks = {task_cell(stage, task): task for stage in which.stages for task in stage.tasks}
    defined = [DEFINITION.findall(cell.source) for cell in cells]
    found = {id: _place(id, task, cells, defined) for id, task in tasks.items()}
    places = {id: place for id, place in found.items() if place is not None}
    written = {id: cells[place].source for id, place in places.items()} | dict(own or {})
    ids = {place: id for id, place in places.items()}
    known = {cell.id for cell in frame.cells} - tasks.keys()
    extra: dict[str, list[str]] = {}
    after = frame.cells[0].id
    for place, cell in enumerate(cells):
        if place in ids or cell.id in known:
            after = ids.get(place, cell.id)
        elif cell.source.strip():
            extra.setdefault(after, []).append(cell.source)
    made = []
    for cell in frame.cells:
        made.append(_with_source(cell, written[cell.id]) if cell.id in written else cell)
        made += [_extra(source, cell.id, number) for number, source in enumerate(extra.get(cell.id, ()), 1)]
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


def _place(id: str, task: str, cells: Sequence[Cell], defined: Sequence[Collection[str]]) -> int | None:
    """Which cell is a task's: the last that has its id and defines it, or one of the two, the id before."""
    named = [place for place, cell in enumerate(cells) if cell.id == id]
    defines = [place for place, names in enumerate(defined) if task in names]
    best = [place for place in defines if place in named] or named or defines
    return best[-1] if best else None


def _with_source(cell: NotebookNode, source: str) -> NotebookNode:
    return NotebookNode(cell | {"source": _encodable(source)})


def _extra(source: str, after: str, number: int) -> NotebookNode:
    """A cell of the learner's own, with an id that is nobody else's and the same whenever it is made."""
    made: NotebookNode = new_code_cell(_encodable(source), id=f"own-{number}-{after}"[:64])
    return made


def _encodable(source: str) -> str:
    """JSON can hold halves of characters, which no file and no gradebook can."""
    return source.encode("utf-8", "replace").decode("utf-8")
