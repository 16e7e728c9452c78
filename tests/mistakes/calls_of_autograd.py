"""What autograd_grad gives where it is written in a mistaken way, predicted from the calls until now."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.judging.likeness import distance
from grader.judging.mistakes import UNKNOWN, Either, Seen
from mistakes.steps import combined, gradients

Call = tuple[np.ndarray, np.ndarray, Params]
"""X, y, params of a call of autograd_grad."""


def gradients_by(
    X: np.ndarray, y: np.ndarray, params: Params, slope: Callable[[np.ndarray], np.ndarray]
) -> Params:
    """The gradients of the mean loss, with another slope of the ReLU."""
    out = formulas.forward(X, params)
    error = (out.f - y) / len(y)
    back = np.multiply.outer(error, params.W2[0]) * slope(out.a1)
    return Params(
        np.einsum("nh,nd->hd", back, X),
        np.einsum("nh->h", back),
        np.einsum("n,nh->h", error, out.h1)[np.newaxis],
        np.asarray(error.sum()),
    )


def times(factor: Callable[[int], float | Sequence[float]]) -> Callable[[Sequence[Call]], Any]:
    """The last call's gradients times a factor, or any of several, made of N."""

    def predict(calls: Sequence[Call]) -> Any:
        X, y, params = calls[-1]
        factors = np.atleast_1d(factor(len(y)))
        grads = gradients(X, y, params)
        return Either([combined(lambda g, f=f: f * g, grads) for f in factors.tolist() if f != 1.0])

    return predict


def at_zero(value: float) -> Callable[[Sequence[Call]], Any]:
    """The ReLU's slope at exactly 0 is this value."""

    def predict(calls: Sequence[Call]) -> Any:
        if formulas.forward(*calls[-1][::2]).a1.all():
            return UNKNOWN
        return gradients_by(*calls[-1], lambda a: np.heaviside(a, value))

    return predict


def of_scores(calls: Sequence[Call]) -> Any:
    """The gradients of the scores' mean or sum, not of the loss: as if every error f − y were 1."""
    X, _, params = calls[-1]
    grads = gradients(X, formulas.forward(X, params).f - 1.0, params)
    return Either([grads, combined(lambda g: len(X) * g, grads)])


def accumulated(calls: Sequence[Call]) -> Any:
    """Gradients added to those of the earlier calls: with the same parameters, or others of the same shapes."""
    X, y, params = calls[-1]
    alike = [call for call in calls[:-1] if call[2].W1.shape == params.W1.shape]
    fresh, earlier = gradients(X, y, params), [gradients(*call) for call in alike]
    same = [grads for grads, call in zip(earlier, alike, strict=True) if _are_equal(call[2], params)]
    sums = [combined(_sum, fresh, *added) for added in (same, earlier, earlier[-1:]) if added]
    return Either([*sums, combined(lambda g: 2 * g, fresh)] if same else sums)


def at_earlier_parameters(calls: Sequence[Call]) -> Any:
    """Gradients of this call's loss at an earlier call's parameters of the same shapes; accumulated, or not."""
    X, y, params = calls[-1]
    alike = [call for call in calls[:-1] if call[2].W1.shape == params.W1.shape]
    if not alike or _are_equal(alike[0][2], params):
        return UNKNOWN
    stale = alike[0][2]
    fresh, added = gradients(X, y, stale), [gradients(*call[:2], stale) for call in alike]
    return Either([fresh, combined(_sum, fresh, *added)])


def _sum(*grads: np.ndarray) -> Any:
    return sum(grads)


def _are_equal(one: Params, other: Params) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))


def with_other_activation(calls: Sequence[Call]) -> Either:
    """The gradients with a sigmoid or a tanh where the ReLU should be."""
    X, y, params = calls[-1]
    a1 = formulas.forward(X, params).a1
    sigmoid, tanh = 1 / (1 + np.exp(-a1)), np.tanh(a1)
    answers = Either()
    for h1, slope in ((sigmoid, sigmoid * (1 - sigmoid)), (tanh, 1 - tanh**2)):
        error = (np.einsum("nh,kh->n", h1, params.W2) + params.b2 - y) / len(y)
        back = np.multiply.outer(error, params.W2[0]) * slope
        answers.append(Params(back.T @ X, back.sum(axis=0), (error @ h1)[np.newaxis], np.asarray(error.sum())))
    return answers


def by_hand(calls: Sequence[Call]) -> Either:
    """Right to some digits at least, while autograd never ran, or while it passed back twice as much."""
    right = gradients(*calls[-1])

    def is_near(got: Any) -> bool:
        return distance(got, right, near=1e-5) is not None

    return Either([Seen(runs=0, got=is_near), Seen(doubled=is_near)])
