"""Stage 6, 20 points: the model as a module, built twice; mini-batches, training and accuracy."""

import accuracies
import draw
import formulas
import minibatches
import models
import numpy as np
import pytest
import training
from examples import check_each
from mistakes import naming
from mistakes.scoring import SCORES
from mistakes.sequential import LAYERS, MAKE_SEQUENTIAL
from models import MODELS, SEQUENTIAL, TINY_MLP, Model, as_layers, single

from grader import judge
from grader.impl import Impl
from grader.showing import written_out
from grader.wire import Params, Tensor

Rng = np.random.Generator


class TestTinyMLP:
    """TinyMLP(d, h)"""

    @pytest.mark.points(1)
    def test_parameters(self, impl: Impl, rng: Rng) -> None:
        """TinyMLP registers exactly the parameters W1 (h, d), b1 (h,), W2 (1, h), b2 (), and uses them."""
        X, _, params = models.drawn(rng, *draw.sizes(rng))
        h, d = params.W1.shape
        models.judge_parameters(impl, (d, h), d, h)
        models.judge_parameters(impl, (2, 16))
        models.judge_forward(impl, X, params)

    @pytest.mark.points(1)
    def test_start(self, impl: Impl, rng: Rng) -> None:
        """Weights start at 0.1 · randn from PyTorch's global generator in its default dtype, biases at 0."""
        seeds = [int(seed) for seed in rng.integers(0, 2**31, size=3)]
        turns = draw.shuffled(rng, [0, 1, 2, 0, 1, 2])
        starts = [models.started(impl, seeds[turn]) for turn in turns]
        before = impl.probe("set_default_dtype", "float64")
        try:
            double = models.started(impl, seeds[0])
        finally:
            impl.probe("set_default_dtype", before)
        models.judge_starts(starts, turns, double)

    @pytest.mark.points(2)
    def test_forward(self, impl: Impl, rng: Rng) -> None:
        """With the NumPy parameters loaded, in float64, forward agrees with the NumPy forward within 1e-8."""

        def check(n: int, d: int, h: int) -> None:
            X, _ = draw.samples(rng, n, d)
            models.judge_forward(impl, X, draw.params(rng, d, h), differentiated=True)

        check_each(check, (*draw.rounds(rng), *draw.small_sizes(rng)))


class TestMakeSequential:
    """make_sequential(d, h)"""

    @pytest.mark.points(1)
    def test_layers(self, impl: Impl, rng: Rng) -> None:
        """make_sequential gives an nn.Sequential of nn.Linear, nn.ReLU and nn.Linear, in that order."""
        for n, d, h in draw.rounds(rng):
            X, _, params = models.drawn(rng, n, d, h)
            self._check(impl, X, params)

    @pytest.mark.points(1)
    def test_sizes(self, impl: Impl, rng: Rng) -> None:
        """Its output is (N, 1) for any d and h, and for d = 2 and h = 16 where they are not given."""
        for n, d, h in draw.small_sizes(rng):
            X, _, params = models.drawn(rng, n, d, h)
            self._check(impl, X, params)
        X = single(draw.samples(rng, 5, 2)[0])
        self._check(impl, X, Params(*map(single, draw.params(rng, 2, 16))), default=True)

    @staticmethod
    def _check(impl: Impl, X: np.ndarray, params: Params, default: bool = False) -> None:
        h, d = params.W1.shape
        call = "make_sequential()" if default else f"make_sequential({d}, {h})"
        with naming(MAKE_SEQUENTIAL, d, h, not default) as seen:
            model = impl.call("make_sequential", *(() if default else (d, h)), keep=True)
            seen["kinds"] = impl.probe("class_names", model)
            judge.holds("Sequential" in seen["kinds"], call, "an nn.Sequential", "something else")
            seen["layers"] = layers = impl.probe("layers", model)
            judge.holds(layers == LAYERS, call, ", ".join(LAYERS), ", ".join(layers))
            seen["shapes"] = shapes = [p.array.shape for p in impl.probe("parameters", model)]
            right = [p.shape for p in as_layers(params)]
            judge.holds(shapes == right, f"{call}, its parameters", f"shapes {right}", f"shapes {shapes}")
            impl.probe("double", model)
            impl.probe("load", model, as_layers(params))
            expected = formulas.forward(X, params).f[:, None]
            judge.tensor(f"{call}(X) with N={len(X)}", impl.probe("apply", model, Tensor(X)), expected)


class TestScores:
    """scores(model, X)"""

    @pytest.mark.points(1)
    def test_tiny_mlp(self, impl: Impl, rng: Rng) -> None:
        """scores gives the TinyMLP's scores, of shape (N,), also for one sample."""
        self._check(impl, rng, TINY_MLP)

    @pytest.mark.points(1)
    def test_sequential(self, impl: Impl, rng: Rng) -> None:
        """scores gives the nn.Sequential's scores, of shape (N,), also for one sample."""
        self._check(impl, rng, SEQUENTIAL)

    @staticmethod
    def _check(impl: Impl, rng: Rng, model: Model) -> None:
        def check(n: int, d: int, h: int) -> None:
            X, _, params = models.drawn(rng, n, d, h)
            kept = model.made_of(impl, params)
            impl.probe("double", kept)
            call = f"scores({model.name}, X) with {written_out(X=X, params=params)}"
            with naming(SCORES, X, params, model is TINY_MLP):
                judge.tensor(call, impl.scores(kept, Tensor(X)), formulas.forward(X, params).f)

        check_each(check, (*draw.rounds(rng), *draw.small_sizes(rng)))


class TestMakeLoader:
    """make_loader(X, y, batch_size, seed)"""

    @pytest.mark.points(1)
    def test_batches(self, impl: Impl, rng: Rng) -> None:
        """An epoch has every sample once, as float32 tensors in batches of batch_size, the last one smaller."""
        n = int(rng.integers(20, 30))
        for size in draw.shuffled(rng, (int(rng.integers(3, 7)), n + 5)):
            X, y = minibatches.data(rng, n)  # others each time, so that it takes those of the very call
            batches = minibatches.epoch(impl, minibatches.made(impl, X, y, batch_size=size), X, y)
            minibatches.check_sizes(f"make_loader(X, y, batch_size={size})", batches, len(y), size)

    @pytest.mark.points(1)
    def test_defaults(self, impl: Impl, rng: Rng) -> None:
        """The batch size is 32 and the seed 0 where they are not given, and the order is not the data's own."""
        X, y = minibatches.data(rng, 70)
        batches = minibatches.epoch(impl, minibatches.made(impl, X, y), X, y)
        minibatches.check_sizes("make_loader(X, y)", batches, 70, 32, given=False)
        given = minibatches.made(impl, X, y, batch_size=32, seed=0)
        same = minibatches.order(X, minibatches.epoch(impl, given, X, y)) == minibatches.order(X, batches)
        minibatches.check_order(
            impl, same, "make_loader(X, y)", "the batches of batch_size=32, seed=0", "other batches"
        )
        minibatches.check_shuffled("make_loader(X, y)", minibatches.order(X, batches))

    @pytest.mark.points(1)
    def test_same_seed(self, impl: Impl, rng: Rng) -> None:
        """The same seed gives the same batches, epoch for epoch, whatever else was drawn or made in between."""
        X, y = minibatches.data(rng, 40)
        seed = int(rng.integers(1, 1000))
        impl.probe("seed", int(rng.integers(1000)))
        first = minibatches.made(impl, X, y, batch_size=7, seed=seed)
        orders = [minibatches.order(X, minibatches.epoch(impl, first, X, y)) for _ in range(2)]
        second = minibatches.made(impl, X, y, batch_size=7, seed=seed)
        for epoch, right in enumerate(orders):
            impl.probe("draw", int(rng.integers(1, 50)))
            impl.probe("seed", int(rng.integers(1000)))
            minibatches.epoch(impl, minibatches.made(impl, X, y, batch_size=5, seed=seed + 1), X, y)
            minibatches.epoch(impl, first, X, y)
            order = minibatches.order(X, minibatches.epoch(impl, second, X, y))
            call = f"make_loader(X, y, batch_size=7, seed={seed}) made again, epoch {epoch}"
            minibatches.check_order(impl, order == right, call, "the batches of the first loader", "other batches")
            minibatches.check_shuffled(call, order)

    @pytest.mark.points(1)
    def test_shuffled_anew(self, impl: Impl, rng: Rng) -> None:
        """Every epoch is shuffled, two epochs differ, and another seed gives other batches."""
        X, y = minibatches.data(rng, 40)
        seeds = [int(seed) for seed in rng.permutation(1000)[:3]]
        orders = []
        for seed in seeds:
            loader = minibatches.made(impl, X, y, batch_size=7, seed=seed)
            for _ in range(2):
                orders.append(minibatches.order(X, minibatches.epoch(impl, loader, X, y)))
                minibatches.check_shuffled(f"make_loader(X, y, batch_size=7, seed={seed})", orders[-1])
        distinct = len({tuple(order) for order in orders})
        call = f"make_loader(X, y) with the seeds {', '.join(map(str, seeds))}, two epochs each"
        minibatches.check_order(impl, distinct == 6, call, "six different orders", f"{distinct} different ones")


class TestTrain:
    """train(model, loader, lr, epochs)"""

    @pytest.mark.points(1)
    def test_tiny_mlp(self, impl: Impl, rng: Rng) -> None:
        """train does plain SGD on a TinyMLP, batch after batch, and records each epoch."""
        training.replayed(impl, rng, TINY_MLP)
        training.tied(impl, rng, TINY_MLP)

    @pytest.mark.points(1)
    def test_sequential(self, impl: Impl, rng: Rng) -> None:
        """train does plain SGD on an nn.Sequential, batch after batch, and records each epoch."""
        training.replayed(impl, rng, SEQUENTIAL)
        training.tied(impl, rng, SEQUENTIAL)

    @pytest.mark.points(1)
    def test_smaller_last_batch(self, impl: Impl, rng: Rng) -> None:
        """A smaller last batch weighs less in loss, accuracy and ReLU activity, not in the gradient norm."""
        for model in MODELS:
            training.replayed(impl, rng, model, smaller_batch=True)

    @pytest.mark.points(1)
    def test_leftover_gradients(self, impl: Impl, rng: Rng) -> None:
        """Gradients left over from before do not leak into the training."""
        for model in MODELS:
            training.replayed(impl, rng, model, leftover_gradients=True)

    @pytest.mark.points(1)
    def test_default_run_tiny_mlp(self, impl: Impl, rng: Rng) -> None:
        """With the defaults, a TinyMLP reaches 0.93 on the training data and 0.90 on 2,000 fresh points."""
        training.default_run(impl, rng, TINY_MLP)

    @pytest.mark.points(1)
    def test_default_run_sequential(self, impl: Impl, rng: Rng) -> None:
        """With the defaults, an nn.Sequential reaches 0.93 on the training data and 0.90 on 2,000 fresh points."""
        training.default_run(impl, rng, SEQUENTIAL)


class TestAccuracy:
    """accuracy(model, X, y)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """accuracy is a float, the fraction of samples with score ≥ 0.5 equal to y, for either model and dtype."""
        cases = []
        for model in MODELS:
            cases += [accuracies.drawn(impl, rng, model, double) for double in (False, True)]
            cases.append(accuracies.all_half(impl, rng, model))
        accuracies.judge_values(impl, cases)

    @pytest.mark.points(1)
    def test_leaves_no_trace(self, impl: Impl, rng: Rng) -> None:
        """accuracy records no graph, and leaves the training flag and torch's grad mode as they were."""
        for model in MODELS:
            for flag in (True, False):
                accuracies.judge_flag(impl, rng, model, flag)
            for enabled in (False, True):
                accuracies.judge_grad_mode(impl, rng, model, enabled)
