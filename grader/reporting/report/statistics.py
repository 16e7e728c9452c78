"""What the scores of a cohort say: their distribution, and how each test parts the strong from the weak."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from grader.judging.results import Result

BINS = 20
"""Bars of the distribution of all scores, each of 5 % of the points."""
BINS_OF_STAGE = 10
EASY, HARD = 0.95, 0.25
"""Facility above which, and below which, a test deserves a look."""
LOW = 0.2
"""Discrimination below which a test tells little: the usual rule (Ebel, Essentials of Educational Measurement)."""
FEW = 30
"""Submissions below which the report warns that its statistics are rough."""


@dataclass(frozen=True)
class Distribution:
    """Scores of one kind: how many, out of what, and how they spread.

    counts: in bars of equal width from no points to all, the last with all points in it.
    """

    number: int
    worth: float
    mean: float
    quartiles: tuple[float, float, float]
    full: int
    none: int
    counts: tuple[int, ...]


def distribution(scores: Sequence[float], worth: float, bins: int) -> Distribution | None:
    """The distribution of scores out of `worth` points; None where there are none, or nothing is worth points."""
    if not scores or worth <= 0:
        return None
    found = np.asarray(scores, dtype=np.float64)
    bars = np.clip(np.floor(found / worth * bins + 1e-9), 0, bins - 1).astype(int)  # 0.3 · 10 is 2.999…
    low, middle, high = np.percentile(found, [25, 50, 75]).tolist()
    return Distribution(
        len(found),
        worth,
        float(found.mean()),
        (low, middle, high),
        int(np.sum(found >= worth)),
        int(np.sum(found <= 0)),
        tuple(np.bincount(bars, minlength=bins).tolist()),
    )


@dataclass(frozen=True)
class Item:
    """One test over all submissions that it was run on.

    facility: the share that passed; unwritten: how many have not written its task. discrimination: the correlation
    of passing it with the score less its own points (corrected point-biserial); None where all passed or all
    failed, or all else is equal. chance: how far from 0 the correlation is in 5 % of draws where there is none.
    """

    stage: str
    task: str
    test: str
    number: int
    facility: float
    unwritten: int
    discrimination: float | None
    chance: float

    @property
    def looks(self) -> list[str]:
        """Why it deserves a look, in plain words; nothing where it does not."""
        found = []
        if self.facility <= HARD:
            share = "nobody passes" if self.facility == 0 else f"only {self.facility:.0%} pass"
            found.append(f"{share}: is it taught, is the task clear, is the test right?")
        if self.facility >= EASY and self.discrimination is not None and self.discrimination >= LOW:
            found.append(f"{self.facility:.0%} pass: easy, which may be meant")
        if self.discrimination is not None and self.discrimination < LOW:
            sure = "" if abs(self.discrimination) > self.chance else " (with so few this may be chance)"
            told = (
                "who passes it scores lower elsewhere than who fails it: look at the test first"
                if self.discrimination < 0
                else "passing it says little on the rest"
            )
            found.append(f"{told}{sure}")
        return found


@dataclass
class _Column:
    """What one test gave, submission by submission: whether it passed, the score without it, whether unwritten."""

    passed: list[bool] = field(default_factory=list)
    rest: list[float] = field(default_factory=list)
    unwritten: int = 0


class Statistics:
    """Gathers the scores of graded submissions, one result after the other."""

    def __init__(self) -> None:
        self.scores: list[float] = []
        self.worth = 0.0
        self._stages: dict[str, list[float]] = {}
        self._worth: dict[str, float] = {}
        self._columns: dict[tuple[str, str, str], _Column] = {}

    def add(self, result: Result) -> None:
        """Take a result into account; one that was rejected has no scores that say anything."""
        if result.status == "rejected":
            return
        self.scores.append(result.score)
        self.worth = max(self.worth, result.max_score)
        for stage in result.stages:
            self._stages.setdefault(stage.stage, []).append(stage.score)
            self._worth[stage.stage] = max(self._worth.get(stage.stage, 0.0), stage.max_score)
            for test in stage.tests:
                column = self._columns.setdefault((stage.stage, test.task, test.test), _Column())
                column.passed.append(test.outcome == "passed")
                column.rest.append(result.score - test.points)
                column.unwritten += test.outcome == "not written"

    def of_all(self) -> Distribution | None:
        """How the scores spread."""
        return distribution(self.scores, self.worth, BINS)

    def of_stage(self, stage: str) -> Distribution | None:
        """How the scores of one stage spread."""
        return distribution(self._stages.get(stage, []), self._worth.get(stage, 0.0), BINS_OF_STAGE)

    def items(self) -> list[Item]:
        """Each test's figures, in the order in which tests came."""
        return [_item(*key, column) for key, column in self._columns.items()]


def _item(stage: str, task: str, test: str, column: _Column) -> Item:
    number = len(column.passed)
    chance = 1.96 / math.sqrt(number - 1) if number > 1 else math.inf
    return Item(
        stage,
        task,
        test,
        number,
        sum(column.passed) / number,
        column.unwritten,
        correlation(column.passed, column.rest),
        chance,
    )


def correlation(one: Sequence[float], other: Sequence[float]) -> float | None:
    """Pearson's correlation; None where either does not vary."""
    if len(one) < 2 or min(one) == max(one) or min(other) == max(other):
        return None
    return float(np.corrcoef(np.asarray(one, dtype=np.float64), np.asarray(other, dtype=np.float64))[0, 1])
