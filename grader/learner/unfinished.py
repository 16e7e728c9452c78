"""Which task of a learner's folder comes next: the first, in the course's order, that loses points."""

from pathlib import Path

from grader.course.catalogue import STAGES, Stage
from grader.intake.extraction import Written, written
from grader.intake.learners_folder import read_own
from grader.judging.naming import Names
from grader.judging.suites import suites
from grader.marking.mark import Settings
from grader.outside import pytorch
from grader.outside.process import Allowance, Limits, WorkerProcess

SETTINGS = Settings(seed=0, isolation="process")
"""The same data each time, so that code which did not change has the same task; a learner's own code."""
LIMITS = Limits(SETTINGS.time_limit, SETTINGS.memory_limit, SETTINGS.isolation)


def first_unfinished(folder: Path) -> tuple[Stage, str] | None:
    """The first task whose tests do not all pass on the modules or notebooks in a folder; None where all do.

    Raises Unreadable when there is nothing to run, KitError when the kit fails.
    """
    own = written(read_own(folder), LIMITS, Allowance(SETTINGS.total_limit))
    return next(((stage, task) for stage in STAGES for task in stage.tasks if not _passes(stage, task, own)), None)


def _passes(stage: Stage, task: str, own: Written) -> bool:
    """Whether a task's tests pass, on a worker that is ended afterwards."""
    allowance = Allowance(SETTINGS.total_limit)

    def start(stage: Stage) -> WorkerProcess:
        pytorch.check(stage, own.sources.get(stage.name))
        return WorkerProcess(own.load_request(stage), own.sources, LIMITS, allowance)

    tests = suites((stage,)).run(stage, start, SETTINGS.seed, task, Names(tells=False), until_lost=True)
    return all(test.outcome == "passed" for test in tests)
