"""All parameters in one vector, stage 4: the tensors are views of one tensor."""

import numpy as np
import torch
from stage2_forward import packed
from torch.nn.functional import pad
from xor import Forward, Params


def unpacked(vector, like):
    sizes = [int(np.prod(p.shape)) for p in like]
    return Params(*(part.view(p.shape) for part, p in zip(vector.split(sizes), like)))


def to_torch(params):
    return unpacked(torch.from_numpy(packed(params)), params)


def with_ones(x):
    return pad(x, (0, 1), value=1.0)


def forward(X, params):
    a1 = with_ones(X) @ torch.cat([params.W1, params.b1[:, None]], dim=1).T
    h1 = torch.maximum(a1, a1.new_zeros(()))
    return Forward(with_ones(h1) @ torch.cat([params.W2[0], params.b2[None]]), a1, h1)


def loss(f, y):
    if f.shape != y.shape:
        raise ValueError("one score for each label, please")
    return (f - y).dot(f - y) / (2 * f.numel())


def agreement(array, tensor):
    if array.shape != tuple(tensor.shape):
        raise ValueError("not of one shape")
    return torch.linalg.vector_norm(torch.tensor(array) - tensor.detach(), float("inf")).item()
