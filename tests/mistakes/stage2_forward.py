"""The known mistakes of stage 2. What they predict from is said at each table."""

import math
from collections.abc import Callable
from typing import Any

import formulas
import numpy as np

from grader.likeness import Raised
from grader.mistakes import UNKNOWN, Either, Mistake, Seen
from grader.wire import Forward, Params

HALF = 0.5


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


def _a1_overwritten(X: np.ndarray, params: Params) -> Forward:
    out = formulas.forward(X, params)
    return out._replace(a1=out.h1)


def _swapped(X: np.ndarray, params: Params) -> Forward:
    f, a1, h1 = formulas.forward(X, params)
    return Forward(f, h1, a1)


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
        "rule_for_network",
        "The scores come from the sign of x1·x2, not from the parameters.",
        "The network knows nothing of XOR; it computes from X and params what they say.",
        _rule,
    ),
)


def _for_same_shapes(formula: Callable[[np.ndarray, np.ndarray], Any]) -> Callable[..., Any]:
    """A prediction for f and y of one shape; what becomes of others is another mistake."""
    return lambda f, y: formula(f, y) if np.shape(f) == np.shape(y) else UNKNOWN


def _taken(f: np.ndarray, y: np.ndarray) -> Any:
    """A number for f and y of different shapes, or what NumPy raises of those that do not broadcast."""
    if np.shape(f) == np.shape(y):
        return UNKNOWN
    return Either(
        [lambda got: isinstance(got, (float, np.floating, np.ndarray)), Raised("ValueError", "broadcast")]
    )


LOSS = (
    # from f, y
    Mistake(
        "summed",
        "The samples were summed, not averaged: the loss is N times too large.",
        "A mean does not grow with the number of samples.",
        _for_same_shapes(lambda f, y: formulas.loss(f, y) * len(y)),
    ),
    Mistake(
        "half_forgotten",
        "The loss is twice too large: the ½ is missing.",
        "It stands in front of each square, so that the 2 cancels when the square is differentiated.",
        _for_same_shapes(lambda f, y: 2 * formulas.loss(f, y)),
    ),
    Mistake(
        "absolute_error",
        "The differences were taken by their size, not squared.",
        "A large error should weigh more than its share.",
        _for_same_shapes(lambda f, y: Either([float(np.mean(abs(f - y)) * part) for part in (1, HALF)])),
    ),
    Mistake(
        "root_taken",
        "A square root was taken of the mean.",
        "The loss is the mean of half the squares itself.",
        _for_same_shapes(lambda f, y: Either([math.sqrt(formulas.loss(f, y) * part) for part in (1, 2)])),
    ),
    Mistake(
        "divided_by_one_less",
        "It was divided by N − 1, not by N.",
        "That is for variances; a mean over the samples divides by their number.",
        _for_same_shapes(lambda f, y: formulas.loss(f, y) * len(y) / (len(y) - 1) if len(y) > 1 else UNKNOWN),
    ),
    Mistake(
        "loss_of_decisions",
        "The loss was taken of decisions, 0 or 1, not of the scores.",
        "A decision has no slope; the loss must feel how far f is from y.",
        _for_same_shapes(lambda f, y: formulas.loss(np.where(f < HALF, 0.0, 1.0), y)),
    ),
    Mistake(
        "shapes_not_compared",
        "f and y of different shapes were taken, and broadcast to a number that means nothing.",
        "Compare the whole shapes, before anything else: (N, 1) and (N,) have the same length and the same size.",
        _taken,
    ),
)


def _fraction(condition: np.ndarray) -> float:
    return float(np.mean(condition))


ACCURACY = (
    # from f, y
    Mistake(
        "half_left_out",
        "A score of exactly 0.5 was put in class 0.",
        "It belongs to class 1; look at the comparison.",
        lambda f, y: _fraction((f > HALF) == (y == 1.0)),
    ),
    Mistake(
        "counted",
        "The right samples were counted, not divided by their number.",
        "An accuracy lies between 0 and 1.",
        lambda f, y: Either([n := float(np.sum((f >= HALF) == (y == 1.0))), int(n)]),
    ),
    Mistake(
        "in_percent",
        "The accuracy came in percent.",
        "It is asked for as a fraction, between 0 and 1.",
        lambda f, y: 100 * formulas.accuracy(f, y),
    ),
    Mistake(
        "error_rate",
        "The wrong samples were counted instead of the right ones.",
        "This is the error rate, 1 − accuracy.",
        lambda f, y: 1 - formulas.accuracy(f, y),
    ),
    Mistake(
        "threshold_at_zero",
        "The classes were parted at a score of 0.",
        "The targets are 0 and 1; which score lies in the middle?",
        lambda f, y: Either([_fraction((f >= 0) == (y == 1.0)), _fraction((f > 0) == (y == 1.0))]),
    ),
    Mistake(
        "scores_compared",
        "The scores themselves were compared with the classes.",
        "First make a class, 0 or 1, of each score.",
        lambda f, y: _fraction(f == y),
    ),
    Mistake(
        "positives_only",
        "Only one of the classes was looked at.",
        "A sample of class 0 that is found to be of class 0 is right, too.",
        lambda f, y: Either(
            [
                _fraction((f >= HALF) & (y == 1.0)),
                _fraction(f[y == 1.0] >= HALF) if (y == 1.0).any() else UNKNOWN,
                _fraction(y[f >= HALF] == 1.0) if (f >= HALF).any() else UNKNOWN,
            ]
        ),
    ),
    Mistake(
        "predictions_only",
        "The fraction of scores in class 1 came; y was not looked at.",
        "How many of them are right?",
        lambda f, y: _fraction(f >= HALF),
    ),
    Mistake(
        "classes_weighed_alike",
        "The accuracy was taken of each class, and then averaged.",
        "That is the balanced accuracy; here every sample weighs the same.",
        lambda f, y: float(np.mean([_fraction((f >= HALF)[y == c] == (c == 1.0)) for c in np.unique(y)])),
    ),
    Mistake(
        "rounded",
        "The accuracy was rounded.",
        "Round where a number is printed, not where it is computed.",
        lambda f, y: Either([round(formulas.accuracy(f, y), digits) for digits in (1, 2, 3)]),
    ),
    Mistake(
        "scores_rounded",
        "The scores were rounded to the next whole number, 1.7 to 2 and −0.6 to −1.",
        "There are two classes, however far a score is from them.",
        lambda f, y: Either([_fraction(np.round(f) == y), _fraction(np.floor(f + HALF) == y)]),
    ),
)


Shape = tuple[int, ...]
Case = tuple[Params, int, int]
"""Parameters, and the d and h that hold for the call."""


def _wanted(d: int, h: int) -> dict[str, Shape]:
    return {"W1": (h, d), "b1": (h,), "W2": (1, h), "b2": ()}


def _names(params: Params, d: int, h: int, accepts: Callable[[str, Shape, Shape], bool]) -> set[str] | None:
    """The names that a weaker check tells; None where it lets all of them through."""
    wanted = _wanted(d, h).items()
    told = {name for name, shape in wanted if not accepts(name, np.shape(getattr(params, name)), shape)}
    return told or None


def _by_check(accepts: Callable[[str, Shape, Shape], bool]) -> Callable[[list[Case]], Seen]:
    """What is told of each case by a check that accepts shapes by another rule than being the one wanted."""
    return lambda cases: Seen(told=[_names(*case, accepts) for case in cases])


def _same(name: str, got: Shape, wanted: Shape) -> bool:
    return got == wanted


def _by_sizes(change: Callable[[Params, int, int], tuple[int, int]]) -> Callable[[list[Case]], Seen]:
    """What is told of each case by a right check of other d and h."""
    return lambda cases: Seen(told=[_names(case[0], *change(*case), _same) for case in cases])


def _first_only(cases: list[Case]) -> Seen:
    right = [_names(*case, _same) or set() for case in cases]
    firsts = [next((name for name in Params._fields if name in names), None) for names in right]
    return Seen(told=[None if first is None else {first} for first in firsts])


def _all_named(cases: list[Case]) -> Seen:
    """More names than right ones, somewhere, and none missing."""
    right = [_names(*case, _same) or set() for case in cases]

    def fits(told: Any) -> bool:
        pairs = list(zip(told, right, strict=True))
        return all(isinstance(names, set) and names >= wrong for names, wrong in pairs if wrong or names)

    return Seen(told=fits)


def _refused_nameless(cases: list[Case]) -> Seen:
    right = [_names(*case, _same) for case in cases]
    return Seen(told=[None if names is None else set() for names in right])


CHECK_SHAPES = (
    # from a list of cases; the test notes what was told of each: names, or None where all were let through
    Mistake(
        "never_refused",
        "Wrong shapes were let through.",
        "What is found must be raised, as a ValueError; printing it stops nobody.",
        _by_check(lambda name, got, wanted: True),
    ),
    Mistake(
        "first_only",
        "Only the first wrong parameter was named.",
        "Look at all four before you complain, and complain once.",
        _first_only,
    ),
    Mistake(
        "sizes_only",
        "The number of entries was compared, not the shape.",
        "(2, 3), (3, 2) and (6,) have as many entries.",
        _by_check(lambda name, got, wanted: math.prod(got) == math.prod(wanted)),
    ),
    Mistake(
        "axes_only",
        "The number of axes was compared, not the shape.",
        "Each axis has a length as well.",
        _by_check(lambda name, got, wanted: len(got) == len(wanted)),
    ),
    Mistake(
        "b2_unchecked",
        "b2 was not checked.",
        "It has a shape as well: (), that of a single number.",
        _by_check(lambda name, got, wanted: name == "b2" or got == wanted),
    ),
    Mistake(
        "b2_of_one_entry",
        "b2 was let through with one entry in a shape such as (1,).",
        "Its shape is (), that of a single number; (1,) is another shape.",
        _by_check(lambda name, got, wanted: got == wanted or (name == "b2" and math.prod(got) == 1)),
    ),
    Mistake(
        "biases_unchecked",
        "The biases were not checked.",
        "All four parameters have a shape.",
        _by_check(lambda name, got, wanted: name[0] == "b" or got == wanted),
    ),
    Mistake(
        "flat_w2_accepted",
        "W2 was let through as a flat (h,).",
        "Its shape is (1, h): one row, for the one output.",
        _by_check(lambda name, got, wanted: got == wanted or (name == "W2" and got == wanted[1:])),
    ),
    Mistake(
        "h_of_parameters",
        "h was taken from the parameters, not from the argument.",
        "Parameters that fit together may still be of the wrong size.",
        lambda cases: Either(
            [
                _by_sizes(lambda params, d, h: (d, np.size(params.b1)))(cases),
                _by_sizes(lambda params, d, h: (d, (*np.shape(params.W1), 0)[0]))(cases),
                _by_sizes(lambda params, d, h: (d, (0, *np.shape(params.W2))[-1]))(cases),
            ]
        ),
    ),
    Mistake(
        "d_ignored",
        "The d that was given was not used.",
        "2 is what d is where none is given.",
        _by_sizes(lambda params, d, h: (2, h)),
    ),
    Mistake(
        "h_ignored",
        "The h that was given was not used.",
        "16 is what h is where none is given.",
        _by_sizes(lambda params, d, h: (d, 16)),
    ),
    Mistake(
        "none_named",
        "It was refused, but the message names no parameter.",
        "Which ones are wrong? Say it in the message: W1, b1, W2, b2.",
        _refused_nameless,
    ),
    Mistake(
        "value_returned",
        "Something came back, where nothing is asked for.",
        "A check that finds nothing returns None, and one that finds something raises.",
        lambda cases: Seen(told=lambda told: any(not isinstance(one, (set, type(None))) for one in told)),
    ),
    Mistake(
        "too_many_named",
        "Parameters of the right shape were named, too.",
        "Who reads the message should find those that are wrong, and no others.",
        _all_named,
    ),
)
