"""Regular expressions that go over learners' texts look at each character a fixed number of times."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from types import ModuleType

import pytest

from grader import gradebook, intake
from grader.inside import cells

MODULES = [
    found.name
    for room in (cells, gradebook, intake)
    for found in pkgutil.iter_modules(room.__path__, f"{room.__name__}.")
]
"""All that reads what learners wrote."""


def patterns(module: ModuleType) -> Iterator[re.Pattern[str] | re.Pattern[bytes]]:
    """The patterns that a module holds, by themselves or in a dictionary."""
    for held in vars(module).values():
        for one in held.values() if isinstance(held, dict) else [held]:
            if isinstance(one, re.Pattern):
                yield one


def repeats(part: object) -> Iterator[object]:
    """What in a parsed pattern is repeated without a bound, and can give back what it took."""
    if isinstance(part, parser.SubPattern):
        for operation, argument in part:
            if operation in (constants.MAX_REPEAT, constants.MIN_REPEAT) and argument[1] == constants.MAXREPEAT:
                yield argument
            yield from repeats(argument)
    elif isinstance(part, list | tuple):
        for inner in part:
            yield from repeats(inner)


def test_that_repeats_are_seen() -> None:
    """A repetition that backtracks is found wherever it stands; a possessive one, or a short one, is none."""
    assert [*repeats(parser.parse("a(?:b|(c+?))"))]
    assert [*repeats(parser.parse("(?:(a)*b)*+"))]
    assert not [*repeats(parser.parse("a++(?:b{1,3}|c)*+d?"))]


@pytest.mark.parametrize("name", MODULES)
def test_nothing_backtracks(name: str) -> None:
    """From where a pattern begins to fit it goes forwards only, so a text costs no more than its length."""
    for pattern in patterns(importlib.import_module(name)):
        assert not [*repeats(parser.parse(pattern.pattern, pattern.flags & ~re.DEBUG))], pattern.pattern
