"""What became of a submission: its stages, their tests, and what the learner reads of each."""

import json
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from grader.outside.plain_text import LAYOUT, PlainText, plain_text
from grader.outside.verdicts import Outcome

MAX_MESSAGE = 4000
"""Characters of a test's message that are kept: the suites' own are a tenth of that, but quote learners' names."""
KIT_ERROR = PlainText("an error of the kit itself, shown below")
"""The message of a test that ended by neither passing nor a verdict."""


@dataclass(frozen=True)
class TestResult:
    """One test of a suite: its task, what it earned, and what the learner reads.

    mistake: the name of the known mistake that the message begins with, if it was one; alike: else the same for
    all who gave the same on data that all share.
    """

    task: str
    test: str
    points: float
    max_points: float
    outcome: Outcome
    message: PlainText
    mistake: str = ""
    alike: str = ""


@dataclass(frozen=True)
class StageResult:
    """One stage: its points, what the learner's code printed, and its tests.

    seed: of the data drawn, which depend on the run's seed and on the source; `pytest --seed` draws the same.
    uses: the learner's earlier stages that this one took something of its own from. decided_by: a digest of each
    part that decided this; empty where it is not to be used again.
    """

    stage: str
    score: float
    max_score: float
    output: PlainText
    tests: list[TestResult]
    seed: int
    uses: list[str] = field(default_factory=list)
    decided_by: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Result:
    """What became of one submission."""

    submission: str
    form: Literal["modules", "notebooks"]
    status: Literal["graded", "rejected"]
    error: PlainText | None
    score: float
    max_score: float
    isolation: Literal["kernel", "process"]
    seed: int
    digest: str
    seconds: float
    stages: list[StageResult] = field(default_factory=list)
    notes: list[PlainText] = field(default_factory=list)
    """Sentences on how a notebook's cells were read."""
    versions: str = ""
    """Of Python, NumPy and PyTorch, with which it was marked."""
    version: str = ""
    """The kit's, with which it was marked; empty where that was before results said it."""
    limits: dict[str, float] = field(default_factory=dict)
    """What the submission might take, as of Settings."""


def line_of(result: Result) -> bytes:
    """A result as its line in results.jsonl, without the end of one."""
    return json.dumps(result, ensure_ascii=False, default=vars).encode("utf-8")  # six times as fast as asdict


def result_from(data: dict[str, Any]) -> Result:
    """A result from its line, parsed. Raises TypeError or KeyError where it is none."""
    stages = [_stage_from(dict(stage)) for stage in data["stages"]]
    return Result(**data | {"stages": stages})


def _stage_from(data: dict[str, Any]) -> StageResult:
    data.pop("digest", None)  # of version 0.2.0, where it was one for all that decides
    return StageResult(**data | {"tests": [TestResult(**test) for test in data["tests"]]})


def result_of(report: Any) -> TestResult:
    """The result of a suite's test, from pytest's report with what the kit's plugin has added to it."""
    name, verdict = name_of(report.nodeid), report.verdict
    result = TestResult(report.task, name, report.points, report.points, "passed", PlainText(""))
    if report.passed:
        return result
    if verdict is None:
        return replace(result, points=0.0, outcome="error", message=KIT_ERROR)
    message = plain_text(str(verdict), MAX_MESSAGE, keep=LAYOUT)
    told = {"message": message, "mistake": verdict.mistake, "alike": verdict.alike}
    return replace(result, points=0.0, outcome=verdict.outcome, **told)


def name_of(nodeid: str) -> str:
    """A test as results name it: without its file."""
    return nodeid.partition("::")[2]
