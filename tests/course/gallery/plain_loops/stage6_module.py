"""Loops in plain Python, stage 6: sums kept by hand, samples weighed by the size of their batch."""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader
from xor import D, Forward, H


class TinyMLP(nn.Module):
    def __init__(self, d=D, h=H):
        super(TinyMLP, self).__init__()
        self.W1 = nn.Parameter(torch.zeros(h, d))
        self.b1 = nn.Parameter(torch.zeros(h))
        self.W2 = nn.Parameter(torch.zeros(1, h))
        self.b2 = nn.Parameter(torch.zeros([]))
        for weight in (self.W1, self.W2):
            with torch.no_grad():
                weight.copy_(torch.randn(weight.shape))
                weight *= 0.1

    def forward(self, X):
        a1 = torch.mm(X, self.W1.t()) + self.b1
        h1 = torch.nn.functional.relu(a1)
        f = torch.mv(h1, self.W2[0]) + self.b2
        return Forward(f, a1, h1)


def make_sequential(d=D, h=H):
    model = nn.Sequential()
    model.add_module("hidden", nn.Linear(d, h))
    model.add_module("relu", nn.ReLU())
    model.add_module("output", nn.Linear(h, 1))
    return model


def scores(model, X):
    out = model(X)
    if isinstance(out, tuple):
        return out[0]
    return out.reshape(len(X))


def make_loader(X, y, batch_size=32, seed=0):
    samples = []
    for x, target in zip(X, y):
        samples.append((torch.tensor(x, dtype=torch.float32), torch.tensor(target, dtype=torch.float32)))
    return DataLoader(samples, batch_size, shuffle=True, generator=torch.Generator().manual_seed(1234 + seed))


def train(model, loader, lr=0.1, epochs=200):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for epoch in range(epochs):
        samples, batches = 0, 0
        loss_sum, right_sum, active_sum, norm_sum = 0.0, 0.0, 0.0, 0.0
        for X, y in loader:
            for p in model.parameters():
                p.grad = None
            if isinstance(model, TinyMLP):
                f, a1, h1 = model(X)
            else:
                a1 = model[0](X)
                f = model[2](model[1](a1))[:, 0]
            mean_loss = ((f - y) ** 2).sum() / (2 * len(y))
            mean_loss.backward()
            square = 0.0
            for p in model.parameters():
                square += float((p.grad**2).sum())
            norm_sum += math.sqrt(square)
            for score, target in zip(f.tolist(), y.tolist()):
                right_sum += (score >= 0.5) == (target == 1.0)
            active_sum += float((a1 > 0).sum()) / a1.shape[1]
            loss_sum += mean_loss.item() * len(y)
            samples += len(y)
            batches += 1
            with torch.no_grad():
                for p in model.parameters():
                    p -= lr * p.grad
        history["loss"].append(loss_sum / samples)
        history["accuracy"].append(right_sum / samples)
        history["relu_active"].append(active_sum / samples)
        history["grad_norm"].append(norm_sum / batches)
    return history


def accuracy(model, X, y):
    kind = model.state_dict().popitem()[1].dtype
    right = 0
    with torch.no_grad():
        for score, target in zip(scores(model, torch.tensor(X).to(kind)).tolist(), y.tolist()):
            if (1.0 if score >= 0.5 else 0.0) == target:
                right += 1
    return right / len(y)
