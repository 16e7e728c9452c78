"""scores.csv: the table for the gradebook, derived from the results and made again whenever they change."""

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from grader.course.catalogue import STAGES
from grader.course.points import total_points
from grader.intake.matching import Matching
from grader.intake.roster import Student
from grader.judging.results import Result
from grader.outside.private_files import replaced

ABSENT = "absent"
"""The status of who is on the roster and submitted nothing."""
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""How a cell begins that a spreadsheet may take for a formula, as OWASP lists it under CSV injection; the wide
forms count where a spreadsheet speaks Japanese or Chinese."""


def write_scores(results: Iterable[Result], path: Path, matching: Matching | None = None) -> None:
    """Write a line for each result, a column for each stage; replaced in one piece.

    With a roster's matching, two columns name the student, a submission of a group has a line for each of its
    members, and who submitted nothing has a line too.
    """
    with replaced(path) as binary, io.TextIOWrapper(binary, encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        who = [] if matching is None else ["student", "name"]
        table.writerow([*who, "submission", "status", "score", "max_score", *(s.name for s in STAGES), "error"])
        for result in results:
            scores = {stage.stage: stage.score for stage in result.stages}
            row = [as_text(result.submission), result.status, float(result.score), float(result.max_score)]
            row += [*(float(scores.get(s.name, 0.0)) for s in STAGES), as_text(result.error or "")]
            for student in _students(result.submission, matching):
                table.writerow([*student, *row])
        for absent in matching.absent if matching else ():
            table.writerow([*_named(absent), "", ABSENT, 0.0, total_points(), *(0.0 for _ in STAGES), ""])


def _students(submission: str, matching: Matching | None) -> list[list[str]]:
    """The cells that name each student of a submission; empty ones where it matches nobody."""
    if matching is None:
        return [[]]
    return [_named(student) for student in matching.students.get(submission, ())] or [["", ""]]


def _named(student: Student) -> list[str]:
    return [as_text(student.id), as_text(student.name)]


def as_text(text: str) -> str:
    """A text, marked as such where a spreadsheet would take it for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
