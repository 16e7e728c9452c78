"""Runs for stage 3's train, and what is said where a function that it calls makes it wrong."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.outside.client import Client
from grader.outside.verdicts import NoAnswer, Verdict, Wrong
from helpers import draw, formulas
from helpers.stage3_gradients import (
    NEAR_ZERO,
    WRITABLE,
    Case,
    backward,
    drawn,
    in_layout,
    large_sizes,
    telling_sizes,
)
from helpers.stage3_steps import descended

Rng = np.random.Generator

PATIENCE = 2
"""For a thousand epochs on a few samples, times the usual limit."""


@dataclass(frozen=True)
class Run:
    """A call of train; special: what is so about it, for messages; by_name: whether it names lr and epochs."""

    case: Case
    lr: float
    epochs: int
    special: str = ""
    by_name: bool = False

    @cached_property
    def replay(self) -> formulas.Replay:
        """The same run by the suite."""
        X, y, params = self.case
        return formulas.replay(params, [[(X, y)]] * self.epochs, self.lr)

    @property
    def call(self) -> str:
        """The call as a learner would write it."""
        call = f"train(X, y, params, lr={self.lr:.3g}, epochs={self.epochs})"
        return f"{call} with {self.special}" if self.special else call


def drawn_run(rng: Rng, epochs: int, sizes: tuple[int, int, int] | None = None) -> Run:
    """A run on drawn data, from which every right run gives the same."""
    while True:
        case = drawn(rng, *(sizes or telling_sizes(rng)))
        run = Run(case, rng.uniform(0.02, 0.2), epochs)
        if run.replay.is_fair(margin=1e-6):
            return run


def with_two_inputs(rng: Rng) -> tuple[int, int, int]:
    """Draw N and H beside D = 2, for which the data by default fit as well."""
    while True:
        n, _, h = telling_sizes(rng)
        if 2 not in (n, h):
            return n, 2, h


def special_runs(rng: Rng) -> list[Run]:
    """Runs of every kind beside the plain one."""
    runs = [_diverging(rng), replace(drawn_run(rng, 3), special="lr and epochs given by name", by_name=True)]
    for layout in WRITABLE:
        run = drawn_run(rng, 3)
        runs.append(replace(run, case=draw.laid(run.case, layout), special=in_layout(layout)))
    runs += [_large(rng, sizes) for sizes in large_sizes(rng)]
    return [*runs, drawn_run(rng, 3, (1, 1, 1)), *_at_rest(rng)]


def _large(rng: Rng, sizes: tuple[int, int, int]) -> Run:
    """Two epochs for large sizes."""
    n, d, h = sizes
    while True:
        run = Run(drawn(rng, n, d, h), rng.uniform(0.02, 0.2) / (d * h), 2, f"N = {n}, D = {d}, H = {h}")
        if run.replay.margin > 1e-6:
            return run


def _diverging(rng: Rng) -> Run:
    """A run with steps so long that the loss grows in each epoch, and with gradients of a thousand and more."""
    while True:
        X, y, params = drawn(rng, *telling_sizes(rng))
        case = X, y, params._replace(W2=100 * params.W2)
        run = Run(case, rng.uniform(0.02, 0.2), 3, "a loss that grows in each epoch")
        losses = run.replay.history["loss"]
        if run.replay.margin > 1e-3 and 1e3 < losses[0] < losses[1] / 10 < losses[2] / 100 < 1e80:
            return run


def _at_rest(rng: Rng) -> list[Run]:
    """Runs in which nothing moves, and which go on for all that: by lr, on a plateau, and where all is reached."""
    slope = rng.choice([0.5, 1.0, 2.0])
    X = np.array([[1.0], [-1.0], [-2.0], [-3.0]])
    off = Params(
        slope * np.array([[1.0], [-1.0]]), np.full(2, -5 * slope), np.array([[1.0, -0.5]]), np.array(0.75)
    )
    fitted = Params(np.full((1, 1), slope), np.zeros(1), np.full((1, 1), 1 / slope), np.array(0.0))
    many = int(rng.integers(201, 230))
    return [
        replace(drawn_run(rng, 30), lr=0.0, special="nothing moved"),
        Run((X, np.array([1.0, 1.0, 0.0, 1.0]), off), 0.1, 150, "every unit off and all gradients 0"),
        Run((X, np.array([1.0, 0.0, 0.0, 0.0]), fitted), 0.1, many, "a loss of 0 from the start"),
    ]


def ties(rng: Rng) -> list[Run]:
    """Runs of one epoch with values exactly between on and off and between the classes, and next to it."""
    X, y, tied = draw.tied(rng)
    runs = []
    for hidden, output in ((0, 0), (0, -NEAR_ZERO), (0, NEAR_ZERO), (-NEAR_ZERO, 0), (NEAR_ZERO, 0)):
        params = tied._replace(b1=tied.b1 + hidden, b2=np.array(tied.b2 + output))
        special = f"a1 with zeros{_moved(hidden)} and a score of 0.5{_moved(output)}"
        runs.append(Run((X, y, params), 0.1, 1, special))
    return runs


def _moved(by: float) -> str:
    return f" {by:+.0e}" if by else ""


def pair(got: Any) -> tuple[Any, Any]:
    """What train returned, if it is the two things it must return."""
    is_pair = isinstance(got, tuple) and len(got) == 2
    came = f"a tuple of {len(got)}" if type(got) is tuple else f"a {type(got).__name__}"
    judge.holds(is_pair, "train(…)", "a tuple of Params and History", came)
    return got[0], got[1]


@contextlib.contextmanager
def telling_own_functions(impl: Client, case: Case, lr: float) -> Iterator[None]:
    """Let a run's failure begin with the function that makes it: the learner's own backward or sgd_step, if wrong.

    So it is where the step that this function gives explains the loss after the first epoch, or what was raised.
    """
    try:
        yield
    except Verdict as verdict:
        if verdict.outcome in ("failed", "error") and not (judge.in_brief or verdict.mistake):
            right = descended(case[2], formulas.gradients(*case), lr)
            for own in (("backward",), ("sgd_step",), ("backward", "sgd_step")):
                if not verdict.mistake and _explains(verdict, impl, case, lr, own, right):
                    verdict.tell(f"{own[0]}_wrong", OWN_WRONG[own[0]])
        raise


OWN_WRONG = {
    "backward": "backward is wrong, and a run along its gradients goes wrong with it. "
    "Mend backward first, by what its own tests say; then look here again.",
    "sgd_step": "sgd_step is wrong, and a run by its steps goes wrong with it. "
    "Mend sgd_step first, by what its own tests say; then look here again.",
}


def _explains(verdict: Verdict, impl: Client, case: Case, lr: float, own: tuple[str, ...], right: Params) -> bool:
    """Whether a first step by these functions of the learner's own is wrong, and ends as the run did."""
    X, y, params = case
    try:
        grads = backward(impl, case) if "backward" in own else formulas.gradients(*case)
        moved = impl.sgd_step(params, grads, lr) if "sgd_step" in own else descended(params, grads, lr)
        judge.record("", moved, right)
        return False
    except NoAnswer as answer:
        return isinstance(verdict, NoAnswer) and (answer.kinds, answer.text) == (verdict.kinds, verdict.text)
    except Wrong:
        history = getattr(verdict, "whole", None)
        losses = history.get("loss") if isinstance(history, dict) else None
    except (TypeError, ValueError, AttributeError):  # its gradients are none
        return False
    try:
        due = formulas.loss(formulas.forward(X, moved).f, y)
        return isinstance(losses, list) and abs(losses[1] - due) <= judge.FLOAT64 * max(1.0, abs(due))
    except (TypeError, ValueError, LookupError, AttributeError):  # what came is no step
        return False
