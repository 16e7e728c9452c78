"""Scores and classes for stage 2's accuracy, and shapes for its loss."""

import numpy as np

Rng = np.random.Generator
Samples = tuple[np.ndarray, np.ndarray]
"""Scores f and classes y."""


def far_from_half(rng: Rng, n: int) -> Samples:
    """Scores above 0.56 or below 0.44, some exactly 1 or 0; up to four of ten are of the wrong class."""
    f = rng.uniform(0.56, 1.8, size=n) - rng.integers(0, 2, size=n) * 1.36
    y = np.where(f > 0.5, 1.0, 0.0)
    f = np.where(rng.random(n) < 0.1, y, f)
    wrong = rng.permutation(n)[: n * int(rng.integers(1, 5)) // 10]
    y[wrong] = 1.0 - y[wrong]
    return f, y


def close_to_half(rng: Rng, n: int) -> Samples:
    """Scores that are off 0.5 by up to 0.05, all of the right class: in float32, or rounded, they are not.

    Half of the distances are of any order of magnitude down to 1e-12.
    """
    distances = np.where(rng.random(n) < 0.5, 10.0 ** rng.uniform(-12.0, -1.3, n), rng.uniform(0.001, 0.05, n))
    f = 0.5 + distances * rng.choice([-1.0, 1.0], size=n)
    return f, np.where(f > 0.5, 1.0, 0.0)


def pairs_of_shapes(n: int) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Shapes of f and y, the same and different ones, of which NumPy broadcasts some."""
    return [
        *(((n,), (n,)), ((1,), (1,)), ((n + 1,), (n + 1,))),
        *(((n, 1), (n,)), ((n,), (n, 1)), ((1, n), (n,)), ((n,), (1,)), ((), (n,)), ((1,), (1, 1)), ((1,), ())),
        *(((n,), (n + 1,)), ((n, 2), (2, n)), ((2 * n,), (n, 2))),
    ]
