"""Loops in plain Python, stage 3: the long run on arrays, everything else number by number."""

import math

import numpy as np
from stage2_forward import affine, forward, loss
from xor import Params


def backward(X, y, params, out):
    n, d = X.shape
    h = len(params.b1)
    W1, b1, W2, b2 = np.zeros((h, d)), np.zeros(h), np.zeros((1, h)), 0.0
    for i in range(n):
        error = (out.f[i] - y[i]) / n
        b2 += error
        for j in range(h):
            W2[0, j] += error * out.h1[i, j]
            if out.a1[i, j] > 0:
                back = error * params.W2[0, j]
                b1[j] += back
                for k in range(d):
                    W1[j, k] += back * X[i, k]
    return Params(W1, b1, W2, np.array(b2))


def numerical_grad(X, y, params, eps=1e-6):
    grads = []
    for number in range(4):
        grad = np.zeros(np.shape(params[number]))
        for place in np.ndindex(*grad.shape):
            both = []
            for sign in (+1, -1):
                copies = [np.array(p) for p in params]
                copies[number][place] += sign * eps
                both.append(loss(forward(X, Params(*copies)).f, y))
            grad[place] = (both[0] - both[1]) / 2 / eps
        grads.append(grad)
    return Params(*grads)


def gradient_check(X, y, params, eps=1e-6):
    exact = backward(X, y, params, forward(X, params))
    close = numerical_grad(X, y, params, eps)
    result = {}
    for name in ("W1", "b1", "W2", "b2"):
        largest = 0.0
        for one, other in zip(np.ravel(getattr(exact, name)), np.ravel(getattr(close, name))):
            apart = abs(float(one) - float(other))
            if math.isnan(apart) or math.isnan(largest):
                largest = math.nan
            elif apart > largest:
                largest = apart
        result[name] = largest
    return result


def sgd_step(params, grads, lr):
    new = []
    for p, g in zip(params, grads):
        moved = np.array(p, copy=True)
        for place in np.ndindex(moved.shape):
            moved[place] = p[place] - lr * g[place]
        new.append(moved)
    return Params(*new)


def train(X, y, params, lr=0.1, epochs=1000):
    W1, b1, W2, b2 = (np.array(p) for p in params)
    losses, accuracies, norms, active = [], [], [], []
    for epoch in range(epochs):
        a1 = X @ W1.T + b1
        h1 = np.where(a1 > 0, a1, 0)
        f = h1 @ W2[0] + b2
        e = f - y
        losses.append(float((e * e).mean() / 2))
        accuracies.append(float(((f >= 0.5) * 1.0 == y).mean()))
        active.append(float((a1 > 0).mean()))
        e = e / len(y)
        da1 = e[:, None] * W2 * (a1 > 0)
        gW1, gb1, gW2, gb2 = da1.T @ X, da1.sum(0), (e @ h1)[None, :], e.sum()
        norms.append(math.sqrt((gW1**2).sum() + (gb1**2).sum() + (gW2**2).sum() + gb2**2))
        W1, b1, W2, b2 = W1 - lr * gW1, b1 - lr * gb1, W2 - lr * gW2, b2 - lr * gb2
    history = {"loss": losses, "accuracy": accuracies, "grad_norm": norms, "relu_active": active}
    return Params(W1, b1, W2, np.asarray(b2)), history
