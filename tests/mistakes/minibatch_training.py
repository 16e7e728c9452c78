"""The known mistakes of train: of how the loader is used, of what comes back, and of its defaults.

All of them predict from a Case.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.judging.likeness import Raised, distance
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen
from mistakes.minibatch_histories import HISTORY, TIES
from mistakes.minibatch_runs import Case
from mistakes.minibatch_steps import STEPS
from mistakes.scoring import NO_SEQUENTIAL, NO_TINY_MLP

KEYS = {"loss", "accuracy", "grad_norm", "relu_active"}


def _lists(history: Any) -> bool:
    return isinstance(history, dict) and history.keys() >= KEYS and all(isinstance(history[k], list) for k in KEYS)


def _entries(accepts: Callable[[int], bool]) -> Callable[[Any], bool]:
    """Whether all, or some, of the lists have such a number of entries."""
    return lambda history: _lists(history) and any(accepts(len(history[key])) for key in KEYS)


WITHOUT_AUTOGRAD = Mistake(
    "without_autograd",
    "The steps do not come from autograd: their gradients were found by hand.",
    "Here PyTorch is to find them: backward leaves them in the model's parameters.",
    lambda case=None: Seen(without=True),
)

CALLS = (
    # the test notes how many samples were taken of each order, and of a loader that has orders enough how often
    # it was gone through, how many entries came of it, and how many epochs were asked for
    Mistake(
        "sequential_only",
        "Only an nn.Sequential was provided for.",
        "A TinyMLP has no layers to go through; it gives a Forward.",
        lambda case: UNKNOWN if case.is_sequential else Raised("TypeError AttributeError", NO_TINY_MLP),
    ),
    Mistake(
        "tiny_mlp_only",
        "Only a TinyMLP was provided for.",
        "An nn.Sequential gives one tensor; its pre-activations come from its first layer.",
        lambda case: (
            Raised("AttributeError ValueError TypeError", NO_SEQUENTIAL) if case.is_sequential else UNKNOWN
        ),
    ),
    WITHOUT_AUTOGRAD,
    Mistake(
        "epochs_ignored",
        "The loader was gone through another number of times than `epochs` says.",
        "200 is what it is where none is given.",
        lambda case: Seen(history=_entries(lambda count: count == 200 != len(case.epochs) * len(case.sizes))),
    ),
    Mistake(
        "first_batch_only",
        "Each epoch ended with its first batch.",
        "Look at what ends the loop over the loader.",
        lambda case: Seen(taken=case.sizes[:1] * len(case.epochs)) if len(case.sizes) > 1 else UNKNOWN,
    ),
    Mistake(
        "iterator_made_once",
        "The loader was gone through once, for all the epochs.",
        "An iterator that is used up stays so, and batches that are kept have one order; each epoch begins anew.",
        lambda case: Seen(taken=[sum(case.sizes)], passes=lambda passes: passes[0] == 1),
    ),
    Mistake(
        "epochs_too_few",
        "There were fewer epochs than asked for.",
        "Count them: which is the first, and which the last?",
        lambda case: Seen(passes=lambda passes: passes[0] < passes[2]),
    ),
)


FORM = (
    # the test notes the history, and whether the parameters are still the same tensors
    Mistake(
        "model_returned",
        "More than the history came back.",
        "The model was trained in place, and who called has it already.",
        lambda case: Seen(
            history=lambda got: isinstance(got, (tuple, list)) and any(isinstance(part, dict) for part in got)
        ),
    ),
    Mistake(
        "losses_only",
        "The losses came back alone.",
        "A History has four lists, under their names.",
        lambda case: Seen(history=lambda got: isinstance(got, list) and len(got) > 0),
    ),
    Mistake(
        "key_missing",
        "The history lacks one of its keys: loss, accuracy, grad_norm, relu_active.",
        "Compare their names, letter by letter.",
        lambda case: Seen(history=lambda got: isinstance(got, dict) and not got.keys() >= KEYS),
    ),
    Mistake(
        "entry_per_batch",
        "There is an entry for every batch.",
        "One an epoch is asked for.",
        lambda case: Seen(
            history=_entries(lambda count: count == len(case.epochs) * len(case.sizes) > len(case.epochs))
        ),
    ),
    Mistake(
        "entry_at_end_only",
        "There is one entry, of the end.",
        "One for every epoch is asked for.",
        lambda case: Seen(history=_entries(lambda count: count == 1 < len(case.epochs))),
    ),
    Mistake(
        "entries_off_by_one",
        "There is one entry too many, or one too few.",
        "Count the epochs: is something recorded before the first or after the last of them?",
        lambda case: Seen(history=_entries(lambda count: abs(count - len(case.epochs)) == 1)),
    ),
    Mistake(
        "parameters_replaced",
        "The model has new parameter tensors, with the trained values in them.",
        "Whoever holds the old ones, an optimizer for instance, has lost the model; train them in place.",
        lambda case: Seen(same=False),
    ),
)


def _near(params: Params) -> Callable[[Any], bool]:
    """Fits the end of a long float32 run, where rounding has grown."""
    return lambda got: isinstance(got, Params) and distance(got, params, 2e-3) is not None


def _default_lr(case: Case) -> Either:
    with np.errstate(over="ignore", invalid="ignore"):
        ends = [formulas.trained(case.params, case.epochs, lr) for lr in (0.01, 0.001, 0.05, 0.5, 1.0)]
    return Either(Seen(end=_near(Params(*map(np.asarray, end)))) for end in ends)


DEFAULTS = (
    # the test notes the trained parameters, or what CALLS are told from
    Mistake(
        "other_default_epochs",
        "Where epochs is not given, it is not 200.",
        "Look at the default.",
        lambda case: Seen(passes=lambda passes: passes[0] == passes[1] != passes[2]),
    ),
    Mistake(
        "other_default_lr",
        "Where lr is not given, it is not 0.1.",
        "Look at the default.",
        _default_lr,
    ),
)

RUNS = (*CALLS, *FORM, *STEPS, *HISTORY, *TIES)
"""What a short run tells."""
TRAIN = (*RUNS, *DEFAULTS)
