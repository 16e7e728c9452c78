"""Tells a known mistake by its name: what came is compared with what each of them would have given.

The mistakes themselves are tables beside the suites. Where an answer is wrong, and only then, each mistake
predicts from the same arguments what it would give; the closest prediction that agrees with what came is told.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from grader.judging.likeness import NEAR, distance, foresees_exception
from grader.outside.verdicts import Verdict, Wrong

if TYPE_CHECKING:
    from grader.judging.check_suites import Watch

EXACT = 1e-12
"""Below this a distance is rounding, and says nothing on which of two predictions is meant."""


@dataclass(frozen=True)
class Mistake:
    """A mistake that people make.

    name: as results hold it; says: what was done, in a plain sentence; look: what to look at, which is never the
    line that solves the task; predicts: what the mistake gives, from the arguments that its test passes to
    `naming`, or UNKNOWN where it cannot be told. A prediction of Seen is compared with what the test noted.
    """

    name: str
    says: str
    look: str
    predicts: Callable[..., Any]


class Either(list[Any]):
    """A prediction of several answers that the same mistake can give."""


class Seen(dict[str, Any]):
    """What came, under names: where a test looks at more than one value."""


UNKNOWN = object()
"""A prediction that cannot be made from these arguments."""

watch: "Watch | None" = None
"""What follows, for an author, which predictions a suite compares on right code."""


@contextmanager
def naming(
    mistakes: Sequence[Mistake], *arguments: Any, near: float = NEAR, form: Sequence[Mistake] = ()
) -> Iterator[Seen]:
    """Let a verdict that is reached within begin with the known mistake, if there is one.

    arguments: what the predictions of `mistakes` take; near: how far answer and prediction may be apart, relative
    to the prediction's largest entry; form: mistakes of form, whose predictions take what was expected and are
    compared with the part that differed (of a call that raised, the verdict itself). The test may note what it
    sees, under names, in the Seen that it gets.
    """
    seen = Seen()
    try:
        if watch:
            watch.begin()
        yield seen
        if watch:
            watch.end(mistakes, arguments, near)
    except Verdict as verdict:
        if not verdict.mistake:
            found = fitting(verdict, seen, mistakes, arguments, near) or _of_form(verdict, form, near)
            verdict.tell({mistake.name: f"{mistake.says} {mistake.look}".strip() for mistake in found})
        raise


def fitting(
    verdict: Verdict, seen: Seen, mistakes: Sequence[Mistake], arguments: Sequence[Any], near: float
) -> list[Mistake]:
    """The mistakes whose predictions agree with what came, the closest first, of equals in their own order.

    Of a call that raised, only predictions of exceptions are asked: what came before says nothing on why it did.
    """
    came = verdict.whole if isinstance(verdict, Wrong) else verdict
    raised = verdict.outcome == "error"
    found: list[tuple[float, int]] = []
    for number, mistake in enumerate(mistakes):
        predicted = prediction(mistake, arguments)
        for answer in predicted if isinstance(predicted, Either) else [predicted]:
            if raised and not foresees_exception(answer):
                continue
            looked_at = dict(seen) if isinstance(answer, Seen) else came
            apart = None if answer is UNKNOWN else distance(looked_at, answer, near)
            if apart is not None:
                found.append((apart if apart > EXACT else 0.0, number))
    return [mistakes[number] for number in dict.fromkeys(number for _, number in sorted(found))]


def prediction(mistake: Mistake, arguments: Sequence[Any]) -> Any:
    """What a mistake gives from these arguments; it may well diverge on the way."""
    with np.errstate(all="ignore"):
        return mistake.predicts(*arguments)


def _of_form(verdict: Verdict, form: Sequence[Mistake], near: float) -> list[Mistake]:
    """The mistakes of form that fit the part that differed, or the exception that was raised."""
    if isinstance(verdict, Wrong):
        part = Wrong("", verdict.got, verdict.expected)
        return fitting(part, Seen(), form, (verdict.expected,), near)
    return fitting(verdict, Seen(), form, (verdict,), near)
