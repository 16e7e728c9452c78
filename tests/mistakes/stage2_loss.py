"""The known mistakes of stage 2's loss and accuracy. What they predict from is said at each table."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from helpers import formulas

from grader.judging.likeness import Raised
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen

HALF = 0.5


def _for_same_shapes(formula: Callable[[np.ndarray, np.ndarray], Any]) -> Callable[..., Any]:
    """A prediction for f and y of one shape; what becomes of others is another mistake."""
    return lambda f, y: formula(f, y) if np.shape(f) == np.shape(y) else UNKNOWN


def _taken(f: np.ndarray, y: np.ndarray) -> Any:
    """A number for f and y of different shapes, or what NumPy raises of those that do not broadcast."""
    if np.shape(f) == np.shape(y):
        return UNKNOWN
    return Either(
        [lambda got: isinstance(got, (float, np.floating, np.ndarray)), Raised("ValueError", "broadcast")]
    )


def _cross_entropy(f: np.ndarray, y: np.ndarray) -> Either:
    """Of scores taken as logits, or as probabilities once they are clipped."""
    ways = [np.logaddexp(0.0, f) - f * y]
    for eps in (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7):
        p = np.clip(f, eps, 1 - eps)
        ways.append(-(y * np.log(p) + (1 - y) * np.log(1 - p)))
    return Either([float(np.mean(way)) for way in ways])


LOSS = (
    # from f, y
    Mistake(
        "summed",
        "The samples were summed, not averaged: the loss is N times too large.",
        "A mean does not grow with the number of samples.",
        _for_same_shapes(lambda f, y: formulas.loss(f, y) * len(y)),
    ),
    Mistake(
        "half_forgotten",
        "The loss is twice too large: the ½ is missing.",
        "It stands in front of each square, so that the 2 cancels when the square is differentiated.",
        _for_same_shapes(lambda f, y: 2 * formulas.loss(f, y)),
    ),
    Mistake(
        "fixed_number_of_samples",
        "It was divided by 200, the number of samples of one data set.",
        "N is how many samples f has, this time.",
        _for_same_shapes(lambda f, y: formulas.loss(f, y) * len(y) / 200),
    ),
    Mistake(
        "absolute_error",
        "The differences were taken by their size, not squared.",
        "A large error should weigh more than its share.",
        _for_same_shapes(lambda f, y: Either([float(np.mean(abs(f - y)) * part) for part in (1, HALF)])),
    ),
    Mistake(
        "root_taken",
        "A square root was taken of the mean.",
        "The loss is the mean of half the squares itself.",
        _for_same_shapes(lambda f, y: Either([math.sqrt(formulas.loss(f, y) * part) for part in (1, 2)])),
    ),
    Mistake(
        "divided_by_one_less",
        "It was divided by N − 1, not by N.",
        "That is for variances; a mean over the samples divides by their number.",
        _for_same_shapes(lambda f, y: formulas.loss(f, y) * len(y) / (len(y) - 1) if len(y) > 1 else UNKNOWN),
    ),
    Mistake(
        "averaged_twice",
        "The loss is N times too small: the mean was divided by N once more.",
        "A mean has its division by N inside.",
        _for_same_shapes(lambda f, y: formulas.loss(f, y) / len(y) if len(y) > 1 else UNKNOWN),
    ),
    Mistake(
        "cross_entropy",
        "This is the cross-entropy.",
        "It is a good loss for classes, but ours is half the mean squared error.",
        _for_same_shapes(_cross_entropy),
    ),
    Mistake(
        "loss_of_decisions",
        "The loss was taken of decisions, 0 or 1, not of the scores.",
        "A decision has no slope; the loss must feel how far f is from y.",
        _for_same_shapes(lambda f, y: formulas.loss(np.where(f < HALF, 0.0, 1.0), y)),
    ),
    Mistake(
        "shapes_not_compared",
        "f and y of different shapes were taken, and broadcast to a number that means nothing.",
        "Compare the whole shapes, before anything else: (N, 1) and (N,) have the same length and the same size.",
        _taken,
    ),
    Mistake(
        "right_shapes_refused",
        "f and y of one shape were refused.",
        "A ValueError is due where the shapes differ, and nowhere else.",
        _for_same_shapes(lambda f, y: Raised("ValueError", "^(?!.*read-only)")),
    ),
)


def _fraction(condition: np.ndarray) -> float:
    return float(np.mean(condition))


def _each(*formulas: Callable[[np.ndarray, np.ndarray], float]) -> Callable[[list[Any]], Any]:
    """What comes of each case, by one of these formulas throughout."""
    return lambda cases: Either([Seen(came=[formula(f, y) for f, y in cases]) for formula in formulas])


def _rounded(f: np.ndarray, y: np.ndarray, digits: int) -> float:
    return round(formulas.accuracy(f, y), digits)


def _parted_at(f: np.ndarray, y: np.ndarray, threshold: float, digits: int = 16) -> float:
    """The accuracy with another threshold, or of rounded scores."""
    return _fraction((np.round(f, digits) >= threshold) == (y == 1.0))


ACCURACY = (
    # from a list of cases f, y; the test notes what came of each
    Mistake(
        "half_left_out",
        "A score of exactly 0.5 was put in class 0.",
        "It belongs to class 1; look at the comparison.",
        _each(lambda f, y: _fraction((f > HALF) == (y == 1.0))),
    ),
    Mistake(
        "counted",
        "The right samples were counted, not divided by their number.",
        "An accuracy lies between 0 and 1.",
        _each(
            lambda f, y: float(np.sum((f >= HALF) == (y == 1.0))),
            lambda f, y: int(np.sum((f >= HALF) == (y == 1.0))),
        ),
    ),
    Mistake(
        "fixed_number_of_samples",
        "It was divided by 200, the number of samples of one data set.",
        "N is how many samples f has, this time.",
        _each(lambda f, y: formulas.accuracy(f, y) * len(y) / 200),
    ),
    Mistake(
        "in_percent",
        "The accuracy came in percent.",
        "It is asked for as a fraction, between 0 and 1.",
        _each(lambda f, y: 100 * formulas.accuracy(f, y)),
    ),
    Mistake(
        "error_rate",
        "The wrong samples were counted instead of the right ones.",
        "This is the error rate, 1 − accuracy.",
        _each(lambda f, y: 1 - formulas.accuracy(f, y)),
    ),
    Mistake(
        "threshold_at_zero",
        "The classes were parted at a score of 0.",
        "The targets are 0 and 1; which score lies in the middle?",
        _each(lambda f, y: _fraction((f >= 0) == (y == 1.0)), lambda f, y: _fraction((f > 0) == (y == 1.0))),
    ),
    Mistake(
        "rounded_before",
        "The scores were rounded before they were compared with 0.5: so 0.46 is of class 1.",
        "Compare them as they are.",
        _each(*(partial(_parted_at, threshold=HALF, digits=digits) for digits in (1, 2))),
    ),
    Mistake(
        "other_threshold",
        "The classes were parted at another score than 0.5.",
        "The targets are 0 and 1; which score lies in the middle?",
        _each(*(partial(_parted_at, threshold=t) for t in (0.4, 0.49, 0.51, 0.55, 0.6, 1.0))),
    ),
    Mistake(
        "scores_compared",
        "The scores themselves were compared with the classes.",
        "First make a class, 0 or 1, of each score.",
        _each(lambda f, y: _fraction(f == y)),
    ),
    Mistake(
        "positives_only",
        "Only one of the classes was looked at.",
        "A sample of class 0 that is found to be of class 0 is right, too.",
        _each(
            lambda f, y: _fraction((f >= HALF) & (y == 1.0)),
            lambda f, y: _fraction(f[y == 1.0] >= HALF) if (y == 1.0).any() else math.nan,
            lambda f, y: _fraction(y[f >= HALF] == 1.0) if (f >= HALF).any() else math.nan,
        ),
    ),
    Mistake(
        "predictions_only",
        "The fraction of scores in class 1 came; y was not looked at.",
        "How many of them are right?",
        _each(lambda f, y: _fraction(f >= HALF)),
    ),
    Mistake(
        "classes_weighed_alike",
        "The accuracy was taken of each class, and then averaged.",
        "That is the balanced accuracy; here every sample weighs the same.",
        _each(
            lambda f, y: float(np.mean([_fraction((f >= HALF)[y == c] == (c == 1.0)) for c in np.unique(y)])),
            lambda f, y: float(
                np.mean([_fraction((f >= HALF)[y == c] == (c == 1.0)) if c in y else math.nan for c in (0.0, 1.0)])
            ),
        ),
    ),
    Mistake(
        "rounded",
        "The accuracy was rounded.",
        "Round where a number is printed, not where it is computed.",
        _each(*(partial(_rounded, digits=digits) for digits in (1, 2, 3))),
    ),
    Mistake(
        "scores_rounded",
        "The scores were rounded to the next whole number, 1.7 to 2 and −0.6 to −1.",
        "There are two classes, however far a score is from them.",
        _each(lambda f, y: _fraction(np.round(f) == y), lambda f, y: _fraction(np.floor(f + HALF) == y)),
    ),
)
