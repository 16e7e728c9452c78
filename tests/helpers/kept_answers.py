"""Calls whose endings are kept: so that a test can look at several of them before it judges the first."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.judging.showing import shown
from grader.outside.verdicts import NoAnswer
from helpers import comparisons

Shape = tuple[int, ...]
Case = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Asked:
    """What came of a call, to be had again."""

    value: Any
    error: NoAnswer | None

    @property
    def names(self) -> set[str] | None:
        """The parameters that a ValueError names; None where another exception came."""
        refused = self.error is not None and "ValueError" in self.error.kinds
        return comparisons.names_in(self.error.text, Params._fields) if refused else None

    @property
    def ending(self) -> str:
        """In a word: "taken", "refused" by a ValueError, or "broken" by another exception."""
        if self.error is None:
            return "taken"
        return "refused" if "ValueError" in self.error.kinds else "broken"

    def __call__(self) -> Any:
        """The value, or the error."""
        if self.error is not None:
            raise self.error
        return self.value


def asked(ask: Callable[..., Any], *arguments: Any) -> Asked:
    """Call, and keep what comes. Raises NoAnswer where it is no exception of the learner's code."""
    try:
        return Asked(ask(*arguments), None)
    except NoAnswer as error:
        if error.outcome != "error":
            raise
        return Asked(None, error)


def cases(rng: np.random.Generator, shapes: Iterable[tuple[Shape, Shape]]) -> list[Case]:
    """Two arrays for each pair of shapes, of drawn numbers."""
    return [(np.asarray(rng.normal(size=one)), np.asarray(rng.normal(size=two))) for one, two in shapes]


def judge_other_shapes(
    function: str,
    cases: Sequence[Case],
    ask: Callable[[np.ndarray, np.ndarray], Any],
    judge_same: Callable[[np.ndarray, np.ndarray, Any], None],
) -> None:
    """A function of two arrays refuses those of different shapes by a ValueError, and is right for the others.

    function: as messages write it; ask: calls it; judge_same: judges the answer to arrays of one shape. That is
    looked at first: what is wrong there is no matter of other shapes. Then all that were let through stand beside
    what came: they tell one insufficient check from another.
    """
    answers = [(one, other, asked(ask, one, other)) for one, other in cases]
    for one, other, answer in answers:
        if one.shape == other.shape:
            judge_same(one, other, answer())
    others = [(one.shape, other.shape, answer) for one, other, answer in answers if one.shape != other.shape]
    let_through = [(one, other) for one, other, answer in others if answer.error is None]
    for one, other, answer in others:
        call = f"{function} of shapes {one} and {other}"
        if (one, other) in let_through:
            judge.fail(call, "ValueError, because the shapes differ", shown(answer.value), let_through, [])
    for one, other, answer in others:
        judge.refuses(f"{function} of shapes {one} and {other}", answer, "the shapes differ")
