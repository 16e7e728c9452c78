"""Marks one submission: runs the six suites here, against workers that hold the learner's code."""

import contextlib
import hashlib
import io
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

import pytest

from grader.catalogue import ROOT, SOLUTIONS, STAGES, TESTS, Stage
from grader.impl import Transport, load_request
from grader.process import WorkerProcess
from grader.results import MAX_SCORE, Result, StageResult, TestResult
from grader.submissions import Submission


@dataclass(frozen=True)
class Settings:
    """How to mark: the seed of the data drawn, and seconds for an ordinary call and for all of a submission.

    Training is given a few times what an ordinary call is.
    """

    seed: int
    time_limit: float = 10.0
    total_limit: float = 180.0
    isolation: Literal["process"] = "process"


class KitError(Exception):
    """The kit itself failed; the submission has no result and nobody loses points."""


def mark(submission: Submission, settings: Settings) -> Result:
    """Mark a submission. Raises KitError when the kit fails, never because of what was submitted."""
    began = time.monotonic()
    stages = [] if submission.error else _run_suites(submission, settings)
    return Result(
        submission=submission.name,
        form=submission.form,
        status="rejected" if submission.error else "graded",
        error=submission.error,
        score=sum(stage.score for stage in stages),
        max_score=MAX_SCORE,
        isolation=settings.isolation,
        seed=settings.seed,
        digest=_digest(submission),
        seconds=round(time.monotonic() - began, 3),
        stages=stages,
    )


def _run_suites(submission: Submission, settings: Settings) -> list[StageResult]:
    """Run pytest on the suites, with workers behind their `impl`, and gather what its reports say."""
    run = _MarkingRun(submission, settings)
    arguments = [f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}", "--full"]
    arguments += ["-q", "-p", "no:cacheprovider", "-p", "no:faulthandler"]
    suites = [str(stage.suite) for stage in STAGES]
    shown = io.StringIO()
    with tempfile.TemporaryDirectory() as temporary, contextlib.redirect_stdout(shown):
        arguments += [f"--basetemp={temporary}/pytest", f"--seed={settings.seed}"]
        code = pytest.main([*arguments, *suites], plugins=[run])
    if run.kit_errors or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise KitError(f"the suites did not run on {submission.name}:\n{shown.getvalue()}")
    return [run.result(stage) for stage in STAGES]


class _MarkingRun:
    """The pytest plugin of one marking: gives the suites workers, and takes their reports."""

    def __init__(self, submission: Submission, settings: Settings) -> None:
        self._submission = submission
        self._settings = settings
        self._deadline = time.monotonic() + settings.total_limit
        self._tests: dict[str, list[TestResult]] = {stage.name: [] for stage in STAGES}
        self._transports: dict[str, WorkerProcess] = {}
        self.kit_errors = False

    def pytest_configure(self, config: pytest.Config) -> None:
        """Take the name under which the `impl` fixture asks for a transport."""
        config.pluginmanager.register(_Transports(self), "chainrule-marking")

    def transport(self, stage: Stage) -> Transport:
        """A worker with the learner's stage. Raises NoAnswer when its file is missing."""
        sources = self._submission.sources
        load = load_request(stage, sources, {name: f"{name}.py" for name in sources})
        worker = WorkerProcess(load, self._settings.time_limit, self._deadline)
        self._transports[stage.name] = worker
        return worker

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep a test's result once it is decided."""
        if getattr(report, "kit_error", False):
            self.kit_errors = True
        if report.when == "call" or (report.when == "setup" and report.failed):
            verdict = report.verdict
            self._tests[report.stage.name].append(
                TestResult(
                    task=report.task,
                    test=report.nodeid.partition("::")[2],
                    points=report.points if report.passed else 0.0,
                    max_points=report.points,
                    outcome="passed" if report.passed else getattr(verdict, "outcome", "error"),
                    message="" if report.passed else str(verdict),
                )
            )

    def result(self, stage: Stage) -> StageResult:
        """What the stage's tests add up to."""
        tests = self._tests[stage.name]
        transport = self._transports.get(stage.name)
        return StageResult(
            stage=stage.name,
            score=sum(test.points for test in tests),
            max_score=sum(test.max_points for test in tests),
            output=transport.printed if transport else "",
            tests=tests,
        )


class _Transports:
    """What the `impl` fixture sees of a marking run."""

    def __init__(self, run: _MarkingRun) -> None:
        self.transport = run.transport


def _digest(submission: Submission) -> str:
    """A digest of the submission and of everything that decides its score but the seed."""
    digest = hashlib.sha256(_digest_of_kit())
    for name, source in sorted(submission.sources.items()):
        digest.update(f"{name}\0{source}\0".encode())
    digest.update((submission.error or "").encode())
    return digest.hexdigest()


@cache
def _digest_of_kit() -> bytes:
    """A digest of the suites, the reference and the engine."""
    digest = hashlib.sha256()
    for folder in (TESTS, SOLUTIONS, Path(__file__).parent):
        for path in sorted(folder.glob("*.py")):
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.digest()
