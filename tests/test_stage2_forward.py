"""Stage 2, 15 points: affine layer, forward pass, loss, accuracy, and a check of shapes."""

from functools import partial
from itertools import chain, combinations

import numpy as np
import pytest
from helpers import comparisons, draw, formulas
from helpers.kept_answers import asked
from helpers.smallest_example import check_each
from mistakes import naming
from mistakes.stage2_forward import ACCURACY, AFFINE, CHECK_SHAPES, FORWARD, LOSS

from grader.course.records import Params
from grader.judging import judge
from grader.judging.showing import written_out
from grader.outside.client import Client

Rng = np.random.Generator

LARGE = ((1, 1), (2, 3000), (300, 2))
"""Sizes d and h for which check_shapes has nothing to refuse."""


class TestAffine:
    """affine(x, W, b)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """affine(x, W, b) is x Wᵀ + b, of shape (N, out)."""
        check_each(partial(self._check, impl, rng), [*draw.rounds(rng), *draw.large_sizes(rng)])
        for layout in draw.LAYOUTS:
            self._check(impl, rng, *draw.sizes(rng), layout=layout)

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Client, rng: Rng) -> None:
        """affine works for one sample, one input and one output."""
        check_each(partial(self._check, impl, rng), draw.small_sizes(rng))

    def _check(self, impl: Client, rng: Rng, n: int, inputs: int, outputs: int, layout: str = "") -> None:
        given = x, W, b = (
            rng.normal(size=(n, inputs)),
            rng.normal(size=(outputs, inputs)),
            rng.normal(size=outputs),
        )
        expected = np.einsum("ni,oi->no", x, W) + b
        many = f" of {n} samples, {inputs} inputs and {outputs} outputs" if max(n, inputs, outputs) > 100 else ""
        call = f"affine(x, W, b){many} with {written_out(x=x, W=W, b=b)}{layout and f', {layout}'}"
        with naming(AFFINE, x, W, b):
            got, after = impl.watched("affine", *(draw.laid(given, layout) if layout else given))
            judge.array(call, got, expected)
        judge.unchanged(f"{call}, its arguments", given, tuple(after))


class TestForward:
    """forward(X, params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """forward gives Forward(f, a1, h1) of the right values and shapes, f being (N,)."""
        check_each(partial(self._check, impl, rng), [*draw.rounds(rng), *draw.large_sizes(rng)])
        for layout in draw.LAYOUTS:
            self._check(impl, rng, *draw.sizes(rng), layout=layout)
        self._check(impl, rng, *draw.sizes(rng), size=1e9)

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Client, rng: Rng) -> None:
        """forward works for one sample, one input and one hidden unit."""
        check_each(partial(self._check, impl, rng), draw.small_sizes(rng))

    @pytest.mark.points(1)
    def test_arguments_unmodified(self, impl: Client, rng: Rng) -> None:
        """forward modifies neither X nor the parameters."""
        for n, d, h in (draw.sizes(rng), *draw.small_sizes(rng)):
            (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
            got, (X_after, params_after) = impl.watched("forward", X, params)
            with naming(FORWARD, X, params):
                judge.record("forward(X, params)", got, formulas.forward(X, params))
            judge.unchanged("forward(X, params), X", X, X_after)
            judge.unchanged("forward(X, params), params", params, params_after)

    def _check(self, impl: Client, rng: Rng, n: int, d: int, h: int, layout: str = "", size: float = 1.0) -> None:
        (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
        X = size * X
        call = f"forward(X, params){draw.of_size(n, h)} with {written_out(X=X, params=params)}"
        call += f", {layout}" if layout else f", X as large as {size:g}" if size > 1.0 else ""
        with naming(FORWARD, X, params):
            given = draw.laid((X, params), layout) if layout else (X, params)
            judge.record(call, impl.forward(*given), formulas.forward(X, params))


class TestLoss:
    """loss(f, y)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """loss(f, y) is the mean of ½ (f − y)², a float."""
        several, many = int(rng.integers(3, 20)), int(rng.integers(2001, 4000))
        for n in (several, several, 1, many):  # of 2 samples the sum is what a missing ½ gives
            f, y = rng.normal(1.0, 2.0, size=n), rng.normal(0.0, 2.0, size=n)
            self._check(impl, f, y, f" of {n} samples" if n == many else "")
        for size in (1e-3, 30.0, 1e5):
            f, y = rng.normal(size=several), rng.normal(size=several)
            self._check(impl, y + size * f, y, f", errors f − y of about {size:g},")
        for layout in draw.LAYOUTS:
            f, y = rng.normal(size=several), rng.normal(size=several)
            self._check(impl, draw.laid(f, layout), draw.laid(y, layout), f", f and y {layout},")
        after = impl.watched("loss", f, y)[1]
        judge.unchanged("loss(f, y), its arguments", (f, y), tuple(after))

    @pytest.mark.points(2)
    def test_refuses_other_shapes(self, impl: Client, rng: Rng) -> None:
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
            ((n, 2), (2, n)),
            ((2 * n,), (n, 2)),
        ]
        for one, other in draw.shuffled(rng, same + different):
            f, y = np.asarray(rng.normal(size=one)), np.asarray(rng.normal(size=other))
            if one == other:
                self._check(impl, f, y)
                continue
            call = f"loss(f, y) with f of shape {one} and y of shape {other}"
            with naming(LOSS, f, y):
                judge.refuses(call, lambda f=f, y=y: impl.loss(f, y), "the shapes differ")

    @staticmethod
    def _check(impl: Client, f: np.ndarray, y: np.ndarray, special: str = "") -> None:
        call = f"loss(f, y){special} with {written_out(f=f, y=y)}"
        with naming(LOSS, f, y):
            judge.number(call, impl.loss(f, y), formulas.loss(f, y))


class TestAccuracy:
    """accuracy(f, y)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """accuracy(f, y) is the fraction of samples with (f ≥ 0.5) equal to y, a float."""
        cases = []
        for n in (1, *[int(rng.integers(12, 20))] * 4, int(rng.integers(2001, 4000))):
            f = rng.uniform(0.55, 1.8, size=n) - rng.integers(0, 2, size=n) * 1.4
            near = 0.5 + 10.0 ** rng.uniform(-12.0, -1.3, size=n) * rng.choice([-1.0, 1.0], size=n)
            f = near if len(cases) == 2 else f  # where rounded scores go wrong
            y = np.where(f > 0.5, 1.0, 0.0)
            if f is not near:
                wrong = rng.permutation(n)[: n * int(rng.integers(1, 10)) // 10]
                y[wrong] = 1.0 - y[wrong]
            cases.append((f, y))
        self._check(impl, cases)
        for layout in draw.LAYOUTS:
            self._check(impl, [draw.laid(case, layout) for case in cases[:3]], f", f and y {layout},")
        after = impl.watched("accuracy", *cases[1])[1]
        judge.unchanged("accuracy(f, y), its arguments", cases[1], tuple(after))

    @pytest.mark.points(1)
    def test_half_is_class_one(self, impl: Client, rng: Rng) -> None:
        """A score of exactly 0.5 is of class 1."""
        f = np.repeat([0.5, 0.2, 0.9], rng.permutation([3, 5, 8]))
        y = rng.permutation(np.repeat([0.0, 1.0], [5, 11]))
        self._check(impl, [(np.full(3, 0.5), np.array([1.0, 1.0, 0.0])), (f, y)])

    @staticmethod
    def _check(impl: Client, cases: list[tuple[np.ndarray, np.ndarray]], special: str = "") -> None:
        """All answers are looked at together: a single fraction may be another mistake's by chance."""
        with naming(ACCURACY, cases, near=comparisons.FRACTION) as seen:
            seen["came"] = [impl.accuracy(f, y) for f, y in cases]
            for (f, y), got in zip(cases, seen["came"], strict=True):
                many = f" of {len(y)}, that is many, samples" if len(y) > 100 else ""
                call = f"accuracy(f, y){many}{special} with {written_out(f=f, y=y)}"
                judge.number(call, got, formulas.accuracy(f, y), comparisons.FRACTION)


class TestCheckShapes:
    """check_shapes(params, d, h)"""

    @pytest.mark.points(2)
    def test_names_every_wrong_shape(self, impl: Client, rng: Rng) -> None:
        """check_shapes raises one ValueError that names every parameter of a wrong shape and no other."""
        _, d, h = draw.sizes(rng)
        right = draw.params(rng, d, h)
        others = {name: self._other_shapes(name, d, h) for name in Params._fields}
        wrong = [{name: shape} for name, shapes in others.items() for shape in shapes]
        for names in chain.from_iterable(combinations(Params._fields, k) for k in (0, 2, 3, 4)):
            wrong.append({name: others[name][rng.integers(len(others[name]))] for name in names})
        cases = [
            (
                right._replace(**{name: np.asarray(rng.normal(size=shape)) for name, shape in shapes.items()}),
                {"d": d, "h": h},
                set(shapes),
            )
            for shapes in wrong
        ]
        self._check(impl, draw.shuffled(rng, cases))
        large = [(draw.params(rng, *sizes), dict(zip("dh", sizes, strict=True)), set[str]()) for sizes in LARGE]
        self._check(impl, large)

    @pytest.mark.points(1)
    def test_defaults(self, impl: Client, rng: Rng) -> None:
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
        drawn = [(draw.params(rng, inputs, hidden), given, wrong) for inputs, hidden, given, wrong in cases]
        self._check(impl, draw.shuffled(rng, drawn))
        _, d, h = draw.sizes(rng)
        swapped = draw.params(rng, h, d), {"d": d, "h": h}, {"W1", "b1", "W2"}
        self._check(impl, [(draw.params(rng, d, h), {"d": d, "h": h}, set()), swapped], by_name=False)

    @staticmethod
    def _check(impl: Client, cases: list[tuple[Params, dict[str, int], set[str]]], by_name: bool = True) -> None:
        """Each case's parameters are refused for the wrong ones by name, or not at all."""
        with naming(CHECK_SHAPES, [(p, given.get("d", 2), given.get("h", 16)) for p, given, _ in cases]) as seen:
            answers = [
                asked(lambda p=p, given=given: impl.check_shapes(p, **given))
                if by_name
                else asked(lambda p=p, given=given: impl.check_shapes(p, *given.values()))
                for p, given, _ in cases
            ]
            seen["told"] = [
                {"taken": answer.value, "refused": answer.names, "broken": answer.error}[answer.ending]
                for answer in answers
            ]
            for (params, given, wrong), answer in zip(cases, answers, strict=True):
                shapes = ", ".join(f"{name} {np.shape(p)}" for name, p in params._asdict().items())
                values = [f"{k}={v}" if by_name else f"{v}" for k, v in given.items()]
                order = "" if by_name else ", d and h given in this order,"
                call = f"check_shapes({', '.join(['params', *values])}){order} with {shapes}"
                if wrong:
                    comparisons.names_exactly(
                        call, judge.refuses(call, answer, "of a wrong shape"), wrong, Params._fields
                    )
                else:
                    told = f"ValueError: {answer.error}"
                    judge.holds(answer.ending != "refused", call, "None, because every shape is right", told)
                    judge.nothing(call, answer())

    @staticmethod
    def _other_shapes(name: str, d: int, h: int) -> list[tuple[int, ...]]:
        """Shapes of a parameter that are wrong, and near enough to be mistaken."""
        return {
            "W1": [(d, h), (h, d + 1), (h + 1, d), (h * d,), (1, h, d), (h, d, 1), (h,), (h, 0), (h, 1)],
            "b1": [(h, 1), (1, h), (h + 1,), (d,), (), (h, h), (0,)],
            "W2": [(h,), (h, 1), (1, h + 1), (2, h), (1, h, 1), (1, 1, h), (1, 1)],
            "b2": [(1,), (1, 1), (h,), (0,)],
        }[name]
