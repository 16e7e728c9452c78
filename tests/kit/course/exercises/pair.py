"""The pair: two arrays that belong together. Given, not graded."""

from typing import Any, NamedTuple

import numpy as np

SIZE = 4
SEED = 0


class Pair(NamedTuple):
    """Two arrays, or two tensors, of the same shape."""

    a: Any  # (N,)
    b: Any  # (N,)


def make_pair(n: int = SIZE, seed: int = SEED) -> Pair:
    """Draw two arrays (n,) from a normal distribution."""
    rng = np.random.default_rng(seed)
    return Pair(rng.normal(size=n), rng.normal(size=n))
