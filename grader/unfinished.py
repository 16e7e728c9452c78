"""Which task of a learner's folder comes next: the first, in the course's order, that loses points."""

from pathlib import Path

from grader.catalogue import STAGES, Stage
from grader.impl import load_request
from grader.marking import Settings
from grader.process import Allowance, Limits, WorkerProcess
from grader.source_text import module_at, modules_in, parted
from grader.suites import suites

SETTINGS = Settings(seed=0, isolation="process")
"""The same data each time, so that code which did not change is told the same task; a learner's own code."""


def first_unfinished(folder: Path) -> tuple[Stage, str] | None:
    """The first task whose tests do not all pass on the modules in a folder; None where all do.

    Raises KitError when the kit fails.
    """
    own = _sources(folder)
    for stage in STAGES:
        for task in stage.tasks:
            if not _passes(stage, task, own):
                return stage, task
    return None


def _sources(folder: Path) -> dict[str, str]:
    """The learner's modules, by stage, as far as they can be read."""
    own, _ = parted({name: module_at(path) for name, path in modules_in(folder).items()})
    return own


def _passes(stage: Stage, task: str, own: dict[str, str]) -> bool:
    """Whether a task's tests pass, on a worker that is ended afterwards."""
    limits = Limits(SETTINGS.time_limit, SETTINGS.memory_limit, SETTINGS.isolation)
    allowance = Allowance(SETTINGS.total_limit)

    def start(stage: Stage) -> WorkerProcess:
        request = load_request(stage, own, {name: f"{name}.py" for name in own})
        return WorkerProcess(request, own, limits, allowance)

    return all(test.outcome == "passed" for test in suites((stage,)).run(stage, start, SETTINGS.seed, task))
