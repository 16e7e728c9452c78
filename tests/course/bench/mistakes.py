"""Ordinary mistakes: the stage, the task, and the body that stands there."""

MISTAKES = {
    "slope 1 at 0": (1, "relu_grad", "return (a >= 0).astype(a.dtype)"),
    "shapes not compared": (2, "loss", "return float(np.mean(0.5 * (f - y) ** 2))"),
    "summed over the batch": (
        3,
        "backward",
        """
r = out.f - y
da1 = np.outer(r, params.W2) * relu_grad(out.a1)
return Params(da1.T @ X, da1.sum(axis=0), r[np.newaxis] @ out.h1, r.sum())
""",
    ),
    "no zero_grad": (
        5,
        "train_step",
        """
batch_loss = loss(forward(X, params).f, y)
batch_loss.backward()
with torch.no_grad():
    for p in params:
        p -= lr * p.grad
return batch_loss.item()
""",
    ),
    "predicts above 0": (
        6,
        "accuracy",
        """
with torch.no_grad():
    f = scores(model, torch.tensor(X, dtype=next(model.parameters()).dtype))
return float(np.mean((f.numpy() >= 0) == (y == 1.0)))
""",
    ),
}
