"""How known mistakes are told: what agrees with a prediction, and which one is meant."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pytest

from grader.course.records import Pair
from grader.judging import judge
from grader.judging.likeness import Raised, distance
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen, naming
from grader.outside.verdicts import NoAnswer, Verdict, Wrong
from grader.wire import Opaque, Tensor

X = np.array([1.0, -2.0, 3.0])
PAIR = Pair(np.ones((2, 2)), np.array(0.5))
RAISED = NoAnswer("error", "f raised ValueError: no such axis", ("ValueError", "Exception"), "no such axis")

DOUBLED = Mistake("doubled", "It was doubled.", "Look at the factor.", lambda x: 2 * x)
NEARLY = Mistake("nearly_doubled", "It was nearly doubled.", "", lambda x: 2 * x + 1e-10)
NEVER = Mistake("never", "It was never.", "", lambda x: UNKNOWN)


def verdict_of(got: Any, expected: np.ndarray, table: Iterable[Mistake], *arguments: Any, **noted: Any) -> Verdict:
    """The verdict on an answer, with what is told of the mistake."""
    with pytest.raises(Verdict) as caught, naming(tuple(table), *arguments) as seen:
        seen.update(noted)
        judge.array("f(x)", got, expected)
    return caught.value


AGREE = [
    (X, X + 1e-12),
    (X.astype(np.float32) * (1 + 1e-6), X.astype(np.float32)),
    (np.float64(2.0), np.array(2.0)),
    *((same, same) for same in (2.0, np.nan, None, {"a"}, PAIR)),
    (np.array([np.inf, np.nan]), np.array([np.inf, np.nan])),
    (Tensor(X), Tensor(X)),
    ({"loss": [1.0, 2.0], "accuracy": [0.5]}, {"loss": [1.0, 2.0]}),
    (RAISED, Raised("TypeError ValueError", "axis")),
    ([1, 2], lambda got: len(got) == 2),
]
DIFFER = [
    *((X, other) for other in (X + 1e-6, X.astype(np.float32), X[:, np.newaxis], Tensor(X), Raised("ValueError"))),
    *((other, X) for other in (list(X), Tensor(X), X * np.nan, Opaque("Liar"))),
    *((other, 2.0) for other in (2, np.array(2.0), np.nan, Opaque("Liar"))),
    (tuple(PAIR), PAIR),
    ({"loss": [1.0]}, {"accuracy": [1.0]}),
    ([1.0, 2.0], [1.0]),
    ({"a"}, None),
    (RAISED, Raised("ValueError", "shape")),
    (RAISED, Raised("TypeError")),
]


@pytest.mark.parametrize(("pair", "agree"), [*((p, True) for p in AGREE), *((p, False) for p in DIFFER)])
def test_agreement(pair: tuple[Any, Any], agree: bool) -> None:
    """An answer agrees with a prediction where it has its type, shape, dtype and, up to rounding, values."""
    assert (distance(*pair) is not None) == agree


def test_the_message_begins_with_the_mistake() -> None:
    """What was done and what to look at come first, then what was expected and what came."""
    verdict = verdict_of(2 * X, X, [DOUBLED], X)
    assert verdict.mistake == "doubled"
    assert str(verdict).startswith("It was doubled. Look at the factor.\nf(x)")
    assert "expected" in str(verdict) and "got" in str(verdict)


def test_the_closest_is_told() -> None:
    """Where several predictions agree, the closest is told; of equally close ones the first in the table."""
    assert verdict_of(2 * X, X, [NEVER, NEARLY, DOUBLED], X).mistake == "doubled"
    assert verdict_of(2 * X + 1e-10, X, [DOUBLED, NEARLY], X).mistake == "nearly_doubled"
    again = Mistake("again", "Again.", "", lambda x: x + x)
    assert verdict_of(2 * X, X, [again, DOUBLED], X).mistake == "again"


def test_nothing_is_guessed() -> None:
    """What agrees with no prediction is told by its values alone."""
    verdict = verdict_of(X + 1.0, X, [DOUBLED, NEVER], X)
    assert verdict.mistake == "" and str(verdict).startswith("f(x)")


def test_a_right_answer_is_told_nothing() -> None:
    """No prediction is made where the answer is right, even if a mistake would give the same."""

    def unwanted(x: np.ndarray) -> np.ndarray:
        raise AssertionError("a prediction was made")

    with naming((Mistake("same", "", "", unwanted),), X):
        judge.array("f(x)", X, X)


def test_several_observations() -> None:
    """A prediction of what a test noted agrees where all of it does, by any of its alternatives."""
    both = Mistake("both", "Both.", "", lambda x: Either([Seen(loss=1.0, after=x), Seen(loss=2.0, after=-x)]))
    assert verdict_of(X + 1, X, [both], X, loss=2.0, after=-X).mistake == "both"
    assert verdict_of(X + 1, X, [both], X, loss=1.0, after=-X).mistake == ""
    assert verdict_of(X + 1, X, [both], X, loss=1.0).mistake == ""


def test_the_part_that_differs_is_looked_at_for_form() -> None:
    """A mistake of form is told from the field in which it is, whatever the others hold."""
    column = Mistake("column", "A column.", "", lambda expected: expected[:, np.newaxis])
    with pytest.raises(Wrong) as caught, naming((), form=[column]):
        judge.record("both(pair)", Pair(X[:, np.newaxis], 2 * X), Pair(X, 2 * X))
    assert caught.value.mistake == "column"


def test_the_inner_name_stays() -> None:
    """A verdict that has been told is not told again from outside."""
    outer = Mistake("outer", "Outer.", "", lambda x: 2 * x)
    with pytest.raises(Wrong) as caught, naming((outer,), X), naming((DOUBLED,), X):
        judge.array("f(x)", 2 * X, X)
    assert caught.value.mistake == "doubled"


def test_what_fits_one_verdict_only_is_not_told() -> None:
    """Of several mistakes that fit, the one is told that fits another verdict on the same code as well."""
    half = Mistake("half_of_four", "Half of four.", "Look.", lambda x: 8 / x)
    one, other = verdict_of(2 * X[:1] + 2, X[:1], [], X), verdict_of(2 * X, X, [DOUBLED], X)
    first = verdict_of(np.array([4.0]), np.ones(1), [half, DOUBLED], np.array([2.0]))
    assert (first.mistake, one.mistake) == ("half_of_four", "")
    first.tell_what_fits_too(other)
    assert first.mistake == "doubled" and str(first).startswith("It was doubled. Look at the factor.\nf(x)")
    first.tell_what_fits_too(one)
    assert first.mistake == "" and str(first).startswith("f(x)")


def test_of_what_raised_nothing_else_is_told() -> None:
    """Where a call raised, what a test noted before is no reason; an exception that was foreseen is told."""
    noted = Mistake("noted", "Noted.", "Look.", lambda x: Seen(epochs=3))
    foreseen = Mistake(
        "foreseen", "Foreseen.", "Look.", lambda x: Seen(epochs=3, ended=[Raised("ValueError", "axis")])
    )
    for table, name in (((noted,), ""), ((noted, foreseen), "foreseen")):
        with pytest.raises(NoAnswer) as caught, naming(table, X) as seen:
            seen.update(epochs=3, ended=[RAISED])
            raise NoAnswer("error", RAISED.plain, RAISED.kinds, RAISED.text)
        assert caught.value.mistake == name
