"""The gradebook's rows of one submission: the student, the submission, its notebooks, grades and comments."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from nbgrader.api import Assignment, Comment, Grade, Student, SubmittedAssignment, SubmittedNotebook, new_uuid
from sqlalchemy import ColumnElement, Connection, Table, bindparam, insert, select, update

from grader.gradebook.assignment_rows import Cell, Cells, put
from grader.gradebook.enrolment import Enrolled
from grader.gradebook.marks import Marks

Penalty = Callable[[str, float, float], float | None]
"""What lateness costs a notebook: of the student's id, the notebook's score and the seconds late."""
Row = dict[str, Any]


def enter(connection: Connection, student: Enrolled) -> None:
    """Enter a student; a name and an email that are there already give way to those that are known now."""
    known = {name: value for name, value in asdict(student).items() if value is not None and name != "id"}
    put(connection, Student.__table__, {"id": student.id}, known)


def write(
    connection: Connection, cells: Cells, student: Enrolled, moment: datetime | None, marks: Marks, cost: Penalty
) -> None:
    """Enter a submission with its grades, comments and penalties. moment: when it was handed in, naive, in UTC.

    What was given by hand stays. A grade given by hand is to be looked at again when the automatic one changes.
    """
    enter(connection, student)
    key = {"assignment_id": cells.assignment, "student_id": student.id}
    submission = put(connection, SubmittedAssignment.__table__, key, {"timestamp": moment})
    notebooks = _notebooks(connection, submission, cells.notebooks)
    own = {row["notebook_id"]: row["id"] for row in notebooks}

    def grade(cell: Cell, row: Row | None) -> Row:
        if cell.task is None:  # an instructor's own cell, graded by hand
            return {} if row else {"auto_score": None, "needs_manual_grade": True}
        points = marks[cell.task].points
        look = False
        if row is not None and row["manual_score"] is not None:
            look = row["needs_manual_grade"] or row["auto_score"] != points
        return {"auto_score": points, "needs_manual_grade": look}

    def comment(cell: Cell, row: Row | None) -> Row:
        if cell.task is None:
            return {} if row else {"auto_comment": None}
        return {"auto_comment": marks[cell.task].comment}

    _align(connection, Comment.__table__, own, cells.commented, comment)
    grades = _align(connection, Grade.__table__, own, cells.graded, grade)
    late = _seconds_late(connection, cells.assignment, submission, moment)
    changed = []
    for row in notebooks:
        score = sum(_score(grade) for grade in grades if grade["notebook_id"] == row["id"])
        penalty = cost(student.id, score, late) if late > 0 else None
        if penalty != row["late_submission_penalty"]:
            changed.append({"row": row["id"], "late_submission_penalty": penalty})
    _update(connection, SubmittedNotebook.__table__, changed)


def _notebooks(connection: Connection, submission: str, notebooks: Iterable[str]) -> list[Row]:
    """The rows of a submission's notebooks, made where they are missing."""
    table: Table = SubmittedNotebook.__table__
    ids = list(notebooks)  # by both columns, as the index is: by one alone a whole cohort is searched
    found = _rows(connection, table, (table.c.assignment_id == submission) & table.c.notebook_id.in_(ids))
    there = {row["notebook_id"] for row in found}
    made: list[Row] = [
        {"id": new_uuid(), "assignment_id": submission, "notebook_id": notebook, "flagged": False}
        for notebook in ids
        if notebook not in there
    ]
    _insert(connection, table, made)
    return found + [{"late_submission_penalty": None} | row for row in made]


def _align(
    connection: Connection,
    table: Table,
    own: dict[str, str],
    cells: Sequence[Cell],
    wanted: Callable[[Cell, Row | None], Row],
) -> list[Row]:
    """Make each cell's row hold what is wanted, of what it holds so far; the rows as they are then.

    own: the submission's notebooks by the assignment's.
    """
    within = table.c.notebook_id.in_(own.values()) & table.c.cell_id.in_([cell.id for cell in cells])
    found = {row["cell_id"]: row for row in _rows(connection, table, within)}
    made, changed, after = [], [], []
    for cell in cells:
        row = found.get(cell.id)
        values = wanted(cell, row)
        if row is None:
            row = {"id": new_uuid(), "cell_id": cell.id, "notebook_id": own[cell.notebook]} | values
            made.append(row)
        elif any(row[name] != value for name, value in values.items()):
            changed.append({"row": row["id"]} | values)
        after.append(row | values)
    _insert(connection, table, made)
    _update(connection, table, changed)
    return after


def _score(grade: Row) -> float:
    """A grade's score, as nbgrader counts it."""
    by_hand = grade.get("manual_score")
    score = grade.get("auto_score") if by_hand is None else by_hand
    return 0.0 if score is None else float(score + (grade.get("extra_credit") or 0.0))


def _seconds_late(connection: Connection, assignment: str, submission: str, moment: datetime | None) -> float:
    """How late a submission is, by the due date and the extension that the gradebook has."""
    own, whole = SubmittedAssignment.__table__, Assignment.__table__
    due = connection.execute(select(whole.c.duedate).where(whole.c.id == assignment)).scalar_one()
    extension = connection.execute(select(own.c.extension).where(own.c.id == submission)).scalar_one()
    if due is None or moment is None:
        return 0.0
    seconds: float = (moment - (due + extension if extension else due)).total_seconds()
    return max(0.0, seconds)


def _rows(connection: Connection, table: Table, condition: ColumnElement[bool]) -> list[Row]:
    return [dict(row) for row in connection.execute(select(table).where(condition)).mappings()]


def _insert(connection: Connection, table: Table, rows: list[Row]) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _update(connection: Connection, table: Table, rows: list[Row]) -> None:
    """Change rows, each named by "row", all in the same columns."""
    for columns in {tuple(sorted(row)) for row in rows}:
        alike = [row for row in rows if tuple(sorted(row)) == columns]
        connection.execute(update(table).where(table.c.id == bindparam("row")), alike)
