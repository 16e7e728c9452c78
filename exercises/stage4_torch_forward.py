"""Stage 4: the same forward pass with PyTorch tensors, still without autograd.

The mathematics is that of stage 2, and so is nearly every line. What is new is the container: a tensor
has a dtype and, when it is asked to, remembers the operations that made it (its graph). Written with
tensor operations only, the forward pass records a graph exactly when the parameters require gradients.
Stage 5 will need that.

Both passes compute in float64, so they must agree to rounding: every entry within 1e-8.
"""

import numpy as np
import stage2_forward
import torch
from xor import Forward, Params, init_params, make_xor


def to_torch(params: Params) -> Params:
    """Copy NumPy parameters into float64 tensors that do not require gradients.

    Returns Params of tensors of the same shapes, which share no memory with the arrays.
    """
    raise NotImplementedError("to_torch is not written yet")


def forward(X: torch.Tensor, params: Params) -> Forward:
    """Score every sample, as in stage 2: affine, ReLU, affine.

    X: (N, D) float64; params: tensors W1 (H, D), b1 (H,), W2 (1, H), b2 ().
    Returns Forward(f, a1, h1) of tensors (N,), (N, H), (N, H). No graph is recorded when the parameters
    do not require gradients; the result is differentiable when they do.
    """
    raise NotImplementedError("forward is not written yet")


def loss(f: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean over the samples of ½ (f − y)², as a 0-d tensor, differentiable when f is.

    f, y: (N,) each. Raises ValueError when their shapes differ.
    """
    raise NotImplementedError("loss is not written yet")


def agreement(array: np.ndarray, tensor: torch.Tensor) -> float:
    """The largest absolute difference of an array and a tensor, which may be part of a graph.

    Raises ValueError when their shapes differ.
    """
    raise NotImplementedError("agreement is not written yet")


if __name__ == "__main__":
    X, y = make_xor()
    params = init_params()
    by_numpy = stage2_forward.forward(X, params)
    by_torch = forward(torch.tensor(X), to_torch(params))
    for name, array, tensor in zip(Forward._fields, by_numpy, by_torch, strict=True):
        print(f"{name}: NumPy and PyTorch agree within {agreement(array, tensor):.1e}")
    print(f"loss {loss(by_torch.f, torch.tensor(y)):.4f}")
