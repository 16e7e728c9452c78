"""What train records of a run, rightly and by mistake: the formulas behind the table of such mistakes."""

import math
from collections.abc import Callable, Iterable
from itertools import combinations

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.judging.mistakes import Either, Seen
from mistakes.minibatch_ends import APART, near
from mistakes.minibatch_runs import Case, Run, Step, end, run

History = dict[str, list[float]]
Table = dict[str, np.ndarray]
"""For each key what was measured, (epochs, batches)."""
MEANS = ("loss", "accuracy", "relu_active")
FRACTIONS = ("accuracy", "relu_active")


def norm(grads: Params) -> float:
    """The 2-norm over all parameters together."""
    return math.sqrt(sum(float(np.vdot(p, p)) for p in grads))


def measured(step: Step, params: Params | None = None) -> dict[str, float]:
    """A batch's part in the history, by the parameters before its step or by others."""
    f, a1, _ = formulas.forward(step.X, step.before if params is None else params)
    return {
        "loss": formulas.loss(f, step.y),
        "accuracy": formulas.accuracy(f, step.y),
        "relu_active": float(np.mean(a1 > 0)),
        "grad_norm": norm(step.grads),
    }


def _table(steps: Run, measure: Callable[[Step], dict[str, float]]) -> Table:
    rows = [[measure(step) for step in epoch] for epoch in steps]
    return {key: np.array([[row[key] for row in epoch] for epoch in rows]) for key in rows[0][0]}


def _sizes(steps: Run) -> np.ndarray:
    return np.array([[len(step.y) for step in epoch] for epoch in steps], dtype=np.float64)


def weighted(values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The mean over the samples of each epoch."""
    return np.average(values, axis=1, weights=sizes)


def _right(table: Table, sizes: np.ndarray) -> History:
    """Means over samples, of the norm over batches."""
    return {
        key: (weighted(values, sizes) if key in MEANS else values.mean(axis=1)).tolist()
        for key, values in table.items()
    }


def recorded(case: Case, wrong: Callable[[Run], Iterable[History]], alone: bool = True) -> Either:
    """Predict a right run of which some of these keys were recorded so, the others rightly.

    Fractions can agree by chance, so with them all keys count; a loss or a norm is told by itself.
    alone: whether people make the mistake with a fraction and not with the loss.
    """
    steps = run(case)
    right = _right(_table(steps, measured), _sizes(steps))
    params = near(end(steps))
    ways = []
    for history in wrong(steps):
        apart = [key for key, values in history.items() if np.abs(np.subtract(values, right[key])).max() > APART]
        for count in range(1, len(apart) + 1):
            for keys in combinations(apart, count):
                if not alone and {*keys} <= {*FRACTIONS}:
                    continue
                told = right | {key: history[key] for key in keys}
                ways.append(Seen(params=params, history={key: near(values) for key, values in told.items()}))
        ways += [Seen(params=params, history={key: near(history[key])}) for key in apart if key not in FRACTIONS]
    return Either(ways)


Gather = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""From what was measured of each batch (epochs, batches), and their sizes, one number an epoch."""


def gathered(
    *ways: Gather, keys: tuple[str, ...] = (*MEANS, "grad_norm"), alone: bool = False
) -> Callable[[Case], Either]:
    """Predict that the batches' measures of these keys were put together otherwise."""

    def wrong(steps: Run) -> Iterable[History]:
        table, sizes = _table(steps, measured), _sizes(steps)
        return [{key: way(table[key], sizes).tolist() for key in keys} for way in ways]

    return lambda case: recorded(case, wrong, alone)


def measuring(key: str, *ways: Callable[[Step], float]) -> Callable[[Case], Either]:
    """Predict that each batch's part under this key was another."""

    def wrong(steps: Run) -> Iterable[History]:
        return [_right(_table(steps, lambda step, way=way: {key: way(step)}), _sizes(steps)) for way in ways]

    return lambda case: recorded(case, wrong)


def after_steps(steps: Run) -> Iterable[History]:
    """What the means would be by the parameters after each step."""
    history = _right(_table(steps, lambda step: measured(step, step.after)), _sizes(steps))
    return [{key: history[key] for key in MEANS}]


def after_epochs(steps: Run) -> Iterable[History]:
    """What the means would be by the parameters at the end of each epoch."""
    ends = [[Step(s.X, s.y, s.before, s.grads, epoch[-1].after) for s in epoch] for epoch in steps]
    return after_steps(ends)


def of_mean_gradient(steps: Run) -> Iterable[History]:
    """The norm of an epoch's mean gradient, each batch weighing the same or by its size."""
    ways = []
    for power in (0, 1):
        norms = []
        for epoch in steps:
            weights = [float(len(step.y)) ** power for step in epoch]
            grads = [np.average(ps, axis=0, weights=weights) for ps in zip(*(s.grads for s in epoch), strict=True)]
            norms.append(norm(Params(*grads)))
        ways.append({"grad_norm": norms})
    return ways


def running(values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The mean of all samples since the beginning."""
    return np.cumsum((values * sizes).sum(axis=1)) / np.cumsum(sizes.sum(axis=1))


def output(step: Step) -> np.ndarray:
    """The scores before the step."""
    return formulas.forward(step.X, step.before).f


def hidden(step: Step) -> np.ndarray:
    """The pre-activations before the step."""
    return formulas.forward(step.X, step.before).a1


def of_names(*names: str) -> Callable[[Step], float]:
    """The norm of these gradients only."""
    return lambda step: math.sqrt(sum(float(np.sum(getattr(step.grads, name) ** 2)) for name in names))


def each_norm(step: Step) -> list[float]:
    """The norm of each parameter's gradient."""
    return [float(np.linalg.norm(p)) for p in step.grads]
