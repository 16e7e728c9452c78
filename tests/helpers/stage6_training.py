"""Training in stage 6: on batches that the suite has drawn, judged by a run of the suite's own."""

from contextlib import suppress
from dataclasses import replace
from typing import Any

import numpy as np
from mistakes import naming
from mistakes.minibatch_runs import Case
from mistakes.minibatch_training import DEFAULTS, RUNS

from grader.course.records import Params
from grader.judging import judge
from grader.judging import mistakes as known
from grader.judging.mistakes import Seen
from grader.outside.client import Client
from grader.outside.verdicts import Verdict, Wrong
from grader.wire import Handle
from helpers import comparisons, draw, formulas, stage6_models
from helpers.stage6_models import SEQUENTIAL, Model, single

Rng = np.random.Generator
Batches = list[tuple[np.ndarray, np.ndarray]]

SPARE_EPOCHS = 2
"""Orders beyond the epochs trained, for code that looks into the loader as well; then the first come again."""
CALMER = 20
"""By how much smaller steps are where a mistaken run is looked at again: some grow beyond all bounds at first."""
LONG_RUN = 2e-3
"""For each parameter after 1400 steps in float32 against float64. Most right runs come within 1e-5. Where rounding
carries a sample over a unit's kink, which is rare, they part by more: 2.6e-3 was seen, and 4.7e-3 from starts
moved by 1e-6. Runs from the same start on other orders came no closer than 1e-2, so none can be kept and shown
again."""


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

    def trained_on(self, epochs: int, call: str) -> list[Batches]:
        """The batches of the epochs that were trained on.

        They are the passes that took all samples and moved the model, or where nothing could move it, the last
        that took all samples. Others, for a look at a batch or at the loss, are nobody's business.
        """
        all_of_it = self._orders.shape[1]
        whole, moving = (
            [number for number, count in enumerate(self.taken(only)) if count == all_of_it]
            for only in (False, True)
        )
        enough = len(whole) >= epochs
        judge.holds(enough, call, f"the loader iterated anew in each of {epochs} epochs", f"{len(whole)} in all")
        passes = (moving if len(moving) >= epochs else whole)[-epochs:]
        self._orders = self._orders[np.array(passes) % len(self._orders)]
        return batches(self._X, self._y, self._size, self._orders)

    def again(self, model: Handle) -> Handle:
        """A loader for another model, whose epochs are those that were trained on."""
        arguments = self._X, self._y, self._size, self._orders, model
        handle: Handle = self._impl.probe("ordered_loader", *arguments, keep=True)
        return handle


def orders(rng: np.random.Generator, n: int, epochs: int) -> np.ndarray:
    """Draw the order of `n` samples in each of so many epochs and some to spare."""
    return np.array([rng.permutation(n) for _ in range(epochs + SPARE_EPOCHS)])


def batches(X: np.ndarray, y: np.ndarray, size: int, orders: np.ndarray) -> list[Batches]:
    """The batches of each epoch, rounded as a float32 loader gives them."""
    X = single(X)
    return [[(X[o[at : at + size]], y[o[at : at + size]]) for at in range(0, len(o), size)] for o in orders]


def replayed(
    impl: Client, rng: Rng, model: Model, smaller_batch: bool = False, leftover_gradients: bool = False
) -> None:
    """A run on drawn batches, from which every right run gives the same."""
    size, epochs = int(rng.integers(3, 6)), int(rng.integers(2, 5))
    n = 3 * size + smaller_batch
    fair = False
    while not fair:
        lr = rng.uniform(0.03, 0.2)
        X, y, params = stage6_models.drawn(rng, n, *draw.sizes(rng)[1:])
        order = orders(rng, n, epochs)
        fair = formulas.replay(params, batches(X, y, size, order[:epochs]), lr).is_fair(margin=1e-4)
    kept = model.made_of(impl, params)
    grads = Params(*(rng.uniform(2.0, 4.0, size=np.shape(p)) for p in params)) if leftover_gradients else None
    if grads is not None:
        model.leave_gradients(impl, kept, grads)
    loader = Loader(impl, kept, X, y, size, order)
    held = impl.probe("parameters", kept, keep=True)
    call = f"train({model.name}, loader, lr={lr:.3g}, epochs={epochs})"
    case = Case(params, batches(X, y, size, order[:epochs]), lr, grads, model is SEQUENTIAL)
    with naming(RUNS, case) as seen:
        try:
            history = impl.train(kept, loader.handle, lr, epochs)
            case = replace(case, epochs=loader.trained_on(epochs, call))
        except Verdict as verdict:
            if verdict.outcome in ("failed", "error"):
                seen |= _iterations(impl, model, case, loader, lr, epochs + 3)
            raise
    calm = replace(case, lr=case.lr / CALMER)
    with naming(RUNS, calm) as told, known.naming(RUNS, case) as seen:
        seen |= {"history": history, "params": model.parameters(impl, kept), "same": True}
        try:
            _judge_run(impl, call, kept, held, case, seen)
        except Wrong:
            seen |= _at_rest(impl, model, case, loader)
            told |= _again(impl, model, calm, loader)
            raise


def _judge_run(impl: Client, call: str, kept: Handle, held: Handle, case: Case, seen: Seen) -> None:
    """The history and the trained parameters are right, and the same tensors hold them."""
    run = formulas.replay(case.params, case.epochs, case.lr)
    comparisons.history(call, seen["history"], run.history, judge.FLOAT32)
    judge.record(f"{call}, the trained parameters", seen["params"], run.params, judge.FLOAT32)
    moved, now = impl.probe("moved", held, 1.0), impl.probe("parameters", kept)
    seen["same"] = len(moved) == len(now) == len(run.params) and all(
        np.array_equal(one.array, other.array) for one, other in zip(moved, now, strict=True)
    )
    judge.holds(seen["same"], call, "the same parameter tensors hold the new values", "new tensors in their place")


def _iterations(impl: Client, model: Model, case: Case, loader: Loader, *asked: float) -> dict[str, Any]:
    """What tells why a loader's epochs were not what they should be: found where they are not, by another run.

    asked: lr and epochs, or neither.
    """
    X, y = case.epochs[0][0]
    X, y = X[:5], y[:5]
    kept = model.made_of(impl, case.params)
    roomy = Loader(impl, kept, X, y, len(y), np.arange(len(y))[np.newaxis])
    entries = 0
    with suppress(Verdict):
        history = impl.call("train", kept, roomy.handle, *asked, patience=3)
        losses = history.get("loss") if isinstance(history, dict) else None
        entries = len(losses) if isinstance(losses, list) else 0
    with suppress(Verdict):  # what was to be counted may be lost
        return {"taken": loader.taken(), "passes": (len(roomy.taken()), entries, asked[1] if asked else 200)}
    return {}


def _at_rest(impl: Client, model: Model, case: Case, loader: Loader) -> dict[str, Any]:
    """Where the parameters are after a run with a learning rate of 0."""
    return {"at_rest": _again(impl, model, replace(case, lr=0.0), loader).get("params")}


def _again(impl: Client, model: Model, case: Case, loader: Loader) -> dict[str, Any]:
    """History and parameters of another run, on the epochs that a loader was trained on."""
    kept = model.made_of(impl, case.params)
    if case.leftover is not None:
        model.leave_gradients(impl, kept, case.leftover)
    with suppress(Verdict):
        history = impl.train(kept, loader.again(kept), case.lr, len(case.epochs))
        return {"history": history, "params": model.parameters(impl, kept)}
    return {}


def tied(impl: Client, rng: Rng, model: Model) -> None:
    """One batch with pre-activations of exactly 0 and a score of exactly 0.5."""
    X, y, params = draw.tied(rng)
    kept = model.made_of(impl, params)
    loader = Loader(impl, kept, X, y, len(y), orders(rng, len(y), 1))
    case = Case(params, [[(X, y)]], 0.1, is_sequential=model is SEQUENTIAL)
    call = f"train({model.name}, loader, lr=0.1, epochs=1), a1 with zeros and a score of exactly 0.5"
    with naming(RUNS, case) as seen:
        seen["history"] = history = impl.train(kept, loader.handle, 0.1, 1)
        run = formulas.replay(params, case.epochs, case.lr)
        comparisons.history(call, history, formulas.without(run.history, "grad_norm"), judge.FLOAT32)


def default_run(impl: Client, rng: Rng, model: Model) -> None:
    """Train with torch's seed 0, or failing that 1 or 2; follow the run, then judge its scores.

    A run that strays gets a second one, on other orders: a right one strays rarely, and hardly twice.
    """
    X, y = formulas.xor(n=200, seed=0)
    fresh = formulas.xor(n=2000, seed=int(rng.integers(1, 2**31)))
    for seed in (0, 1, 2):
        call = f"train({model.maker}(), loader) with the defaults, torch's seed {seed}"
        case, end = _defaults(impl, rng, model, seed, call, fresh)
        if _strays(end, formulas.trained(case.params, case.epochs, case.lr)):
            case, end = _defaults(impl, rng, model, seed, call, fresh)
        with naming(DEFAULTS, case) as seen:
            seen["end"] = end
            judge_end(call, end, formulas.trained(case.params, case.epochs, case.lr))
        reached = _accuracy(end, X, y), _accuracy(end, *fresh)
        if reached[0] >= 0.93 and reached[1] >= 0.90:
            return
    expected = "an accuracy of 0.93 on the training data and of 0.90 on fresh points"
    judge.holds(False, call, expected, f"{reached[0]:.3f} and {reached[1]:.3f}")


def _defaults(
    impl: Client, rng: Rng, model: Model, seed: int, call: str, fresh: tuple[np.ndarray, np.ndarray]
) -> tuple[Case, Params]:
    """A run with the defaults on orders that are drawn: where it began, on what it trained, and where it ended."""
    X, y = formulas.xor(n=200, seed=0)
    impl.probe("seed", seed)
    kept = impl.call(model.maker, keep=True)
    start = model.parameters(impl, kept)
    sizes = start.W1.shape == (16, 2)
    judge.holds(sizes, call, "a model of 2 inputs and 16 units", f"W1 of shape {start.W1.shape}")
    before = _accuracy(start, *fresh)
    judge.holds(before < 0.85, call, "a model not trained before", f"one of an accuracy of {before:.3f}")
    loader = Loader(impl, kept, X, y, 32, orders(rng, 200, 200))
    case = Case(start, [[(X, y)]] * 200, lr=0.1)
    with naming(DEFAULTS, case) as seen:
        try:
            impl.call("train", kept, loader.handle, patience=6)
            case = replace(case, epochs=loader.trained_on(200, call))
        except Verdict as verdict:
            if verdict.outcome in ("failed", "error"):
                seen |= _iterations(impl, model, case, loader)
            raise
    return case, model.parameters(impl, kept)


def _strays(end: Params, right: Params) -> bool:
    """Whether any parameter is off; NaN is."""
    return not all(apart <= LONG_RUN for apart in formulas.largest_differences(end, right).values())


def judge_end(call: str, end: Params, right: Params) -> None:
    """Every parameter is where the run must end, large ones no less exactly than small ones.

    The start is the learner's own, and a huge weight in it must not make room for the others.
    """
    for name, apart in formulas.largest_differences(end, right).items():
        expected = f"what plain SGD on these batches gives, within {LONG_RUN}"
        judge.holds(
            apart <= LONG_RUN, f"{call}, the trained {name}", expected, f"other values, off by {apart:.3g}"
        )


def _accuracy(params: Params, X: np.ndarray, y: np.ndarray) -> float:
    """The accuracy of the network with these parameters, by the suite's own formula."""
    return formulas.accuracy(formulas.forward(X, params).f, y)
