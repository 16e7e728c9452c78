"""Stage 5: autograd, its gradients compared with those by hand, and one training step.

Stage 3 derived the backward pass line by line. Here the same chain rule is applied by PyTorch to the notes
that the forward pass of stage 4 leaves. What remains to be understood is where gradients appear, and when
they go away.

The idea
--------
Each operation of the forward pass leaves a node that knows its inputs, and how to get from the derivative
for its output to those for its inputs. For a product of matrices that is the rule of stage 3, for the ReLU
its mask. A tensor that requires gradients and that no recorded operation made is a leaf: there a graph
begins. `backward()` starts at the loss, whose derivative for itself is 1, goes through the nodes in reverse,
and adds what arrives at a leaf to the leaf's `.grad`. This is automatic differentiation in reverse mode. It
is neither symbolic (no formula is built) nor numerical (nothing is nudged): it gives the values of stage 3's
formulas, to rounding.

The formulas
------------
What the forward pass records, on the left, and what goes back through it, on the right, from the last line
to the first:

    a1 = X W1ᵀ + b1             dW1 = da1ᵀ X    db1 = Σ da1 over samples
    h1 = ReLU(a1)               da1 = dh1 ⊙ ReLU′(a1)
    f  = h1 W2ᵀ + b2            dh1 = r W2    dW2 = rᵀ h1    db2 = Σ r
    L  = mean of ½ (f − y)²     r = (f − y) / N

A training step uses it in a fixed order:

    zero_grad → forward → loss → backward → step

`backward()` adds to `.grad`, it does not replace. That is useful where one tensor is used twice in a graph,
or where a large batch is taken in parts. For us it means that a step begins by clearing what the last one
left.

By hand
-------
How a gradient is added, on the smallest graph that there is. The derivative of p² is 2p, at p = 3 that is 6:

    >>> p = torch.tensor(3.0, requires_grad=True)
    >>> (p * p).backward()
    >>> p.grad
    tensor(6.)
    >>> (p * p).backward()
    >>> p.grad
    tensor(12.)

Already the first 6 was a sum: p enters the product twice, with the slope 3 each time. The second call added
another 6. With the small network it is the same: db2 is −1.5, and after a second backward without clearing,
−3 stands there.

The gradients of stage 3, now without a formula of our own, and two steps with lr = 0.1:

    >>> X, y = np.array([[1.0, -1.0], [0.5, 1.0]]), np.array([1.0, 0.0])
    >>> W1, W2 = np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([[1.0, -1.0]])
    >>> params = Params(W1, np.array([-1.0, 1.0]), W2, np.array(1.0))
    >>> autograd_grad(X, y, params).W1
    array([[-0.5,  0.5],
           [ 1. ,  0.5]])
    >>> leaves = leaf_params(params)
    >>> samples, classes = torch.tensor(X), torch.tensor(y)
    >>> losses = [train_step(samples, classes, leaves, 0.1) for _ in range(2)]
    >>> [round(float(value), 4) for value in losses]
    [1.25, 0.0818]
    >>> leaves.W2.requires_grad, leaves.W2.is_leaf
    (True, True)

Both losses are those of stage 3's history. They are taken before the step, and the leaves are still leaves.

What goes wrong
---------------
- Gradients not cleared. The first step is right, from the second on each is a sum of all before, like a ball
  that rolls without friction.
- A step as a new tensor: θ − lr·θ.grad under the old name. What the caller holds does not change, and the
  new tensor is no leaf, so that the next `.grad` is None.
- A step in place that autograd may record. PyTorch refuses to change a leaf so; the change belongs where
  nothing is recorded, and that is what optimizers do.
- Converting after asking: a tensor that requires gradients, converted to another dtype or multiplied, gives
  one that is no leaf. Ask for gradients last.
- Keeping losses of all steps as tensors. Each holds its graph, with every intermediate array; keep numbers.

What it is for
--------------
Everything larger is trained this way. Since the backward pass is made from the forward pass, the model may
change from step to step, with loops and conditions of Python, and its gradients still follow. All of them
cost a small multiple of one forward pass, where stage 3's nudging takes two for each parameter.

To read on
----------
- A. Baydin, B. Pearlmutter, A. Radul and J. Siskind, Automatic differentiation in machine learning: a
  survey, Journal of Machine Learning Research 18 (2018).
- PyTorch's manual, Autograd mechanics.
"""

import numpy as np
import stage2_forward
import stage3_backward
import torch
from stage4_torch_forward import forward, loss
from xor import Params, init_params, make_xor


def leaf_params(params: Params) -> Params:
    """Copy NumPy parameters into float64 leaf tensors that require gradients.

    Returns Params of tensors of the same shapes, which share no memory with the arrays.
    """
    raise NotImplementedError("leaf_params is not written yet")


def autograd_grad(X: np.ndarray, y: np.ndarray, params: Params) -> Params:
    """Gradients of the mean loss by autograd: forward → loss → backward.

    X: (N, D), y: (N,), params: all NumPy arrays.
    Returns Params of NumPy arrays, each of its parameter's shape. The ReLU's slope at exactly 0 is 0, as
    in stage 1, and a second call gives the same answer.
    """
    raise NotImplementedError("autograd_grad is not written yet")


def compare_grads(manual: Params, auto: Params) -> dict[str, float]:
    """The largest absolute difference under each of the names W1, b1, W2, b2; NaN when any is NaN.

    manual, auto: NumPy gradients.
    Raises one ValueError that names every parameter whose shapes differ.
    """
    raise NotImplementedError("compare_grads is not written yet")


def train_step(X: torch.Tensor, y: torch.Tensor, params: Params, lr: float) -> float:
    """One step of gradient descent on leaf tensors, in place: zero_grad → forward → loss → backward → step.

    X: (N, D), y: (N,) float64 tensors; params: leaf tensors that require gradients; lr: the learning rate.
    Returns the loss before the step. Afterwards the same tensor objects hold the new values and are still
    leaves that require gradients. Gradients left over from before do not leak in, nor does anything kept
    from other parameters.
    """
    raise NotImplementedError("train_step is not written yet")


if __name__ == "__main__":
    X, y = make_xor()
    params = init_params()
    by_hand = stage3_backward.backward(X, y, params, stage2_forward.forward(X, params))
    for name, difference in compare_grads(by_hand, autograd_grad(X, y, params)).items():
        print(f"{name}: by hand and by autograd agree within {difference:.1e}")
    leaves = leaf_params(params)
    for step in range(3):
        print(f"step {step + 1}: loss {train_step(torch.tensor(X), torch.tensor(y), leaves, lr=0.1):.4f}")
