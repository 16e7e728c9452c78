"""Stage 6, 20 points: the model as a module, built twice; mini-batches, training and accuracy."""

import draw
import formulas
import minibatches
import models
import numpy as np
import pytest
import training
from examples import check_each
from models import MODELS, SEQUENTIAL, TINY_MLP, Model, as_layers, listed, single

from grader import judge
from grader.impl import Impl
from grader.wire import Handle, Params, Tensor

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
        model = impl.call("make_sequential", *(() if default else (d, h)), keep=True)
        judge.holds("Sequential" in impl.probe("class_names", model), call, "an nn.Sequential", "something else")
        layers = impl.probe("layers", model)
        judge.holds(layers == ["Linear", "ReLU", "Linear"], call, "Linear, ReLU, Linear", ", ".join(layers))
        shapes = [p.array.shape for p in impl.probe("parameters", model)]
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
        for sizes in (*draw.rounds(rng), *draw.small_sizes(rng)):
            X, _, params = models.drawn(rng, *sizes)
            kept = model.made_of(impl, params)
            impl.probe("double", kept)
            expected = formulas.forward(X, params).f
            judge.tensor(f"scores({model.name}, X) with N={len(X)}", impl.scores(kept, Tensor(X)), expected)


class TestMakeLoader:
    """make_loader(X, y, batch_size, seed)"""

    @pytest.mark.points(1)
    def test_batches(self, impl: Impl, rng: Rng) -> None:
        """An epoch has every sample once, as float32 tensors in batches of batch_size, the last one smaller."""
        X, y = minibatches.data(rng, int(rng.integers(20, 30)))
        for size in (int(rng.integers(3, 7)), len(y) + 5):
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
        for model in MODELS:
            for double in (False, True):
                self._check(impl, rng, model, double)
            h, d = 4, 3
            zero = Params(np.zeros((h, d)), np.zeros(h), np.zeros((1, h)), np.array(0.5))
            X, y = draw.samples(rng, 7, d)
            got = impl.accuracy(model.made_of(impl, zero), X, y)
            judge.number("accuracy(model, X, y), every score exactly 0.5", got, 4 / 7, judge.FRACTION)

    @pytest.mark.points(1)
    def test_leaves_no_trace(self, impl: Impl, rng: Rng) -> None:
        """accuracy records no graph, and leaves the training flag and torch's grad mode as they were."""
        for model in MODELS:
            for flag in (True, False):
                kept = self._check(impl, rng, model, training=flag, graph=False)
                after = impl.probe("field", kept, "training")
                judge.holds(after is flag, "model.training after accuracy", f"{flag}", f"{after}")
            for enabled in (False, True):
                impl.probe("set_grad_mode", enabled)
                try:
                    self._check(impl, rng, model)
                    after = impl.probe("grad_mode")
                finally:
                    impl.probe("set_grad_mode", True)
                call = "torch.is_grad_enabled() after accuracy"
                judge.holds(after is enabled, call, f"{enabled}", f"{after}")

    @staticmethod
    def _check(
        impl: Impl, rng: Rng, model: Model, double: bool = False, training: bool = True, graph: bool = True
    ) -> Handle:
        """The accuracy of a drawn model whose scores are on both sides of 0.5, none of them near it."""
        margin = 0.0
        while margin < 1e-3:
            X, y, params = models.drawn(rng, 40, *draw.sizes(rng)[1:])
            out = formulas.forward(X, params)
            params = params._replace(b2=single(params.b2 + 0.5 - np.median(out.f)))
            f = formulas.forward(X, params).f
            margin = float(np.abs(f - 0.5).min())
        y = np.where((f >= 0.5) ^ (rng.uniform(size=40) < 0.3), 1.0, 0.0)
        kept = model.made_of(impl, params)
        if double:
            impl.probe("double", kept)
        impl.probe("set_training", kept, training)
        got, saved = impl.counted("saved", "accuracy", kept, X, y)
        call = f"accuracy(model, X, y) of a {'float64' if double else 'float32'} model"
        judge.number(call, got, formulas.accuracy(f, y), judge.FRACTION)
        judge.holds(graph or saved == 0, call, "no graph", f"a graph with {saved} saved tensors")
        return kept
