"""Mistakes of form, which any task can have: of type, dtype and shape.

Each predicts from the expected part of an answer: an array, a tensor, a float, Params, Forward or a dict; from
None where the call should have raised ValueError.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from grader.course.records import Forward, Params
from grader.judging.likeness import Raised, distance
from grader.judging.mistakes import EXACT, UNKNOWN, Mistake
from grader.outside.verdicts import NoAnswer
from grader.wire import Tensor

IN_SINGLE = 1e-6
"""How far a float64 may be off, relative to the largest, whose way led through some float32 operations."""


def _reshaped(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Any], Any]:
    """Predict an array or a tensor in another shape, where that is another shape."""

    def predict(expected: Any) -> Any:
        array = expected.array if isinstance(expected, Tensor) else expected
        if not isinstance(array, np.ndarray):
            return UNKNOWN
        changed = change(array)
        if changed.shape == array.shape and (array.ndim != 2 or np.array_equal(changed, array)):
            return UNKNOWN
        return Tensor(changed) if isinstance(expected, Tensor) else changed

    return predict


def _cast(dtype: str) -> Callable[[Any], Any]:
    """Predict an array or a tensor in another dtype."""

    def predict(expected: Any) -> Any:
        array = expected.array if isinstance(expected, Tensor) else expected
        if not isinstance(array, np.ndarray) or array.dtype == dtype:
            return UNKNOWN
        changed = array.astype(dtype)
        return Tensor(changed) if isinstance(expected, Tensor) else changed

    return predict


def _where(applies: Callable[[Any], bool], fits: Callable[[Any], bool]) -> Callable[[Any], Any]:
    """Predict, for such an expected part, what `fits`."""
    return lambda expected: fits if applies(expected) else UNKNOWN


def _is_array(value: Any) -> bool:
    return isinstance(value, (np.ndarray, Tensor))


def _shape(value: Any) -> tuple[int, ...] | None:
    """Of an array or a tensor."""
    array = value.array if isinstance(value, Tensor) else value
    return array.shape if isinstance(array, np.ndarray) else None


def _negated(expected: Any) -> Any:
    if isinstance(expected, float):
        return -expected if expected else UNKNOWN
    if isinstance(expected, Tensor):
        return Tensor(-expected.array) if expected.array.any() else UNKNOWN
    if isinstance(expected, np.ndarray) and expected.dtype.kind == "f":
        return -expected if expected.any() else UNKNOWN
    return UNKNOWN


def _square(expected: Any) -> Any:
    """An (N, N) result where (N,) or (N, 1) was due."""
    shape = _shape(expected)
    if not shape or shape[0] < 2 or shape not in ((shape[0],), (shape[0], 1)):
        return UNKNOWN
    return lambda got: _shape(got) == (shape[0], shape[0])


def _has_nan(expected: Any) -> Any:
    """NaN where finite numbers were due."""

    def is_nan(got: Any) -> bool:
        values = got.array if isinstance(got, Tensor) else got
        return isinstance(values, (np.ndarray, float, np.floating)) and bool(np.isnan(values).any())

    values = expected.array if isinstance(expected, Tensor) else expected
    finite = isinstance(values, (np.ndarray, float)) and bool(np.isfinite(values).all())
    return is_nan if finite else UNKNOWN


def _values(value: Any) -> np.ndarray | None:
    """Of an array, a tensor or a float."""
    if isinstance(value, Tensor):
        return value.array
    return np.asarray(value) if isinstance(value, (np.ndarray, float, np.floating)) else None


def _rounded(expected: Any) -> Any:
    """To so many digits after the point, or on the way through float32."""
    array = _values(expected)
    if array is None or array.dtype != np.float64:
        return UNKNOWN
    ways = [array.round(digits) for digits in range(2, 9)]

    def is_near(got: Any) -> bool:
        values = _values(got)
        near = distance(values, array, near=IN_SINGLE) is not None
        return near or any(distance(values, way, EXACT) is not None for way in ways)

    return is_near


FORM = (
    Mistake(
        "nothing_returned",
        "The function gives None.",
        "Does every way through it end in a `return` with the result?",
        _where(lambda e: e is not None and not isinstance(e, NoAnswer), lambda got: got is None),
    ),
    Mistake(
        "single_precision",
        "The result is float32.",
        "Half of the digits are lost; where is the dtype given or taken over?",
        _cast("float32"),
    ),
    Mistake(
        "double_precision",
        "The result is float64.",
        "It should keep the dtype of what came in; which operation widens it?",
        _cast("float64"),
    ),
    Mistake(
        "booleans_returned",
        "The result holds True and False.",
        "They have to become numbers of the float dtype that is asked for.",
        _cast("bool"),
    ),
    Mistake("integers_returned", "The result holds integers.", "It should hold floats.", _cast("int64")),
    Mistake(
        "column",
        "The result is a column, (N, 1), where (N,) is asked for.",
        "The axis of length 1 has to go; else it will broadcast against (N,) to (N, N).",
        _reshaped(lambda a: a[:, np.newaxis] if a.ndim == 1 else a),
    ),
    Mistake(
        "row",
        "The result is a row, (1, N), where (N,) is asked for.",
        "Which operation adds or keeps the axis in front?",
        _reshaped(lambda a: a[np.newaxis] if a.ndim == 1 else a),
    ),
    Mistake(
        "one_entry",
        "The result has one entry in a shape such as (1,), where a 0-d one, (), is asked for.",
        "An axis of length 1 is still an axis.",
        _where(
            lambda e: _shape(e) == (),
            lambda got: _shape(got) not in (None, ()) and np.prod(_shape(got) or (0,)) == 1,
        ),
    ),
    Mistake(
        "squeezed",
        "Axes of length 1 were squeezed away.",
        "A size of 1 is a size like any other: name the axis that has to go, and leave the others.",
        _reshaped(np.squeeze),
    ),
    Mistake(
        "transposed",
        "The result is transposed.",
        "Write the shape beside each factor, and see which axis is summed over.",
        _reshaped(lambda a: a.T),
    ),
    Mistake(
        "flattened",
        "The result is flat, of one axis only.",
        "Its shape must be the one that the task states.",
        _reshaped(np.ravel),
    ),
    Mistake(
        "broadcast",
        "An (N, N) result came: (N, 1) and (N,) have met and were broadcast.",
        "Look at the shapes of the two sides, at each operation.",
        _square,
    ),
    Mistake(
        "sign_flipped",
        "Every sign is the wrong way round.",
        "Which of the two terms is subtracted from which?",
        _negated,
    ),
    Mistake(
        "zero_d_for_float",
        "A 0-d array or tensor came, where a float is asked for.",
        "It looks like a number when printed; turn it into one.",
        _where(lambda e: isinstance(e, float), lambda got: _shape(got) == ()),
    ),
    Mistake(
        "array_for_float",
        "Several numbers came, where one float is asked for.",
        "Something has not been summed or averaged.",
        _where(lambda e: isinstance(e, float), lambda got: bool(_shape(got))),
    ),
    Mistake(
        "integer_for_float",
        "An int or a bool came, where a float is asked for.",
        "Also where the value is whole.",
        _where(
            lambda e: isinstance(e, float),
            lambda got: isinstance(got, (int, np.integer, np.bool_)),
        ),
    ),
    Mistake(
        "list_for_array",
        "A list or tuple came, where an array is asked for.",
        "Lists have no shape and no dtype.",
        _where(_is_array, lambda got: isinstance(got, (list, tuple))),
    ),
    Mistake(
        "float_for_array",
        "A plain number came, where an array or a tensor is asked for.",
        "Something was reduced, or taken out of its array, that should not have been.",
        _where(_is_array, lambda got: isinstance(got, (float, int, np.generic))),
    ),
    Mistake(
        "array_for_tensor",
        "A NumPy array came, where a tensor is asked for.",
        "Keep to PyTorch's operations; what leaves it loses its graph.",
        _where(lambda e: isinstance(e, Tensor), lambda got: isinstance(got, np.ndarray)),
    ),
    Mistake(
        "tensor_for_array",
        "A tensor came, where a NumPy array is asked for.",
        "What goes back to NumPy has to be converted.",
        _where(lambda e: isinstance(e, np.ndarray), lambda got: isinstance(got, Tensor)),
    ),
    Mistake(
        "other_container",
        "The values came in another container than the one asked for.",
        "Params and Forward are named tuples with fields; a tuple, list or dict has no such fields.",
        _where(
            lambda e: isinstance(e, (Params, Forward)),
            lambda got: isinstance(got, (tuple, list, dict)),
        ),
    ),
    Mistake(
        "not_a_number",
        "NaN came.",
        "0/0, ∞ − ∞ or the square root of a negative number makes it; every later operation keeps it.",
        _has_nan,
    ),
    Mistake(
        "digits_lost",
        "The result is right to some digits only.",
        "Was something rounded on the way, or held in float32 for a while?",
        _rounded,
    ),
    Mistake(
        "other_exception",
        "It was refused, but by another exception than ValueError.",
        "Who calls it will catch ValueError; an assert even disappears under `python -O`.",
        _where(lambda e: e is None, Raised("AssertionError TypeError RuntimeError IndexError KeyError").fits),
    ),
)
