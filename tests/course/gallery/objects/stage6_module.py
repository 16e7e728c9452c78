"""Helper classes, stage 6: an own data set, an own sampler that counts its epochs, a trainer and its meters."""

import numpy as np
import torch
from stage4_torch_forward import loss
from torch import nn
from torch.utils.data import DataLoader, Dataset, Sampler
from xor import D, Forward, H


class Points(Dataset):
    def __init__(self, X, y):
        self.X, self.y = np.float32(X), np.float32(y)

    def __len__(self):
        return len(self.y)

    def __getitem__(self, at):
        return torch.from_numpy(self.X[at].copy()), torch.tensor(self.y[at])


class Orders(Sampler):
    def __init__(self, size, seed):
        self.size, self.seed, self.epoch = size, seed, 0

    def __len__(self):
        return self.size

    def __iter__(self):
        rng = np.random.default_rng((self.seed, self.epoch))
        self.epoch += 1
        yield from rng.permutation(self.size).tolist()


class TinyMLP(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1, self.b1 = self.weight(h, d), self.bias(h)
        self.W2, self.b2 = self.weight(1, h), self.bias()

    @staticmethod
    def weight(*shape):
        return nn.Parameter(torch.randn(shape).mul_(0.1))

    @staticmethod
    def bias(*shape):
        return nn.Parameter(torch.zeros(shape))

    def pre(self, X):
        return torch.addmm(self.b1, X, self.W1.mT)

    def forward(self, X):
        a1 = self.pre(X)
        h1 = torch.relu(a1)
        return Forward(torch.matmul(h1, self.W2.squeeze(0)) + self.b2, a1, h1)


class Both:
    """Either model, seen alike."""

    def __init__(self, model):
        self.model = model
        self.first = model.pre if isinstance(model, TinyMLP) else model[0]

    def __call__(self, X):
        out = self.model(X)
        return getattr(out, "f", out).flatten()


def make_sequential(d=D, h=H):
    layers = nn.Linear(d, h), nn.ReLU(inplace=True), nn.Linear(h, 1)
    return nn.Sequential(*layers)


def scores(model, X):
    return Both(model)(X)


class Loader(DataLoader):
    """Says how many samples it holds, not how many batches."""

    @property
    def samples(self):
        return len(self.dataset)


def make_loader(X, y, batch_size=32, seed=0):
    points = Points(X, y)
    return Loader(points, batch_size=batch_size, sampler=Orders(len(points), seed))


class Meter:
    def __init__(self):
        self.total = self.weight = 0.0

    def add(self, value, weight=1):
        self.total += float(value) * weight
        self.weight += weight

    @property
    def mean(self):
        return self.total / self.weight


class Trainer:
    def __init__(self, model, lr):
        self.model, self.both = model, Both(model)
        self.optimizer = torch.optim.SGD(model.parameters(), lr=lr)

    def batch(self, X, y, meters):
        self.optimizer.zero_grad(set_to_none=False)
        with torch.no_grad():
            active = (self.both.first(X) > 0).float().mean()
        f = self.both(X)
        value = loss(f, y)
        value.backward()
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), max_norm=float("inf"))
        self.optimizer.step()
        meters["loss"].add(value, len(y))
        meters["accuracy"].add(torch.eq(f.ge(0.5), y.gt(0.5)).double().mean(), len(y))
        meters["relu_active"].add(active, len(y))
        meters["grad_norm"].add(norm)


def train(model, loader, lr=0.1, epochs=200):
    trainer, history = Trainer(model, lr), {}
    for _ in range(epochs):
        meters = {key: Meter() for key in ("loss", "accuracy", "grad_norm", "relu_active")}
        for X, y in loader:
            trainer.batch(X, y, meters)
        for key, meter in meters.items():
            history.setdefault(key, []).append(meter.mean)
    return history


def accuracy(model, X, y):
    weight = next(model.parameters())
    with torch.inference_mode():
        said = Both(model)(torch.from_numpy(X).to(weight)) >= 0.5
    return np.mean(said.numpy() == (y == 1))
