"""The verdicts on mutants, on known mistakes and on the gallery, one by one or spread over processes."""

import multiprocessing
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from grader.course.catalogue import STAGES, Stage
from grader.course.mistakes import Mistake, mistakes_of
from grader.outside.workers import KitError
from mutants import judging
from mutants.galleries import Entry, complaints
from mutants.systematic import Mutant

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Piece:
    """A known mistake as one of its pieces of wrong code makes it."""

    stage: str
    mistake: Mistake
    source: str

    @property
    def id(self) -> str:
        """stage:task:mistake."""
        return f"{self.stage}:{self.mistake.task}:{self.mistake.name}"


def pieces(stage: Stage) -> list[Piece]:
    """The pieces of wrong code that a stage is known for."""
    return [Piece(stage.name, mistake, way) for mistake in mistakes_of(stage) for way in mistake.ways]


@dataclass(frozen=True)
class Told:
    """What a piece of wrong code lost, and which mistakes the failing tests of its task named, in their order."""

    lost: float
    mistakes: tuple[str, ...]
    failure: str = ""

    def end(self, piece: Piece) -> str:
        """told, told later, or not told."""
        if piece.mistake.name not in self.mistakes:
            return "not told"
        return "told" if self.mistakes[0] == piece.mistake.name else "told later"

    def trouble(self, piece: Piece) -> str:
        """Why this is not as it must be; empty where it is.

        A mistake that is told after another failure is told: data that are drawn can make two look alike.
        """
        if self.failure:
            return self.failure
        if not self.lost:
            return "loses no points"
        if self.end(piece) != "not told":
            return ""
        instead = ", ".join(sorted({mistake or "no mistake" for mistake in self.mistakes}))
        return f"is not told its mistake but {instead or 'nothing by its task'}"


def stage_named(name: str) -> Stage:
    """The stage of this name."""
    return next(stage for stage in STAGES if stage.name == name)


def killed(mutant: Mutant, seed: int) -> bool | KitError:
    """Whether a systematic mutant loses points in its own stage; or how the kit failed on it."""
    try:
        return judging.loses(stage_named(mutant.stage), mutant.task, mutant.source, seed)
    except KitError as failure:
        return failure


def told(piece: Piece, seed: int) -> Told:
    """What becomes of a piece of wrong code."""
    stage = stage_named(piece.stage)
    try:
        tests = judging.tests_of(stage, {stage.name: piece.source}, seed, piece.mistake.task)
    except KitError as failure:
        return Told(0.0, (), f"the kit failed on it: {failure}")
    return Told(judging.lost(tests), tuple(test.mistake for test in tests if test.outcome != "passed"))


def complaints_of(item: tuple[Entry, Stage, int], seed: int) -> list[str]:
    """What a stage's suite has against an entry of the gallery, on data of the item's own seed."""
    try:
        return complaints(*item)
    except KitError as failure:
        return [f"the kit failed on it: {failure}"]


def verdict(mutant: Mutant, lost: bool | KitError, known: Collection[str]) -> str:
    """killed, equivalent, survived, that its entry among the equivalents is stale, or how the kit failed."""
    if isinstance(lost, KitError):
        return f"kit failed: {lost}"
    if mutant.id not in known:
        return "killed" if lost else "survived"
    return "stale: listed as equivalent, but loses points" if lost else "equivalent"


def spread(
    what: Callable[[Item, int], Made], items: Iterable[Item], seed: int, jobs: int
) -> Iterator[tuple[Item, Made]]:
    """Each item and what is made of it, in the items' order, by so many processes."""
    listed = list(items)
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        yield from zip(listed, pool.map(what, listed, [seed] * len(listed)), strict=True)
