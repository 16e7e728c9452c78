"""The known mistakes of stage 3's sgd_step."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging.likeness import distance
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen
from mistakes.chain_rule import clipped, normalised, shortened

Earlier = list[tuple[Params, Params, float]]
"""The arguments of the calls before."""

COMMON_RATES = (1.0, 0.5, 0.1, 0.05, 0.01, 0.001)
FACTORS = (0.5, 0.9, 0.95, 0.99)


def combined(step: Callable[[np.ndarray, np.ndarray], np.ndarray], one: Params, other: Params) -> Params:
    """Params of what `step` makes of each two of them."""
    with np.errstate(all="ignore"):
        return Params(*(np.asarray(step(a, b)) for a, b in zip(one, other, strict=True)))


def descended(params: Params, grads: Params, lr: float) -> Params:
    """The right step."""
    return combined(lambda p, g: p - lr * g, params, grads)


def _step(*steps: Callable[[np.ndarray, np.ndarray, float], np.ndarray]) -> Callable[..., Any]:
    """Predict each of these formulas for one parameter, its gradient and lr."""
    return lambda params, grads, lr, earlier: Either(
        [combined(lambda p, g, step=step: step(p, g, lr), params, grads) for step in steps]
    )


def _with_rate(*rates: Callable[[float], float]) -> Callable[..., Any]:
    """Predict the step for a rate that is made of lr, where it is another one."""
    return lambda params, grads, lr, earlier: Either(
        [descended(params, grads, rate(lr)) for rate in rates if not np.isclose(rate(lr), lr)]
    )


def _with_gradients(*changes: Callable[[Params], Params]) -> Callable[..., Any]:
    """Predict the right step with gradients that were changed before."""
    return lambda params, grads, lr, earlier: Either([descended(params, change(grads), lr) for change in changes])


def _not_moved(*fields: str) -> Callable[..., Any]:
    """Predict that these parameters stayed where they were, and the others moved as they should."""
    return lambda params, grads, lr, earlier: descended(params, grads, lr)._replace(
        **{name: np.asarray(getattr(params, name)) for name in fields}
    )


def _one_not_moved(params: Params, grads: Params, lr: float, earlier: Earlier) -> Either:
    return Either([_not_moved(name)(params, grads, lr, earlier) for name in Params._fields])


def _momentum(params: Params, grads: Params, lr: float, earlier: Earlier) -> Any:
    """A velocity that calls on parameters of the same shapes have left."""
    same = [g for _, g, _ in earlier if all(np.shape(a) == np.shape(b) for a, b in zip(g, grads, strict=True))]
    if not same:
        return UNKNOWN
    ways = []
    for factor in FACTORS:
        velocity = same[0]
        for next_one in [*same[1:], grads]:
            velocity = combined(lambda v, g, factor=factor: factor * v + g, velocity, next_one)
        last_only = combined(lambda v, g, factor=factor: factor * v + g, same[-1], grads)
        ways += [descended(params, velocity, lr), descended(params, last_only, lr)]
    return Either(ways)


def _weight_decay(params: Params, grads: Params, lr: float, earlier: Earlier) -> Any:
    """All parameters, or the weights alone, shrink by a share on the way."""
    right = descended(params, grads, lr)

    def fits(got: Any) -> bool:
        if (
            not isinstance(got, np.ndarray)
            or got.shape != right.W1.shape
            or got.size < 2
            or got.dtype != np.float64
        ):
            return False
        with np.errstate(all="ignore"):
            share = float(np.vdot(right.W1 - got, params.W1) / np.vdot(params.W1, params.W1))
        return np.isfinite(share) and abs(share) > 1e-8 and distance(got, right.W1 - share * params.W1) is not None

    return Seen(W1=fits)


def _another_rate(params: Params, grads: Params, lr: float, earlier: Earlier) -> Any:
    """A step along the gradients of a length that is not lr."""
    flat = np.concatenate([np.ravel(g) for g in grads])

    def fits(got: Any) -> bool:
        if not isinstance(got, Params) or any(
            np.shape(g) != np.shape(p) for g, p in zip(got, params, strict=True)
        ):
            return False
        if any(not isinstance(g, (np.ndarray, np.generic)) or g.dtype != np.float64 for g in got):
            return False
        with np.errstate(all="ignore"):
            moved = np.concatenate([np.ravel(p - g) for p, g in zip(params, got, strict=True)])
            rate = float(np.vdot(moved, flat) / np.vdot(flat, flat))
            apart = np.abs(moved - rate * flat).max()
        return np.isfinite(rate) and abs(rate - lr) > 1e-8 and bool(apart < 1e-10)

    return Seen(together=fits)


def _drifting_rate(params: Params, grads: Params, lr: float, earlier: Earlier) -> Any:
    """The same, where calls before were right."""
    return _another_rate(params, grads, lr, earlier) if earlier else UNKNOWN


SGD_STEP = (
    # from params, grads, lr and the arguments of the calls before; the test notes what came, whole and by name
    Mistake(
        "ascent",
        "The step goes uphill: the gradients were added.",
        "The gradient points to where the loss grows.",
        _with_rate(lambda lr: -lr),
    ),
    Mistake(
        "lr_ignored",
        "The learning rate that was given was not used.",
        "Two calls with different lr should take steps of different lengths.",
        _with_rate(*(lambda lr, rate=rate: rate for rate in COMMON_RATES)),
    ),
    Mistake(
        "lr_squared",
        "It was multiplied by the learning rate twice.",
        "Where does lr stand, and what is scaled by it already?",
        _with_rate(lambda lr: lr * lr),
    ),
    Mistake(
        "divided_by_lr",
        "It was divided by the learning rate.",
        "A larger lr means a longer step.",
        _with_rate(lambda lr: 1 / lr if lr else math.inf),
    ),
    Mistake(
        "step_returned",
        "The step came, not the parameters after it.",
        "A step starts somewhere: what is moved by it?",
        _step(lambda p, g, lr: lr * g, lambda p, g, lr: -lr * g),
    ),
    Mistake(
        "gradients_returned",
        "The gradients came back as they were.",
        "The new parameters are asked for.",
        _step(lambda p, g, lr: g),
    ),
    Mistake(
        "nothing_moved",
        "The parameters came back as they were.",
        "`p -= …` on a name in a loop, or `p + …` without keeping it, leaves the old ones in Params.",
        _step(lambda p, g, lr: p),
    ),
    Mistake(
        "biases_not_moved",
        "The weights were moved, the biases were not.",
        "All four parameters have a gradient.",
        _not_moved("b1", "b2"),
    ),
    Mistake(
        "one_not_moved",
        "One of the parameters stayed where it was.",
        "All four have a gradient; count them.",
        _one_not_moved,
    ),
    Mistake(
        "roles_swapped",
        "Parameters and gradients have changed places.",
        "Which of the two is scaled by lr?",
        _step(lambda p, g, lr: g - lr * p, lambda p, g, lr: lr * g - p, lambda p, g, lr: lr * p - g),
    ),
    Mistake(
        "parentheses_misplaced",
        "lr was subtracted from the parameters, and the result multiplied.",
        "What is to be computed first?",
        _step(lambda p, g, lr: (p - lr) * g),
    ),
    Mistake(
        "parameters_scaled",
        "The parameters were scaled by lr, too.",
        "lr says how far to go along the gradient; the place where the step starts is what it is.",
        _step(lambda p, g, lr: lr * (p - g), lambda p, g, lr: p * (1 - lr * g)),
    ),
    Mistake(
        "signs_only",
        "Only the signs of the gradients were used.",
        "Plain gradient descent goes far where it is steep.",
        lambda params, grads, lr, earlier: (
            lambda got: distance(got, combined(lambda p, g: p - lr * np.sign(g), params, grads), 1e-6) is not None
        ),
    ),
    Mistake(
        "normalised",
        "The gradients were divided by their norm.",
        "Plain gradient descent goes far where it is steep.",
        _with_gradients(
            normalised,
            lambda grads: Params(*(g / np.linalg.norm(g) for g in grads)),
            lambda grads: Params(*(g / np.abs(g).max() for g in grads)),
        ),
    ),
    Mistake(
        "clipped",
        "Large gradients were cut off.",
        "That is a trick for runs that explode; a plain step uses the gradients as they are.",
        _with_gradients(
            *(lambda grads, largest=largest: clipped(grads, largest) for largest in (0.1, 0.5, 1.0, 5.0)),
            *(lambda grads, longest=longest: shortened(grads, longest) for longest in (0.1, 0.5, 1.0, 5.0)),
        ),
    ),
    Mistake(
        "momentum",
        "Gradients of earlier calls are in the step: this is momentum.",
        "A plain step follows from its arguments alone; what does the function keep?",
        _momentum,
    ),
    Mistake(
        "weight_decay",
        "The weights shrink by a share of themselves on the way: this is weight decay.",
        "Only the gradients are to move them.",
        _weight_decay,
    ),
    Mistake(
        "drifting_rate",
        "The first step was right, then the learning rate changed from call to call.",
        "A step follows from its arguments alone; what does the function keep?",
        _drifting_rate,
    ),
    Mistake(
        "another_rate",
        "The step goes the right way, but is not as long as lr makes it.",
        "What else are the gradients multiplied with?",
        _another_rate,
    ),
)
