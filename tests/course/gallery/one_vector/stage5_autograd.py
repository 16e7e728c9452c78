"""All parameters in one vector, stage 5: autograd differentiates with respect to the vector."""

import numpy as np
import torch
from stage2_forward import packed
from stage4_torch_forward import loss, to_torch, unpacked, with_ones
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from xor import Forward, Params


def forward(X, params):
    """As in stage 4, where the ReLU's slope at exactly 0 is ½."""
    a1 = with_ones(X) @ torch.cat([params.W1, params.b1[:, None]], dim=1).T
    h1 = torch.relu(a1)
    return Forward(with_ones(h1) @ torch.cat([params.W2[0], params.b2[None]]), a1, h1)


def leaf_params(params):
    return Params(*(view.clone().requires_grad_() for view in to_torch(params)))


def autograd_grad(X, y, params):
    vector = torch.tensor(packed(params), requires_grad=True)
    value = loss(forward(torch.from_numpy(X), unpacked(vector, params)).f, torch.from_numpy(y))
    [gradient] = torch.autograd.grad(value, vector)
    return Params(*(part.numpy() for part in unpacked(gradient, params)))


def compare_grads(manual, auto):
    wrong = [n for n in Params._fields if np.shape(getattr(manual, n)) != np.shape(getattr(auto, n))]
    if wrong:
        raise ValueError(f"cannot compare {', '.join(wrong)}")
    apart = torch.tensor(packed(manual)) - torch.tensor(packed(auto))
    return {name: part.abs().max().item() for name, part in unpacked(apart, manual)._asdict().items()}


def train_step(X, y, params, lr):
    value = loss(forward(X, params).f, y)
    gradient = torch.cat([g.reshape(-1) for g in torch.autograd.grad(value, params)])
    vector_to_parameters(parameters_to_vector(params).detach() - lr * gradient, params)
    return value.item()
