"""All parameters in one vector, stage 3: one gradient, one difference quotient, one step."""

import numpy as np
from stage1_relu import relu_grad
from stage2_forward import accuracy, forward, loss, packed, unpacked, with_ones
from xor import Params


def shapes_of(params):
    return Params(*map(np.shape, params))


def backward(X, y, params, out):
    error = (out.f - y)[:, None] / len(X)
    hidden = (error @ params.W2 * relu_grad(out.a1)).T @ with_ones(X)
    output = error.T @ with_ones(out.h1)
    return Params(hidden[:, :-1], hidden[:, -1], output[:, :-1], output[0, -1])


def numerical_grad(X, y, params, eps=1e-6):
    shapes, vector = shapes_of(params), packed(params)

    def at(place):
        return loss(forward(X, unpacked(place, shapes)).f, y)

    steps = eps * np.eye(len(vector))
    return unpacked(np.array([at(vector + s) - at(vector - s) for s in steps]) / (2 * eps), shapes)


def gradient_check(X, y, params, eps=1e-6):
    apart = packed(backward(X, y, params, forward(X, params))) - packed(numerical_grad(X, y, params, eps))
    parts = unpacked(np.abs(apart), shapes_of(params))
    return {name: float(part.max()) for name, part in parts._asdict().items()}


def sgd_step(params, grads, lr):
    return unpacked(packed(params) - lr * packed(grads), shapes_of(params))


def train(X, y, params, lr=0.1, epochs=1000):
    vector, shapes = packed(params), shapes_of(params)
    columns = np.zeros((4, epochs))
    for epoch in range(epochs):
        now = unpacked(vector, shapes)
        out = forward(X, now)
        gradient = packed(backward(X, y, now, out))
        columns[:, epoch] = loss(out.f, y), accuracy(out.f, y), np.linalg.norm(gradient), (out.h1 > 0).mean()
        vector = vector - lr * gradient
    return unpacked(vector, shapes), dict(zip(["loss", "accuracy", "grad_norm", "relu_active"], columns.tolist()))
