"""Seeds: the data of a stage depend on the run's seed and on what was handed in, and can be drawn again."""

import re

import pytest
from isolation import ISOLATION
from transports import DOUBLE, SLOPE, Run, solved

from grader.course.catalogue import source_of
from grader.intake.submissions import Submission
from grader.judging.results import StageResult
from grader.marking.mark import Settings, mark

CONSTANTS = """
import numpy as np

ANSWERS = {answers}
asked = []


def slope(x):
    asked.append(x)
    return (ANSWERS + [np.zeros(5)] * 99)[len(asked) - 1]
"""
"""A `slope` that answers with what messages named as expected, one resubmission after another."""
BEFORE = {DOUBLE.name: "x = 1", SLOPE.name: "from stage1_double import double"}


def marked(sources: dict[str, str], seed: int = 7) -> list[StageResult]:
    """The stages of a submission, marked."""
    return mark(Submission("ann", sources), Settings(seed, isolation=ISOLATION)).stages


def seeds(sources: dict[str, str], seed: int = 7) -> list[int]:
    """The seeds of the stages' data."""
    return [stage.seed for stage in marked(sources, seed)]


def test_constants_do_not_become_right() -> None:
    """Answers that messages named are of no use in a resubmission: its data are others."""
    named: list[str] = []
    for _ in range(3):
        answers = f"[{', '.join(f'np.array({answer})' for answer in named)}]"
        source = CONSTANTS.replace("{answers}", answers)
        [values] = [test for test in marked({SLOPE.name: source})[1].tests if test.task == "slope"]
        assert values.points == 0.0
        found = re.search(r"expected: (\[.*\])", values.message)
        assert found
        named.append(found[1])
    assert len(set(named)) == len(named)


@pytest.mark.parametrize(
    ("changes", "seed", "same"),
    [
        ({}, 7, [True, True]),
        ({DOUBLE.name: "x = 2"}, 7, [False, True]),
        ({SLOPE.name: "from stage1_double import both"}, 7, [True, False]),
        ({}, 8, [False, False]),
    ],
)
def test_each_stage_has_data_of_its_own_source(changes: dict[str, str], seed: int, same: list[bool]) -> None:
    """The same source gets the same data, a changed one others, and the other stages keep theirs."""
    pairs = zip(seeds(BEFORE), seeds(BEFORE | changes, seed), strict=True)
    assert [one == other for one, other in pairs] == same


@pytest.mark.parametrize(
    "using",
    [
        "from stage1_double import table",
        "import importlib\ntable = importlib.import_module('stage' + '1_double').table",
        "def slope(*args):\n    from stage1_double import table",
    ],
)
def test_a_table_elsewhere_changes_the_data(using: str) -> None:
    """A stage that takes something of its own from an earlier one has other data when that one changes."""
    one, other = (seeds({DOUBLE.name: f"table = {table}", SLOPE.name: using}) for table in (1, 2))
    assert not set(one) & set(other)


def test_the_recorded_seed_draws_the_same() -> None:
    """With a stage's seed a learner's own `pytest` says, word for word, what was said when it was marked."""
    sources = {SLOPE.name: source_of(SLOPE.name).replace("** 2", "** 3")}
    result = marked(sources)[1]
    run = Run(lambda stage: solved(stage, sources), tells=True).of(result.seed, str(SLOPE.suite))
    failing = {f"{SLOPE.suite.name}::{test.test}": test.message for test in result.tests if test.points == 0.0}
    assert failing
    assert run.messages == failing
