"""Mistakes that NumPy, PyTorch or Python meet with an exception, in any task: what its text means here."""

import re

from grader.judging.families import Failure, Family
from grader.judging.judge import ARGUMENT_CHANGED
from grader.outside.verdicts import NoAnswer


def raising(name: str, says: str, look: str, kinds: str, pattern: str) -> Family:
    """A mistake that NumPy, PyTorch or Python meet with one of these exceptions, whose text has this pattern."""

    def fits(failure: Failure) -> bool:
        verdict = failure.verdict
        raised = isinstance(verdict, NoAnswer) and verdict.outcome == "error"
        return raised and bool({*kinds.split()} & {*verdict.kinds}) and bool(re.search(pattern, verdict.text))

    return Family(name, says, look, fits)


_TENSORS = "detach|numpy|backward|requires_grad_?|grad|grad_fn|float|double|unsqueeze|clamp|relu|mm|norm|clone|to"
"""Of a tensor, and not of an array."""
_ARRAYS = "astype|copy|flat|fill|tobytes"
"""Of an array, and not of a tensor."""

EXCEPTIONS = (
    raising(
        "shapes_do_not_fit",
        "Two shapes do not fit together in a product.",
        "Write the shape beside each factor: the inner sizes must agree.",
        "ValueError RuntimeError",
        r"matmul|not aligned|cannot be multiplied|size mismatch, got|inconsistent tensor size",
    ),
    raising(
        "shapes_do_not_broadcast",
        "Two shapes do not fit together, entry by entry.",
        "Write both shapes one below the other, last axis below last axis: where they differ, one must be 1.",
        "ValueError RuntimeError",
        r"could not be broadcast|must match the size|must match the existing size|non-singleton dimension",
    ),
    raising(
        "axis_missing",
        "An axis was used that the array does not have.",
        "Print the shape at that line: an array may be 0-d, or have fewer axes than the code counts on.",
        "IndexError TypeError ValueError",
        r"too many indices|axis -?\d+ is out of bounds|iteration over a 0-d|len\(\) of (unsized|a 0-d)"
        r"|Dimension out of range|float\d+' object is not (iterable|subscriptable)",
    ),
    raising(
        "index_too_large",
        "An index is beyond the end of its axis.",
        "The first index is 0, the last one less than the size. Whose size was counted to?",
        "IndexError",
        r"^index \d+ is out of bounds|(list|tuple) index out of range",
    ),
    raising(
        "unpacked_amiss",
        "Something was taken apart into more or fewer names than it has parts.",
        "What stands on the right of the `=`, and how many parts has it? A shape has one for each axis.",
        "ValueError",
        r"values to unpack",
    ),
    raising(
        "empty_not_provided_for",
        "An empty array is not provided for.",
        "With no element there is nothing to call or to reduce; the result is empty as well.",
        "ValueError IndexError RuntimeError",
        r"size 0 inputs|zero-size array|need at least one array",
    ),
    raising(
        "sizes_counted_on",
        "An array was reshaped to a size that it does not have.",
        "Sizes are not always those of the defaults: take them from the shapes of the arguments.",
        "ValueError RuntimeError",
        r"cannot reshape|is invalid for input of size",
    ),
    raising(
        "truth_of_an_array",
        "An array stands where Python wants one True or False.",
        "`if`, `and`, `max` and `==` in a condition look at one value; what is asked here is elementwise.",
        "ValueError RuntimeError",
        r"truth value of an array|Boolean value of Tensor",
    ),
    raising(
        "numpy_of_a_graph",
        "A tensor that is part of a graph was turned into a NumPy array.",
        "NumPy cannot follow a graph; the tensor has to be cut off from it first.",
        "RuntimeError",
        r"Can't call numpy\(\) on Tensor that requires grad",
    ),
    raising(
        "backward_without_graph",
        "There is no graph to go back through: what is differentiated depends on nothing that requires gradients.",
        "Which step lost it: the leaves, or a detach, a no_grad, a new tensor made of the values?",
        "RuntimeError",
        r"does not require grad and does not have a grad_fn",
    ),
    raising(
        "backward_twice",
        "The same graph was gone back through twice.",
        "The first time frees it; a graph belongs to one forward pass.",
        "RuntimeError",
        r"backward through the graph a second time",
    ),
    raising(
        "backward_of_many",
        "A tensor of several entries was differentiated.",
        "Gradients are those of one number; which number is it here?",
        "RuntimeError",
        r"grad can be implicitly created only for scalar",
    ),
    raising(
        "graph_value_overwritten",
        "A value that the graph still needs was overwritten in place.",
        "Operations that end in an underscore, `+=` and assignments to entries change what backward will read.",
        "RuntimeError",
        r"modified by an inplace operation|leaf Variable that requires grad",
    ),
    raising(
        "dtypes_mixed",
        "Tensors of different dtypes have met.",
        "NumPy counts in float64, torch's own tensors in float32; model and data must agree.",
        "RuntimeError",
        r"same dtype|expected scalar type|Found dtype",
    ),
    raising(
        "gradient_missing",
        "A gradient is None: nothing was put there.",
        "Before backward, and on tensors that are not leaves of the graph, `.grad` is None.",
        "AttributeError",
        r"'NoneType' object has no attribute '(zero_|numpy|detach|clone|norm|flatten|data|square|pow)'",
    ),
    raising(
        "none_used",
        "None stands where a value is needed.",
        "A function without a `return` gives None, and so does one that works in place; `.grad` is None at first.",
        "AttributeError TypeError",
        r"'?NoneType'?",
    ),
    raising(
        ARGUMENT_CHANGED,
        "An argument was written to.",
        "What is passed in must stay as it is: write into something of your own.",
        "ValueError",
        r"read-only",
    ),
    raising(
        "tuple_assigned_to",
        "A field of Params or Forward was assigned to; they are tuples, which never change.",
        "Make a new one of the new values.",
        "AttributeError TypeError",
        r"can't set attribute|'(Params|Forward|tuple)' object does not support item assignment",
    ),
    raising(
        "arrays_and_tensors_mixed",
        "An array stands where PyTorch wants a tensor, or the other way round.",
        "Convert at the border, once.",
        "TypeError AttributeError",
        rf"must be Tensor, not (numpy\.)?ndarray|not Tensor|ndarray' object has no attribute '({_TENSORS})'"
        rf"|'Tensor' object has no attribute '({_ARRAYS})'"
        r"|unsupported operand type\(s\) for \S+: '(numpy.ndarray' and 'Tensor|Tensor' and 'numpy.ndarray)'",
    ),
)
