"""What an export is made of: each submission's result with what was read of it, and whose it is."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from grader.course.catalogue import STAGES
from grader.course.location import TITLE
from grader.intake.roster import Student
from grader.intake.submissions import Submission
from grader.judging.results import Result, TestResult
from grader.outside.plain_text import plain_text

MAX_SAID = 300
"""Characters of a test's message that a comment quotes."""
MAX_COMMENT = 6000
"""Characters of messages that a comment quotes: a spreadsheet's cell takes 32,767, and markup its part of them."""


class ExportError(Exception):
    """Why there is no export; the text says what to do."""


class ColumnError(ExportError):
    """The column that takes the scores was named wrongly, or must be named."""


@dataclass(frozen=True)
class Marked:
    """A submission and its result. students: whose it is by the roster with which it was marked."""

    result: Result
    submission: Submission
    students: tuple[Student, ...] = ()


@dataclass(frozen=True)
class Marking:
    """A cohort's results. absent: who submitted nothing, by its roster; when: its scores were written last."""

    marked: Iterable[Marked]
    absent: tuple[Student, ...]
    when: datetime


@dataclass(frozen=True)
class Grade:
    """What a gradebook is told of a submission: points, and a comment in lines of plain text.

    submission: without its code, as a cohort's code together may be more than memory holds.
    """

    submission: Submission
    students: tuple[Student, ...]
    score: float
    max_score: float
    rejected: str | None
    comment: tuple[str, ...]


@dataclass
class Told:
    """What whoever exports should know: sentences, and lists by their titles."""

    sentences: list[str] = field(default_factory=list)
    lists: dict[str, list[str]] = field(default_factory=dict)

    def add(self, title: str, line: str) -> None:
        """Add a line to a list."""
        self.lists.setdefault(title, []).append(line)


def grades(marked: Iterable[Marked]) -> Iterator[Grade]:
    """The grades of submissions, in their order."""
    for one in marked:
        result, read = one.result, replace(one.submission, sources={}, notebooks={})
        yield Grade(read, one.students, result.score, result.max_score, result.error, tuple(comment(result)))


def comment(result: Result) -> Iterator[str]:
    """What a learner is told beside the points: each stage's, and for each task of which some are lost, why."""
    yield f"{TITLE}: {number(result.score)} of {number(result.max_score)} points"
    if result.error is not None:
        yield f"Nothing of it could be read: {result.error}"
    titles = {stage.name: f"{stage.number} {stage.title}" for stage in STAGES}
    length = 0
    for stage in result.stages:
        yield f"{titles.get(stage.stage, stage.stage)}: {number(stage.score)} of {number(stage.max_score)}"
        for line in _losses(stage.tests):
            length += len(line)
            if length <= MAX_COMMENT:
                yield f"– {line}"


def number(value: float, is_comma: bool = False) -> str:
    """Points as gradebooks write them: two decimals at the most, with a point or a comma."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if is_comma else text


def _losses(tests: list[TestResult]) -> Iterator[str]:
    """A line for each task of which points are lost, by its first lost test; one for all that are not written."""
    lost: dict[str, TestResult] = {}
    for test in tests:
        if test.outcome != "passed":
            lost.setdefault(test.task, test)
    if unwritten := [task for task, test in lost.items() if test.outcome == "not written"]:
        yield f"not written yet: {', '.join(unwritten)}"
    for task, test in lost.items():
        if test.outcome != "not written":
            # a known mistake is told in the first line; else there are the call, what was expected, what came
            lines = test.message.split("\n")[: 1 if test.mistake else 3]
            yield f"{task}: {plain_text('; '.join(line.strip() for line in lines), MAX_SAID)}"
