"""Stage 2: forward pass, from inputs to a loss, in NumPy.

From a batch of points to a score for each, and from the scores to one number that says how bad they are.
Nothing is learned yet, but everything that training will need is computed here.

The idea
--------
A sample x is a row of D numbers. A hidden unit takes their weighted sum, adds a bias, and passes the result
through the ReLU; H units do so side by side, each with weights of its own. The score is one more weighted
sum, of what the H units give. All samples go through at once: they are the rows of X, and then a layer is
one matrix product. The weights stand in a matrix with a row for each output, as PyTorch's `nn.Linear` keeps
them, so that each row is one unit's weights, and the product takes the transpose.

A score is a number, not a class. It is read as class 1 where it is at least ½. The loss compares score and
class, 1 or 0, by half the squared error. Other losses suit classes better, the cross-entropy above all. This
one is chosen because its derivative for a score is simply f − y, so that stage 3 can be done by hand.

The formulas
------------
    a1 = X W1ᵀ + b1   (N, D) (D, H) + (H,) → (N, H)   pre-activation
    h1 = ReLU(a1)     (N, H)                          hidden activation
    f  = h1 W2ᵀ + b2  (N, H) (H, 1) + () → (N, 1)     score, taken as (N,)
    L  = mean over the samples of ½ (f − y)²

Only + broadcasts here: shapes are lined up from the right, and b1 (H,) is added to each row of (N, H). The
half is there to cancel the 2 that comes down when the square is differentiated. The mean, not the sum, makes
losses of batches of different sizes comparable, so that a learning rate which suits one suits the others.

By hand
-------
The small network of this course has N = 2, D = 2, H = 2:

    X  = ⎡ 1.0  −1.0 ⎤    W1 = ⎡ 1  −1 ⎤    W2 = [ 1  −1 ]
         ⎣ 0.5   1.0 ⎦         ⎣ 2   1 ⎦
    y  = (1, 0)           b1 = (−1, 1)      b2 = 1

The first sample's inputs differ in sign, so it is of class 1; the second's do not. Sample by sample (row)
and unit by unit (column), counted from 0 as in Python:

    a1[0, 0] = 1·1 + (−1)·(−1) + (−1) = 1
    a1[0, 1] = 2·1 + 1·(−1) + 1 = 2
    a1[1, 0] = 1·0.5 + (−1)·1 + (−1) = −1.5
    a1[1, 1] = 2·0.5 + 1·1 + 1 = 3

The ReLU stops the third. Then the scores, and the loss:

    f[0] = 1·1 + (−1)·2 + 1 = 0
    f[1] = 1·0 + (−1)·3 + 1 = −2
    L    = (½ (0 − 1)² + ½ (−2 − 0)²) / 2 = (0.5 + 2) / 2 = 1.25

Both scores are below ½, so both samples are put in class 0, and one of two is right: the accuracy is 0.5.

    >>> X, y = np.array([[1.0, -1.0], [0.5, 1.0]]), np.array([1.0, 0.0])
    >>> params = Params(
    ...     W1=np.array([[1.0, -1.0], [2.0, 1.0]]),
    ...     b1=np.array([-1.0, 1.0]),
    ...     W2=np.array([[1.0, -1.0]]),
    ...     b2=np.array(1.0),
    ... )
    >>> out = forward(X, params)
    >>> out.a1
    array([[ 1. ,  2. ],
           [-1.5,  3. ]])
    >>> out.f + 0.0
    array([ 0., -2.])
    >>> float(loss(out.f, y)), float(accuracy(out.f, y))
    (1.25, 0.5)

What goes wrong
---------------
The trap of this stage: scores left as a column (N, 1), and classes (N,). Their difference broadcasts to
(N, N), every score against every class, and the mean of its squares is a number like any other. Here, in
place of 1.25:

    f − y = ⎡ −1   0 ⎤    mean of ½ (f − y)² = ½ (1 + 0 + 9 + 4) / 4 = 1.75
            ⎣ −3  −2 ⎦

A network even trains on it, towards the same score for every sample. That is why `loss` refuses different
shapes. Besides:

- W in place of Wᵀ. Where in and out are equal, as in this example, nothing crashes.
- Removing every axis of size 1, instead of taking the one column, also removes the samples' when N is 1.
- The sum for the mean, or the half forgotten. The loss is right up to a factor, and so is every gradient
  made of it.
- Returning the scores alone. The backward pass needs a1 and h1.

What it is for
--------------
Stage 3 differentiates exactly this. Stage 4 writes it again with tensors, and the two must agree to
rounding. `check_shapes` is the cheap habit that saves afternoons: most mistakes in such code are shapes that
happen to fit.

To read on
----------
- M. Minsky and S. Papert, Perceptrons, MIT Press (1969), on what a network without a hidden layer cannot do.
- NumPy's manual, Broadcasting.
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
