"""Helper classes, stage 3: layers that remember what passed through them, an optimizer, and a log."""

from collections import defaultdict

import numpy as np
from stage1_relu import RECTIFIER
from stage2_forward import Network, accuracy, forward, loss
from xor import Params


class Backprop:
    def __init__(self, X, params, out):
        self.X, self.params, self.out = X, params, out

    def run(self, error):
        back = error.reshape(-1, 1).dot(self.params.W2) * RECTIFIER.slope(self.out.a1)
        hidden = self.through(back, self.X)
        output = self.through(error.reshape(-1, 1), self.out.h1)
        return Params(*hidden, output[0], output[1].reshape(()))

    @staticmethod
    def through(back, inputs):
        return back.T.dot(inputs), back.sum(0)


class Nudge:
    """Holds one entry of an array away from its value for as long as a block lasts."""

    def __init__(self, array, place, by):
        self.array, self.place, self.by = array, place, by

    def __enter__(self):
        self.kept = self.array[self.place].copy()
        self.array[self.place] = self.kept + self.by

    def __exit__(self, *raised):
        self.array[self.place] = self.kept


class Log(defaultdict):
    def __init__(self):
        super().__init__(list, loss=[], accuracy=[], grad_norm=[], relu_active=[])

    def write(self, **entries):
        for key, value in entries.items():
            self[key].append(value)


def backward(X, y, params, out):
    return Backprop(X, params, out).run(np.divide(out.f - y, y.size))


def numerical_grad(X, y, params, eps=1e-6):
    mine = Params(*(p.copy() for p in params))
    grads = Params(*(np.full(p.shape, np.nan) for p in mine))
    for p, grad in zip(mine, grads):
        for place, _ in np.ndenumerate(p):
            with Nudge(p, place, eps):
                above = loss(Network(mine)(X).f, y)
            with Nudge(p, place, -eps):
                below = loss(Network(mine)(X).f, y)
            grad[place] = (above - below) / (eps + eps)
    return grads


def gradient_check(X, y, params, eps=1e-6):
    exact, close = backward(X, y, params, forward(X, params)), numerical_grad(X, y, params, eps)
    return {name: abs(one - other).max() for name, one, other in zip(exact._fields, exact, close)}


class Descent:
    def __init__(self, lr):
        self.lr = lr

    def __call__(self, params, grads):
        return type(params)(*[p - self.lr * g for p, g in zip(params, grads)])


def sgd_step(params, grads, lr):
    return Descent(lr)(params, grads)


def train(X, y, params, lr=0.1, epochs=1000):
    log, step = Log(), Descent(lr)
    while len(log["loss"]) < epochs:
        out = forward(X, params)
        grads = backward(X, y, params, out)
        log.write(
            loss=loss(out.f, y),
            accuracy=accuracy(out.f, y),
            grad_norm=np.linalg.norm(np.concatenate([np.ravel(g) for g in grads])),
            relu_active=np.count_nonzero(out.h1) / out.h1.size,
        )
        params = step(params, grads)
    return params, log
