"""Stage 3: the backward pass by the chain rule, its check by finite differences, and training.

From the loss back to the parameters, each line from the one before it:

    r   = (f − y) / N          (N,)     ∂L/∂f
    dW2 = rᵀ h1                (1, H)
    db2 = Σ r                  ()
    da1 = (r W2) ⊙ ReLU′(a1)   (N, H)   the error of each hidden unit, stopped where the unit was off
    dW1 = da1ᵀ X               (H, D)
    db1 = Σ da1 over samples   (H,)

A derivative can also be had without any calculus, by nudging one parameter at a time and watching the loss:

    ∂L/∂θ ≈ (L(θ + ε) − L(θ − ε)) / 2ε

That costs two forward passes for each parameter, too slow for training, and just right for a check.
"""

import numpy as np
from stage1_relu import relu_grad
from stage2_forward import accuracy, forward, loss
from xor import Forward, History, Params, init_params, make_xor


def backward(X: np.ndarray, y: np.ndarray, params: Params, out: Forward) -> Params:
    """Gradients of the mean loss with respect to every parameter, by the chain rule.

    X: (N, D), y: (N,), out: `forward(X, params)`. Nothing is modified.
    Returns Params of gradients, each of its parameter's shape: (H, D), (H,), (1, H), ().
    """
    ### BEGIN SOLUTION
    r = (out.f - y) / len(y)  # (N,)
    da1 = np.outer(r, params.W2) * relu_grad(out.a1)  # (N, H)
    return Params(
        W1=da1.T @ X,  # (H, N) (N, D) → (H, D)
        b1=da1.sum(axis=0),  # (H,)
        W2=r[np.newaxis] @ out.h1,  # (1, N) (N, H) → (1, H)
        b2=r.sum(),  # ()
    )
    ### END SOLUTION


def numerical_grad(X: np.ndarray, y: np.ndarray, params: Params, eps: float = 1e-6) -> Params:
    """Gradients of the mean loss by central differences, one entry of one parameter at a time.

    X: (N, D), y: (N,). `params` is unchanged on return.
    Returns Params of gradients, each of its parameter's shape.
    """
    ### BEGIN SOLUTION
    nudged = Params(*(np.array(p, dtype=np.float64) for p in params))  # copies to nudge in place
    grads = Params(*(np.zeros_like(p) for p in nudged))
    for p, grad in zip(nudged, grads, strict=True):
        for i in np.ndindex(p.shape):
            value = p[i]
            p[i] = value + eps
            above = loss(forward(X, nudged).f, y)
            p[i] = value - eps
            below = loss(forward(X, nudged).f, y)
            p[i] = value
            grad[i] = (above - below) / (2 * eps)
    return grads
    ### END SOLUTION


def gradient_check(X: np.ndarray, y: np.ndarray, params: Params, eps: float = 1e-6) -> dict[str, float]:
    """Compare `backward` with `numerical_grad`, parameter by parameter.

    X: (N, D), y: (N,).
    Returns the largest absolute difference under each of the names W1, b1, W2, b2; NaN when any is NaN.
    """
    ### BEGIN SOLUTION
    by_chain_rule = backward(X, y, params, forward(X, params))
    by_differences = numerical_grad(X, y, params, eps)
    return {
        name: float(np.max(np.abs(a - b)))
        for name, a, b in zip(Params._fields, by_chain_rule, by_differences, strict=True)
    }
    ### END SOLUTION


def sgd_step(params: Params, grads: Params, lr: float) -> Params:
    """One step of gradient descent, params − lr · grads, as new Params; nothing is modified.

    lr: the learning rate.
    """
    ### BEGIN SOLUTION
    return Params(*(p - lr * g for p, g in zip(params, grads, strict=True)))
    ### END SOLUTION


def train(
    X: np.ndarray, y: np.ndarray, params: Params, lr: float = 0.1, epochs: int = 1000
) -> tuple[Params, History]:
    """Full-batch gradient descent: every epoch is one step on all samples.

    X: (N, D), y: (N,). The `params` passed in are unchanged.
    Returns the trained Params and a History of `epochs` entries under each key, all taken before that
    epoch's step: `loss`, `accuracy`, `grad_norm` (the 2-norm over all parameters together) and
    `relu_active` (the fraction of a1 > 0).
    """
    ### BEGIN SOLUTION
    history: History = {"loss": [], "accuracy": [], "grad_norm": [], "relu_active": []}
    for _ in range(epochs):
        out = forward(X, params)
        grads = backward(X, y, params, out)
        history["loss"].append(loss(out.f, y))
        history["accuracy"].append(accuracy(out.f, y))
        history["grad_norm"].append(float(np.sqrt(sum(np.sum(g**2) for g in grads))))
        history["relu_active"].append(float(np.mean(out.a1 > 0)))
        params = sgd_step(params, grads, lr)
    return params, history
    ### END SOLUTION


if __name__ == "__main__":
    X, y = make_xor()
    params = init_params()
    for name, difference in gradient_check(X, y, params).items():
        print(f"{name}: chain rule and central differences agree within {difference:.1e}")
    trained, history = train(X, y, params)
    for epoch in (0, 9, 99, 999):
        print(f"epoch {epoch + 1:4}: loss {history['loss'][epoch]:.4f}, accuracy {history['accuracy'][epoch]:.1%}")
