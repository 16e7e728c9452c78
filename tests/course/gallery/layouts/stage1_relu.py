"""Unusual memory layouts, stage 1: column-major results, views that run backwards, read-only arrays."""

import numpy as np


def backwards(a):
    """The same values in a view of negative strides."""
    return np.flip(np.flip(a).copy())


def relu(a):
    return backwards(np.maximum(0, a))


def relu_grad(a):
    made = np.asarray(np.sign(np.maximum(0, a)), order="F", dtype=a.dtype)
    made.flags.writeable = False
    return made
