"""This course's known mistakes: tables, sentences, and what is told of answers that no suite foresees."""

import io
import tokenize
from typing import Any

import mistakes
import numpy as np
import pytest
from helpers.smallest_example import check_each
from mistakes.exceptions import EXCEPTIONS
from mistakes.form import FORM
from mutants import judging

from grader.course.catalogue import STAGES, source_of
from grader.course.records import Forward, Params
from grader.judging import judge
from grader.judging.likeness import distance
from grader.judging.mistakes import UNKNOWN, Mistake, naming
from grader.outside.verdicts import NoAnswer, Wrong
from grader.wire import Opaque, Tensor

X = np.array([1.0, -2.0, 3.0])
PARAMS = Params(np.ones((2, 2)), np.zeros(2), np.ones((1, 2)), np.array(0.5))
RAISED = NoAnswer("error", "f raised ValueError: no such axis", ("ValueError", "Exception"), "no such axis")


def test_the_part_that_differs_is_looked_at_for_form() -> None:
    """A mistake of form is told from the field in which it is, whatever the others hold."""
    got = Forward(X[:, np.newaxis], np.ones((3, 2)), np.ones((3, 2)))
    with pytest.raises(Wrong) as caught, naming((), form=FORM):
        judge.record("forward(X, params)", got, Forward(X, np.ones((3, 2)), np.ones((3, 2))))
    assert caught.value.mistake == "column"


@pytest.mark.parametrize(
    "got", [None, Opaque("Liar"), X, Tensor(X), 1.0, 1, True, "text", [None], {}, PARAMS, set(), np.nan]
)
@pytest.mark.parametrize("expected", [X, Tensor(X), 1.0, PARAMS, {"W1": 1.0}, [1.0], None, RAISED])
def test_any_answer_can_be_looked_at(got: Any, expected: Any) -> None:
    """Whatever came, looking for mistakes of form ends in a name or in none."""
    for mistake in (*FORM, *EXCEPTIONS):
        predicted = mistake.predicts(expected)
        assert predicted is UNKNOWN or distance(got, predicted) in (None, pytest.approx(0.0, abs=1e-4))


def test_the_smallest_example_is_shown() -> None:
    """Of a failure without a name the smallest sizes that fail are shown; a named one is shown as it came."""

    def fails_from_two(n: int, d: int, h: int) -> None:
        judge.holds(n < 2, f"f(x) with N={n}, D={d}, H={h}", "small", "large")

    with pytest.raises(Wrong, match="N=2, D=1, H=1"):
        check_each(fails_from_two, [(7, 8, 9)])

    doubled = Mistake("doubled", "It was doubled.", "", lambda x: 2 * x)

    def named(n: int, d: int, h: int) -> None:
        with naming((doubled,), X):
            judge.array(f"f(x) with N={n}", 2 * X, X)

    with pytest.raises(Wrong, match="N=7"):
        check_each(named, [(7, 8, 9)])


def all_mistakes() -> list[tuple[str, Mistake]]:
    """Every known mistake, with where it belongs."""
    own = [(f"{stage}.{task}", mistake) for (stage, task), table in mistakes.tables().items() for mistake in table]
    return own + [("any task", mistake) for mistake in (*FORM, *EXCEPTIONS)]


def test_the_tables_are_large_enough() -> None:
    """Every task has known mistakes, at least 60 in all, of different names within a table."""
    for table in (*mistakes.tables().values(), (*FORM, *EXCEPTIONS)):
        names = [mistake.name for mistake in table]
        assert table and len(set(names)) == len(names)
    assert len(all_mistakes()) >= 60


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
