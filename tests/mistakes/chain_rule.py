"""The chain rule with a step changed: gradients as mistakes make them."""

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Forward, Params
from grader.judging.likeness import distance
from grader.judging.mistakes import UNKNOWN, Either, Seen

Formula = Callable[[np.ndarray, np.ndarray, Params], Params]
"""Gradients from X, y and params."""
Prediction = Callable[[np.ndarray, np.ndarray, Params], Any]

HALF = 0.5


def _error(f: np.ndarray, y: np.ndarray) -> np.ndarray:
    return f - y


def _output_weights(params: Params) -> np.ndarray:
    return params.W2[0]


def _hidden(out: Forward) -> np.ndarray:
    return out.h1


def chain_rule(
    error: Callable[[np.ndarray, np.ndarray], np.ndarray] = _error,
    slope: Callable[[np.ndarray], np.ndarray] = formulas.slope,
    weights: Callable[[Params], np.ndarray] = _output_weights,
    activation: Callable[[Forward], np.ndarray] = _hidden,
) -> Formula:
    """The gradients of the mean loss, with the steps that are given in place of the right ones.

    error: of f and y (N,), divided by N afterwards; slope: of a1, what it is multiplied by; weights: (H,), what
    the error goes back through; activation: (N, H), what the output's weights have been multiplied by.
    """

    def formula(X: np.ndarray, y: np.ndarray, params: Params) -> Params:
        with np.errstate(all="ignore"):
            out = formulas.forward(X, params)
            r = error(out.f, y) / len(y)
            back = np.multiply.outer(r, weights(params)) * slope(out.a1)
            return Params(
                np.einsum("nh,nd->hd", back, X),
                back.sum(axis=0),
                np.einsum("n,nh->h", r, activation(out))[np.newaxis],
                np.asarray(r.sum()),
            )

    return formula


right = chain_rule()


def scaled(factor: Callable[[int, int, int], float]) -> Formula:
    """The right gradients times a factor that is made of N, D and H."""

    def formula(X: np.ndarray, y: np.ndarray, params: Params) -> Params:
        n, d, h = *X.shape, len(params.b1)
        return Params(*(np.asarray(g * factor(n, d, h)) for g in right(X, y, params)))

    return formula


def of_one_sample(which: int) -> Formula:
    """What one sample alone adds to the gradients."""

    def kept(f: np.ndarray, y: np.ndarray) -> np.ndarray:
        error = np.zeros_like(f)
        error[which] = f[which] - y[which]
        return error

    return chain_rule(error=kept)


def on_the_way(X: np.ndarray, y: np.ndarray, params: Params) -> tuple[np.ndarray, np.ndarray]:
    """∂L/∂f (N,) and ∂L/∂a1 (N, H)."""
    out = formulas.forward(X, params)
    r = (out.f - y) / len(y)
    return r, np.multiply.outer(r, params.W2[0]) * formulas.slope(out.a1)


def mistaken_fields(formula: Formula, X: np.ndarray, y: np.ndarray, params: Params) -> dict[str, np.ndarray]:
    """Those of a formula's gradients that differ from the right ones."""
    pairs = zip(Params._fields, formula(X, y, params), right(X, y, params), strict=True)
    return {name: mistaken for name, mistaken, due in pairs if distance(mistaken, due) is None}


def where_it_differs(*ways: Formula) -> Prediction:
    """Predict, for each way to make the mistake, all gradients that it makes wrong, whatever the others are."""

    def predict(X: np.ndarray, y: np.ndarray, params: Params) -> Any:
        return Either([Seen(m) if (m := mistaken_fields(way, X, y, params)) else UNKNOWN for way in ways])

    return predict


def in_any_field(*ways: Formula) -> Prediction:
    """Predict each gradient that one of the formulas makes wrong, by itself."""

    def predict(X: np.ndarray, y: np.ndarray, params: Params) -> Any:
        made = [mistaken_fields(way, X, y, params) for way in ways]
        return Either([Seen({name: field}) for fields in made for name, field in fields.items()])

    return predict


def in_other_order(X: np.ndarray, y: np.ndarray, params: Params) -> Either:
    """Predict the right gradients under each other's names."""
    grads = right(X, y, params)
    return Either([Params(*order) for order in permutations(grads)][1:])  # the first is the right one


def _flat(grads: Any, like: Params) -> np.ndarray | None:
    """All entries in a row, if these are gradients of the right shapes."""
    if not isinstance(grads, Params) or any(np.shape(g) != np.shape(p) for g, p in zip(grads, like, strict=True)):
        return None
    if any(not isinstance(g, (np.ndarray, np.generic)) or g.dtype != np.float64 for g in grads):
        return None
    return np.concatenate([np.ravel(g) for g in grads])


def off_by_one_factor(X: np.ndarray, y: np.ndarray, params: Params) -> Seen:
    """Predict gradients that are all off by the same factor, whichever it is."""
    due = _flat(right(X, y, params), params)

    def fits(got: Any) -> bool:
        entries = _flat(got, params)
        if due is None or entries is None or not np.isfinite(entries).all() or not due.any():
            return False
        place = int(np.argmax(np.abs(due)))
        factor = float(entries[place] / due[place])
        apart = np.abs(entries - factor * due).max()
        return factor != 0 and abs(factor - 1) > 1e-6 and bool(apart <= 1e-9 * np.abs(entries).max())

    return Seen(together=fits)


def with_penalty(X: np.ndarray, y: np.ndarray, params: Params) -> Any:
    """Predict that a multiple of the weights was added to their gradients, and maybe of the biases to theirs."""
    due = right(X, y, params)
    if params.W1.size < 2:
        return UNKNOWN

    def fits(got: Any) -> bool:
        if _flat(got, params) is None:
            return False
        with np.errstate(all="ignore"):
            share = float(np.vdot(got.W1 - due.W1, params.W1) / np.vdot(params.W1, params.W1))
            with_share = Params(*(g + share * p for g, p in zip(due, params, strict=True)))
        if not np.isfinite(share) or abs(share) < 1e-8:
            return False
        near = [distance(np.asarray(g), np.asarray(w)) is not None for g, w in zip(got, with_share, strict=True)]
        plain = [distance(np.asarray(g), np.asarray(w)) is not None for g, w in zip(got, due, strict=True)]
        return near[0] and all(a or b for a, b in zip(near, plain, strict=True))

    return Seen(together=fits)


def clipped(grads: Params, largest: float) -> Params:
    """Gradients with no entry larger than this."""
    return Params(*(np.asarray(np.clip(g, -largest, largest)) for g in grads))


def norm(grads: Params) -> float:
    """The 2-norm over all parameters together."""
    with np.errstate(all="ignore"):
        return float(np.sqrt(sum(np.vdot(g, g) for g in grads)))


def shortened(grads: Params, longest: float) -> Params:
    """Gradients with no norm larger than this."""
    share = longest / max(longest, norm(grads))
    return Params(*(np.asarray(g * share) for g in grads))


def normalised(grads: Params) -> Params:
    """Gradients of norm 1."""
    return Params(*(np.asarray(g / norm(grads)) for g in grads))


def after(formula: Callable[..., Params], *settings: float) -> Formula:
    """The right gradients, changed afterwards."""
    return lambda X, y, params: formula(right(X, y, params), *settings)
