"""Unusual memory layouts, stage 3: gradients are transposed views, nudges go through a view of a copy."""

import numpy as np
from stage1_relu import backwards, relu_grad
from stage2_forward import accuracy, forward, loss
from xor import Params


def backward(X, y, params, out):
    error = np.subtract(out.f, y) / y.shape[0]
    back = params.W2.T * error * relu_grad(out.a1).T  # (H, N)
    return Params(
        W1=(X.T @ back.T).T,
        b1=backwards(back.sum(axis=-1)),
        W2=np.asfortranarray(out.h1.T @ error[:, np.newaxis]).T,
        b2=np.sum(error, keepdims=True).reshape(()),
    )


def numerical_grad(X, y, params, eps=1e-6):
    grads = []
    for which in range(len(params)):
        mine = [np.array(p, order="F") for p in params]
        grad = np.empty(mine[which].shape, order="F")
        with np.nditer([mine[which], grad], flags=["zerosize_ok"], op_flags=[["readwrite"], ["writeonly"]]) as entries:
            for value, slope in entries:
                kept = value.copy()
                value[...] = kept - eps
                below = loss(forward(X, Params(*mine)).f, y)
                value[...] = kept + eps
                above = loss(forward(X, Params(*mine)).f, y)
                value[...] = kept
                slope[...] = (above - below) / (2 * eps)
        grads.append(grad)
    return Params(*grads)


def gradient_check(X, y, params, eps=1e-6):
    both = zip(backward(X, y, params, forward(X, params)), numerical_grad(X, y, params, eps))
    apart = [np.abs(np.asfortranarray(one) - other) for one, other in both]
    return dict(zip(Params._fields, (np.max(array.T[..., None]) for array in apart)))


def sgd_step(params, grads, lr):
    return Params(*(backwards(np.asarray(p - np.multiply(g, lr))) for p, g in zip(params, grads)))


def train(X, y, params, lr=0.1, epochs=1000):
    rows = np.empty((epochs, 4))
    X = np.asfortranarray(X)
    for row in rows:
        out = forward(X, params)
        grads = backward(X, y, params, out)
        norm = np.sqrt(np.sum([np.vdot(g, g) for g in grads]))
        row[:] = loss(out.f, y), accuracy(out.f, y), norm, np.greater(out.a1, 0).mean()
        params = sgd_step(params, grads, lr)
    keys = "loss", "accuracy", "grad_norm", "relu_active"
    return params, {key: rows[:, at].tolist() for at, key in enumerate(keys)}
