"""Numbers of one's own, stage 4: differences are measured by a float subclass."""

import numpy as np
import torch
from stage2_forward import Measured
from xor import Forward, Params


def to_torch(params):
    return Params(*(torch.as_tensor(np.array(p, dtype=np.float64, copy=True)) for p in params))


def forward(X, params):
    a1 = torch.addmm(params.b1, X, params.W1.T)
    h1 = a1 * a1.gt(0)
    return Forward(f=torch.mv(h1, params.W2.view(-1)) + params.b2, a1=a1, h1=h1)


def loss(f, y):
    if f.size() != y.size():
        raise ValueError("the scores and the labels do not pair")
    return torch.var(f - y, correction=0) / 2 + torch.mean(f - y) ** 2 / 2


def agreement(array, tensor):
    if np.shape(array) != tensor.shape:
        raise ValueError("the array and the tensor do not pair")
    return Measured(np.max(np.abs(np.subtract(array, tensor.detach()).numpy())), "gap")
