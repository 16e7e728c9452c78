"""Results and submissions made by hand, for tests of what is derived from them."""

from collections.abc import Mapping
from functools import cache

from grader.course.catalogue import NOTEBOOKS, STAGES, Stage
from grader.course.points import points, task_of_class, total_points
from grader.intake.notebook_files import Cell
from grader.judging.results import Result, StageResult, TestResult
from grader.judging.suites import suites
from grader.outside.verdicts import Outcome
from grader.publishing.assembly import notebook


def result(name: str, failing: Mapping[tuple[str, str], str] | None = None, outcome: Outcome = "failed") -> Result:
    """A result in which the tests of these tasks, by stage and task, fail with these messages."""
    stages = []
    for stage in STAGES:
        tests = [_test(stage, test, (failing or {}), outcome) for test in suites().labels(stage)]
        earned, worth = sum(test.points for test in tests), sum(test.max_points for test in tests)
        stages.append(StageResult(stage.name, earned, worth, "", tests, seed=1))
    score = sum(stage.score for stage in stages)
    return Result(name, "notebooks", "graded", None, score, total_points(), "kernel", 1, "d", 0.1, stages)


def _test(stage: Stage, test: str, failing: Mapping[tuple[str, str], str], outcome: Outcome) -> TestResult:
    """One test; the first of a task has all its points."""
    group = test.partition("::")[0]
    task = task_of_class(stage, group)
    assert task is not None
    first = next(other for other in suites().labels(stage) if other.startswith(f"{group}::"))
    worth = points()[stage.name, task] if test == first else 0.0
    if (stage.name, task) in failing:
        return TestResult(task, test, 0.0, worth, outcome, failing[stage.name, task])
    return TestResult(task, test, worth, worth, "passed", "")


def rejected(name: str, why: str) -> Result:
    """The result of a submission that could not be read."""
    return Result(name, "modules", "rejected", why, 0.0, total_points(), "kernel", 1, "d", 0.0, [])


_made = cache(notebook)


def notebooks(changes: Mapping[str, str] | None = None, solved: bool = True) -> dict[str, tuple[Cell, ...]]:
    """The code cells of the course's notebooks, some with another source, by their ids."""
    return {
        which.name: tuple(
            Cell(cell.id, (changes or {}).get(cell.id, cell.source))
            for cell in _made(which, solved).cells
            if cell.cell_type == "code"
        )
        for which in NOTEBOOKS
    }
