"""What a learner's code gave, looked at before it is drawn: it may be anything.

Raises Undrawable for what is none of what the contract promises; its text says what came.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.learner.pictures.drawing import PANELS, Scores
from grader.wire.values import Tensor

LARGEST = 1e6
"""Of a curve's entries: beyond that the curves beside it would be flat."""
NUMBERS = "biuf"
"""Kinds of dtypes that can be drawn."""


class Undrawable(ValueError):
    """Something else came than what can be drawn; the text says what."""


def parts(trained: Any) -> tuple[Any, Any]:
    """The parameters and the history that stage 3's `train` returns."""
    if not isinstance(trained, (tuple, list)) or len(trained) != 2:
        raise Undrawable("train returns no pair of Params and History")
    return trained[0], trained[1]


def curves(of: str, history: Any, wanted: Iterable[str] = PANELS) -> tuple[dict[str, np.ndarray], list[str]]:
    """A history's curves by their keys, NaN from where they cannot be drawn on; and a sentence for each such.

    of: whose history, for the sentences. Raises Undrawable where no curve is left.
    """
    if not isinstance(history, dict):
        raise Undrawable("train returns no History: no dict of lists")
    drawn: dict[str, np.ndarray] = {}
    notes = []
    for key in wanted:
        try:
            entries = floats(history[key])
        except KeyError:
            notes.append(f"{key} is not in the history")
            continue
        except ValueError:
            entries = np.empty(0)
        if entries.ndim != 1 or not len(entries):
            notes.append(f"{key} is no list of numbers")
            continue
        good, why = _good(key, entries)
        if why:
            notes.append(f"{key} {why} in epoch {good + 1} ({entries[good]:.3g}), where its curve ends")
        if good:
            drawn[key] = np.where(np.arange(len(entries)) < good, entries, np.nan)
    if not drawn:
        raise Undrawable("; ".join(notes))
    return drawn, [f"The history of {of}: {note}." for note in notes]


def scorer(params: Any) -> Scores:
    """What scores points by the contract's formula with these parameters, Params of 16 hidden units."""
    if not isinstance(params, (tuple, list)) or len(params) != len(Params._fields):
        raise Undrawable("train returns no Params")
    W1, b1, W2, b2 = (floats(p) for p in params)
    shapes = [p.shape for p in (W1, b1, W2, b2)]
    if shapes != [(16, 2), (16,), (1, 16), ()]:
        raise Undrawable(f"the trained parameters have the shapes {shapes}"[:200])

    def scores(points: np.ndarray) -> np.ndarray:
        with np.errstate(all="ignore"):  # what is not finite is told by `surface`
            return np.asarray(np.maximum(points @ W1.T + b1, 0.0) @ W2[0] + b2)

    return scores


def floats(value: Any) -> np.ndarray:
    """An array, a tensor, or a list of numbers as an array of float64."""
    array = np.asarray(value.array if isinstance(value, Tensor) else value)
    if array.dtype.kind not in NUMBERS:
        raise Undrawable("no numbers came")
    return array.astype(np.float64)


def _good(key: str, entries: np.ndarray) -> tuple[int, str]:
    """How many entries can be drawn, and what is wrong with the next one; nothing where all can be."""
    fraction = PANELS[key][2] == "linear"
    problems = {
        "is not finite": ~np.isfinite(entries),
        "is no fraction": fraction & ((entries < 0.0) | (entries > 1.0)),
        "is not positive": (not fraction) & (entries <= 0.0),
        f"exceeds {LARGEST:g}": (not fraction) & (entries > LARGEST),
    }
    firsts = [(int(np.argmax(bad)), why) for why, bad in problems.items() if bad.any()]
    return min(firsts, key=lambda first: first[0], default=(len(entries), ""))
