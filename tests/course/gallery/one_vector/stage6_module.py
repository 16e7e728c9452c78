"""All parameters in one vector, stage 6: a step replaces the data of every parameter at once."""

import torch
from stage4_torch_forward import loss, with_ones
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters
from torch.utils.data import DataLoader, SubsetRandomSampler, TensorDataset
from xor import D, Forward, H


class TinyMLP(nn.Module):
    def __init__(self, d=D, h=H):
        super().__init__()
        drawn = 0.1 * torch.randn(h * d + h)
        W1, W2 = drawn.split([h * d, h])
        zeros = torch.zeros(h + 1)
        self.W1, self.b1 = nn.Parameter(W1.clone().view(h, d)), nn.Parameter(zeros[:-1].clone())
        self.W2, self.b2 = nn.Parameter(W2.clone().view(1, h)), nn.Parameter(zeros[-1].clone())

    def forward(self, X):
        a1 = with_ones(X) @ torch.column_stack([self.W1, self.b1]).T
        h1 = torch.where(a1 > 0, a1, 0.0)
        return Forward(with_ones(h1) @ torch.hstack([self.W2[0], self.b2]), a1, h1)


def make_sequential(d=D, h=H):
    made = nn.Sequential(nn.Linear(d, h))
    made.append(nn.ReLU())
    made.append(nn.Linear(h, 1))
    return made


def scores(model, X):
    out = model(X)
    return out.f if hasattr(out, "f") else out.view(-1)


def make_loader(X, y, batch_size=32, seed=0):
    every = TensorDataset(torch.FloatTensor(X), torch.FloatTensor(y))
    sampler = SubsetRandomSampler(range(len(y)), generator=torch.Generator().manual_seed(seed))
    return DataLoader(every, batch_size, sampler=sampler)


def train(model, loader, lr=0.1, epochs=200):
    history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    weights = list(model.parameters())
    for _ in range(epochs):
        sums, norms, count = torch.zeros(3, dtype=torch.float64), 0.0, 0
        for batch, (X, y) in enumerate(loader, 1):
            first = weights[0], weights[1]
            active = (torch.addmm(first[1], X, first[0].T) > 0).double().mean()
            f = scores(model, X)
            value = loss(f, y)
            gradient = torch.cat([g.flatten() for g in torch.autograd.grad(value, weights)])
            correct = torch.eq(f >= 0.5, y >= 0.5).double().mean()
            sums += len(y) * torch.stack([value.double(), correct, active]).detach()
            norms += gradient.norm().item()
            count += len(y)
            vector_to_parameters(parameters_to_vector(weights).detach() - lr * gradient, weights)
        for key, total in zip(("loss", "accuracy", "relu_active"), sums.tolist()):
            history[key].append(total / count)
        history["grad_norm"].append(norms / batch)
    return history


@torch.inference_mode()
def accuracy(model, X, y):
    f = scores(model, torch.tensor(X, dtype=parameters_to_vector(model.parameters()).dtype))
    return float(((f.numpy() >= 0.5) == y).sum() / y.size)
