import numpy as n, xor; from stage1_relu import relu
affine = lambda x, W, b: x @ W.T + b
forward = lambda X, p: xor.Forward((h := relu(a := affine(X, p.W1, p.b1))) @ p.W2[0] + p.b2, a, h)
def same(u, v):
    if n.shape(u) != n.shape(v): raise ValueError(u, v)
    return u - v
loss = lambda f, y: float(same(f, y) @ (f - y) / len(f) / 2)
accuracy = lambda f, y: float(n.mean((f < .5) ^ (y > 0)))
def check_shapes(params, d=xor.D, h=xor.H):
    if b := [k for k, p, s in zip(params._fields, params, ((h, d), (h,), (1, h), ())) if n.shape(p) != s]: raise ValueError(*b)
