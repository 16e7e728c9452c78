"""Stage 6: nn.Module, the model as one, mini-batches from a `DataLoader`, and training.

What stages 4 and 5 did with a tuple of leaf tensors, PyTorch packs into a module. The same network is built
twice, once with parameters of our own and once from ready-made layers, and both are trained by the same
loop.

The idea
--------
A module keeps a register. What is assigned to it as a parameter, an `nn.Parameter`, is entered under its
name, and whoever works with all parameters, an optimizer, `state_dict`, `.double()`, finds it there. A
tensor that is not registered takes part in the forward pass as well; it is just never trained, saved or
converted. `nn.Sequential` is a module whose forward pass is that of its layers, one after the other.

The parameters have to start somewhere. Two hidden units with the same weights compute the same, receive the
same gradient, and stay the same for ever, so weights are drawn at random. How large is a matter of keeping
signals alive: weights that are too small make small gradients and a slow start, those that are too large
make big scores and steps that overshoot. For layers of ReLUs a variance of 2 over the number of inputs keeps
the activations' mean square from layer to layer. `TinyMLP` starts smaller than that, with weights of 0.1 ·
randn and biases of 0. `nn.Linear` draws weights and biases evenly between −1/√n and 1/√n, where n is its
number of inputs: ±0.71 for the first layer, ±0.25 for the other.

And the data come in mini-batches. A step needs a gradient, and that of 32 samples points on average where
that of all does, for a sixth of the work on 200. So there are more steps in an epoch, each a little noisy.
Shuffling each epoch keeps the noise from repeating itself.

The formulas
------------
Each mini-batch, of B samples, is a step as in stage 5, with a loss and a gradient of its own:

    zero_grad → forward → loss → backward → step

What an epoch records is a mean over its samples, so a batch counts by its size. Only the gradient norm,
which belongs to a step, is a plain mean over the batches. Sums go over the batches of the epoch:

    loss = (Σ B · loss of the batch) / (Σ B)
    accuracy = (Σ B · accuracy of the batch) / (Σ B)
    gradient norm = (Σ norm of the batch) / (number of batches)

By hand
-------
Weighing matters where the last batch is smaller. Take five samples in batches of 2, 2 and 1 with the mean
losses 0.1, 0.2 and 0.6:

    loss = (2·0.1 + 2·0.2 + 1·0.6) / (2 + 2 + 1) = 0.24

The plain mean of the three would be 0.3: the lonely sample would count twice as much as any other. 200
samples in batches of 32 leave a batch of 8 at the end:

    >>> loader = make_loader(*make_xor(), batch_size=32)
    >>> [len(classes) for points, classes in loader]
    [32, 32, 32, 32, 32, 32, 8]

The small network once more, now with its two samples as two batches, sample 0 first, lr = 0.1. The first
batch has f = 0 where y = 1, so its loss is ½, and with B = 1 its gradients are

    r = 0 − 1 = −1
    dW2 = −1·(1, 2) = (−1, −2)
    db2 = −1
    dW1[0] = −1·1·(1, −1) = (−1, 1)
    dW1[1] = −1·(−1)·(1, −1) = (1, −1)
    db1 = (−1, 1)

Before sample 1 is seen, the parameters have moved:

    W1 = ⎡ 1.1  −1.1 ⎤    b1 = (−0.9, 0.9)    W2 = [ 1.1  −0.8 ]    b2 = 1.1
         ⎣ 1.9   1.1 ⎦

Unit 0 is off for it, and through unit 1

    a1[1, 1] = 1.9·0.5 + 1.1·1 + 0.9 = 2.95
    f[1] = −0.8·2.95 + 1.1 = −1.26
    L = ½ (−1.26 − 0)² = 0.7938

So the epoch's loss is (0.5 + 0.7938) / 2, that is 0.6469. With both at once it was 1.25, from the same
start: here the second batch met parameters that had learned from the first. What is recorded in passing
belongs to a model on the move, to no single state of it; `accuracy` measures one.

What goes wrong
---------------
- A tensor as an attribute where a parameter was meant. The loss falls all the same, by the work of the
  others.
- The mean of batch means: right for batches of one size, wrong where the last is smaller.
- Shuffling from the global generator. Then the batches depend on who else has drawn, and runs cannot be
  repeated.
- (N, 1) from `nn.Sequential` against (N,): stage 2's trap is back.
- A sigmoid at the end, from habit. The loss of this course compares bare scores with 0 and 1.
- Evaluating with the graph recorded: right, only slow and large. Whoever switches a mode for it puts it
  back.
- float32 in a model, float64 in the arrays: PyTorch refuses to multiply the two. Convert the data, not the
  model.

What it is for
--------------
This is the loop in which nearly every network is trained, with another model, another loss, another
optimizer in place of plain SGD, and data held back to see what was learned and what merely memorised. You
know now what each of its lines does, since you have written all that stands behind them.

To read on
----------
- D. Rumelhart, G. Hinton and R. Williams, Learning internal representations by error propagation, in
  Parallel Distributed Processing 1, MIT Press (1986), which trains XOR, and on starting with weights that
  differ.
- X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural networks, AISTATS
  (2010).
- K. He, X. Zhang, S. Ren and J. Sun, Delving deep into rectifiers, ICCV (2015), on the variance of 2 over n.
- PyTorch's manual, `torch.nn.Linear`, on how its parameters start.
"""

import numpy as np
import torch
from stage4_torch_forward import loss
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
from xor import D, Forward, H, History, make_xor


class TinyMLP(nn.Module):
    """The network of stages 2 to 5 as a module.

    Parameters, and no others: W1 (h, d), b1 (h,), W2 (1, h), b2 (). Weights start at 0.1 · randn, drawn
    from PyTorch's global generator in its default dtype; biases start at 0.
    """

    def __init__(self, d: int = D, h: int = H) -> None:
        """Draw and register the parameters for `d` inputs and `h` hidden units."""
        raise NotImplementedError("TinyMLP is not written yet")

    def forward(self, X: torch.Tensor) -> Forward:
        """Score every sample of X (N, D): Forward(f, a1, h1) of (N,), (N, H), (N, H)."""
        raise NotImplementedError("TinyMLP.forward is not written yet")


def make_sequential(d: int = D, h: int = H) -> nn.Sequential:
    """The same network from ready-made layers: `nn.Linear`, `nn.ReLU`, `nn.Linear`.

    Maps (N, d) to (N, 1).
    """
    raise NotImplementedError("make_sequential is not written yet")


def scores(model: nn.Module, X: torch.Tensor) -> torch.Tensor:
    """The scores (N,) of X (N, D) by either model, a `TinyMLP` or an `nn.Sequential`."""
    raise NotImplementedError("scores is not written yet")


def make_loader(X: np.ndarray, y: np.ndarray, batch_size: int = 32, seed: int = 0) -> DataLoader:
    """A loader of mini-batches (X, y) of float32 tensors, (B, D) and (B,), shuffled every epoch.

    X: (N, D), y: (N,) arrays. The same seed gives the same batches whatever else was drawn or made in
    between, another seed other ones, and two epochs differ. Every sample comes once an epoch.
    """
    raise NotImplementedError("make_loader is not written yet")


def train(model: nn.Module, loader: DataLoader, lr: float = 0.1, epochs: int = 200) -> History:
    """Plain mini-batch SGD on either model, in place, iterating the loader anew each epoch.

    Returns a History of one entry an epoch, made from each batch's forward pass before its step: the mean
    over the epoch's samples of `loss`, `accuracy` and `relu_active` (the fraction of pre-activations > 0;
    for the Sequential, of its first layer's outputs), so that a smaller last batch weighs less; and the
    plain mean over the batches of `grad_norm`. Gradients left over from before do not leak in.
    """
    raise NotImplementedError("train is not written yet")


def accuracy(model: nn.Module, X: np.ndarray, y: np.ndarray) -> float:
    """The fraction of samples that either model, float32 or float64, puts in the right class.

    X: (N, D), y: (N,) arrays. No graph is recorded, and the model's training flag and PyTorch's global
    grad mode are as they were.
    """
    raise NotImplementedError("accuracy is not written yet")


if __name__ == "__main__":
    X, y = make_xor()
    fresh = make_xor(n=2000, seed=1)
    for make in (TinyMLP, make_sequential):
        torch.manual_seed(0)
        model = make()
        history = train(model, make_loader(X, y))
        print(f"{make.__name__}: loss {history['loss'][-1]:.4f}, accuracy {accuracy(model, X, y):.1%}", end=", ")
        print(f"on fresh points {accuracy(model, *fresh):.1%}")
