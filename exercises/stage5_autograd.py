"""Stage 5: gradients by autograd, compared with those by hand, and one training step.

A leaf tensor that requires gradients is where a graph begins. The forward pass records the graph, and
`backward()` walks it from the loss to the leaves by the same chain rule that stage 3 wrote out, and adds
what it finds to each leaf's `.grad`. It adds, it does not replace: so the first thing a training step
does is to clear what the last one left.

    zero_grad → forward → loss → backward → step
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
