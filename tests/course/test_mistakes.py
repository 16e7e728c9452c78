"""This course's known mistakes: sentences, families, and what is told of answers that no suite foresees."""

import io
import tokenize
from typing import Any

import numpy as np
import pytest
from helpers.smallest_example import check_each
from mistakes.families import FAMILIES
from mutants import judging

from grader.course.catalogue import STAGES, source_of
from grader.course.mistakes import mistakes_of
from grader.course.records import Forward, Params
from grader.judging import judge
from grader.judging.families import Failure
from grader.outside.verdicts import NoAnswer, Verdict, Wrong
from grader.wire import Opaque, Tensor

X = np.array([1.0, -2.0, 3.0])
PARAMS = Params(np.ones((2, 2)), np.zeros(2), np.ones((1, 2)), np.array(0.5))
RAISED = NoAnswer("error", "f raised ValueError: no such axis", ("ValueError", "Exception"), "no such axis")


def shown_by(verdict: Verdict) -> list[str]:
    """The families of any task that a failure shows."""
    return [family.name for family in FAMILIES if family.is_shown_by("", Failure(verdict))]


def test_the_part_that_differs_is_looked_at_for_form() -> None:
    """A mistake of form is told from the field in which it is, whatever the others hold."""
    got = Forward(X[:, np.newaxis], np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(Wrong) as caught:
        judge.record("forward(X, params)", got, Forward(X, np.ones((3, 2)), np.ones((3, 2))))
    assert shown_by(caught.value)[0] == "column"


@pytest.mark.parametrize(
    "got", [None, Opaque("Liar"), X, Tensor(X), 1.0, 1, True, "text", [None], {}, PARAMS, set(), np.nan, RAISED]
)
@pytest.mark.parametrize("expected", [X, Tensor(X), 1.0, PARAMS, {"W1": 1.0}, [1.0], None])
def test_any_answer_can_be_looked_at(got: Any, expected: Any) -> None:
    """Whatever came, of whatever call, looking for families ends in names or in none."""
    for family in FAMILIES:
        for task in family.tasks or ("",):
            for arguments in ((), (got, expected), (X, X, PARAMS, 0.1, 3)):
                assert family.is_shown_by(task, Failure(Wrong("f(x)", got, expected), "f", arguments, {})) in (
                    True,
                    False,
                )
    assert shown_by(RAISED) == []


def test_the_smallest_example_is_shown() -> None:
    """Of a failure the smallest sizes that fail are shown, unless it is only to be compared with others."""

    def fails_from_two(n: int, d: int, h: int) -> None:
        judge.holds(n < 2, f"f(x) with N={n}, D={d}, H={h}", "small", "large")

    with pytest.raises(Wrong, match="N=2, D=1, H=1"):
        check_each(fails_from_two, [(7, 8, 9)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judge, "in_brief", True)
        with pytest.raises(Wrong, match="N=7, D=8, H=9"):
            check_each(fails_from_two, [(7, 8, 9)])


def all_mistakes() -> list[tuple[str, Any]]:
    """Every known mistake and every family, with where it belongs."""
    own = [(f"{stage.name}.{known.task}", known) for stage in STAGES for known in mistakes_of(stage)]
    return own + [("families", family) for family in FAMILIES]


def test_every_task_has_known_mistakes() -> None:
    """There are some for each task, of different names."""
    for stage in STAGES:
        assert {known.task for known in mistakes_of(stage)} == {*stage.tasks}
    told = [(family.name, task) for family in FAMILIES for task in family.tasks or ("",)]
    assert len({*told}) == len(told)


def test_sentences() -> None:
    """What is told is a sentence that ends, what to look at another, and neither is the solution's code."""
    code = solution_code()
    for where, mistake in all_mistakes():
        told = "".join(f"{mistake.says} {mistake.look}".split())
        assert mistake.name.isidentifier(), where
        assert mistake.says.endswith(".") and mistake.look[-1] in ".?", (where, mistake.name)
        assert not [line for line in code if line in told], (where, mistake.name)


def solution_code() -> set[str]:
    """Every logical line of the solutions that is long enough to give something away, without its spaces."""
    lines: set[str] = set()
    for stage in STAGES:
        line = ""
        for token in tokenize.generate_tokens(io.StringIO(source_of(stage.name)).readline):
            line = "" if token.type in (tokenize.NEWLINE, tokenize.NL) else line + token.string
            lines |= {line} if len(line) >= 12 else set()
    return lines


def test_an_exception_that_every_case_meets_is_no_matter_of_one() -> None:
    """Nothing is told of 0-d arrays where an earlier test, of other arrays, has met the same exception."""
    source = "import numpy as np\ndef relu(a):\n    return np.max(a, 0 * a)\n"
    tests = judging.tests_of(STAGES[0], {STAGES[0].name: source}, 3, "relu")
    assert {(test.outcome, test.mistake) for test in tests} == {("error", "")}
