"""The known mistakes of scores and of accuracy, for either model."""

from dataclasses import replace
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Forward, Params
from grader.judging.likeness import Raised
from grader.judging.mistakes import UNKNOWN, Either, Mistake, Seen
from grader.wire import Tensor
from mistakes import stage2_forward

NO_SEQUENTIAL = r"'Tensor' object has no attribute|'Sequential' object has no|values to unpack"
NO_TINY_MLP = r"tuple indices|'Forward' object|(TinyMLP' |TinyMLP )object|'tuple' object"


def _rules(X: np.ndarray) -> list[np.ndarray]:
    """The sign of the product of the first column and the second or last one, as a class."""
    return [np.where(X[:, 0] * X[:, column] < 0, 1.0, 0.0) for column in (min(1, X.shape[1] - 1), -1)]


def _hidden(X: np.ndarray, params: Params) -> Either:
    """The hidden layer, or what may be made of it to have (N,)."""
    _, a1, h1 = formulas.forward(X, params)
    return Either(
        Tensor(part)
        for values in (h1, a1)
        for part in (values, values[:, 0], values[:, -1], values.mean(axis=1), values.sum(axis=1))
    )


SCORES = (
    # from X, params, and whether the model is a TinyMLP
    Mistake(
        "sequential_only",
        "Only an nn.Sequential was provided for.",
        "A TinyMLP gives a Forward, with the scores in one of its fields.",
        lambda X, params, tiny: Raised("TypeError AttributeError", NO_TINY_MLP) if tiny else UNKNOWN,
    ),
    Mistake(
        "tiny_mlp_only",
        "Only a TinyMLP was provided for.",
        "An nn.Sequential gives one tensor, of shape (N, 1).",
        lambda X, params, tiny: UNKNOWN if tiny else Raised("AttributeError ValueError TypeError", NO_SEQUENTIAL),
    ),
    Mistake(
        "forward_returned",
        "All that the model gives came back, not the scores alone.",
        "A TinyMLP gives a Forward of three tensors; which of them are the scores?",
        lambda X, params, tiny: lambda got: isinstance(got, (Forward, tuple, list)),
    ),
    Mistake(
        "first_sample_only",
        "The first sample's score came alone.",
        "The same index takes a field of a Forward, but a row of a tensor.",
        lambda X, params, tiny: (
            Either([Tensor((f := formulas.forward(X, params).f)[:1]), Tensor(f[0])]) if len(X) > 1 else UNKNOWN
        ),
    ),
    Mistake(
        "hidden_returned",
        "Values of the hidden layer came, not the scores.",
        "Which field of the Forward holds the scores?",
        lambda X, params, tiny: _hidden(X, params),
    ),
    Mistake(
        "sigmoid_added",
        "The scores went through a sigmoid.",
        "They are asked for as the model gives them.",
        lambda X, params, tiny: Tensor(1 / (1 + np.exp(-formulas.forward(X, params).f))),
    ),
    Mistake(
        "decisions",
        "Decisions came, 0 or 1, not the scores.",
        "Whether a score is a 1 is for accuracy to say.",
        lambda X, params, tiny: Tensor(np.where(formulas.forward(X, params).f < 0.5, 0.0, 1.0)),
    ),
    Mistake(
        "rule_for_network",
        "The scores come from the sign of x1·x2, not from the model.",
        "The network knows nothing of XOR; ask it.",
        lambda X, params, tiny: Either(map(Tensor, _rules(X))),
    ),
)


SAYS = {
    "threshold_at_zero": "The classes were parted at a score of 0, or, what is the same, at 0.5 after a sigmoid."
}
"""What is said in other words than in stage 2."""

Case = tuple[np.ndarray, np.ndarray, np.ndarray, bool]
"""X, y, the right scores, and whether the model is a TinyMLP."""


def _for_all(mistake: Mistake) -> Mistake:
    """A mistake of stage 2's accuracy, made for each of a list of cases."""

    def predict(cases: list[Case]) -> Any:
        ways = mistake.predicts([(f, y) for _, y, f, _ in cases])
        return Either(Seen(answers=way["came"]) for way in ways)

    return replace(mistake, says=SAYS.get(mistake.name, mistake.says), predicts=predict)


def _broadcast(cases: list[Case]) -> Either:
    """The accuracy of a column against a row, of an nn.Sequential's scores or of both models'."""
    columns = [float(np.mean((f[:, np.newaxis] >= 0.5) == (y == 1.0))) for _, y, f, _ in cases]
    right = [formulas.accuracy(f, y) for _, y, f, _ in cases]
    mixed = [one if tiny else other for one, other, (*_, tiny) in zip(right, columns, cases, strict=True)]
    return Either([Seen(answers=columns), Seen(answers=mixed)])


def _by_rule(cases: list[Case]) -> Either:
    rules = zip(*(_rules(X) for X, *_ in cases), strict=True)
    return Either(
        Seen(answers=[float(np.mean(rule == y)) for rule, (_, y, *_) in zip(way, cases, strict=True)])
        for way in rules
    )


def _stopped(kinds: str, pattern: str, tiny: bool) -> Seen:
    """Predict that the first call that raises is one of such a model, and raises this."""
    return Seen(stop=(tiny, Raised(kinds, pattern)))


ACCURACY = (
    # from a list of cases; the test notes the answers, and the first call that raised, of a TinyMLP or not;
    # and after a call, in a list of one case, the flags and the number of tensors saved
    Mistake(
        "sequential_only",
        "Only an nn.Sequential was provided for.",
        "A TinyMLP gives a Forward; you have a function that takes either.",
        lambda cases: _stopped("TypeError AttributeError", NO_TINY_MLP, tiny=True),
    ),
    Mistake(
        "tiny_mlp_only",
        "Only a TinyMLP was provided for.",
        "An nn.Sequential gives one tensor, of shape (N, 1); you have a function that takes either.",
        lambda cases: _stopped("AttributeError ValueError TypeError", NO_SEQUENTIAL, tiny=False),
    ),
    Mistake(
        "arrays_given_to_model",
        "NumPy arrays were taken for tensors.",
        "X and y are arrays, and models take tensors: convert at the border.",
        lambda cases: Raised(
            "TypeError AttributeError",
            r"'numpy.ndarray' and '(Tensor|Parameter)'|must be Tensor, not numpy|'numpy.ndarray' object has no",
        ),
    ),
    *map(_for_all, stage2_forward.ACCURACY),
    Mistake(
        "rule_for_network",
        "The accuracy is that of the sign of x1·x2; the model was not asked.",
        "How well does this model do, with the parameters that it has?",
        _by_rule,
    ),
    Mistake(
        "column_broadcast",
        "The scores were a column, (N, 1), and met y, (N,): every score was compared with every label.",
        "Look at the shape of each side of the comparison.",
        _broadcast,
    ),
    Mistake(
        "graph_recorded",
        "A graph was recorded.",
        "Nothing will be differentiated here; cutting the result off afterwards comes too late.",
        lambda cases: Seen(saved=lambda saved: saved != 0),
    ),
    Mistake(
        "left_in_eval",
        "The model was in training mode, and is left in evaluation mode.",
        "Who switches a flag puts it back.",
        lambda cases: Seen(training=(True, False)),
    ),
    Mistake(
        "left_in_training",
        "The model was in evaluation mode, and is left in training mode.",
        "Put the flag back to what it was, which is not always the same.",
        lambda cases: Seen(training=(False, True)),
    ),
    Mistake(
        "gradients_left_off",
        "Gradients are switched off for everything that comes after.",
        "What is switched off for a while should come back by itself, also after an exception.",
        lambda cases: Seen(grad_mode=(True, False)),
    ),
    Mistake(
        "gradients_left_on",
        "Gradients were off before, and are on afterwards.",
        "Put the mode back to what it was, which is not always the same.",
        lambda cases: Seen(grad_mode=(False, True)),
    ),
)
