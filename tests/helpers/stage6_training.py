"""Training in stage 6: on batches that the suite has drawn, judged by a run of the suite's own."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.outside.client import Client
from grader.outside.verdicts import Verdict, Wrong
from grader.wire import Handle
from helpers import comparisons, draw, formulas, stage6_models
from helpers.stage6_models import Model, single

Rng = np.random.Generator
Batches = list[tuple[np.ndarray, np.ndarray]]

SPARE_EPOCHS = 2
"""Orders beyond the epochs trained, for code that looks into the loader as well; then the first come again."""
PATIENCE = 2
"""For a hundred epochs and more, times the usual limit."""
MARGIN = 1e-4
"""How near a pre-activation may come to 0, or a score to 0.5, in a run that is judged in float32."""


class Loader:
    """A DataLoader of the kit's own beside the learner's code, whose orders the suite has drawn, for one model."""

    def __init__(
        self, impl: Client, model: Handle, X: np.ndarray, y: np.ndarray, size: int, orders: np.ndarray
    ) -> None:
        self._impl = impl
        self._X, self._y, self._size, self._orders = X, y, size, orders
        self.handle: Handle = impl.probe("ordered_loader", X, y, size, orders, model, keep=True)

    def taken(self, moving: bool = False) -> list[int]:
        """How many samples were taken in each pass; moving: 0 where it left the model as it was."""
        taken: list[int] = self._impl.probe("samples_taken", self.handle, moving)
        return taken

    def trained_on(self, epochs: int, call: str, history: Any = None) -> list[Batches]:
        """The batches of the epochs that were trained on; history: what came of it, where its entries tell more.

        They are the passes that took all samples and moved the model, or where nothing could move it, the last
        that took all samples. Others, for a look at a batch or at the loss, are nobody's business.
        """
        all_of_it = self._orders.shape[1]
        whole, moving = (
            [number for number, count in enumerate(self.taken(only)) if count == all_of_it]
            for only in (False, True)
        )
        if len(whole) < epochs:
            expected = f"the loader iterated anew in each of {epochs} epochs"
            losses = history.get("loss") if isinstance(history, dict) else None
            entries = len(losses) if isinstance(losses, list) else 0
            judge.fail(call, expected, f"{len(whole)} in all", (self.taken(), entries) if entries else None)
        passes = (moving if len(moving) >= epochs else whole)[-epochs:]
        self._orders = self._orders[np.array(passes) % len(self._orders)]
        return batches(self._X, self._y, self._size, self._orders)

    def again(self, model: Handle) -> Handle:
        """A loader for another model, whose epochs are those that were trained on."""
        arguments = self._X, self._y, self._size, self._orders, model
        handle: Handle = self._impl.probe("ordered_loader", *arguments, keep=True)
        return handle


@dataclass(frozen=True)
class Run:
    """A call of train on drawn samples, in batches of a size.

    orders: of each epoch, those of the samples that it takes, and some orders to spare; special: for messages.
    """

    X: np.ndarray
    y: np.ndarray
    params: Params
    size: int
    orders: np.ndarray
    lr: float
    special: str = ""
    spare: int = 0
    by_name: bool = False
    tolerance: float = judge.FLOAT32

    @property
    def epochs(self) -> int:
        """How many are asked for."""
        return len(self.orders) - self.spare

    @cached_property
    def replay(self) -> formulas.Replay:
        """The same run by the suite."""
        return formulas.replay(
            self.params, batches(self.X, self.y, self.size, self.orders[: self.epochs]), self.lr
        )

    def call(self, model: Model) -> str:
        """The call, for messages."""
        special = f" with {self.special}" if self.special else ""
        return f"train({model.name}, loader, lr={self.lr:.3g}, epochs={self.epochs}){special}"

    def loader(self, impl: Client, model: Handle) -> Loader:
        """One for a model."""
        return Loader(impl, model, self.X, self.y, self.size, self.orders)


def drawn(rng: Rng, smaller_batch: bool = False) -> Run:
    """A run of three batches an epoch, or a fourth of one sample, from which every right run gives the same."""
    size, epochs = int(rng.integers(4, 7)), int(rng.integers(3, 6))  # not 3, the number of fields of a Forward
    n = 3 * size + smaller_batch
    while True:
        lr = rng.uniform(0.03, 0.2)
        X, y, params = stage6_models.drawn(rng, n, *draw.sizes(rng)[1:])
        run = Run(X, y, params, size, orders(rng, n, epochs), lr, spare=SPARE_EPOCHS)
        if run.replay.is_fair(MARGIN):
            return run


def orders(rng: Rng, n: int, epochs: int) -> np.ndarray:
    """Draw the order of `n` samples in each of so many epochs and some to spare."""
    return np.array([rng.permutation(n) for _ in range(epochs + SPARE_EPOCHS)])


def batches(X: np.ndarray, y: np.ndarray, size: int, orders: np.ndarray) -> list[Batches]:
    """The batches of each epoch, rounded as a float32 loader gives them."""
    X = single(X)
    return [[(X[o[at : at + size]], y[o[at : at + size]]) for at in range(0, len(o), size)] for o in orders]


def leave_gradients(impl: Client, rng: Rng, model: Model, kept: Handle, params: Params) -> None:
    """Put drawn gradients into the model, as an earlier backward pass would."""
    model.leave_gradients(impl, kept, Params(*(rng.uniform(2.0, 4.0, size=np.shape(p)) for p in params)))


def judge_run(
    call: str, params: Params, history: Any, right: formulas.Replay, tolerance: float = judge.FLOAT32
) -> None:
    """The trained parameters and the history are right."""
    entries = {key: history.get(key) for key in right.history} if isinstance(history, dict) else {}
    got, expected = {"parameters": params, **entries}, {"parameters": right.params, **right.history}
    _judge_parts(call, got, expected, history, tolerance)


@judge.of_whole_answers
def _judge_parts(call: str, got: dict[str, Any], expected: dict[str, Any], history: Any, tolerance: float) -> None:
    """By its parts: the trained parameters, and what the history holds under each key."""
    judge.record(f"the trained parameters of {call}", got["parameters"], expected["parameters"], tolerance)
    entries = {key: values for key, values in expected.items() if key != "parameters"}
    comparisons.history(call, history, entries, tolerance)


@contextmanager
def looking_at_rest(impl: Client, model: Model, run: Run, loader: Loader) -> Iterator[None]:
    """Where the run is wrong, note where one at a learning rate of 0 ends: not where the model was, if it began
    elsewhere.
    """
    try:
        yield
    except Wrong as wrong:
        kept = model.made_of(impl, run.params)
        with suppress(Verdict):  # what went wrong was found before
            impl.train(kept, loader.again(kept), 0.0, run.epochs)
            wrong.whole["at rest"] = model.parameters(impl, kept)
            wrong.whole_expected["at rest"] = run.params
        raise


def judge_in_place(impl: Client, call: str, held: Handle, kept: Handle) -> None:
    """The parameter tensors that were held before the training are still the model's."""
    moved, now = impl.probe("moved", held, 1.0), impl.probe("parameters", kept)
    same = len(moved) == len(now) == len(Params._fields) and all(
        np.array_equal(one.array, other.array) for one, other in zip(moved, now, strict=True)
    )
    judge.holds(same, call, "the same parameter tensors hold the new values", "new tensors in their place")
