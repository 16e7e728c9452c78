"""Training runs with a mistaken rule: full batch, in float64, one step an epoch unless the rule takes more."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.outside.verdicts import NoAnswer
from mistakes import chain_rule

SHOWN = 12
"""Epochs that are predicted, of longer runs the first ones: enough to tell one rule from another."""


@dataclass(frozen=True)
class Task:
    """A call of train: what it is given, and which of the history's keys are looked at.

    given: whether lr and epochs are passed, not left to their defaults; ask: calls one of the learner's functions
    by its name, where it is known; special: whether plain runs were right before.
    """

    X: np.ndarray
    y: np.ndarray
    params: Params
    lr: float
    epochs: int
    given: bool = True
    keys: Sequence[str] = field(default=("loss", "accuracy", "grad_norm", "relu_active"))
    ask: Callable[..., Any] | None = None
    special: bool = False

    @property
    def shown(self) -> int:
        """The epochs that are predicted."""
        return min(self.epochs, SHOWN)


Path = list[Params]
"""The parameters before each step, and after the last."""
Rule = Callable[[Task, Path, int], Params]
"""The parameters after an epoch, from those on the way to it, and its number."""
Record = Callable[[np.ndarray, np.ndarray, Params], float]
"""An entry of a history, from X, y and the parameters."""


def gradients(task: Task, params: Params) -> Params:
    """The gradients on all samples."""
    return chain_rule.right(task.X, task.y, params)


def moved(params: Params, grads: Params, lr: float) -> Params:
    """One step down."""
    return Params(*(np.asarray(p - lr * g) for p, g in zip(params, grads, strict=True)))


def plain(task: Task, path: Path, epoch: int) -> Params:
    """The right rule."""
    return moved(path[-1], gradients(task, path[-1]), task.lr)


def path(task: Task, rule: Rule = plain, start: Params | None = None, further: int = 0) -> Path:
    """The parameters of a run, and of so many epochs beyond its end."""
    places = [task.params if start is None else start]
    with np.errstate(all="ignore"):
        for epoch in range(task.shown + further):
            places.append(rule(task, places, epoch))
    return places


def _loss(X: np.ndarray, y: np.ndarray, params: Params) -> float:
    return formulas.loss(formulas.forward(X, params).f, y)


def _accuracy(X: np.ndarray, y: np.ndarray, params: Params) -> float:
    return formulas.accuracy(formulas.forward(X, params).f, y)


def _grad_norm(X: np.ndarray, y: np.ndarray, params: Params) -> float:
    return chain_rule.norm(chain_rule.right(X, y, params))


def _relu_active(X: np.ndarray, y: np.ndarray, params: Params) -> float:
    return float(np.mean(formulas.slope(formulas.forward(X, params).a1)))


RECORDS: dict[str, Record] = {
    "loss": _loss,
    "accuracy": _accuracy,
    "grad_norm": _grad_norm,
    "relu_active": _relu_active,
}


def entries(task: Task, places: Path, record: Record) -> list[float]:
    """A record of each of these places."""
    with np.errstate(all="ignore"):
        return [float(record(task.X, task.y, place)) for place in places]


def by_rate(rate: Callable[[Task, int], float]) -> Rule:
    """Steps of another length in each epoch."""
    return lambda task, path, epoch: moved(path[-1], gradients(task, path[-1]), rate(task, epoch))


def by_gradients(formula: chain_rule.Formula) -> Rule:
    """Plain steps along other gradients."""
    return lambda task, path, epoch: moved(path[-1], formula(task.X, task.y, path[-1]), task.lr)


def with_momentum(factor: float, share: float = 1.0) -> Rule:
    """Steps along a velocity, to which each epoch adds a share of its gradients."""

    def rule(task: Task, path: Path, epoch: int) -> Params:
        velocity = Params(*(np.zeros(np.shape(p)) for p in path[0]))
        for place in path:
            grads = gradients(task, place)
            velocity = Params(*(np.asarray(factor * v + share * g) for v, g in zip(velocity, grads, strict=True)))
        return moved(path[-1], velocity, task.lr)

    return rule


def frozen(*names: str) -> Rule:
    """Plain steps that leave these parameters where they are."""

    def rule(task: Task, path: Path, epoch: int) -> Params:
        return plain(task, path, epoch)._replace(**{name: getattr(path[-1], name) for name in names})

    return rule


def output_first(task: Task, path: Path, epoch: int) -> Params:
    """The output's parameters are moved before the error goes back through them."""
    params, grads = path[-1], gradients(task, path[-1])
    output = params._replace(W2=params.W2 - task.lr * grads.W2)
    changed = chain_rule.chain_rule(weights=lambda _: output.W2[0])(task.X, task.y, params)
    return moved(params, changed, task.lr)


def with_old_values(task: Task, path: Path, epoch: int) -> Params:
    """Steps along the gradients at the start."""
    return moved(path[-1], gradients(task, path[0]), task.lr)


def in_batches(size: int) -> Rule:
    """A step for each so many samples, in their order."""

    def rule(task: Task, path: Path, epoch: int) -> Params:
        params = path[-1]
        for at in range(0, len(task.y), size):
            batch = slice(at, at + size)
            params = moved(params, chain_rule.right(task.X[batch], task.y[batch], params), task.lr)
        return params

    return rule


def with_own(*names: str) -> Rule:
    """Steps by the learner's own backward, sgd_step or both. Raises NoAnswer where one of them gives no Params."""

    def rule(task: Task, path: Path, epoch: int) -> Params:
        grads = _of_own(task, "backward", path[-1]) if "backward" in names else gradients(task, path[-1])
        if "sgd_step" in names:
            return _of_own(task, "sgd_step", path[-1], grads)
        return moved(path[-1], grads, task.lr)

    return rule


def gives_nothing(task: Task, name: str) -> bool:
    """Whether the learner's own function gives None."""
    return _asked(task, name, task.params, gradients(task, task.params)) is None


def _of_own(task: Task, name: str, *given: Params) -> Params:
    got = _asked(task, name, *given)
    arrays = got if isinstance(got, Params) else ()
    if not arrays or any(
        not isinstance(entry, (np.ndarray, np.generic)) or entry.shape != np.shape(p) or entry.dtype.kind != "f"
        for entry, p in zip(arrays, task.params, strict=True)
    ):
        raise NoAnswer("failed", f"{name} gave no Params of arrays")
    return got


def _asked(task: Task, name: str, params: Params, *grads: Params) -> Any:
    """What the learner's own backward or sgd_step gives."""
    assert task.ask is not None
    if name == "backward":
        return task.ask(name, task.X, task.y, params, formulas.forward(task.X, params))
    return task.ask(name, params, *grads, task.lr)
