"""Stage 1: ReLU, and its slope, by hand in NumPy.

A network is made of sums with weights, and of something between the sums that bends. This stage writes the
bend that most networks use, and its slope, which the chain rule will ask for.

The idea
--------
An affine layer multiplies by a matrix and adds a bias. Put one on top of another, and multiply out:

    W2 (W1 x + b1) + b2 = (W2 W1) x + (W2 b1 + b2)

That is an affine layer again. However many are stacked, a threshold on the result parts the plane along one
straight line, and no straight line parts the two classes of XOR. So something that is not affine has to
stand between the layers. The rectified linear unit (ReLU) is about the least that will do: it takes each
number by itself, lets a positive one pass unchanged, and makes 0 of any other. A unit that lets its number
pass is on, else it is off. In the plane of the inputs each hidden unit is flat on one side of a line and
rises evenly on the other. A weighted sum of a few such pieces can be low, high, low and high again, going
around the origin, and that is what XOR needs.

The formula
-----------
For a of any shape, each element by itself:

    ReLU(a)  = max(0, a)
    ReLU′(a) = 1 where a > 0, else 0

The slope says how fast the output moves with the input: as fast where the unit is on, not at all where it is
off. At exactly 0 there is a kink. The slope is 0 to its left and 1 to its right, and a derivative does not
exist. Every number from 0 to 1 is a subgradient there, so one of them has to be agreed on. We take 0, and so
does PyTorch, whose rule for convex functions is the subgradient of the smallest norm. Otherwise our
gradients and PyTorch's could not be compared to the last digit.

By hand
-------
Stages 2 to 6 follow one small network through everything: two samples, two hidden units. Here are its
pre-activations, the numbers that reach the ReLU, a row for each sample and a column for each unit:

    a1 = ⎡  1.0  2.0 ⎤
         ⎣ −1.5  3.0 ⎦

Three of the four are positive and pass, one is stopped:

    ReLU(a1) = ⎡ 1  2 ⎤    ReLU′(a1) = ⎡ 1  1 ⎤
               ⎣ 0  3 ⎦                ⎣ 0  1 ⎦

The same in Python, once both functions are written. A −0.0 is as good a zero as any; `+ 0.0` shows both alike:

    >>> a1 = np.array([[1.0, 2.0], [-1.5, 3.0]])
    >>> relu(a1) + 0.0
    array([[1., 2.],
           [0., 3.]])
    >>> relu_grad(a1) + 0.0
    array([[1., 1.],
           [0., 1.]])
    >>> relu_grad(np.array([-0.0, 0.0, 1e-300])) + 0.0
    array([0., 0., 1.])

What goes wrong
---------------
- ≥ in place of >, so that the slope at 0 comes out as 1. With drawn numbers nobody notices. With a unit
  whose weights and bias are 0, every gradient that passes it differs from PyTorch's.
- A new array of zeros has a dtype of its own, float64, and turns a float32 network into a float64 one.
- Writing zeros into `a` itself is quick, and costs the caller the pre-activations, which the backward pass
  needs.
- The slope comes out as truth values. They multiply like 0 and 1, until somebody subtracts them or asks for
  a dtype.
- The largest element of an array and the larger of two arrays are different questions, under similar names.

What it is for
--------------
Stage 2 puts `relu` between two affine layers. Stage 3 multiplies by `relu_grad`: where a unit was off, no
error passes back. A unit that is off for every sample learns nothing any more. It is said to have died, and
that is why training will record the fraction of pre-activations that are positive.

To read on
----------
- V. Nair and G. Hinton, Rectified linear units improve restricted Boltzmann machines, ICML (2010).
- X. Glorot, A. Bordes and Y. Bengio, Deep sparse rectifier neural networks, AISTATS (2011).
- PyTorch's manual, Autograd mechanics, on gradients of functions that are not differentiable.
"""

import numpy as np


def relu(a: np.ndarray) -> np.ndarray:
    """The rectified linear unit, max(0, a), for each element by itself.

    a: an array of any shape and float dtype; it is not modified.
    Returns an array of the same shape and dtype.
    """
    raise NotImplementedError("relu is not written yet")


def relu_grad(a: np.ndarray) -> np.ndarray:
    """The slope of ReLU: 1.0 where a > 0, else 0.0, so 0.0 at exactly 0.

    a: an array of any shape and float dtype; it is not modified.
    Returns an array of the same shape and dtype.
    """
    raise NotImplementedError("relu_grad is not written yet")


if __name__ == "__main__":
    a = np.linspace(-2.0, 2.0, 9)
    print("a        ", a)
    print("relu(a)  ", relu(a))
    print("slope    ", relu_grad(a))
