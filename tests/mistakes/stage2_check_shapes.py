"""The known mistakes of stage 2's check_shapes: other rules, and what they tell of each case."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging.mistakes import Either, Mistake, Seen
from grader.outside.verdicts import NoAnswer

Shape = tuple[int, ...]
Case = tuple[Params, int, int]
"""Parameters, and the d and h that hold for the call."""


def _wanted(d: int, h: int) -> dict[str, Shape]:
    return {"W1": (h, d), "b1": (h,), "W2": (1, h), "b2": ()}


def _names(params: Params, d: int, h: int, accepts: Callable[[str, Shape, Shape], bool]) -> set[str] | None:
    """The names that a weaker check tells; None where it lets all of them through."""
    wanted = _wanted(d, h).items()
    told = {name for name, shape in wanted if not accepts(name, np.shape(getattr(params, name)), shape)}
    return told or None


def _by_check(accepts: Callable[[str, Shape, Shape], bool]) -> Callable[[list[Case]], Seen]:
    """What is told of each case by a check that accepts shapes by another rule than being the one wanted."""
    return lambda cases: Seen(told=[_names(*case, accepts) for case in cases])


def _same(name: str, got: Shape, wanted: Shape) -> bool:
    return got == wanted


def _by_sizes(change: Callable[[Params, int, int], tuple[int, int]]) -> Callable[[list[Case]], Seen]:
    """What is told of each case by a right check of other d and h."""
    return lambda cases: Seen(told=[_names(case[0], *change(*case), _same) for case in cases])


def _first_only(cases: list[Case]) -> Seen:
    right = [_names(*case, _same) or set() for case in cases]
    firsts = [next((name for name in Params._fields if name in names), None) for names in right]
    return Seen(told=[None if first is None else {first} for first in firsts])


def _all_named(cases: list[Case]) -> Seen:
    """More names than right ones, somewhere, and none missing."""
    right = [_names(*case, _same) or set() for case in cases]

    def fits(told: Any) -> bool:
        pairs = list(zip(told, right, strict=True))
        return all(isinstance(names, set) and names >= wrong for names, wrong in pairs if wrong or names)

    return Seen(told=fits)


def _refused_nameless(cases: list[Case]) -> Seen:
    right = [_names(*case, _same) for case in cases]
    return Seen(told=[None if names is None else set() for names in right])


CHECK_SHAPES = (
    # from a list of cases; the test notes what was told of each: names, or what came, or what else was raised
    Mistake(
        "never_refused",
        "Wrong shapes were let through.",
        "What is found must be raised, as a ValueError; printing it stops nobody.",
        _by_check(lambda name, got, wanted: True),
    ),
    Mistake(
        "first_only",
        "Only the first wrong parameter was named.",
        "Look at all four before you complain, and complain once.",
        _first_only,
    ),
    Mistake(
        "sizes_only",
        "The number of entries was compared, not the shape.",
        "(2, 3), (3, 2) and (6,) have as many entries.",
        _by_check(lambda name, got, wanted: math.prod(got) == math.prod(wanted)),
    ),
    Mistake(
        "axes_only",
        "The number of axes was compared, not the shape.",
        "Each axis has a length as well.",
        _by_check(lambda name, got, wanted: len(got) == len(wanted)),
    ),
    Mistake(
        "b2_unchecked",
        "b2 was not checked.",
        "It has a shape as well: (), that of a single number.",
        _by_check(lambda name, got, wanted: name == "b2" or got == wanted),
    ),
    Mistake(
        "b2_of_one_entry",
        "b2 was let through with one entry in a shape such as (1,).",
        "Its shape is (), that of a single number; (1,) is another shape.",
        _by_check(lambda name, got, wanted: got == wanted or (name == "b2" and math.prod(got) == 1)),
    ),
    Mistake(
        "biases_unchecked",
        "The biases were not checked.",
        "All four parameters have a shape.",
        _by_check(lambda name, got, wanted: name[0] == "b" or got == wanted),
    ),
    Mistake(
        "flat_w2_accepted",
        "W2 was let through as a flat (h,).",
        "Its shape is (1, h): one row, for the one output.",
        _by_check(lambda name, got, wanted: got == wanted or (name == "W2" and got == wanted[1:])),
    ),
    Mistake(
        "h_of_parameters",
        "h was taken from the parameters, not from the argument.",
        "Parameters that fit together may still be of the wrong size.",
        lambda cases: Either(
            [
                _by_sizes(lambda params, d, h: (d, np.size(params.b1)))(cases),
                _by_sizes(lambda params, d, h: (d, (*np.shape(params.W1), 0)[0]))(cases),
                _by_sizes(lambda params, d, h: (d, (0, *np.shape(params.W2))[-1]))(cases),
            ]
        ),
    ),
    Mistake(
        "d_ignored",
        "The d that was given was not used.",
        "2 is what d is where none is given.",
        _by_sizes(lambda params, d, h: (2, h)),
    ),
    Mistake(
        "h_ignored",
        "The h that was given was not used.",
        "16 is what h is where none is given.",
        _by_sizes(lambda params, d, h: (d, 16)),
    ),
    Mistake(
        "sizes_swapped",
        "d and h were taken in the other order.",
        "They may be given without their names, d first.",
        _by_sizes(lambda params, d, h: (h, d)),
    ),
    Mistake(
        "none_named",
        "It was refused, but the message names no parameter.",
        "Which ones are wrong? Say it in the message: W1, b1, W2, b2.",
        _refused_nameless,
    ),
    Mistake(
        "value_returned",
        "Something came back, where nothing is asked for.",
        "A check that finds nothing returns None, and one that finds something raises.",
        lambda cases: Seen(
            told=lambda told: any(not isinstance(one, (set, type(None), NoAnswer)) for one in told)
        ),
    ),
    Mistake(
        "too_many_named",
        "Parameters of the right shape were named, too.",
        "Who reads the message should find those that are wrong, and no others.",
        _all_named,
    ),
)
