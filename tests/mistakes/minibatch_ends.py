"""Predicts where a mistaken run of mini-batch training ends, where that is another end than the right run's."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from grader.judging.likeness import NEAR_SINGLE, distance
from grader.judging.mistakes import Either, Seen
from mistakes.minibatch_runs import Case, Move, Rate, Run, Targets, end, run

APART = 3 * NEAR_SINGLE
"""What a mistaken run must differ by from the right one to be told from it."""


LARGEST = 1e3
"""Parameters beyond this come from a run without bounds, of which rounding decides the rest."""


def near(value: Any) -> Callable[[Any], bool]:
    """Fits what a float32 run gives for a value; so that which of two fits better is not left to rounding."""
    return lambda got: distance(got, value, NEAR_SINGLE) is not None


def ending(*runs: Callable[[Case], Run]) -> Callable[[Case], Either]:
    """Predict the end of one of these runs, where it is another than the right run's."""

    def predict(case: Case) -> Either:
        right = end(run(case))
        with np.errstate(over="ignore", invalid="ignore"):
            ends = [end(made(case)) for made in runs]
        tame = [one for one in ends if all(bool((np.abs(p) < LARGEST).all()) for p in one)]
        return Either(Seen(params=near(one)) for one in tame if distance(one, right, APART) is None)

    return predict


def moved(*starts: Callable[[], Move]) -> Callable[[Case], Either]:
    """Predict runs whose steps are made so."""
    return ending(*(partial(run, start=start) for start in starts))


def compared(*targets: Targets) -> Callable[[Case], Either]:
    """Predict runs that descend another loss, said by what f would be compared with."""
    return ending(*(partial(run, targets=one) for one in targets))


def paced(*rates: Rate) -> Callable[[Case], Either]:
    """Predict runs of other learning rates."""
    return ending(*(partial(run, rate=rate) for rate in rates))
