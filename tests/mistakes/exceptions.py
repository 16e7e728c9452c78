"""Mistakes that NumPy, PyTorch or Python meet with an exception, in any task: what its text means here."""

from collections.abc import Callable
from typing import Any

from grader.judging.judge import ARGUMENT_CHANGED
from grader.judging.likeness import Raised
from grader.judging.mistakes import UNKNOWN, Mistake
from grader.outside.verdicts import NoAnswer


def _raising(kinds: str, pattern: str) -> Callable[[Any], Any]:
    """Predict an exception of a call that should have raised none."""
    return lambda expected: Raised(kinds, pattern) if isinstance(expected, NoAnswer) else UNKNOWN


_TENSORS = "detach|numpy|backward|requires_grad_?|grad|grad_fn|float|double|unsqueeze|clamp|relu|mm|norm|clone|to"
"""Of a tensor, and not of an array."""
_ARRAYS = "astype|copy|flat|fill|tobytes"
"""Of an array, and not of a tensor."""

EXCEPTIONS = (
    Mistake(
        "shapes_do_not_fit",
        "Two shapes do not fit together in a product.",
        "Write the shape beside each factor: the inner sizes must agree.",
        _raising(
            "ValueError RuntimeError",
            r"matmul|not aligned|cannot be multiplied|size mismatch, got|inconsistent tensor size",
        ),
    ),
    Mistake(
        "shapes_do_not_broadcast",
        "Two shapes do not fit together, entry by entry.",
        "Write both shapes one below the other, last axis below last axis: where they differ, one must be 1.",
        _raising(
            "ValueError RuntimeError",
            r"could not be broadcast|must match the size|must match the existing size|non-singleton dimension",
        ),
    ),
    Mistake(
        "axis_missing",
        "An axis was used that the array does not have.",
        "Print the shape at that line: an array may be 0-d, or have fewer axes than the code counts on.",
        _raising(
            "IndexError TypeError ValueError",
            r"too many indices|axis -?\d+ is out of bounds|iteration over a 0-d|len\(\) of (unsized|a 0-d)"
            r"|Dimension out of range|float\d+' object is not (iterable|subscriptable)",
        ),
    ),
    Mistake(
        "index_too_large",
        "An index is beyond the end of its axis.",
        "The first index is 0, the last one less than the size. Whose size was counted to?",
        _raising("IndexError", r"^index \d+ is out of bounds|(list|tuple) index out of range"),
    ),
    Mistake(
        "unpacked_amiss",
        "Something was taken apart into more or fewer names than it has parts.",
        "What stands on the right of the `=`, and how many parts has it? A shape has one for each axis.",
        _raising("ValueError", r"values to unpack"),
    ),
    Mistake(
        "empty_not_provided_for",
        "An empty array is not provided for.",
        "With no element there is nothing to call or to reduce; the result is empty as well.",
        _raising("ValueError IndexError RuntimeError", r"size 0 inputs|zero-size array|need at least one array"),
    ),
    Mistake(
        "sizes_counted_on",
        "An array was reshaped to a size that it does not have.",
        "Sizes are not always those of the defaults: take them from the shapes of the arguments.",
        _raising("ValueError RuntimeError", r"cannot reshape|is invalid for input of size"),
    ),
    Mistake(
        "truth_of_an_array",
        "An array stands where Python wants one True or False.",
        "`if`, `and`, `max` and `==` in a condition look at one value; what is asked here is elementwise.",
        _raising("ValueError RuntimeError", r"truth value of an array|Boolean value of Tensor"),
    ),
    Mistake(
        "numpy_of_a_graph",
        "A tensor that is part of a graph was turned into a NumPy array.",
        "NumPy cannot follow a graph; the tensor has to be cut off from it first.",
        _raising("RuntimeError", r"Can't call numpy\(\) on Tensor that requires grad"),
    ),
    Mistake(
        "backward_without_graph",
        "There is no graph to go back through: what is differentiated depends on nothing that requires gradients.",
        "Which step lost it: the leaves, or a detach, a no_grad, a new tensor made of the values?",
        _raising("RuntimeError", r"does not require grad and does not have a grad_fn"),
    ),
    Mistake(
        "backward_twice",
        "The same graph was gone back through twice.",
        "The first time frees it; a graph belongs to one forward pass.",
        _raising("RuntimeError", r"backward through the graph a second time"),
    ),
    Mistake(
        "backward_of_many",
        "A tensor of several entries was differentiated.",
        "Gradients are those of one number; which number is it here?",
        _raising("RuntimeError", r"grad can be implicitly created only for scalar"),
    ),
    Mistake(
        "graph_value_overwritten",
        "A value that the graph still needs was overwritten in place.",
        "Operations that end in an underscore, `+=` and assignments to entries change what backward will read.",
        _raising("RuntimeError", r"modified by an inplace operation|leaf Variable that requires grad"),
    ),
    Mistake(
        "dtypes_mixed",
        "Tensors of different dtypes have met.",
        "NumPy counts in float64, torch's own tensors in float32; model and data must agree.",
        _raising("RuntimeError", r"same dtype|expected scalar type|Found dtype"),
    ),
    Mistake(
        "gradient_missing",
        "A gradient is None: nothing was put there.",
        "Before backward, and on tensors that are not leaves of the graph, `.grad` is None.",
        _raising(
            "AttributeError",
            r"'NoneType' object has no attribute '(zero_|numpy|detach|clone|norm|flatten|data|square|pow)'",
        ),
    ),
    Mistake(
        "none_used",
        "None stands where a value is needed.",
        "A function without a `return` gives None, and so does one that works in place; `.grad` is None at first.",
        _raising("AttributeError TypeError", r"'?NoneType'?"),
    ),
    Mistake(
        ARGUMENT_CHANGED,
        "An argument was written to.",
        "What is passed in must stay as it is: write into something of your own.",
        _raising("ValueError", r"read-only"),
    ),
    Mistake(
        "tuple_assigned_to",
        "A field of Params or Forward was assigned to; they are tuples, which never change.",
        "Make a new one of the new values.",
        _raising(
            "AttributeError TypeError",
            r"can't set attribute|'(Params|Forward|tuple)' object does not support item assignment",
        ),
    ),
    Mistake(
        "arrays_and_tensors_mixed",
        "An array stands where PyTorch wants a tensor, or the other way round.",
        "Convert at the border, once.",
        _raising(
            "TypeError AttributeError",
            rf"must be Tensor, not (numpy\.)?ndarray|not Tensor|ndarray' object has no attribute '({_TENSORS})'"
            rf"|'Tensor' object has no attribute '({_ARRAYS})'"
            r"|unsupported operand type\(s\) for \S+: '(numpy.ndarray' and 'Tensor|Tensor' and 'numpy.ndarray)'",
        ),
    ),
)
