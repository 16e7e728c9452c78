"""Parts of one's own, stage 3: a tape that records operations and goes back over them; nothing is imported."""


class Tape:
    """Reverse-mode differentiation of the one loss that is needed here, entry by entry of a graph of arrays."""

    def __init__(self):
        self.steps = []

    def record(self, backwards):
        self.steps.append(backwards)

    def back(self):
        for step in reversed(self.steps):
            step()


class Var:
    def __init__(self, value, tape):
        import numpy

        self.value, self.tape = numpy.asarray(value), tape
        self.grad = numpy.zeros_like(self.value)

    def affine(self, W, b):
        out = Var(self.value @ W.value.T + b.value, self.tape)

        def backwards():
            self.grad = self.grad + out.grad @ W.value
            W.grad = W.grad + out.grad.T @ self.value
            b.grad = b.grad + out.grad.sum(axis=0).reshape(b.grad.shape)

        self.tape.record(backwards)
        return out

    def relu(self):
        out = Var(self.value * (self.value > 0), self.tape)

        def backwards():
            self.grad = self.grad + out.grad * (self.value > 0)

        self.tape.record(backwards)
        return out


def backward(X, y, params, out):
    from xor import Params

    tape = Tape()
    leaves = Params(*(Var(p, tape) for p in params))
    score = Var(X, tape).affine(leaves.W1, leaves.b1).relu().affine(leaves.W2, leaves.b2)
    score.grad = (score.value - y.reshape(-1, 1)) / len(y)
    tape.back()
    return Params(*(leaf.grad for leaf in leaves))


def half_mean_square(X, y, params):
    import numpy

    hidden = numpy.maximum(X @ params[0].T + params[1], 0)
    apart = (hidden @ params[2].T)[:, 0] + params[3] - y
    return float(apart @ apart) / 2 / len(y)


def numerical_grad(X, y, params, eps=1e-6):
    import copy

    import numpy
    from xor import Params

    grads = []
    for which in range(4):
        grad = numpy.zeros(params[which].size)
        for entry in range(grad.size):
            for sign in 1, -1:
                changed = copy.deepcopy(list(params))
                changed[which].flat[entry] += sign * eps
                grad[entry] += sign * half_mean_square(X, y, changed)
        grads.append(grad.reshape(params[which].shape) / (2 * eps))
    return Params(*grads)


def gradient_check(X, y, params, eps=1e-6):
    one, other = backward(X, y, params, None), numerical_grad(X, y, params, eps)
    result = {}
    for name in one._fields:
        result[name] = float(abs(getattr(one, name) - getattr(other, name)).max())
    return result


def sgd_step(params, grads, lr):
    import copy

    new = copy.deepcopy(params)
    for p, g in zip(new, grads):
        p -= lr * g
    return new


def train(X, y, params, lr=0.1, epochs=1000):
    history = dict(loss=[], accuracy=[], grad_norm=[], relu_active=[])
    for _ in range(epochs):
        a1 = X @ params.W1.T + params.b1
        f = (a1 * (a1 > 0)) @ params.W2[0] + params.b2
        grads = backward(X, y, params, None)
        history["loss"].append(half_mean_square(X, y, params))
        history["accuracy"].append(float(((f >= 0.5) == y).mean()))
        history["grad_norm"].append(float(sum((g**2).sum() for g in grads) ** 0.5))
        history["relu_active"].append(float((a1 > 0).mean()))
        params = sgd_step(params, grads, lr)
    return params, history
