"""The known mistakes of stage 3's gradient_check."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.judging.likeness import Raised, distance
from grader.judging.mistakes import UNKNOWN, Either, Mistake
from mistakes.stage3_numerical_grad import COMMON_EPS

Difference = Callable[[np.ndarray, np.ndarray], Any]


@dataclass
class Compared:
    """What a gradient check compares: the gradients of X, y and params, and their differences for ε.

    own: what the learner's own backward and numerical_grad give for them, once that is known.
    """

    X: np.ndarray
    y: np.ndarray
    params: Params
    eps: float
    own: tuple[Params, Params] | None = None

    def pairs(self) -> list[tuple[Params, Params]]:
        """What may have been compared: with ε as the step to each side, from side to side, and the learner's."""
        manual = formulas.gradients(self.X, self.y, self.params)
        right = [(manual, self.differences(step)) for step in (self.eps, self.eps / 2)]
        return right if self.own is None else [*right, self.own]

    def differences(self, eps: float) -> Params:
        """The central differences for an ε."""
        return formulas.central_differences(self.X, self.y, self.params, eps)


def _largest(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one - other).max())


def _by_name(*formulas_of: Difference, names: str = "{}") -> Callable[[Compared], Any]:
    """Predict a dict of what a formula makes of the two gradients of each parameter."""

    def predict(compared: Compared) -> Either:
        made = []
        with np.errstate(all="ignore"):
            for manual, numeric in compared.pairs():
                pairs = list(zip(Params._fields, manual, numeric, strict=True))
                made += [
                    {names.format(name): formula(np.asarray(a), np.asarray(b)) for name, a, b in pairs}
                    for formula in formulas_of
                ]
        return Either(made)

    return predict


def _one_largest(compared: Compared) -> Either:
    """The largest of all four under each name."""
    made = _by_name(_largest)(compared)
    return Either([dict.fromkeys(values, max(values.values())) for values in made])


def _relative(*denominators: Difference) -> tuple[Difference, ...]:
    """The largest difference relative to what both arrays make, entry by entry or one number."""
    return tuple(
        lambda a, b, size=size, tiny=tiny: float(np.max(np.abs(a - b) / (size(a, b) + tiny)))
        for size in denominators
        for tiny in (0.0, 1e-12, 1e-8)
    )


def _keys(fits: Callable[[set[Any]], bool]) -> Callable[[Compared], Any]:
    """Predict a dict by its keys."""
    return lambda compared: lambda got: isinstance(got, dict) and fits(set(got))


def _nan_lost(compared: Compared) -> Any:
    """Numbers where NaN is due, and what is due elsewhere (or, for ∞, the largest number there is)."""
    due = _by_name(_largest)(compared)[0]
    if not any(math.isnan(value) for value in due.values()):
        return UNKNOWN

    def fits(got: Any) -> bool:
        if not _floats_by_name(got):
            return False
        lost = any(math.isnan(value) and not math.isnan(got[name]) for name, value in due.items())
        numbers = {name: value for name, value in due.items() if not math.isnan(value)}
        return lost and all(_agrees_or_is_huge(got[name], value) for name, value in numbers.items())

    return fits


def _agrees_or_is_huge(got: float, due: float) -> bool:
    """For ∞ some put the largest number there is."""
    return distance(float(got), due, near=1e-5) is not None or (math.isinf(due) and bool(abs(got) > 1e300))


def _floats_by_name(got: Any) -> bool:
    """Whether this is a dict of four floats under the right names."""
    right_keys = isinstance(got, dict) and set(got) == set(Params._fields)
    return right_keys and all(isinstance(value, (float, np.floating)) for value in got.values())


def _all_zero(compared: Compared) -> Any:
    return lambda got: _floats_by_name(got) and not any(got.values())


def _other_eps(compared: Compared) -> Any:
    """The right check with differences for an ε that people write down, as far as its own rounding allows."""
    manual = formulas.gradients(compared.X, compared.y, compared.params)

    def with_eps(used: float) -> Callable[[Any], bool]:
        made = {
            name: _largest(getattr(manual, name), getattr(compared.differences(used), name))
            for name in Params._fields
        }
        return lambda got: distance(got, made, near=max(1e-9, 3e-14 / used)) is not None

    return Either([with_eps(used) for used in COMMON_EPS if not math.isclose(used, compared.eps)])


def _no_dict(compared: Compared) -> Any:
    return lambda got: isinstance(got, (list, tuple, Params))


def _one_number(compared: Compared) -> Any:
    return lambda got: isinstance(got, (bool, int, float, np.generic, np.ndarray))


GRADIENT_CHECK = (
    # from the two gradients that are compared
    Mistake(
        "one_number",
        "One answer came for all parameters together.",
        "A dict is asked for, with a number under each parameter's name: it shows where the mistake is.",
        _one_number,
    ),
    Mistake(
        "names_missing",
        "The differences came without their names.",
        "A dict is asked for, from a parameter's name to its difference.",
        _no_dict,
    ),
    Mistake(
        "keys_with_d",
        "The keys are named after the gradients, dW1 and so on.",
        "They should be the parameters' own names: W1, b1, W2, b2.",
        _keys(lambda keys: keys == {f"d{name}" for name in Params._fields}),
    ),
    Mistake(
        "parameter_missing",
        "Not all parameters are in the dict.",
        "All four are to be compared, the biases as well.",
        _keys(lambda keys: keys < set(Params._fields)),
    ),
    Mistake(
        "other_keys",
        "The dict has other keys than the parameters' names.",
        "They are W1, b1, W2 and b2, and no others.",
        _keys(lambda keys: keys != set(Params._fields)),
    ),
    Mistake(
        "refused",
        "An assertion failed.",
        "If it asks that the two gradients agree: the check measures how far apart they are; who calls decides.",
        lambda compared: Raised("AssertionError"),
    ),
    Mistake(
        "nan_lost",
        "A NaN was lost, and a number came in its place.",
        "A check that hides NaN finds all well where nothing is: no comparison with NaN is true, so Python's max "
        "passes it by, and some of NumPy's functions leave it out on purpose.",
        _nan_lost,
    ),
    Mistake(
        "compared_with_itself",
        "Every difference is exactly 0: something was compared with itself.",
        "Two gradients found in two ways never agree to the last digit.",
        _all_zero,
    ),
    Mistake(
        "signed",
        "The largest was looked for among signed differences: one far below 0 was missed.",
        "Which comes first, dropping the signs or taking the largest?",
        _by_name(
            lambda a, b: abs(float(np.max(a - b))),
            lambda a, b: abs(float(np.max(b - a))),
            lambda a, b: float(np.max(a - b)),
            lambda a, b: float(np.max(b - a)),
        ),
    ),
    Mistake(
        "sizes_compared",
        "The gradients were compared by their sizes, without their signs.",
        "A gradient that points the wrong way would pass.",
        _by_name(
            lambda a, b: float(np.max(np.abs(np.abs(a) - np.abs(b)))),
            lambda a, b: abs(float(np.max(np.abs(a)) - np.max(np.abs(b)))),
            lambda a, b: abs(float(np.max(a) - np.max(b))),
            lambda a, b: abs(float(np.linalg.norm(a) - np.linalg.norm(b))),
        ),
    ),
    Mistake(
        "one_for_all",
        "The same number stands under each name: the largest of all four.",
        "Each parameter has its own largest difference; that tells which gradient is wrong.",
        _one_largest,
    ),
    Mistake(
        "mean_for_largest",
        "A mean of the differences came.",
        "One wrong entry among many right ones would hardly show in it.",
        _by_name(
            lambda a, b: float(np.mean(np.abs(a - b))),
            lambda a, b: float(np.mean(a - b)),
            lambda a, b: abs(float(np.mean(a - b))),
            lambda a, b: float(np.mean((a - b) ** 2)),
            lambda a, b: float(np.sqrt(np.mean((a - b) ** 2))),
            lambda a, b: float(np.median(np.abs(a - b))),
        ),
    ),
    Mistake(
        "sum_for_largest",
        "The differences were summed.",
        "A sum grows with the number of entries; the largest of them is asked for.",
        _by_name(lambda a, b: float(np.sum(np.abs(a - b))), lambda a, b: float(np.sum(a - b))),
    ),
    Mistake(
        "norm_for_largest",
        "A norm of the differences came.",
        "The largest single difference is asked for.",
        _by_name(lambda a, b: float(np.linalg.norm(a - b)), lambda a, b: float(np.sum((a - b) ** 2))),
    ),
    Mistake(
        "squared",
        "The differences were squared.",
        "Squares make small differences look smaller than they are.",
        _by_name(lambda a, b: float(np.max((a - b) ** 2))),
    ),
    Mistake(
        "relative",
        "The differences were divided by the size of the gradients.",
        "The absolute difference is asked for.",
        _by_name(
            *_relative(
                lambda a, b: np.abs(a),
                lambda a, b: np.abs(b),
                lambda a, b: np.abs(a) + np.abs(b),
                lambda a, b: np.maximum(np.abs(a), np.abs(b)),
                lambda a, b: np.max(np.abs(a)),
                lambda a, b: np.max(np.abs(b)),
                lambda a, b: np.max(np.abs(a)) + np.max(np.abs(b)),
                lambda a, b: max(np.max(np.abs(a)), np.max(np.abs(b))),
            ),
            *(
                lambda a, b, size=size, tiny=tiny: float(np.linalg.norm(a - b) / (size(a, b) + tiny))
                for size in (
                    lambda a, b: np.linalg.norm(a) + np.linalg.norm(b),
                    lambda a, b: np.linalg.norm(a),
                    lambda a, b: np.linalg.norm(b),
                    lambda a, b: max(np.linalg.norm(a), np.linalg.norm(b)),
                )
                for tiny in (0.0, 1e-12, 1e-8)
            ),
        ),
    ),
    Mistake(
        "smallest",
        "The smallest difference came.",
        "One entry that agrees would hide all others.",
        _by_name(lambda a, b: float(np.min(np.abs(a - b))), lambda a, b: float(np.min(a - b))),
    ),
    Mistake(
        "eps_ignored",
        "The eps that was given did not reach the differences.",
        "Who asks for another step should get it; what is eps handed on to?",
        lambda compared: _other_eps(compared) if compared.eps != 1e-6 else UNKNOWN,
    ),
    Mistake(
        "other_default_eps",
        "Where no eps is given, another one than 1e-6 was taken.",
        "Look at the line with `def`, and at what is handed on.",
        lambda compared: _other_eps(compared) if compared.eps == 1e-6 else UNKNOWN,
    ),
)
