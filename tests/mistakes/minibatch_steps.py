"""The known mistakes of how train moves the parameters. Each predicts where a whole run of the kind would end."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging.likeness import Raised, distance
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen
from mistakes.minibatch_ends import compared, ending, moved, near, paced
from mistakes.minibatch_runs import (
    Case,
    Rate,
    Run,
    adam,
    by_squares,
    clipped,
    momentum,
    run,
    weight_decay,
)


def _fixed(lr: float) -> Rate:
    return lambda _, epoch, epochs: lr


def _shrinking(factor: float) -> Rate:
    return lambda lr, epoch, epochs: lr * factor**epoch


def _cosine(lr: float, epoch: int, epochs: int) -> float:
    return lr * (1 + math.cos(math.pi * epoch / epochs)) / 2


def _linear(lr: float, epoch: int, epochs: int) -> float:
    return lr * (1 - epoch / epochs)


def _inverse(lr: float, epoch: int, epochs: int) -> float:
    return lr / (1 + epoch)


def _joined(case: Case) -> Run:
    """One step an epoch, on all of its samples."""
    epochs = [
        [(np.concatenate([X for X, _ in batches]), np.concatenate([y for _, y in batches]))]
        for batches in case.epochs
    ]
    return run(Case(case.params, epochs, case.lr, case.leftover))


def _full_only(case: Case) -> Run:
    """Batches smaller than the first are left out."""
    epochs = [[batch for batch in batches if len(batch[1]) == len(batches[0][1])] for batches in case.epochs]
    return run(Case(case.params, epochs, case.lr, case.leftover))


def _first_row(case: Case) -> Any:
    """Of an nn.Sequential's output the first row was taken for all scores."""
    if not case.is_sequential:
        return UNKNOWN

    def rows(case: Case) -> Run:
        epochs = [[(X[:1], np.array([y.mean()])) for X, y in batches] for batches in case.epochs]
        return run(Case(case.params, epochs, case.lr, case.leftover))

    return ending(rows)(case)


def _broadcast(case: Case) -> Either:
    """A column of scores against a row of targets: the loss's function complains, or it is their mean."""
    answers = compared(lambda f, y: np.full_like(y, y.mean()))(case)
    return Either([*answers, Raised("ValueError", r"\(\d+, 1\)")])


def _of_sigmoid(f: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Cross entropy of a sigmoid of f, whose error is sigmoid(f) − y."""
    return f - (1 / (1 + np.exp(-f)) - y)


def _of_sigmoid_squared(f: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The squared error of a sigmoid of f."""
    s = 1 / (1 + np.exp(-f))
    return f - (s - y) * s * (1 - s)


FROZEN: tuple[tuple[str, ...], ...] = (("W1", "W2"), ("W2", "b2"), ("W1", "b1"), ("W1",), ("W2",), ("b2",))


def _untouched(lr: float | None) -> Callable[[Case], Any]:
    """Predict parameters as at the start, and the losses of a run at this learning rate (None: the right one)."""

    def predict(case: Case) -> Any:
        steps = run(case if lr is None else Case(case.params, case.epochs, lr, case.leftover))
        losses = [
            float(np.average([step.loss() for step in epoch], weights=[len(step.y) for step in epoch]))
            for epoch in steps
        ]
        return Seen(params=near(case.params), history={"loss": near(losses)})

    return predict


def _differs(case: Case) -> Seen:
    """At a learning rate of 0 the parameters moved nevertheless."""

    def fits(rest: Any) -> bool:
        return isinstance(rest, Params) and distance(rest, case.params, 1e-3) is None

    return Seen(at_rest=fits)


STEPS = (
    # the test notes the history and the trained parameters, and where a run went wrong also
    # the parameters after one at a learning rate of 0
    Mistake(
        "copy_trained",
        "The model is as it was before; a copy of it was trained, or of its parameters.",
        "It is the model itself that should learn.",
        _untouched(None),
    ),
    Mistake(
        "never_stepped",
        "The parameters never moved.",
        "Who takes the step, once the gradients are there?",
        _untouched(0.0),
    ),
    Mistake(
        "column_against_targets",
        "The nn.Sequential's scores, (B, 1), met the targets, (B,), and were broadcast to (B, B).",
        "Look at the two shapes that go into the loss.",
        _broadcast,
    ),
    Mistake(
        "gradients_never_cleared",
        "The gradients of earlier batches were never cleared: each batch's were added to all before it.",
        "backward adds to what it finds; when should that be nothing?",
        ending(partial(run, clear="never")),
    ),
    Mistake(
        "one_step_an_epoch",
        "One step was taken an epoch, by the gradients of all its batches.",
        "Each batch has a step of its own; that is what mini-batches are for.",
        ending(partial(run, clear="epoch", step="epoch"), partial(run, clear="never", step="epoch"), _joined),
    ),
    Mistake(
        "cleared_once_an_epoch",
        "The gradients were cleared once an epoch: those of its batches added up.",
        "Each batch has a step of its own, by its own gradients.",
        ending(partial(run, clear="epoch")),
    ),
    Mistake(
        "stale_gradients",
        "Gradients that were left over from before leaked into the first step.",
        "You clear them after each step; is that in time for the first one?",
        ending(partial(run, clear="after")),
    ),
    Mistake(
        "loss_summed",
        "The steps went down the sum over each batch, not its mean: they are as many times too large.",
        "A step should not grow with the size of the batch.",
        compared(lambda f, y: f - len(y) * (f - y), lambda f, y: f - 2 * len(y) * (f - y)),
    ),
    Mistake(
        "half_forgotten",
        "The steps are twice too large: the ½ is missing in the loss, or each step was taken twice.",
        "The ½ stands in front of each square, and each batch has one step.",
        compared(lambda f, y: f - 2 * (f - y)),
    ),
    Mistake(
        "other_loss",
        "The steps went down another loss than the mean of ½ (f − y)².",
        "Scores are compared with y as they are: no sigmoid, no entropy, no absolute value.",
        compared(_of_sigmoid, _of_sigmoid_squared, lambda f, y: f - np.sign(f - y)),
    ),
    Mistake(
        "lr_ignored",
        "The lr that was given was not used.",
        "Follow it from the arguments to the step.",
        paced(*(_fixed(lr) for lr in (0.1, 0.01, 0.001, 0.05, 0.5, 1.0))),
    ),
    Mistake(
        "lr_changed",
        "The learning rate changed from epoch to epoch.",
        "Plain SGD keeps it as it was given.",
        paced(*(_shrinking(factor) for factor in (0.1, 0.5, 0.9, 0.95, 0.99)), _cosine, _linear, _inverse),
    ),
    Mistake(
        "momentum",
        "Each step keeps a part of the ones before: this is SGD with momentum.",
        "Plain SGD looks at the present gradients only.",
        moved(*(momentum(factor, how) for factor in (0.9, 0.5, 0.1, 0.8, 0.95, 0.99) for how in (False, True))),
    ),
    Mistake(
        "weight_decay",
        "The parameters shrink a little at each step: there is a weight decay.",
        "Plain SGD follows the gradients of the loss and nothing else.",
        moved(*(weight_decay(factor) for factor in (0.1, 1e-2, 5e-3, 1e-3, 5e-4))),
    ),
    Mistake(
        "adaptive_steps",
        "The steps are those of an optimizer that sets each parameter's own pace, such as Adam.",
        "Plain SGD is asked for: lr times the gradient.",
        moved(adam, partial(adam, 0.01), by_squares(0.99), by_squares(None)),
    ),
    Mistake(
        "gradients_clipped",
        "The gradients were cut to a largest norm.",
        "Plain SGD takes them as they are.",
        moved(*(clipped(norm) for norm in (0.01, 0.05, 0.1, 0.2, 0.5, 1.0))),
    ),
    Mistake(
        "parameters_left_out",
        "Some of the parameters were not trained.",
        "Which ones does the optimizer get? All that the model registers should learn.",
        ending(*(partial(run, learns=names) for names in FROZEN)),
    ),
    Mistake(
        "uphill",
        "The steps went uphill.",
        "Gradients point to where the loss grows.",
        compared(lambda f, y: 2 * f - y),
    ),
    Mistake(
        "small_batch_left_out",
        "The smaller last batch was not trained on.",
        "Every sample of an epoch counts.",
        ending(_full_only),
    ),
    Mistake(
        "first_row_for_scores",
        "Of the nn.Sequential's output the first row was taken for the scores.",
        "It gives one tensor of shape (B, 1), no Forward to unpack.",
        _first_row,
    ),
    Mistake(
        "model_reset",
        "The training began from other parameters than the model's.",
        "It may have been trained before, and should go on from there.",
        _differs,
    ),
)
