"""What a submission's code trains, for pictures of it: in workers, as far as it can be run."""

import math

from grader.course.catalogue import Stage
from grader.intake.extraction import written
from grader.intake.submissions import Submission
from grader.learner.pictures.runs import Run, Runs, runs_of
from grader.outside import pytorch
from grader.outside.process import Allowance, Limits, WorkerProcess

IN_ALL = 60
"""Times the limit of a call that all of it may take: some trainings, and some calls."""


def trained(submission: Submission, limits: Limits) -> Runs:
    """The training runs of what a learner wrote so far; with them, what is to be said of those that are missing.

    Raises KitError, and CourseError where the course draws nothing.
    """
    allowance = Allowance(IN_ALL * limits.call)
    code = written(submission, limits, allowance)

    def start(stage: Stage) -> WorkerProcess:
        pytorch.check(stage, code.sources.get(stage.name))
        return WorkerProcess(code.load_request(stage), code.sources, limits, allowance)

    found = runs_of(start)
    found.notes[:0] = *submission.notes, *code.notes
    return found


def in_words(run: Run, results: tuple[str, ...]) -> str:
    """How a run ended, for those who do not see the picture."""
    last = {key: run.history[key][-1] for key in results if key in run.history}
    ends = [f"{key} {value:.3g}" for key, value in last.items() if not math.isnan(value)]
    return f"{run.name}: {run.about}" + (f"; in the last epoch {', '.join(ends)}" if ends else "")
