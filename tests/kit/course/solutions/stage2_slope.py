"""Stage 2: slopes, by autograd in PyTorch.

The square of twice a number grows eight times as fast as the number itself.

The formula
-----------
For x of any shape, each element by itself:

    y = (2 x)²
    y′ = 8 x
"""

import numpy as np
import torch
from stage1_double import double
from torch import nn


def slope(x: np.ndarray) -> np.ndarray:
    """The derivative of (2x)² at each element of x (N,), by autograd."""
    ### BEGIN SOLUTION
    leaf = torch.tensor(x, requires_grad=True)
    (double(leaf) ** 2).sum().backward()
    return leaf.grad.numpy()
    ### END SOLUTION


class Doubler(nn.Module):
    """A module of one parameter `w` (), 1.0 at first, that gives w · x."""

    def __init__(self) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.w = nn.Parameter(torch.tensor(1.0))
        ### END SOLUTION

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """w · x for x (N,)."""
        ### BEGIN SOLUTION
        return self.w * x
        ### END SOLUTION


def train(model: nn.Module, x: torch.Tensor, y: torch.Tensor, lr: float = 0.1, epochs: int = 20) -> list[float]:
    """Train a model in place by gradient descent on the mean of (model(x) − y)², for x and y (N,).

    Returns the loss before each of the epochs' steps.
    """
    ### BEGIN SOLUTION
    losses = []
    for _ in range(epochs):
        loss = ((model(x) - y) ** 2).mean()
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for p in model.parameters():
                p -= lr * p.grad
        losses.append(loss.item())
    return losses
    ### END SOLUTION
