"""Loops in plain Python, stage 4: a score is put together sample by sample."""

import math

import torch
from xor import Forward, Params


def to_torch(params):
    result = []
    for p in params:
        t = torch.zeros(p.shape, dtype=torch.float64)
        for place in torch.ones(p.shape).nonzero().tolist():
            t[tuple(place)] = float(p[tuple(place)])
        result.append(t)
    return Params(*result)


def forward(X, params):
    pre, hidden, scores = [], [], []
    for x in X:
        a = [torch.dot(w, x) + b for w, b in zip(params.W1, params.b1)]
        h = [torch.where(v > 0, v, torch.zeros_like(v)) for v in a]
        score = params.b2
        for weight, v in zip(params.W2[0], h):
            score = score + weight * v
        pre.append(torch.stack(a))
        hidden.append(torch.stack(h))
        scores.append(score)
    return Forward(torch.stack(scores), torch.stack(pre), torch.stack(hidden))


def loss(f, y):
    if list(f.size()) != list(y.size()):
        raise ValueError("f and y are not of one shape")
    total = 0.0
    for one, other in zip(f, y):
        total = total + (one - other) * (one - other)
    return 0.5 * total / len(f)


def agreement(array, tensor):
    if list(array.shape) != list(tensor.shape):
        raise ValueError("array and tensor are not of one shape")
    largest = 0.0
    for one, other in zip(array.reshape(-1).tolist(), tensor.reshape(-1).tolist()):
        largest = max(largest, math.fabs(one - other))
    return largest
