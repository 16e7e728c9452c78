"""The gradebook's rows of the assignment: the course, the notebooks, the cells graded and commented."""

import json
from dataclasses import dataclass
from typing import Any

from nbformat import NotebookNode
from nbgrader.api import Assignment, BaseCell, Course, GradeCell, Notebook, SolutionCell, SourceCell, new_uuid
from nbgrader.utils import is_grade, is_locked, is_solution
from sqlalchemy import Connection, Table, insert, select, update

from grader.course.catalogue import NOTEBOOKS, check_cell, task_cell
from grader.course.location import ASSIGNMENT
from grader.publishing.assembly import released


@dataclass(frozen=True)
class Cell:
    """A cell that every submission has a row for; task: the names of its stage and its own, None if not ours."""

    id: str
    notebook: str
    task: tuple[str, str] | None


@dataclass(frozen=True)
class Cells:
    """The assignment as the database holds it: ids of its row and its notebooks', and the cells that matter."""

    assignment: str
    notebooks: tuple[str, ...]
    graded: tuple[Cell, ...]
    commented: tuple[Cell, ...]


def enter_assignment(connection: Connection, course: str) -> Cells:
    """Enter the assignment, its notebooks and their cells, or bring them up to date; a due date stays."""
    own = Assignment.__table__
    if connection.execute(select(Course.__table__).filter_by(id=course)).first() is None:
        connection.execute(insert(Course.__table__).values(id=course))
    assignment = put(connection, own, {"name": ASSIGNMENT}, {}, new={"course_id": course})
    notebooks = {}
    for which in NOTEBOOKS:
        frame = released(which)
        values = {"kernelspec": json.dumps(frame.metadata.kernelspec)}
        notebooks[which.name] = put(
            connection, Notebook.__table__, {"name": which.name, "assignment_id": assignment}, values
        )
        for cell in frame.cells:
            if "nbgrader" in cell.metadata:
                _enter_cell(connection, notebooks[which.name], cell)
    return _cells(connection, assignment)


def _enter_cell(connection: Connection, notebook: str, cell: NotebookNode) -> None:
    """What nbgrader's `generate_assignment` saves of a cell."""
    about = cell.metadata.nbgrader
    key = {"name": about.grade_id, "notebook_id": notebook}
    saved = {
        "cell_type": cell.cell_type,
        "locked": is_locked(cell),
        "source": cell.source,
        "checksum": about.checksum,
    }
    put(connection, SourceCell.__table__, key, saved)
    if is_grade(cell):
        identity = put(connection, BaseCell.__table__, key | {"type": "GradeCell"}, {})
        values = {"max_score": float(about.points), "cell_type": cell.cell_type}
        put(connection, GradeCell.__table__, {"id": identity}, values)
    if is_solution(cell):
        identity = put(connection, BaseCell.__table__, key | {"type": "SolutionCell"}, {})
        put(connection, SolutionCell.__table__, {"id": identity}, {})


def put(
    connection: Connection,
    table: Table,
    key: dict[str, Any],
    values: dict[str, Any],
    new: dict[str, Any] | None = None,
) -> str:
    """Make the row with this key, unique in the table, hold these values; its id. new: for a row that is made."""
    row = connection.execute(select(table).filter_by(**key)).mappings().first()
    if row is None:
        made = {"id": new_uuid()} | key | values | (new or {})
        connection.execute(insert(table).values(made))
        return str(made["id"])
    if any(row[name] != value for name, value in values.items()):
        connection.execute(update(table).where(table.c.id == row["id"]).values(values))
    return str(row["id"])


def _cells(connection: Connection, assignment: str) -> Cells:
    """All cells that submissions have rows for, also those that an instructor added."""
    ours = {
        (which.name, name): (stage.name, task)
        for which in NOTEBOOKS
        for stage in which.stages
        for task in stage.tasks
        for name in (task_cell(stage, task), check_cell(stage, task))
    }
    notebook, base = Notebook.__table__, BaseCell.__table__
    notebooks = select(notebook.c.id).where(notebook.c.assignment_id == assignment)
    rows = connection.execute(
        select(base.c.id, base.c.name, base.c.type, base.c.notebook_id, notebook.c.name.label("notebook"))
        .join(notebook, notebook.c.id == base.c.notebook_id)
        .where(notebook.c.assignment_id == assignment)
    ).all()
    found = [(row.type, Cell(row.id, row.notebook_id, ours.get((row.notebook, row.name)))) for row in rows]
    return Cells(
        assignment,
        tuple(connection.execute(notebooks).scalars()),
        tuple(cell for kind, cell in found if kind in ("GradeCell", "TaskCell")),
        tuple(cell for kind, cell in found if kind in ("SolutionCell", "TaskCell")),
    )
