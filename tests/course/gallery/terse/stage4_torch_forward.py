import torch as t; from xor import Forward, Params as P
to_torch = lambda p: P(*(t.tensor(q) for q in p))
forward = lambda X, p: Forward((h := (a := X @ p.W1.mT + p.b1).relu()) @ p.W2[0] + p.b2, a, h)
def same(u, v):
    if u.shape != v.shape: raise ValueError('shapes')
    return u - v
loss = lambda f, y: same(f, y).pow(2).mean() / 2
agreement = lambda array, tensor: same(t.tensor(array), tensor).abs().max().item()
