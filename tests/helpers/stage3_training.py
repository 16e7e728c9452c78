"""Runs for stage 3's train, and how they are judged: by a run of the suite's own."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from mistakes import naming
from mistakes.histories import note
from mistakes.stage3_backward import TRAIN
from mistakes.training_runs import Task

from grader.course.records import Params
from grader.judging import judge
from grader.judging.mistakes import Seen
from grader.outside.client import Client
from helpers import comparisons, draw, formulas
from helpers.stage3_gradients import NEAR_ZERO, WRITABLE, Case, drawn, in_layout, large_sizes, telling_sizes

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


def several(rng: Rng) -> list[Run]:
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
    many = int(rng.integers(1001, 1030))
    return [
        replace(drawn_run(rng, 30), lr=0.0, special="nothing moved"),
        Run((X, np.array([1.0, 1.0, 0.0, 1.0]), off), 0.1, 150, "every unit off and all gradients 0"),
        Run((X, np.array([1.0, 0.0, 0.0, 0.0]), fitted), 0.1, many, "a loss of 0 from the start"),
    ]


def judge_run(impl: Client, run: Run, unmodified: bool = False) -> None:
    """The learner's train does such a run right; unmodified: and leaves the params passed in as they are."""
    X, y, params = run.case
    after = None
    task = Task(X, y, params, run.lr, run.epochs, ask=impl.call, special=bool(run.special) and not run.by_name)
    with naming(TRAIN, task) as seen:
        if unmodified:
            got, (_, _, after, *_) = impl.watched("train", X, y, params, run.lr, run.epochs)
        elif run.by_name:
            got = impl.train(X, y, params, lr=run.lr, epochs=run.epochs)
        else:
            got = impl.call("train", X, y, params, run.lr, run.epochs, patience=PATIENCE)
        trained, history = pair(seen, got)
        comparisons.history(run.call, history, run.replay.history, judge.FLOAT64)
        judge.record(f"the trained parameters of {run.call}", trained, run.replay.params)
    if unmodified:
        judge.unchanged(f"{run.call}, params", params, after)


def judge_ties(impl: Client, rng: Rng) -> None:
    """The learner's train records what is exactly between on and off, and what is next to it."""
    X, y, tied = draw.tied(rng)
    for hidden, output in ((0, 0), (0, -NEAR_ZERO), (0, NEAR_ZERO), (-NEAR_ZERO, 0), (NEAR_ZERO, 0)):
        params = tied._replace(b1=tied.b1 + hidden, b2=np.array(tied.b2 + output))
        right = formulas.without(formulas.replay(params, [[(X, y)]], lr=0.1).history, "grad_norm")
        special = f"a1 with zeros{_moved(hidden)} and a score of 0.5{_moved(output)}"
        call = f"train(X, y, params, lr=0.1, epochs=1) with {special}"
        table = () if hidden or output else TRAIN  # fractions next to each other agree by chance
        with naming(table, Task(X, y, params, 0.1, 1, keys=tuple(right))) as seen:
            _, history = pair(seen, impl.train(X, y, params, 0.1, 1))
            comparisons.history(call, history, right, judge.FLOAT64)


def _moved(by: float) -> str:
    return f" {by:+.0e}" if by else ""


def pair(seen: Seen, got: Any) -> tuple[Any, Any]:
    """What train returned, if it is the two things it must return; noted for the mistakes."""
    note(seen, got)
    right = isinstance(got, tuple) and len(got) == 2
    judge.holds(right, "train(…)", "a tuple of Params and History", f"a {type(got).__name__}")
    return got[0], got[1]
