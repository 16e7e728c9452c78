"""The known mistakes of stage 2. What they predict from is said at each table."""

from itertools import permutations
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Forward, Params
from grader.judging.likeness import Raised
from grader.judging.mistakes import UNKNOWN, Either, Mistake
from mistakes.stage2_check_shapes import CHECK_SHAPES
from mistakes.stage2_loss import ACCURACY, LOSS

ORDERS = list(permutations(range(3)))[2:]
"""Of f, a1 and h1, f not the first."""

__all__ = ["ACCURACY", "AFFINE", "CHECK_SHAPES", "FORWARD", "LOSS"]


def _fits(*shapes: tuple[int, ...]) -> bool:
    """Whether shapes broadcast."""
    try:
        np.broadcast_shapes(*shapes)
    except ValueError:
        return False
    return True


def _untransposed(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> Any:
    """The product without the transposition, where there is one; else the exception."""
    if x.shape[1] != W.shape[0]:
        return Raised("ValueError", "matmul|not aligned")
    product = np.einsum("ni,io->no", x, W)
    return product + b if _fits(product.shape, b.shape) else Raised("ValueError", "broadcast")


def _bias_as_column(x: np.ndarray, W: np.ndarray, b: np.ndarray) -> Any:
    product = np.einsum("ni,oi->no", x, W)
    column = b[:, np.newaxis]
    return product + column if _fits(product.shape, column.shape) else Raised("ValueError", "broadcast")


AFFINE = (
    # from x, W, b
    Mistake(
        "bias_forgotten",
        "The bias is missing.",
        "An affine layer is more than a product.",
        lambda x, W, b: np.einsum("ni,oi->no", x, W),
    ),
    Mistake(
        "weights_not_transposed",
        "The weights were used as they stand, not transposed.",
        "Each row of W belongs to one output: with x (N, in) and W (out, in), which axis is summed over?",
        _untransposed,
    ),
    Mistake(
        "weights_reshaped",
        "The weights were reshaped to (in, out): the new rows were filled in the old order, not transposed.",
        "Rows have to become columns: which entry must stand at [0, 1]?",
        lambda x, W, b: np.einsum("ni,io->no", x, W.reshape(W.shape[1], W.shape[0])) + b,
    ),
    Mistake(
        "bias_subtracted",
        "The bias was subtracted.",
        "What stands between the product and b?",
        lambda x, W, b: np.einsum("ni,oi->no", x, W) - b,
    ),
    Mistake(
        "bias_as_column",
        "The bias was added down the samples, one entry for each, not one for each output.",
        "The product is (N, out), b is (out,): along which axis must they meet?",
        _bias_as_column,
    ),
    Mistake(
        "relu_inside",
        "Negative results came back as 0: a ReLU is in it.",
        "An affine layer is linear but for its bias; the ReLU comes after it.",
        lambda x, W, b: formulas.relu(np.einsum("ni,oi->no", x, W) + b),
    ),
    Mistake(
        "two_inputs_counted_on",
        "Two inputs were counted on.",
        "in is whatever the second axis of x has.",
        lambda x, W, b: (
            np.einsum("ni,oi->no", x[:, :2], W[:, :2]) + b if x.shape[1] > 2 else Raised("IndexError", "")
        ),
    ),
)


def _changed(X: np.ndarray, params: Params, **kept: np.ndarray) -> Forward:
    return formulas.forward(X, params._replace(**kept))


def _without_relu(X: np.ndarray, params: Params) -> Forward:
    a1 = np.einsum("nd,hd->nh", X, params.W1) + params.b1
    return Forward(np.einsum("nh,kh->n", a1, params.W2) + params.b2, a1, a1)


def _with_sigmoid(X: np.ndarray, params: Params) -> Forward:
    out = formulas.forward(X, params)
    return out._replace(f=1 / (1 + np.exp(-out.f)))


def _with_other_activation(X: np.ndarray, params: Params) -> Either:
    a1 = formulas.forward(X, params).a1
    return Either(
        [
            Forward(np.einsum("nh,kh->n", h1, params.W2) + params.b2, a1, h1)
            for h1 in (1 / (1 + np.exp(-a1)), np.tanh(a1))
        ]
    )


def _a1_overwritten(X: np.ndarray, params: Params) -> Forward:
    out = formulas.forward(X, params)
    return out._replace(a1=out.h1)


def _swapped(X: np.ndarray, params: Params) -> Forward:
    f, a1, h1 = formulas.forward(X, params)
    return Forward(f, h1, a1)


def _by_two_inputs(X: np.ndarray, params: Params) -> Any:
    d = X.shape[1]
    if d == 2:
        return UNKNOWN
    return _changed(X[:, :2], params, W1=params.W1[:, :2]) if d > 2 else Raised("IndexError", "out of bounds")


def _rule(X: np.ndarray, params: Params) -> Any:
    """Scores that come from the sign of x1·x2, not from the parameters."""

    def fits(got: object) -> bool:
        ruled = np.where(X[:, 0] * X[:, -1] < 0, 1.0, 0.0)
        return isinstance(got, Forward) and np.shape(got.f) == ruled.shape and np.array_equal(got.f, ruled)

    return fits


def _has_shape(field: str, shape: tuple[int, ...]) -> Any:
    return lambda got: isinstance(got, Forward) and np.shape(getattr(got, field)) == shape


FORWARD = (
    # from X, params
    Mistake(
        "fields_swapped",
        "a1 and h1 are confused: each stands in the other's place.",
        "a1 is what goes into the ReLU, h1 is what comes out.",
        _swapped,
    ),
    Mistake(
        "a1_after_relu",
        "a1 holds the values after the ReLU: it was overwritten, or never kept apart.",
        "The backward pass will need the sign of what went into the ReLU; is something changed in place?",
        _a1_overwritten,
    ),
    Mistake(
        "relu_forgotten",
        "There is no ReLU between the two layers.",
        "Without it two affine layers are no more than one.",
        _without_relu,
    ),
    Mistake(
        "b1_forgotten",
        "The hidden layer's bias is missing.",
        "Compare a1 with its formula, term by term.",
        lambda X, params: _changed(X, params, b1=np.zeros_like(params.b1)),
    ),
    Mistake(
        "b2_forgotten",
        "The output's bias is missing.",
        "Compare f with its formula, term by term.",
        lambda X, params: _changed(X, params, b2=np.zeros(())),
    ),
    Mistake(
        "sigmoid_added",
        "The scores went through a sigmoid.",
        "f is the second layer's result as it is; it may be below 0 and above 1.",
        _with_sigmoid,
    ),
    Mistake(
        "f_as_column",
        "f is a column, (N, 1): the second layer's one output is still an axis.",
        "f must be (N,), or the loss will broadcast it against y to (N, N).",
        lambda X, params: _has_shape("f", (len(X), 1)),
    ),
    Mistake(
        "f_broadcast",
        "f is (N, N): a column (N, 1) and a row have been broadcast.",
        "Look at the shapes on both sides of each + and *.",
        lambda X, params: _has_shape("f", (len(X), len(X))) if len(X) > 1 else UNKNOWN,
    ),
    Mistake(
        "f_of_no_axis",
        "With one sample f has lost its axis.",
        "Take away the axis of the one output, and no other: one sample is still a batch.",
        lambda X, params: _has_shape("f", ()) if len(X) == 1 else UNKNOWN,
    ),
    Mistake(
        "two_inputs_counted_on",
        "Two inputs were counted on.",
        "D is whatever the second axis of X has.",
        _by_two_inputs,
    ),
    Mistake(
        "other_activation",
        "What stands between the layers is a sigmoid or a tanh, not ReLU.",
        "h1 is stage 1's relu of a1.",
        _with_other_activation,
    ),
    Mistake(
        "fields_misordered",
        "The results are in another order.",
        "Forward holds f, a1, h1.",
        lambda X, params: Either([Forward(*(formulas.forward(X, params)[k] for k in order)) for order in ORDERS]),
    ),
    Mistake(
        "rule_for_network",
        "The scores come from the sign of x1·x2, not from the parameters.",
        "The network knows nothing of XOR; it computes from X and params what they say.",
        _rule,
    ),
)
