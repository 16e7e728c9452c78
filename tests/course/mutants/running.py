"""The verdicts on mutants and on the gallery, one by one or spread over processes."""

import multiprocessing
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from grader.course.catalogue import STAGES, Stage
from grader.outside.workers import KitError
from mutants import judging
from mutants.galleries import Entry, complaints
from mutants.handmade import HandMade
from mutants.known import Equivalent
from mutants.systematic import Mutant

Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True)
class Told:
    """What a hand-made mutant lost, and which mistakes the failing tests of its task named, in their order."""

    lost: float
    mistakes: tuple[str, ...]
    failure: str = ""

    def end(self, mutant: HandMade) -> str:
        """told, told later, or not told."""
        if mutant.mistake not in self.mistakes:
            return "not told"
        return "told" if self.mistakes[0] == mutant.mistake else "told later"

    def trouble(self, mutant: HandMade) -> str:
        """Why this is not as it must be; empty where it is.

        A mistake that is told after another failure is told: data that are drawn can make two look alike.
        """
        if self.failure:
            return self.failure
        if not self.lost:
            return "loses no points"
        if self.end(mutant) != "not told":
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


def told(mutant: HandMade, seed: int) -> Told:
    """What becomes of a hand-made mutant."""
    stage = stage_named(mutant.stage)
    try:
        tests = judging.tests_of(stage, {stage.name: mutant.source}, seed, mutant.task)
    except KitError as failure:
        return Told(0.0, (), f"the kit failed on it: {failure}")
    failed = tuple(str(getattr(test, "mistake", "")) for test in tests if test.outcome != "passed")
    points = judging.lost(tests) or judging.lost(judging.tests_of(stage, {stage.name: mutant.source}, seed))
    return Told(points, failed)


def complaints_of(item: tuple[Entry, Stage, int], seed: int) -> list[str]:
    """What a stage's suite has against an entry of the gallery, on data of the item's own seed."""
    try:
        return complaints(*item)
    except KitError as failure:
        return [f"the kit failed on it: {failure}"]


def verdict(mutant: Mutant, lost: bool | KitError, known: dict[str, Equivalent]) -> str:
    """killed, equivalent, survived, why its entry among the equivalents is stale, or how the kit failed."""
    if isinstance(lost, KitError):
        return f"kit failed: {lost}"
    entry = known.get(mutant.id)
    if entry is None:
        return "killed" if lost else "survived"
    if entry.changed != mutant.changed:
        return f"stale: listed as “{entry.changed}”, and is “{mutant.changed}”"
    return "stale: listed as equivalent, but loses points" if lost else "equivalent"


def spread(
    what: Callable[[Item, int], Made], items: Iterable[Item], seed: int, jobs: int
) -> Iterator[tuple[Item, Made]]:
    """Each item and what is made of it, in the items' order, by so many processes."""
    listed = list(items)
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        yield from zip(listed, pool.map(what, listed, [seed] * len(listed)), strict=True)
