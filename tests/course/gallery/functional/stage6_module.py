"""Pure functions composed, stage 6: torch.func.functional_call on a dict of parameters."""

import numpy as np
import torch
from stage4_torch_forward import loss
from torch import nn
from torch.func import functional_call, grad_and_value
from torch.utils.data import DataLoader, TensorDataset
from xor import D, Forward, H


class TinyMLP(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        shapes = {"W1": (h, d), "b1": (h,), "W2": (1, h), "b2": ()}
        for name, shape in shapes.items():
            start = torch.randn(shape) / 10 if name.startswith("W") else torch.zeros(shape)
            self.register_parameter(name, nn.Parameter(start))

    def forward(self, X):
        a1 = nn.functional.linear(X, self.W1, self.b1)
        h1 = nn.functional.relu(a1)
        return Forward(nn.functional.linear(h1, self.W2, self.b2[None])[:, 0], a1, h1)


def make_sequential(d=D, h=H):
    return nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1))


def scores_of(out):
    return out.f if isinstance(out, Forward) else torch.flatten(out)


def scores(model, X):
    return scores_of(model(X))


def make_loader(X, y, batch_size=32, seed=0):
    samples = TensorDataset(*(torch.from_numpy(np.asarray(part, dtype=np.float32)) for part in (X, y)))
    source = torch.Generator()
    source.set_state(torch.Generator().manual_seed(seed).get_state())
    return DataLoader(samples, batch_size=batch_size, shuffle=True, generator=source)


def train(model, loader, lr=0.1, epochs=200):
    def figures(weights, X, y):
        f = scores_of(functional_call(model, weights, (X,)))
        return loss(f, y), f

    def step(X, y):
        weights = {name: p.detach() for name, p in model.named_parameters()}
        grads, (value, f) = grad_and_value(figures, has_aux=True)(weights, X, y)
        W, b, *_ = weights.values()
        active = (X @ W.T + b > 0).double().mean()
        norm = torch.cat([g.ravel() for g in grads.values()]).norm()
        with torch.no_grad():
            for name, p in model.named_parameters():
                p.add_(grads[name], alpha=-lr)
        return len(y), float(value), float(((f >= 0.5) == (y == 1)).double().mean()), float(active), float(norm)

    def epoch():
        sizes, *parts, norms = zip(*(step(X, y) for X, y in loader))
        return [*(float(np.average(part, weights=sizes)) for part in parts), float(np.mean(norms))]

    rows = [epoch() for _ in range(epochs)]
    return {key: [row[at] for row in rows] for at, key in enumerate(("loss", "accuracy", "relu_active", "grad_norm"))}


def accuracy(model, X, y):
    weights = {name: p.detach() for name, p in model.named_parameters()}
    dtype = next(iter(weights.values())).dtype
    f = scores_of(functional_call(model, weights, (torch.tensor(X, dtype=dtype),)))
    return float(np.mean((f.numpy() >= 0.5) == (y >= 0.5)))
