"""Says what is wrong with a course's suites, by running them on its solutions."""

import contextlib
import importlib
import io
from collections.abc import Iterator, Sequence
from typing import Any

from grader.course.catalogue import STAGES, Stage, source_of
from grader.course.location import SOLUTIONS, TESTS
from grader.judging import judge, mistakes
from grader.judging.likeness import Raised, distance
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen
from grader.judging.suites import Suites
from grader.outside.client import SameProcess, load_request
from grader.outside.workers import KitError

SEED = 0


def problems() -> Iterator[str]:
    """A sentence for each test that a solution fails, and for each known mistake that cannot lose a point."""
    try:
        suites = Suites(STAGES)
        for stage in STAGES:
            yield from _in_stage(suites, stage)
    except KitError as error:
        yield str(error)


def _in_stage(suites: Suites, stage: Stage) -> Iterator[str]:
    """Run one suite on its solution, and compare what is right with what each mistake predicts."""
    own = {one.name: source_of(one.name) for one in STAGES}
    files = {name: str(SOLUTIONS / f"{name}.py") for name in own}
    watch = Watch()
    with watch, contextlib.redirect_stdout(io.StringIO()):
        results = suites.run(stage, lambda stage: SameProcess(load_request(stage, own, files), own, ()), SEED)
    for result in results:
        if result.outcome != "passed":
            yield f"{TESTS.name}/{stage.suite.name}: the solution fails {result.test}: {result.message}"
    for name in _listed(stage):
        where = f"{TESTS.name}/mistakes/{stage.name}.py: the mistake {name}"
        if name not in watch.met:
            yield f"{where} stands in no table that a test passes to `naming`"
        elif name in watch.agrees - watch.differs:
            yield f"{where} loses no points: on the suite's calls it predicts what is right"


def _listed(stage: Stage) -> list[str]:
    """Names of the mistakes in the tables of a stage's module of mistakes, if there is one."""
    if not (TESTS / "mistakes" / f"{stage.name}.py").is_file():
        return []
    tables = vars(importlib.import_module(f"mistakes.{stage.name}")).values()
    entries = [entry for table in tables if isinstance(table, (tuple, list)) for entry in table]
    return list(dict.fromkeys(entry.name for entry in entries if isinstance(entry, Mistake)))


class Watch:
    """Notes which mistakes a suite compares, and whether what they predict is right or another answer."""

    def __init__(self) -> None:
        self.met: set[str] = set()
        self.agrees: set[str] = set()
        self.differs: set[str] = set()
        self._answers: list[Any] = []

    def __enter__(self) -> None:
        judge.told_right, mistakes.watch = self._answers.append, self

    def __exit__(self, *_: object) -> None:
        judge.told_right, mistakes.watch = None, None

    def begin(self) -> None:
        """Forget what was found right before."""
        self._answers.clear()

    def end(self, table: Sequence[Mistake], arguments: tuple[Any, ...], near: float) -> None:
        """Compare the first answer that was found right with what each mistake predicts, if that is a value."""
        for mistake in table:
            self.met.add(mistake.name)
            if mistake.name not in self.differs and self._answers:
                predicted = mistakes.prediction(mistake, arguments)
                for one in predicted if isinstance(predicted, Either) else [predicted]:
                    if one is not UNKNOWN and not callable(one) and not isinstance(one, (Raised, Seen)):
                        is_right = distance(self._answers[0], one, near) is not None
                        (self.agrees if is_right else self.differs).add(mistake.name)
