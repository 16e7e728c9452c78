"""Compares what came with what is right, type and shape before values, and says what is wrong.

Every function takes the call as the learner would write it, what came, and what is right; it returns
nothing, or raises Wrong. NaN agrees with nothing, and nothing is converted to make it fit.

A Wrong holds the part that differed, got and expected, and the whole answer, for what names mistakes.
Tolerances are relative to the largest expected entry (at least 1): an entry that is small by
cancellation carries the rounding of the large ones.
"""

import inspect
import math
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn, ParamSpec

import numpy as np

from grader.judging.showing import entries, shown
from grader.outside.verdicts import NoAnswer, Wrong
from grader.wire import Tensor

FLOAT64 = 1e-11
"""For results of up to some thousand float64 operations, whose rounding (2.2e-16 each) adds up to less than
1e-12, and which float32 (1.2e-7) cannot reach."""
FLOAT32 = 2e-5
"""For results of up to some hundred float32 operations (1.2e-7 each)."""
SHAPE_ONLY = math.inf
"""For results of the right shape and dtype whose values are another test's."""

ARGUMENT_CHANGED = "argument_changed"
"""The mistake that `unchanged` tells of itself."""
FEW = 6
"""Entries of an array that a message shows in full, to four digits …"""
VISIBLE = 1e-3
"""… where the largest difference, relative to the largest entry, shows in these."""

P = ParamSpec("P")

in_brief = False
"""Whether a failure is only to be compared with others, so that no example of it needs to be found."""


def of_whole_answers(judge: Callable[P, None]) -> Callable[P, None]:
    """A judge (call, got, …) whose Wrong holds the whole answer, also where a part of it differed."""
    signature = inspect.signature(judge)

    @wraps(judge)
    def judged(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            judge(*args, **kwargs)
        except Wrong as wrong:
            given = signature.bind(*args, **kwargs)
            given.apply_defaults()
            wrong.call, wrong.whole = given.arguments["call"], given.arguments["got"]
            wrong.whole_expected = given.arguments.get("expected")
            wrong.tolerance = given.arguments.get("tolerance", 0.0)
            raise

    return judged


@of_whole_answers
def array(
    call: str, got: Any, expected: np.ndarray, tolerance: float = FLOAT64, of: np.ndarray | None = None
) -> None:
    """`got` is an array of the expected shape, dtype and values; where 0-d, a NumPy scalar does as well.

    of: where the function is elementwise, its argument, of which the message shows the entry.
    """
    expected = np.asarray(expected)
    if not isinstance(got, np.ndarray) and not (isinstance(got, np.generic) and expected.ndim == 0):
        fail(call, f"a NumPy array of shape {expected.shape}", shown(got), got, expected)
    _compare(call, np.asarray(got), expected, tolerance, of)


@of_whole_answers
def tensor(call: str, got: Any, expected: np.ndarray, tolerance: float = FLOAT64) -> None:
    """`got` is a tensor of the expected shape, dtype and values."""
    if not isinstance(got, Tensor):
        fail(call, f"a tensor of shape {np.shape(expected)}", shown(got), got, Tensor(np.asarray(expected)))
    _compare(call, got.array, np.asarray(expected), tolerance)


@of_whole_answers
def number(call: str, got: Any, expected: float, tolerance: float = FLOAT64) -> None:
    """`got` is a float (Python's or NumPy's, no 0-d array, no tensor, no int) of the expected value."""
    if not isinstance(got, (float, np.floating)):
        fail(call, f"a float, {expected:.6g}", shown(got), got, expected)
    if isinstance(got, np.float32):
        tolerance = max(tolerance, float(np.finfo(np.float32).eps))
    if math.isnan(expected):
        close = math.isnan(got)
    elif math.isinf(expected):
        close = float(got) == expected
    else:
        close = abs(float(got) - expected) <= tolerance * max(1.0, abs(expected))
    if not close:
        fail(call, f"{expected:.10g}", f"{float(got):.10g}", got, expected)


@of_whole_answers
def nothing(call: str, got: Any) -> None:
    """`got` is None."""
    if got is not None:
        fail(call, "None", shown(got))


@of_whole_answers
def record(call: str, got: Any, expected: Any, tolerance: float = FLOAT64) -> None:
    """`got` is a record of the type of `expected`, such as Params, and its fields are arrays."""
    _fields(call, got, expected, tolerance, array)


@of_whole_answers
def tensor_record(call: str, got: Any, expected: Any, tolerance: float = FLOAT64) -> None:
    """`got` is a record of the type of `expected`, such as Params, and its fields are tensors."""
    _fields(call, got, expected, tolerance, tensor)


def unchanged(call: str, before: Any, after: Any) -> None:
    """An argument holds after the call, to the last bit, what it held before it."""
    if isinstance(before, tuple):
        names = getattr(before, "_fields", range(len(before)))
        if type(after) is not type(before) or len(after) != len(before):
            raise Wrong(
                f"{call}\n  an argument was replaced by {shown(after)}; it must stay as it is",
                mistake=ARGUMENT_CHANGED,
            )
        for name, one, other in zip(names, before, after, strict=True):
            unchanged(f"{call}, the argument's {name}", one, other)
        return
    one, other = (value.array if isinstance(value, Tensor) else value for value in (before, after))
    same = isinstance(other, (np.ndarray, np.generic)) and np.shape(one) == np.shape(other)
    if not same or one.dtype != other.dtype or not np.array_equal(one, other):
        raise Wrong(
            f"{call}\n  changes its argument; what is passed in must stay as it is", mistake=ARGUMENT_CHANGED
        )


def refuses(call: str, ask: Callable[[], Any], why: str) -> str:
    """The call raises ValueError; returns the error's text. `why` ends the sentence "must, because …"."""
    try:
        got = ask()
    except NoAnswer as answer:
        if "ValueError" in answer.kinds:
            return answer.text
        if answer.outcome != "error":
            raise
        raise Wrong(f"{call}\n  expected: ValueError, because {why}\n  got:      {answer}", answer) from answer
    fail(call, f"ValueError, because {why}", shown(got), got)


def in_graph(call: str, got: Any) -> None:
    """`got` is a tensor that can be differentiated."""
    if not isinstance(got, Tensor) or not got.has_graph:
        fail(call, "part of a graph, so that it can be differentiated", "a value without a graph")


def holds(condition: bool, call: str, expected: str, got: str, value: Any = None) -> None:
    """A fact that is no comparison of numbers; value: what came, where a mistake can be told from it."""
    if not condition:
        fail(call, expected, got, value)


def _fields(
    call: str,
    got: Any,
    expected: Any,
    tolerance: float,
    compare: Callable[[str, Any, np.ndarray, float], None],
) -> None:
    if type(got) is not type(expected):
        fail(call, f"{type(expected).__name__}({', '.join(expected._fields)})", shown(got), got, expected)
    for name in expected._fields:
        compare(part(call, f".{name}"), getattr(got, name), getattr(expected, name), tolerance)


def _compare(
    call: str, got: np.ndarray, expected: np.ndarray, tolerance: float, of: np.ndarray | None = None
) -> None:
    """Shape, then dtype, then values; the largest difference is shown with its place."""
    if got.shape != expected.shape:
        fail(call, f"shape {expected.shape}", f"shape {got.shape}", got, expected)
    if got.dtype != expected.dtype:
        fail(call, f"dtype {expected.dtype}", f"dtype {got.dtype}", got, expected)
    if expected.size == 0 or tolerance == SHAPE_ONLY:
        return
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.abs(got.astype(np.float64) - expected.astype(np.float64))
    scale = max(1.0, float(np.max(np.abs(expected.astype(np.float64)))))
    wrong = ~(apart <= tolerance * scale)
    if wrong.any():
        where = np.unravel_index(int(np.argmax(np.where(np.isnan(apart), np.inf, apart))), got.shape)
        plain = not apart[where] < VISIBLE * scale  # also where it is NaN
        whole = of is None and plain and 1 < expected.size <= FEW
        text = _in_full(call, got, expected) if whole else _at(call, got, expected, where, of)
        raise Wrong(text + _extent(wrong, where, apart), got, expected)


def _in_full(call: str, got: np.ndarray, expected: np.ndarray) -> str:
    """All entries of both."""
    return f"{call}\n  expected: {entries(expected)}\n  got:      {entries(got)}"


def _at(call: str, got: np.ndarray, expected: np.ndarray, where: tuple[Any, ...], of: np.ndarray | None) -> str:
    """The entry that is off the most, and where the function is elementwise, what of."""
    place = f"[{', '.join(map(str, where))}]" if where else ""
    example = "" if of is None else f", where a is {of[where]:.10g}"
    at = f"{part(call, place)}{example}"
    return f"{at}\n  expected: {expected[where]:.10g}\n  got:      {got[where]:.10g}"


def part(call: str, part: str) -> str:
    """A part of what a call gives, before the words on its arguments: `forward(X, params).f with …`."""
    head, joint, arguments = call.partition(" with ")
    return f"{head}{part}{joint}{arguments}"


def _extent(wrong: np.ndarray, where: tuple[Any, ...], apart: np.ndarray) -> str:
    """How many entries are off, and which the most."""
    if wrong.size == 1:
        return ""
    place = f"[{', '.join(map(str, where))}]"
    return f"\n  {wrong.sum()} of {wrong.size} entries are off, {place} the most, by {apart[where]:.3g}"


def fail(call: str, expected: str, got: str, came: Any = None, right: Any = None) -> NoReturn:
    """Raise Wrong; came, right: the values, where a mistake can be told from them."""
    raise Wrong(f"{call}\n  expected: {expected}\n  got:      {got}", came, right)
