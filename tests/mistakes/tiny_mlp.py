"""The known mistakes of TinyMLP: of its parameters and of its forward pass; those of its start stand apart."""

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
from mistakes.of_tensors import tensors
from mistakes.tiny_mlp_start import START

Shapes = dict[str, tuple[int, ...]]
NAMES = set(Params._fields)


def wanted(d: int, h: int) -> Shapes:
    """The shape of each parameter."""
    return {"W1": (h, d), "b1": (h,), "W2": (1, h), "b2": ()}


def _shaped(name: str, *shapes: Callable[[int, int], tuple[int, ...]]) -> Callable[..., Any]:
    """Predict one of these shapes of d and h for a parameter, where they are not the right one."""

    def predict(d: int, h: int, given: bool) -> Any:
        wrong = {shape(d, h) for shape in shapes} - {wanted(d, h)[name]}
        return Seen(shapes=lambda got: got.get(name) in wrong)

    return predict


def _sized(d: int, h: int, *others: tuple[int, int]) -> Seen:
    """Predict the shapes of other sizes than d and h."""
    return Seen(shapes=lambda got: got != wanted(d, h) and got in [wanted(*sizes) for sizes in others])


def _of_other_sizes(got: Shapes) -> bool:
    """Whether the shapes fit together, for whatever sizes."""
    h, d = got["W1"] if len(got.get("W1", ())) == 2 else (0, 0)
    return got == wanted(d, h) and (d, h) != (2, 16)


PARAMETERS = (
    # from d, h and whether they were given; the test notes the classes, and of each parameter the shape
    # and whether it requires gradients
    Mistake(
        "not_a_module",
        "TinyMLP is not made from nn.Module.",
        "What stands in parentheses behind the class's name?",
        lambda d, h, given: Seen(kinds=lambda kinds: "Module" not in kinds),
    ),
    Mistake(
        "module_not_set_up",
        "nn.Module was not set up before the parameters were put into it.",
        "The class that you derive from has an `__init__` too, and it has to run first.",
        lambda d, h, given: Raised("AttributeError", r"before Module.__init__|no attribute '_(param|modu|buff)"),
    ),
    Mistake(
        "defaults_missing",
        "TinyMLP cannot be made without arguments.",
        "d and h have defaults: D and H.",
        lambda d, h, given: UNKNOWN if given else Raised("TypeError", "required positional argument"),
    ),
    Mistake(
        "layers_inside",
        "Ready-made layers stand in it, with parameters of their own names and shapes.",
        "Here the four parameters are to be made one by one, W1, b1, W2 and b2; layers are the other model's.",
        lambda d, h, given: Seen(shapes=lambda got: any(name.endswith((".weight", ".bias")) for name in got)),
    ),
    Mistake(
        "parameters_not_registered",
        "Not all of W1, b1, W2 and b2 are registered: `parameters()` does not find them, nor will an optimizer.",
        "A plain tensor is no parameter, nor is a buffer, nor what stands in a list or a dict; what is?",
        lambda d, h, given: Seen(shapes=lambda got: set(got) < NAMES),
    ),
    Mistake(
        "other_names",
        "The parameters have other names than W1, b1, W2 and b2.",
        "A parameter's name is that of the attribute it is stored under; capitals count.",
        lambda d, h, given: Seen(shapes=lambda got: len(got) == len(NAMES) and set(got) != NAMES),
    ),
    Mistake(
        "parameters_too_many",
        "There are more parameters than W1, b1, W2 and b2.",
        "Everything that is registered will be trained and saved with the model.",
        lambda d, h, given: Seen(shapes=lambda got: set(got) > NAMES),
    ),
    Mistake(
        "sizes_swapped",
        "d and h stand in each other's place.",
        "The first argument is d, the number of inputs, the second h, the number of hidden units.",
        lambda d, h, given: _sized(d, h, (h, d)),
    ),
    Mistake(
        "sizes_ignored",
        "The d and h that were given were not used, or not both.",
        "2 and 16 are what they are where none are given.",
        lambda d, h, given: _sized(d, h, (2, 16), (d, 16), (2, h)) if given else UNKNOWN,
    ),
    Mistake(
        "other_defaults",
        "Where d and h are not given, they are not 2 and 16.",
        "The defaults are D and H of xor.",
        lambda d, h, given: UNKNOWN if given else Seen(shapes=_of_other_sizes),
    ),
    Mistake(
        "w1_transposed",
        "W1 is transposed.",
        "Each row of W1 belongs to one hidden unit, and has an entry for each input.",
        _shaped("W1", lambda d, h: (d, h)),
    ),
    Mistake(
        "w2_transposed",
        "W2 is transposed.",
        "Each row of W2 belongs to one output, and there is one.",
        _shaped("W2", lambda d, h: (h, 1)),
    ),
    Mistake(
        "w2_flat",
        "W2 is flat, (h,).",
        "Its shape is (1, h): one row, for the one output.",
        _shaped("W2", lambda d, h: (h,)),
    ),
    Mistake(
        "b1_with_two_axes",
        "b1 has two axes.",
        "Its shape is (h,): one number for each hidden unit.",
        _shaped("b1", lambda d, h: (1, h), lambda d, h: (h, 1)),
    ),
    Mistake(
        "b2_of_one_entry",
        "b2 has one entry in a shape such as (1,).",
        "Its shape is (), that of a single number; an axis of length 1 is still an axis.",
        _shaped("b2", lambda d, h: (1,), lambda d, h: (1, 1)),
    ),
    Mistake(
        "gradients_off",
        "A parameter does not require gradients, so it will never be trained.",
        "Was this switched off when it was made?",
        lambda d, h, given: Seen(graded=lambda graded: not all(graded.values())),
    ),
)


def _as_arrays(out: Any) -> Any:
    """A Forward of tensors as one of arrays; anything else as it is."""
    if not isinstance(out, Forward) or not all(isinstance(part, Tensor) for part in out):
        return out
    return Forward(*(part.array for part in out))


def _of_tensors(mistake: Mistake) -> Mistake:
    """A mistake of stage 2's forward, for tensors."""
    return replace(mistake, predicts=lambda X, params: tensors(mistake.predicts(X, params)))


def _activated(X: np.ndarray, params: Params, activation: Callable[[np.ndarray], np.ndarray]) -> Forward:
    _, a1, _ = formulas.forward(X, params)
    h1 = activation(a1)
    return Forward(*map(Tensor, (np.einsum("nh,kh->n", h1, params.W2) + params.b2, a1, h1)))


def _other_activation(X: np.ndarray, params: Params) -> Either:
    activations = (np.tanh, lambda a: 1 / (1 + np.exp(-a)), lambda a: np.where(a > 0, a, 0.01 * a))
    return Either(_activated(X, params, activation) for activation in activations)


def _relu_at_end(X: np.ndarray, params: Params) -> Forward:
    out = formulas.forward(X, params)
    return Forward(*map(Tensor, out._replace(f=formulas.relu(out.f))))


def _dropped_out(X: np.ndarray, params: Params) -> Any:
    """Hidden activations of which some are 0 and the others grown by one factor."""
    right = formulas.forward(X, params).h1

    def fits(got: Any) -> bool:
        out = _as_arrays(got)
        if not isinstance(out, Forward) or np.shape(out.h1) != right.shape or out.h1.dtype != right.dtype:
            return False
        if not np.isfinite(out.h1).all():
            return False
        left = (out.h1 != 0) & (right > 0)
        factors = out.h1[left] / right[left]
        return bool(left.any() and factors[0] > 1.01 and np.ptp(factors) < 1e-6) and not out.h1[right == 0].any()

    return fits


FORWARD = (
    # from X, params; the test notes whether f has a graph, and its gradients
    *(_of_tensors(known) for known in stage2_forward.FORWARD if known.name != "other_activation"),
    Mistake(
        "f_only",
        "forward gives the scores alone.",
        "What comes is a Forward: f, and with it a1 and h1, which the training will look at.",
        lambda X, params: lambda got: isinstance(got, Tensor),
    ),
    Mistake(
        "other_activation",
        "The hidden layer has another activation than ReLU.",
        "What becomes of a pre-activation below 0, and of one above 1?",
        _other_activation,
    ),
    Mistake(
        "relu_at_end",
        "The scores went through a ReLU as well.",
        "f is the second layer's result as it is; it may be below 0.",
        _relu_at_end,
    ),
    Mistake(
        "dropout_inside",
        "Some hidden activations came back as 0, the others larger than they should be: there is a dropout.",
        "The forward pass is what its formulas say; nothing in it is drawn.",
        _dropped_out,
    ),
    Mistake(
        "graph_cut",
        "The way back from f to the parameters is cut: not all of them get a gradient.",
        "A detach, `.data`, a no_grad, or a new tensor made of a parameter's values cuts it.",
        lambda X, params: Either(
            [Seen(graph=False), Seen(grads=lambda grads: any(grad is None for grad in grads))]
        ),
    ),
)

AGAIN = (
    # from X and the parameters that the model had before
    Mistake(
        "old_parameters",
        "The forward pass went on with the values that the parameters had before.",
        "What is kept from an earlier call, or of the parameters as they were made, does not follow them.",
        lambda X, params: Forward(*map(Tensor, formulas.forward(X, params))),
    ),
)

TINYMLP = (*PARAMETERS, *START, *FORWARD, *AGAIN)
