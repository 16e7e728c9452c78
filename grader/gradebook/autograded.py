"""A learner's notebooks in the released frame, with what the checks printed: what nbgrader's pages show."""

from collections.abc import Mapping, Sequence

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.course.catalogue import NOTEBOOKS, Notebook, check_cell, task_cell
from grader.gradebook.marks import Mark, Marks
from grader.intake.notebook_files import Cell
from grader.intake.submissions import Submission
from grader.intake.task_code import divided, places_of
from grader.publishing.assembly import released


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
                parts = divided(stage, submission.sources[stage.name])
                own |= {task_cell(stage, task): part for task, part in parts.items()}
            made[which] = in_frame(which, [cell for cell in cells if cell.id not in own], own)
    return made


def in_frame(which: Notebook, cells: Sequence[Cell], own: Mapping[str, str] | None = None) -> NotebookNode:
    """The released notebook with a learner's code in its task cells, as far as cells tell whose they are.

    Cells of the learner's own stand after the cell that they followed. own: code of task cells, known already.
    """
    frame = released(which)
    tasks = {task_cell(stage, task): task for stage in which.stages for task in stage.tasks}
    places = places_of(which, cells)
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


def _with_source(cell: NotebookNode, source: str) -> NotebookNode:
    return NotebookNode(cell | {"source": _encodable(source)})


def _extra(source: str, after: str, number: int) -> NotebookNode:
    """A cell of the learner's own, with an id that is nobody else's and the same whenever it is made."""
    made: NotebookNode = new_code_cell(_encodable(source), id=f"own-{number}-{after}"[:64])
    return made


def _encodable(source: str) -> str:
    """JSON can hold halves of characters, which no file and no gradebook can."""
    return source.encode("utf-8", "replace").decode("utf-8")
