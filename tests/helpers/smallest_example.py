"""Finds the smallest example of a failure that is no known mistake, so that it can be followed by hand."""

from collections.abc import Callable, Iterable
from itertools import product

from grader.outside.verdicts import Verdict

Sizes = tuple[int, int, int]

GROWING = sorted(product((1, 2), repeat=3), key=lambda sizes: (sizes[0] * (sizes[1] + 1) * sizes[2], sizes))
"""Three sizes each, by the number of entries that arrays of them have."""


def check_each(check: Callable[[int, int, int], None], cases: Iterable[Sizes]) -> None:
    """Check every case, which `check` draws by its sizes; raise what fails first.

    A failure that is told as a known mistake is raised as it came, with sizes that tell mistakes apart. Else the
    smallest sizes that fail are looked for, and theirs is raised, without a guess at the mistake.
    """
    for case in cases:
        try:
            check(*case)
        except Verdict as verdict:
            if verdict.mistake or verdict.outcome not in ("failed", "error"):
                raise
            smaller = _smallest(check)
            if smaller is None:
                raise
            raise smaller from smaller.__cause__


def _smallest(check: Callable[[int, int, int], None]) -> Verdict | None:
    """The failure of the smallest sizes that fail; None where none does."""
    for sizes in GROWING:
        try:
            check(*sizes)
        except Verdict as verdict:
            verdict.tell({})
            return verdict
    return None
