import torch as t; from torch import nn; from torch.utils import data; from xor import D, Forward, H
class TinyMLP(nn.Module):
    def __init__(s, d=D, h=H): super().__init__(); s.W1, s.b1, s.W2, s.b2 = map(nn.Parameter, (t.randn(h, d) / 10, t.zeros(h), t.randn(1, h) / 10, t.zeros(1).sum()))
    forward = lambda s, X: Forward((h := (a := X @ s.W1.T + s.b1).relu()) @ s.W2[0] + s.b2, a, h)
make_sequential = lambda d=D, h=H: nn.Sequential(nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1))
scores = lambda m, X: (o := m(X), o[0] if isinstance(o, tuple) else o.T[0])[1]
make_loader = lambda X, y, batch_size=32, seed=0: data.DataLoader([*zip(t.Tensor(X), t.Tensor(y))], batch_size, True, generator=t.Generator().manual_seed(seed))
def train(model, loader, lr=.1, epochs=200):
    def batch(X, y):
        a = X @ (W := w[0]).T + w[1]; l = ((f := scores(model, X)) - y).square().mean() / 2
        G = t.autograd.grad(l, w); k = t.norm(t.stack([*map(t.norm, G)]))
        for p, g in zip(w, G): p.data.sub_(lr * g)
        return t.stack([l, ((f >= .5) == y).float().mean(), (a > 0).float().mean(), k]).detach(), len(y)
    def epoch():
        r, n = zip(*(batch(*b) for b in loader)); r, n = t.stack(r), t.tensor(n, dtype=t.float)
        return [*(n @ r[:, :3] / n.sum()).tolist(), r[:, 3].mean().item()]
    w = [*model.parameters()]; rows = [epoch() for _ in range(epochs)]
    return dict(zip(('loss', 'accuracy', 'relu_active', 'grad_norm'), map(list, zip(*rows))))
def accuracy(model, X, y):
    with t.no_grad(): return ((scores(model, t.tensor(X).to(next(model.parameters()))) >= .5).numpy() == y).mean()
