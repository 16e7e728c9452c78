"""Marks one submission: what `mark` gives depends on nothing but its arguments and the kit."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, replace

from grader import __version__
from grader.course.catalogue import STAGES, Stage
from grader.course.points import total_points
from grader.intake.extraction import Written, written
from grader.intake.submissions import Submission
from grader.judging.digests import LENGTH, digest, digest_of_kit, digests_of
from grader.judging.naming import Names
from grader.judging.results import Result, StageResult
from grader.judging.suites import suites
from grader.outside import versions
from grader.outside.plain_text import LAYOUT, notes, plain_text
from grader.outside.process import MAX_PRINTED, MEMORY, Allowance, Limits, WorkerProcess
from grader.outside.workers import Isolation

SEED_BITS = 53
"""Of the seed of a stage's data: as many as every reader of JSON holds exactly, and more than anybody tries
through for a source that draws the data whose answers it holds."""


LIMITS = ("time_limit", "total_limit", "memory_limit")
"""The settings that say what a submission may take."""


@dataclass(frozen=True)
class Settings:
    """How to mark: the run's seed, from which those of the data come, and what a submission may take.

    time_limit: seconds of processor time for an ordinary call, training is given a few times that; total_limit:
    seconds for all calls of a submission, without waiting for a processor; memory_limit: bytes for a worker,
    beyond what an empty one holds; isolation: "kernel" where the kernel confines workers, "process" where nothing
    but their process does; mistakes: names of stages, and the texts of files of mistakes that are told of each
    beside the course's; only: a stage and a task, by their names, where all else is to stay as it was marked.
    """

    seed: int
    time_limit: float = 2.0
    total_limit: float = 60.0
    memory_limit: int = MEMORY
    isolation: Isolation = "kernel"
    mistakes: tuple[tuple[str, str], ...] = ()
    only: tuple[str, str] | None = None


def mark(submission: Submission, settings: Settings, earlier: Result | None = None) -> Result:
    """Mark a submission, but for the stages that `earlier`, a result of the same learner's, holds as they are now.

    Raises KitError when the kit fails, never because of what was submitted.
    """
    began = time.monotonic()
    allowance = Allowance(settings.total_limit)
    limits = Limits(settings.time_limit, settings.memory_limit, settings.isolation)
    code = written(submission, limits, allowance)
    stages = [] if submission.error else _marked_stages(code, settings, limits, allowance, earlier)
    return Result(
        submission=submission.name,
        form=submission.form,
        status="rejected" if submission.error else "graded",
        error=submission.error,
        score=sum(stage.score for stage in stages),
        max_score=total_points(),
        isolation=settings.isolation,
        seed=settings.seed,
        digest=digest_of(submission, settings),
        seconds=round(time.monotonic() - began, 3),
        stages=stages,
        notes=[*notes(code.notes)],
        versions=versions.told(),
        version=__version__,
        limits={name: getattr(settings, name) for name in LIMITS},
    )


def digest_of(submission: Submission, settings: Settings) -> str:
    """A digest of the submission and of everything that decides its score."""
    parts = [part for name, source in sorted(submission.sources.items()) for part in (name, source)]
    parts += [part for named in sorted(submission.unread.items()) for part in named]
    for name, cells in sorted(submission.notebooks.items()):
        parts += [name, str(len(cells)), *(part for cell in cells for part in cell)]
    return digest(digest_of_kit(), _told(settings), submission.error or "", *parts)


def _marked_stages(
    code: Written, settings: Settings, limits: Limits, allowance: Allowance, earlier: Result | None
) -> list[StageResult]:
    """Each stage, marked now or found in `earlier`."""
    known = {stage.stage: stage for stage in earlier.stages} if earlier else {}
    stages = []
    for stage in STAGES:
        before = known.get(stage.name)
        if before and _stays(before, stage, code, settings):
            stages.append(before)
            continue
        result = _marked_stage(stage, code, settings, limits, allowance)
        if allowance.left > 0:  # else another stage's loops may have cost this one
            result = replace(result, decided_by=decided_by(stage, code, settings, result.uses))
        stages.append(_with_task(before, result, settings.only[1]) if before and settings.only else result)
    return stages


def _stays(before: StageResult, stage: Stage, code: Written, settings: Settings) -> bool:
    """Whether nothing is to be marked of a stage."""
    if settings.only and settings.only[0] != stage.name:
        return True
    return before.decided_by == decided_by(stage, code, settings, before.uses)


def _with_task(before: StageResult, after: StageResult, task: str) -> StageResult:
    """A stage as it was marked before, but for the tests of one task; it is not to be used again."""
    new = {test.test: test for test in after.tests if test.task == task}
    tests = [new.pop(test.test, test) for test in before.tests if test.task != task or test.test in new]
    tests += new.values()
    score, worth = sum(test.points for test in tests), sum(test.max_points for test in tests)
    decided = after.decided_by | {"only": task}
    return replace(before, tests=tests, score=score, max_score=worth, uses=after.uses, decided_by=decided)


def _marked_stage(
    stage: Stage, code: Written, settings: Settings, limits: Limits, allowance: Allowance
) -> StageResult:
    """Mark a stage on data that depend on its own source, and on those of all earlier stages that it uses.

    Which ones shows only when it runs. With each new one it begins again, on other data: so none of them can hold
    answers to data that stay as they are.
    """
    uses: set[str] = set()
    while True:
        sources = [part for name in (stage.name, *sorted(uses)) for part in (name, code.sources.get(name, ""))]
        seed = int(digest(str(settings.seed), *sources), 16) >> (256 - SEED_BITS)
        result = marked_with(seed, stage, code, limits, allowance, frozenset(uses), settings.mistakes)
        if uses.issuperset(result.uses):
            return replace(result, uses=sorted(uses))
        uses.update(result.uses)


def marked_with(
    seed: int,
    stage: Stage,
    code: Written,
    limits: Limits,
    allowance: Allowance,
    known: frozenset[str] | None = None,
    mistakes: tuple[tuple[str, str], ...] = (),
) -> StageResult:
    """Run a stage's suite, on the data that this seed draws, on workers that hold the learner's code.

    known: the learner's own earlier stages beyond which none may be asked for; the first that is ends it.
    mistakes: as in Settings.
    """
    started: list[WorkerProcess] = []

    def start(stage: Stage) -> WorkerProcess:
        started.append(WorkerProcess(code.load_request(stage), code.sources, limits, allowance, known))
        return started[0]

    tests = suites().run(stage, start, seed, names=Names(added=dict(mistakes)))
    return StageResult(
        stage=stage.name,
        score=sum(test.points for test in tests),
        max_score=sum(test.max_points for test in tests),
        output=plain_text(started[0].printed if started else "", MAX_PRINTED, keep=LAYOUT),
        tests=tests,
        seed=seed,
        uses=sorted(started[0].needed) if started else [],
    )


def decided_by(stage: Stage, code: Written, settings: Settings, uses: Iterable[str]) -> dict[str, str]:
    """A digest of each part that decides what comes of a stage, under the word by which a change of it is told.

    source: the learner's, with those of the earlier stages that it uses, and where its lines stand in a notebook.
    """
    lost = str(code.missing.get(stage.name, "missing"))
    parts = [part for name in (stage.name, *uses) for part in (name, code.sources.get(name, lost))]
    added = [text for name, text in settings.mistakes if name == stage.name]
    fixed = digests_of(stage)
    return {
        "source": digest(repr(code.places.get(stage.name)), *parts)[:LENGTH],
        **fixed,
        "mistakes": digest(fixed["mistakes"], *added)[:LENGTH],
        "limits": digest(settings.isolation, *(str(getattr(settings, name)) for name in LIMITS))[:LENGTH],
        "seed": str(settings.seed),
    }


def _told(settings: Settings) -> str:
    return repr(sorted(vars(settings).items()))
