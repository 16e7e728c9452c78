"""Generators, stage 6: training is a generator of epochs, an epoch a generator of batches."""

import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from xor import D, Forward, H


class TinyMLP(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        for name, start in self.starts(d, h):
            setattr(self, name, nn.Parameter(start))

    @staticmethod
    def starts(d, h):
        yield "W1", torch.normal(0.0, 0.1, (h, d))
        yield "b1", torch.zeros(h)
        yield "W2", torch.normal(0.0, 0.1, (1, h))
        yield "b2", torch.zeros(())

    def steps(self, X):
        a1 = X.matmul(self.W1.t()) + self.b1
        h1 = torch.nn.functional.leaky_relu(a1, 0.0)
        yield h1.matmul(self.W2.t())[:, 0] + self.b2
        yield a1
        yield h1

    def forward(self, X):
        return Forward(*self.steps(X))


def make_sequential(d=D, h=H):
    def layers():
        yield nn.Linear(d, h)
        yield nn.ReLU()
        yield nn.Linear(h, 1)

    return nn.Sequential(*layers())


def scores(model, X):
    out = model(X)
    try:
        return out.f
    except AttributeError:
        return out.squeeze(dim=1)


class Shuffled:
    """Indices in a new order for each epoch, from a generator that is made anew for each of them."""

    def __init__(self, size, seed):
        self.size = size
        self.seeds = torch.Generator().manual_seed(seed)

    def __len__(self):
        return self.size

    def __iter__(self):
        seed = int(torch.randint(2**31, (), generator=self.seeds))
        yield from torch.randperm(self.size, generator=torch.Generator().manual_seed(seed)).tolist()


def make_loader(X, y, batch_size=32, seed=0):
    samples = TensorDataset(*(torch.tensor(part.tolist(), dtype=torch.float32) for part in (X, y)))
    return DataLoader(samples, batch_size, sampler=Shuffled(len(samples), seed))


def batches(model, loader, optimizer):
    first = model[0] if isinstance(model, nn.Sequential) else None
    for X, y in loader:
        f = scores(model, X)
        a1 = first(X) if first else model(X).a1
        value = 0.5 * nn.functional.mse_loss(f, y)
        optimizer.zero_grad()
        value.backward()
        norm = sum((p.grad**2).sum() for p in model.parameters()).sqrt()
        correct = ((f > 0.5) | (f == 0.5)) == (y > 0)
        yield len(y), value.item(), correct.float().mean().item(), (a1 > 0).float().mean().item(), norm.item()
        optimizer.step()


def epochs_of(model, loader, lr):
    optimizer = torch.optim.SGD(model.parameters(), lr=lr, momentum=0.0)
    while True:
        sizes, losses, hits, active, norms = zip(*batches(model, loader, optimizer))
        parts = {"loss": losses, "accuracy": hits, "relu_active": active}
        means = {key: sum(n * e for n, e in zip(sizes, entries)) / sum(sizes) for key, entries in parts.items()}
        yield means | {"grad_norm": sum(norms) / len(norms)}


def train(model, loader, lr=0.1, epochs=200):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _, entries in zip(range(epochs), epochs_of(model, loader, lr)):
        for key, entry in entries.items():
            history[key].append(entry)
    return history


def accuracy(model, X, y):
    with torch.no_grad():
        f = scores(model, torch.tensor(X, dtype=next(p.dtype for p in model.parameters())))
    return sum((score >= 0.5) == bool(label) for score, label in zip(f.tolist(), y)) / len(y)
