"""Stage 4, 15 points: the forward pass and the loss in PyTorch, and their agreement with NumPy's."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pytest
from helpers import draw, formulas
from helpers.kept_answers import Asked, asked, note
from helpers.smallest_example import check_each
from mistakes import naming
from mistakes.stage4_torch_forward import AGREEMENT, FORWARD, LOSS, TO_TORCH

from grader.course.records import Params
from grader.judging import judge
from grader.judging.showing import written_out
from grader.outside.client import Client
from grader.wire import Handle, Tensor

Rng = np.random.Generator
Case = tuple[np.ndarray, np.ndarray]

NEAR_NUMPY = 1e-8
"""The contract's own figure; both passes compute in float64 and differ by rounding alone."""


def tensors(params: Params, requires_grad: bool = False) -> Params:
    """Parameters as tensors."""
    return Params(*(Tensor(np.asarray(p), requires_grad) for p in params))


def _plain_first(cases: list[Case], answers: list[Asked]) -> list[tuple[Case, Asked]]:
    """The cases with what came, those of equal shapes first: what is wrong there is no matter of other shapes."""
    return sorted(zip(cases, answers, strict=True), key=lambda pair: pair[0][0].shape != pair[0][1].shape)


class TestToTorch:
    """to_torch(params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """to_torch gives Params of float64 tensors that do not require gradients."""
        check_each(
            partial(self._check, impl, rng), (*draw.rounds(rng), *draw.small_sizes(rng), *draw.large_sizes(rng))
        )
        for layout in draw.LAYOUTS_FOR_TORCH:
            self._check(impl, rng, *draw.sizes(rng), layout=layout)

    @pytest.mark.points(1)
    def test_own_memory(self, impl: Client, rng: Rng) -> None:
        """The tensors share no memory with the arrays: changing an array leaves its tensor as it was."""
        for d, h in draw.own_and_same_shapes(rng):
            params = draw.params(rng, d, h)
            arrays = impl.probe("identity", params, keep=True)
            number = rng.uniform(5.0, 9.0)
            call = "to_torch(params), after the arrays in params were changed"
            with naming(TO_TORCH, params, number):
                made = impl.call("to_torch", arrays, keep=True)
                impl.probe("overwrite_all", arrays, number)
                judge.tensor_record(call, impl.probe("identity", made), params, 0.0)
            overwritten = Params(*(np.full_like(p, number) for p in params))
            judge.record(f"{call}, those arrays", impl.probe("identity", arrays), overwritten)

    @staticmethod
    def _check(impl: Client, rng: Rng, _: int, d: int, h: int, layout: str = "") -> None:
        params = draw.params(rng, d, h)
        call = f"to_torch(params) with {written_out(params=params)}{layout and f', {layout}'}"
        with naming(TO_TORCH, params) as seen:
            got, (after,) = impl.watched("to_torch", draw.laid(params, layout) if layout else params)
            judge.tensor_record(call, got, params, 0.0)
            seen["requires_grad"] = [tensor.requires_grad or tensor.has_graph for tensor in got]
            for name, requires_grad in zip(Params._fields, seen["requires_grad"], strict=True):
                judge.holds(not requires_grad, f"{call}, its {name}", "requires_grad=False", "requires_grad=True")
        judge.unchanged(f"{call}, params", params, after)


class TestForward:
    """forward(X, params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """forward agrees with the NumPy forward: Forward(f, a1, h1) of float64 tensors, within 1e-8."""
        check_each(
            partial(self._check, impl, rng), (*draw.rounds(rng), *draw.small_sizes(rng), *draw.large_sizes(rng))
        )
        self._check(impl, rng, *draw.sizes(rng), layout="in Fortran order")

    @pytest.mark.points(1)
    def test_no_graph(self, impl: Client, rng: Rng) -> None:
        """forward records no graph when the parameters require no gradients."""
        n, d, h = draw.sizes(rng)
        (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
        call = f"forward(X, params) with {written_out(X=X, params=params)}"
        with naming(FORWARD, X, params) as seen:
            got, saved = impl.counted("saved", "forward", Tensor(X), tensors(params))
            judge.tensor_record(call, got, formulas.forward(X, params), NEAR_NUMPY)
            seen["recorded"] = [part.has_graph or part.requires_grad for part in got]
            for name, recorded in zip(got._fields, seen["recorded"], strict=True):
                judge.holds(
                    not recorded,
                    f"{call}, its {name}, with parameters that require no gradients",
                    "no graph, requires_grad=False",
                    "a tensor that requires gradients",
                )
            seen["recorded"] = [saved > 0]
            told = f"a graph, which was cut off at the end: {saved} tensors were saved for it"
            judge.holds(saved == 0, f"{call}, with parameters that require no gradients", "no graph", told)
            seen["grad_mode"] = mode = impl.probe("grad_mode")
            impl.probe("set_grad_mode", True)
            judge.holds(mode is True, f"PyTorch's grad mode after {call}", "on, as before", "switched off")

    @pytest.mark.points(2)
    def test_differentiable(self, impl: Client, rng: Rng) -> None:
        """forward can be differentiated when the parameters require gradients: f, a1 and h1 alike."""
        n, d, h = draw.sizes(rng)
        (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
        out = formulas.forward(X, params)
        wf, wa, wh = (rng.uniform(0.5, 1.5, size=part.shape) for part in out)
        leaves = impl.probe("identity", tensors(params, requires_grad=True), keep=True)
        back = np.outer(wf, params.W2) * formulas.slope(out.a1) + wa + wh * formulas.slope(out.a1)
        grads = [back.T @ X, back.sum(axis=0), (wf @ out.h1)[None], np.array(wf.sum())]
        call = "forward(X, params) with parameters that require gradients"
        with naming(FORWARD, X, params, (wf, wa, wh)) as seen:
            got = impl.call("forward", Tensor(X), leaves, keep=True)
            came = impl.probe("identity", got)
            judge.tensor_record(call, came, out, NEAR_NUMPY)
            seen["graphs"] = [part.has_graph for part in came]
            for part, weights in enumerate((wf, wa, wh)):
                field = impl.probe("item", got, part, keep=True)
                judge.in_graph(f"{call}, its {out._fields[part]}", impl.probe("identity", field))
                impl.probe("backward_of", field, weights)
            seen["grads"] = impl.probe("grads_of", leaves, len(Params._fields))
            for name, grad, right in zip(Params._fields, seen["grads"], grads, strict=True):
                judge.tensor(f"{call}, the gradient of a sum of f, a1 and h1 for {name}", grad, right, NEAR_NUMPY)
        for name in Params._fields:
            self._judge_one(impl, X, params, name)

    @staticmethod
    def _judge_one(impl: Client, X: np.ndarray, params: Params, name: str) -> None:
        """Where one parameter alone requires gradients, f can be differentiated by it."""
        mixed = tensors(params)._replace(**{name: Tensor(getattr(params, name), requires_grad=True)})
        leaves = impl.probe("identity", mixed, keep=True)
        call = f"forward(X, params), {name} alone requiring gradients"
        with naming(FORWARD, X, params):
            f = impl.probe("item", impl.call("forward", Tensor(X), leaves, keep=True), 0, keep=True)
            judge.in_graph(f"{call}, its f", impl.probe("identity", f))
            impl.probe("backward_of", f, np.ones(len(X)))
            grad = impl.probe("grads_of", leaves, len(Params._fields))[Params._fields.index(name)]
            scores = formulas.forward(X, params).f
            right = formulas.gradients(X, scores - len(X), params)  # as if every error, over N, were 1
            judge.tensor(
                f"{call}, the gradient of the sum of f", grad, np.asarray(getattr(right, name)), NEAR_NUMPY
            )

    @staticmethod
    def _check(impl: Client, rng: Rng, n: int, d: int, h: int, layout: str = "") -> None:
        (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
        call = f"forward(X, params){draw.of_size(n, h)} with {written_out(X=X, params=params)}"
        given = Tensor(X), tensors(params)
        if layout:
            call, given = f"{call}, {layout}", draw.laid(given, layout)
        with naming(FORWARD, X, params):
            got, after = impl.watched("forward", *given)
            judge.tensor_record(call, got, formulas.forward(X, params), NEAR_NUMPY)
        judge.unchanged(f"{call}, its arguments", (Tensor(X), tensors(params)), tuple(after))


class TestLoss:
    """loss(f, y)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """loss(f, y) is the mean of ½ (f − y)², a 0-d tensor."""
        several = int(rng.integers(3, 20))  # of two samples the sum is as far off as a missing ½
        check_each(
            partial(self._check_sizes, impl, rng),
            [(several, 1, 1), (several, 1, 1), (1, 1, 1), (int(rng.integers(1001, 3000)), 1, 1)],
        )
        for size in (1e-3, 30.0, 1e5):
            f, y = rng.normal(size=several), rng.normal(size=several)
            self._check(impl, [(y + size * f, y)], f", errors f − y of about {size:g}")
        given = Tensor(f), Tensor(y)
        judge.unchanged("loss(f, y), its arguments", given, tuple(impl.watched("loss", *given)[1]))

    @pytest.mark.points(1)
    def test_refuses_other_shapes(self, impl: Client, rng: Rng) -> None:
        """loss refuses f and y of different shapes, also where PyTorch would broadcast them."""
        n = int(rng.integers(3, 9))
        same = [((n,), (n,)), ((1,), (1,)), ((n + 1,), (n + 1,))]
        different = [
            ((n, 1), (n,)),
            ((n,), (n, 1)),
            ((1, n), (n,)),
            ((n,), (1,)),
            ((n, 1), (n, n)),
            ((n,), (n + 1,)),
            ((1,), ()),
            ((n, 2), (2, n)),
            ((2 * n,), (n, 2)),
        ]
        shapes = draw.shuffled(rng, same + different)
        self._check(
            impl, [(np.asarray(rng.normal(size=one)), np.asarray(rng.normal(size=two))) for one, two in shapes]
        )

    @pytest.mark.points(2)
    def test_differentiable(self, impl: Client, rng: Rng) -> None:
        """loss can be differentiated when f can: its gradient for f is (f − y) / N."""
        n = int(rng.integers(3, 9))
        f, y = rng.normal(0.0, 40.0, size=n), rng.normal(size=n)
        leaf = impl.probe("identity", Tensor(f, requires_grad=True), keep=True)
        with naming(LOSS, [(f, y)]) as seen:
            made = impl.call("loss", leaf, Tensor(y), keep=True)
            got = impl.probe("identity", made)
            seen["values"] = {0: got}
            judge.tensor(f"loss(f, y) of {n} samples", got, np.array(formulas.loss(f, y)))
            seen["graph"] = got.has_graph
            judge.in_graph("loss(f, y), f requiring gradients", got)
            impl.probe("backward_of", made, None)
            seen["grad"] = impl.probe("field", leaf, "grad")
            judge.tensor("loss(f, y), its gradient for f", seen["grad"], (f - y) / n)

    def _check_sizes(self, impl: Client, rng: Rng, n: int, _: int, __: int) -> None:
        self._check(impl, [(rng.normal(1.0, 2.0, size=n), rng.normal(0.0, 2.0, size=n))])

    @staticmethod
    def _check(impl: Client, cases: list[Case], special: str = "") -> None:
        """Each case's loss is right, or refused where the shapes of f and y differ."""
        with naming(LOSS, cases) as seen:
            answers = [asked(lambda f=f, y=y: impl.loss(Tensor(f), Tensor(y))) for f, y in cases]
            note(seen, answers)
            for (f, y), answer in _plain_first(cases, answers):
                if f.shape == y.shape:
                    call = f"loss(f, y) with {written_out(f=f, y=y)}{special}"
                    judge.tensor(call, answer(), np.array(formulas.loss(f, y)))
                else:
                    call = f"loss(f, y) with f of shape {f.shape} and y of shape {y.shape}"
                    judge.refuses(call, answer, "the shapes differ")


class TestAgreement:
    """agreement(array, tensor)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """agreement is the largest absolute difference, a float, whichever of the two is larger."""
        cases = []
        sizes = [tuple(int(n) for n in rng.integers(2, 7, size=axes)) for axes in (2, 3)]
        for shape in ((), (1,), *sizes, (int(rng.integers(2001, 4000)),)):
            for sign in (-1.0, 1.0):
                array, other = self._pair(rng, shape, sign)
                near = np.asarray(array + sign * rng.uniform(1e-9, 9e-9, size=shape))
                cases += [(array, other), (array, near)]
        self._check(impl, cases)

    @pytest.mark.points(1)
    def test_tensor_with_graph(self, impl: Client, rng: Rng) -> None:
        """agreement takes a tensor that requires gradients or is part of a graph."""
        cases = [self._pair(rng, (4, 3), -1.0), self._pair(rng, (3, 4), 1.0)]
        leaf, made = (Tensor(other, requires_grad=True) for _, other in cases)
        self._check(impl, cases, [leaf, impl.probe("in_graph", made, keep=True)])

    @pytest.mark.points(1)
    def test_refuses_other_shapes(self, impl: Client, rng: Rng) -> None:
        """agreement refuses an array and a tensor of different shapes."""
        n = int(rng.integers(3, 9))
        same = [((n,), (n,)), ((1, n), (1, n)), ((), ())]
        different = [
            ((n, 1), (n,)),
            ((n,), (n, 1)),
            ((1, n), (n,)),
            ((n,), (1,)),
            ((1, n), (n, n)),
            ((n,), (n + 1,)),
            ((), (1,)),
            ((n,), ()),
            ((n, 2), (2, n)),
            ((2 * n,), (n, 2)),
        ]
        shapes = draw.shuffled(rng, same + different)
        self._check(
            impl, [(np.asarray(rng.normal(size=one)), np.asarray(rng.normal(size=two))) for one, two in shapes]
        )

    @staticmethod
    def _pair(rng: Rng, shape: tuple[int, ...], sign: float) -> tuple[np.ndarray, np.ndarray]:
        """An array and another that differs from it most, by `sign`, in one entry."""
        array = np.asarray(rng.normal(size=shape))
        other = np.array(array + rng.uniform(-0.5, 0.5, size=shape))
        index = tuple(int(rng.integers(n // 2, n)) for n in shape)  # where the beginning alone does not show it
        other[index] = array[index] + sign * rng.uniform(1.0, 3.0)
        return array, other

    @staticmethod
    def _check(impl: Client, cases: list[Case], others: Sequence[Tensor | Handle] = ()) -> None:
        """Each case's difference is right, or refused where the shapes differ. others: the cases' tensors."""
        others = others or [Tensor(other) for _, other in cases]
        with naming(AGREEMENT, cases, near=judge.FLOAT64) as seen:
            pairs = [(array, tensor) for (array, _), tensor in zip(cases, others, strict=True)]
            answers = [asked(lambda pair=pair: impl.agreement(*pair)) for pair in pairs]
            note(seen, answers)
            for (array, other), answer in _plain_first(cases, answers):
                if array.shape == other.shape:
                    axes = f" of {array.ndim} axes" if array.ndim > 2 else ""
                    call = f"agreement(array, tensor){axes} with {written_out(array=array, tensor=other)}"
                    judge.number(call, answer(), float(np.abs(array - other).max()))
                else:
                    call = f"agreement(array, tensor) of shapes {array.shape} and {other.shape}"
                    judge.refuses(call, answer, "the shapes differ")
