"""Einstein's indices, stage 5: one graph, differentiated by torch.autograd.grad."""

import numpy as np
import torch
from stage4_torch_forward import forward, loss, to_torch
from xor import Params


def leaf_params(params):
    return Params(*(p.requires_grad_() for p in to_torch(params)))


def autograd_grad(X, y, params):
    leaves = leaf_params(params)
    value = loss(forward(torch.from_numpy(X), leaves).f, torch.from_numpy(y))
    return Params(*map(torch.Tensor.numpy, torch.autograd.grad(value, leaves)))


def compare_grads(manual, auto):
    pairs = {name: (getattr(manual, name), getattr(auto, name)) for name in Params._fields}
    unlike = " and ".join(name for name, (m, a) in pairs.items() if np.shape(m) != np.shape(a))
    if unlike:
        raise ValueError(f"no difference of different shapes: {unlike}")
    return {name: np.max(np.abs(np.subtract(m, a))) for name, (m, a) in pairs.items()}


def train_step(X, y, params, lr):
    value = loss(forward(X, params).f, y)
    grads = torch.autograd.grad(value, list(params))
    with torch.no_grad():
        for p, g in zip(params, grads):
            p -= einsum_scaled(lr, g)
    return float(value)


def einsum_scaled(factor, tensor):
    return torch.einsum(",...->...", torch.tensor(factor, dtype=tensor.dtype), tensor)
