"""Stage 1: ReLU and its slope, by hand in NumPy.

The rectified linear unit lets a positive number through and stops the rest:

    ReLU(a)  = max(0, a)
    ReLU′(a) = 1 where a > 0, else 0

At exactly 0 the function has a kink and no derivative. Any slope from 0 to 1 would do there; we take 0,
as PyTorch does, so that our gradients and PyTorch's can be compared to the last digit.
"""

import numpy as np


def relu(a: np.ndarray) -> np.ndarray:
    """The rectified linear unit, max(0, a), for each element by itself.

    a: an array of any shape and float dtype; it is not modified.
    Returns an array of the same shape and dtype.
    """
    ### BEGIN SOLUTION
    return np.maximum(a, 0)
    ### END SOLUTION


def relu_grad(a: np.ndarray) -> np.ndarray:
    """The slope of ReLU: 1.0 where a > 0, else 0.0, so 0.0 at exactly 0.

    a: an array of any shape and float dtype; it is not modified.
    Returns an array of the same shape and dtype.
    """
    ### BEGIN SOLUTION
    return (a > 0).astype(a.dtype)
    ### END SOLUTION


if __name__ == "__main__":
    a = np.linspace(-2.0, 2.0, 9)
    print("a        ", a)
    print("relu(a)  ", relu(a))
    print("slope    ", relu_grad(a))
