"""What comes where the largest absolute difference of two arrays is asked for, and something else is taken.

Each formula takes two arrays of one shape and gives what stands in the answer's place. The values may hold NaN.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

Formula = Callable[[np.ndarray, np.ndarray], Any]
TINY = 1e-12
"""What people add to a denominator so that it isn't 0."""


@dataclass(frozen=True)
class Difference:
    """A mistaken difference, in the words of a Mistake, and the ways to take it."""

    name: str
    says: str
    look: str
    formulas: tuple[Formula, ...]


def largest(one: np.ndarray, other: np.ndarray) -> float:
    """The right one."""
    return float(np.abs(one - other).max())


def _largest(size: Callable[[np.ndarray], Any]) -> Formula:
    """The largest of something that is made of the differences."""
    return lambda one, other: float(np.max(size(one - other)))


def _relative(denominator: Formula) -> Formula:
    """Relative to what both arrays make, entry by entry or one number."""
    return lambda one, other: float(np.max(np.abs(one - other) / denominator(one, other)))


def _below(threshold: float) -> Formula:
    return lambda one, other: 0.0 if (d := largest(one, other)) < threshold else d


def _rounded(digits: int) -> Formula:
    return lambda one, other: round(largest(one, other), digits)


def _close(**tolerances: float) -> Formula:
    return lambda one, other: bool(np.allclose(one, other, **tolerances))


def _in_single(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(np.float32) - other.astype(np.float32)).max())


def _without_nan(one: np.ndarray, other: np.ndarray) -> float:
    """The largest of those that are a number."""
    apart = np.abs(one - other)
    numbers = apart[~np.isnan(apart)]
    return float(numbers.max()) if numbers.size else math.nan


def _running(start: float | None) -> Formula:
    """The largest as a comparison finds it that goes from entry to entry, for which nothing is more than NaN."""

    def formula(one: np.ndarray, other: np.ndarray) -> float:
        apart = np.abs(one - other).ravel().tolist()
        found = apart[0] if start is None else start
        for entry in apart:
            found = entry if entry > found else found
        return float(found)

    return formula


DIFFERENCES = (
    Difference(
        "signed",
        "The largest difference was taken with its sign: one that is far below 0 does not count.",
        "A difference is large, whichever of the two is the larger one.",
        (_largest(lambda d: d), _largest(lambda d: -d)),
    ),
    Difference(
        "absolute_of_the_largest",
        "First the largest difference was taken, and then its absolute value.",
        "A difference that is far below 0 is lost by then; think about the order.",
        (lambda one, other: float(abs(np.max(one - other))), lambda one, other: float(abs(np.max(other - one)))),
    ),
    Difference(
        "maxima_compared",
        "The largest entries were compared, each from its own place.",
        "First the difference of each pair of entries, then the largest of these.",
        (
            lambda one, other: float(abs(np.max(one) - np.max(other))),
            lambda one, other: float(abs(np.max(np.abs(one)) - np.max(np.abs(other)))),
        ),
    ),
    Difference(
        "norms_compared",
        "The norms of the two were compared, not their entries.",
        "Arrays that are far apart can have the same norm: first the difference of each pair of entries.",
        (lambda one, other: float(abs(np.linalg.norm(one) - np.linalg.norm(other))),),
    ),
    Difference(
        "magnitudes_compared",
        "The magnitudes were compared, without their signs.",
        "Entries of the same size and opposite signs would agree.",
        (lambda one, other: float(np.max(np.abs(np.abs(one) - np.abs(other)))),),
    ),
    Difference(
        "some_left_out",
        "Only a part of the entries was compared.",
        "The largest difference may be anywhere, in the last row as well.",
        (
            *(lambda one, other, k=k: largest(np.atleast_1d(one)[:k], np.atleast_1d(other)[:k]) for k in (1, 10)),
            *(lambda one, other, k=k: largest(one.ravel()[:k], other.ravel()[:k]) for k in (100, 1000)),
            lambda one, other: largest(np.atleast_1d(one)[-1:], np.atleast_1d(other)[-1:]),
        ),
    ),
    Difference(
        "smallest",
        "The smallest difference came.",
        "One entry that agrees would hide all others.",
        (_largest(lambda d: np.abs(d).min()), _largest(lambda d: d.min())),
    ),
    Difference(
        "averaged",
        "The differences were averaged.",
        "One wrong entry among many right ones would hardly show; the largest does.",
        (
            lambda one, other: float(np.mean(np.abs(one - other))),
            lambda one, other: float(np.mean(one - other)),
            lambda one, other: float(abs(np.mean(one - other))),
            lambda one, other: float(np.median(np.abs(one - other))),
        ),
    ),
    Difference(
        "summed",
        "The differences were summed.",
        "A sum grows with the number of entries; the largest of them is asked for.",
        (lambda one, other: float(np.sum(np.abs(one - other))), lambda one, other: float(np.sum(one - other))),
    ),
    Difference(
        "squared",
        "The differences were squared.",
        "Squares make small differences smaller; their size itself is asked for.",
        (
            lambda one, other: float(np.max((one - other) ** 2)),
            lambda one, other: float(np.mean((one - other) ** 2)),
            lambda one, other: float(np.sum((one - other) ** 2)),
        ),
    ),
    Difference(
        "norm",
        "A norm of all the differences together came.",
        "Each entry stands for itself; the largest difference is asked for.",
        (
            lambda one, other: float(np.sqrt(np.sum((one - other) ** 2))),
            lambda one, other: float(np.sqrt(np.mean((one - other) ** 2))),
        ),
    ),
    Difference(
        "relative",
        "The difference was divided by the size of the values: it is relative.",
        "The absolute difference is asked for, in the units of the values themselves.",
        tuple(
            _relative(denominator)
            for tiny in (0.0, TINY, 1e-8)
            for denominator in (
                lambda one, other, tiny=tiny: np.max(np.abs(one)) + tiny,
                lambda one, other, tiny=tiny: np.max(np.abs(other)) + tiny,
                lambda one, other, tiny=tiny: np.abs(one) + tiny,
                lambda one, other, tiny=tiny: np.abs(other) + tiny,
                lambda one, other, tiny=tiny: np.maximum(np.abs(one), np.abs(other)) + tiny,
                lambda one, other, tiny=tiny: np.abs(one) + np.abs(other) + tiny,
            )
        ),
    ),
    Difference(
        "thresholded",
        "A small difference came out as exactly 0.",
        "Give the difference as it is; who calls decides what is small enough.",
        tuple(_below(threshold) for threshold in (1e-8, 1e-7, 1e-6, 1e-5, 1e-4)),
    ),
    Difference(
        "rounded",
        "The difference was rounded.",
        "Differences of 1e-9 are of interest here, too.",
        tuple(_rounded(digits) for digits in range(2, 9)),
    ),
    Difference(
        "verdict_for_difference",
        "A yes or no came, where the difference itself is asked for.",
        "How far apart are they? Who calls decides what is close.",
        (
            _close(),
            *(_close(atol=atol) for atol in (1e-12, 1e-10, 1e-6)),
            *(_close(atol=atol, rtol=0.0) for atol in (1e-12, 1e-10, 1e-8, 1e-6)),
        ),
    ),
    Difference(
        "compared_in_single_precision",
        "The difference was taken in float32, where small ones vanish.",
        "float32 has seven digits; which conversion loses the others?",
        (_in_single,),
    ),
)

OF_NAN = (
    Difference(
        "equal_nan",
        "NaN on both sides counted as equal.",
        "Two gradients that are no numbers do not agree; the difference is NaN.",
        (lambda one, other: float(np.max(np.where(np.isnan(one) & np.isnan(other), 0.0, np.abs(one - other)))),),
    ),
    Difference(
        "nan_skipped",
        "NaN was left out, and the largest of the rest came.",
        "A gradient that is no number is as wrong as can be; it must show.",
        (_without_nan,),
    ),
    Difference(
        "nan_lost",
        "A NaN was lost: no comparison with it is true.",
        "Python's `max`, and an `if` that looks for something larger, pass by it; what does NumPy's do?",
        (_running(0.0), _running(None), _running(-math.inf)),
    ),
)
