"""Pure functions composed, stage 3: the history is what an accumulation passed through."""

import operator
from functools import partial
from itertools import accumulate, islice, repeat

import numpy as np
from stage1_relu import relu_grad
from stage2_forward import accuracy, forward, loss
from xor import Params


def backward(X, y, params, out):
    outer = lambda one, other: np.matmul(np.atleast_2d(one), other)
    error = np.true_divide(out.f - y, np.size(y))
    hidden = np.outer(params.W2, error) * relu_grad(out.a1).T
    return Params(outer(hidden, X), np.add.reduce(hidden, axis=1), outer(error, out.h1), np.add.reduce(error))


def numerical_grad(X, y, params, eps=1e-6):
    def at(name, change):
        return loss(forward(X, params._replace(**{name: np.add(getattr(params, name), change)})).f, y)

    def quotient(name, shape, place):
        unit = np.zeros(shape)
        unit[place] = eps
        return (at(name, unit) - at(name, np.negative(unit))) / (2 * eps)

    def grad(name):
        shape = np.shape(getattr(params, name))
        return np.fromiter(map(partial(quotient, name, shape), np.ndindex(shape)), float).reshape(shape)

    return Params._make(map(grad, Params._fields))


def gradient_check(X, y, params, eps=1e-6):
    largest = lambda one, other: np.maximum.reduce(np.abs(np.subtract(one, other)), axis=None)
    both = backward(X, y, params, forward(X, params)), numerical_grad(X, y, params, eps)
    return dict(zip(Params._fields, map(largest, *both)))


def sgd_step(params, grads, lr):
    return Params._make(map(lambda p, g: np.subtract(p, np.multiply(g, lr)), params, grads))


def seen(X, y, params):
    out = forward(X, params)
    grads = backward(X, y, params, out)
    norm = np.sqrt(sum(map(np.vdot, grads, grads)))
    return grads, (loss(out.f, y), accuracy(out.f, y), norm, np.mean(np.sign(out.h1)))


def train(X, y, params, lr=0.1, epochs=1000):
    begin = params, ()
    states = accumulate(repeat(lr), lambda state, rate: after(X, y, state[0], rate), initial=begin)
    *_, (params, _), rows = *(all_of := list(islice(states, epochs + 1))), [row for _, row in all_of[1:]]
    keys = ("loss", "accuracy", "grad_norm", "relu_active")
    return params, dict(zip(keys, map(list, zip(*rows)))) if rows else dict(zip(keys, ([], [], [], [])))


def after(X, y, params, lr):
    grads, row = seen(X, y, params)
    return sgd_step(params, grads, lr), row
