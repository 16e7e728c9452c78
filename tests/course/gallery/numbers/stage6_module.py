"""Numbers of one's own, stage 6: entries of the history are NumPy scalars, samples a named tuple's."""

from typing import NamedTuple

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from xor import D, Forward, H


class Sample(NamedTuple):
    X: torch.Tensor
    y: torch.Tensor


class Samples(Dataset):
    def __init__(self, X, y):
        self.all = [Sample(torch.tensor(x, dtype=torch.float32), torch.tensor(t, dtype=torch.float32)) for x, t in zip(X, y)]

    def __getitem__(self, at):
        return self.all[at]

    def __len__(self):
        return len(self.all)


class TinyMLP(nn.ParameterDict):
    """A dict of parameters is a module, and its keys are their names."""

    def __init__(self, d=D, h=H):
        make = {"W1": torch.randn(h, d) * 0.1, "b1": torch.zeros(h), "W2": torch.randn(1, h) * 0.1, "b2": torch.zeros(())}
        super().__init__(make)

    __call__ = nn.Module.__call__

    def forward(self, X):
        W1, b1, W2, b2 = (self[name] for name in ("W1", "b1", "W2", "b2"))
        a1 = torch.baddbmm(b1.expand(1, len(X), -1), X[None], W1.T[None])[0]
        h1 = torch.relu(a1)
        return Forward((h1 @ W2.T).flatten() + b2, a1, h1)


def make_sequential(d=D, h=H):
    sizes = (d, h), (h, 1)
    hidden, output = (nn.Linear(*size) for size in sizes)
    return nn.Sequential(hidden, nn.ReLU(), output)


def scores(model, X):
    out = model(X)
    return out.f if type(out) is Forward else out.reshape(-1)


def make_loader(X, y, batch_size=32, seed=0):
    return DataLoader(Samples(X, y), batch_size=batch_size, shuffle=True, generator=torch.Generator("cpu").manual_seed(seed))


def train(model, loader, lr=0.1, epochs=200):
    rows = []
    weights = tuple(model.parameters())
    for _ in range(epochs):
        for_samples, for_batches = [], []
        for sample in loader:
            X, y = sample
            if isinstance(model, nn.Sequential):
                a1 = model[0](X)
                f = model[1:](a1).reshape(-1)
            else:
                f, a1, _ = model(X)
            for p in weights:
                p.grad = None
            each = (f - y) ** 2 / 2
            each.mean().backward()
            for_batches.append(np.sqrt(sum(np.sum(p.grad.numpy() ** 2) for p in weights)))
            hit = (f >= 0.5).float() == y
            for_samples.append(torch.stack([each, hit.float(), (a1 > 0).float().mean(dim=1)]).detach().numpy())
            with torch.no_grad():
                for p in weights:
                    p -= lr * p.grad
        rows.append([*np.concatenate(for_samples, axis=1).mean(axis=1, dtype=np.float64), np.mean(for_batches)])
    return dict(zip(["loss", "accuracy", "relu_active", "grad_norm"], map(list, np.transpose(rows))))


def accuracy(model, X, y):
    with torch.no_grad():
        f = scores(model, torch.from_numpy(X).to(next(model.parameters()).dtype)).numpy()
    return np.mean(np.where(f >= 0.5, 1.0, 0.0) == y)
