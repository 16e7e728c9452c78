"""A result as nbgrader shows it: for each task its points, what its check cell prints, and a comment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from grader.catalogue import STAGES, Stage
from grader.checks import points, report
from grader.results import Result, TestResult
from grader.suites import suites

NO_RESPONSE = "No response."
"""What nbgrader says where nothing was written."""


@dataclass(frozen=True)
class Mark:
    """One task: its points, the report that its check cell prints, and the comment, if any, in Markdown."""

    points: float
    report: str
    comment: str | None


Marks = dict[tuple[str, str], Mark]
"""Of each task, by the names of its stage and its own."""


def marks_of(result: Result) -> Marks:
    """The marks of a whole result; of one that was rejected, zero everywhere, and the reason."""
    if result.error is not None:
        reason = Mark(0.0, f"Not marked: {result.error}", verbatim(f"Not marked: {result.error}"))
        return {(stage.name, task): reason for stage in STAGES for task in stage.tasks}
    tests = {stage.stage: stage.tests for stage in result.stages}
    return {
        (stage.name, task): _mark(stage, tuple(test for test in tests[stage.name] if test.task == task))
        for stage in STAGES
        if stage.name in tests
        for task in stage.tasks
    }


@lru_cache(1000)
def _mark(stage: Stage, tests: tuple[TestResult, ...]) -> Mark:
    return Mark(points(tests), report(tests, _labels(stage)), _comment(tests))


@cache
def _labels(stage: Stage) -> Mapping[str, str]:
    return suites().labels(stage)


def verbatim(text: str) -> str:
    """A text that Markdown shows as it is: messages quote what learners wrote, which is not to become HTML."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def _comment(tests: Sequence[TestResult]) -> str | None:
    """What the failing tests say, each message once."""
    failing = [test for test in tests if test.outcome != "passed"]
    if not failing:
        return None
    if all(test.outcome == "not written" for test in tests):
        return NO_RESPONSE
    return verbatim("\n".join(dict.fromkeys(test.message for test in failing)))
