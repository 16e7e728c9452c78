"""Einstein's indices, stage 3: every gradient in one contraction."""

import numpy as np
from stage1_relu import relu_grad
from stage2_forward import accuracy, contract, forward, loss
from xor import Params


def backward(X, y, params, out):
    e, on = (out.f - y) * (1 / len(y)), relu_grad(out.a1)
    return Params(
        W1=contract("n,nh,oh,nd->hd", e, on, params.W2, X),
        b1=contract("n,nh,oh->h", e, on, params.W2),
        W2=contract("n,nh,o->oh", e, out.h1, np.ones(1)),
        b2=contract("n->", e),
    )


def numerical_grad(X, y, params, eps=1e-6):
    def at(field, delta):
        return loss(forward(X, params._replace(**{field: getattr(params, field) + delta})).f, y)

    def slopes(field):
        shape = np.shape(getattr(params, field))
        for unit in np.eye(int(np.prod(shape))) * eps:
            yield (at(field, unit.reshape(shape)) - at(field, -unit.reshape(shape))) / (2 * eps)

    return Params(
        *(np.reshape([*slopes(field)], np.shape(getattr(params, field))) for field in Params._fields)
    )


def gradient_check(X, y, params, eps=1e-6):
    pair = backward(X, y, params, forward(X, params)), numerical_grad(X, y, params, eps)
    return {k: np.abs(np.subtract(*two)).max() for k, *two in zip(Params._fields, *pair)}


def sgd_step(params, grads, lr):
    return Params._make(p + contract("...,->...", g, -lr) for p, g in zip(params, grads))


def train(X, y, params, lr=0.1, epochs=1000):
    record = {key: [] for key in ("relu_active", "grad_norm", "accuracy", "loss")}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        record["loss"] += [loss(out.f, y)]
        record["accuracy"] += [accuracy(out.f, y)]
        record["grad_norm"] += [sum(contract("i,i->", g.ravel(), g.ravel()) for g in map(np.asarray, grads)) ** 0.5]
        record["relu_active"] += [contract("nh->", relu_grad(out.a1)) / out.a1.size]
        params = sgd_step(params, grads, lr)
    return params, record
