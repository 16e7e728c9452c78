"""Stage 4: forward pass in PyTorch, the same with tensors, still without autograd.

The mathematics is that of stage 2, and so is nearly every line. What is new is the container.

The idea
--------
A tensor is an array with two things more. It lives on a device, which here is always the processor. And it
can remember how it came about: an operation on tensors of which one requires gradients leaves in its result
a note of what was done to what. Such notes, followed back, are the graph that stage 5 will walk. This stage
only takes care that the forward pass can leave them. It does so when it is written with tensor operations
from the parameters to the scores: then it records a graph exactly when the parameters ask for it, and not a
line has to speak of graphs.

The formulas
------------
They are those of stage 2, and so are the shapes:

    a1 = X W1ᵀ + b1   (N, H)
    h1 = ReLU(a1)     (N, H)
    f  = h1 W2ᵀ + b2  (N,)
    L  = mean over the samples of ½ (f − y)²

All tensors are float64 here. A float64 has 53 binary digits, a float32, which is PyTorch's default, has 24.
From 1 to the next larger number it is

    2⁻⁵² ≈ 2.2 · 10⁻¹⁶   in float64
    2⁻²³ ≈ 1.2 · 10⁻⁷    in float32

Stage 2 and this stage do the same few operations, perhaps in another order of summation. In float64 they
must agree within 1e-8 with much room to spare; in float32 nobody could promise that.

By hand
-------
What the dtype does can be seen on a single number. 0.1 has no end in binary, and is cut at another place:

    >>> torch.tensor(0.1).dtype, torch.tensor(np.array(0.1)).dtype
    (torch.float32, torch.float64)
    >>> torch.tensor(0.1).item()
    0.10000000149011612

A Python number became a float32, an array kept its float64. The float32 is off by 1.5e-9. A sum of a hundred
of them is off by 1.5e-7, and a comparison within 1e-8 fails though the formula is right.

The small network, with the numbers of stage 2; its scores, its loss, and how far the two forward passes are
apart:

    >>> X = torch.tensor([[1.0, -1.0], [0.5, 1.0]]).double()
    >>> y = torch.tensor([1.0, 0.0]).double()
    >>> W1, W2 = np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([[1.0, -1.0]])
    >>> params = Params(W1, np.array([-1.0, 1.0]), W2, np.array(1.0))
    >>> out = forward(X, to_torch(params))
    >>> out.f + 0.0
    tensor([ 0., -2.], dtype=torch.float64)
    >>> loss(out.f, y)
    tensor(1.2500, dtype=torch.float64)
    >>> float(agreement(stage2_forward.forward(X.numpy(), params).h1, out.h1))
    0.0

These numbers are all sums of halves, so both passes hit them exactly. With others a few times 1e-16 would be
left.

What goes wrong
---------------
- Shared memory. Some functions make a tensor that looks at the array's own memory. It is right today; after
  the next change of the array it is another network. A copy costs nothing here.
- Leaving the tensors on the way: through NumPy, through Python floats, through a new tensor made of old
  values. The numbers stay right, the notes are lost, and stage 5 finds no way from the loss to the
  parameters.
- A loss that is returned as a float, for the same reason.
- Another way to write max(0, a). The values agree, the slopes at exactly 0 do not: PyTorch's own ReLU has 0
  there, a lower bound set by clamping has 1, the larger of two tensors shares and has ½.
- Comparing without absolute values, or before comparing shapes: tensors broadcast as arrays do.

What it is for
--------------
Stage 5 calls this `forward` and this `loss` on parameters that require gradients, and has nothing more to
derive. And `agreement` stands for a habit: when code moves to another library, first make both give the same
numbers.

To read on
----------
- PyTorch's manual, Tensor Attributes (dtype and device), and `torch.from_numpy`, on memory that is shared.
- D. Goldberg, What every computer scientist should know about floating-point arithmetic, ACM Computing
  Surveys (1991).
"""

import numpy as np
import stage2_forward
import torch
from xor import Forward, Params, init_params, make_xor


def to_torch(params: Params) -> Params:
    """Copy NumPy parameters into float64 tensors that do not require gradients.

    Returns Params of tensors of the same shapes, which share no memory with the arrays.
    """
    raise NotImplementedError("to_torch is not written yet")


def forward(X: torch.Tensor, params: Params) -> Forward:
    """Score every sample, as in stage 2: affine, ReLU, affine.

    X: (N, D) float64; params: tensors W1 (H, D), b1 (H,), W2 (1, H), b2 ().
    Returns Forward(f, a1, h1) of tensors (N,), (N, H), (N, H). No graph is recorded when the parameters
    do not require gradients; the result is differentiable when they do.
    """
    raise NotImplementedError("forward is not written yet")


def loss(f: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """Mean over the samples of ½ (f − y)², as a 0-d tensor, differentiable when f is.

    f, y: (N,) each. Raises ValueError when their shapes differ.
    """
    raise NotImplementedError("loss is not written yet")


def agreement(array: np.ndarray, tensor: torch.Tensor) -> float:
    """The largest absolute difference of an array and a tensor, which may be part of a graph.

    Raises ValueError when their shapes differ.
    """
    raise NotImplementedError("agreement is not written yet")


if __name__ == "__main__":
    X, y = make_xor()
    params = init_params()
    by_numpy = stage2_forward.forward(X, params)
    by_torch = forward(torch.tensor(X), to_torch(params))
    for name, array, tensor in zip(Forward._fields, by_numpy, by_torch, strict=True):
        print(f"{name}: NumPy and PyTorch agree within {agreement(array, tensor):.1e}")
    print(f"loss {loss(by_torch.f, torch.tensor(y)):.4f}")
