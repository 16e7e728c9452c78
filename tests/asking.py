"""Keeps what came of calls, so that all of them are made before the first is judged."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader import judge
from grader.verdicts import NoAnswer


@dataclass(frozen=True)
class Asked:
    """What came of a call, to be had again."""

    value: Any
    error: NoAnswer | None

    @property
    def names(self) -> set[str] | None:
        """The parameters that a ValueError names; None where another exception came."""
        refused = self.error is not None and "ValueError" in self.error.kinds
        return judge.names_in(self.error.text) if refused else None

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
