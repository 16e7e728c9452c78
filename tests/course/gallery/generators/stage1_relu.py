"""Generators, stage 1: arrays are filled from streams of numbers."""

import numpy as np


def streamed(numbers, like):
    return np.fromiter(numbers, dtype=like.dtype, count=like.size).reshape(like.shape)


def relu(a):
    return streamed((value if value > 0 else 0 for value in a.flat), a)


def relu_grad(a):
    return streamed((1 if value > 0 else 0 for value in a.flat), a)
