"""Calls whose endings are kept: so that a test can look at several of them before it judges the first."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from grader.course.records import Params
from grader.judging.mistakes import Seen
from grader.outside.verdicts import NoAnswer
from helpers import comparisons


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


def asked(ask: Callable[[], Any]) -> Asked:
    """Call, and keep what comes. Raises NoAnswer where it is no exception of the learner's code."""
    try:
        return Asked(ask(), None)
    except NoAnswer as error:
        if error.outcome != "error":
            raise
        return Asked(None, error)


def note(seen: Seen, answers: Sequence[Asked]) -> None:
    """Note every ending, the values by their numbers, and what was named where a call was refused."""
    seen["endings"] = [answer.ending for answer in answers]
    seen["told"] = [answer.names for answer in answers]
    seen["values"] = {number: answer.value for number, answer in enumerate(answers) if answer.error is None}
