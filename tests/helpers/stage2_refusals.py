"""Parameters that check_shapes must refuse, or let pass, and what it says of them.

All cases are asked before the first is judged: one answer alone may be that of several mistakes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain, combinations

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.judging.showing import shown
from grader.outside.client import Client
from helpers import draw
from helpers.kept_answers import Asked, asked

Rng = np.random.Generator
Shape = tuple[int, ...]

ALL_RIGHT = "None"
"""What is told where every shape is right."""


@dataclass(frozen=True)
class Case:
    """Parameters, the names of those that are wrong, and the d and h that are given, by name or in this order."""

    params: Params
    wrong: str = ""
    given: dict[str, int] = field(default_factory=dict)
    by_name: bool = True

    @property
    def call(self) -> str:
        """As messages write it."""
        shapes = ", ".join(f"{name} {np.shape(p)}" for name, p in self.params._asdict().items())
        values = [f"{name}={size}" if self.by_name else f"{size}" for name, size in self.given.items()]
        order = "" if self.by_name else ", d and h given in this order,"
        return f"check_shapes({', '.join(['params', *values])}){order} with {shapes}"

    def ask(self, impl: Client) -> Asked:
        """Call the learner's check_shapes."""
        if self.by_name:
            return asked(lambda: impl.check_shapes(self.params, **self.given))
        return asked(lambda: impl.check_shapes(self.params, *self.given.values()))


def check(impl: Client, cases: list[Case]) -> None:
    """Each case's parameters are refused for the wrong ones by name, or not at all."""
    answers = [case.ask(impl) for case in cases]
    told = [_told(answer) for answer in answers]
    _judge("check_shapes(params, d, h)", told, [case.wrong or ALL_RIGHT for case in cases], cases, answers)


def _told(answer: Asked) -> str:
    """In few words: the names in a ValueError, another exception's, or whether it was None that came."""
    if answer.names is not None:
        return ", ".join(name for name in Params._fields if name in answer.names) or "none of the names"
    if answer.error is not None:
        return answer.error.kinds[0]
    return ALL_RIGHT if answer.value is None else "a value"


@judge.of_whole_answers
def _judge(call: str, got: list[str], expected: list[str], cases: list[Case], answers: list[Asked]) -> None:
    """The answers are right; what all of them told is compared where a mistake is looked for."""
    for case, answer, told in zip(cases, answers, got, strict=True):
        if case.wrong:
            came = shown(answer.value)
            judge.holds(answer.ending != "taken", case.call, "ValueError, because of a wrong shape", came, got)
            text = judge.refuses(case.call, answer, "of a wrong shape")
            judge.holds(
                told == case.wrong,
                f"{case.call}, the text of its ValueError",
                f"the names {case.wrong} and no other",
                f"{told}, in {shown(text)}",
                got,
            )
        else:
            refused = f"ValueError: {answer.error}"
            judge.holds(answer.ending != "refused", case.call, "None, because every shape is right", refused, got)
            judge.holds(told == ALL_RIGHT, case.call, "None", shown(answer()), got)


def of_every_kind(rng: Rng, params: Params, given: dict[str, int]) -> Iterator[Case]:
    """Each parameter alone in every wrong shape that is near enough to be mistaken, and two or more together."""
    others = _other_shapes(**given)
    wrong = [{name: shape} for name, shapes in others.items() for shape in shapes]
    for names in chain.from_iterable(combinations(Params._fields, k) for k in (0, 2, 3, 4)):
        wrong.append({name: others[name][rng.integers(len(others[name]))] for name in names})
    for shapes in draw.shuffled(rng, wrong):
        changed = {name: np.asarray(rng.normal(size=shape)) for name, shape in shapes.items()}
        yield Case(params._replace(**changed), ", ".join(shapes), given)


def _other_shapes(d: int, h: int) -> dict[str, list[Shape]]:
    return {
        "W1": [(d, h), (h, d + 1), (h + 1, d), (h * d,), (1, h, d), (h, d, 1), (h,), (h, 0), (h, 1)],
        "b1": [(h, 1), (1, h), (h + 1,), (d,), (), (h, h), (0,)],
        "W2": [(h,), (h, 1), (1, h + 1), (2, h), (1, h, 1), (1, 1, h), (1, 1)],
        "b2": [(1,), (1, 1), (h,), (0,)],
    }


def large(rng: Rng) -> list[Case]:
    """Parameters of one or thousands of entries, with nothing to refuse."""
    sizes = ((1, 1), (2, 3000), (300, 2))
    return [Case(draw.params(rng, d, h), "", {"d": d, "h": h}) for d, h in sizes]
