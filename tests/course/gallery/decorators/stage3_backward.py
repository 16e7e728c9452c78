"""Decorators, stage 3: one that gives Params, one that records, one that restores."""

import contextlib
import functools

import numpy as np
from stage1_relu import relu_grad
from stage2_forward import accuracy, forward, loss
from xor import Params


def by_name(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return Params(**dict(function(*args, **kwargs)))

    return wrapper


@by_name
def backward(X, y, params, out):
    error = (out.f - y).reshape(1, -1) / y.size
    yield "b2", error.sum()
    yield "W2", error.dot(out.h1)
    hidden = np.multiply(error.T * params.W2, out.a1 > 0)
    yield "b1", np.ones(y.size) @ hidden
    yield "W1", np.tensordot(hidden, X, axes=([0], [0]))


@contextlib.contextmanager
def moved(array, place, by):
    before = array[place]
    array[place] = before + by
    try:
        yield
    finally:
        array[place] = before


@by_name
def numerical_grad(X, y, params, eps=1e-6):
    mine = Params(*map(np.array, params))

    @functools.cache
    def at(name, place, by):
        with moved(getattr(mine, name), place, by):
            return loss(forward(X, mine).f, y)

    for name in mine._fields:
        quotient = np.frompyfunc(lambda *place, name=name: (at(name, place, eps) - at(name, place, -eps)) / (2 * eps), 2, 1)
        shape = getattr(mine, name).shape
        if len(shape) == 2:
            yield name, np.fromfunction(quotient, shape, dtype=int).astype(float)
        else:
            places = list(np.ndindex(shape))
            yield name, np.reshape([(at(name, p, eps) - at(name, p, -eps)) / (2 * eps) for p in places], shape)


def gradient_check(X, y, params, eps=1e-6):
    functions = {
        "exact": lambda: backward(X, y, params, forward(X, params)),
        "close": lambda: numerical_grad(X, y, params, eps),
    }
    made = {name: function() for name, function in functions.items()}
    return {
        name: np.abs(getattr(made["exact"], name) - getattr(made["close"], name)).max().item()
        for name in Params._fields
    }


@by_name
def sgd_step(params, grads, lr):
    for name, p in params._asdict().items():
        yield name, p + -lr * getattr(grads, name)


def recorded(step):
    @functools.wraps(step)
    def run(X, y, params, lr=0.1, epochs=1000):
        history = {}
        for _ in range(epochs):
            params, entries = step(X, y, params, lr)
            for key, value in entries.items():
                history.setdefault(key, []).append(value)
        return params, history

    return run


@recorded
def train(X, y, params, lr):
    out = forward(X, params)
    grads = backward(X, y, params, out)
    entries = {
        "loss": loss(out.f, y),
        "accuracy": accuracy(out.f, y),
        "grad_norm": float(np.hypot.reduce([np.linalg.norm(g) for g in grads])),
        "relu_active": float((out.a1 > 0).sum() / out.a1.size),
    }
    return sgd_step(params, grads, lr), entries
