"""Stage 2, 15 points: affine layer, forward pass, loss, accuracy, and a check of shapes."""

from itertools import chain, combinations

import draw
import formulas
import numpy as np
import pytest

from grader import judge
from grader.impl import Impl
from grader.wire import Params

Rng = np.random.Generator


class TestAffine:
    """affine(x, W, b)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """affine(x, W, b) is x Wᵀ + b, of shape (N, out)."""
        for n, inputs, outputs in draw.rounds(rng):
            self._check(impl, rng, n, inputs, outputs)

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Impl, rng: Rng) -> None:
        """affine works for one sample, one input and one output."""
        for n, inputs, outputs in draw.small_sizes(rng):
            self._check(impl, rng, n, inputs, outputs)

    def _check(self, impl: Impl, rng: Rng, n: int, inputs: int, outputs: int) -> None:
        x, W, b = rng.normal(size=(n, inputs)), rng.normal(size=(outputs, inputs)), rng.normal(size=outputs)
        expected = np.einsum("ni,oi->no", x, W) + b
        judge.array(f"affine(x {x.shape}, W {W.shape}, b {b.shape})", impl.affine(x, W, b), expected)


class TestForward:
    """forward(X, params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """forward gives Forward(f, a1, h1) of the right values and shapes, f being (N,)."""
        for n, d, h in draw.rounds(rng):
            self._check(impl, rng, n, d, h)

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Impl, rng: Rng) -> None:
        """forward works for one sample, one input and one hidden unit."""
        for n, d, h in draw.small_sizes(rng):
            self._check(impl, rng, n, d, h)

    @pytest.mark.points(1)
    def test_arguments_unmodified(self, impl: Impl, rng: Rng) -> None:
        """forward modifies neither X nor the parameters."""
        n, d, h = draw.sizes(rng)
        (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
        got, (X_after, params_after) = impl.watched("forward", X, params)
        judge.forward("forward(X, params)", got, formulas.forward(X, params))
        judge.unchanged("forward(X, params), X", X, X_after)
        judge.unchanged("forward(X, params), params", params, params_after)

    def _check(self, impl: Impl, rng: Rng, n: int, d: int, h: int) -> None:
        (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
        call = f"forward(X, params) with N={n}, D={d}, H={h}"
        judge.forward(call, impl.forward(X, params), formulas.forward(X, params))


class TestLoss:
    """loss(f, y)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """loss(f, y) is the mean of ½ (f − y)², a float."""
        for n in (1, *[int(rng.integers(2, 20))] * 2):
            f, y = rng.normal(1.0, 2.0, size=n), rng.normal(0.0, 2.0, size=n)
            judge.number(f"loss(f, y) of {n} samples", impl.loss(f, y), formulas.loss(f, y))

    @pytest.mark.points(2)
    def test_refuses_other_shapes(self, impl: Impl, rng: Rng) -> None:
        """loss refuses f and y of different shapes, also where NumPy would broadcast them."""
        n = int(rng.integers(3, 9))
        same = [((n,), (n,)), ((1,), (1,)), ((n + 1,), (n + 1,))]
        different = [
            ((n, 1), (n,)),
            ((n,), (n, 1)),
            ((1, n), (n,)),
            ((n,), (1,)),
            ((), (n,)),
            ((n,), (n + 1,)),
            ((1,), (1, 1)),
            ((1,), ()),
        ]
        for one, other in draw.shuffled(rng, same + different):
            f, y = np.asarray(rng.normal(size=one)), np.asarray(rng.normal(size=other))
            call = f"loss(f, y) with f of shape {one} and y of shape {other}"
            if one == other:
                judge.number(call, impl.loss(f, y), formulas.loss(f, y))
            else:
                judge.refuses(call, lambda f=f, y=y: impl.loss(f, y), "the shapes differ")


class TestAccuracy:
    """accuracy(f, y)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """accuracy(f, y) is the fraction of samples with (f ≥ 0.5) equal to y, a float."""
        for n in (1, *[int(rng.integers(12, 20))] * 3):
            f = rng.uniform(0.55, 1.8, size=n) - rng.integers(0, 2, size=n) * 1.4
            y = np.where(f > 0.5, 1.0, 0.0)
            wrong = rng.permutation(n)[: n * int(rng.integers(1, 10)) // 10]
            y[wrong] = 1.0 - y[wrong]
            judge.number(
                f"accuracy(f, y) of {n} samples", impl.accuracy(f, y), formulas.accuracy(f, y), judge.FRACTION
            )

    @pytest.mark.points(1)
    def test_half_is_class_one(self, impl: Impl, rng: Rng) -> None:
        """A score of exactly 0.5 is of class 1."""
        f = np.repeat([0.5, 0.2, 0.9], rng.permutation([3, 5, 8]))
        y = rng.permutation(np.repeat([0.0, 1.0], [5, 11]))
        judge.number(
            "accuracy(f, y), some f exactly 0.5", impl.accuracy(f, y), formulas.accuracy(f, y), judge.FRACTION
        )
        f, y = np.array([0.5, 0.5, 0.5]), np.array([1.0, 1.0, 0.0])
        judge.number("accuracy(f, y), every f exactly 0.5", impl.accuracy(f, y), 2 / 3, judge.FRACTION)


class TestCheckShapes:
    """check_shapes(params, d, h)"""

    @pytest.mark.points(2)
    def test_names_every_wrong_shape(self, impl: Impl, rng: Rng) -> None:
        """check_shapes raises one ValueError that names every parameter of a wrong shape and no other."""
        _, d, h = draw.sizes(rng)
        right = draw.params(rng, d, h)
        for wrong in draw.shuffled(rng, chain.from_iterable(combinations(Params._fields, k) for k in range(5))):
            mixed = right._replace(**{name: self._other_shape(rng, name, d, h) for name in wrong})
            self._check(impl, mixed, {"d": d, "h": h}, set(wrong))

    @pytest.mark.points(1)
    def test_defaults(self, impl: Impl, rng: Rng) -> None:
        """check_shapes takes d = 2 and h = 16 where they are not given, and keeps to them where they are."""
        d, h = int(rng.integers(3, 9)), int(rng.integers(3, 9))
        cases: list[tuple[int, int, dict[str, int], set[str]]] = [
            (2, 16, {}, set()),
            (d, 16, {"d": d}, set()),
            (2, h, {"h": h}, set()),
            (d, 16, {}, {"W1"}),
            (2, 16, {"d": d}, {"W1"}),
            (d, h, {}, {"W1", "b1", "W2"}),
            (2, 16, {"h": h}, {"W1", "b1", "W2"}),
        ]
        for inputs, hidden, given, wrong in draw.shuffled(rng, cases):
            self._check(impl, draw.params(rng, inputs, hidden), given, wrong)

    @staticmethod
    def _check(impl: Impl, params: Params, given: dict[str, int], wrong: set[str]) -> None:
        """Parameters of these shapes are refused for the wrong ones by name, or not at all."""
        shapes = ", ".join(f"{name} {np.shape(p)}" for name, p in zip(Params._fields, params, strict=True))
        call = f"check_shapes({', '.join(['params', *(f'{k}={v}' for k, v in given.items())])}) with {shapes}"
        if not wrong:
            judge.nothing(call, impl.check_shapes(params, **given))
            return
        text = judge.refuses(call, lambda: impl.check_shapes(params, **given), "of a wrong shape")
        judge.names_exactly(call, text, wrong)

    @staticmethod
    def _other_shape(rng: Rng, name: str, d: int, h: int) -> np.ndarray:
        """A parameter of a shape that is wrong, and near enough to be mistaken."""
        choices = {
            "W1": [(d, h), (h, d + 1), (h + 1, d), (h * d,), (1, h, d)],
            "b1": [(h, 1), (1, h), (h + 1,), (d,), ()],
            "W2": [(h,), (h, 1), (1, h + 1), (2, h)],
            "b2": [(1,), (1, 1), (h,)],
        }[name]
        return np.asarray(rng.normal(size=choices[rng.integers(len(choices))]))
