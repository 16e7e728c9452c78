"""The judge: type, shape and dtype before values, and nothing agrees by accident."""

import math
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader.course.records import Pair
from grader.judging import judge
from grader.outside.verdicts import NoAnswer, Wrong
from grader.wire import Opaque, Tensor

Other = namedtuple("Other", "a b")
ARRAY = np.arange(6.0).reshape(2, 3)


def said(check: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """What the judge says of something wrong."""
    with pytest.raises(Wrong) as raised:
        check(*args, **kwargs)
    return str(raised.value)


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (ARRAY.tolist(), "got:      a list"),
        (None, "got:      None"),
        (6.0, "got:      6.0 (float)"),
        (Opaque("MaskedArray"), "got:      an object of type MaskedArray"),
        (Tensor(ARRAY), "got:      a tensor of shape (2, 3)"),
        (ARRAY.T, "got:      shape (3, 2)"),
        (np.empty((0, 3)), "got:      shape (0, 3)"),
        (np.broadcast_to(ARRAY, (2, 2, 3)), "got:      shape (2, 2, 3)"),
        (ARRAY.astype(np.float32), "got:      dtype float32"),
        (ARRAY.astype(np.int64), "got:      dtype int64"),
        (ARRAY * np.nan, "got:      [[nan, nan, nan]"),
        (np.full_like(ARRAY, np.inf), "got:      [[inf, inf, inf]"),
    ],
)
def test_arrays(got: Any, words: str) -> None:
    """An array of another type, shape, dtype or value is wrong, in this order."""
    assert words in said(judge.array, "f(x)", got, ARRAY)


LARGE = np.arange(12.0).reshape(4, 3)
WORST = "  2 of {} entries are off, [1, 2] the most, by 4"


def but(array: np.ndarray, *changes: tuple[tuple[int, int], float]) -> np.ndarray:
    """The array, some entries changed."""
    changed = array.copy()
    for place, value in changes:
        changed[place] = value
    return changed


@pytest.mark.parametrize(
    ("got", "expected", "of", "text"),
    [
        (but(LARGE, ((0, 1), 2), ((1, 2), 9)), LARGE, None, f"f(a)[1, 2]\n  expected: 5\n  got:      9\n{WORST}"),
        (
            but(ARRAY, ((0, 1), 2), ((1, 2), 9)),
            ARRAY,
            None,
            f"f(a)\n  expected: [[0., 1., 2.], [3., 4., 5.]]\n  got:      [[0., 2., 2.], [3., 4., 9.]]\n{WORST}",
        ),
        (but(ARRAY, ((1, 2), 5 + 1e-7)), ARRAY, None, "f(a)[1, 2]\n  expected: 5\n  got:      5.0000001"),
        (np.abs(ARRAY - 3), ARRAY - 3, ARRAY - 3, "f(a)[0, 0], where a is -3\n  expected: -3\n  got:      3"),
        (but(ARRAY, ((0, 2), np.nan)), ARRAY, None, "[0, 2] the most, by nan"),
    ],
    ids=["large", "small", "small difference", "elementwise", "NaN"],
)
def test_what_is_shown(got: np.ndarray, expected: np.ndarray, of: np.ndarray | None, text: str) -> None:
    """A small array in full, of a large one the worst entry, of an elementwise function what it is of as well.

    Where few digits would hide the difference, the entry is shown with more of them; NaN is the largest of all.
    """
    told = said(judge.array, "f(a)", got, expected, of=of)
    assert text.format(expected.size) in told
    assert told.startswith("f(a)")


def test_right_arrays() -> None:
    """Rounding is forgiven, memory order too, and a NumPy scalar is as good as a 0-d array."""
    judge.array("f(x)", np.asfortranarray(ARRAY * (1 + 1e-15)), ARRAY)
    judge.array("f(x)", np.float64(2.0), np.array(2.0))
    judge.array("f(x)", np.empty((0, 3)), np.empty((0, 3)))
    judge.tensor("f(x)", Tensor(ARRAY), ARRAY)


@pytest.mark.parametrize(
    "got", [1, True, "1.0", np.array(1.0), Tensor(np.array(1.0)), None, [1.0], math.nan, 1.001]
)
def test_numbers(got: Any) -> None:
    """A number is a float of the right value: no int, no bool, no array."""
    assert "expected" in said(judge.number, "f(x)", got, 1.0)


def test_right_numbers() -> None:
    """Python's and NumPy's floats are floats, NaN where NaN is right, float32 as exact as it can be."""
    for got in (1.0, np.float64(1.0), np.float32(1.0)):
        judge.number("f(x)", got, 1.0)
    judge.number("f(x)", np.float32(0.1), 0.1)
    judge.number("f(x)", math.nan, math.nan)
    judge.number("f(x)", math.inf, math.inf)
    assert said(judge.number, "f(x)", 0.0, math.nan)
    assert said(judge.number, "f(x)", -math.inf, math.inf)


def test_named_tuples() -> None:
    """A record must be of its type, and each field is named where it is wrong."""
    right = Pair(ARRAY, np.array(0.0))
    judge.record("f(x)", right, right)
    judge.tensor_record("f(x)", Pair(*map(Tensor, right)), right)
    for check, got, words in (
        (judge.record, tuple(right), "expected: Pair(a, b)"),
        (judge.record, Other(*right), "expected: Pair(a, b)"),
        (judge.record, right._replace(b=np.array(1.0)), "f(x).b\n"),
        (judge.record, right._replace(b=np.zeros(1)), "shape (1,)"),
        (judge.tensor_record, right, "f(x).a\n  expected: a tensor"),
    ):
        assert words in said(check, "f(x)", got, right)


def test_arguments_stay_as_they_are() -> None:
    """One changed bit in an argument is found, in an array or in a tuple of them."""
    judge.unchanged("f(x)", ARRAY, ARRAY.copy())
    pair = Pair(ARRAY, np.array(0.0))
    judge.unchanged("f(p)", pair, Pair(*(p.copy() for p in pair)))
    assert "changes its argument" in said(judge.unchanged, "f(x)", ARRAY, ARRAY + 1e-300 + 1e-15)
    assert "the argument's b" in said(judge.unchanged, "f(p)", pair, pair._replace(b=np.array(1e-300)))
    assert "changes its argument" in said(judge.unchanged, "f(x)", ARRAY, ARRAY.tolist())
    assert "was replaced" in said(judge.unchanged, "f(p)", pair, list(pair))


def raising(answer: Exception) -> Callable[[], Any]:
    """A call that ends in this."""

    def ask() -> Any:
        raise answer

    return ask


def test_refusals() -> None:
    """A ValueError is a refusal; a value or another exception is none; no answer stays none."""
    refusal = NoAnswer("error", "f raised ValueError: no", ("ValueError", "Exception"), "no")
    assert judge.refuses("f(x)", raising(refusal), "x is odd") == "no"
    assert "expected: ValueError, because x is odd" in said(judge.refuses, "f(x)", lambda: 1.0, "x is odd")
    other = NoAnswer("error", "f raised TypeError: no", ("TypeError", "Exception"), "no")
    assert "got:      f raised TypeError: no" in said(judge.refuses, "f(x)", raising(other), "x is odd")
    with pytest.raises(NoAnswer, match="took too long"):
        judge.refuses("f(x)", raising(NoAnswer("timeout", "f took too long")), "x is odd")


def test_a_value_of_many_arrays_is_shown_shortly() -> None:
    """Of arrays within containers no more than the shape is read."""
    value = [[np.zeros(1000), Tensor(np.zeros(2))] for _ in range(1000)]
    with pytest.raises(Wrong) as raised:
        judge.number("f()", value, 1.0)
    assert "a NumPy array of shape (1000,)" in str(raised.value)
    assert len(str(raised.value)) < 500
