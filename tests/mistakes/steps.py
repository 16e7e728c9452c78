"""What comes of a training step that is taken in a mistaken way: the loss, and the parameters after it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations, product
from typing import Any

import numpy as np
from helpers import formulas

from grader.course.records import Params
from grader.judging.mistakes import UNKNOWN, Either, Seen
from grader.wire import Tensor

RATES = (1.0, 0.5, 0.3, 0.2, 0.1, 0.05, 0.03, 0.02, 0.01, 0.005, 0.003, 0.001, 1e-4)
"""What people write instead of the learning rate that is given."""
DECAYS = (0.1, 0.05, 0.01, 0.005, 1e-3, 5e-4, 1e-4, 1e-5)
MOMENTA = (0.9, 0.99, 0.95, 0.8, 0.5)
BOUNDS = (0.01, 0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
"""For clipping; larger ones seldom do anything here."""


def combined(formula: Callable[..., Any], *several: Params) -> Params:
    """Params, of each entry of which the formula has made one."""
    return Params(*(np.asarray(formula(*entries)) for entries in zip(*several, strict=True)))


def gradients(X: np.ndarray, y: np.ndarray, params: Params) -> Params:
    """The right gradients, every one an array, db2 too."""
    return combined(lambda g: g, formulas.gradients(X, y, params))


def norm(params: Params) -> float:
    """The 2-norm over all of them together."""
    return float(np.sqrt(sum(np.sum(np.square(p)) for p in params)))


def clipped(grads: Params) -> list[Params]:
    """By norm or by value, to each of the usual bounds; by norm to 1 always."""
    size = norm(grads)
    by_norm = [combined(lambda g, c=c: g * (c / (size + 1e-6)), grads) for c in BOUNDS if c < size]
    by_value = [combined(lambda g, c=c: np.clip(g, -c, c), grads) for c in BOUNDS]
    to_one = combined(lambda g: g / (size or 1.0), grads)
    return [way for way in (*by_norm, *by_value, to_one) if norm(way) != size]


@dataclass(frozen=True)
class Step:
    """A step as it should be taken, and those that were taken before it in the same test.

    leftover: what somebody else left in `.grad` of these tensors; which: the number of the set of tensors.
    """

    X: np.ndarray
    y: np.ndarray
    params: Params
    lr: float
    leftover: Params | None = None
    earlier: tuple["Step", ...] = ()
    which: int = 0

    @cached_property
    def loss(self) -> float:
        """Before the step."""
        return formulas.loss(formulas.forward(self.X, self.params).f, self.y)

    @cached_property
    def grads(self) -> Params:
        """Of the mean loss, before the step."""
        return gradients(self.X, self.y, self.params)

    @cached_property
    def after(self) -> Params:
        """The parameters after it."""
        return self.moved(self.grads)

    @property
    def of_same_tensors(self) -> list["Step"]:
        """Those of the earlier steps that were taken on these tensors."""
        return [step for step in self.earlier if step.which == self.which]

    @property
    def kept(self) -> Params | None:
        """What `.grad` holds before the step where nothing was ever cleared; None where it holds nothing."""
        grads = [step.grads for step in self.of_same_tensors] + ([self.leftover] if self.leftover else [])
        return combined(lambda *gs: sum(gs), *grads) if grads else None

    def moved(self, grads: Params, factor: float = 1.0) -> Params:
        """The parameters after a step of lr, times a factor, along these gradients."""
        return combined(lambda p, g: p - factor * self.lr * g, self.params, grads)

    def then(self) -> "Step":
        """One more such step from where this one ends."""
        return Step(self.X, self.y, self.after, self.lr)


def result(loss: float | Iterable[float], after: Params, **more: Any) -> Either:
    """What is seen of a step: the loss (any of these) and the values that the tensors hold."""
    values = Params(*(Tensor(np.asarray(p)) for p in after))
    losses = [loss] if isinstance(loss, float) else loss
    return Either([Seen(loss=value, after=values, **more) for value in losses])


def results(step: Step, ways: Iterable[Params], **more: Any) -> Either:
    """With the right loss, any of these values. A way that is right after all is left out."""
    wrong = [way for way in ways if any(not np.array_equal(w, a) for w, a in zip(way, step.after, strict=True))]
    return Either(list(chain.from_iterable(result(step.loss, way, **more) for way in wrong)))


def scaled(step: Step, factors: Iterable[float], also_loss: bool = False) -> Either:
    """The gradients too large by any of these factors; or the loss is; or both are."""
    answers = Either([])
    for factor in factors:
        moved = step.moved(step.grads, factor)
        answers += results(step, [moved])
        if also_loss and factor != 1.0:
            answers += [*result(factor * step.loss, moved), *result(factor * step.loss, step.after)]
    return answers


def not_moved(step: Step, grads: Callable[[Any], bool]) -> Any:
    """The old values, and what `.grad` holds."""
    return result(step.loss, step.params, grads=grads)


def by_kept_optimizer(step: Step) -> Any:
    """The old values, after other tensors were moved or what was left in `.grad` was added to."""
    if step.kept is not None:
        return not_moved(step, hold(combined(np.add, step.kept, step.grads)))
    return not_moved(step, lambda grads: True) if step.earlier else UNKNOWN


def broadcast(step: Step) -> Any:
    """The loss of every score against every y, which has the gradient of the mean loss for the mean of y."""
    f = formulas.forward(step.X, step.params).f
    mean = gradients(step.X, np.full(len(step.y), step.y.mean()), step.params)
    loss = float(np.mean(np.subtract.outer(f, step.y) ** 2) / 2)
    return result([loss, 2 * loss, step.loss], step.moved(mean)) if len(f) > 1 else UNKNOWN


def at_rates(step: Step, rates: Iterable[float]) -> Either:
    """The right loss, and a step of any of these rates."""
    return results(step, [combined(lambda p, g, r=r: p - r * g, step.params, step.grads) for r in rates])


def some_not_moved(step: Step) -> Either:
    """Some parameters as they were."""
    subsets = [names for k in (1, 2, 3) for names in combinations(Params._fields, k)]
    return results(step, [step.after._replace(**{n: getattr(step.params, n) for n in names}) for names in subsets])


def several(step: Step) -> Either:
    """Two, three or ten steps, with the loss before the first or the last of them, or after it."""
    answers, now = Either([]), step.then()
    with np.errstate(all="ignore"):  # many steps of this length may diverge
        for number in range(2, 11):
            before, now = now, now.then()
            if number in (2, 3, 5, 10):
                answers += result([step.loss, before.loss, now.loss], now.params)
    return answers


def hold(expected: Params) -> Callable[[Any], bool]:
    """Whether what `.grad` holds are these gradients."""

    def fits(got: Any) -> bool:
        return isinstance(got, list) and all(
            isinstance(g, Tensor) and g.array.shape == np.shape(e) and np.allclose(g.array, e, atol=1e-8)
            for g, e in zip(got, expected, strict=True)
        )

    return fits


def cleared(got: Any) -> bool:
    """Whether `.grad` holds nothing, or zeros."""
    return isinstance(got, list) and all(g is None or (isinstance(g, Tensor) and not g.array.any()) for g in got)


def some_kept(step: Step) -> Any:
    """Steps along gradients to which some of what was left has been added, but not all of it."""
    if step.kept is None:
        return UNKNOWN
    subsets = [names for k in (1, 2, 3) for names in combinations(Params._fields, k)]
    added = [{name: getattr(step.grads, name) + getattr(step.kept, name) for name in names} for names in subsets]
    return results(step, [step.moved(step.grads._replace(**grads)) for grads in added])


def accumulated(step: Step, **more: Any) -> Any:
    """A step along gradients that were added to what was left: to all of it, or to the last step's alone."""
    if step.kept is None:
        return UNKNOWN
    last = [s.grads for s in step.of_same_tensors[-1:]]
    sums = [combined(np.add, step.grads, kept) for kept in (step.kept, *last)]
    return results(step, [step.moved(total) for total in sums], **more)


def with_decay(step: Step) -> Either:
    """Weights drawn to 0, in the gradient or beside it; all of them, or all but the biases."""
    ways = []
    for decay, only_weights in product(DECAYS, (False, True)):
        decayed = [p * decay * (not only_weights or np.ndim(p) == 2) for p in step.params]
        ways.append(step.moved(combined(np.add, step.grads, Params(*decayed))))
        ways.append(step.moved(combined(lambda g, d: g + 2 * d, step.grads, Params(*decayed))))
    return results(step, ways)


def with_momentum(step: Step) -> Any:
    """A velocity kept from earlier steps: on the same tensors, of the same shapes, or what was left in `.grad`."""
    same_shapes = [s for s in step.earlier if s.params.W1.shape == step.params.W1.shape]
    ways = []
    for momentum in MOMENTA:
        for steps in (step.of_same_tensors, same_shapes):
            ways += [step.moved(v) for v in _velocities([*steps, step], momentum)]
        if step.kept is not None:
            ways.append(step.moved(combined(lambda g, k, m=momentum: g + m * k, step.grads, step.kept)))
        ways.append(step.moved(step.grads, 1 - momentum))
        ways.append(step.moved(step.grads, 1 + momentum))
    return results(step, ways)


def _velocities(steps: list[Step], momentum: float) -> list[Params]:
    """After the last of these steps: plain, averaged, and Nesterov's."""
    plain = averaged = combined(np.zeros_like, steps[-1].grads)
    for step in steps:
        plain = combined(lambda v, g: momentum * v + g, plain, step.grads)
        averaged = combined(lambda v, g: momentum * v + (1 - momentum) * g, averaged, step.grads)
    return [plain, averaged, combined(lambda v, g: g + momentum * v, plain, steps[-1].grads)]


def by_other_optimizers(step: Step) -> Either:
    """The first step of an optimizer that divides by the gradients' own size."""
    eps = 1e-8
    rules: list[Callable[[np.ndarray], np.ndarray]] = [
        lambda g: g / (np.abs(g) + eps),
        lambda g: g / (0.1 * np.abs(g) + eps),
        lambda g: g / (np.abs(g) + 1e-10),
        np.sign,
    ]
    ways = [step.moved(combined(rule, step.grads)) for rule in rules]
    decayed = combined(lambda p: p * (1 - step.lr * 0.01), step.params)
    adam = combined(lambda p, g: p - step.lr * g / (np.abs(g) + eps), decayed, step.grads)
    return results(step, [*ways, adam])
