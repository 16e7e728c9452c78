"""What is right, computed by formulas of the suites' own, apart from the solutions and in another style."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from grader.wire import Forward, Params


def relu(a: np.ndarray) -> np.ndarray:
    """(a + |a|) / 2, which is max(0, a)."""
    return np.asarray((a + abs(a)) / 2, dtype=a.dtype)


def slope(a: np.ndarray) -> np.ndarray:
    """The step function with 0 at 0."""
    return np.asarray(np.heaviside(a, 0.0), dtype=a.dtype)


def forward(X: np.ndarray, params: Params) -> Forward:
    """F (N,), a1 (N, H), h1 (N, H)."""
    a1 = np.einsum("nd,hd->nh", X, params.W1) + params.b1
    h1 = relu(a1)
    f = np.einsum("nh,kh->n", h1, params.W2) + params.b2
    return Forward(f, a1, h1)


def loss(f: np.ndarray, y: np.ndarray) -> float:
    """Half the mean squared error; infinite where it overflows."""
    with np.errstate(over="ignore"):
        return float(np.dot(f - y, f - y) / (2 * len(y)))


def accuracy(f: np.ndarray, y: np.ndarray) -> float:
    """The fraction of samples on the right side of 0.5."""
    return float(np.count_nonzero(np.where(f < 0.5, 0.0, 1.0) == y) / len(y))


def gradients(X: np.ndarray, y: np.ndarray, params: Params) -> Params:
    """Gradients of the mean loss, summed sample by sample."""
    out = forward(X, params)
    total = Params(*(np.zeros(np.shape(p)) for p in params))
    for x, error, a1, h1 in zip(X, (out.f - y) / len(y), out.a1, out.h1, strict=True):
        back = error * params.W2[0] * slope(a1)
        total = Params(
            total.W1 + np.multiply.outer(back, x),
            total.b1 + back,
            total.W2 + error * h1,
            total.b2 + error,
        )
    return total


def central_differences(X: np.ndarray, y: np.ndarray, params: Params, eps: float) -> Params:
    """(L(θ + ε) − L(θ − ε)) / 2ε for each entry θ."""
    grads = []
    for which, p in enumerate(params):
        grad = np.empty(np.shape(p))
        for index in np.ndindex(grad.shape):
            sides = []
            for side in (eps, -eps):
                moved = np.array(p)
                moved[index] += side
                changed = Params(*(moved if k == which else q for k, q in enumerate(params)))
                sides.append(loss(forward(X, changed).f, y))
            grad[index] = (sides[0] - sides[1]) / (2 * eps)
        grads.append(grad)
    return Params(*grads)


def without(history: dict[str, list[float]], key: str) -> dict[str, list[float]]:
    """The history less one of its keys."""
    return {name: values for name, values in history.items() if name != key}


def largest_differences(one: Params, other: Params) -> dict[str, float]:
    """The largest absolute difference under each name; NaN where any difference is NaN."""
    return {name: float(np.abs(getattr(one, name) - getattr(other, name)).max()) for name in Params._fields}


@dataclass
class Replay:
    """A training run by the suite: the parameters at its end, its history, and how close it came to a jump.

    `margin` is the least distance that any pre-activation had from 0 or any score from 0.5.
    """

    params: Params
    history: dict[str, list[float]] = field(default_factory=dict)
    margin: float = np.inf

    def is_fair(self, margin: float) -> bool:
        """Whether every right run must agree: no jump that rounding could decide, and no divergence."""
        return self.margin > margin and max(self.history["loss"]) < 10.0


def replay(params: Params, epochs: Iterable[list[tuple[np.ndarray, np.ndarray]]], lr: float) -> Replay:
    """Train on these batches, epoch by epoch, by plain gradient descent in float64.

    Loss, accuracy and ReLU activity are means over an epoch's samples, the gradient norm over its batches.
    """
    run = Replay(params, {key: [] for key in ("loss", "accuracy", "grad_norm", "relu_active")})
    for batches in epochs:
        rows = []
        for X, y in batches:
            out = forward(X, run.params)
            grads = gradients(X, y, run.params) if len(y) < 12 else _gradients_at_once(X, y, run.params, out)
            norm = np.sqrt(sum(np.vdot(g, g) for g in grads))
            active = np.count_nonzero(out.a1 > 0) / out.a1.size
            rows.append((len(y), loss(out.f, y), accuracy(out.f, y), active, norm))
            run.margin = min(run.margin, np.abs(out.a1).min(), np.abs(out.f - 0.5).min())
            run.params = Params(*(p - lr * g for p, g in zip(run.params, grads, strict=True)))
        sizes, losses, hits, actives, norms = np.array(rows).T
        run.history["loss"].append(float(np.average(losses, weights=sizes)))
        run.history["accuracy"].append(float(np.average(hits, weights=sizes)))
        run.history["relu_active"].append(float(np.average(actives, weights=sizes)))
        run.history["grad_norm"].append(float(np.mean(norms)))
    return run


def xor(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """The contract's `make_xor`."""
    X = np.random.default_rng(seed).uniform(-1, 1, (n, 2))
    return X, np.where(X.prod(axis=1) < 0, 1.0, 0.0)


def start(seed: int = 1) -> Params:
    """The contract's `init_params`, for D = 2 and H = 16."""
    rng = np.random.default_rng(seed)
    W1 = rng.normal(0, 0.5, (16, 2))
    return Params(W1, np.zeros(16), rng.normal(0, 0.5, (1, 16)), np.array(0.0))


def _gradients_at_once(X: np.ndarray, y: np.ndarray, params: Params, out: Forward) -> Params:
    """The same gradients as `gradients`, for the many samples of a long run."""
    error = (out.f - y) / len(y)
    back = np.einsum("n,kh,nh->nh", error, params.W2, slope(out.a1))
    return Params(
        np.einsum("nh,nd->hd", back, X),
        np.einsum("nh->h", back),
        np.einsum("n,nh->h", error, out.h1)[None],
        np.asarray(error.sum()),
    )
