"""The data that the suites draw: sizes, samples and parameters, fresh for each test from its seed.

N, D and H differ, so that no transposed product fits by accident, and values are of order 1.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, TypeVar

import numpy as np

from grader.course.records import Params
from grader.wire import Tensor

T = TypeVar("T")


def sizes(rng: np.random.Generator) -> tuple[int, int, int]:
    """Draw N, D and H, three different numbers from 2 to 9."""
    n, d, h = rng.choice(np.arange(2, 10), size=3, replace=False)
    return int(n), int(d), int(h)


def rounds(rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """Draw (N, D, H) all different, the same again (for other values of the same shapes), and all equal."""
    different, same = sizes(rng), int(rng.integers(2, 10))
    return [different, different, (same, same, same)]


def small_sizes(rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """Draw (N, D, H) with each of them 1 in turn, the others different, and all of them 1."""
    big, bigger = (int(n) for n in rng.permutation(np.arange(2, 10))[:2])
    return [(1, big, bigger), (big, 1, bigger), (big, bigger, 1), (1, 1, 1)]


def large_sizes(rng: np.random.Generator) -> list[tuple[int, int, int]]:
    """Draw (N, D, H) with thousands of samples, hundreds of inputs, and hundreds of hidden units, in turn."""
    n, d, h = (int(size) for size in rng.integers((1001, 501, 501), (2000, 700, 700)))
    small, other = (int(size) for size in rng.permutation(np.arange(2, 6))[:2])
    return [(n, small, other), (small, d, other), (small, other, h)]


def own_and_same_shapes(rng: np.random.Generator) -> list[tuple[int, int]]:
    """Draw (D, H), once so that each parameter has a shape of its own, once so that W1 and W2 have the same.

    What is to be a copy of its argument must be one of the right argument, which no shape tells then.
    """
    _, d, h = sizes(rng)
    return [(d, h), (1, 1)]


def of_size(n: int, h: int) -> str:
    """For messages: the samples and the hidden units, where there are many."""
    return f" of {n} samples and {h} hidden units" if max(n, h) > 100 else ""


LAYOUTS = ("in Fortran order", "read backwards by a view", "every other entry of a larger array", "read-only")
"""How arrays may lie in memory, for messages."""
LAYOUTS_FOR_TORCH = (LAYOUTS[0], LAYOUTS[2])
"""Those that PyTorch makes tensors of without an error or a warning."""


def laid(value: Any, layout: str) -> Any:
    """The same values in one of LAYOUTS: of an array, a tensor, or each entry of Params, Forward or a tuple."""
    if isinstance(value, tuple):
        entries = [laid(entry, layout) for entry in value]
        return type(value)(*entries) if hasattr(value, "_fields") else tuple(entries)
    if isinstance(value, Tensor):
        return replace(value, array=laid(value.array, layout))
    if layout == "in Fortran order":
        return np.array(value, order="F")
    if layout == "read backwards by a view" and np.ndim(value):
        return np.ascontiguousarray(value[::-1])[::-1]
    if layout == "every other entry of a larger array" and np.ndim(value):
        return np.repeat(value, 2, axis=-1)[..., ::2]
    kept = np.array(value)
    kept.flags.writeable = layout != "read-only"
    return kept


def shuffled(rng: np.random.Generator, items: Iterable[T]) -> list[T]:
    """The items in a drawn order, so that what a call must give follows from its arguments alone."""
    listed = list(items)
    return [listed[at] for at in rng.permutation(len(listed))]


def samples(rng: np.random.Generator, n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    """Draw X (N, D) and classes y (N,) of 0.0 and 1.0, both classes present where N > 1."""
    y = np.zeros(n)
    y[: (n + 1) // 2] = 1.0
    return rng.uniform(-2.0, 2.0, size=(n, d)), rng.permutation(y)


def params(rng: np.random.Generator, d: int, h: int) -> Params:
    """Draw parameters of every entry different from zero, biases too; at least one unit works."""
    return Params(
        W1=rng.normal(0.0, 1.0, size=(h, d)),
        b1=rng.uniform(0.2, 1.0, size=h),
        W2=rng.uniform(0.3, 1.0, size=(1, h)) * rng.choice([-1.0, 1.0], size=(1, h)),
        b2=np.array(rng.uniform(0.1, 0.9)),
    )


def kinked(rng: np.random.Generator, distances: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray, Params]:
    """Draw X, y and Params with a pre-activation at each of these distances from the ReLU's kink.

    Every entry is a multiple of 1/8, so that a pre-activation of exactly 0 is exactly 0 however it is
    summed. Each unit has one sample at a distance; its error and weight are far from 0, so the slope
    taken there shows in the gradient.
    """
    h = len(distances)
    n, d = h + 2, h + 3
    X = rng.integers(-12, 13, size=(n, d)) / 8
    X[X == 0.0] = 0.625
    W1 = rng.integers(-12, 13, size=(h, d)) / 8
    at = rng.permutation(n)[:h]
    b1 = np.array(distances) - np.sum(W1 * X[at], axis=1)
    W2 = rng.choice([-1.5, -1.25, -1.0, 1.0, 1.25, 1.5], size=(1, h))
    y = rng.choice([-32.0, 32.0], size=n)
    return X, y, Params(W1, b1, W2, np.array(0.375))


def tied(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Params]:
    """Draw X, classes y and Params with pre-activations of exactly 0 and a score of exactly 0.5.

    Every number on the way to a score is a small multiple of 1/512, exact in float32 and float64 in
    whatever order it is summed.
    """
    X, _, params = kinked(rng, (0.0,) * int(rng.integers(3, 6)))
    hidden = np.maximum(X @ params.W1.T + params.b1, 0.0)
    scores = hidden @ params.W2[0]
    y = rng.permutation(np.arange(len(X)) % 2).astype(np.float64)
    tie = rng.choice(scores)
    y[scores == tie] = rng.integers(2)  # ties of both classes could make up for each other
    return X, y, params._replace(b2=np.array(0.5 - tie))


def overflowing(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, Params, float]:
    """Draw X, y, Params and an ε for which one central difference for W2 is NaN and its neighbours are 0.

    One hidden unit of three works. The loss is just finite; with that unit's weight moved by ε, to either
    side, it is infinite, and the difference of two infinities is NaN.
    """
    X = rng.uniform(0.5, 1.5, size=(2, 2))
    far = rng.uniform(0.85, 0.93) * 1e154
    params = Params(
        W1=np.array([[-1.0, -1.0], [1.0, 1.0], [-1.0, -1.0]]),
        b1=np.zeros(3),
        W2=rng.uniform(0.5, 1.0, size=(1, 3)),
        b2=np.array(0.25),
    )
    return X, np.array([-far, far]), params, far
