"""Failures of tests, as known mistakes are told from them, and mistakes that no single piece of code can show."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from grader.outside.verdicts import Verdict


@dataclass(frozen=True)
class Failure:
    """How a test failed: its verdict, and the last call of the stage's code before it.

    function: the name of what was called; arguments: what it was given by position, and by_name by name; asked:
    how many requests the test had made until then; patience: how many times the usual the longest could take.
    """

    verdict: Verdict
    function: str = ""
    arguments: tuple[Any, ...] = ()
    by_name: dict[str, Any] | None = None
    asked: int = 0
    patience: float = 0


@dataclass(frozen=True)
class Family:
    """Mistakes of one kind, such as a factor of any size; a course's stand in `tests/mistakes/families.py`.

    name: as results hold it; says: what was done, in a plain sentence; look: what to look at; fits: whether a
    failure is of this kind, False also where it is of another form altogether; tasks: those that can have it, any
    where there are none.
    """

    name: str
    says: str
    look: str
    fits: Callable[[Failure], bool]
    tasks: tuple[str, ...] = ()

    def is_shown_by(self, task: str, failure: Failure) -> bool:
        """Whether a task's failure is of this kind; one that `fits` cannot read is not: anything may have come."""
        if self.tasks and task not in self.tasks:
            return False
        try:
            return bool(self.fits(failure))
        except (TypeError, ValueError, LookupError, AttributeError, ArithmeticError):
            return False
