import numpy as n, xor; from functools import reduce; from stage1_relu import *; from stage2_forward import *
from stage1_relu import relu_grad as s; from stage2_forward import forward, loss, accuracy
P = xor.Params
backward = lambda X, y, p, o: P((d := (e := (o.f - y)[:, None] / len(y)) * p.W2 * s(o.a1)).T @ X, d.sum(0), e.T @ o.h1, e.sum())
def numerical_grad(X, y, params, eps=1e-6):
    L = lambda k, m: loss(forward(X, params._replace(**{k: m})).f, y)
    D = lambda k, p: n.array([(L(k, p + (u := v.reshape(p.shape))) - L(k, p - u)) / (2 * eps) for v in eps * n.eye(p.size)]).reshape(p.shape)
    return P(*map(D, P._fields, params))
gradient_check = lambda X, y, params, eps=1e-6: {k: float(n.max(n.abs(a - b))) for k, a, b in zip(P._fields, backward(X, y, params, forward(X, params)), numerical_grad(X, y, params, eps))}
sgd_step = lambda params, grads, lr: P(*(p - lr * g for p, g in zip(params, grads)))
def train(X, y, params, lr=.1, epochs=1000):
    H = {k: [] for k in 'loss accuracy grad_norm relu_active'.split()}
    def step(p, _):
        o = forward(X, p); g = backward(X, y, p, o)
        for k, v in zip(H, (loss(o.f, y), accuracy(o.f, y), sum((q ** 2).sum() for q in g) ** .5, (o.a1 > 0).mean())): H[k] += v,
        return sgd_step(p, g, lr)
    return reduce(step, range(epochs), params), H
