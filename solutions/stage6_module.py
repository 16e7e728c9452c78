"""Stage 6: the model as an `nn.Module`, mini-batches from a `DataLoader`, and training.

What stages 4 and 5 did with a tuple of leaf tensors, PyTorch packs into a module: it registers the
parameters, so that an optimizer, `state_dict` and `.double()` find them. The same network is built twice,
once with parameters of our own and once from ready-made layers. A loader hands out shuffled mini-batches;
each is one training step:

    zero_grad → forward → loss → backward → step
"""

import numpy as np
import torch
from stage4_torch_forward import loss
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from xor import D, Forward, H, History, make_xor


class TinyMLP(nn.Module):
    """The network of stages 2 to 5 as a module.

    Parameters, and no others: W1 (h, d), b1 (h,), W2 (1, h), b2 (). Weights start at 0.1 · randn, drawn
    from PyTorch's global generator in its default dtype; biases start at 0.
    """

    def __init__(self, d: int = D, h: int = H) -> None:
        """Draw and register the parameters for `d` inputs and `h` hidden units."""
        ### BEGIN SOLUTION
        super().__init__()
        self.W1 = nn.Parameter(0.1 * torch.randn(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(0.1 * torch.randn(1, h))
        self.b2 = nn.Parameter(torch.zeros(()))
        ### END SOLUTION

    def forward(self, X: torch.Tensor) -> Forward:
        """Score every sample of X (N, D): Forward(f, a1, h1) of (N,), (N, H), (N, H)."""
        ### BEGIN SOLUTION
        a1 = X @ self.W1.T + self.b1  # (N, H)
        h1 = torch.relu(a1)  # (N, H)
        f = (h1 @ self.W2.T + self.b2)[:, 0]  # (N, 1) → (N,)
        return Forward(f, a1, h1)
        ### END SOLUTION


def make_sequential(d: int = D, h: int = H) -> nn.Sequential:
    """The same network from ready-made layers: `nn.Linear`, `nn.ReLU`, `nn.Linear`.

    Maps (N, d) to (N, 1).
    """
    ### BEGIN SOLUTION
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1))
    ### END SOLUTION


def scores(model: nn.Module, X: torch.Tensor) -> torch.Tensor:
    """The scores (N,) of X (N, D) by either model, a `TinyMLP` or an `nn.Sequential`."""
    ### BEGIN SOLUTION
    out = model(X)
    return out.f if isinstance(out, Forward) else out[:, 0]
    ### END SOLUTION


def make_loader(X: np.ndarray, y: np.ndarray, batch_size: int = 32, seed: int = 0) -> DataLoader:
    """A loader of mini-batches (X, y) of float32 tensors, (B, D) and (B,), shuffled every epoch.

    X: (N, D), y: (N,) arrays. The same seed gives the same batches whatever else was drawn or made in
    between, another seed other ones, and two epochs differ. Every sample comes once an epoch.
    """
    ### BEGIN SOLUTION
    samples = TensorDataset(torch.tensor(X, dtype=torch.float32), torch.tensor(y, dtype=torch.float32))
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(seed))
    ### END SOLUTION


def train(model: nn.Module, loader: DataLoader, lr: float = 0.1, epochs: int = 200) -> History:
    """Plain mini-batch SGD on either model, in place, iterating the loader anew each epoch.

    Returns a History of one entry an epoch, made from each batch's forward pass before its step: the mean
    over the epoch's samples of `loss`, `accuracy` and `relu_active` (the fraction of pre-activations > 0;
    for the Sequential, of its first layer's outputs), so that a smaller last batch weighs less; and the
    plain mean over the batches of `grad_norm`. Gradients left over from before do not leak in.
    """
    ### BEGIN SOLUTION
    parameters = list(model.parameters())
    optimizer = torch.optim.SGD(parameters, lr=lr)
    history: History = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        seen = []  # of each batch before its step: scores, classes, pre-activations
        norms = []
        for X, y in loader:
            optimizer.zero_grad()
            if isinstance(model, nn.Sequential):
                hidden, relu, output = model
                a1 = hidden(X)  # (B, H)
                f = output(relu(a1))[:, 0]  # (B, 1) → (B,)
            else:
                f, a1, _ = model(X)
            loss(f, y).backward()
            norms.append(torch.cat([p.grad.flatten() for p in parameters]).norm())
            seen.append((f.detach(), y, a1.detach()))
            optimizer.step()

        f, y, a1 = (torch.cat(parts) for parts in zip(*seen, strict=True))  # all samples of the epoch
        history["loss"].append(loss(f, y).item())
        history["accuracy"].append(((f >= 0.5) == (y == 1.0)).double().mean().item())
        history["grad_norm"].append(torch.stack(norms).mean().item())
        history["relu_active"].append((a1 > 0).double().mean().item())
    return history
    ### END SOLUTION


def accuracy(model: nn.Module, X: np.ndarray, y: np.ndarray) -> float:
    """The fraction of samples that either model, float32 or float64, puts in the right class.

    X: (N, D), y: (N,) arrays. No graph is recorded, and the model's training flag and PyTorch's global
    grad mode are as they were.
    """
    ### BEGIN SOLUTION
    dtype = next(model.parameters()).dtype
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=dtype))
    return float(np.mean((f.numpy() >= 0.5) == (y == 1.0)))
    ### END SOLUTION


if __name__ == "__main__":
    X, y = make_xor()
    fresh = make_xor(n=2000, seed=1)
    for make in (TinyMLP, make_sequential):
        torch.manual_seed(0)
        model = make()
        history = train(model, make_loader(X, y))
        print(f"{make.__name__}: loss {history['loss'][-1]:.4f}, accuracy {accuracy(model, X, y):.1%}", end=", ")
        print(f"on fresh points {accuracy(model, *fresh):.1%}")
