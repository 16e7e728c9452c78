"""Parts of one's own, stage 1: no ufunc that knows of a maximum, and the argument is copied first."""

import numpy as np


def relu(a):
    out = np.array(a, copy=True)
    np.copyto(out, 0, where=np.signbit(out))
    return out


def relu_grad(a):
    out = np.ones_like(a)
    out[np.logical_not(a > 0)] = 0
    return out
