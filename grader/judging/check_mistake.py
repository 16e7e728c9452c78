"""Says what speaks against a new mistake, by running its wrong code as a submission."""

from collections.abc import Iterator

from grader.course.catalogue import Stage
from grader.course.mistakes import Mistake, mistakes_in, mistakes_of
from grader.judging.naming import Names, families
from grader.judging.results import TestResult
from grader.judging.suites import suites
from grader.outside.client import load_request
from grader.outside.process import MEMORY, Allowance, Limits, WorkerProcess
from grader.outside.workers import Isolation

SEED = 20261127
"""Of the data on which it is tried, beside those on which mistakes are compared."""
CALL, TOTAL = 2.0, 60.0
"""Seconds for a call, and for all."""


def objections(stage: Stage, task: str, name: str, before: str, after: str, isolation: Isolation) -> Iterator[str]:
    """Sentences on why a new mistake cannot be told, or must not.

    before, after: the text of its file without it and with it.

    Its wrong code must lose points in its task's tests, be told by its name there and by no other, and take no
    other's place.
    """
    new = next(one for one in mistakes_in(stage, after) if (one.task, one.name) == (task, name))
    tests = _run(stage, new, before, isolation)
    if all(test.outcome == "passed" for test in tests):
        yield f"it loses no points: all tests of {task} pass"
        return
    if told := {test.mistake for test in tests} - {""}:
        known = {one.name: one.says for one in (*mistakes_of(stage), *mistakes_in(stage, before))}
        known |= {family.name: family.says for family in families()}
        yield from (f"it is known already, as {other}: {known.get(other, '')}" for other in sorted(told))
        return
    if name not in _told(stage, new, after, isolation):
        yield "it cannot be told: its tests pass or fail in other ways on other data, or its code never ends"
    for other in (*mistakes_of(stage), *mistakes_in(stage, before)):
        if other.task == task and name in _told(stage, other, after, isolation, until_lost=True):
            yield f"it would be told in place of {other.name}: {other.says}"


def _told(stage: Stage, mistake: Mistake, added: str, isolation: Isolation, until_lost: bool = False) -> set[str]:
    """The names that its task's tests tell a mistake's wrong code; until_lost: only the first that fails."""
    return {test.mistake for test in _run(stage, mistake, added, isolation, until_lost)} - {""}


def _run(
    stage: Stage, mistake: Mistake, added: str, isolation: Isolation, until_lost: bool = False
) -> list[TestResult]:
    """What the tests of a mistake's task say of its wrong code."""
    own = {stage.name: mistake.ways[-1]}
    request = load_request(stage, own, {stage.name: stage.file})
    worker = WorkerProcess(request, own, Limits(CALL, MEMORY, isolation), Allowance(TOTAL))
    names = Names(added={stage.name: added})
    return suites((stage,)).run(stage, lambda _: worker, SEED, mistake.task, names, until_lost)
