"""A learner who knows the libraries and looks for the shortest way: bodies of the stubs' functions."""

BODIES = {
    1: {
        "relu": "return np.where(a > 0, a, 0).astype(a.dtype)",
        "relu_grad": "return np.heaviside(a, 0).astype(a.dtype)",
    },
    2: {
        "affine": "return np.einsum('ni,oi->no', x, W) + b",
        "forward": """
a1 = affine(X, params.W1, params.b1)
return Forward((h1 := relu(a1)) @ params.W2[0] + params.b2, a1, h1)
""",
        "loss": """
if f.shape != y.shape:
    raise ValueError(f"{f.shape=} {y.shape=}")
return 0.5 * np.square(f - y).mean().item()
""",
        "accuracy": "return ((f >= 0.5) == y.astype(bool)).mean().item()",
        "check_shapes": """
expected = {"W1": (h, d), "b1": (h,), "W2": (1, h), "b2": ()}
bad = {name: shape for name, shape in expected.items() if np.shape(getattr(params, name)) != shape}
if bad:
    raise ValueError("; ".join(f"{name} must be {shape}" for name, shape in bad.items()))
""",
    },
    3: {
        "backward": """
r = (out.f - y) / y.size
delta = np.where(out.a1 > 0, r[:, None] * params.W2, 0.0)
return Params(np.einsum("nh,nd->hd", delta, X), delta.sum(0), (r @ out.h1)[None, :], np.asarray(r.sum()))
""",
        "numerical_grad": """
def at(name, index, step):
    moved = np.array(getattr(params, name), dtype=np.float64)
    moved[index] += step
    return loss(forward(X, params._replace(**{name: moved})).f, y)


grads = {}
for name, p in params._asdict().items():
    grads[name] = np.empty(np.shape(p))
    for index in np.ndindex(np.shape(p)):
        grads[name][index] = (at(name, index, eps) - at(name, index, -eps)) / (2 * eps)
return Params(**grads)
""",
        "gradient_check": """
pairs = zip(backward(X, y, params, forward(X, params)), numerical_grad(X, y, params, eps))
return dict(zip(Params._fields, (float(np.max(np.abs(a - b))) for a, b in pairs)))
""",
        "sgd_step": "return Params._make(np.subtract(p, lr * g) for p, g in zip(params, grads))",
        "train": """
rows = []
for _ in range(epochs):
    out = forward(X, params)
    grads = backward(X, y, params, out)
    norm = np.sqrt(sum(np.vdot(g, g) for g in grads))
    rows.append((loss(out.f, y), accuracy(out.f, y), float(norm), float(np.mean(out.a1 > 0))))
    params = sgd_step(params, grads, lr)
columns = [list(column) for column in zip(*rows)] or [[], [], [], []]
return params, dict(zip(("loss", "accuracy", "grad_norm", "relu_active"), columns))
""",
    },
    4: {
        "to_torch": "return Params._make(torch.asarray(np.array(p, dtype=np.float64)) for p in params)",
        "forward": """
a1 = nn.functional.linear(X, params.W1, params.b1)
h1 = nn.functional.relu(a1)
return Forward(h1 @ params.W2[0] + params.b2, a1, h1)
""",
        "loss": """
if f.shape != y.shape:
    raise ValueError(f"{f.shape=} {y.shape=}")
return 0.5 * nn.functional.mse_loss(f, y)
""",
        "agreement": """
array = torch.as_tensor(array)
if array.shape != tensor.shape:
    raise ValueError(f"{array.shape=} {tensor.shape=}")
return (array - tensor.detach()).abs().max().item()
""",
    },
    5: {
        "leaf_params": """
return Params._make(torch.tensor(p, dtype=torch.float64).requires_grad_() for p in params)
""",
        "autograd_grad": """
leaves = leaf_params(params)
L = loss(forward(torch.from_numpy(X), leaves).f, torch.from_numpy(y))
return Params._make(g.numpy() for g in torch.autograd.grad(L, list(leaves)))
""",
        "compare_grads": """
shapes = {k: (np.shape(m), np.shape(a)) for k, m, a in zip(Params._fields, manual, auto)}
if wrong := [f"{k}: {m} and {a}" for k, (m, a) in shapes.items() if m != a]:
    raise ValueError("\\n".join(wrong))
return {k: float(np.max(np.abs(np.subtract(m, a)))) for k, m, a in zip(Params._fields, manual, auto)}
""",
        "train_step": """
L = loss(forward(X, params).f, y)
for p, g in zip(params, torch.autograd.grad(L, list(params))):
    p.data.sub_(lr * g)
return L.item()
""",
    },
    6: {
        "TinyMLP.__init__": """
super().__init__()
for name, shape, scale in (("W1", (h, d), 0.1), ("b1", (h,), 0), ("W2", (1, h), 0.1), ("b2", (), 0)):
    self.register_parameter(name, nn.Parameter(scale * torch.randn(shape) if scale else torch.zeros(shape)))
""",
        "TinyMLP.forward": """
a1 = nn.functional.linear(X, self.W1, self.b1)
h1 = a1.relu()
return Forward(h1 @ self.W2[0] + self.b2, a1, h1)
""",
        "make_sequential": """
from collections import OrderedDict

return nn.Sequential(OrderedDict(hidden=nn.Linear(d, h), relu=nn.ReLU(), out=nn.Linear(h, 1)))
""",
        "scores": "return out.f if hasattr(out := model(X), 'f') else out.flatten()",
        "make_loader": """
data = TensorDataset(*(torch.as_tensor(part, dtype=torch.float32) for part in (X, y)))
generator = torch.Generator()
generator.manual_seed(seed)
sampler = torch.utils.data.RandomSampler(data, generator=generator)
return DataLoader(data, batch_size=batch_size, sampler=sampler, generator=generator)
""",
        "train": """
sgd = torch.optim.SGD(model.parameters(), lr=lr)
history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
seen = []
first = model[0] if isinstance(model, nn.Sequential) else None
hook = first.register_forward_hook(lambda module, inputs, output: seen.append(output)) if first else None
for _ in range(epochs):
    batches = []
    for X, y in loader:
        out = model(X)
        f, a1 = (out[:, 0], seen.pop()) if first else (out.f, out.a1)
        L = loss(f, y)
        sgd.zero_grad(set_to_none=True)
        L.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), float("inf"))
        sgd.step()
        good = ((f >= 0.5) == y.bool()).double().mean()
        batches.append((len(y), L.item(), good.item(), (a1 > 0).double().mean().item(), norm.item()))
    n, *values, norms = np.array(batches).T
    for key, value in zip(("loss", "accuracy", "relu_active"), values):
        history[key].append(float(np.average(value, weights=n)))
    history["grad_norm"].append(float(norms.mean()))
if hook:
    hook.remove()
return history
""",
        "accuracy": """
with torch.inference_mode():
    f = scores(model, torch.as_tensor(X).to(next(model.parameters())))
return np.equal(f.numpy() >= 0.5, y >= 0.5).mean().item()
""",
    },
}

IMPORTS = {4: "from torch import nn\n"}
"""What a stage needs besides the stub's own imports."""
