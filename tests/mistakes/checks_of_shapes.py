"""What becomes of arguments of different shapes where they are compared by a weaker rule, or not at all.

The predictions take cases, pairs of arrays, and are compared with the endings that a test noted (see `asked`).
"""

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen

Shape = tuple[int, ...]
Cases = Sequence[tuple[np.ndarray, np.ndarray]]


def shapes_broadcast(one: Shape, other: Shape) -> bool:
    """Whether NumPy and PyTorch would make these two fit."""
    return all(m == n or 1 in (m, n) for m, n in zip(reversed(one), reversed(other), strict=False))


def _endings(cases: Cases, passes: Callable[[Shape, Shape], bool], broken: str) -> Any:
    """How each case ends: refused, taken, or, where the two do not even broadcast, `broken`.

    UNKNOWN where these cases show no difference to a right check. A check may need an axis, and raise IndexError.
    """
    endings = []
    for one, other in [(np.shape(first), np.shape(second)) for first, second in cases]:
        taken = "taken" if shapes_broadcast(one, other) else broken
        try:
            endings.append(taken if passes(one, other) else "refused")
        except IndexError:
            endings.append("broken")
    return Seen(endings=endings) if endings != _right(cases) else UNKNOWN


def _right(cases: Cases) -> list[str]:
    return ["taken" if np.shape(one) == np.shape(other) else "refused" for one, other in cases]


def by_check(
    *rules: Callable[[Shape, Shape], bool], apart: Sequence[str] = ("refused", "broken")
) -> Callable[[Cases], Any]:
    """The endings by each of the rules. apart: those of what does not broadcast; in NumPy it is a ValueError."""
    return lambda cases: Either([_endings(cases, passes, broken) for passes in rules for broken in apart])


def _answered(cases: Cases) -> Any:
    return Seen(endings=["taken"] * len(cases)) if "refused" in _right(cases) else UNKNOWN


def _some_taken(cases: Cases) -> Seen:
    """Something was taken that should have been refused, and nothing refused that should not have been."""

    def fits(endings: Any) -> bool:
        pairs = list(zip(endings, _right(cases), strict=True))
        return ("taken", "refused") in pairs and all(
            ending == "taken" for ending, right in pairs if right == "taken"
        )

    return Seen(endings=fits)


CHECKS = (
    # from a list of cases
    Mistake(
        "shapes_not_compared",
        "The shapes were not compared: different ones were broadcast, to a number that means nothing.",
        "Before anything is computed, compare the two shapes, and refuse what differs.",
        by_check(lambda one, other: True),
    ),
    Mistake(
        "axes_compared",
        "Only the number of axes was compared.",
        "(1,) and (N,) have as many axes, and broadcast. Compare the whole shapes.",
        by_check(lambda one, other: len(one) == len(other)),
    ),
    Mistake(
        "lengths_compared",
        "Only the lengths were compared, which are those of the first axis.",
        "(N, 1) and (N,) have the same length, and broadcast to (N, N). Compare the whole shapes.",
        by_check(
            lambda one, other: one[:1] == other[:1],
            lambda one, other: one[0] == other[0],
        ),
    ),
    Mistake(
        "sizes_compared",
        "Only the number of entries was made to agree.",
        "(N, 1), (1, N) and (N,) have as many entries, in other shapes. Compare the whole shapes.",
        by_check(
            lambda one, other: math.prod(one) == math.prod(other),
            apart=("refused", "broken", "taken"),  # the last where one is reshaped to the other
        ),
    ),
    Mistake(
        "last_axes_compared",
        "Only the last axes were compared.",
        "(N, M) and (M,) end alike. Compare the whole shapes.",
        by_check(lambda one, other: one[-1:] == other[-1:], lambda one, other: one[-1] == other[-1]),
    ),
    Mistake(
        "answered_not_refused",
        "A value came where the shapes differ, not an error.",
        "Whoever goes on with it will not notice. What cannot be compared is refused by a ValueError.",
        _answered,
    ),
    Mistake(
        "some_shapes_let_through",
        "Some different shapes were let through, others refused.",
        "Which of them does the check not see? Compare the whole shapes.",
        _some_taken,
    ),
)
