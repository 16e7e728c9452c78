"""Stage 2: the forward pass, from inputs to a loss, in NumPy.

A network of one hidden layer scores N samples at once:

    a1 = X W1ᵀ + b1    (N, D) (D, H) + (H,) → (N, H)
    h1 = ReLU(a1)      (N, H)
    f  = h1 W2ᵀ + b2   (N, H) (H, 1) + () → (N, 1), of which the one column is taken: (N,)

It is judged by half the squared error; the half cancels the 2 that differentiating the square brings down:

    L = mean over the samples of ½ (f − y)²
"""

import numpy as np
from stage1_relu import relu
from xor import D, Forward, H, Params, init_params, make_xor


def affine(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> np.ndarray:
    """An affine layer, x Wᵀ + b: each row of W holds the weights of one output.

    x: (N, in), W: (out, in), b: (out,).
    Returns (N, out).
    """
    raise NotImplementedError("affine is not written yet")


def forward(X: np.ndarray, params: Params) -> Forward:
    """Score every sample: affine, ReLU, affine. Nothing is modified.

    X: (N, D) for any N ≥ 1; params: of any D and H that fit X.
    Returns Forward(f, a1, h1) with f (N,), a1 (N, H), h1 (N, H).
    """
    raise NotImplementedError("forward is not written yet")


def loss(f: np.ndarray, y: np.ndarray) -> float:
    """Mean over the samples of ½ (f − y)².

    f, y: (N,) each. Raises ValueError when their shapes differ: (N, 1) against (N,) would
    broadcast to (N, N) and give a number that means nothing.
    """
    raise NotImplementedError("loss is not written yet")


def accuracy(f: np.ndarray, y: np.ndarray) -> float:
    """The fraction of samples whose class, 1 where f ≥ 0.5 and else 0, equals y.

    f: (N,) scores, y: (N,) of 0.0 and 1.0.
    """
    raise NotImplementedError("accuracy is not written yet")


def check_shapes(params: Params, d: int = D, h: int = H) -> None:
    """Refuse parameters that do not fit `d` inputs and `h` hidden units.

    The shapes wanted are W1 (h, d), b1 (h,), W2 (1, h), b2 ().
    Returns None, or raises one ValueError that names every parameter of a wrong shape and no other.
    """
    raise NotImplementedError("check_shapes is not written yet")


if __name__ == "__main__":
    X, y = make_xor()
    params = init_params()
    check_shapes(params)
    out = forward(X, params)
    print("scores of the first three samples", out.f[:3].round(3), "of classes", y[:3])
    print(f"before any training: loss {loss(out.f, y):.4f}, accuracy {accuracy(out.f, y):.1%}")
