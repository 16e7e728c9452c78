"""A learner who writes one thing a line, with loops and names for everything: bodies of the stubs' functions."""

BODIES = {
    1: {
        "relu": """
out = np.zeros_like(a)
out[a > 0] = a[a > 0]
return out
""",
        "relu_grad": """
slope = np.zeros_like(a)
slope[a > 0] = 1.0
return slope
""",
    },
    2: {
        "affine": """
z = np.matmul(x, W.transpose())
z = z + b
return z
""",
        "forward": """
a1 = affine(X, params.W1, params.b1)
h1 = relu(a1)
scores = np.matmul(h1, params.W2.transpose()) + params.b2
f = scores.reshape(-1)
return Forward(f=f, a1=a1, h1=h1)
""",
        "loss": """
if np.shape(f) != np.shape(y):
    raise ValueError("f has shape " + str(np.shape(f)) + " but y has shape " + str(np.shape(y)))
difference = f - y
squares = difference**2
return float(squares.sum() / (2 * len(y)))
""",
        "accuracy": """
predicted = np.where(f >= 0.5, 1.0, 0.0)
right = 0
for p, label in zip(predicted, y):
    if p == label:
        right += 1
return right / len(y)
""",
        "check_shapes": """
problems = []
if np.shape(params.W1) != (h, d):
    problems.append(f"W1 should be {(h, d)}")
if np.shape(params.b1) != (h,):
    problems.append(f"b1 should be {(h,)}")
if np.shape(params.W2) != (1, h):
    problems.append(f"W2 should be {(1, h)}")
if np.shape(params.b2) != ():
    problems.append("b2 should be a scalar")
if problems:
    raise ValueError(", ".join(problems))
""",
    },
    3: {
        "backward": """
n = X.shape[0]
df = (out.f - y) / n
dW2 = np.zeros_like(params.W2)
dW2[0] = df @ out.h1
db2 = np.array(np.sum(df))
dh1 = df.reshape(-1, 1) @ params.W2
da1 = dh1 * relu_grad(out.a1)
dW1 = np.matmul(da1.T, X)
db1 = np.sum(da1, axis=0)
return Params(dW1, db1, dW2, db2)
""",
        "numerical_grad": """
arrays = [np.array(p, dtype=float, order="C") for p in params]
grads = []
for k in range(4):
    flat = arrays[k].reshape(-1)
    grad = np.zeros(flat.size)
    for i in range(flat.size):
        saved = flat[i]
        flat[i] = saved + eps
        up = loss(forward(X, Params(*arrays)).f, y)
        flat[i] = saved - eps
        down = loss(forward(X, Params(*arrays)).f, y)
        flat[i] = saved
        grad[i] = (up - down) / (2 * eps)
    grads.append(grad.reshape(arrays[k].shape))
return Params(*grads)
""",
        "gradient_check": """
out = forward(X, params)
manual = backward(X, y, params, out)
numeric = numerical_grad(X, y, params, eps=eps)
result = {}
for name in ["W1", "b1", "W2", "b2"]:
    result[name] = float(np.abs(getattr(manual, name) - getattr(numeric, name)).max())
return result
""",
        "sgd_step": """
W1 = params.W1 - lr * grads.W1
b1 = params.b1 - lr * grads.b1
W2 = params.W2 - lr * grads.W2
b2 = params.b2 - lr * grads.b2
return Params(W1, b1, W2, b2)
""",
        "train": """
losses, accuracies, norms, active = [], [], [], []
for epoch in range(epochs):
    out = forward(X, params)
    losses.append(loss(out.f, y))
    accuracies.append(accuracy(out.f, y))
    active.append(float((out.a1 > 0).mean()))
    grads = backward(X, y, params, out)
    norms.append(float(np.linalg.norm(np.concatenate([np.ravel(g) for g in grads]))))
    params = sgd_step(params, grads, lr)
history = {"loss": losses, "accuracy": accuracies, "grad_norm": norms, "relu_active": active}
return params, history
""",
    },
    4: {
        "to_torch": """
tensors = []
for p in params:
    tensors.append(torch.from_numpy(np.array(p, dtype=np.float64)).clone())
return Params(*tensors)
""",
        "forward": """
a1 = torch.matmul(X, params.W1.t()) + params.b1
h1 = torch.clamp(a1, min=0)
f = torch.matmul(h1, params.W2.t()).squeeze(1) + params.b2
return Forward(f, a1, h1)
""",
        "loss": """
if list(f.shape) != list(y.shape):
    raise ValueError("shapes of f and y differ")
return ((f - y) ** 2).sum() / (2 * f.numel())
""",
        "agreement": """
from_torch = tensor.detach().numpy()
if np.shape(array) != np.shape(from_torch):
    raise ValueError("shapes differ")
return float(np.abs(array - from_torch).max())
""",
    },
    5: {
        "leaf_params": """
leaves = []
for p in params:
    leaf = torch.tensor(np.array(p), dtype=torch.float64)
    leaf.requires_grad_(True)
    leaves.append(leaf)
return Params(*leaves)
""",
        "autograd_grad": """
p = leaf_params(params)
X_t = torch.tensor(X, dtype=torch.float64)
y_t = torch.tensor(y, dtype=torch.float64)
out = forward(X_t, p)
L = loss(out.f, y_t)
L.backward()
return Params(p.W1.grad.numpy(), p.b1.grad.numpy(), p.W2.grad.numpy(), p.b2.grad.numpy())
""",
        "compare_grads": """
bad = []
for name in Params._fields:
    if np.shape(getattr(manual, name)) != np.shape(getattr(auto, name)):
        bad.append(name)
if len(bad) > 0:
    raise ValueError("shapes differ for " + ", ".join(bad))
return {name: float(np.abs(getattr(manual, name) - getattr(auto, name)).max()) for name in Params._fields}
""",
        "train_step": """
for p in params:
    p.grad = None
out = forward(X, params)
L = loss(out.f, y)
L.backward()
with torch.no_grad():
    for p in params:
        p -= lr * p.grad
return float(L)
""",
    },
    6: {
        "TinyMLP.__init__": """
super().__init__()
self.W1 = nn.Parameter(torch.randn(h, d) * 0.1)
self.b1 = nn.Parameter(torch.zeros(h))
self.W2 = nn.Parameter(torch.randn(1, h) * 0.1)
self.b2 = nn.Parameter(torch.tensor(0.0))
""",
        "TinyMLP.forward": """
a1 = torch.matmul(X, self.W1.t()) + self.b1
h1 = a1.clamp(min=0)
f = torch.matmul(h1, self.W2.t()).squeeze(1) + self.b2
return Forward(f, a1, h1)
""",
        "make_sequential": """
layers = [nn.Linear(d, h), nn.ReLU(), nn.Linear(h, 1)]
return nn.Sequential(*layers)
""",
        "scores": """
if isinstance(model, nn.Sequential):
    return model(X).squeeze(1)
return model(X).f
""",
        "make_loader": """
X_t = torch.from_numpy(X).float()
y_t = torch.from_numpy(y).float()
g = torch.Generator()
g.manual_seed(seed)
return DataLoader(TensorDataset(X_t, y_t), batch_size=batch_size, shuffle=True, generator=g)
""",
        "train": """
history = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
for epoch in range(epochs):
    losses, right, active, norms, count = 0.0, 0, 0.0, [], 0
    for xb, yb in loader:
        if isinstance(model, nn.Sequential):
            a1 = model[0](xb)
            f = model[2](model[1](a1)).squeeze(1)
        else:
            out = model(xb)
            f, a1 = out.f, out.a1
        L = loss(f, yb)
        model.zero_grad()
        L.backward()
        n = len(yb)
        losses += float(L) * n
        right += int(((f >= 0.5).float() == yb).sum())
        active += float((a1 > 0).float().mean()) * n
        count += n
        with torch.no_grad():
            norms.append(float(torch.sqrt(sum((p.grad**2).sum() for p in model.parameters()))))
            for p in model.parameters():
                p -= lr * p.grad
    history["loss"].append(losses / count)
    history["accuracy"].append(right / count)
    history["relu_active"].append(active / count)
    history["grad_norm"].append(sum(norms) / len(norms))
return history
""",
        "accuracy": """
with torch.no_grad():
    X_t = torch.tensor(X).to(next(model.parameters()).dtype)
    predicted = (scores(model, X_t) >= 0.5).numpy()
return float((predicted == (y == 1)).mean())
""",
    },
}
