import numpy as n, torch as t; from stage4_torch_forward import forward, loss; from xor import Params as P
leaf_params = lambda p: P(*(t.tensor(q, requires_grad=True) for q in p))
autograd_grad = lambda X, y, p: P(*map(t.Tensor.numpy, t.autograd.grad(loss(forward(t.tensor(X), q := leaf_params(p)).f, t.tensor(y)), q)))
def compare_grads(manual, auto):
    if w := [k for k, m, a in zip(P._fields, manual, auto) if m.shape != a.shape]: raise ValueError(' '.join(w))
    return {k: n.ptp([0, *n.ravel(abs(m - a))]) for k, m, a in zip(P._fields, manual, auto)}
def train_step(X, y, params, lr):
    l = loss(forward(X, params).f, y)
    for p, g in zip(params, t.autograd.grad(l, params)): p.data -= lr * g
    return l.item()
