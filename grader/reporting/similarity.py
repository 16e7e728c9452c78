"""Near-identical submissions: which two have much in common that few others have. Evidence, and no verdict.

The code of each task is compared by its fingerprints, which `winnowing` makes. What everybody was given is left
out, and so is the solution, which the kit shows: who wrote the same as it has that in common with it. What is left
weighs the more the fewer have it, ln(1 / p) where a share p of all submissions do (inverse document frequency).

The evidence that one of two was made of the other is a logarithm of likelihoods, of a copy by those of chance. A
fingerprint of the shorter one is in the other by chance with probability p, and if it is a copy unless it was
changed, with 1 - CHANGED. That two agree so by chance has at most the probability e^-evidence, whatever was
written (Markov's inequality); so pairs are given from the logarithm of their number on, and of the tasks'.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from math import log

import numpy as np

from grader.course.catalogue import GIVEN, STAGES, source_of
from grader.course.stubs import stub, unmarked
from grader.intake.task_code import Code
from grader.reporting.winnowing import Run, fingerprints, hashes_of, lines_of, runs

PRIOR = 10
"""Submissions added in thought, in which no fingerprint is: of a cohort of two, both having one says something."""
CHANGED = 0.2
"""Share of its fingerprints that a copy may lose to changes."""
SHARE = 0.5
"""Share of a task's code, by weight, from which on it is shown."""
CORRELATED = 6.0
"""Fingerprints that agree for one reason: each token is in about three, and two choices in many of them."""
MOST = 100
"""Pairs at the most that are given."""
MAX_CANDIDATES = 20_000
"""Pairs at the most that are looked at in full: those with most in common of what few have."""
MAX_JOINED = 30_000_000
"""Pairs at the most that are added up to find these; fingerprints that more have than fit are left out there."""
AT_A_TIME = 2_000_000
"""Of these, how many at a time."""

Task = tuple[str, str]
"""The names of a stage and a task."""


@dataclass(frozen=True)
class Shared:
    """What two have in common of one task: the share by weight, both texts, and their lines that the other has.

    Lines are counted from 0 and end at `\\n` alone. The texts are as learners wrote them.
    """

    stage: str
    task: str
    score: float
    left: str
    right: str
    left_lines: frozenset[int]
    right_lines: frozenset[int]


@dataclass(frozen=True)
class Pair:
    """Two submissions by name, the first of the cohort, and the tasks of which they share much.

    score: the share of all that they wrote, by weight, of the one who wrote less; 0.05 where one task of twenty
    was copied. evidence: in all that they wrote, or in one task if that is more; pairs are in its order.
    """

    first: str
    second: str
    score: float
    evidence: float
    tasks: tuple[Shared, ...]


def similar_pairs(
    code: Mapping[str, Code],
    base: Collection[str] | None = None,
    reference: Mapping[str, Code] | None = None,
    most: int = MOST,
) -> list[Pair]:
    """Pairs of submissions that have more in common than chance explains, those with most evidence first.

    code: of each submission of the cohort, by its name, as `code_of_tasks` gives it. base: what everybody was
    given; `given_code()` where it is None. reference: earlier submissions, which are compared with the cohort's
    but not with each other. most: pairs at the most.
    """
    base = given_code() if base is None else base
    texts = [*code.values(), *(reference or {}).values()]
    names = [*code, *(reference or {})]
    found = _Fingerprints(texts, base)
    least = CORRELATED * log(max(2, len(code)) * max(2, len(names)) * max(1, len(found.tasks)))
    known = {run for text in base for run in runs(text)}
    compared = [(found.compared(one, other), one, other) for one, other in found.candidates(len(code), least)]
    pairs = [pair for pair in compared if pair[0].evidence >= least]
    pairs.sort(key=lambda pair: (-pair[0].evidence, names[pair[1]], names[pair[2]]))
    return [
        Pair(
            names[one],
            names[other],
            both.score,
            both.evidence,
            tuple(_in_lines(texts[one], texts[other], both.tasks, known)),
        )
        for both, one, other in pairs[:most]
    ]


@cache
def given_code() -> tuple[str, ...]:
    """What every learner has: the stages' stubs, the given modules, and the solutions that the kit shows."""
    stages = [source_of(stage.name) for stage in STAGES]
    return (*map(stub, stages), *map(unmarked, stages), *map(source_of, GIVEN))


@dataclass(frozen=True)
class _Compared:
    """How much two have in common, and which share of each task, the heaviest first."""

    evidence: float
    score: float
    tasks: dict[Task, float]


class _Fingerprints:
    """The fingerprints of all submissions' tasks that are not of the base: arrays, a row for each, by submission.

    keys: the fingerprint as a number, of each submission once, so that what it repeats in each task counts as one;
    owners: whose it is; of: the number of its task in `tasks`, the first that has it.
    """

    def __init__(self, texts: Sequence[Code], base: Iterable[str]) -> None:
        self.count = len(texts)
        self.tasks = sorted({task for one in texts for task in one})
        numbers = {task: number for number, task in enumerate(self.tasks)}
        places = [(n, numbers[task], text) for n, one in enumerate(texts) for task, text in one.items()]
        hashes, place = fingerprints([text for _, _, text in places])
        known, _ = hashes_of(base)
        rare = ~np.isin(hashes, known)
        owners, of = (np.array([p[i] for p in places], dtype=np.int32)[place[rare]] for i in (0, 1))
        order = np.lexsort((hashes[rare], owners))
        keys, owners, of = hashes[rare][order], owners[order], of[order]
        new = np.ones(len(keys), dtype=bool)
        new[1:] = (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])
        self.keys, self.owners, self.of = keys[new], owners[new], of[new]
        _, self._group, self._size = np.unique(self.keys, return_inverse=True, return_counts=True)
        chance = self._size[self._group] / (self.count + PRIOR)
        self._weights = -np.log(chance)
        self._against = np.minimum(0.0, np.log(CHANGED / (1 - chance)))
        self._begins = np.searchsorted(self.owners, np.arange(self.count + 1))
        at = self.owners.astype(np.int64) * len(self.tasks) + self.of
        shape = self.count, len(self.tasks)
        self._totals, self._without = (
            np.bincount(at, each, shape[0] * shape[1]).reshape(shape) for each in (self._weights, self._against)
        )

    def candidates(self, cohort: int, least: float) -> list[tuple[int, int]]:
        """Pairs that may share as much as `least`, the first one of the cohort, which is the first `cohort`."""
        common = np.zeros((cohort, self.count), dtype=np.float32)
        by_group = np.argsort(self._group, kind="stable")  # owners ascend within each
        ends = np.cumsum(self._size)
        left = MAX_JOINED
        for size in np.unique(self._size[self._size > 1]):
            groups = np.flatnonzero(self._size == size)
            groups = groups[: left // int(size) ** 2]
            if not len(groups):
                break
            left -= len(groups) * int(size) ** 2
            owners = self.owners[by_group[(ends[groups] - size)[:, None] + np.arange(size)]]
            weight = log((self.count + PRIOR) / size)
            for one, other in _all_pairs(owners):
                np.add.at(common, (one[one < cohort], other[one < cohort]), np.float32(weight))
        one, other = np.nonzero(common >= 0.99 * least)
        best = np.argsort(-common[one, other], kind="stable")[:MAX_CANDIDATES]
        return [(int(a), int(b)) for a, b in zip(one[best], other[best], strict=True)]

    def compared(self, one: int, other: int) -> _Compared:
        """What two have in common: all in all of the one who wrote less, and of each task of the shorter text."""
        mine, others = (slice(self._begins[n], self._begins[n + 1]) for n in (one, other))
        _, *at = np.intersect1d(self.keys[mine], self.keys[others], assume_unique=True, return_indices=True)
        weights, evidence = zip(*map(self._found, (one, other), at), strict=True)
        totals = [np.where(self._totals[n] > 0, self._totals[n], np.inf) for n in (one, other)]
        is_mine = totals[0] <= totals[1]
        weight, of_task = (np.where(is_mine, each[0], each[1]) for each in (weights, evidence))
        share = weight / np.minimum(totals[0], totals[1])
        shown = [n for n in np.argsort(-weight, kind="stable") if share[n] >= SHARE]
        less = int(self._totals[one].sum() > self._totals[other].sum())
        return _Compared(
            float(max(evidence[less].sum(), of_task.max(initial=0.0))),
            float(weights[less].sum() / max(self._totals[(one, other)[less]].sum(), 1e-9)),
            {self.tasks[n]: float(share[n]) for n in shown},
        )

    def _found(self, whose: int, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """By task the weight of those of somebody's fingerprints that are elsewhere, and the evidence."""
        places = self._begins[whose] + at
        of, weights, against = self.of[places], self._weights[places], self._against[places]
        gained = np.bincount(of, weights + log(1 - CHANGED) - against, len(self.tasks))
        return np.bincount(of, weights, len(self.tasks)), gained + self._without[whose]


def _all_pairs(owners: np.ndarray) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Of rows of owners each two of a row, a bounded number at a time."""
    ones, others = np.triu_indices(owners.shape[1], 1)
    rows = max(1, AT_A_TIME // len(ones))
    for start in range(0, len(owners), rows):
        part = owners[start : start + rows]
        yield part[:, ones].ravel(), part[:, others].ravel()


def _in_lines(one: Code, other: Code, shares: Mapping[Task, float], base: Set[Run]) -> Iterator[Shared]:
    """Of each task what two share, and where it stands: what one has of it may be in another task of the other."""
    ones, others = ({run for text in code.values() for run in runs(text)} - base for code in (one, other))
    for task, share in shares.items():
        left, right = one.get(task, ""), other.get(task, "")
        yield Shared(*task, share, left, right, lines_of(left, others), lines_of(right, ones))
