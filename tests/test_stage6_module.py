"""Stage 6, 20 points: the model as a module, built twice; mini-batches, training and accuracy."""

import math

import draw
import formulas
import models
import numpy as np
import pytest
from models import MODELS, SEQUENTIAL, TINY_MLP, Loader, Model, as_layers, listed, single

from grader import judge
from grader.impl import Impl
from grader.wire import Handle, Params, Tensor

Rng = np.random.Generator

AGREEMENT = 1e-8
"""The contract's own figure; both forward passes compute in float64 and differ by rounding alone."""
LONG_RUN = 1e-2
"""For the parameters after 1400 steps in float32 against float64: they came within 4e-5 in 72 such runs; a sample
that falls on the other side of a unit's kink sets them apart by about that much."""


class TestTinyMLP:
    """TinyMLP(d, h)"""

    @pytest.mark.points(1)
    def test_parameters(self, impl: Impl, rng: Rng) -> None:
        """TinyMLP registers exactly the parameters W1 (h, d), b1 (h,), W2 (1, h), b2 (), and uses them."""
        X, _, params = models.drawn(rng, *draw.sizes(rng))
        h, d = params.W1.shape
        for args, (hidden, inputs) in (((d, h), (h, d)), ((), (16, 2))):
            model = impl.call("TinyMLP", *args, keep=True)
            call = f"TinyMLP({', '.join(map(str, args))})"
            judge.holds("Module" in impl.probe("class_names", model), call, "an nn.Module", "something else")
            named = impl.probe("named_parameters", model)
            shapes = {"W1": (hidden, inputs), "b1": (hidden,), "W2": (1, hidden), "b2": ()}
            judge.holds(set(named) == set(shapes), call, "the parameters W1, b1, W2, b2", listed(named))
            for name, shape in shapes.items():
                right = named[name].array.shape == shape and named[name].requires_grad
                got = f"shape {named[name].array.shape}, requires_grad={named[name].requires_grad}"
                judge.holds(right, f"{call}.{name}", f"shape {shape}, requires_grad=True", got)
        self._check_forward(impl, X, params)

    @pytest.mark.points(1)
    def test_start(self, impl: Impl, rng: Rng) -> None:
        """Weights start at 0.1 · randn from PyTorch's global generator in its default dtype, biases at 0."""
        seeds = [int(seed) for seed in rng.integers(0, 2**31, size=2)]
        first, again, other = (self._started(impl, seed) for seed in (seeds[0], seeds[0], seeds[1]))
        before = impl.probe("set_default_dtype", "float64")
        try:
            double = self._started(impl, seeds[0])
        finally:
            impl.probe("set_default_dtype", before)
        for start, dtype in ((first, "float32"), (double, "float64")):
            for name, p in start.items():
                judge.holds(
                    p.dtype == dtype, f"TinyMLP().{name}, torch's default dtype {dtype}", dtype, f"{p.dtype}"
                )
            self._check_start(start)
        for name in ("W1", "W2"):
            same = np.array_equal(first[name], again[name])
            judge.holds(same, f"TinyMLP().{name} after torch.manual_seed", "the same for the same seed", "others")
            differs = bool(np.mean(first[name] == other[name]) < 0.1)  # some agree by chance
            judge.holds(
                differs, f"TinyMLP().{name} after torch.manual_seed", "others for another seed", "the same"
            )

    @pytest.mark.points(2)
    def test_forward(self, impl: Impl, rng: Rng) -> None:
        """With the NumPy parameters loaded, in float64, forward agrees with the NumPy forward within 1e-8."""
        for n, d, h in (*draw.rounds(rng), *draw.small_sizes(rng)):
            self._check_forward(impl, draw.samples(rng, n, d)[0], draw.params(rng, d, h), differentiated=True)

    @staticmethod
    def _check_forward(impl: Impl, X: np.ndarray, params: Params, differentiated: bool = False) -> None:
        h, d = params.W1.shape
        model = impl.call("TinyMLP", d, h, keep=True)
        impl.probe("double", model)
        impl.probe("load", model, params._asdict())
        call = f"TinyMLP(d={d}, h={h}).double()(X) with N={len(X)}"
        out = impl.probe("apply", model, Tensor(X), keep=True)
        right = formulas.forward(X, params)
        judge.tensor_forward(call, impl.probe("identity", out), right, AGREEMENT)
        if not differentiated:
            return
        f = impl.probe("field", out, "f", keep=True)
        judge.in_graph(f"{call}.f", impl.probe("identity", f))
        impl.probe("backward_of", f, np.ones(len(X)))
        named = impl.probe("named_parameters", model, keep=True)
        targets = right.f - len(X)  # the mean loss at these has the gradient 1 for each score
        grads = impl.probe("grads_of", [impl.probe("item", named, name, keep=True) for name in Params._fields])
        for name, grad, expected in zip(
            Params._fields, grads, formulas.gradients(X, targets, params), strict=True
        ):
            judge.tensor(f"{call}, the gradient of the sum of f for {name}", grad, expected, AGREEMENT)

    @staticmethod
    def _started(impl: Impl, seed: int) -> dict[str, np.ndarray]:
        impl.probe("seed", seed)
        model = impl.call("TinyMLP", 150, 200, keep=True)
        named = impl.probe("named_parameters", model)
        for name, shape in (("W1", (200, 150)), ("b1", (200,)), ("W2", (1, 200)), ("b2", ())):
            got = named[name].array.shape if name in named else "no such parameter"
            judge.holds(got == shape, f"TinyMLP(150, 200).{name}", f"shape {shape}", f"{got}")
        return {name: p.array for name, p in named.items()}

    @staticmethod
    def _check_start(start: dict[str, np.ndarray]) -> None:
        """Biases are 0; the weights' largest distance from the normal distribution is one that chance allows.

        By Massart's inequality n draws exceed the distance 3.3 / √n with probability 2·exp(−2·3.3²) < 1e-9.
        """
        for name in ("b1", "b2"):
            judge.array(f"TinyMLP().{name}", start[name], np.zeros_like(start[name]))
        for name in ("W1", "W2"):
            drawn = np.sort(start[name].astype(np.float64), axis=None) / 0.1
            normal = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in drawn])
            steps = np.arange(len(drawn) + 1) / len(drawn)
            distance = max(np.max(np.abs(normal - steps[:-1])), np.max(np.abs(normal - steps[1:])))
            spread = f"mean {drawn.mean() * 0.1:.3g} and standard deviation {drawn.std() * 0.1:.3g}"
            right = distance < 3.3 / math.sqrt(len(drawn))
            judge.holds(right, f"TinyMLP().{name}", "0.1 · randn, of mean 0 and standard deviation 0.1", spread)


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
        X, y = self._data(rng, int(rng.integers(20, 30)))
        for size in (int(rng.integers(3, 7)), len(y) + 5):
            batches = self._epoch(impl, impl.call("make_loader", X, y, batch_size=size, keep=True), X, y)
            self._check_sizes(f"make_loader(X, y, batch_size={size})", batches, len(y), size)

    @pytest.mark.points(1)
    def test_defaults(self, impl: Impl, rng: Rng) -> None:
        """The batch size is 32 and the seed 0 where they are not given, and the order is not the data's own."""
        X, y = self._data(rng, 70)
        batches = self._epoch(impl, impl.call("make_loader", X, y, keep=True), X, y)
        self._check_sizes("make_loader(X, y)", batches, 70, 32)
        given = impl.call("make_loader", X, y, batch_size=32, seed=0, keep=True)
        same = self._order(X, self._epoch(impl, given, X, y)) == self._order(X, batches)
        judge.holds(same, "make_loader(X, y)", "the batches of batch_size=32, seed=0", "other batches")
        self._check_shuffled("make_loader(X, y)", self._order(X, batches))

    @pytest.mark.points(1)
    def test_same_seed(self, impl: Impl, rng: Rng) -> None:
        """The same seed gives the same batches, epoch for epoch, whatever else was drawn or made in between."""
        X, y = self._data(rng, 40)
        seed = int(rng.integers(1, 1000))
        impl.probe("seed", int(rng.integers(1000)))
        first = impl.call("make_loader", X, y, batch_size=7, seed=seed, keep=True)
        orders = [self._order(X, self._epoch(impl, first, X, y)) for _ in range(2)]
        second = impl.call("make_loader", X, y, batch_size=7, seed=seed, keep=True)
        for epoch, right in enumerate(orders):
            impl.probe("draw", int(rng.integers(1, 50)))
            impl.probe("seed", int(rng.integers(1000)))
            self._epoch(impl, impl.call("make_loader", X, y, batch_size=5, seed=seed + 1, keep=True), X, y)
            self._epoch(impl, first, X, y)
            order = self._order(X, self._epoch(impl, second, X, y))
            call = f"make_loader(X, y, batch_size=7, seed={seed}) made again, epoch {epoch}"
            judge.holds(order == right, call, "the batches of the first loader", "other batches")
            self._check_shuffled(call, order)

    @pytest.mark.points(1)
    def test_shuffled_anew(self, impl: Impl, rng: Rng) -> None:
        """Every epoch is shuffled, two epochs differ, and another seed gives other batches."""
        X, y = self._data(rng, 40)
        seeds = [int(seed) for seed in rng.permutation(1000)[:3]]
        orders = []
        for seed in seeds:
            loader = impl.call("make_loader", X, y, batch_size=7, seed=seed, keep=True)
            for _ in range(2):
                orders.append(self._order(X, self._epoch(impl, loader, X, y)))
                self._check_shuffled(f"make_loader(X, y, batch_size=7, seed={seed})", orders[-1])
        distinct = len({tuple(order) for order in orders})
        call = f"make_loader(X, y) with the seeds {', '.join(map(str, seeds))}, two epochs each"
        judge.holds(distinct == 6, call, "six different orders", f"{distinct} different ones")

    @staticmethod
    def _data(rng: Rng, n: int) -> tuple[np.ndarray, np.ndarray]:
        """Samples that can be told apart, with labels that tell whose they are."""
        X = rng.uniform(-1.0, 1.0, size=(n, 3))
        return X, np.where(X[:, 0] > X[:, 1], 1.0, 0.0)

    @staticmethod
    def _epoch(impl: Impl, loader: Handle, X: np.ndarray, y: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        """One epoch's batches, of which X and y were found to belong together and to be complete."""
        call = "make_loader(X, y)"
        judge.holds("DataLoader" in impl.probe("class_names", loader), call, "a DataLoader", "something else")
        batches = impl.probe("epoch", loader)
        for batch in batches:
            pair = len(batch) == 2 and all(isinstance(part, Tensor) for part in batch)
            judge.holds(pair, f"a batch of {call}", "two tensors, X and y", f"{len(batch)} parts, not two tensors")
        got_X = [a.array for a, _ in batches]
        got_y = [b.array for _, b in batches]
        for a, b in zip(got_X, got_y, strict=True):
            shaped = a.ndim == 2 and a.shape[1] == X.shape[1] and b.shape == a.shape[:1]
            judge.holds(shaped, f"a batch of {call}", "X (B, D) and y (B,)", f"shapes {a.shape} and {b.shape}")
        all_X, all_y = (np.concatenate(parts) if parts else np.empty(0) for parts in (got_X, got_y))
        n = len(all_y)
        judge.holds(n == len(y), f"an epoch of {call}", f"{len(y)} samples", f"{n} samples")
        taken, given = np.argsort(all_X[:, 0]), np.argsort(X[:, 0])
        judge.array(f"the X of an epoch of {call}, sorted", all_X[taken], X[given].astype(np.float32))
        judge.array(f"the y that come with each X of {call}", all_y[taken], y[given].astype(np.float32))
        return list(zip(got_X, got_y, strict=True))

    @staticmethod
    def _order(X: np.ndarray, batches: list[tuple[np.ndarray, np.ndarray]]) -> list[int]:
        """Which sample came when."""
        came = np.concatenate([a[:, 0] for a, _ in batches])
        return [int(np.argmin(np.abs(X[:, 0].astype(np.float32) - x))) for x in came]

    @staticmethod
    def _check_sizes(call: str, batches: list[tuple[np.ndarray, np.ndarray]], n: int, size: int) -> None:
        sizes = [len(b) for _, b in batches]
        right = [min(size, n - at) for at in range(0, n, size)]
        judge.holds(sizes == right, f"{call} of {n} samples", f"batches of {right}", f"batches of {sizes}")

    @staticmethod
    def _check_shuffled(call: str, order: list[int]) -> None:
        judge.holds(order != sorted(order), call, "shuffled batches", "the samples in their own order")


class TestTrain:
    """train(model, loader, lr, epochs)"""

    @pytest.mark.points(1)
    def test_tiny_mlp(self, impl: Impl, rng: Rng) -> None:
        """train does plain SGD on a TinyMLP, batch after batch, and records each epoch."""
        self._replay(impl, rng, TINY_MLP)
        self._tied(impl, rng, TINY_MLP)

    @pytest.mark.points(1)
    def test_sequential(self, impl: Impl, rng: Rng) -> None:
        """train does plain SGD on an nn.Sequential, batch after batch, and records each epoch."""
        self._replay(impl, rng, SEQUENTIAL)
        self._tied(impl, rng, SEQUENTIAL)

    @pytest.mark.points(1)
    def test_smaller_last_batch(self, impl: Impl, rng: Rng) -> None:
        """A smaller last batch weighs less in loss, accuracy and ReLU activity, not in the gradient norm."""
        for model in MODELS:
            self._replay(impl, rng, model, smaller_batch=True)

    @pytest.mark.points(1)
    def test_leftover_gradients(self, impl: Impl, rng: Rng) -> None:
        """Gradients left over from before do not leak into the training."""
        for model in MODELS:
            self._replay(impl, rng, model, leftover_gradients=True)

    @pytest.mark.points(1)
    def test_default_run_tiny_mlp(self, impl: Impl, rng: Rng) -> None:
        """With the defaults, a TinyMLP reaches 0.93 on the training data and 0.90 on 2,000 fresh points."""
        self._default_run(impl, rng, TINY_MLP)

    @pytest.mark.points(1)
    def test_default_run_sequential(self, impl: Impl, rng: Rng) -> None:
        """With the defaults, an nn.Sequential reaches 0.93 on the training data and 0.90 on 2,000 fresh points."""
        self._default_run(impl, rng, SEQUENTIAL)

    @staticmethod
    def _replay(
        impl: Impl, rng: Rng, model: Model, smaller_batch: bool = False, leftover_gradients: bool = False
    ) -> None:
        """A run on drawn batches, from which every right run gives the same."""
        size, epochs = int(rng.integers(3, 6)), int(rng.integers(2, 5))
        n = 3 * size + smaller_batch
        fair = False
        while not fair:
            lr = rng.uniform(0.03, 0.2)
            X, y, params = models.drawn(rng, n, *draw.sizes(rng)[1:])
            orders = models.orders(rng, n, epochs)
            fair = formulas.replay(params, models.batches(X, y, size, orders[:epochs]), lr).is_fair(margin=1e-4)
        kept = model.made_of(impl, params)
        if leftover_gradients:
            grads = Params(*(rng.uniform(2.0, 4.0, size=np.shape(p)) for p in params))
            model.leave_gradients(impl, kept, grads)
        loader = Loader(impl, X, y, size, orders)
        held = impl.probe("parameters", kept, keep=True)
        call = f"train({model.name}, loader, lr={lr:.3g}, epochs={epochs})"
        history = impl.train(kept, loader.handle, lr, epochs)
        run = formulas.replay(params, loader.trained_on(epochs, call), lr)
        judge.history(call, history, run.history, judge.FLOAT32)
        trained = model.parameters(impl, kept)
        judge.params(f"{call}, the trained parameters", trained, run.params, judge.FLOAT32)
        pairs = zip(impl.probe("parameters_held", held), impl.probe("parameters", kept), strict=False)
        same = all(np.array_equal(one.array, other.array) for one, other in pairs)
        judge.holds(same, call, "the same parameter tensors hold the new values", "new tensors in their place")

    @staticmethod
    def _tied(impl: Impl, rng: Rng, model: Model) -> None:
        """One batch with pre-activations of exactly 0 and a score of exactly 0.5."""
        X, y, params = draw.tied(rng)
        loader = Loader(impl, X, y, len(y), models.orders(rng, len(y), 1))
        history = impl.train(model.made_of(impl, params), loader.handle, 0.1, 1)
        run = formulas.replay(params, [[(X, y)]], lr=0.1)
        call = f"train({model.name}, loader, lr=0.1, epochs=1), a1 with zeros and a score of exactly 0.5"
        judge.history(call, history, formulas.without(run.history, "grad_norm"), judge.FLOAT32)

    @staticmethod
    def _default_run(impl: Impl, rng: Rng, model: Model) -> None:
        """Train with torch's seed 0, or failing that 1 or 2; follow the run, then judge its scores."""
        X, y = formulas.xor(n=200, seed=0)
        fresh = formulas.xor(n=2000, seed=int(rng.integers(1, 2**31)))
        for seed in (0, 1, 2):
            impl.probe("seed", seed)
            kept = impl.call(model.maker, keep=True)
            start = model.parameters(impl, kept)
            call = f"train({model.maker}(), loader) with the defaults, torch's seed {seed}"
            sizes = start.W1.shape == (16, 2)
            judge.holds(sizes, call, "a model of 2 inputs and 16 units", f"W1 of shape {start.W1.shape}")
            before = _accuracy(start, *fresh)
            judge.holds(before < 0.85, call, "a model not trained before", f"one of an accuracy of {before:.3f}")
            loader = Loader(impl, X, y, 32, models.orders(rng, 200, 200))
            impl.call("train", kept, loader.handle, patience=6)
            right = formulas.trained(start, loader.trained_on(200, call), lr=0.1)
            end = model.parameters(impl, kept)
            judge.params(f"{call}, the trained parameters", end, right, LONG_RUN)
            reached = _accuracy(end, X, y), _accuracy(end, *fresh)
            if reached[0] >= 0.93 and reached[1] >= 0.90:
                return
        expected = "an accuracy of 0.93 on the training data and of 0.90 on fresh points"
        judge.holds(False, call, expected, f"{reached[0]:.3f} and {reached[1]:.3f}")


def _accuracy(params: Params, X: np.ndarray, y: np.ndarray) -> float:
    """The accuracy of the network with these parameters, by the suite's own formula."""
    return formulas.accuracy(formulas.forward(X, params).f, y)


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
            for training in (True, False):
                kept = self._check(impl, rng, model, training=training, graph=False)
                flag = impl.probe("field", kept, "training")
                judge.holds(flag is training, "model.training after accuracy", f"{training}", f"{flag}")
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
