"""Stage 1: doubling, by hand in NumPy.

Twice a number is the number added to itself.

The formula
-----------
For x of any shape, each element by itself:

    y = 2 x

By hand
-------
    >>> double(np.array([1.0, -3.0]))
    array([ 2., -6.])
"""

import numpy as np
from pair import SIZE, Pair, make_pair


def double(x: np.ndarray) -> np.ndarray:
    """Twice x, for each element by itself.

    x: an array of any shape and float dtype; it is not modified.
    Returns an array of the same shape and dtype.
    """
    raise NotImplementedError("double is not written yet")


def both(pair: Pair) -> Pair:
    """A pair of which both arrays are doubled; the one that is given is not modified."""
    raise NotImplementedError("both is not written yet")


if __name__ == "__main__":
    print(both(make_pair(SIZE)))
