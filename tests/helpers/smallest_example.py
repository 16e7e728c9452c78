"""Finds the smallest example of a failure, so that it can be followed by hand."""

from collections.abc import Callable, Iterable
from itertools import product

from grader.judging import judge
from grader.outside.verdicts import Outcome, Verdict

Sizes = tuple[int, int, int]

GROWING = sorted(product((1, 2), repeat=3), key=lambda sizes: (sizes[0] * (sizes[1] + 1) * sizes[2], sizes))
"""Three sizes each, by the number of entries that arrays of them have."""


def check_each(check: Callable[[int, int, int], None], cases: Iterable[Sizes]) -> None:
    """Check every case, which `check` draws by its sizes; raise what fails first.

    The smallest sizes that fail in the same way are looked for, and their failure is raised.
    """
    for case in cases:
        try:
            check(*case)
        except Verdict as verdict:
            if judge.in_brief or verdict.outcome not in ("failed", "error"):
                raise
            smaller = _smallest(check, verdict.outcome)
            if smaller is None:
                raise
            raise smaller from smaller.__cause__


def _smallest(check: Callable[[int, int, int], None], outcome: Outcome) -> Verdict | None:
    """The failure of the smallest sizes that fail with this outcome; None where none does."""
    for sizes in GROWING:
        try:
            check(*sizes)
        except Verdict as verdict:
            if verdict.outcome == outcome:
                return verdict
    return None
