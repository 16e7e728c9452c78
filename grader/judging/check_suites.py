"""Says what is wrong with a course's suites, by running them on its solutions and on the mistakes it knows."""

import contextlib
import io
from collections.abc import Iterator

from grader.course.catalogue import STAGES, Stage, source_of
from grader.course.location import SOLUTIONS, TESTS
from grader.course.mistakes import mistakes_of
from grader.judging.naming import Names
from grader.judging.results import TestResult
from grader.judging.suites import Suites
from grader.outside.client import SameProcess, load_request
from grader.outside.workers import KitError

SEED = 0


def problems() -> Iterator[str]:
    """A sentence for each test that a solution fails, and for each known mistake that loses no point."""
    try:
        suites = Suites(STAGES)
        for stage in STAGES:
            yield from _in_stage(suites, stage)
    except KitError as error:
        yield str(error)


def _in_stage(suites: Suites, stage: Stage) -> Iterator[str]:
    for result in _run(suites, stage, source_of(stage.name)):
        if result.outcome != "passed":
            yield f"{TESTS.name}/{stage.suite.name}: the solution fails {result.test}: {result.message}"
    for mistake in mistakes_of(stage):
        if all(result.outcome == "passed" for result in _run(suites, stage, mistake.ways[0], mistake.task)):
            where = f"{TESTS.name}/mistakes/{stage.file}: {mistake.task}__{mistake.name}"
            yield f"{where} loses no points in the tests of {mistake.task}"


def _run(suites: Suites, stage: Stage, source: str, task: str | None = None) -> list[TestResult]:
    """A suite's results on a stage in this process, or until one test of a task has failed."""
    own = {one.name: source_of(one.name) for one in STAGES} | {stage.name: source}
    files = {name: str(SOLUTIONS / f"{name}.py") for name in own}
    with contextlib.redirect_stdout(io.StringIO()):
        return suites.run(
            stage,
            lambda stage: SameProcess(load_request(stage, own, files), own, ()),
            SEED,
            task,
            Names(tells=False),
            until_lost=task is not None,
        )
