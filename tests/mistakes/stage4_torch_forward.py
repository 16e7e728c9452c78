"""The known mistakes of stage 4. What they predict from is said at each table."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Forward, Params
from grader.judging.likeness import Raised
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen
from grader.wire import Tensor
from mistakes import stage2_forward
from mistakes.checks_of_shapes import CHECKS, by_check
from mistakes.differences import DIFFERENCES, largest
from mistakes.of_tensors import by_name, misordered, on_each, some_replaced, tensors

Weights = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Of the weighted sum of f, a1 and h1 that a test differentiates."""


def singles(params: Params, number: float | None = None) -> Any:
    """Tensors of values that went through float32 and back."""
    return tensors(Params(*(np.asarray(p).astype(np.float32).astype(np.float64) for p in params)))


def shared(params: Params, number: float | None = None) -> Any:
    """What tensors hold that share the arrays' memory, once those hold a number throughout."""
    if number is None:
        return UNKNOWN
    return some_replaced(params, Params(*(np.full(np.shape(p), number) for p in params)))


CONVERTED = (
    # from the same as TO_TORCH; of stage 5's leaves as well
    Mistake(
        "through_single_precision",
        "The values went through float32 before they became float64.",
        "The digits that were lost on the way don't come back; which step makes it float32?",
        singles,
    ),
    Mistake(
        "fields_misordered",
        "The parameters are in another order.",
        "Params holds W1, b1, W2, b2.",
        lambda params, number=None: misordered(tensors(params)),
    ),
)

TO_TORCH = (
    # from params, and the number that the arrays were overwritten with, None where they were not
    Mistake(
        "requires_grad_set",
        "The tensors require gradients.",
        "Here they are to be plain values; parameters that learn come in stage 5.",
        lambda params, number=None: Seen(requires_grad=lambda flags: any(flags)),
    ),
    Mistake(
        "memory_shared",
        "A tensor shares its memory with the array that it was made of: what changes one changes the other.",
        "Some of PyTorch's ways to make a tensor of an array copy, others only look at the same bytes.",
        shared,
    ),
    *CONVERTED,
    Mistake(
        "converted_together",
        "All of Params was converted at once.",
        "It is a tuple of four arrays of different shapes; each of them becomes a tensor of its own.",
        lambda params, number=None: Raised("TypeError", r"not a sequence|\(got Params\)"),
    ),
)


def _with_other_activation(X: np.ndarray, params: Params) -> Any:
    """The forward pass with each of the activations that stand beside ReLU in PyTorch."""

    def passed(activation: Callable[[np.ndarray], np.ndarray]) -> Forward:
        a1 = formulas.forward(X, params).a1
        h1 = activation(a1)
        return Forward(np.einsum("nh,kh->n", h1, params.W2) + params.b2, a1, h1)

    erf = np.vectorize(math.erf)
    activations: list[Callable[[np.ndarray], np.ndarray]] = [
        np.tanh,
        np.abs,
        lambda a: 1 / (1 + np.exp(-a)),
        lambda a: a / (1 + np.exp(-a)),
        lambda a: a * (1 + erf(a / math.sqrt(2))) / 2,
        lambda a: np.logaddexp(0.0, a),
        lambda a: np.where(a > 0, a, 0.01 * a),
        lambda a: np.where(a > 0, a, np.expm1(a)),
        lambda a: np.clip(a, 0.0, 1.0),
        lambda a: formulas.slope(a),
    ]
    return Either([tensors(passed(activation)) for activation in activations])


def _f_of_pre_activations(X: np.ndarray, params: Params) -> Any:
    out = formulas.forward(X, params)
    return tensors(out._replace(f=np.einsum("nh,kh->n", out.a1, params.W2) + params.b2))


def _as_in_stage2(mistake: Mistake) -> Mistake:
    """The same mistake with tensors."""
    predicts = mistake.predicts
    return replace(mistake, predicts=lambda X, params, weights=None: tensors(predicts(X, params)))


def _for_values(predicts: Callable[[np.ndarray, Params], Any]) -> Callable[..., Any]:
    return lambda X, params, weights=None: predicts(X, params)


def _graphs(f: bool, a1: bool, h1: bool) -> Callable[..., Any]:
    """Which of f, a1 and h1 can be differentiated."""
    return lambda X, params, weights=None: Seen(graphs=[f, a1, h1])


def _h1_cut_inside(X: np.ndarray, params: Params, weights: Weights | None = None) -> Any:
    """The gradients of the weighted sum where those of f stop at h1."""
    if weights is None:
        return UNKNOWN
    out = formulas.forward(X, params)
    wf, wa, wh = weights
    back = wa + wh * formulas.slope(out.a1)
    grads = [back.T @ X, back.sum(axis=0), (wf @ out.h1)[None], np.array(wf.sum())]
    return Seen(grads=[Tensor(grad) for grad in grads])


def _some_none(grads: Any) -> bool:
    return any(grad is None for grad in grads)


FORWARD = (
    # from X, params, and the weights of the sum that was differentiated, None where none was
    *map(
        _as_in_stage2,
        by_name(
            stage2_forward.FORWARD,
            "fields_swapped",
            "a1_after_relu",
            "relu_forgotten",
            "b1_forgotten",
            "b2_forgotten",
            "sigmoid_added",
            "f_as_column",
            "f_broadcast",
            "f_of_no_axis",
        ),
    ),
    Mistake(
        "other_activation",
        "What stands between the layers is another activation than ReLU.",
        "PyTorch has many of them, and some look alike from afar; ReLU cuts off at 0 and leaves the rest.",
        _for_values(_with_other_activation),
    ),
    Mistake(
        "maximum_over_samples",
        "One maximum came for each hidden unit, over all samples.",
        "Each pre-activation is compared with 0 by itself; the second argument of `max` is an axis, not a value.",
        lambda X, params, weights=None: (
            lambda got: (
                isinstance(got, Forward) and isinstance(got.h1, Tensor) and got.h1.array.shape == params.b1.shape
            )
        ),
    ),
    Mistake(
        "number_for_tensor",
        "A plain number was given where PyTorch wants a tensor.",
        "NumPy's functions take both; some of PyTorch's don't. Is there one that does just what is wanted?",
        lambda X, params, weights=None: Raised("TypeError", r"must be Tensor, not (int|float)"),
    ),
    Mistake(
        "f_of_pre_activations",
        "The second layer took a1, not h1.",
        "h1 is computed, but nothing is made of it.",
        _for_values(_f_of_pre_activations),
    ),
    Mistake(
        "scores_alone",
        "Only the scores came.",
        "Forward holds f, a1 and h1; the later stages need all of them.",
        lambda X, params, weights=None: lambda got: isinstance(got, Tensor) and got.array.shape[:1] == X.shape[:1],
    ),
    Mistake(
        "fields_misordered",
        "The results are in another order.",
        "Forward holds f, a1, h1.",
        _for_values(lambda X, params: misordered(tensors(formulas.forward(X, params)))),
    ),
    Mistake(
        "graph_always",
        "A graph was recorded, though no parameter requires gradients.",
        "Was requires_grad switched on in here? Whether there is a graph is up to who made the parameters.",
        lambda X, params, weights=None: Seen(recorded=lambda flags: any(flags)),
    ),
    Mistake(
        "grad_mode_switched",
        "PyTorch's grad mode was switched, and left so: from then on nothing records a graph.",
        "It holds for all code; a `with` block puts it back at its end.",
        lambda X, params, weights=None: Seen(grad_mode=False),
    ),
    Mistake(
        "graph_never",
        "No graph was recorded, though the parameters require gradients.",
        "Is there a no_grad, an inference_mode, a detach, or a way through NumPy? Nothing comes back from there.",
        _graphs(False, False, False),
    ),
    Mistake(
        "f_cut_off",
        "f is cut off from the graph.",
        "The loss is made of f: without its graph no parameter gets a gradient.",
        _graphs(False, True, True),
    ),
    Mistake(
        "h1_cut_off",
        "h1 is cut off from the graph: behind it, W1 and b1 get no gradient from the loss.",
        "Is it made of a1 itself, by PyTorch's operations alone? A detach, `.data` and a new tensor cut it off.",
        _graphs(True, True, False),
    ),
    Mistake(
        "a1_cut_off",
        "a1 is cut off from the graph.",
        "It is to be differentiable like f and h1; is there a detach, or a copy of the values?",
        lambda X, params, weights=None: Either(
            [Seen(graphs=[True, False, True]), Seen(graphs=[True, False, False])]
        ),
    ),
    Mistake(
        "h1_cut_off_inside",
        "The way from f back to a1 is cut: W1 and b1 get no gradient from f.",
        "The h1 that comes back has its graph; is f made of that one?",
        _h1_cut_inside,
    ),
    Mistake(
        "copies_differentiated",
        "The parameters that were passed in get no gradient: the graph begins at something else.",
        "A copy that requires gradients is a new leaf, and keeps the gradient to itself.",
        lambda X, params, weights=None: Seen(grads=[None] * 4),
    ),
    Mistake(
        "some_cut_off",
        "Some parameters get no gradient.",
        "Which ones are used through a detach, `.data`, or a copy?",
        lambda X, params, weights=None: Seen(grads=_some_none),
    ),
)


def _right(f: np.ndarray, y: np.ndarray) -> Any:
    return tensors(formulas.loss(f, y))


def _cross_entropy(f: np.ndarray, y: np.ndarray) -> Either:
    """Of scores taken as logits, averaged or summed."""
    losses = np.logaddexp(0.0, f) - f * y
    return Either([tensors(float(np.mean(losses))), tensors(float(np.sum(losses)))])


def _with_tensors(mistake: Mistake) -> Mistake:
    predicts = mistake.predicts
    return replace(mistake, predicts=on_each(_right, lambda f, y: tensors(predicts(f, y))))


def _huber(f: np.ndarray, y: np.ndarray) -> Either:
    """Squares up to a size of the error, and the tangent beyond."""
    apart = np.abs(f - y)
    bounds = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
    return Either(
        [tensors(float(np.mean(np.where(apart < b, apart**2 / 2, b * (apart - b / 2))))) for b in bounds]
    )


LOSS = (
    # from a list of cases, f and y
    *map(
        _with_tensors,
        by_name(
            stage2_forward.LOSS,
            "summed",
            "half_forgotten",
            "absolute_error",
            "root_taken",
            "loss_of_decisions",
        ),
    ),
    Mistake(
        "cross_entropy",
        "This is the cross-entropy.",
        "It is a good loss for classes, but ours is half the mean squared error.",
        on_each(_right, _cross_entropy),
    ),
    Mistake(
        "linear_far_out",
        "Large errors count only in proportion to their size: this is the Huber loss.",
        "The square holds for errors of every size.",
        on_each(_right, _huber),
    ),
    Mistake(
        "probabilities_wanted",
        "A loss for probabilities was asked, which takes numbers from 0 to 1 only.",
        "f is any number: a score. Ours is half the mean squared error.",
        lambda cases: Raised("RuntimeError", "between 0 and 1"),
    ),
    Mistake(
        "averaged_before_square",
        "The differences were averaged first, and then squared.",
        "Errors of both signs cancel that way; each sample's error is squared by itself.",
        on_each(_right, lambda f, y: Either([tensors(float(np.mean(f - y)) ** 2 * part) for part in (1, 0.5)])),
    ),
    Mistake(
        "not_averaged",
        "Each sample's own loss came, not their mean.",
        "backward needs one number to begin with.",
        on_each(_right, lambda f, y: Either([tensors((f - y) ** 2 / 2), tensors((f - y) ** 2)])),
    ),
    Mistake(
        "graph_lost",
        "The loss has no graph, though f has one.",
        "Is there a no_grad, a detach, or a new tensor made of the number? Operations on tensors are recorded.",
        lambda cases: Seen(graph=False),
    ),
    Mistake(
        "copy_differentiated",
        "f gets no gradient: the graph begins at a copy of it.",
        "A new tensor, made of f's values, keeps the gradient to itself.",
        lambda cases: Seen(grad=None),
    ),
    Mistake(
        "one_shape_looked_at",
        "Only the number of axes of f, or of y, was looked at.",
        "Each may look right by itself, and still not be like the other: compare the two shapes.",
        by_check(
            lambda one, other: len(one) < 2,
            lambda one, other: len(other) < 2,
            lambda one, other: max(len(one), len(other)) < 2,
            lambda one, other: len(one) == 1,
            lambda one, other: len(other) == 1,
        ),
    ),
    *CHECKS,
)

AGREEMENT = (
    # from a list of cases, an array and the values of a tensor
    Mistake(
        "array_minus_tensor",
        "An array and a tensor were put into one operation.",
        "First make of one of them what the other is.",
        lambda cases: Raised("TypeError", r"unsupported operand type\(s\) for .*'(numpy\.ndarray|Tensor)' and '"),
    ),
    Mistake(
        "function_of_the_other_library",
        "A NumPy function was given a tensor.",
        "np.max and torch.max take different arguments. Convert once, and go on with one library.",
        lambda cases: Raised("TypeError", r"must be int, not NoneType|unexpected keyword argument 'axis'"),
    ),
    Mistake(
        "not_reduced",
        "Several differences were to become one float.",
        "Which of them is asked for?",
        lambda cases: Raised("TypeError ValueError RuntimeError", r"^only |converted to Scalar"),
    ),
    *(Mistake(known.name, known.says, known.look, on_each(largest, *known.formulas)) for known in DIFFERENCES),
    *CHECKS,
)
