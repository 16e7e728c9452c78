"""Parts of one's own, stage 4: a function with a backward pass of its own."""

import torch
from xor import Forward, Params


class Rectify(torch.autograd.Function):
    @staticmethod
    def forward(ctx, a):
        ctx.save_for_backward(a)
        return a.clamp(min=0)

    @staticmethod
    def backward(ctx, grad):
        (a,) = ctx.saved_tensors
        return torch.where(a > 0, grad, torch.zeros_like(grad))


def to_torch(params):
    W1, b1, W2, b2 = params
    return Params(*(torch.DoubleTensor(p.tolist()) for p in (W1, b1, W2)), torch.tensor(float(b2), dtype=torch.double))


def forward(X, params):
    W1, b1, W2, b2 = params
    a1 = torch.tensordot(X, W1, dims=([1], [1])) + b1[None, :]
    h1 = Rectify.apply(a1)
    return Forward(torch.inner(h1, W2).squeeze(-1) + b2, a1, h1)


def loss(f, y):
    if list(f.shape) != list(y.shape):
        raise ValueError("not the same shape")
    return torch.nn.functional.gaussian_nll_loss(f, y, torch.ones_like(f))


def agreement(array, tensor):
    if not list(array.shape) == list(tensor.shape):
        raise ValueError("not the same shape")
    return max([0.0, *abs(array - tensor.detach().numpy()).reshape(-1).tolist()])
