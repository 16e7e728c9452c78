"""Generators, stage 3: training is an endless stream of states, of which as many are taken as asked for."""

from itertools import islice

import numpy as np
from stage1_relu import relu_grad
from stage2_forward import accuracy, loss
from xor import Forward, Params


def forward(X, params):
    a1 = X @ params.W1.T + params.b1
    h1 = np.fmax(a1, 0.0)
    return Forward(h1 @ params.W2.ravel() + params.b2, a1, h1)


def of_samples(X, y, params, out):
    for x, error, a1, h1 in zip(X, (out.f - y) / len(y), out.a1, out.h1):
        back = error * params.W2[0] * relu_grad(a1)
        yield back[:, None] * x, back, error * h1[None], error


def backward(X, y, params, out):
    total = None
    for grads in of_samples(X, y, params, out):
        total = grads if total is None else [one + other for one, other in zip(total, grads)]
    return Params(*total)


def nudges(p, eps):
    """For each entry its place, and copies with the entry above and below."""
    for place in np.ndindex(np.shape(p)):
        both = np.array([p, p])
        both[(0, *place)] += eps
        both[(1, *place)] -= eps
        yield place, *both


def numerical_grad(X, y, params, eps=1e-6):
    grads = {}
    for name, p in params._asdict().items():
        grads[name] = np.zeros(np.shape(p))
        for place, above, below in nudges(p, eps):
            sides = (loss(forward(X, params._replace(**{name: moved})).f, y) for moved in (above, below))
            grads[name][place] = -np.diff([*sides]).item() / (2 * eps)
    return Params(**grads)


def gradient_check(X, y, params, eps=1e-6):
    pairs = zip(Params._fields, backward(X, y, params, forward(X, params)), numerical_grad(X, y, params, eps))
    return {name: float(np.sort(np.ravel(np.abs(one - other)))[-1]) for name, one, other in pairs}


def sgd_step(params, grads, lr):
    return Params(*(np.sum([p, -lr * g], axis=0) for p, g in zip(params, grads)))


def states(X, y, params, lr):
    while True:
        out = forward(X, params)
        r = (out.f - y) / len(y)
        back = r[:, None] * params.W2 * (out.a1 > 0)
        grads = Params(back.T @ X, back.sum(0), r[None] @ out.h1, r.sum())
        norm = np.sqrt(sum(float(np.sum(g**2)) for g in grads))
        error = 0.5 * np.mean((out.f - y) ** 2)
        yield params, {
            "loss": float(error),
            "accuracy": accuracy(out.f, y),
            "grad_norm": float(norm),
            "relu_active": float(np.mean(out.a1 > 0)),
        }
        params = sgd_step(params, grads, lr)


def train(X, y, params, lr=0.1, epochs=1000):
    taken = list(islice(states(X, y, params, lr), epochs + 1))
    history = {key: [entries[key] for _, entries in taken[:-1]] for key in taken[0][1]}
    return taken[-1][0], history
