"""Generators, stage 5: one gradient at a time."""

import numpy as np
import torch
from stage4_torch_forward import copies, forward
from xor import Params


def leaf_params(params):
    return Params(*(copy.requires_grad_(True) for copy in copies(params)))


def half_mean_square(f, y):
    return ((f - y) ** 2).mean() / 2


def one_by_one(value, leaves):
    for leaf in leaves:
        (grad,) = torch.autograd.grad(value, [leaf], retain_graph=True)
        yield grad


def autograd_grad(X, y, params):
    leaves = leaf_params(params)
    value = half_mean_square(forward(torch.tensor(X), leaves).f, torch.tensor(y))
    return Params(*(grad.numpy() for grad in one_by_one(value, leaves)))


def apart(manual, auto):
    for name, one, other in zip(Params._fields, manual, auto):
        yield name, np.abs(one - other) if np.shape(one) == np.shape(other) else None


def compare_grads(manual, auto):
    found = dict(apart(manual, auto))
    refused = [name for name, value in found.items() if value is None]
    if refused:
        raise ValueError(f"shapes: {refused}")
    return {name: float(value.max()) for name, value in found.items()}


def train_step(X, y, params, lr):
    value = half_mean_square(forward(X, params).f, y)
    moves = [lr * grad for grad in one_by_one(value, params)]
    for p, move in zip(params, moves):
        p.data.copy_(p.data - move)
    return value.item()
