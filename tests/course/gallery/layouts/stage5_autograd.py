"""Unusual memory layouts, stage 5: leaves in column-major order, gradients handed out as views."""

import numpy as np
import torch
from stage4_torch_forward import forward, loss
from xor import Params


def leaf_params(params):
    def leaf(p):
        made = torch.empty_strided(p.shape, tuple(s // 8 for s in np.zeros(p.shape, order="F").strides))
        return made.double().copy_(torch.tensor(p)).requires_grad_()

    return Params(*map(leaf, params))


def autograd_grad(X, y, params):
    leaves = leaf_params(params)
    loss(forward(torch.tensor(np.asfortranarray(X)), leaves).f, torch.tensor(y)).backward()
    return Params(*(p.grad.numpy().T.copy().T for p in leaves))


def compare_grads(manual, auto):
    shapes = {name: (np.shape(m), np.shape(a)) for name, m, a in zip(Params._fields, manual, auto)}
    wrong = {name: pair for name, pair in shapes.items() if pair[0] != pair[1]}
    if wrong:
        raise ValueError(repr(wrong))
    return {
        name: np.abs(np.flip(m) - np.flip(a)).max(initial=0.0) for name, m, a in zip(Params._fields, manual, auto)
    }


def train_step(X, y, params, lr):
    for p in params:
        p.grad = torch.zeros_like(p, memory_format=torch.contiguous_format)
    before = loss(forward(X, params).f, y)
    before.backward()
    with torch.no_grad():
        torch._foreach_add_(list(params), [p.grad for p in params], alpha=-lr)
    return before.tolist()
