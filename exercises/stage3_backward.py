"""Stage 3: backward pass and training, by the chain rule, with a check by finite differences.

The forward pass says how bad the scores are. The backward pass says of each parameter which way to turn it,
and how much that helps. Then training is a loop of few lines.

The idea
--------
Nudge a parameter, and a pre-activation moves, then an activation, a score, the loss. How far the loss moves
is the product of the slopes along this path, added up over all paths: the chain rule. Backpropagation
follows the paths from their end. It starts with how the loss depends on each score, and goes back layer by
layer, each time from what it has found one layer later. So nothing is computed twice, and all gradients
together cost about as much as a few forward passes, however many parameters there are.

The formulas
------------
One rule serves both layers. Let out = x Wᵀ + b, and let d, of the shape of out, be the derivative of the
loss for out. All samples use the same W and b, so each adds its part to their gradients:

    dW = dᵀ x                  (out, N) (N, in) → (out, in)
    db = Σ d over samples      (out,)
    dx = d W                   (N, out) (out, in) → (N, in)

Now from the loss back to the inputs, with dW2 for ∂L/∂W2 and so on. The mean over N samples puts a 1/N into
the first line, and from there it is in all of them:

    r   = (f − y) / N          (N,)     ∂L/∂f
    dW2 = rᵀ h1                (1, H)
    db2 = Σ r                  ()
    da1 = (r W2) ⊙ ReLU′(a1)   (N, H)   stopped where the unit was off
    dW1 = da1ᵀ X               (H, D)
    db1 = Σ da1 over samples   (H,)

In dW2 and da1, r stands as a column (N, 1). The sign ⊙ multiplies element by element. Each gradient has the
shape of its parameter, and checking that alone finds many a slip. A step of gradient descent goes against
the gradient:

    θ ← θ − lr · ∂L/∂θ

A derivative can also be had without any calculus, by nudging one parameter at a time and watching the loss:

    ∂L/∂θ ≈ (L(θ + ε) − L(θ − ε)) / 2ε

That costs two forward passes for each parameter, 130 for the 65 of the network with 16 hidden units: too
slow for training, and just right for a check. It knows nothing of the formulas above, so it does not repeat
their mistakes.

By hand
-------
The network of stage 2 again, with f = (0, −2) and y = (1, 0):

    r = (½ (0 − 1), ½ (−2 − 0)) = (−0.5, −1)
    dW2[0, 0] = −0.5·1 + (−1)·0 = −0.5
    dW2[0, 1] = −0.5·2 + (−1)·3 = −4
    db2 = −0.5 + (−1) = −1.5

Each error goes back through the weights W2, and stops where the ReLU was off, for sample 1 at unit 0:

    r W2 = ⎡ −0.5  0.5 ⎤    ReLU′(a1) = ⎡ 1  1 ⎤    da1 = ⎡ −0.5  0.5 ⎤
           ⎣ −1    1   ⎦                ⎣ 0  1 ⎦          ⎣  0    1   ⎦

A column of da1 weighs the samples, the rows of X, for its unit:

    dW1[0] = −0.5·(1, −1) + 0·(0.5, 1) = (−0.5, 0.5)
    dW1[1] = 0.5·(1, −1) + 1·(0.5, 1) = (1, 0.5)
    db1 = (−0.5 + 0, 0.5 + 1) = (−0.5, 1.5)

Check one of them without calculus. Nudging b2 by 0.5 moves both scores by as much:

    L(b2 + 0.5) = (½ (0.5 − 1)² + ½ (−1.5 − 0)²) / 2 = 0.625
    L(b2 − 0.5) = (½ (−0.5 − 1)² + ½ (−2.5 − 0)²) / 2 = 2.125
    ∂L/∂b2 ≈ (0.625 − 2.125) / (2·0.5) = −1.5   central
    ∂L/∂b2 ≈ (0.625 − 1.25) / 0.5 = −1.25       to one side

The central difference agrees, even exactly: as a function of any single entry this loss is a parabola, as
long as no unit switches on or off, and central differences are exact for parabolas. A difference to one side
only, from the 1.25 at b2 itself, is not.

One step with lr = 0.1 takes the loss from 1.25 to 0.0818, and then both samples are classified right:

    >>> X, y = np.array([[1.0, -1.0], [0.5, 1.0]]), np.array([1.0, 0.0])
    >>> W1, W2 = np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([[1.0, -1.0]])
    >>> params = Params(W1, np.array([-1.0, 1.0]), W2, np.array(1.0))
    >>> scored = forward(X, params)
    >>> grads = backward(X, y, params, scored)
    >>> grads.W1
    array([[-0.5,  0.5],
           [ 1. ,  0.5]])
    >>> bool(max(gradient_check(X, y, params).values()) < 1e-8)
    True
    >>> new = sgd_step(params, grads, 0.1)
    >>> new.W2
    array([[ 1.05, -0.6 ]])
    >>> trained, history = train(X, y, params, lr=0.1, epochs=2)
    >>> losses = [round(float(value), 4) for value in history["loss"]]
    >>> losses, [float(value) for value in history["accuracy"]]
    ([1.25, 0.0818], [0.5, 1.0])

What goes wrong
---------------
- The sum for the mean: every gradient is N times too large, as if lr were.
- The mask forgotten: errors pass through units that were off, and the loss still falls, only not as it
  should.
- A gradient of another shape than its parameter, such as (H, 1) for b1. The step broadcasts, and from then
  on b1 is a matrix.
- A step that writes into the arrays passed in. Whoever else holds them sees them change.
- An ε that is far too small: the two losses then differ by little more than their rounding, some 1e-16 where
  the loss is about 1, and that is divided by 2ε. Or too large: units switch on the way (and where a loss is
  no parabola, the error grows as ε²). Between the two, 1e-6 leaves about ten digits. Within ε of a kink the
  check fails for right code.

What it is for
--------------
Stage 5 lets PyTorch do this, and compares with what you wrote here. Whoever has written a backward pass once
knows what autograd does, what it keeps in memory, and where to look when a network does not learn.

To read on
----------
- D. Rumelhart, G. Hinton and R. Williams, Learning representations by back-propagating errors, Nature 323
  (1986).
- J. Nocedal and S. Wright, Numerical Optimization, 2nd edition, Springer (2006), chapter 8, on finite
  differences.
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
    raise NotImplementedError("backward is not written yet")


def numerical_grad(X: np.ndarray, y: np.ndarray, params: Params, eps: float = 1e-6) -> Params:
    """Gradients of the mean loss by central differences, one entry of one parameter at a time.

    X: (N, D), y: (N,). `params` is unchanged on return.
    Returns Params of gradients, each of its parameter's shape.
    """
    raise NotImplementedError("numerical_grad is not written yet")


def gradient_check(X: np.ndarray, y: np.ndarray, params: Params, eps: float = 1e-6) -> dict[str, float]:
    """Compare `backward` with `numerical_grad`, parameter by parameter.

    X: (N, D), y: (N,).
    Returns the largest absolute difference under each of the names W1, b1, W2, b2; NaN when any is NaN.
    """
    raise NotImplementedError("gradient_check is not written yet")


def sgd_step(params: Params, grads: Params, lr: float) -> Params:
    """One step of gradient descent, params − lr · grads, as new Params; nothing is modified.

    lr: the learning rate.
    """
    raise NotImplementedError("sgd_step is not written yet")


def train(
    X: np.ndarray, y: np.ndarray, params: Params, lr: float = 0.1, epochs: int = 1000
) -> tuple[Params, History]:
    """Full-batch gradient descent: every epoch is one step on all samples.

    X: (N, D), y: (N,). The `params` passed in are unchanged.
    Returns the trained Params and a History of `epochs` entries under each key, all taken before that
    epoch's step: `loss`, `accuracy`, `grad_norm` (the 2-norm over all parameters together) and
    `relu_active` (the fraction of a1 > 0).
    """
    raise NotImplementedError("train is not written yet")


if __name__ == "__main__":
    X, y = make_xor()
    params = init_params()
    for name, difference in gradient_check(X, y, params).items():
        print(f"{name}: chain rule and central differences agree within {difference:.1e}")
    trained, history = train(X, y, params)
    for epoch in (0, 9, 99, 999):
        print(f"epoch {epoch + 1:4}: loss {history['loss'][epoch]:.4f}, accuracy {history['accuracy'][epoch]:.1%}")
