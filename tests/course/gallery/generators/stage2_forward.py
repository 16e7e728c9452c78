"""Generators, stage 2: samples stream through the network one at a time."""

import numpy as np
from stage1_relu import relu
from xor import D, Forward, H


def rows(x, W, b):
    for sample in x:
        yield W @ sample + b


def affine(x, W, b):
    return np.vstack([*rows(x, W, b)])


def passes(X, params):
    for a1 in rows(X, params.W1, params.b1):
        h1 = relu(a1)
        (f,) = params.W2 @ h1 + params.b2
        yield f, a1, h1


def forward(X, params):
    return Forward(*map(np.array, zip(*passes(X, params))))


def running_mean(numbers):
    mean = count = 0
    while True:
        for number in numbers:
            count += 1
            mean += (number - mean) / count
        return mean


def loss(f, y):
    if f.shape != y.shape:
        raise ValueError(f"{f.shape} != {y.shape}")
    return float(running_mean((one - other) ** 2 / 2 for one, other in zip(f, y)))


def accuracy(f, y):
    return float(running_mean(float(score >= 0.5) == label for score, label in zip(f, y)))


def misfits(params, d, h):
    match np.shape(params.W1):
        case (rows, columns) if (rows, columns) == (h, d):
            pass
        case other:
            yield f"W1 {other}"
    match np.shape(params.b1):
        case (size,) if size == h:
            pass
        case other:
            yield f"b1 {other}"
    match np.shape(params.W2):
        case (1, size) if size == h:
            pass
        case other:
            yield f"W2 {other}"
    match np.shape(params.b2):
        case ():
            pass
        case other:
            yield f"b2 {other}"


def check_shapes(params, d=D, h=H):
    if text := ", ".join(misfits(params, d, h)):
        raise ValueError(text)
