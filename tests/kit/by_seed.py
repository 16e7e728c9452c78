"""Suites run on the data of one seed: by pytest as a learner calls it, and by the engine as it marks.

`mark` draws other data for each stage, so that its scores cannot be compared test by test.
"""

import contextlib
import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from isolation import ISOLATION

from grader.course.catalogue import Stage
from grader.course.location import ROOT
from grader.intake.extraction import written
from grader.intake.submissions import Submission
from grader.judging.results import StageResult, TestResult, result_of
from grader.marking.mark import Settings, marked_with
from grader.outside.process import Allowance, Limits

TIME_LIMIT = 100.0
"""Seconds for a call, far beyond what any takes here: a busy machine must not make two ways differ."""


def by_marking(submission: Submission, stages: Iterable[Stage], seed: int) -> list[StageResult]:
    """What the engine says of stages of a submission."""
    allowance = Allowance(TIME_LIMIT * 100)
    limits = Limits(TIME_LIMIT, Settings.memory_limit, ISOLATION)
    code = written(submission, limits, allowance)
    return [marked_with(seed, stage, code, limits, allowance) for stage in stages]


def by_pytest(folder: Path, stages: Iterable[Stage], seed: int, *options: str) -> dict[str, list[TestResult]]:
    """What a learner's own `pytest` says of the modules in a folder, by the names of the stages."""
    collected = _Collected()
    where = [f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}", f"--impl={folder}", f"--seed={seed}"]
    how = ["--full", "-q", "-p", "no:cacheprovider", "-W", "ignore", *options]
    with contextlib.redirect_stdout(io.StringIO()):
        pytest.main([*where, *how, *(str(stage.suite) for stage in stages)], plugins=[collected])
    return collected.tests


class _Collected:
    """A pytest plugin: the result of each test."""

    def __init__(self) -> None:
        self.tests: dict[str, list[TestResult]] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take a test's result."""
        if report.when == "call" or report.failed:
            self.tests.setdefault(report.stage.name, []).append(result_of(report))
