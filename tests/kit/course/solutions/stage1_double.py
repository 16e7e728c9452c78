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
    ### BEGIN SOLUTION
    return x + x
    ### END SOLUTION


def both(pair: Pair) -> Pair:
    """A pair of which both arrays are doubled; the one that is given is not modified."""
    ### BEGIN SOLUTION
    return Pair(double(pair.a), double(pair.b))
    ### END SOLUTION


if __name__ == "__main__":
    print(both(make_pair(SIZE)))
