"""The known mistakes of what train records of a run that it makes rightly."""

import math
from collections.abc import Callable, Iterable
from itertools import combinations
from typing import Any

import formulas
import numpy as np

from grader.mistakes import Either, Mistake, Seen
from grader.wire import Params
from mistakes.minibatch_runs import Case, Run, Step, end, run
from mistakes.minibatch_steps import APART, near

History = dict[str, list[float]]
Table = dict[str, np.ndarray]
"""For each key what was measured, (epochs, batches)."""
MEANS = ("loss", "accuracy", "relu_active")
FRACTIONS = ("accuracy", "relu_active")


def _norm(grads: Params) -> float:
    return math.sqrt(sum(float(np.vdot(p, p)) for p in grads))


def measured(step: Step, params: Params | None = None) -> dict[str, float]:
    """A batch's part in the history, by the parameters before its step or by others."""
    f, a1, _ = formulas.forward(step.X, step.before if params is None else params)
    return {
        "loss": formulas.loss(f, step.y),
        "accuracy": formulas.accuracy(f, step.y),
        "relu_active": float(np.mean(a1 > 0)),
        "grad_norm": _norm(step.grads),
    }


def _table(steps: Run, measure: Callable[[Step], dict[str, float]]) -> Table:
    rows = [[measure(step) for step in epoch] for epoch in steps]
    return {key: np.array([[row[key] for row in epoch] for epoch in rows]) for key in rows[0][0]}


def _sizes(steps: Run) -> np.ndarray:
    return np.array([[len(step.y) for step in epoch] for epoch in steps], dtype=np.float64)


def _weighted(values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    return np.average(values, axis=1, weights=sizes)


def _right(table: Table, sizes: np.ndarray) -> History:
    """Means over samples, of the norm over batches."""
    return {
        key: (_weighted(values, sizes) if key in MEANS else values.mean(axis=1)).tolist()
        for key, values in table.items()
    }


def _predicted(case: Case, wrong: Callable[[Run], Iterable[History]], alone: bool = True) -> Either:
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

    return lambda case: _predicted(case, wrong, alone)


def measuring(key: str, *ways: Callable[[Step], float]) -> Callable[[Case], Either]:
    """Predict that each batch's part under this key was another."""

    def wrong(steps: Run) -> Iterable[History]:
        return [_right(_table(steps, lambda step, way=way: {key: way(step)}), _sizes(steps)) for way in ways]

    return lambda case: _predicted(case, wrong)


def _after_steps(steps: Run) -> Iterable[History]:
    history = _right(_table(steps, lambda step: measured(step, step.after)), _sizes(steps))
    return [{key: history[key] for key in MEANS}]


def _after_epochs(steps: Run) -> Iterable[History]:
    ends = [[Step(s.X, s.y, s.before, s.grads, epoch[-1].after) for s in epoch] for epoch in steps]
    return _after_steps(ends)


def _of_mean_gradient(steps: Run) -> Iterable[History]:
    """The norm of an epoch's mean gradient, each batch weighing the same or by its size."""
    ways = []
    for power in (0, 1):
        norms = []
        for epoch in steps:
            weights = [float(len(step.y)) ** power for step in epoch]
            grads = [np.average(ps, axis=0, weights=weights) for ps in zip(*(s.grads for s in epoch), strict=True)]
            norms.append(_norm(Params(*grads)))
        ways.append({"grad_norm": norms})
    return ways


def _running(values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """The mean of all samples since the beginning."""
    return np.cumsum((values * sizes).sum(axis=1)) / np.cumsum(sizes.sum(axis=1))


def _output(step: Step) -> np.ndarray:
    return formulas.forward(step.X, step.before).f


def _hidden(step: Step) -> np.ndarray:
    return formulas.forward(step.X, step.before).a1


def _of_names(*names: str) -> Callable[[Step], float]:
    """The norm of these gradients only."""
    return lambda step: math.sqrt(sum(float(np.sum(getattr(step.grads, name) ** 2)) for name in names))


def _each(step: Step) -> list[float]:
    """The norm of each parameter's gradient."""
    return [float(np.linalg.norm(p)) for p in step.grads]


HISTORY = (
    # the test notes the history and the trained parameters
    Mistake(
        "batches_weighed_alike",
        "The smaller last batch weighs as much as the others.",
        "The mean is over the epoch's samples: a batch counts by how many it has.",
        gathered(lambda values, sizes: values.mean(axis=1), keys=MEANS, alone=True),
    ),
    Mistake(
        "active_from_h1",
        "ReLU activity is 1 throughout: after the ReLU nothing is below 0.",
        "Which units are off shows in the pre-activations, or in activations that are exactly 0.",
        measuring("relu_active", lambda step: 1.0),
    ),
    Mistake(
        "active_of_output",
        "ReLU activity was taken of the scores.",
        "The ReLU stands behind the first layer.",
        measuring(
            "relu_active",
            lambda step: float(np.mean(_output(step) > 0)),
            lambda step: float(np.mean(_output(step) >= 0.5)),
        ),
    ),
    Mistake(
        "inactive_counted",
        "The pre-activations that are not above 0 were counted.",
        "Activity is the fraction of those that are.",
        measuring("relu_active", lambda step: float(np.mean(_hidden(step) <= 0))),
    ),
    Mistake(
        "units_counted",
        "Units were counted that work for some sample, or for every one; or how many there are.",
        "It is the fraction of all pre-activations of the batch, units times samples.",
        measuring(
            "relu_active",
            lambda step: float(np.mean((_hidden(step) > 0).any(axis=0))),
            lambda step: float(np.mean((_hidden(step) > 0).all(axis=0))),
            lambda step: float((_hidden(step) > 0).sum(axis=1).mean()),
        ),
    ),
    Mistake(
        "in_percent",
        "A fraction was recorded in percent.",
        "Both accuracy and activity lie between 0 and 1.",
        lambda case: Either(
            [
                *measuring("accuracy", lambda step: 100 * formulas.accuracy(_output(step), step.y))(case),
                *measuring("relu_active", lambda step: 100 * float(np.mean(_hidden(step) > 0)))(case),
            ]
        ),
    ),
    Mistake(
        "threshold_at_zero",
        "For the accuracy the classes were parted at a score of 0.",
        "The targets are 0 and 1; which score lies in the middle?",
        measuring("accuracy", lambda step: float(np.mean((_output(step) >= 0) == (step.y == 1.0)))),
    ),
    Mistake(
        "last_batch_only",
        "What is recorded is the last batch's.",
        "An entry stands for a whole epoch.",
        gathered(lambda values, sizes: values[:, -1], alone=True),
    ),
    Mistake(
        "first_batch_recorded",
        "What is recorded is the first batch's.",
        "An entry stands for a whole epoch.",
        gathered(lambda values, sizes: values[:, 0]),
    ),
    Mistake(
        "recorded_after_step",
        "Recorded was what a forward pass after the step gave.",
        "An entry is made from the forward pass that the step comes from.",
        lambda case: _predicted(case, _after_steps),
    ),
    Mistake(
        "recorded_after_epoch",
        "Recorded was what the model does at the end of the epoch.",
        "An entry is made from each batch's forward pass before its step, while the parameters are on their way.",
        lambda case: _predicted(case, _after_epochs),
    ),
    Mistake(
        "totals_not_reset",
        "What was added up in earlier epochs is still in.",
        "Each epoch begins with nothing.",
        gathered(
            _running,
            lambda values, sizes: np.cumsum((values * sizes).sum(axis=1)) / sizes.sum(axis=1),
            lambda values, sizes: np.cumsum(values.sum(axis=1)) / values.shape[1],
            lambda values, sizes: np.cumsum(values.sum(axis=1)) / np.arange(1, len(values) + 1) / values.shape[1],
        ),
    ),
    Mistake(
        "totals_not_divided",
        "The batches were summed, not averaged.",
        "A mean does not grow with the number of batches.",
        gathered(
            lambda values, sizes: values.sum(axis=1),
            lambda values, sizes: (values * sizes).sum(axis=1),
        ),
    ),
    Mistake(
        "divided_by_other_count",
        "The total was divided by another number than was added up: samples by batches, or batches by samples.",
        "Sum and count must be of the same things.",
        gathered(
            lambda values, sizes: (values * sizes).sum(axis=1) / values.shape[1],
            lambda values, sizes: values.sum(axis=1) / sizes.sum(axis=1),
        ),
    ),
    Mistake(
        "norm_weighed",
        "The gradient norm was weighed by the sizes of the batches.",
        "Of the norm it is the plain mean over the batches.",
        gathered(_weighted, keys=("grad_norm",)),
    ),
    Mistake(
        "norm_of_mean_gradient",
        "The gradients were averaged over the epoch before their norm was taken.",
        "Each batch has its norm, and those are averaged.",
        lambda case: _predicted(case, _of_mean_gradient),
    ),
    Mistake(
        "norms_summed",
        "The norms of the parameters' gradients were added up, or averaged.",
        "There is one norm, over all entries together: what is added up before the root is taken?",
        measuring("grad_norm", lambda step: sum(_each(step)), lambda step: sum(_each(step)) / 4),
    ),
    Mistake(
        "norm_of_some",
        "The gradient norm leaves parameters out.",
        "It is taken over all four together, biases too.",
        measuring(
            "grad_norm",
            *(_of_names(*names) for count in (1, 2, 3) for names in combinations(Params._fields, count)),
        ),
    ),
    Mistake(
        "norm_squared",
        "The gradient norm is squared: the root is missing.",
        "A 2-norm is the root of a sum of squares.",
        measuring("grad_norm", lambda step: _norm(step.grads) ** 2),
    ),
    Mistake(
        "other_norm",
        "Another norm than the 2-norm was taken of the gradients.",
        "The 2-norm is the root of the sum of squares over all entries.",
        measuring(
            "grad_norm",
            lambda step: max(_each(step)),
            lambda step: max(float(np.abs(p).max()) for p in step.grads),
            lambda step: sum(float(np.abs(p).sum()) for p in step.grads),
            lambda step: _norm(step.grads) / math.sqrt(sum(np.size(p) for p in step.grads)),
        ),
    ),
    Mistake(
        "norm_of_parameters",
        "The norm is that of the parameters, not of their gradients.",
        "A parameter holds its values, and beside them its gradient.",
        measuring("grad_norm", lambda step: _norm(step.before), lambda step: _norm(step.after)),
    ),
    Mistake(
        "half_forgotten_in_history",
        "The recorded loss is twice too large: the ½ is missing.",
        "The steps are right; the history should hold the same loss.",
        measuring("loss", lambda step: 2 * step.loss()),
    ),
)


def _tied(key: str, measure: Callable[[Step], float]) -> Callable[[Case], Any]:
    """Predict one batch's entry, where values lie exactly on the border."""
    return lambda case: Seen(history={key: near([measure(run(case)[0][0])])})


TIES = (
    # of a run of one batch; the test notes the history
    Mistake(
        "active_at_zero",
        "A pre-activation of exactly 0 was counted as active.",
        "The ReLU lets nothing through there; look at the comparison.",
        _tied("relu_active", lambda step: float(np.mean(_hidden(step) >= 0))),
    ),
    Mistake(
        "half_left_out",
        "A score of exactly 0.5 was put in class 0.",
        "It belongs to class 1; look at the comparison.",
        _tied("accuracy", lambda step: float(np.mean((_output(step) > 0.5) == (step.y == 1.0)))),
    ),
)
