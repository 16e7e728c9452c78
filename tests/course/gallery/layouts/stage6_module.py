"""Unusual memory layouts, stage 6: parameters are transposed views, batches are cut by an own batch sampler."""

import torch
from stage4_torch_forward import loss
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset
from xor import D, Forward, H


class TinyMLP(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        self.W1 = nn.Parameter(torch.randn(d, h).mul(0.1).T)
        self.W2 = nn.Parameter(torch.randn(h, 2)[:, :1].mul(0.1).T)
        self.b1 = nn.Parameter(torch.zeros(2 * h)[::2])
        self.b2 = nn.Parameter(torch.zeros(1)[0])

    def forward(self, X):
        a1 = (self.W1 @ X.mT).mT.add(self.b1)
        h1 = a1.relu()
        return Forward(torch.sum(h1 * self.W2, dim=1) + self.b2, a1, h1)


def make_sequential(d=D, h=H):
    output, hidden = nn.Linear(h, 1), nn.Linear(d, h)
    return nn.Sequential(hidden, nn.ReLU(), output)


def scores(model, X):
    out = model(X)
    return out.mT[0] if isinstance(out, torch.Tensor) else out.f


def make_loader(X, y, batch_size=32, seed=0):
    samples = TensorDataset(torch.asarray(X, dtype=torch.float).T.contiguous().T, torch.asarray(y, dtype=torch.float))
    order = RandomSampler(samples, generator=torch.Generator().manual_seed(seed))
    return DataLoader(samples, batch_sampler=BatchSampler(order, batch_size, drop_last=False))


def train(model, loader, lr=0.1, epochs=200):
    seen = []
    hooked = model[0].register_forward_hook(lambda *args: seen.append(args[-1].detach())) if len([*model.children()]) else None
    optimizer = torch.optim.SGD(model.parameters(), lr, foreach=True)
    history = {key: [] for key in ("loss", "accuracy", "grad_norm", "relu_active")}
    for _ in range(epochs):
        batches = []
        for X, y in loader:
            seen.clear()
            out = model(X)
            f = out[:, 0] if hooked else out.f
            a1 = seen[0] if hooked else out.a1.detach()
            value = loss(f, y)
            optimizer.zero_grad()
            value.backward()
            norm = nn.utils.get_total_norm([p.grad for p in model.parameters()])
            optimizer.step()
            hits = ((f.detach() >= 0.5) == (y == 1)).sum()
            batches.append(torch.stack([value.detach() * len(y), hits, (a1 > 0).sum() / a1.shape[1], norm, torch.tensor(len(y))]))
        sums = torch.stack(batches).double().sum(dim=0)
        for key, total in zip(("loss", "accuracy", "relu_active"), sums[:3]):
            history[key].append((total / sums[4]).item())
        history["grad_norm"].append(sums[3].item() / len(batches))
    if hooked:
        hooked.remove()
    return history


def accuracy(model, X, y):
    like = [*model.parameters()][0]
    before = torch.is_grad_enabled()
    torch.set_grad_enabled(False)
    try:
        f = scores(model, torch.tensor(X).type_as(like))
    finally:
        torch.set_grad_enabled(before)
    return ((f >= 0.5) == torch.tensor(y == 1)).double().mean().item()
