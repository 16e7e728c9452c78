"""What compare_grads gives or raises where it is written in a mistaken way, predicted from pairs of gradients."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging.likeness import distance
from grader.judging.mistakes import EXACT, UNKNOWN, Either, Seen
from mistakes.checks_of_shapes import shapes_broadcast
from mistakes.differences import Formula, largest

Pair = tuple[Params, Params]


def by_names(formula: Formula) -> Callable[[Params, Params], dict[str, Any]]:
    """The formula's answers for each parameter, under its name."""

    def differences(manual: Params, auto: Params) -> dict[str, Any]:
        return {name: formula(getattr(manual, name), getattr(auto, name)) for name in Params._fields}

    return differences


def _differing(manual: Params, auto: Params) -> set[str]:
    names = Params._fields
    return {name for name in names if np.shape(getattr(manual, name)) != np.shape(getattr(auto, name))}


def on_each_pair(*formulas_: Callable[[Params, Params], Any]) -> Callable[[Sequence[Pair]], Any]:
    """Predict the answers for those pairs whose shapes are the same, by any of the formulas.

    A way that gives what is right, as far as these pairs tell, is none.
    """

    def predict(pairs: Sequence[Pair]) -> Any:
        same = {n: pair for n, pair in enumerate(pairs) if not _differing(*pair)}
        right = {n: by_names(largest)(*pair) for n, pair in same.items()}
        with np.errstate(all="ignore"):
            ways = [{n: formula(*pair) for n, pair in same.items()} for formula in formulas_]
        return Either([Seen(values=way) for way in ways if distance(way, right, EXACT) is None])

    return predict


def one_number(manual: Params, auto: Params) -> float:
    """The largest difference of all."""
    return float(np.max(list(by_names(largest)(manual, auto).values())))


def keyed(fits: Callable[[set[str]], bool]) -> Callable[[Sequence[Pair]], Any]:
    """Of a dict, whether its keys fit."""
    return lambda pairs: lambda got: isinstance(got, dict) and fits({key for key in got if isinstance(key, str)})


def told_by(check: Callable[[str, np.ndarray, np.ndarray], bool]) -> Callable[[Sequence[Pair]], Any]:
    """The names in what is raised for each pair, by a check that lets some parameters pass.

    What passed and does not broadcast is a ValueError of NumPy's, without a name.
    """

    def names(manual: Params, auto: Params) -> set[str] | None:
        told = {n for n in Params._fields if not check(n, getattr(manual, n), getattr(auto, n))}
        shapes = [(np.shape(one), np.shape(other)) for one, other in zip(manual, auto, strict=True)]
        return told or (None if all(shapes_broadcast(*pair) for pair in shapes) else set())

    return lambda pairs: _told([names(*pair) for pair in pairs], pairs)


def first_told(pairs: Sequence[Pair]) -> Any:
    """Of each pair the first name."""
    return _told([names and {min(names, key=Params._fields.index)} for names in _right(pairs)], pairs)


def none_told(pairs: Sequence[Pair]) -> Any:
    """No name, though refused."""
    return _told([None if names is None else set() for names in _right(pairs)], pairs)


def _told(told: list[set[str] | None], pairs: Sequence[Pair]) -> Any:
    """What is seen where these names are told, None where nothing is raised; UNKNOWN where that is right."""
    if told == _right(pairs):
        return UNKNOWN
    return Seen(told=told, endings=["taken" if names is None else "refused" for names in told])


def _right(pairs: Sequence[Pair]) -> list[set[str] | None]:
    return [_differing(*pair) or None for pair in pairs]
