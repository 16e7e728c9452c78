"""Stage 1 as it is written by mistake: each definition is the solution's with one named mistake."""

import numpy as np


def relu__absolute(a):
    return np.abs(a)


def relu__in_place(a):
    a[a < 0] = 0
    return a


def relu_grad__one_at_zero(a):
    return (a >= 0).astype(a.dtype)
