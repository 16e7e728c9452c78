"""Loops in plain Python, stage 1: numbers one by one, arrays at the edges alone."""

import numpy as np


def each(rule, a):
    out = np.empty(a.shape, a.dtype)
    flat = out.reshape(-1)
    for i, value in enumerate(a.reshape(-1)):
        flat[i] = rule(value)
    return out


def relu(a):
    def rule(value):
        if value > 0:
            return value
        return 0.0

    return each(rule, a)


def relu_grad(a):
    def rule(value):
        if value > 0:
            return 1.0
        return 0.0

    return each(rule, a)
