"""Unusual memory layouts, stage 4: strided, transposed and expanded tensors."""

import numpy as np
import torch
from xor import Forward, Params


def strided(array):
    """The same values, every other one of a tensor twice as long."""
    flat = torch.from_numpy(np.repeat(array.ravel(), 2))
    return flat[::2].reshape(array.shape) if array.ndim != 2 else flat[::2].reshape(array.shape).T.contiguous().T


def to_torch(params):
    return Params(*map(strided, params))


def forward(X, params):
    pre = torch.mm(params.W1, X.T) + params.b1.unsqueeze(-1)  # (H, N)
    hidden = torch.clamp_min(pre, 0.0)
    return Forward((params.W2 @ hidden + params.b2)[0], pre.T, hidden.T)


def loss(f, y):
    if f.shape != y.shape:
        raise ValueError("f and y differ in shape")
    return torch.stack([f, -y], dim=1).sum(dim=1).square().mean().div(2)


def agreement(array, tensor):
    if array.shape != tensor.shape:
        raise ValueError("array and tensor differ in shape")
    other = tensor.detach().permute(tuple(range(tensor.ndim))[::-1])
    return float((torch.from_numpy(np.array(array.T, order="C")) - other).abs().max())
