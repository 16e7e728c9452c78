"""Seeds: the data of a stage depend on the run's seed and on what was handed in, and can be drawn again."""

import re

import pytest
from forgers import Run, bench
from sample_cohort import ISOLATION

from grader.course.catalogue import STAGES
from grader.course.location import SOLUTIONS
from grader.intake.submissions import Submission
from grader.judging.results import Result, StageResult
from grader.marking.mark import Settings, mark

SETTINGS = Settings(7, isolation=ISOLATION)
ROUNDS = 3
"""Resubmissions in which a list of constants would become right: a test compares so many answers, one a time."""
CONSTANTS = """
import numpy as np

ANSWERS = {answers}
asked = []


def loss(f, y):
    asked.append(f)
    if np.shape(f) != np.shape(y):
        raise ValueError
    return (ANSWERS + [0.0] * 99)[len(asked) - 1]
"""
"""A `loss` that answers with what messages named as expected, one resubmission after another."""


def stages_of(result: Result) -> dict[str, StageResult]:
    """The stages by their names."""
    return {stage.stage: stage for stage in result.stages}


def seeds(**sources: str) -> list[int]:
    """The seeds of the stages' data."""
    return [stage.seed for stage in mark(Submission("ann", sources), SETTINGS).stages]


def test_constants_do_not_become_right() -> None:
    """Answers that messages named are of no use in a resubmission: its data are others."""
    answers: list[float] = []
    for _ in range(ROUNDS + 1):
        submission = Submission("ann", {"stage2_forward": CONSTANTS.replace("{answers}", str(answers))})
        tests = {test.test: test for test in stages_of(mark(submission, SETTINGS))["stage2_forward"].tests}
        values = tests["TestLoss::test_values"]
        assert values.points == 0.0
        named = re.search(r"expected: (\S+)", values.message)
        assert named
        answers.append(float(named[1]))


def test_each_stage_has_data_of_its_own_source() -> None:
    """The same source gets the same data, a changed one others, and the other stages keep theirs."""
    first = seeds(stage1_relu="x = 1", stage2_forward="from stage1_relu import relu")
    assert first == seeds(stage1_relu="x = 1", stage2_forward="from stage1_relu import relu")
    changed = seeds(stage1_relu="x = 2", stage2_forward="from stage1_relu import relu")
    assert [one == other for one, other in zip(first, changed, strict=True)] == [False] + [True] * 5
    other = mark(Submission("ann", {"stage1_relu": "x = 1"}), Settings(8, isolation=ISOLATION))
    assert not {stage.seed for stage in other.stages} & set(first)


@pytest.mark.parametrize(
    "using",
    [
        "from stage1_relu import table",
        "import importlib\ntable = importlib.import_module('stage' + '1_relu').table",
        "def affine(*args):\n    from stage1_relu import table\nbackward = affine",
        "from stage2_forward import table",
    ],
)
def test_a_table_elsewhere_changes_the_data(using: str) -> None:
    """A stage that takes something of its own from an earlier one has other data when that one changes."""
    stage2 = "from stage1_relu import table" if "stage2" in using else using
    sources = {"stage2_forward": stage2, "stage3_backward": using}
    one, other = (seeds(stage1_relu=f"table = {table}", **sources) for table in (1, 2))
    assert [a == b for a, b in zip(one, other, strict=True)] == [False] * 3 + [True] * 3


def test_the_recorded_seed_draws_the_same() -> None:
    """With a stage's seed a learner's own `pytest` says, word for word, what was said when it was marked."""
    stage = STAGES[1]
    source = (SOLUTIONS / stage.file).read_text(encoding="utf-8").replace("x @ W.T + b", "x @ W.T - b")
    marked = stages_of(mark(Submission("ann", {stage.name: source}), SETTINGS))[stage.name]
    run = Run(lambda stage: bench(stage, {stage.name: source})).of(marked.seed, str(stage.suite))
    failing = {f"{stage.suite.name}::{test.test}": test.message for test in marked.tests if test.points == 0.0}
    assert failing
    assert run.messages == failing
