"""Numbers of one's own, stage 3: biases are NumPy scalars, the history is a dict of its own."""

import numpy as np
from stage1_relu import relu_grad
from stage2_forward import Measured, accuracy, forward, loss
from xor import Params


class History(dict):
    """Also `history.loss`; a key that is missing begins as an empty list."""

    __getattr__ = dict.__getitem__

    def __missing__(self, key):
        return self.setdefault(key, [])


class Gradients(Params):
    """Params that have a length in the sense of geometry."""

    def __abs__(self):
        return np.sqrt(np.sum([np.sum(np.square(g)) for g in self]))


def backward(X, y, params, out):
    apart = out.f - y
    dW2 = np.average(apart[:, None] * out.h1, axis=0)
    da1 = np.kron(apart[:, None], params.W2) * relu_grad(out.a1)
    dW1 = np.mean(da1[:, :, None] * X[:, None, :], axis=0)
    return Gradients(dW1, np.mean(da1, axis=0), dW2[None], np.float64(apart.mean()))


def numerical_grad(X, y, params, eps=1e-6):
    params = Params(*(np.array(p) for p in params))

    def moved(which, place, by):
        parts = list(params)
        parts[which] = parts[which].copy()
        parts[which][place] += by
        return float(loss(forward(X, Params(*parts)).f, y))

    grads = [np.zeros(p.shape) for p in params]
    for which, grad in enumerate(grads):
        for place, _ in np.ndenumerate(grad):
            grad[place] = (moved(which, place, eps) - moved(which, place, -eps)) / (2.0 * eps)
    return Gradients(*grads[:3], np.float64(grads[3]))


def gradient_check(X, y, params, eps=1e-6):
    both = backward(X, y, params, forward(X, params)), numerical_grad(X, y, params, eps)
    apart = {name: np.abs(getattr(both[0], name) - getattr(both[1], name)) for name in Params._fields}
    return {name: Measured(np.max(value), name) for name, value in apart.items()}


def sgd_step(params, grads, lr):
    rate = np.float64(lr)
    return Params(*(np.subtract(p, rate * g) for p, g in zip(params, grads)))


def train(X, y, params, lr=0.1, epochs=1000):
    history = History()
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(abs(grads))
        history["relu_active"].append(np.mean(relu_grad(out.a1)))
        params = sgd_step(params, grads, lr)
    return params, history
