"""Runs a stage's suite on a piece of code, as marking does, and stops early where any lost point will do."""

import contextlib
from collections.abc import Mapping
from functools import cache
from typing import Any

from grader.course.catalogue import STAGES, Stage
from grader.intake.extraction import Written
from grader.judging.results import TestResult
from grader.judging.suites import Suites
from grader.outside.client import Transport
from grader.outside.process import Allowance, Limits, WorkerProcess
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import Isolation

TIME_LIMIT = 3.0
"""Seconds of processor time for an ordinary call; the reference takes a hundredth."""
TOTAL_LIMIT = 120.0
"""Seconds for one stage."""
MEMORY = 2**30


class WatchedSuites(Suites):
    """The suites, and whether a test has failed since they were last asked to run."""

    lost = False

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep the report, and notice a lost point."""
        super().pytest_runtest_logreport(report)
        self.lost = self.lost or report.failed


class UntilLost:
    """A transport that answers until a test has failed: what the others would say decides nothing more."""

    def __init__(self, transport: WorkerProcess, suites: WatchedSuites) -> None:
        self._transport = transport
        self._suites = suites
        self.home = transport.home
        self.life = transport.life

    def load(self) -> object:
        """Put the stage on the bench."""
        return self._transport.load()

    def exchange(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        """Send a request and give its reply. Raises NoAnswer where points are lost already."""
        if self._suites.lost:
            raise NoAnswer("failed", "not asked: points are lost already")
        try:
            return self._transport.exchange(request, patience)
        finally:
            self.life = self._transport.life

    def close(self) -> None:
        """End the worker."""
        self._transport.close()


def tests_of(
    stage: Stage,
    sources: Mapping[str, str],
    seed: int,
    task: str | None = None,
    thorough: bool = True,
    isolation: Isolation = "process",
) -> list[TestResult]:
    """What a stage's suite, or its tests of one task, say of these sources; the stages before are the reference's.

    thorough: go on after a failure, so that every test says what it finds; isolation: mutants are the kit's own
    code, and need none by the kernel.
    """
    watched = _suites()
    watched.lost = False
    limits = Limits(TIME_LIMIT, MEMORY, isolation)
    code = Written(dict(sources))
    started: list[WorkerProcess] = []

    def start(stage: Stage) -> Transport:
        worker = WorkerProcess(code.load_request(stage), code.sources, limits, Allowance(TOTAL_LIMIT))
        started.append(worker)
        return worker if thorough else UntilLost(worker, watched)

    with contextlib.ExitStack() as ended:
        ended.callback(_close, started)
        return watched.run(stage, start, seed, task)


def lost(tests: list[TestResult]) -> float:
    """The points lost in these tests."""
    return sum(test.max_points - test.points for test in tests)


def loses(stage: Stage, task: str, source: str, seed: int) -> bool:
    """Whether a stage's module loses points in its own stage; the task's own tests are asked first."""
    sources = {stage.name: source}
    return any(lost(tests_of(stage, sources, seed, asked, thorough=False)) > 0 for asked in (task, None))


def _close(workers: list[WorkerProcess]) -> None:
    for worker in workers:
        worker.close()


@cache
def _suites() -> WatchedSuites:
    return WatchedSuites(STAGES)
