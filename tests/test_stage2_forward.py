"""Stage 2, 15 points: affine layer, forward pass, loss, accuracy, and a check of shapes."""

from functools import partial

import numpy as np
import pytest
from helpers import comparisons, draw, formulas, stage2_refusals, stage2_samples
from helpers.smallest_example import check_each
from helpers.stage2_refusals import Case

from grader.course.records import Forward, Params
from grader.judging import judge
from grader.judging.showing import written_out
from grader.outside.client import Client

Rng = np.random.Generator


class TestAffine:
    """affine(x, W, b)"""

    def check(self, impl: Client, rng: Rng, n: int, inputs: int, outputs: int, layout: str = "") -> None:
        """The rule, for n samples; layout: one of draw.LAYOUTS, or any."""
        x = rng.normal(size=(n, inputs))
        W = rng.normal(size=(outputs, inputs))
        b = rng.normal(size=outputs)
        expected = np.einsum("ni,oi->no", x, W) + b

        many = f" of {n} samples, {inputs} inputs and {outputs} outputs" if max(n, inputs, outputs) > 100 else ""
        call = f"affine(x, W, b){many} with {written_out(x=x, W=W, b=b)}{layout and f', {layout}'}"
        got, after = impl.watched("affine", *draw.laid((x, W, b), layout))
        judge.array(call, got, expected)
        judge.unchanged(f"{call}, its arguments", (x, W, b), tuple(after))

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """affine(x, W, b) is x Wᵀ + b, of shape (N, out)."""
        check_each(partial(self.check, impl, rng), [*draw.rounds(rng), *draw.large_sizes(rng)])
        for layout in draw.LAYOUTS:
            self.check(impl, rng, *draw.sizes(rng), layout)

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Client, rng: Rng) -> None:
        """affine works for one sample, one input and one output."""
        check_each(partial(self.check, impl, rng), draw.small_sizes(rng))


class TestForward:
    """forward(X, params)"""

    def check(self, impl: Client, rng: Rng, n: int, d: int, h: int, special: str = "", size: float = 1.0) -> None:
        """The rule, for n samples as large as `size`; special: one of draw.LAYOUTS, or other words on X."""
        X = size * rng.uniform(-2.0, 2.0, size=(n, d))
        params = draw.params(rng, d, h)
        a1 = np.einsum("nd,hd->nh", X, params.W1) + params.b1
        h1 = (a1 + np.abs(a1)) / 2
        f = np.einsum("nh,kh->n", h1, params.W2) + params.b2

        call = f"forward(X, params){draw.of_size(n, h)} with {written_out(X=X, params=params)}"
        got = impl.forward(*draw.laid((X, params), special))
        judge.record(call + (special and f", {special}"), got, Forward(f, a1, h1))

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """forward gives Forward(f, a1, h1) of the right values and shapes, f being (N,)."""
        check_each(partial(self.check, impl, rng), [*draw.rounds(rng), *draw.large_sizes(rng)])
        for layout in draw.LAYOUTS:
            self.check(impl, rng, *draw.sizes(rng), layout)
        self.check(impl, rng, *draw.sizes(rng), "X as large as 1e9", size=1e9)

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Client, rng: Rng) -> None:
        """forward works for one sample, one input and one hidden unit."""
        check_each(partial(self.check, impl, rng), draw.small_sizes(rng))

    @pytest.mark.points(1)
    def test_arguments_unmodified(self, impl: Client, rng: Rng) -> None:
        """forward modifies neither X nor the parameters."""
        for n, d, h in (draw.sizes(rng), *draw.small_sizes(rng)):
            (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
            got, (X_after, params_after) = impl.watched("forward", X, params)
            judge.record("forward(X, params)", got, formulas.forward(X, params))
            judge.unchanged("forward(X, params), X", X, X_after)
            judge.unchanged("forward(X, params), params", params, params_after)


class TestLoss:
    """loss(f, y)"""

    def check(self, impl: Client, f: np.ndarray, y: np.ndarray, special: str = "", layout: str = "") -> None:
        """The rule; layout: one of draw.LAYOUTS, or any; special: words for messages."""
        expected = np.dot(f - y, f - y) / (2 * len(y))
        call = f"loss(f, y){special} with {written_out(f=f, y=y)}"
        judge.number(call, impl.loss(*draw.laid((f, y), layout)), expected)

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """loss(f, y) is the mean of ½ (f − y)², a float."""
        several, many = int(rng.integers(3, 20)), int(rng.integers(2001, 4000))
        for n in (several, several, 1, many):  # of 2 samples the sum is what a missing ½ gives
            f, y = rng.normal(1.0, 2.0, size=n), rng.normal(0.0, 2.0, size=n)
            self.check(impl, f, y, f" of {n} samples" if n == many else "")
        for size in (1e-3, 30.0, 1e5):
            f, y = rng.normal(size=several), rng.normal(size=several)
            self.check(impl, y + size * f, y, f", errors f − y of about {size:g},")
        for layout in draw.LAYOUTS:
            f, y = rng.normal(size=several), rng.normal(size=several)
            self.check(impl, f, y, f", f and y {layout},", layout)
        after = impl.watched("loss", f, y)[1]
        judge.unchanged("loss(f, y), its arguments", (f, y), tuple(after))

    @pytest.mark.points(2)
    def test_refuses_other_shapes(self, impl: Client, rng: Rng) -> None:
        """loss refuses f and y of different shapes, also where NumPy would broadcast them."""
        for one, other in draw.shuffled(rng, stage2_samples.pairs_of_shapes(int(rng.integers(3, 9)))):
            f, y = np.asarray(rng.normal(size=one)), np.asarray(rng.normal(size=other))
            if one == other:
                self.check(impl, f, y)
            else:
                call = f"loss(f, y) with f of shape {one} and y of shape {other}"
                judge.refuses(call, partial(impl.loss, f, y), "the shapes differ")


class TestAccuracy:
    """accuracy(f, y)"""

    def check(self, impl: Client, f: np.ndarray, y: np.ndarray, special: str = "", layout: str = "") -> None:
        """The rule; layout: one of draw.LAYOUTS, or any; special: words for messages."""
        classes = np.where(f < 0.5, 0.0, 1.0)
        expected = np.count_nonzero(classes == y) / len(y)
        call = f"accuracy(f, y){special} with {written_out(f=f, y=y)}"
        judge.number(call, impl.accuracy(*draw.laid((f, y), layout)), expected, comparisons.FRACTION)

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """accuracy(f, y) is the fraction of samples with (f ≥ 0.5) equal to y, a float."""
        n = int(rng.integers(61, 121))  # so many that no two mistakes give the same fraction
        self.check(impl, *stage2_samples.far_from_half(rng, n))

        far, close = stage2_samples.far_from_half(rng, 16), stage2_samples.close_to_half(rng, 40)
        one, many = (stage2_samples.far_from_half(rng, n) for n in (1, int(rng.integers(2001, 4000))))
        for samples in (far, close, one):
            self.check(impl, *samples)
            for layout in draw.LAYOUTS:
                self.check(impl, *samples, f", f and y {layout},", layout)
        self.check(impl, *many, f" of {len(many[0])}, that is many, samples")
        after = impl.watched("accuracy", *far)[1]
        judge.unchanged("accuracy(f, y), its arguments", far, tuple(after))

    @pytest.mark.points(1)
    def test_half_is_class_one(self, impl: Client, rng: Rng) -> None:
        """A score of exactly 0.5 is of class 1."""
        f = np.repeat([0.5, -0.2, 1.0], rng.permutation([3, 5, 8]))
        y = rng.permutation(np.repeat([0.0, 1.0], [5, 11]))
        self.check(impl, f, y)
        self.check(impl, np.full(3, 0.5), np.array([1.0, 1.0, 0.0]))


class TestCheckShapes:
    """check_shapes(params, d, h)"""

    @pytest.mark.points(2)
    def test_names_every_wrong_shape(self, impl: Client, rng: Rng) -> None:
        """check_shapes raises one ValueError that names every parameter of a wrong shape and no other."""
        _, d, h = draw.sizes(rng)
        given = {"d": d, "h": h}
        params = Params(W1=np.ones((h, d)), b1=np.ones(h), W2=np.ones((1, h)), b2=np.array(1.0))
        cases = [
            Case(params, "", given),
            Case(params._replace(W1=np.ones((d, h))), "W1", given),
            Case(params._replace(b1=np.ones((h, 1)), b2=np.ones(1)), "b1, b2", given),
        ]
        others = stage2_refusals.of_every_kind(rng, params, given)
        stage2_refusals.check(impl, [*cases, *others, *stage2_refusals.large(rng)])

    @pytest.mark.points(1)
    def test_defaults(self, impl: Client, rng: Rng) -> None:
        """check_shapes takes d = 2 and h = 16 where they are not given, and keeps to them where they are."""
        d, h = int(rng.integers(3, 9)), int(rng.integers(9, 15))
        of = partial(draw.params, rng)
        by_name = [
            Case(of(2, 16), "", {}),
            Case(of(d, 16), "", {"d": d}),
            Case(of(2, h), "", {"h": h}),
            Case(of(d, 16), "W1", {}),
            Case(of(2, 16), "W1", {"d": d}),
            Case(of(d, h), "W1, b1, W2", {}),
            Case(of(2, 16), "W1, b1, W2", {"h": h}),
        ]
        in_order = [
            Case(of(d, h), "", {"d": d, "h": h}, by_name=False),
            Case(of(h, d), "W1, b1, W2", {"d": d, "h": h}, by_name=False),
        ]
        stage2_refusals.check(impl, [*draw.shuffled(rng, by_name), *in_order])
