"""Parts of one's own, stage 6: data set, batch sampler with a seed for each epoch, collation, layers, optimizer."""

import random

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset
from xor import D, Forward, H


class Rows(Dataset):
    def __init__(self, X, y):
        self.table = np.column_stack([X, y])

    def __len__(self):
        return self.table.shape[0]

    def __getitem__(self, row):
        return self.table[row]


class Batches:
    """Lists of rows, in an order of their own for each epoch of each seed."""

    def __init__(self, rows, size, seed):
        self.rows, self.size, self.seed, self.epoch = rows, size, seed, 0

    def __len__(self):
        return -(-self.rows // self.size)

    def __iter__(self):
        order = list(range(self.rows))
        random.Random(f"{self.seed} {self.epoch}").shuffle(order)
        self.epoch += 1
        while order:
            batch, order = order[: self.size], order[self.size :]
            yield batch


def split(rows):
    table = torch.tensor(np.stack(rows), dtype=torch.float32)
    return table[:, :-1], table[:, -1]


def make_loader(X, y, batch_size=32, seed=0):
    rows = Rows(X, y)
    return DataLoader(rows, batch_sampler=Batches(len(rows), batch_size, seed), collate_fn=split)


class TinyMLP(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        W1, W2 = torch.randn(h, d), torch.randn(1, h)
        self.W1, self.W2 = (nn.Parameter(W.div_(10)) for W in (W1, W2))
        self.b1, self.b2 = nn.Parameter(W1.new_zeros(h)), nn.Parameter(W2.new_zeros(()))
        self.rectify = nn.ReLU()

    def forward(self, X):
        a1 = (X[:, None, :] * self.W1).sum(dim=-1) + self.b1
        h1 = self.rectify(a1)
        return Forward((h1 * self.W2).sum(dim=-1) + self.b2, a1, h1)


def make_sequential(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1))


def scores(model, X):
    return passed(model, X)[0]


def passed(model, X):
    """Scores and pre-activations of either model."""
    if isinstance(model, nn.Sequential):
        values = [X]
        for layer in model:
            values.append(layer(values[-1]))
        return values[3][:, 0], values[1]
    out = model(X)
    return out.f, out.a1


def train(model, loader, lr=0.1, epochs=200):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for epoch in range(epochs):
        losses, hits, norms, active = [], [], [], []
        for X, y in loader:
            model.zero_grad()
            f, a1 = passed(model, X)
            each = 0.5 * (f - y) ** 2
            each.mean().backward()
            losses += each.tolist()
            hits += ((f >= 0.5) == (y == 1)).tolist()
            active += (a1 > 0).flatten().tolist()
            norms.append(torch.stack([p.grad.norm() for p in model.parameters()]).norm().item())
            for p in model.parameters():
                p.data.copy_(p.data - lr * p.grad.data)
        for key, entries in zip(history, (losses, hits, norms, active)):
            history[key].append(sum(entries) / len(entries))
    return history


def accuracy(model, X, y):
    dtype = torch.float64 if any(p.dtype == torch.float64 for p in model.parameters()) else torch.float32
    with torch.autograd.grad_mode.no_grad():
        right = [(score.item() >= 0.5) == (label == 1) for score, label in zip(scores(model, torch.tensor(X, dtype=dtype)), y)]
    return right.count(True) / len(right)
