"""How near an answer comes to a prediction: arrays, tensors, numbers, and what is made of them."""

import hashlib
import math
import re
from typing import Any

import numpy as np

from grader.outside.verdicts import NoAnswer, Verdict, Wrong
from grader.wire import Tensor

NEAR = 1e-9
"""For predictions in float64, made by other operations than the answer, some thousand of them."""
NEAR_SINGLE = 1e-4
"""For answers in float32, whose rounding some hundred operations carry on."""
EXACT = 1e-12
"""Below this a distance is rounding, and says nothing on which of two mistakes is meant."""
MOST_ENTRIES = 1000
"""Of an array in a fingerprint."""
NEAR_HALF = 1e-2
"""For answers in float16."""

_LINE = re.compile(r" \([^()]*line \d+\)")
"""Where something was raised."""

Likeness = tuple[int, float]
"""How alike two failures are, the smaller the more: a rank, and the largest difference.

The ranks: 0 in all, 1 in all that the mistake makes wrong, 2 in the part that was compared first, 3 in words.
"""


def likeness(came: Verdict, known: Verdict) -> Likeness | None:
    """How alike two failures of a test on the same data are; None where they are not.

    Both are of the same call and of one outcome. What is compared are the answers: within what the test itself
    lets pass, as no two ways to compute the same agree more closely.
    """
    if isinstance(came, NoAnswer) and isinstance(known, NoAnswer):
        same = (came.outcome, came.kinds) == (known.outcome, known.kinds)
        return _of_words(came, known) if same else None
    if not isinstance(came, Wrong) or not isinstance(known, Wrong) or came.call != known.call:
        return None
    if isinstance(came.got, NoAnswer) and isinstance(known.got, NoAnswer):
        return likeness(came.got, known.got)
    if known.got is None and came.got is None:
        return _of_words(came, known)
    near = max(NEAR, known.tolerance) if math.isfinite(known.tolerance) else NEAR
    return _of_wholes(came, known, near) or _of_parts(came, known, near)


def fingerprint(verdict: Verdict) -> str:
    """The same for failures of a test that are alike in all: of what came to five digits, or was raised."""
    if isinstance(verdict, Wrong) and isinstance(verdict.got, NoAnswer):
        return fingerprint(verdict.got)
    words: list[str] = [verdict.outcome]
    if isinstance(verdict, Wrong) and verdict.got is not None:
        words += [verdict.call, _written(verdict.whole)]
    else:
        words.append(_without_numbers(_LINE.sub("", verdict.plain)))
    return hashlib.sha256("\n".join(words).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _written(value: Any) -> str:
    """A value to five digits, with its types and shapes."""
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fiub":
        entries = [f"{entry + 0.0:.5g}" for entry in np.ravel(value)[:MOST_ENTRIES].tolist()]  # no −0
        return f"{value.dtype}{np.shape(value)}{entries}"
    if isinstance(value, float):
        return f"{value + 0.0:.5g}"
    if isinstance(value, Tensor):
        return f"tensor {_written(value.array)}"
    parts = _parts(value)
    if parts.keys() != {""}:
        return f"{type(value).__name__} {[(str(key), _written(part)) for key, part in parts.items()]}"
    return f"{type(value).__name__} {value}"


def _of_words(came: Verdict, known: Verdict) -> Likeness | None:
    """By what is said; the same numbers in it, such as the sizes of what does not fit, are closer than others."""
    one, other = (_LINE.sub("", verdict.plain) for verdict in (came, known))
    if _without_numbers(one) != _without_numbers(other):
        return None
    return (3, 0.0 if one == other else 1.0)


def _of_wholes(came: Wrong, known: Wrong, near: float) -> Likeness | None:
    """By all parts of an answer that the mistake makes wrong."""
    mine, theirs, right = (_parts(value) for value in (came.whole, known.whole, known.whole_expected))
    if type(came.whole) is not type(known.whole) or not mine.keys() == theirs.keys() == right.keys():
        return None
    wrong = [key for key in theirs if distance(_numbers(theirs[key]), right[key], near) is None]
    apart = _farthest([(mine[key], theirs[key]) for key in wrong], near)
    if not wrong or apart is None:
        return None
    others = _farthest([(mine[key], theirs[key]) for key in theirs if key not in wrong], near)
    return (0 if others is not None else 1, _beyond_rounding(apart))


def _of_parts(came: Wrong, known: Wrong, near: float) -> Likeness | None:
    """By the part that differed first."""
    if _without_entry(came.plain) != _without_entry(known.plain):
        return None
    apart = distance(came.got, known.got, near)
    return (2, _beyond_rounding(apart)) if apart is not None else None


def _parts(value: Any) -> dict[Any, Any]:
    """The parts of an answer by their names; itself where it has none."""
    if hasattr(value, "_asdict"):
        value = value._asdict()
    if isinstance(value, (tuple, list)):
        value = dict(enumerate(value))
    return value if isinstance(value, dict) else {"": value}


def _numbers(value: Any) -> Any:
    """A tensor's numbers, as which it is judged; anything else as it is."""
    return value.array if isinstance(value, Tensor) else value


def _beyond_rounding(apart: float) -> float:
    return apart if apart > EXACT else 0.0


def _without_entry(message: str) -> str:
    """A message's first line without the place in an array."""
    return re.sub(r"\[[\d, ]*\]", "", message.partition("\n")[0])


def _without_numbers(message: str) -> str:
    return re.sub(r"\d+", "#", message)


def distance(got: Any, predicted: Any, near: float = NEAR) -> float | None:
    """The largest difference of an answer and a prediction, relative to the latter's largest entry (at least 1).

    None where they differ by more than `near` (or by what the answer's dtype allows), in type, shape or dtype. Of
    dicts the prediction's keys are compared.
    """
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
