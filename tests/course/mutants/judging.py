"""Runs a stage's suite on a piece of code, as marking does, and stops early where any lost point will do."""

import contextlib
from collections.abc import Mapping

from grader.course.catalogue import Stage
from grader.intake.extraction import Written
from grader.judging.naming import Names
from grader.judging.results import TestResult
from grader.judging.suites import suites
from grader.outside.process import Allowance, Limits, WorkerProcess
from grader.outside.workers import Isolation

TIME_LIMIT = 3.0
"""Seconds of processor time for an ordinary call; the reference takes a hundredth."""
TOTAL_LIMIT = 120.0
"""Seconds for one stage."""
MEMORY = 2**30


def tests_of(
    stage: Stage,
    sources: Mapping[str, str],
    seed: int,
    task: str | None = None,
    thorough: bool = True,
    isolation: Isolation = "process",
) -> list[TestResult]:
    """What a stage's suite, or its tests of one task, say of these sources; the stages before are the reference's.

    thorough: go on after a failure, so that every test says what it finds and which mistake it is; isolation:
    mutants are the kit's own code, and need none by the kernel.
    """
    limits = Limits(TIME_LIMIT, MEMORY, isolation)
    code = Written(dict(sources))
    started: list[WorkerProcess] = []

    def start(stage: Stage) -> WorkerProcess:
        started.append(WorkerProcess(code.load_request(stage), code.sources, limits, Allowance(TOTAL_LIMIT)))
        return started[-1]

    with contextlib.ExitStack() as ended:
        ended.callback(_close, started)
        return suites().run(stage, start, seed, task, Names(tells=thorough), until_lost=not thorough)


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
