"""Mini-batch training as it runs by mistake: whole runs on the suite's batches, and what is recorded of them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from helpers import formulas

from grader.course.records import Params

Batches = list[tuple[np.ndarray, np.ndarray]]
Vector = np.ndarray
"""All parameters, or their gradients, one behind the other."""


@dataclass(frozen=True)
class Case:
    """A training run that was asked for: its start, the batches of each epoch, and gradients left over."""

    params: Params
    epochs: list[Batches]
    lr: float
    leftover: Params | None = None
    is_sequential: bool = False

    @property
    def sizes(self) -> list[int]:
        """How many samples stand in each batch of an epoch."""
        return [len(y) for _, y in self.epochs[0]]


@dataclass(frozen=True)
class Step:
    """A batch, the parameters before and after it, and the gradients that they were moved by."""

    X: np.ndarray
    y: np.ndarray
    before: Params
    grads: Params
    after: Params

    def loss(self) -> float:
        """The batch's loss before the step."""
        return formulas.loss(formulas.forward(self.X, self.before).f, self.y)


Run = list[list[Step]]
"""The steps of each epoch."""
Move = Callable[[Vector, Vector, float], Vector]
"""From the parameters, their gradients and the learning rate, new parameters; may keep what it needs."""
Rate = Callable[[float, int, int], float]
"""The learning rate, from the one given, the epoch and the number of epochs."""
Targets = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""What f would be compared with by ½ (f − t)², for the gradients to come out as they do, from f and y."""


def _flat(params: Params) -> Vector:
    return np.concatenate([np.ravel(p) for p in params])


def _shaped(vector: Vector, like: Params) -> Params:
    ends = np.cumsum([np.size(p) for p in like])
    parts = np.split(vector, ends[:-1])
    return Params(*(part.reshape(np.shape(p)) for part, p in zip(parts, like, strict=True)))


def descent() -> Move:
    """Plain gradient descent."""
    return lambda theta, grad, lr: theta - lr * grad


def momentum(factor: float, nesterov: bool = False) -> Callable[[], Move]:
    """Steps that keep a part of the ones before."""

    def start() -> Move:
        velocity: list[Vector] = []

        def move(theta: Vector, grad: Vector, lr: float) -> Vector:
            velocity[:] = [factor * velocity[0] + grad if velocity else grad]
            return theta - lr * (grad + factor * velocity[0] if nesterov else velocity[0])

        return move

    return start


def weight_decay(factor: float) -> Callable[[], Move]:
    """Steps that shrink the parameters as well."""
    return lambda: lambda theta, grad, lr: theta - lr * (grad + factor * theta)


def adam(decay: float = 0.0) -> Move:
    """Adam with PyTorch's defaults, or AdamW where there is a decay."""
    moments: list[Vector] = []
    steps: list[int] = []

    def move(theta: Vector, grad: Vector, lr: float) -> Vector:
        first, second = moments or (np.zeros_like(grad), np.zeros_like(grad))
        moments[:] = [0.9 * first + 0.1 * grad, 0.999 * second + 0.001 * grad**2]
        steps.append(1)
        mean = moments[0] / (1 - 0.9 ** len(steps))
        spread = np.sqrt(moments[1] / (1 - 0.999 ** len(steps)))
        return theta * (1 - lr * decay) - lr * mean / (spread + 1e-8)

    return move


def by_squares(keep: float | None) -> Callable[[], Move]:
    """RMSprop, which forgets old squares, or Adagrad, which sums them up."""

    def start() -> Move:
        squares: list[Vector] = []

        def move(theta: Vector, grad: Vector, lr: float) -> Vector:
            old = squares[0] if squares else np.zeros_like(grad)
            squares[:] = [old + grad**2 if keep is None else keep * old + (1 - keep) * grad**2]
            return theta - lr * grad / (np.sqrt(squares[0]) + (1e-10 if keep is None else 1e-8))

        return move

    return start


def clipped(norm: float) -> Callable[[], Move]:
    """Gradients cut to this norm where theirs is larger."""
    return lambda: lambda theta, grad, lr: theta - lr * grad * min(1.0, norm / (math.hypot(*grad) + 1e-6))


def constant(lr: float, epoch: int, epochs: int) -> float:
    """The learning rate that was given."""
    return lr


def given(f: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The targets that were given."""
    return y


def run(
    case: Case,
    start: Callable[[], Move] = descent,
    targets: Targets = given,
    rate: Rate = constant,
    clear: str = "batch",
    step: str = "batch",
    learns: Sequence[str] = Params._fields,
) -> Run:
    """Train as the case asks, but for what is said.

    clear: gradients are set to 0 before each "batch" or "epoch", "after" each step, or "never"; step: after
    each "batch" or "epoch"; learns: the parameters that are moved.
    """
    move, theta = start(), _flat(case.params)
    kept = np.zeros_like(theta) if case.leftover is None else _flat(case.leftover)
    learned = _flat(Params(*(np.full(np.shape(p), k in learns) for k, p in case.params._asdict().items())))
    epochs = []
    for number, batches in enumerate(case.epochs):
        steps = []
        kept = 0.0 * kept if clear == "epoch" else kept
        for at, (X, y) in enumerate(batches):
            params = _shaped(theta, case.params)
            grad = _flat(formulas.gradients(X, targets(formulas.forward(X, params).f, y), params))
            kept = grad + (0.0 if clear == "batch" else 1.0) * kept
            if step == "batch" or at == len(batches) - 1:
                moved = move(theta, kept, rate(case.lr, number, len(case.epochs)))
                theta = np.where(learned, moved, theta)
            steps.append(Step(X, y, params, _shaped(kept, params), _shaped(theta, params)))
            kept = 0.0 * kept if clear == "after" else kept
        epochs.append(steps)
    return epochs


def end(run: Run) -> Params:
    """The parameters that a run ends with."""
    return run[-1][-1].after
