"""Runs of stage 6's train beside the plain one: sizes, states and calls that drawn data seldom meet."""

from dataclasses import replace

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.judging.likeness import distance
from grader.outside.client import Client
from grader.outside.verdicts import NoAnswer
from grader.wire import Handle
from helpers import comparisons, draw, formulas, stage6_models
from helpers.stage6_models import Model, single
from helpers.stage6_training import MARGIN, PATIENCE, Run, batches, judge_run, orders

Rng = np.random.Generator

GROWN = 1e-3
"""For the rounding in float32 of a run whose numbers have grown a hundredfold."""


def several(rng: Rng) -> list[Run]:
    """Runs of every kind."""
    many = int(rng.integers(11, 15))
    return [
        replace(_drawn(rng, 6, 3, epochs=2, special="lr and epochs given by name"), by_name=True),
        _drawn(rng, 1, 1, epochs=3, sizes=(1, 1), special="one sample, one input and one hidden unit"),
        _drawn(rng, 6, 3, epochs=1, special="one epoch"),
        _drawn(rng, 2 * many, 2, epochs=1, special=f"{many} batches an epoch"),
        _drawn(rng, 12, 3, epochs=2, taken=6, special="a loader that takes 6 of the 12 samples of its dataset"),
        _growing(rng),
        *_at_rest(rng),
    ]


def long(rng: Rng) -> Run:
    """A run of more than a hundred epochs."""
    epochs = int(rng.integers(101, 121))
    return _drawn(rng, 4, 4, epochs, sizes=(2, 2), special=f"{epochs} epochs, one entry each")


def uneven(rng: Rng) -> Run:
    """A run whose last batch is smaller, of a part of the samples."""
    return _drawn(rng, 12, 3, epochs=2, taken=7, special="a loader that takes 7 of the 12 samples of its dataset")


def _drawn(
    rng: Rng,
    n: int,
    size: int,
    epochs: int,
    special: str,
    sizes: tuple[int, int] | None = None,
    taken: int | None = None,
) -> Run:
    """A run from which every right run gives the same; sizes: D and H; taken: of the samples, in each epoch."""
    while True:
        d, h = sizes or draw.sizes(rng)[1:]
        X, y, params = stage6_models.drawn(rng, n, d, h)
        orders = np.array([rng.permutation(n)[:taken] for _ in range(epochs)])
        run = Run(X, y, params, size, orders, rng.uniform(0.01, 0.1), special)
        if run.replay.is_fair(MARGIN):
            return run


def _going_on(rng: Rng, params: Params) -> Run:
    """A run, from which every right run gives the same, of a model that has these parameters."""
    while True:
        X, y, _ = stage6_models.drawn(rng, 6, *params.W1.T.shape)
        orders = np.array([rng.permutation(6) for _ in range(2)])
        run = Run(X, y, params, 3, orders, rng.uniform(0.01, 0.1), "a model that was trained before")
        if run.replay.is_fair(MARGIN):
            return run


def _growing(rng: Rng) -> Run:
    """A run with steps so long that the loss grows from epoch to epoch."""
    while True:
        X, y, params = stage6_models.drawn(rng, 4, 2, 3)
        orders = np.array([rng.permutation(4) for _ in range(3)])
        lr, special = rng.uniform(0.5, 2.0), "a loss that grows in each epoch"
        run = Run(X, y, params, 4, orders, lr, special, tolerance=GROWN)
        losses, steady = run.replay.history["loss"], run.replay.growth < 5 * formulas.STEADY
        if steady and run.replay.margin > 1e-2 and losses[0] < losses[1] / 2 < losses[2] / 4 < 100:
            return run


def _at_rest(rng: Rng) -> list[Run]:
    """Runs in which nothing moves, and which go on for all that: by lr, on a plateau, and where all is reached.

    Every number on the way to a score is a small multiple of 1/1024, exact in float32 however it is summed, and no
    pre-activation is 0.
    """
    n, h = 4 * int(rng.integers(251, 500)), int(rng.integers(101, 130))
    X, W1 = rng.integers(-8, 9, size=(n, 2)) / 8, rng.integers(-8, 9, size=(h, 2)) / 8
    b1, W2 = rng.integers(-8, 9, size=h) / 8 + 1 / 128, rng.choice([-0.125, 0.125], size=(1, h))
    params = Params(W1, b1, W2, np.array(0.25))
    y = rng.permutation(np.arange(n) % 2).astype(np.float64)
    off = params._replace(b1=np.full(h, -4.0), b2=np.array(0.5))
    few, same = X[:6], np.tile(rng.permutation(6), (12, 1))
    slope = rng.choice([0.5, 1.0, 2.0])
    fitted = Params(np.full((1, 1), slope), np.zeros(1), np.full((1, 1), 1 / slope), np.array(0.0))
    line = np.array([[1.0], [-1.0], [-2.0], [1.0], [-3.0], [-0.5]])
    return [
        Run(X, y, params, n // 4, rng.permutation(n)[np.newaxis], 0.0, f"lr=0, {n} samples and {h} hidden units"),
        Run(few, np.array([0.0, 1.0] * 3), off, 6, same, 0.1, "every unit off, and nothing to be moved"),
        Run(line, (line[:, 0] > 0) * 1.0, fitted, 6, same, 0.1, "a loss of 0, and no stop before the end"),
    ]


def judge_runs(impl: Client, rng: Rng, model: Model, for_long: bool) -> None:
    """The learner's train does runs of every kind right, and a second one on a model that was trained before.

    What was judged is forgotten, so that a later model may come where an earlier one has been in memory. for_long:
    whether a long run is among them; one of the two models shows it.
    """
    for number, run in enumerate([*several(rng), *([long(rng)] if for_long else [])]):
        kept = judge_special(impl, model, run)
        if number == 0:
            judge_special(impl, model, _going_on(rng, model.parameters(impl, kept)), kept)
        impl.forget(kept)


def judge_special(impl: Client, model: Model, run: Run, trained: Handle | None = None) -> Handle:
    """The learner's train does such a run right, on a new model or on one that was trained; gives the model."""
    kept = model.made_of(impl, run.params) if trained is None else trained
    loader, call = run.loader(impl, kept), run.call(model)
    if run.by_name:
        history = impl.train(kept, loader.handle, lr=run.lr, epochs=run.epochs)
    else:
        history = impl.call("train", kept, loader.handle, run.lr, run.epochs, patience=PATIENCE)
    right = formulas.replay(run.params, loader.trained_on(run.epochs, call, history), run.lr)
    judge_run(call, model.parameters(impl, kept), history, right, run.tolerance)
    return kept


def judge_ties(impl: Client, rng: Rng, model: Model) -> None:
    """The history is right of one batch with pre-activations of exactly 0 and a score of exactly 0.5."""
    X, y, params = draw.tied(rng)
    run = Run(X, y, params, len(y), orders(rng, len(y), 1)[:1], 0.1, "a1 with zeros and a score of exactly 0.5")
    kept = model.made_of(impl, params)
    history = impl.train(kept, run.loader(impl, kept).handle, run.lr, run.epochs)
    right = formulas.without(formulas.replay(params, [[(X, y)]], 0.1).history, "grad_norm")
    comparisons.history(run.call(model), history, right, judge.FLOAT32)


def judge_autograd(impl: Client, rng: Rng, model: Model) -> None:
    """The steps come from autograd: they are twice as long where autograd passes back twice as much."""
    run = _drawn(rng, 6, 3, epochs=1, special="")
    kept = model.made_of(impl, run.params)
    try:
        impl.counted("doubled", "train", kept, run.loader(impl, kept).handle, run.lr, 1)
    except NoAnswer:  # of code that checks its gradients; it has trained in the tests before
        return
    right = formulas.trained(run.params, batches(run.X, run.y, run.size, run.orders), 2 * run.lr)
    end = Params(*map(single, model.parameters(impl, kept)))
    judge.holds(
        distance(end, Params(*map(np.asarray, right)), judge.FLOAT32) is not None,
        f"train({model.name}, loader, lr, epochs), while autograd passes back twice the gradients",
        "twice the steps: along the gradients that PyTorch's autograd finds in the model's graph",
        "other steps: along gradients found without autograd, or those of another graph",
    )
