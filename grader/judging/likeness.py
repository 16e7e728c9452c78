"""How near an answer comes to a prediction: arrays, tensors, numbers, and what is made of them."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.outside.verdicts import NoAnswer
from grader.wire import Tensor

NEAR = 1e-9
"""For predictions in float64, made by other operations than the answer, some thousand of them."""
NEAR_SINGLE = 1e-4
"""For answers in float32, whose rounding some hundred operations carry on."""
NEAR_HALF = 1e-2
"""For answers in float16."""


@dataclass(frozen=True)
class Raised:
    """A prediction that a call raises one of these built-in exceptions, and that its text has the pattern."""

    kinds: str
    pattern: str = ""

    def fits(self, answer: Any) -> bool:
        """Whether a call ended so."""
        if not isinstance(answer, NoAnswer):
            return False
        return bool({*self.kinds.split()} & {*answer.kinds}) and bool(re.search(self.pattern, answer.text))


def foresees_exception(predicted: Any) -> bool:
    """Whether a prediction is of an exception, or has one among its parts."""
    if isinstance(predicted, dict):
        predicted = list(predicted.values())
    if isinstance(predicted, (list, tuple)):
        return any(map(foresees_exception, predicted))
    return isinstance(predicted, Raised)


def distance(got: Any, predicted: Any, near: float = NEAR) -> float | None:
    """The largest difference of an answer and a prediction, relative to the latter's largest entry (at least 1).

    None where they differ by more than `near` (or by what the answer's dtype allows), in type, shape or dtype. Of
    dicts the prediction's keys are compared. A prediction that is a function says itself whether the answer fits.
    """
    if isinstance(predicted, Raised):
        return 0.0 if predicted.fits(got) else None
    if callable(predicted):
        return 0.0 if _fits(predicted, got) else None
    if isinstance(predicted, Tensor):
        return distance(got.array, predicted.array, near) if isinstance(got, Tensor) else None
    zero_d = isinstance(predicted, (np.ndarray, np.generic)) and predicted.ndim == 0
    if zero_d and isinstance(got, (np.ndarray, np.generic)):  # an array or a scalar, whichever of them is which
        return _apart(np.asarray(got), np.asarray(predicted), near)
    if isinstance(predicted, np.ndarray):
        return _apart(got, predicted, near) if isinstance(got, np.ndarray) else None
    if isinstance(predicted, float):
        is_float = isinstance(got, (float, np.floating))
        return _apart(np.asarray(float(got)), np.asarray(predicted), near) if is_float else None
    if isinstance(predicted, dict):
        same = isinstance(got, dict) and predicted.keys() <= got.keys()
        return _farthest([(got[key], value) for key, value in predicted.items()], near) if same else None
    if isinstance(predicted, (list, tuple)):
        same = type(got) is type(predicted) and len(got) == len(predicted)
        return _farthest(list(zip(got, predicted, strict=True)), near) if same else None
    return 0.0 if type(got) is type(predicted) and got == predicted else None


def _fits(rule: Callable[[Any], Any], got: Any) -> bool:
    """Whether an answer keeps to a rule; one that the rule cannot read does not: anything at all may have come."""
    try:
        return bool(rule(got))
    except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
        return False


def _farthest(pairs: list[tuple[Any, Any]], near: float) -> float | None:
    """The largest distance of any pair; None where one of them is None."""
    farthest = 0.0
    for got, predicted in pairs:
        apart = distance(got, predicted, near)
        if apart is None:
            return None
        farthest = max(farthest, apart)
    return farthest


def _apart(got: np.ndarray, predicted: np.ndarray, near: float) -> float | None:
    if got.shape != predicted.shape or got.dtype != predicted.dtype:
        return None
    if not got.size:
        return 0.0
    if got.dtype.kind != "f":
        return 0.0 if np.array_equal(got, predicted) else None
    one, other = got.astype(np.float64), predicted.astype(np.float64)
    with np.errstate(invalid="ignore", over="ignore"):
        apart = np.where((one == other) | (np.isnan(one) & np.isnan(other)), 0.0, np.abs(one - other))
        sizes = np.abs(other[np.isfinite(other)])
    relative = float(np.max(apart)) / max(1.0, float(sizes.max()) if sizes.size else 1.0)
    allowed = max(near, {"f2": NEAR_HALF, "f4": NEAR_SINGLE}.get(got.dtype.str[1:], 0.0))
    return relative if not math.isnan(relative) and relative <= allowed else None
