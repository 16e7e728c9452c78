"""Mistakes of form, which any task can have: of type, dtype and shape; by what came and what was expected."""

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.course.records import Forward, Params
from grader.judging.families import Failure, Family
from grader.judging.likeness import EXACT, distance
from grader.outside.verdicts import NoAnswer, Wrong
from grader.wire import Tensor

IN_SINGLE = 1e-6
"""How far a float64 may be off, relative to the largest, whose way led through some float32 operations."""


def parts(failure: Failure) -> tuple[Any, Any]:
    """What came and what was expected. Raises TypeError where the call gave no answer."""
    verdict = failure.verdict
    if not isinstance(verdict, Wrong) or isinstance(verdict.got, NoAnswer):
        raise TypeError("no answer")
    return verdict.got, verdict.expected


def form(name: str, says: str, look: str, fits: Callable[[Any, Any], bool], tasks: tuple[str, ...] = ()) -> Family:
    """A mistake told from what came and what was expected."""
    return Family(name, says, look, lambda failure: fits(*parts(failure)), tasks)


def array_of(value: Any) -> np.ndarray:
    """Of an array or a tensor. Raises TypeError for anything else."""
    array = value.array if isinstance(value, Tensor) else value
    if not isinstance(array, np.ndarray):
        raise TypeError("no array")
    return array


def numbers_of(value: Any) -> np.ndarray:
    """Of an array, a tensor or a float."""
    return np.asarray(value) if isinstance(value, (float, np.floating)) else array_of(value)


def _is_array(value: Any) -> bool:
    return isinstance(value, (np.ndarray, Tensor))


def _reshaped(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Any, Any], bool]:
    """An array or a tensor in another shape, where that is another shape."""

    def fits(got: Any, expected: Any) -> bool:
        array = array_of(expected)
        changed = change(array)
        same = changed.shape == array.shape and (array.ndim != 2 or np.array_equal(changed, array))
        return not same and type(got) is type(expected) and distance(array_of(got), changed) is not None

    return fits


def _cast(dtype: str) -> Callable[[Any, Any], bool]:
    """An array or a tensor in another dtype."""

    def fits(got: Any, expected: Any) -> bool:
        array = array_of(expected)
        is_other = array.dtype != dtype and type(got) is type(expected)
        return is_other and distance(array_of(got), array.astype(dtype)) is not None

    return fits


def _negated(got: Any, expected: Any) -> bool:
    right = numbers_of(expected)
    return right.dtype.kind == "f" and bool(right.any()) and distance(numbers_of(got), -right) is not None


def _square(got: Any, expected: Any) -> bool:
    """An (N, N) result where (N,) or (N, 1) was due."""
    n, *rest = array_of(expected).shape
    return n > 1 and rest in ([], [1]) and array_of(got).shape == (n, n)


def _rounded(got: Any, expected: Any) -> bool:
    """To so many digits after the point, or on the way through float32."""
    right, came = numbers_of(expected), numbers_of(got)
    ways = [right.round(digits) for digits in range(2, 9)]
    scale = np.abs(right).max() or 1.0  # numbers that are all small are not near for that
    near = distance(came / scale, right / scale, near=IN_SINGLE) is not None
    digits = any(way.any() and distance(came, way, EXACT) is not None for way in ways)
    return right.dtype == np.float64 and (near or digits)


def _other_exception(failure: Failure) -> bool:
    got = failure.verdict.got if isinstance(failure.verdict, Wrong) else None
    others = {"AssertionError", "TypeError", "RuntimeError", "IndexError", "KeyError"}
    return isinstance(got, NoAnswer) and bool(others & {*got.kinds})


FORM = (
    form(
        "nothing_returned",
        "The function gives None.",
        "Does every way through it end in a `return` with the result?",
        lambda got, expected: got is None and expected is not None,
    ),
    form(
        "single_precision",
        "The result is float32.",
        "Half of the digits are lost; where is the dtype given or taken over?",
        _cast("float32"),
    ),
    form(
        "double_precision",
        "The result is float64.",
        "It should keep the dtype of what came in; which operation widens it?",
        _cast("float64"),
    ),
    form(
        "booleans_returned",
        "The result holds True and False.",
        "They have to become numbers of the float dtype that is asked for.",
        _cast("bool"),
    ),
    form("integers_returned", "The result holds integers.", "It should hold floats.", _cast("int64")),
    form(
        "column",
        "The result is a column, (N, 1), where (N,) is asked for.",
        "The axis of length 1 has to go; else it will broadcast against (N,) to (N, N).",
        _reshaped(lambda a: a[:, np.newaxis] if a.ndim == 1 else a),
    ),
    form(
        "row",
        "The result is a row, (1, N), where (N,) is asked for.",
        "Which operation adds or keeps the axis in front?",
        _reshaped(lambda a: a[np.newaxis] if a.ndim == 1 else a),
    ),
    form(
        "one_entry",
        "The result has one entry in a shape such as (1,), where a 0-d one, (), is asked for.",
        "An axis of length 1 is still an axis.",
        lambda got, expected: (
            array_of(expected).shape == () and array_of(got).size == 1 and array_of(got).ndim > 0
        ),
    ),
    form(
        "squeezed",
        "Axes of length 1 were squeezed away.",
        "A size of 1 is a size like any other: name the axis that has to go, and leave the others.",
        _reshaped(np.squeeze),
    ),
    form(
        "transposed",
        "The result is transposed.",
        "Write the shape beside each factor, and see which axis is summed over.",
        _reshaped(lambda a: a.T),
    ),
    form(
        "flattened",
        "The result is flat, of one axis only.",
        "Its shape must be the one that the task states.",
        _reshaped(np.ravel),
    ),
    form(
        "broadcast",
        "An (N, N) result came: (N, 1) and (N,) have met and were broadcast.",
        "Look at the shapes of the two sides, at each operation.",
        _square,
    ),
    form(
        "sign_flipped",
        "Every sign is the wrong way round.",
        "Which of the two terms is subtracted from which?",
        _negated,
    ),
    form(
        "zero_d_for_float",
        "A 0-d array or tensor came, where a float is asked for.",
        "It looks like a number when printed; turn it into one.",
        lambda got, expected: isinstance(expected, float) and array_of(got).shape == (),
    ),
    form(
        "array_for_float",
        "Several numbers came, where one float is asked for.",
        "Something has not been summed or averaged.",
        lambda got, expected: isinstance(expected, float) and array_of(got).ndim > 0,
    ),
    form(
        "integer_for_float",
        "An int or a bool came, where a float is asked for.",
        "Also where the value is whole.",
        lambda got, expected: isinstance(expected, float) and isinstance(got, (int, np.integer, np.bool_)),
    ),
    form(
        "list_for_array",
        "A list or tuple came, where an array is asked for.",
        "Lists have no shape and no dtype.",
        lambda got, expected: _is_array(expected) and isinstance(got, (list, tuple)),
    ),
    form(
        "float_for_array",
        "A plain number came, where an array or a tensor is asked for.",
        "Something was reduced, or taken out of its array, that should not have been.",
        lambda got, expected: _is_array(expected) and isinstance(got, (float, int, np.generic)),
    ),
    form(
        "array_for_tensor",
        "A NumPy array came, where a tensor is asked for.",
        "Keep to PyTorch's operations; what leaves it loses its graph.",
        lambda got, expected: isinstance(expected, Tensor) and isinstance(got, np.ndarray),
    ),
    form(
        "tensor_for_array",
        "A tensor came, where a NumPy array is asked for.",
        "What goes back to NumPy has to be converted.",
        lambda got, expected: isinstance(expected, np.ndarray) and isinstance(got, Tensor),
    ),
    form(
        "other_container",
        "The values came in another container than the one asked for.",
        "Params and Forward are named tuples with fields; a tuple, list or dict has no such fields.",
        lambda got, expected: isinstance(expected, (Params, Forward)) and isinstance(got, (tuple, list, dict)),
    ),
    form(
        "not_a_number",
        "NaN came.",
        "0/0, ∞ − ∞ or the square root of a negative number makes it; every later operation keeps it.",
        lambda got, expected: bool(np.isfinite(numbers_of(expected)).all() and np.isnan(numbers_of(got)).any()),
    ),
    form(
        "digits_lost",
        "The result is right to some digits only.",
        "Was something rounded on the way, or held in float32 for a while?",
        _rounded,
    ),
    Family(
        "other_exception",
        "It was refused, but by another exception than ValueError.",
        "Who calls it will catch ValueError; an assert even disappears under `python -O`.",
        _other_exception,
    ),
)
