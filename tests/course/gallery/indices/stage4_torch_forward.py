"""Einstein's indices, stage 4."""

import torch
from torch import einsum
from xor import Forward, Params


def to_torch(params):
    return Params(*(torch.tensor(p.tolist(), dtype=torch.double) for p in params))


def forward(X, params):
    pre = einsum("nd,hd->nh", X, params.W1) + params.b1
    hidden = einsum("nh,nh->nh", pre, (pre > 0).to(pre.dtype))
    return Forward(einsum("nh,oh->n", hidden, params.W2) + params.b2, pre, hidden)


def loss(f, y):
    if f.shape != y.shape:
        raise ValueError("the indices of f and y do not match")
    return einsum("n,n->", f - y, f - y) / (2 * len(f))


def agreement(array, tensor):
    if tuple(array.shape) != tuple(tensor.shape):
        raise ValueError
    return torch.max(torch.abs(torch.as_tensor(array) - tensor)).item()
