"""Comparisons of this course: histories, dicts of differences, names in errors; nothing agrees by accident."""

import contextlib
import math
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import values_of_the_wire as vw
from helpers import comparisons
from hypothesis import given

from grader.outside.verdicts import Wrong


def said(check: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    """What is said of something wrong."""
    with pytest.raises(Wrong) as raised:
        check(*args, **kwargs)
    return str(raised.value)


def test_histories() -> None:
    """A history is a dict of lists of floats, entry by entry; keys beyond the contract's are free."""
    right = {"loss": [0.5, 0.25]}
    comparisons.history("train()", {"loss": [0.5, 0.25], "time": "any"}, right, 0.0)
    for got, words in (
        ([0.5, 0.25], "expected: a dict"),
        ({}, "history['loss']"),
        ({"loss": (0.5, 0.25)}, "expected: a list of floats"),
        ({"loss": [0.5]}, "expected: 2 entries"),
        ({"loss": [0.5, 0]}, "history['loss'][1]"),
        ({"loss": [0.5, math.nan]}, "history['loss'][1]"),
    ):
        assert words in said(comparisons.history, "train()", got, right, 0.0)


def test_differences() -> None:
    """A dict of differences has the four keys and no others."""
    comparisons.differences("f(x)", {"W1": 1.0}, {"W1": 1.0})
    assert "the keys" in said(comparisons.differences, "f(x)", {"W1": 1.0, "b1": 0.0}, {"W1": 1.0})
    assert "expected: a dict" in said(comparisons.differences, "f(x)", 0.0, {"W1": 1.0})


def test_names_in_errors() -> None:
    """Fields are found in an error's text as whole names."""
    names = ("W1", "b1", "b2")
    assert comparisons.names_in("W11, W1: (2, 3), xb1, b2_shape", names) == {"W1", "b2"}


@given(vw.VALUES)
def test_anything_may_have_come(value: Any) -> None:
    """Whatever arrives is right, or Wrong, and raises nothing else."""
    for way in (
        lambda: comparisons.differences("f(x)", value, {"a": 1.0}),
        lambda: comparisons.history("f(x)", value, {"a": [1.0]}, 1e-6),
    ):
        with contextlib.suppress(Wrong), warnings.catch_warnings():
            warnings.simplefilter("error")
            way()
