"""Loops in plain Python, stage 2."""

import numpy as np
from stage1_relu import relu
from xor import D, Forward, H


def affine(x, W, b):
    rows = []
    for sample in x.tolist():
        row = []
        for weights, offset in zip(W.tolist(), b.tolist()):
            total = offset
            for one, weight in zip(sample, weights):
                total += one * weight
            row.append(total)
        rows.append(row)
    return np.array(rows).reshape(len(x), len(W))


def forward(X, params):
    a1 = affine(X, params.W1, params.b1)
    h1 = relu(a1)
    f = []
    for row in h1:
        score = float(params.b2)
        for j in range(len(row)):
            score += float(row[j]) * float(params.W2[0, j])
        f.append(score)
    return Forward(np.array(f), a1, h1)


def loss(f, y):
    if list(f.shape) != list(y.shape):
        raise ValueError("f has the shape " + str(f.shape) + " but y has " + str(y.shape))
    total = 0.0
    for i in range(len(f)):
        total = total + 0.5 * float(f[i] - y[i]) ** 2 / len(f)
    return total


def accuracy(f, y):
    right = 0
    for score, target in zip(f, y):
        if score >= 0.5 and target == 1:
            right += 1
        if score < 0.5 and target == 0:
            right += 1
    return right / len(f)


def check_shapes(params, d=D, h=H):
    message = ""
    if np.shape(params.W1) != (h, d):
        message += "W1 should be h by d. "
    if np.shape(params.b1) != (h,):
        message += "b1 should be of length h. "
    if np.shape(params.W2) != (1, h):
        message += "W2 should be one row of h. "
    if np.shape(params.b2) != ():
        message += "b2 should be a single number. "
    if message != "":
        raise ValueError(message)
    return None
