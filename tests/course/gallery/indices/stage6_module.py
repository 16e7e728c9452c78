"""Einstein's indices, stage 6: one loop for both models, which looks at their parameters alone."""

import torch
from stage4_torch_forward import loss
from torch import einsum, nn
from torch.utils.data import DataLoader, TensorDataset
from xor import D, Forward, H


class TinyMLP(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        for name, shape in {"W1": (h, d), "W2": (1, h)}.items():
            self.register_parameter(name, nn.Parameter(torch.randn(*shape) / 10))
        for name, shape in {"b1": (h,), "b2": ()}.items():
            self.register_parameter(name, nn.Parameter(torch.zeros(*shape) if shape else torch.tensor(0.0)))
        self.b2.data = self.b2.data.to(self.W1.dtype)

    def forward(self, X):
        return network(X, self.W1, self.b1, self.W2, self.b2)


def network(X, W1, b1, W2, b2):
    pre = einsum("nd,hd->nh", X, W1) + b1
    hidden = pre.clamp(min=0)
    return Forward(einsum("nh,oh->n", hidden, W2) + b2, pre, hidden)


def make_sequential(d=D, h=H):
    return nn.Sequential(*[nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1)])


def outputs(model, X):
    if isinstance(model, TinyMLP):
        return model(X)
    W1, b1, W2, b2 = model.parameters()
    return network(X, W1, b1, W2, b2.squeeze())


def scores(model, X):
    return outputs(model, X).f


def make_loader(X, y, batch_size=32, seed=0):
    tensors = [torch.from_numpy(array).to(torch.float32) for array in (X, y)]
    generator = torch.Generator()
    generator.manual_seed(seed)
    return DataLoader(TensorDataset(*tensors), batch_size=batch_size, shuffle=True, generator=generator)


def train(model, loader, lr=0.1, epochs=200):
    weights = [*model.parameters()]
    rows = []
    for _ in range(epochs):
        table, norms = [], []
        for X, y in loader:
            out = outputs(model, X)
            value = loss(out.f, y)
            grads = torch.autograd.grad(value, weights)
            norms.append(torch.stack([einsum("i,i->", g.ravel(), g.ravel()) for g in grads]).sum().sqrt().item())
            right = (out.f.detach().ge(0.5) == y.bool()).float().mean()
            table.append([len(y), value.item(), right.item(), out.a1.detach().gt(0).float().mean().item()])
            with torch.no_grad():
                for w, g in zip(weights, grads):
                    w.sub_(g, alpha=lr)
        n, *columns = torch.tensor(table, dtype=torch.float64).T
        rows.append([*(float(einsum("b,b->", n, c) / n.sum()) for c in columns), sum(norms) / len(norms)])
    keys = ["loss", "accuracy", "relu_active", "grad_norm"]
    return {key: [row[at] for row in rows] for at, key in enumerate(keys)}


@torch.no_grad()
def accuracy(model, X, y):
    dtype = {p.dtype for p in model.parameters()}.pop()
    f = scores(model, torch.as_tensor(X, dtype=dtype))
    return float(((f >= 0.5).numpy() == (y > 0.5)).mean())
