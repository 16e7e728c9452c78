"""Stage 6, 20 points: the model as a module, built twice; mini-batches, training and accuracy."""

import numpy as np
import pytest
from helpers import (
    comparisons,
    draw,
    formulas,
    stage6_accuracy,
    stage6_batches,
    stage6_default_runs,
    stage6_models,
    stage6_special_runs,
    stage6_training,
)
from helpers.smallest_example import check_each
from helpers.stage6_models import MODELS, SEQUENTIAL, TINY_MLP, Model, as_layers

from grader.course.records import Params
from grader.judging import judge
from grader.judging.showing import written_out
from grader.outside.client import Client
from grader.wire import Tensor

Rng = np.random.Generator


@pytest.fixture(autouse=True)
def single_precision(impl: Client) -> None:
    """Models are made in float32, whatever default dtype the learner's code has set when it was imported."""
    impl.probe("set_default_dtype", "float32")


class TestTinyMLP:
    """TinyMLP(d, h)"""

    @pytest.mark.points(1)
    def test_parameters(self, impl: Client, rng: Rng) -> None:
        """TinyMLP registers exactly the parameters W1 (h, d), b1 (h,), W2 (1, h), b2 (), and uses them."""
        X, _, params = stage6_models.drawn(rng, *draw.sizes(rng))
        h, d = params.W1.shape
        shapes = {"W1": (h, d), "b1": (h,), "W2": (1, h), "b2": ()}
        stage6_models.judge_parameters(impl, shapes, d, h)
        stage6_models.judge_parameters(impl, shapes, h=h, d=d)
        stage6_models.judge_parameters(impl, stage6_models.wanted(2, h), h=h)
        stage6_models.judge_parameters(impl, stage6_models.wanted(2, 16))
        stage6_models.judge_forward(impl, X, params, replaced=True)

    @pytest.mark.points(1)
    def test_start(self, impl: Client, rng: Rng) -> None:
        """Weights start at 0.1 · randn from PyTorch's global generator in its default dtype, biases at 0."""
        seeds = [int(seed) for seed in rng.integers(0, 2**31, size=2)]
        turns = draw.shuffled(rng, [0, 1, 0, 1])
        starts = [stage6_models.started(impl, seeds[turn]) for turn in turns]
        stage6_models.judge_start("TinyMLP()", starts[0])
        stage6_models.judge_seeds(starts, turns)
        stage6_models.judge_draws("the weights of one TinyMLP", starts[0])
        stage6_models.judge_starts_in_a_row(impl, seeds[0])
        stage6_models.judge_start("TinyMLP()", stage6_models.started_in_double(impl, seeds[0]), "float64")

    @pytest.mark.points(2)
    def test_forward(self, impl: Client, rng: Rng) -> None:
        """With the NumPy parameters loaded, in float64, forward agrees with the NumPy forward within 1e-8."""

        def check(n: int, d: int, h: int) -> None:
            X, _ = draw.samples(rng, n, d)
            stage6_models.judge_forward(impl, X, draw.params(rng, d, h))

        check_each(check, (*draw.rounds(rng), *draw.small_sizes(rng), (1203, 3, 120)))


class TestMakeSequential:
    """make_sequential(d, h)"""

    @pytest.mark.points(1)
    def test_layers(self, impl: Client, rng: Rng) -> None:
        """make_sequential gives an nn.Sequential of nn.Linear, nn.ReLU and nn.Linear, in that order."""
        for n, d, h in draw.rounds(rng):
            X, _, params = stage6_models.drawn(rng, n, d, h)
            self._check(impl, X, params, d, h)

    @pytest.mark.points(1)
    def test_sizes(self, impl: Client, rng: Rng) -> None:
        """Its output is (N, 1) for any d and h, and for d = 2 and h = 16 where they are not given."""
        for n, d, h in draw.small_sizes(rng):
            X, _, params = stage6_models.drawn(rng, n, d, h)
            self._check(impl, X, params, d=d, h=h)
        X, _, params = stage6_models.drawn(rng, 1203, 2, 120)
        self._check(impl, X, params, h=120)
        X, _, params = stage6_models.drawn(rng, 5, 2, 16)
        self._check(impl, X, params)

    @staticmethod
    def _check(impl: Client, X: np.ndarray, params: Params, *args: int, **named: int) -> None:
        h, d = params.W1.shape
        call = stage6_models.written("make_sequential", *args, **named)
        model, other = (impl.call("make_sequential", *args, **named, keep=True) for _ in range(2))
        kinds = impl.probe("class_names", model)
        judge.holds("NoneType" not in kinds, call, "an nn.Sequential", "None")
        judge.holds("Sequential" in kinds, call, "an nn.Sequential", "something else")
        comparisons.same(f"{call}, its layers", impl.probe("layers", model), ["Linear", "ReLU", "Linear"])
        shapes = [p.array.shape for p in impl.probe("parameters", model)]
        comparisons.same(f"{call}, the shapes of its parameters", shapes, [(h, d), (h,), (1, h), (1,)])
        apart = stage6_models.are_apart(impl, model, other)
        judge.holds(apart, f"{call}, called twice", "two models", "the same parameters in both")
        impl.probe("double", model)
        impl.probe("load", model, as_layers(params))
        expected = formulas.forward(X, params).f[:, None]
        judge.tensor(f"{call}(X) with N={len(X)}", impl.probe("apply", model, Tensor(X)), expected)


class TestScores:
    """scores(model, X)"""

    @pytest.mark.points(1)
    def test_tiny_mlp(self, impl: Client, rng: Rng) -> None:
        """scores gives the TinyMLP's scores, of shape (N,), also for one sample."""
        self._check(impl, rng, TINY_MLP)

    @pytest.mark.points(1)
    def test_sequential(self, impl: Client, rng: Rng) -> None:
        """scores gives the nn.Sequential's scores, of shape (N,), also for one sample."""
        self._check(impl, rng, SEQUENTIAL)

    @staticmethod
    def _check(impl: Client, rng: Rng, model: Model) -> None:
        def check(n: int, d: int, h: int) -> None:
            X, _, params = stage6_models.drawn(rng, n, d, h)
            kept = model.made_of(impl, params)
            impl.probe("double", kept)
            call = f"scores({model.name}, X) with {written_out(X=X, params=params)}"
            judge.tensor(call, impl.scores(kept, Tensor(X)), formulas.forward(X, params).f)

        check_each(check, (*draw.rounds(rng), *draw.small_sizes(rng), (1203, 3, 120)))


class TestMakeLoader:
    """make_loader(X, y, batch_size, seed)"""

    @pytest.mark.points(1)
    def test_batches(self, impl: Client, rng: Rng) -> None:
        """An epoch has every sample once, as float32 tensors in batches of batch_size, the last one smaller."""
        n = int(rng.integers(20, 30))
        others = draw.shuffled(rng, [(n, 2, 1), (n, 1, n + 5), (1203, 2, 500)])
        cases = [(n, 3, int(rng.integers(3, 7))), *others, (1, 1, 1)]
        layouts = draw.shuffled(rng, draw.LAYOUTS_FOR_TORCH * 3)
        for (n, d, size), layout in zip(cases, layouts, strict=False):
            X, y = stage6_batches.data(rng, n, d, classes=False)  # others each time: it must take the very call's
            loader = stage6_batches.made(impl, draw.laid(X, layout), draw.laid(y, layout), size)
            call = f"make_loader(X, y, {size}) with X of shape {X.shape}, {layout}"
            batches = stage6_batches.epoch(impl, loader, X, y, call)
            stage6_batches.check_sizes(f"make_loader(X, y, {size})", batches, n, size)

    @pytest.mark.points(1)
    def test_defaults(self, impl: Client, rng: Rng) -> None:
        """The batch size is 32 and the seed 0 where they are not given, and the order is not the data's own."""
        X, y = stage6_batches.data(rng, 70)
        batches = stage6_batches.epoch(impl, stage6_batches.made(impl, X, y), X, y)
        stage6_batches.check_sizes("make_loader(X, y)", batches, 70, 32)
        right = stage6_batches.order(X, batches)
        for given in ({"batch_size": 32, "seed": 0}, {"batch_size": 32}, {"seed": 0}):
            came = stage6_batches.order(
                X, stage6_batches.epoch(impl, stage6_batches.made(impl, X, y, **given), X, y)
            )
            same = f"the batches of {', '.join(f'{name}={value}' for name, value in given.items())}"
            stage6_batches.check_order(impl, came == right, "make_loader(X, y)", same, "other batches")
        stage6_batches.check_shuffled("make_loader(X, y)", right)

    @pytest.mark.points(1)
    def test_same_seed(self, impl: Client, rng: Rng) -> None:
        """The same seed gives the same batches, epoch for epoch, whatever else was drawn or made in between."""
        X, y = stage6_batches.data(rng, 40)
        seed = int(rng.integers(1000, 2**30))
        impl.probe("seed", int(rng.integers(1000)))
        first = stage6_batches.made(impl, X, y, batch_size=7, seed=seed)
        orders = [stage6_batches.order(X, stage6_batches.epoch(impl, first, X, y)) for _ in range(3)]
        made_again = {
            "made again": stage6_batches.made(impl, X, y, 7, seed),
            "made in another session": stage6_batches.made_in_another_session(impl, X, y, 7, seed),
        }
        for how, second in made_again.items():
            for epoch, right in enumerate(orders if second else ()):
                impl.probe("draw", int(rng.integers(1, 50)))
                impl.probe("seed", int(rng.integers(1000)))
                stage6_batches.epoch(impl, stage6_batches.made(impl, X, y, batch_size=5, seed=seed + 1), X, y)
                stage6_batches.epoch(impl, first, X, y)
                order = stage6_batches.order(X, stage6_batches.epoch(impl, second, X, y, disturbed=True))
                call = f"make_loader(X, y, batch_size=7, seed={seed}) {how}, epoch {epoch}"
                same = order == right
                stage6_batches.check_order(impl, same, call, "the batches of the first loader", "other batches")
                stage6_batches.check_shuffled(call, order)

    @pytest.mark.points(1)
    def test_shuffled_anew(self, impl: Client, rng: Rng) -> None:
        """Every epoch is shuffled, no two epochs are alike, and another seed gives other batches."""
        X, y = stage6_batches.data(rng, 40)
        small, large = (int(seed) for seed in rng.integers((1, 10**6), (900, 2**30)))
        orders = []
        for seed, epochs in (
            (small, 2),
            (small + 50, 2),
            (large, 12),
            (large + stage6_batches.SAME_REMAINDERS, 2),
        ):
            loader = stage6_batches.made(impl, X, y, batch_size=7, seed=seed)
            call = f"make_loader(X, y, batch_size=7, seed={seed})"
            came = []
            for _ in range(epochs):
                came.append(stage6_batches.order(X, stage6_batches.epoch(impl, loader, X, y)))
                stage6_batches.check_shuffled(call, came[-1])
            orders += came
            distinct = len({tuple(order) for order in orders})
            told = f"{call}, {epochs} epochs, and other seeds before"
            expected = f"{len(orders)} different orders"
            stage6_batches.check_order(impl, distinct == len(orders), told, expected, f"{distinct} different ones")
            stage6_batches.check_batches(call, came, 7)


class TestTrain:
    """train(model, loader, lr, epochs)"""

    @pytest.mark.points(1)
    def test_tiny_mlp(self, impl: Client, rng: Rng, seed: int) -> None:
        """train does plain SGD on a TinyMLP, batch after batch, and records each epoch."""
        self._check(impl, rng, TINY_MLP)
        self._check_special(impl, rng, TINY_MLP, for_long=seed % 2 == 1)

    @pytest.mark.points(1)
    def test_sequential(self, impl: Client, rng: Rng, seed: int) -> None:
        """train does plain SGD on an nn.Sequential, batch after batch, and records each epoch."""
        self._check(impl, rng, SEQUENTIAL)
        self._check_special(impl, rng, SEQUENTIAL, for_long=seed % 2 == 0)

    @pytest.mark.points(1)
    def test_smaller_last_batch(self, impl: Client, rng: Rng) -> None:
        """A smaller last batch weighs less in loss, accuracy and ReLU activity, not in the gradient norm."""
        for model in MODELS:
            self._check(impl, rng, model, smaller_batch=True)
            stage6_special_runs.judge_special(impl, model, stage6_special_runs.uneven(rng))

    @pytest.mark.points(1)
    def test_leftover_gradients(self, impl: Client, rng: Rng) -> None:
        """Gradients left over from before do not leak into the training."""
        for model in MODELS:
            self._check(impl, rng, model, leftover_gradients=True)

    @staticmethod
    def _check(
        impl: Client, rng: Rng, model: Model, smaller_batch: bool = False, leftover_gradients: bool = False
    ) -> None:
        """Plain SGD by the suite's formulas, on the same batches, has the same end and the same history."""
        run = stage6_training.drawn(rng, smaller_batch)
        kept = model.made_of(impl, run.params)
        if leftover_gradients:
            stage6_training.leave_gradients(impl, rng, model, kept, run.params)
        loader, call = run.loader(impl, kept), run.call(model)
        held = impl.probe("parameters", kept, keep=True)
        history = impl.train(kept, loader.handle, run.lr, run.epochs)
        right = formulas.replay(run.params, loader.trained_on(run.epochs, call, history), run.lr)
        end = model.parameters(impl, kept)
        with stage6_training.looking_at_rest(impl, model, run, loader):
            stage6_training.judge_run(call, end, history, right)
        stage6_training.judge_in_place(impl, call, held, kept)

    @staticmethod
    def _check_special(impl: Client, rng: Rng, model: Model, for_long: bool) -> None:
        """So does it on borders, for other sizes and states of the model, and by autograd."""
        stage6_special_runs.judge_ties(impl, rng, model)
        stage6_special_runs.judge_runs(impl, rng, model, for_long)
        stage6_special_runs.judge_autograd(impl, rng, model)

    @pytest.mark.points(1)
    def test_default_run_tiny_mlp(self, impl: Client, rng: Rng, seed: int) -> None:
        """With the defaults, a TinyMLP reaches 0.93 on the training data and 0.90 on 2,000 fresh points."""
        stage6_default_runs.default_run(impl, rng, TINY_MLP, late=seed % 2 == 0)

    @pytest.mark.points(1)
    def test_default_run_sequential(self, impl: Client, rng: Rng, seed: int) -> None:
        """With the defaults, an nn.Sequential reaches 0.93 on the training data and 0.90 on 2,000 fresh points."""
        stage6_default_runs.default_run(impl, rng, SEQUENTIAL, late=seed % 2 == 1)


class TestAccuracy:
    """accuracy(model, X, y)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """accuracy is a float, the fraction of samples with score ≥ 0.5 equal to y, for either model and dtype."""
        cases = [
            stage6_accuracy.drawn(impl, rng, model, double=double) for model in MODELS for double in (False, True)
        ]
        for model in MODELS:
            cases += [stage6_accuracy.drawn(impl, rng, model, n) for n in (1, 2346)]
            cases.append(stage6_accuracy.drawn(impl, rng, model, reach=0.1))
            cases += stage6_accuracy.near_half(impl, rng, model)
        answers = [impl.accuracy(case.kept, case.X, case.y) for case in cases]
        stage6_accuracy.judge_fractions(answers, cases)

    @pytest.mark.points(1)
    def test_leaves_no_trace(self, impl: Client, rng: Rng) -> None:
        """accuracy records no graph, and leaves the training flag and torch's grad mode as they were."""
        calls = [
            stage6_accuracy.called(impl, rng, model, flag, mode)
            for model in MODELS
            for flag, mode in ((True, True), (False, True), (True, False))
        ]
        stage6_accuracy.judge_fractions([call.answer for call in calls], [call.case for call in calls])
        for call in calls:
            stage6_accuracy.judge_traces(call)
