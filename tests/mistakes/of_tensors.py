"""What is predicted of arrays and floats, predicted of tensors: for PyTorch's versions of NumPy's tasks."""

from collections.abc import Callable, Sequence
from itertools import chain, combinations, permutations
from typing import Any

import numpy as np

from grader.course.records import Forward, Params
from grader.judging.likeness import Raised, distance
from grader.judging.mistakes import EXACT, UNKNOWN, Either, Mistake, Seen
from grader.wire import Tensor

Formula = Callable[[Any, Any], Any]


def tensors(value: Any) -> Any:
    """A prediction, its arrays and floats as tensors; a function over arrays as one over tensors."""
    if value is UNKNOWN or isinstance(value, (Raised, Tensor)):
        return value
    if isinstance(value, Either):
        return Either([tensors(entry) for entry in value])
    if isinstance(value, (Params, Forward)):
        return type(value)(*(Tensor(np.asarray(entry)) for entry in value))
    if isinstance(value, (np.ndarray, float)):
        return Tensor(np.asarray(value))
    return _over_tensors(value)


def _over_tensors(fits: Callable[[Any], bool]) -> Callable[[Any], bool]:
    def fits_tensors(got: Any) -> bool:
        if isinstance(got, Tensor):
            return fits(got.array)
        if not isinstance(got, (Params, Forward)) or not all(isinstance(part, Tensor) for part in got):
            return False
        return fits(type(got)(*(part.array for part in got)))

    return fits_tensors


def by_name(table: Sequence[Mistake], *names: str) -> list[Mistake]:
    """Those of a table's mistakes that have these names."""
    found = {mistake.name: mistake for mistake in table}
    return [found[name] for name in names]


def on_each(right: Formula, *formulas: Formula) -> Callable[[Sequence[tuple[Any, Any]]], Any]:
    """Predict the values of those cases, pairs of arrays, whose shapes are the same, by any of the formulas.

    Compared with what `asked.note` noted. A formula may give Either: then each of its answers is one more way. A
    way that gives what is right, as far as these cases tell, is none.
    """

    def predict(cases: Sequence[tuple[Any, Any]]) -> Any:
        same = {n: case for n, case in enumerate(cases) if np.shape(case[0]) == np.shape(case[1])}
        expected = {n: right(*case) for n, case in same.items()}
        ways = chain.from_iterable(_ways(formula, same) for formula in formulas)
        return Either([Seen(values=way) for way in ways if distance(way, expected, EXACT) is None])

    return predict


def _ways(formula: Formula, cases: dict[int, tuple[Any, Any]]) -> list[dict[int, Any]]:
    """Each way's answers to the cases; none where one of them is unknown."""
    with np.errstate(all="ignore"):
        answers = {n: formula(*case) for n, case in cases.items()}
    if any(answer is UNKNOWN for answer in answers.values()):
        return []
    several = {n: answer if isinstance(answer, Either) else [answer] for n, answer in answers.items()}
    return [
        {n: answers[min(choice, len(answers) - 1)] for n, answers in several.items()}
        for choice in range(max(map(len, several.values()), default=0))
    ]


def some_replaced(right: Params, wrong: Params) -> Either:
    """Params of tensors, some or all of them the wrong ones."""
    subsets = [names for k in range(1, 5) for names in combinations(Params._fields, k)]
    return Either([tensors(right._replace(**{name: getattr(wrong, name) for name in names})) for names in subsets])


def misordered(values: Params | Forward) -> Either:
    """The same values in any other order."""
    orders = list(permutations(range(len(values))))[1:]
    return Either([type(values)(*(values[at] for at in order)) for order in orders])
