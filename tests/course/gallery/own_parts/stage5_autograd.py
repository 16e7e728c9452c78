"""Parts of one's own, stage 5: an optimizer that follows torch.optim's interface."""

import numpy as np
import torch
import xor


class Downhill(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, dict(lr=lr))

    @torch.no_grad()
    def step(self, closure=None):
        with torch.enable_grad():
            value = closure()
        for group in self.param_groups:
            for p in group["params"]:
                p.sub_(group["lr"] * p.grad)
        return value


def leaf_params(params):
    made = []
    for p in params:
        leaf = torch.tensor(np.array(p), dtype=torch.float64)
        leaf.requires_grad = True
        made.append(leaf)
    return xor.Params(*made)


def half_mean_square(X, y, params):
    W1, b1, W2, b2 = params
    f = (torch.relu(X @ W1.T + b1) @ W2.T + b2).reshape(-1)
    return torch.sum((f - y) ** 2) / (2 * len(y))


def autograd_grad(X, y, params):
    leaves = leaf_params(params)
    half_mean_square(torch.tensor(X), torch.tensor(y), leaves).backward(inputs=list(leaves))
    return xor.Params(*[leaf.grad.clone().numpy() for leaf in leaves])


def compare_grads(manual, auto):
    wrong = ""
    for name in ["W1", "b1", "W2", "b2"]:
        if getattr(manual, name).shape != getattr(auto, name).shape:
            wrong = wrong + name + " "
    if wrong:
        raise ValueError("different: " + wrong)
    return {
        "W1": float(np.max(abs(manual.W1 - auto.W1))),
        "b1": float(np.max(abs(manual.b1 - auto.b1))),
        "W2": float(np.max(abs(manual.W2 - auto.W2))),
        "b2": float(abs(manual.b2 - auto.b2)),
    }


def train_step(X, y, params, lr):
    optimizer = Downhill(list(params), lr)

    def closure():
        optimizer.zero_grad()
        value = half_mean_square(X, y, params)
        value.backward()
        return value

    return float(optimizer.step(closure))
