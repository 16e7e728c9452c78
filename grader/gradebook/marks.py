"""A result as nbgrader shows it: for each task its points, what its check cell prints, and a comment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from grader.course.catalogue import STAGES, Stage
from grader.judging.rendering import call_again, earned, report, same_data, verbatim
from grader.judging.results import Result, StageResult, TestResult
from grader.judging.suites import suites

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
    marked = {stage.stage: stage for stage in result.stages}
    return {
        (stage.name, task): _mark_of(stage, task, marked[stage.name], result.form)
        for stage in STAGES
        if stage.name in marked
        for task in stage.tasks
    }


def _mark_of(stage: Stage, task: str, result: StageResult, form: str) -> Mark:
    """The mark of a task; of a right one the same for all, whatever data they had."""
    tests = tuple(test for test in result.tests if test.task == task)
    if all(test.outcome == "passed" for test in tests):
        return _mark(stage, tests, "")
    modules = form == "modules"
    return _mark(
        stage, tests, f"pytest --seed {result.seed}" if modules else call_again(stage.name, task, result.seed)
    )


@lru_cache(1000)
def _mark(stage: Stage, tests: tuple[TestResult, ...], again: str) -> Mark:
    return Mark(earned(tests), report(tests, _labels(stage), again), _comment(tests, again))


@cache
def _labels(stage: Stage) -> Mapping[str, str]:
    return suites().labels(stage)


def _comment(tests: Sequence[TestResult], again: str) -> str | None:
    """What the failing tests say, each message once, and how to see the same."""
    failing = [test for test in tests if test.outcome != "passed"]
    if not failing:
        return None
    if all(test.outcome == "not written" for test in tests):
        return NO_RESPONSE
    return verbatim("\n".join([*dict.fromkeys(test.message for test in failing), same_data(again)]))
