"""Loops in plain Python, stage 5."""

import math

import numpy as np
import torch
from stage4_torch_forward import forward, loss
from xor import Params


def leaf_params(params):
    leaves = []
    for p in params:
        leaf = torch.empty(p.shape, dtype=torch.float64)
        leaf.copy_(torch.from_numpy(np.array(p)))
        leaf.requires_grad = True
        leaves.append(leaf)
    return Params(leaves[0], leaves[1], leaves[2], leaves[3])


def autograd_grad(X, y, params):
    leaves = leaf_params(params)
    value = loss(forward(torch.tensor(X), leaves).f, torch.tensor(y))
    value.backward()
    grads = []
    for leaf in leaves:
        grads.append(leaf.grad.detach().numpy().copy())
    return Params(*grads)


def compare_grads(manual, auto):
    different = []
    for name in Params._fields:
        if np.shape(getattr(manual, name)) != np.shape(getattr(auto, name)):
            different.append(name)
    if len(different) > 0:
        raise ValueError(different)
    result = {}
    for name in Params._fields:
        result[name] = 0.0
        for one, other in zip(np.ravel(getattr(manual, name)), np.ravel(getattr(auto, name))):
            apart = abs(float(one - other))
            if apart > result[name] or math.isnan(apart):
                result[name] = apart
            if math.isnan(apart):
                break
    return result


def train_step(X, y, params, lr):
    for p in params:
        p.grad = None
    value = loss(forward(X, params).f, y)
    value.backward()
    for p in params:
        for place in np.ndindex(*p.shape):
            p.data[place] = p.data[place] - lr * p.grad[place]
    return value.item()
