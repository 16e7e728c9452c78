"""Einstein's indices, stage 1: the step function is a mask, and the rectifier multiplies by it."""

import numpy as np


def relu_grad(a):
    return np.einsum("...->...", np.heaviside(a, a.dtype.type(0))).copy()


def relu(a):
    return np.einsum("...,...->...", relu_grad(a), a)
