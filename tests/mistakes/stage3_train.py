"""The known mistakes of stage 3's train. Each predicts from the call, a training_runs.Task."""

import re
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.judging.likeness import Raised, distance
from grader.judging.mistakes import EXACT, UNKNOWN, Either, Mistake, Seen
from grader.outside.verdicts import NoAnswer
from mistakes import chain_rule, histories, training_runs
from mistakes.chain_rule import chain_rule as by_chain_rule
from mistakes.histories import (
    begins_right,
    in_history,
    of_lengths,
    of_rules,
    of_starts,
    parameters,
    recorded,
    returned,
)
from mistakes.training_runs import (
    RECORDS,
    Task,
    by_gradients,
    by_rate,
    entries,
    frozen,
    gives_nothing,
    in_batches,
    path,
    with_momentum,
    with_own,
)

COMMON_RATES = (1.0, 0.5, 0.2, 0.1, 0.05, 0.01, 0.001)
BOUNDS = (0.1, 0.5, 1.0, 5.0, 10.0, 100.0, 1000.0)
"""For clipping."""


def _other_data(task: Task) -> Any:
    """The data by default, on which parameters for another D cannot work."""
    d = task.X.shape[1]
    if d != 2:
        return Raised("ValueError", rf"size {d} is different from 2\b|not aligned")
    X, y = formulas.xor(n=200, seed=0)
    return of_starts(lambda own: own.params)(_with_data(task, X, y)) if len(task.y) != 200 else UNKNOWN


def _with_data(task: Task, X: np.ndarray, y: np.ndarray) -> Task:
    return Task(X, y, task.params, task.lr, task.epochs, task.given, task.keys)


def _other_start(task: Task) -> Any:
    """The parameters by default, of these sizes; or of their own, on which X of another D cannot work."""
    d, h = task.X.shape[1], len(task.params.b1)
    starts = [formulas.start(seed, d, h) for seed in (1, 0)]
    if d == 2:
        starts.append(formulas.start())
    by_run = of_starts(*(lambda task, start=start: start for start in starts))(task)
    return Either([*by_run, *([Raised("ValueError", rf"size 2 is different from {d}\b")] if d != 2 else [])])


def _of_grads(size: Any) -> training_runs.Record:
    """A record of the gradients."""
    return lambda X, y, params: size(chain_rule.right(X, y, params))


def _of_f(size: Any) -> training_runs.Record:
    """A record of the scores and the classes."""
    return lambda X, y, params: float(np.mean(size(formulas.forward(X, params).f, y)))


def _of_a1(size: Any) -> training_runs.Record:
    """A record of the pre-activations."""
    return lambda X, y, params: float(np.mean(size(formulas.forward(X, params).a1)))


def _each_norm(grads: Params) -> list[float]:
    return [float(np.linalg.norm(g)) for g in grads]


def _is_history(value: Any) -> bool:
    return isinstance(value, dict)


def _never_stepped(task: Task) -> Any:
    """The parameters as they were, and a history that does not move."""
    if task.epochs > training_runs.SHOWN:
        return UNKNOWN
    start = task.params
    flat = [RECORDS["loss"](task.X, task.y, start)] * task.epochs
    return (
        Seen(params=Params(*(np.asarray(p) for p in start)), first={"loss": flat}) if task.epochs > 1 else UNKNOWN
    )


def _forward_once(task: Task) -> Any:
    """A loss that stays what it was at the start."""
    flat = [RECORDS["loss"](task.X, task.y, task.params)] * task.shown
    return Seen(first={"loss": flat}) if task.epochs > 1 else UNKNOWN


def _with_rates(given: bool) -> Any:
    """Predict runs with a learning rate that people write down; given: where another one was asked for."""
    rules = [by_rate(lambda task, epoch, rate=rate: rate) for rate in COMMON_RATES]
    return lambda task: of_rules(*rules)(task) if task.given == given else UNKNOWN


def _of_own(name: str, *others: str) -> Any:
    """Predict what comes of a wrong function of the learner's own, alone or with others: a run, or what it raises.

    Where the run is another one still, such a function is the last resort.
    """
    last_resort = Seen(anything=histories.LAST_RESORT)

    def predict(task: Task) -> Any:
        if task.ask is None:
            return UNKNOWN
        try:
            if gives_nothing(task, name):
                return Raised("AttributeError TypeError", "NoneType")
            by_name, by_all = (
                entries(task, path(task, with_own(*names))[:-1], RECORDS["loss"])
                for names in ((name,), (name, *others))
            )
        except NoAnswer as answer:
            return Raised(" ".join(answer.kinds), re.escape(answer.text)) if answer.kinds else last_resort
        right = entries(task, path(task)[:-1], RECORDS["loss"])
        if distance(by_name, right, near=EXACT) is not None:
            return UNKNOWN
        return Either([Seen(first={"loss": by_name}), Seen(first={"loss": by_all}), last_resort])

    return predict


RULES = (
    Mistake(
        "backward_wrong",
        "backward is wrong, and a run along its gradients goes wrong with it.",
        "Mend backward first, by what its own tests say; then look here again.",
        _of_own("backward", "sgd_step"),
    ),
    Mistake(
        "sgd_step_wrong",
        "sgd_step is wrong, and a run by its steps goes wrong with it.",
        "Mend sgd_step first, by what its own tests say; then look here again.",
        _of_own("sgd_step"),
    ),
    Mistake(
        "never_stepped",
        "The parameters never move: every epoch records the same.",
        "A step gives new parameters; who takes them over for the next epoch?",
        _never_stepped,
    ),
    Mistake(
        "forward_once",
        "Every epoch records the same loss, though the parameters move: the forward pass ran only once.",
        "Scores belong to the parameters they were computed with; after a step both are new.",
        _forward_once,
    ),
    Mistake(
        "gradients_once",
        "The gradients of the first epoch are used in all of them.",
        "Gradients belong to the parameters they were computed at.",
        of_rules(training_runs.with_old_values),
    ),
    Mistake(
        "ascent",
        "The loss climbs: the steps go uphill.",
        "The gradient points to where the loss grows.",
        of_rules(by_rate(lambda task, epoch: -task.lr)),
    ),
    Mistake(
        "lr_ignored",
        "The learning rate that was given was not used.",
        "0.1 is what lr is where none is given.",
        _with_rates(given=True),
    ),
    Mistake(
        "other_default_lr",
        "Where no learning rate is given, another one than 0.1 was taken.",
        "Look at the line with `def`.",
        _with_rates(given=False),
    ),
    Mistake(
        "lr_decay",
        "The learning rate changes from epoch to epoch.",
        "Plain gradient descent keeps the lr that it is given.",
        of_rules(
            *(by_rate(lambda task, k, slow=slow: task.lr / (1 + k / slow)) for slow in (1, 10, 100, 1000)),
            *(
                by_rate(lambda task, k, factor=factor: task.lr * factor**k)
                for factor in (0.5, 0.9, 0.95, 0.99, 0.999)
            ),
            by_rate(lambda task, k: task.lr * (1 - k / task.epochs)),
            by_rate(lambda task, k: task.lr / (1 + k / task.epochs)),
            by_rate(lambda task, k: task.lr / np.sqrt(k + 1)),
        ),
    ),
    Mistake(
        "momentum",
        "Gradients of earlier epochs are in the steps: this is momentum.",
        "A plain step knows the gradients of its own epoch only.",
        of_rules(
            *(with_momentum(factor) for factor in (0.5, 0.8, 0.9, 0.95, 0.99)),
            *(with_momentum(factor, 1 - factor) for factor in (0.5, 0.8, 0.9, 0.95, 0.99)),
        ),
    ),
    Mistake(
        "accumulated",
        "The gradients of all epochs so far are added up.",
        "Each epoch begins with gradients of its own.",
        of_rules(with_momentum(1.0)),
    ),
    Mistake(
        "summed",
        "The steps are those of gradients that were summed over the batch, not averaged: N times too long.",
        "How many times is 1/N taken on the way from the loss to the step?",
        of_rules(by_rate(lambda task, epoch: task.lr * len(task.y))),
    ),
    Mistake(
        "averaged_twice",
        "The steps are N times too short: it was averaged over the batch twice.",
        "How many times is 1/N taken on the way from the loss to the step?",
        of_rules(by_rate(lambda task, epoch: task.lr / len(task.y))),
    ),
    Mistake(
        "lr_squared",
        "It was multiplied by the learning rate twice.",
        "Where does lr come in, and does the step itself apply it as well?",
        of_rules(by_rate(lambda task, epoch: task.lr**2)),
    ),
    Mistake(
        "biases_frozen",
        "The biases stay where they were.",
        "All four parameters are trained.",
        of_rules(frozen("b1", "b2")),
    ),
    Mistake(
        "partly_frozen",
        "Not all parameters are trained.",
        "Compare all four before and after the run: which ones stay the same?",
        of_rules(
            *(frozen(name) for name in Params._fields),
            *(frozen(*names) for names in (("W1", "b1"), ("W2", "b2"), ("W1", "W2"), ("b1", "W2"), ("W1", "b2"))),
            *(frozen(*(n for n in Params._fields if n != name)) for name in Params._fields),
        ),
    ),
    Mistake(
        "output_moved_first",
        "W2 was moved before the error went back through it.",
        "All gradients of a step belong to the same parameters: first all four, then the step.",
        of_rules(training_runs.output_first),
    ),
    Mistake(
        "step_for_each_sample",
        "Each sample had a step of its own.",
        "Full-batch descent takes one step an epoch, along the mean over all samples.",
        of_rules(in_batches(1)),
    ),
    Mistake(
        "mini_batches",
        "An epoch took several steps, on batches.",
        "Full-batch descent takes one step an epoch, on all samples; mini-batches come in stage 6.",
        lambda task: Either(
            [
                *of_rules(*(in_batches(size) for size in (2, 4, 8, 10, 16, 20, 32, 50, 64, 100)))(task),
                histories.several_steps(task),
            ]
        ),
    ),
    Mistake(
        "one_sample_an_epoch",
        "Each step was taken on one sample alone.",
        "Full-batch descent uses all samples in every step.",
        histories.one_sample_an_epoch,
    ),
    Mistake(
        "weight_decay",
        "The weights shrink by a share of themselves in every step: this is weight decay.",
        "Only the gradients of the loss are to move them.",
        of_rules(
            *(
                by_gradients(
                    lambda X, y, params, share=share, names=names: chain_rule.right(X, y, params)._replace(
                        **{
                            n: getattr(chain_rule.right(X, y, params), n) + share * getattr(params, n)
                            for n in names
                        }
                    )
                )
                for share in (1e-4, 1e-3, 1e-2, 0.1)
                for names in (("W1", "W2"), Params._fields)
            )
        ),
    ),
    Mistake(
        "normalised",
        "The gradients were divided by their norm.",
        "Plain gradient descent goes far where it is steep.",
        of_rules(by_gradients(chain_rule.after(chain_rule.normalised))),
    ),
    Mistake(
        "clipped",
        "Large gradients were clipped.",
        "That is a trick for runs that explode; here the steps are plain.",
        of_rules(
            *(by_gradients(chain_rule.after(chain_rule.clipped, c)) for c in BOUNDS),
            *(by_gradients(chain_rule.after(chain_rule.shortened, c)) for c in BOUNDS),
        ),
    ),
    Mistake(
        "wrong_gradients",
        "This is a right run along wrong gradients: those of a ReLU, a loss or a layer that is not all there.",
        "The steps need the gradients that `backward` is asked for: where does train take its own from?",
        of_rules(
            by_rate(lambda task, epoch: 2 * task.lr),
            by_rate(lambda task, epoch: task.lr / 2),
            *(by_gradients(by_chain_rule(slope=slope)) for slope in (np.ones_like, formulas.relu, np.sign)),
            by_gradients(by_chain_rule(activation=lambda out: out.a1)),
            by_gradients(by_chain_rule(weights=lambda params: np.ones_like(params.b1))),
            *(
                by_gradients(by_chain_rule(error=error))
                for error in (lambda f, y: f, lambda f, y: np.ones_like(f))
            ),
        ),
    ),
    Mistake(
        "params_ignored",
        "The run starts from other parameters than those that were passed.",
        "Who calls decides where the training starts.",
        _other_start,
    ),
    Mistake(
        "data_ignored",
        "The run is on other data than those that were passed.",
        "X and y are arguments; what becomes of them?",
        _other_data,
    ),
)

RECORDED = (
    Mistake(
        "recorded_after_step",
        "Something was recorded after the epoch's step.",
        "The first entry of each list belongs to the parameters that were passed in, before they move.",
        histories.recorded_later,
    ),
    Mistake(
        "loss_without_half",
        "The losses recorded are twice too large: the ½ is missing.",
        "Stage 2 has a loss already.",
        recorded("loss", lambda X, y, params: 2 * RECORDS["loss"](X, y, params)),
    ),
    Mistake(
        "loss_summed",
        "The losses recorded were summed over the samples.",
        "The loss is a mean.",
        recorded("loss", lambda X, y, params: len(y) * RECORDS["loss"](X, y, params)),
    ),
    Mistake(
        "half_left_out",
        "The accuracy recorded puts a score of exactly 0.5 in class 0.",
        "It belongs to class 1; stage 2 has an accuracy already.",
        recorded("accuracy", _of_f(lambda f, y: (f > 0.5) == (y == 1.0))),
    ),
    Mistake(
        "error_rate",
        "The error rate was recorded, not the accuracy.",
        "The fraction of samples that are right is asked for.",
        recorded("accuracy", lambda X, y, params: 1 - RECORDS["accuracy"](X, y, params)),
    ),
    Mistake(
        "accuracy_in_percent",
        "The accuracy was recorded in percent, or as a number of samples.",
        "It is a fraction, between 0 and 1.",
        recorded(
            "accuracy",
            lambda X, y, params: 100 * RECORDS["accuracy"](X, y, params),
            lambda X, y, params: len(y) * RECORDS["accuracy"](X, y, params),
        ),
    ),
    Mistake(
        "threshold_at_zero",
        "The accuracy recorded parts the classes at a score of 0.",
        "The targets are 0 and 1; which score lies in the middle?",
        recorded(
            "accuracy", _of_f(lambda f, y: (f >= 0) == (y == 1.0)), _of_f(lambda f, y: (f > 0) == (y == 1.0))
        ),
    ),
    Mistake(
        "norm_squared",
        "The gradient norms recorded are squares: the root is missing.",
        "The 2-norm of (3, 4) is 5.",
        recorded("grad_norm", lambda X, y, params: RECORDS["grad_norm"](X, y, params) ** 2),
    ),
    Mistake(
        "norms_added",
        "The norms of the four gradients were added up.",
        "All entries of all four together are one long vector; its norm is asked for.",
        recorded(
            "grad_norm",
            _of_grads(lambda grads: sum(_each_norm(grads))),
            _of_grads(lambda grads: float(np.mean(_each_norm(grads)))),
        ),
    ),
    Mistake(
        "norm_of_some",
        "The gradient norm recorded leaves some parameters out.",
        "It is taken over all four together, the biases as well.",
        recorded(
            "grad_norm",
            *(
                _of_grads(
                    lambda grads, names=names: float(np.hypot.reduce([np.linalg.norm(grads[n]) for n in names]))
                )
                for names in (
                    (0, 2),
                    (0,),
                    (1,),
                    (2,),
                    (3,),
                    (0, 1),
                    (2, 3),
                    (0, 1, 2),
                    (1, 3),
                    (0, 2, 3),
                    (1, 2, 3),
                )
            ),
        ),
    ),
    Mistake(
        "other_norm",
        "Another norm than the 2-norm was recorded.",
        "Squares, their sum, and a root: the length of a vector.",
        recorded(
            "grad_norm",
            _of_grads(lambda grads: max(float(np.abs(g).max()) for g in grads)),
            _of_grads(lambda grads: sum(float(np.abs(g).sum()) for g in grads)),
            _of_grads(lambda grads: max(_each_norm(grads))),
            _of_grads(lambda grads: float(np.linalg.norm(grads.W1, 2))),
        ),
    ),
    Mistake(
        "norm_averaged",
        "The gradient norm was averaged over the entries.",
        "A norm is a length: a sum of squares and a root, with no mean in it.",
        recorded(
            "grad_norm",
            _of_grads(lambda grads: chain_rule.norm(grads) / np.sqrt(sum(np.size(g) for g in grads))),
            _of_grads(lambda grads: chain_rule.norm(grads) / sum(np.size(g) for g in grads)),
            _of_grads(lambda grads: sum(float(np.abs(g).sum()) for g in grads) / sum(np.size(g) for g in grads)),
            _of_grads(lambda grads: float(np.mean([np.abs(g).mean() for g in grads]))),
        ),
    ),
    Mistake(
        "norm_of_step",
        "The norm of the step was recorded: the learning rate is in it.",
        "How steep the loss is does not depend on lr.",
        lambda task: recorded("grad_norm", _of_grads(lambda grads: task.lr * chain_rule.norm(grads)))(task),
    ),
    Mistake(
        "norm_of_parameters",
        "The norm of the parameters was recorded, not that of the gradients.",
        "It should go to 0 where the loss is flat.",
        recorded("grad_norm", lambda X, y, params: chain_rule.norm(params)),
    ),
    Mistake(
        "active_at_zero",
        "A pre-activation of exactly 0 was counted as active.",
        "ReLU passes on what is above 0; look at the comparison.",
        recorded("relu_active", _of_a1(lambda a1: a1 >= 0)),
    ),
    Mistake(
        "always_active",
        "relu_active is always 1: every unit counts as active.",
        "h1 is never below 0, and a unit as a whole is on for some sample or other; look at each entry of a1.",
        recorded("relu_active", lambda X, y, params: 1.0),
    ),
    Mistake(
        "active_of_units",
        "Units were counted, not pre-activations.",
        "Each of the N × H entries of a1 is on or off by itself.",
        recorded(
            "relu_active",
            _of_a1(lambda a1: (a1 > 0).any(axis=0)),
            _of_a1(lambda a1: (a1 > 0).all(axis=0)),
            _of_a1(lambda a1: (a1 > 0).any(axis=1)),
        ),
    ),
    Mistake(
        "inactive_fraction",
        "The fraction of units that are off was recorded.",
        "relu_active counts those that are on.",
        recorded("relu_active", _of_a1(lambda a1: a1 <= 0), _of_a1(lambda a1: a1 < 0)),
    ),
    Mistake(
        "active_counted",
        "The active units were counted, or came in percent.",
        "A fraction is asked for, between 0 and 1.",
        recorded(
            "relu_active",
            lambda X, y, params: float(np.sum(formulas.forward(X, params).a1 > 0)),
            lambda X, y, params: 100 * RECORDS["relu_active"](X, y, params),
            lambda X, y, params: float(np.sum(formulas.forward(X, params).a1 > 0) / len(y)),
        ),
    ),
    Mistake(
        "values_averaged",
        "The mean of the hidden values was recorded, not how many of them are on.",
        "On or off, that is all that counts here.",
        recorded("relu_active", _of_a1(formulas.relu), _of_a1(lambda a1: a1)),
    ),
)

FORMS = (
    Mistake(
        "nothing_returned",
        "The function gives None.",
        "Does it end in a `return` with the parameters and the history?",
        returned(lambda got: got is None),
    ),
    Mistake(
        "swapped",
        "The two results are the wrong way round.",
        "First the trained parameters, then the history.",
        returned(
            lambda got: (
                isinstance(got, tuple) and len(got) == 2 and _is_history(got[0]) and not _is_history(got[1])
            )
        ),
    ),
    Mistake(
        "one_of_two",
        "Only one of the two results came.",
        "Both are asked for: the trained parameters, and the history.",
        returned(lambda got: _is_history(got) or isinstance(got, Params)),
    ),
    Mistake(
        "other_than_a_pair",
        "Not a pair came.",
        "Two results are asked for, as a tuple: the trained parameters, and the history.",
        returned(lambda got: isinstance(got, (list, tuple)) and not (isinstance(got, tuple) and len(got) == 2)),
    ),
    Mistake(
        "arrays_for_lists",
        "The history holds arrays, where lists are asked for.",
        "A History is a dict of lists of floats.",
        in_history(lambda got, task: any(isinstance(got.get(key), (np.ndarray, tuple)) for key in task.keys)),
    ),
    Mistake(
        "key_missing",
        "One of the four lists is missing from the history.",
        "Its keys are loss, accuracy, grad_norm and relu_active.",
        in_history(lambda got, task: any(key not in got for key in task.keys)),
    ),
    Mistake(
        "list_empty",
        "One of the four lists stayed empty.",
        "Each gets an entry in every epoch.",
        in_history(lambda got, task: any(got[key] == [] for key in task.keys if isinstance(got.get(key), list))),
    ),
    Mistake(
        "one_entry_more",
        "There is one entry too many.",
        "An entry belongs to each epoch, taken before its step; after the last step nothing is recorded.",
        of_lengths(lambda got, right, task: len(got) == task.epochs + 1 and begins_right(got, right)),
    ),
    Mistake(
        "one_entry_less",
        "There is one entry too few.",
        "Count the epochs: where does the loop start, and where does it end?",
        of_lengths(lambda got, right, task: len(got) == task.epochs - 1),
    ),
    Mistake(
        "not_every_epoch",
        "Not every epoch was recorded.",
        "Print as rarely as you like, but record each one.",
        of_lengths(histories.not_every_epoch),
    ),
    Mistake(
        "epochs_ignored",
        "The number of epochs that was given was not used.",
        "1000 is what epochs is where none is given.",
        of_lengths(
            lambda got, right, task: (
                task.given and len(got) in histories.ROUND_NUMBERS and len(got) >= max(100, task.epochs)
            )
        ),
    ),
    Mistake(
        "other_default_epochs",
        "Where no number of epochs is given, another one than 1000 was taken.",
        "Look at the line with `def`.",
        of_lengths(
            lambda got, right, task: not task.given and len(got) in histories.ROUND_NUMBERS and len(got) >= 100
        ),
    ),
    Mistake(
        "stopped_early",
        "The run stopped early.",
        "It goes on for as many epochs as it is told, however small the loss.",
        of_lengths(lambda got, right, task: len(got) < task.epochs and begins_right(got, right)),
    ),
    Mistake(
        "went_on",
        "The run went on beyond the epochs that it was told.",
        "It ends after so many epochs, whatever the loss is then.",
        of_lengths(lambda got, right, task: len(got) > task.epochs and begins_right(got, right)),
    ),
)


def _best(task: Task) -> Any:
    """The parameters of the smallest loss, before or after a step, where the last two have larger ones."""
    losses = entries(task, path(task), RECORDS["loss"])
    best = {int(np.argmin(way)) for way in (losses, [np.inf, *losses[1:]])} - {task.shown - 1, task.shown}
    return Either([parameters(lambda places, at=at: places[at])(task) for at in sorted(best)])


ENDS = (
    Mistake(
        "best_returned",
        "The parameters are those of the smallest loss on the way, not those after the last step.",
        "The run ends where its last step leads, also where the loss has grown.",
        _best,
    ),
    Mistake(
        "start_returned",
        "The history is right, but the parameters that came are those from before the training.",
        "Which name holds the trained ones at the end?",
        parameters(lambda places: places[0]),
    ),
    Mistake(
        "last_step_lost",
        "The parameters are those from before the last step.",
        "Which ones does the last step give, and which are returned?",
        parameters(lambda places: places[-2]),
    ),
    Mistake(
        "one_step_more",
        "The parameters took one step too many.",
        "There are as many steps as epochs.",
        parameters(lambda places: places[-1], further=1),
    ),
)

TRAIN = (
    *FORMS,
    *RULES,
    *RECORDED,
    *ENDS,
    Mistake(
        "not_a_plain_step",
        "The first epoch's entries are right, the later ones are not: the step between them is another one.",
        "What happens to the parameters between two epochs, besides params − lr · grads?",
        histories.drifts,
    ),
)
