"""Stage 6, 20 points: the model as a module, built twice; mini-batches, training and accuracy."""

import math
from typing import Any

import draw
import formulas
import numpy as np
import pytest

from grader import judge
from grader.impl import Impl
from grader.wire import Handle, Params, Tensor

Rng = np.random.Generator

AGREEMENT = 1e-8
"""The contract's own figure; both forward passes compute in float64 and differ by rounding alone."""
LONG_RUN = 1e-2
"""For the parameters after 1400 steps in float32 against float64: they came within 4e-5 in 72 such runs; a sample
that falls on the other side of a unit's kink sets them apart by about that much."""


def single(array: Any) -> np.ndarray:
    """Rounded to float32, held in float64: what a float32 model can start from exactly."""
    return np.asarray(np.asarray(array, dtype=np.float32), dtype=np.float64)


def drawn(rng: Rng, n: int | None = None) -> tuple[np.ndarray, np.ndarray, Params]:
    """Samples and parameters of drawn sizes, exact in float32; `n` samples if given."""
    drawn_n, d, h = draw.sizes(rng)
    X, y = draw.samples(rng, n or drawn_n, d)
    return single(X), y, Params(*map(single, draw.params(rng, d, h)))


def as_layers(params: Params) -> list[np.ndarray]:
    """The same parameters for Linear, ReLU, Linear, whose last bias is (1,)."""
    return [params.W1, params.b1, params.W2, np.reshape(params.b2, (1,))]


def tiny(impl: Impl, params: Params) -> Handle:
    """The learner's TinyMLP with these parameters."""
    h, d = params.W1.shape
    model: Handle = impl.call("TinyMLP", d, h, keep=True)
    impl.probe("load", model, params._asdict())
    return model


def sequential(impl: Impl, params: Params) -> Handle:
    """An nn.Sequential of the kit's own making with these parameters."""
    return impl.probe("sequential", as_layers(params), keep=True)  # type: ignore[no-any-return]


def forward_of(impl: Impl, model: Handle, X: np.ndarray) -> Any:
    """What the model gives for float64 inputs."""
    return impl.probe("apply", model, Tensor(X))


MODELS = (("TinyMLP", tiny), ("nn.Sequential", sequential))


class TestTinyMLP:
    """TinyMLP(d, h)"""

    @pytest.mark.points(1)
    def test_parameters(self, impl: Impl, rng: Rng) -> None:
        """TinyMLP registers exactly the parameters W1 (h, d), b1 (h,), W2 (1, h), b2 (), and uses them."""
        X, _, params = drawn(rng)
        h, d = params.W1.shape
        for args, (hidden, inputs) in (((d, h), (h, d)), ((), (16, 2))):
            model = impl.call("TinyMLP", *args, keep=True)
            call = f"TinyMLP({', '.join(map(str, args))})"
            judge.holds("Module" in impl.probe("class_names", model), call, "an nn.Module", "something else")
            named = impl.probe("named_parameters", model)
            shapes = {"W1": (hidden, inputs), "b1": (hidden,), "W2": (1, hidden), "b2": ()}
            judge.holds(set(named) == set(shapes), call, "the parameters W1, b1, W2, b2", _listed(named))
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
            differs = not np.any(first[name] == other[name])
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
            self._check(impl, single(draw.samples(rng, n, d)[0]), Params(*map(single, draw.params(rng, d, h))))

    @pytest.mark.points(1)
    def test_sizes(self, impl: Impl, rng: Rng) -> None:
        """Its output is (N, 1) for any d and h, and for d = 2 and h = 16 where they are not given."""
        for n, d, h in draw.small_sizes(rng):
            self._check(impl, single(draw.samples(rng, n, d)[0]), Params(*map(single, draw.params(rng, d, h))))
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
        judge.tensor(f"{call}(X) with N={len(X)}", forward_of(impl, model, X), expected)


class TestScores:
    """scores(model, X)"""

    @pytest.mark.points(1)
    def test_tiny_mlp(self, impl: Impl, rng: Rng) -> None:
        """Scores gives the TinyMLP's scores, of shape (N,), also for one sample."""
        self._check(impl, rng, *MODELS[0])

    @pytest.mark.points(1)
    def test_sequential(self, impl: Impl, rng: Rng) -> None:
        """Scores gives the nn.Sequential's scores, of shape (N,), also for one sample."""
        self._check(impl, rng, *MODELS[1])

    @staticmethod
    def _check(impl: Impl, rng: Rng, name: str, make: Any) -> None:
        for n, d, h in (*draw.rounds(rng), *draw.small_sizes(rng)):
            X, params = single(draw.samples(rng, n, d)[0]), Params(*map(single, draw.params(rng, d, h)))
            model = make(impl, params)
            impl.probe("double", model)
            expected = formulas.forward(X, params).f
            judge.tensor(f"scores({name}, X) with N={n}", impl.scores(model, Tensor(X)), expected)


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
        """Train does plain SGD on a TinyMLP, batch after batch, and records each epoch."""
        self._replay(impl, rng, *MODELS[0])
        self._tied(impl, rng, *MODELS[0])

    @pytest.mark.points(1)
    def test_sequential(self, impl: Impl, rng: Rng) -> None:
        """Train does plain SGD on an nn.Sequential, batch after batch, and records each epoch."""
        self._replay(impl, rng, *MODELS[1])
        self._tied(impl, rng, *MODELS[1])

    @pytest.mark.points(1)
    def test_smaller_last_batch(self, impl: Impl, rng: Rng) -> None:
        """A smaller last batch weighs less in loss, accuracy and ReLU activity, not in the gradient norm."""
        for model in MODELS:
            self._replay(impl, rng, *model, left_over=1)

    @pytest.mark.points(1)
    def test_leftover_gradients(self, impl: Impl, rng: Rng) -> None:
        """Gradients left over from before do not leak into the training."""
        for model in MODELS:
            self._replay(impl, rng, *model, leftovers=True)

    @pytest.mark.points(1)
    def test_default_run_tiny_mlp(self, impl: Impl, rng: Rng) -> None:
        """With the defaults, a TinyMLP reaches 0.93 on the training data and 0.90 on 2,000 fresh points."""
        self._default_run(impl, rng, "TinyMLP")

    @pytest.mark.points(1)
    def test_default_run_sequential(self, impl: Impl, rng: Rng) -> None:
        """With the defaults, an nn.Sequential reaches 0.93 on the training data and 0.90 on 2,000 fresh points."""
        self._default_run(impl, rng, "make_sequential")

    @staticmethod
    def _replay(impl: Impl, rng: Rng, name: str, make: Any, left_over: int = 0, leftovers: bool = False) -> None:
        """A run on drawn batches, from which every right run gives the same."""
        size, epochs = int(rng.integers(3, 6)), int(rng.integers(2, 5))
        n = 3 * size + left_over
        fair = False
        while not fair:
            lr = rng.uniform(0.03, 0.2)
            X, y, params = drawn(rng, n)
            orders = np.array([rng.permutation(n) for _ in range(epochs + SPARE_EPOCHS)])
            fair = formulas.replay(params, _batches(X, y, size, orders[:epochs]), lr).is_fair(margin=1e-4)
        model = make(impl, params)
        if leftovers:
            stale = Params(*(rng.uniform(2.0, 4.0, size=np.shape(p)) for p in params))
            if make is tiny:
                impl.probe("set_grads", impl.probe("named_parameters", model, keep=True), stale._asdict())
            else:
                impl.probe("set_grads", impl.probe("parameters", model, keep=True), as_layers(stale))
        loader = impl.probe("ordered_loader", X, y, size, orders, keep=True)
        call = f"train({name}, loader, lr={lr:.3g}, epochs={epochs})"
        held = impl.probe("parameters", model, keep=True)
        history = impl.train(model, loader, lr, epochs)
        used = _orders_used(impl, loader, orders, epochs, call)
        run = formulas.replay(params, _batches(X, y, size, used), lr)
        judge.history(call, history, run.history, judge.FLOAT32)
        _check_trained(impl, call, model, make is tiny, run.params, judge.FLOAT32)
        now = [p.array for p in impl.probe("parameters", model)]
        same = all(
            np.array_equal(p.array, q) for p, q in zip(impl.probe("parameters_held", held), now, strict=True)
        )
        judge.holds(same, call, "the same parameter tensors hold the new values", "new tensors in their place")

    @staticmethod
    def _tied(impl: Impl, rng: Rng, name: str, make: Any) -> None:
        """One batch with pre-activations of exactly 0 and a score of exactly 0.5."""
        X, y, params = draw.tied(rng)
        orders = np.array([rng.permutation(len(y)) for _ in range(1 + SPARE_EPOCHS)])
        loader = impl.probe("ordered_loader", X, y, len(y), orders, keep=True)
        run = formulas.replay(params, [[(X, y)]], lr=0.1)
        call = f"train({name}, loader, lr=0.1, epochs=1), pre-activations with zeros and a score of exactly 0.5"
        expected = formulas.without(run.history, "grad_norm")
        judge.history(call, impl.train(make(impl, params), loader, 0.1, 1), expected, judge.FLOAT32)

    @staticmethod
    def _default_run(impl: Impl, rng: Rng, function: str) -> None:
        """Train with torch's seed 0, or failing that 1 or 2; follow the run, then judge its scores."""
        X, y = formulas.xor(n=200, seed=0)
        fresh_X, fresh_y = formulas.xor(n=2000, seed=int(rng.integers(1, 2**31)))
        for seed in (0, 1, 2):
            impl.probe("seed", seed)
            model = impl.call(function, keep=True)
            orders = np.array([rng.permutation(200) for _ in range(200 + SPARE_EPOCHS)])
            start = _parameters(impl, model, function == "TinyMLP")
            loader = impl.probe("ordered_loader", X, y, 32, orders, keep=True)
            call = f"train({function}(), loader) with the defaults, torch's seed {seed}"
            judge.holds(
                start.W1.shape == (16, 2), call, "a model of 2 inputs and 16 units", f"{start.W1.shape[::-1]}"
            )
            before = formulas.accuracy(formulas.forward(fresh_X, start).f, fresh_y)
            judge.holds(
                before < 0.85, call, "a model that has not been trained", f"an accuracy of {before} before"
            )
            impl.call("train", model, loader, patience=6)
            used = _orders_used(impl, loader, orders, 200, call)
            run = formulas.replay(start, _batches(X, y, 32, used), lr=0.1)
            _check_trained(impl, call, model, function == "TinyMLP", run.params, LONG_RUN)
            end = _parameters(impl, model, function == "TinyMLP")
            on_training = formulas.accuracy(formulas.forward(X, end).f, y)
            on_fresh = formulas.accuracy(formulas.forward(fresh_X, end).f, fresh_y)
            if on_training >= 0.93 and on_fresh >= 0.90:
                return
        judge.holds(
            False,
            call,
            "an accuracy of 0.93 on the training data and of 0.90 on fresh points",
            f"{on_training:.3f} and {on_fresh:.3f}",
        )


SPARE_EPOCHS = 2
"""Orders beyond the epochs trained, for code that looks into the loader before it begins."""


def _batches(
    X: np.ndarray, y: np.ndarray, size: int, orders: np.ndarray
) -> list[list[tuple[np.ndarray, np.ndarray]]]:
    """The batches of each epoch, in float32 as a loader gives them."""
    X = single(X)
    return [[(X[o[at : at + size]], y[o[at : at + size]]) for at in range(0, len(y), size)] for o in orders]


def _orders_used(impl: Impl, loader: Handle, orders: np.ndarray, epochs: int, call: str) -> np.ndarray:
    """The orders of the epochs that were trained on: the last of those that were taken whole."""
    taken = impl.probe("samples_taken", loader)
    whole = [epoch for epoch, count in enumerate(taken) if count == orders.shape[1] and epoch < len(orders)]
    enough = len(whole) >= epochs
    judge.holds(enough, call, f"the loader iterated anew in each of {epochs} epochs", f"{len(whole)} times in all")
    return orders[whole[-epochs:]]


def _parameters(impl: Impl, model: Handle, is_tiny: bool) -> Params:
    """A model's parameters as Params of float64 arrays."""
    named = impl.probe("named_parameters", model)
    if is_tiny:
        judge.holds(set(named) == set(Params._fields), "TinyMLP", "the parameters W1, b1, W2, b2", _listed(named))
    arrays = [named[name].array for name in (Params._fields if is_tiny else named)]
    shapes = [a.shape for a in arrays]
    h, d = shapes[0] if shapes and len(shapes[0]) == 2 else (0, 0)
    right = shapes == [(h, d), (h,), (1, h), () if is_tiny else (1,)]
    judge.holds(
        right, "the model", "parameters of the shapes (h, d), (h,), (1, h) and that of one bias", f"{shapes}"
    )
    return Params(*(single(a) for a in arrays[:3]), single(arrays[3].reshape(())))


def _check_trained(impl: Impl, call: str, model: Handle, is_tiny: bool, right: Params, tolerance: float) -> None:
    judge.params(f"{call}, the trained parameters", _parameters(impl, model, is_tiny), right, tolerance)


def _listed(names: Any) -> str:
    return ", ".join(sorted(names)) or "none"


class TestAccuracy:
    """accuracy(model, X, y)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """Accuracy is a float, the fraction of samples with score ≥ 0.5 equal to y, for either model and dtype."""
        for _, make in MODELS:
            for double in (False, True):
                self._check(impl, rng, make, double)
            h, d = 4, 3
            zero = Params(np.zeros((h, d)), np.zeros(h), np.zeros((1, h)), np.array(0.5))
            X, y = draw.samples(rng, 7, d)
            got = impl.accuracy(make(impl, zero), X, y)
            judge.number("accuracy(model, X, y), every score exactly 0.5", got, 4 / 7, judge.FRACTION)

    @pytest.mark.points(1)
    def test_leaves_no_trace(self, impl: Impl, rng: Rng) -> None:
        """Accuracy records no graph, and leaves the training flag and torch's grad mode as they were."""
        for _, make in MODELS:
            for training in (True, False):
                model = self._check(impl, rng, make, double=False, training=training, graph=False)
                flag = impl.probe("field", model, "training")
                judge.holds(flag is training, "model.training after accuracy", f"{training}", f"{flag}")
            for enabled in (False, True):
                impl.probe("set_grad_mode", enabled)
                try:
                    self._check(impl, rng, make, double=False)
                    after = impl.probe("grad_mode")
                finally:
                    impl.probe("set_grad_mode", True)
                call = "torch.is_grad_enabled() after accuracy"
                judge.holds(after is enabled, call, f"{enabled}", f"{after}")

    @staticmethod
    def _check(impl: Impl, rng: Rng, make: Any, double: bool, training: bool = True, graph: bool = True) -> Handle:
        """The accuracy of a drawn model whose scores are on both sides of 0.5, none of them near it."""
        margin = 0.0
        while margin < 1e-3:
            X, y, params = drawn(rng, 40)
            out = formulas.forward(X, params)
            params = params._replace(b2=single(params.b2 + 0.5 - np.median(out.f)))
            f = formulas.forward(X, params).f
            margin = float(np.abs(f - 0.5).min())
        y = np.where((f >= 0.5) ^ (rng.uniform(size=40) < 0.3), 1.0, 0.0)
        model: Handle = make(impl, params)
        if double:
            impl.probe("double", model)
        impl.probe("set_training", model, training)
        got, saved = impl.counted("saved", "accuracy", model, X, y)
        call = f"accuracy(model, X, y) of a {'float64' if double else 'float32'} model"
        judge.number(call, got, formulas.accuracy(f, y), judge.FRACTION)
        judge.holds(graph or saved == 0, call, "no graph", f"a graph with {saved} saved tensors")
        return model
