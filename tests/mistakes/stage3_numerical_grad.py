"""The known mistakes of stage 3's numerical_grad."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.judging.likeness import distance
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen
from mistakes import chain_rule

LossAt = Callable[[float], float]
"""The loss with one entry moved by so much."""
Prediction = Callable[[np.ndarray, np.ndarray, Params, float], Any]
Quotient = Callable[[LossAt, float, float], float]
"""What comes of the loss around an entry, the ε that was given, and the entry."""

COMMON_EPS = (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1)


def _by_entry(quotient: Quotient, X: np.ndarray, y: np.ndarray, params: Params, eps: float) -> Params:
    """Params of what `quotient` makes of each entry."""
    grads = []
    for which, p in enumerate(params):
        grad = np.empty(np.shape(p))
        for index in np.ndindex(grad.shape):

            def at(step: float, p: np.ndarray = p, index: tuple[int, ...] = index, which: int = which) -> float:
                moved = np.array(p)
                moved[index] += step
                return _loss(X, y, Params(*(moved if k == which else q for k, q in enumerate(params))))

            grad[index] = quotient(at, eps, float(np.asarray(p)[index]))
        grads.append(grad)
    return Params(*grads)


def _loss(X: np.ndarray, y: np.ndarray, params: Params) -> float:
    return formulas.loss(formulas.forward(X, params).f, y)


def _quotients(*quotients: Quotient) -> Prediction:
    """Predict each of these ways to make the mistake."""
    return lambda X, y, params, eps: Either([_by_entry(q, X, y, params, eps) for q in quotients])


def _central(at: LossAt, eps: float) -> float:
    """NaN for a step of 0, which a step in proportion to an entry can be."""
    return (at(eps) - at(-eps)) / (2 * eps) if eps else math.nan


def _of_central(change: Callable[[float, int], float]) -> Prediction:
    """Predict what is made of the right differences, entry by entry, and of the number of samples."""
    return lambda X, y, params, eps: Either(
        [
            Params(*(np.asarray(change(g, len(y))) for g in formulas.central_differences(X, y, params, step)))
            for step in (eps, eps / 2)
        ]
    )


def _with_eps(used: float) -> Prediction:
    """Predict the differences for another ε, to the rounding of a loss of some hundreds: 3e-14 / ε."""

    def predict(X: np.ndarray, y: np.ndarray, params: Params, eps: float) -> Any:
        if math.isclose(used, eps):
            return UNKNOWN
        mistaken = formulas.central_differences(X, y, params, used)
        return lambda got: distance(got, mistaken, near=max(1e-9, 3e-14 / used)) is not None

    return predict


def _other_eps(given: bool) -> Prediction:
    """Predict the differences for an ε that people write down; given: where another one was asked for."""

    def predict(X: np.ndarray, y: np.ndarray, params: Params, eps: float) -> Any:
        if given == (eps == 1e-6):
            return UNKNOWN
        return Either([_with_eps(used)(X, y, params, eps) for used in COMMON_EPS])

    return predict


def _chain_rule(X: np.ndarray, y: np.ndarray, params: Params, eps: float) -> Any:
    """The gradients themselves, to more digits than any difference has."""
    exact = chain_rule.right(X, y, params)
    return lambda got: distance(got, exact, near=3e-15 * (len(y) + 10)) is not None


def _not_put_back(X: np.ndarray, y: np.ndarray, params: Params, eps: float) -> Any:
    """Each entry is left where it was moved to last, up or down, while the others are looked at."""
    return Either([_left_behind(X, y, params, eps, left) for left in (-eps, eps)])


def _left_behind(X: np.ndarray, y: np.ndarray, params: Params, eps: float, left: float) -> Params:
    moved = Params(*(np.array(p) for p in params))
    grads = Params(*(np.zeros(np.shape(p)) for p in params))
    for p, grad in zip(moved, grads, strict=True):
        for index in np.ndindex(grad.shape):
            value, sides = float(p[index]), []
            for side in (eps, -eps):
                p[index] = value + side
                sides.append(_loss(X, y, moved))
            p[index] = value + left
            grad[index] = (sides[0] - sides[1]) / (2 * eps)
    return grads


def _all_at_once(X: np.ndarray, y: np.ndarray, params: Params, eps: float) -> Any:
    """One difference for a whole parameter, or for a row of it, with all its entries moved."""

    def moved_by(step: float, which: int, rows: Any) -> float:
        p = np.array(params[which])
        p[rows] += step
        return _loss(X, y, Params(*(p if k == which else q for k, q in enumerate(params))))

    def difference(which: int, rows: Any = ...) -> float:
        return (moved_by(eps, which, rows) - moved_by(-eps, which, rows)) / (2 * eps)

    whole = Params(*(np.full(np.shape(p), difference(k)) for k, p in enumerate(params)))
    by_row = [np.array([difference(k, i) for i in range(len(params[k]))]) for k in (0, 2)]
    rows = whole._replace(
        W1=np.repeat(by_row[0][:, np.newaxis], params.W1.shape[1], axis=1),
        W2=np.repeat(by_row[1][:, np.newaxis], params.W2.shape[1], axis=1),
    )
    return Either([whole, Seen(W1=rows.W1)]) if params.W1.size > 1 else UNKNOWN


def _left_at_zero(X: np.ndarray, y: np.ndarray, params: Params, eps: float) -> Any:
    """All entries of one parameter, where neither the differences nor the gradients are 0."""
    ways = formulas.central_differences(X, y, params, eps), chain_rule.right(X, y, params)
    names = [name for name in Params._fields if all(np.abs(getattr(way, name)).max() > 1e-5 for way in ways)]
    return Either([Seen({name: np.zeros(np.shape(getattr(params, name)))}) for name in names])


NUMERICAL_GRAD = (
    # from X, y, params, ε; the test notes the differences by their names
    Mistake(
        "nothing_moved",
        "Every difference is 0: the loss was taken of the same parameters twice.",
        "Does the forward pass see the moved entry? A copy that nobody uses changes nothing.",
        _quotients(lambda at, eps, entry: 0.0),
    ),
    Mistake(
        "chain_rule_for_differences",
        "The gradients come from the chain rule, not from differences of the loss.",
        "A check needs a second way that shares nothing with the first: forward and loss alone.",
        _chain_rule,
    ),
    Mistake(
        "two_forgotten",
        "The differences are twice too large.",
        "How far apart are the two points at which the loss was taken? And does the loss have its ½?",
        _of_central(lambda g, n: 2 * g),
    ),
    Mistake(
        "one_sided",
        "The difference goes to one side only: the loss at the point itself is one of the two.",
        "A central difference takes a step to each side; its error shrinks with ε², not with ε.",
        _quotients(
            lambda at, eps, entry: (at(eps) - at(0.0)) / eps,
            lambda at, eps, entry: (at(0.0) - at(-eps)) / eps,
            lambda at, eps, entry: (at(eps) - at(0.0)) / (2 * eps),
            lambda at, eps, entry: (at(0.0) - at(-eps)) / (2 * eps),
        ),
    ),
    Mistake(
        "halved",
        "The differences are half as large as they should be.",
        "How far apart are the two points at which the loss was taken?",
        _of_central(lambda g, n: g / 2),
    ),
    Mistake(
        "not_divided",
        "The difference of the two losses was not divided by the distance of the two points.",
        "A slope is a difference for each unit of the step.",
        _quotients(
            lambda at, eps, entry: at(eps) - at(-eps),
            lambda at, eps, entry: at(eps / 2) - at(-eps / 2),
        ),
    ),
    Mistake(
        "multiplied",
        "It was multiplied by ε where it should be divided: without parentheses / and * go from left to right.",
        "What do you want in the denominator, and what does Python put there?",
        _quotients(
            lambda at, eps, entry: (at(eps) - at(-eps)) / 2 * eps,
            lambda at, eps, entry: (at(eps) - at(-eps)) * eps,
            lambda at, eps, entry: (at(eps) - at(-eps)) * 2 * eps,
        ),
    ),
    Mistake(
        "last_term_divided",
        "Only one of the two losses was divided.",
        "Python divides before it subtracts.",
        _quotients(
            lambda at, eps, entry: at(eps) - at(-eps) / (2 * eps),
            lambda at, eps, entry: at(eps) / (2 * eps) - at(-eps),
        ),
    ),
    Mistake(
        "sides_swapped",
        "Every sign is the wrong way round: the two sides are swapped.",
        "Where a larger entry makes the loss larger, the gradient is positive.",
        _of_central(lambda g, n: -g),
    ),
    Mistake(
        "without_sign",
        "The differences came without their signs.",
        "A gradient may be negative.",
        _of_central(lambda g, n: abs(g)),
    ),
    Mistake(
        "summed",
        "These are differences of the summed loss: they are N times too large.",
        "The loss is a mean over the samples.",
        _of_central(lambda g, n: n * g if n > 1 else math.nan * g),
    ),
    Mistake(
        "averaged_twice",
        "It was averaged over the batch twice: the differences are N times too small.",
        "The loss is a mean already.",
        _of_central(lambda g, n: g / n if n > 1 else math.nan * g),
    ),
    Mistake(
        "left_at_zero",
        "The differences of one parameter are all 0.",
        "Each of the four is to be moved, b2 with its shape () as well.",
        _left_at_zero,
    ),
    Mistake(
        "not_put_back",
        "An entry that had been moved stayed where it was, while the next ones were looked at.",
        "Each difference moves one entry, with all others at their own values.",
        _not_put_back,
    ),
    Mistake(
        "all_at_once",
        "A whole parameter, or a row of it, was moved at once.",
        "Each entry has a derivative of its own: one of them moves, the others stay.",
        _all_at_once,
    ),
    Mistake(
        "relative_step",
        "The step was made in proportion to the entry.",
        "ε is the step itself, the same for all entries.",
        _quotients(
            lambda at, eps, entry: _central(at, eps * abs(entry)),
            lambda at, eps, entry: _central(at, eps * max(1.0, abs(entry))),
            lambda at, eps, entry: _central(at, eps * (1.0 + abs(entry))),
        ),
    ),
    Mistake(
        "eps_ignored",
        "The eps that was given was not used.",
        "1e-6 is what eps is where none is given.",
        _other_eps(given=True),
    ),
    Mistake(
        "other_default_eps",
        "Where no eps is given, another one than 1e-6 was taken.",
        "Look at the line with `def`, and at what happens to eps below it.",
        _other_eps(given=False),
    ),
)
