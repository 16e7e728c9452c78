"""Submissions with results made by hand, for tests of exports."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from results_by_hand import rejected

from grader.intake.learning_platforms import Submitter
from grader.intake.roster import Student
from grader.intake.submissions import Submission
from grader.judging.results import StageResult, TestResult
from grader.reporting.exports.formats import FORMATS, export
from grader.reporting.exports.marked import Marked, Marking, Told

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOSTILE = (
    '=cmd|"/c calc"!A1',
    "-1+1",
    "@SUM(A1)",
    'Lee, "Ann"\r\nx',
    "\u202egnorw\u2066",
    "<script>alert(1)</script>",
    "]]>&amp;<!--",
    "half \ud800 of a character, \x1b[31m, \x00, \ufffe",
    "ﬁ, 😀, 王小明",
    "\tx",
)
"""What names, messages and outputs may be, though reading makes most of it printable."""


def submission(name: str, *submitters: Submitter, hour: int = 0, attempt: int | None = None) -> Submission:
    """A submission of whom a platform names, handed in on one day at some hour; 0: nothing tells when."""
    return Submission(
        name, submitters=submitters, handed_in=NOON.replace(hour=hour) if hour else None, attempt=attempt
    )


def scored(
    score: float, name: str, *submitters: Submitter, students: tuple[Student, ...] = (), hour: int = 0
) -> Marked:
    """A submission with that many of 100 points, and no tests."""
    result = replace(rejected(name, ""), status="graded", error=None, score=score, max_score=100.0)
    return Marked(result, submission(name, *submitters, hour=hour), students)


def unreadable(name: str, why: str, *submitters: Submitter) -> Marked:
    """A submission that was rejected."""
    return Marked(replace(rejected(name, why), max_score=100.0), submission(name, *submitters))


def with_tests(name: str, *tests: TestResult, output: str = "") -> Marked:
    """A submission with one stage of these tests."""
    score, most = sum(test.points for test in tests), sum(test.max_points for test in tests)
    stage = StageResult("stage1_double", score, most, output, list(tests), seed=7)
    result = replace(rejected(name, ""), status="graded", error=None, score=score, max_score=most, stages=[stage])
    return Marked(result, submission(name))


def written(form: str, *marked: Marked, into: Path | None = None, column: str | None = None) -> tuple[bytes, Told]:
    """What is exported of these submissions, and what is told of it."""
    content, told = export(FORMATS[form], marking(marked), into, column)
    return b"".join(content), told


def marking(marked: Iterable[Marked]) -> Marking:
    """A cohort of these submissions, of which one student handed in nothing."""
    return Marking(marked, (Student("e3", "Eve"),), NOON)
