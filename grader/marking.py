"""Marks one submission: what `mark` gives depends on nothing but its arguments and the kit."""

import hashlib
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from functools import cache
from importlib import metadata
from pathlib import Path

from grader.catalogue import SOLUTIONS, STAGES, TESTS, Stage
from grader.process import Limits
from grader.results import MAX_SCORE, Result, StageResult
from grader.submissions import Submission
from grader.suites import Attempt, suites
from grader.workers import Isolation

DECISIVE = ("numpy", "torch", "pytest")
"""Libraries whose version may change a verdict."""


@dataclass(frozen=True)
class Settings:
    """How to mark: the seed of the data drawn, and what a submission may take.

    time_limit: seconds for an ordinary call, training is given a few times that; total_limit: seconds for all of
    a submission; memory_limit: bytes for a worker, beyond what an empty one holds; isolation: "kernel" where the
    kernel confines workers, "process" where nothing but their process does.
    """

    seed: int
    time_limit: float = 10.0
    total_limit: float = 180.0
    memory_limit: int = 2**30
    isolation: Isolation = "kernel"


def mark(submission: Submission, settings: Settings, earlier: Result | None = None) -> Result:
    """Mark a submission, but for the stages that `earlier`, a result of the same learner's, holds as they are now.

    Raises KitError when the kit fails, never because of what was submitted.
    """
    began = time.monotonic()
    stages = [] if submission.error else _marked_stages(submission, settings, earlier)
    return Result(
        submission=submission.name,
        form=submission.form,
        status="rejected" if submission.error else "graded",
        error=submission.error,
        score=sum(stage.score for stage in stages),
        max_score=MAX_SCORE,
        isolation=settings.isolation,
        seed=settings.seed,
        digest=digest_of(submission, settings),
        seconds=round(time.monotonic() - began, 3),
        stages=stages,
    )


def digest_of(submission: Submission, settings: Settings) -> str:
    """A digest of the submission and of everything that decides its score."""
    parts = [part for name, source in sorted(submission.sources.items()) for part in (name, source)]
    return _digest(_digest_of_kit(), _told(settings), submission.error or "", *parts)


def _marked_stages(submission: Submission, settings: Settings, earlier: Result | None) -> list[StageResult]:
    """Each stage, marked now or found in `earlier`."""
    known = {stage.stage: stage for stage in earlier.stages} if earlier else {}
    limits = Limits(settings.time_limit, settings.memory_limit, settings.isolation)
    attempt = Attempt(submission, settings.seed, limits, time.monotonic() + settings.total_limit)
    stages = []
    for stage in STAGES:
        result = known.get(stage.name)
        if result is None or result.digest != _digest_of_stage(stage, submission, settings, result.uses):
            result = suites().run(stage, attempt)
            in_time = time.monotonic() < attempt.deadline  # else another stage's loops may have cost this one
            digest = _digest_of_stage(stage, submission, settings, result.uses) if in_time else ""
            result = replace(result, digest=digest)
        stages.append(result)
    return stages


def _digest_of_stage(stage: Stage, submission: Submission, settings: Settings, uses: Iterable[str]) -> str:
    """A digest of all that decides a stage's points: the learner's own earlier stages only where it uses them."""
    own = submission.sources
    parts = [part for name in (stage.name, *uses) for part in (name, own.get(name, "missing"))]
    return _digest(_digest_of_kit(), _told(settings), *parts)


def _told(settings: Settings) -> str:
    return repr(sorted(asdict(settings).items()))


@cache
def _digest_of_kit() -> str:
    """A digest of the suites, the reference, the engine and the libraries."""
    sources = [
        path for folder in (TESTS, SOLUTIONS, Path(__file__).parent) for path in sorted(folder.glob("*.py"))
    ]
    expected = sorted(TESTS.glob("test_stage*/*"))
    digest = hashlib.sha256()
    for path in (*sources, *expected):
        digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return _digest(digest.hexdigest(), *(f"{name} {metadata.version(name)}" for name in DECISIVE))


def _digest(*parts: str) -> str:
    """A digest of texts in their order; the length before each keeps one from running into the next."""
    digest = hashlib.sha256()
    for part in parts:
        text = part.encode("utf-8", "surrogatepass")
        digest.update(f"{len(text)}:".encode() + text)
    return digest.hexdigest()
