"""The known mistakes of what train records of a run that it makes rightly."""

import math
from collections.abc import Callable
from itertools import combinations
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.judging.mistakes import Either, Mistake, Seen
from mistakes.minibatch_ends import near
from mistakes.minibatch_records import (
    MEANS,
    after_epochs,
    after_steps,
    each_norm,
    gathered,
    hidden,
    measuring,
    norm,
    of_mean_gradient,
    of_names,
    output,
    recorded,
    running,
    weighted,
)
from mistakes.minibatch_runs import Case, Step, run

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
        "ReLU activity is 1 throughout: what was looked at is never below 0, as after the ReLU.",
        "It is the fraction of pre-activations above 0: of what goes into the ReLU.",
        measuring("relu_active", lambda step: 1.0),
    ),
    Mistake(
        "active_of_output",
        "ReLU activity was taken of the scores.",
        "The ReLU stands behind the first layer.",
        measuring(
            "relu_active",
            lambda step: float(np.mean(output(step) > 0)),
            lambda step: float(np.mean(output(step) >= 0.5)),
        ),
    ),
    Mistake(
        "inactive_counted",
        "The pre-activations that are not above 0 were counted.",
        "Activity is the fraction of those that are.",
        measuring("relu_active", lambda step: float(np.mean(hidden(step) <= 0))),
    ),
    Mistake(
        "units_counted",
        "Units were counted that work for some sample, or for every one; or how many there are.",
        "It is the fraction of all pre-activations of the batch, units times samples.",
        measuring(
            "relu_active",
            lambda step: float(np.mean((hidden(step) > 0).any(axis=0))),
            lambda step: float(np.mean((hidden(step) > 0).all(axis=0))),
            lambda step: float((hidden(step) > 0).sum(axis=1).mean()),
        ),
    ),
    Mistake(
        "in_percent",
        "A fraction was recorded in percent.",
        "Both accuracy and activity lie between 0 and 1.",
        lambda case: Either(
            [
                *measuring("accuracy", lambda step: 100 * formulas.accuracy(output(step), step.y))(case),
                *measuring("relu_active", lambda step: 100 * float(np.mean(hidden(step) > 0)))(case),
            ]
        ),
    ),
    Mistake(
        "threshold_at_zero",
        "For the accuracy the classes were parted at a score of 0.",
        "The targets are 0 and 1; which score lies in the middle?",
        measuring("accuracy", lambda step: float(np.mean((output(step) >= 0) == (step.y == 1.0)))),
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
        lambda case: recorded(case, after_steps),
    ),
    Mistake(
        "recorded_after_epoch",
        "Recorded was what the model does at the end of the epoch.",
        "An entry is made from each batch's forward pass before its step, while the parameters are on their way.",
        lambda case: recorded(case, after_epochs),
    ),
    Mistake(
        "totals_not_reset",
        "What was added up in earlier epochs is still in.",
        "Each epoch begins with nothing.",
        gathered(
            running,
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
        gathered(weighted, keys=("grad_norm",)),
    ),
    Mistake(
        "norm_of_mean_gradient",
        "The gradients were averaged over the epoch before their norm was taken.",
        "Each batch has its norm, and those are averaged.",
        lambda case: recorded(case, of_mean_gradient),
    ),
    Mistake(
        "norms_summed",
        "The norms of the parameters' gradients were added up, or averaged.",
        "There is one norm, over all entries together: what is added up before the root is taken?",
        measuring("grad_norm", lambda step: sum(each_norm(step)), lambda step: sum(each_norm(step)) / 4),
    ),
    Mistake(
        "norm_of_some",
        "The gradient norm leaves parameters out.",
        "It is taken over all four together, biases too.",
        measuring(
            "grad_norm",
            *(of_names(*names) for count in (1, 2, 3) for names in combinations(Params._fields, count)),
        ),
    ),
    Mistake(
        "norm_squared",
        "The gradient norm is squared: the root is missing.",
        "A 2-norm is the root of a sum of squares.",
        measuring("grad_norm", lambda step: norm(step.grads) ** 2),
    ),
    Mistake(
        "other_norm",
        "Another norm than the 2-norm was taken of the gradients.",
        "The 2-norm is the root of the sum of squares over all entries.",
        measuring(
            "grad_norm",
            lambda step: max(each_norm(step)),
            lambda step: max(float(np.abs(p).max()) for p in step.grads),
            lambda step: sum(float(np.abs(p).sum()) for p in step.grads),
            lambda step: norm(step.grads) / math.sqrt(sum(np.size(p) for p in step.grads)),
        ),
    ),
    Mistake(
        "norm_of_parameters",
        "The norm is that of the parameters, not of their gradients.",
        "A parameter holds its values, and beside them its gradient.",
        measuring("grad_norm", lambda step: norm(step.before), lambda step: norm(step.after)),
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
        _tied("relu_active", lambda step: float(np.mean(hidden(step) >= 0))),
    ),
    Mistake(
        "half_left_out",
        "A score of exactly 0.5 was put in class 0.",
        "It belongs to class 1; look at the comparison.",
        _tied("accuracy", lambda step: float(np.mean((output(step) > 0.5) == (step.y == 1.0)))),
    ),
)
