"""Stage 4, 15 points: the forward pass and the loss in PyTorch, and their agreement with NumPy's."""

from typing import Any

import numpy as np
import pytest
from helpers import draw, formulas, tensors
from helpers.kept_answers import cases, judge_other_shapes
from helpers.smallest_example import check_each

from grader.course.records import Params
from grader.judging import judge
from grader.judging.showing import written_out
from grader.outside.client import Client
from grader.wire import Handle, Tensor

Rng = np.random.Generator

NEAR_NUMPY = 1e-8
"""The contract's own figure; both passes compute in float64 and differ by rounding alone."""


class TestToTorch:
    """to_torch(params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """to_torch gives Params of float64 tensors that do not require gradients."""

        def check(_: int, d: int, h: int, layout: str = "") -> None:
            params = draw.params(rng, d, h)
            call = f"to_torch(params) with {written_out(params=params)}{layout and f', {layout}'}"
            got, (after,) = impl.watched("to_torch", draw.laid(params, layout) if layout else params)
            judge.tensor_record(call, got, params, 0.0)  # nothing is computed: not a digit may be lost
            for name, tensor in zip(Params._fields, got, strict=True):
                plain = not (tensor.requires_grad or tensor.has_graph)
                judge.holds(plain, f"{call}, its {name}", "requires_grad=False", "requires_grad=True")
            judge.unchanged(f"{call}, params", params, after)

        check_each(check, tensors.all_sizes(rng))
        for layout in draw.LAYOUTS_FOR_TORCH:
            check(*draw.sizes(rng), layout=layout)

    @pytest.mark.points(1)
    def test_own_memory(self, impl: Client, rng: Rng) -> None:
        """The tensors share no memory with the arrays: changing an array leaves its tensor as it was."""
        tensors.judge_own_memory(impl, rng, "to_torch")


class TestForward:
    """forward(X, params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """forward agrees with the NumPy forward: Forward(f, a1, h1) of float64 tensors, within 1e-8."""

        def check(n: int, d: int, h: int, layout: str = "") -> None:
            (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
            call = f"forward(X, params){draw.of_size(n, h)} with {written_out(X=X, params=params)}"
            given = Tensor(X), tensors.of_params(params)
            if layout:
                call, given = f"{call}, {layout}", draw.laid(given, layout)
            got, after = impl.watched("forward", *given)
            judge.tensor_record(call, got, formulas.forward(X, params), NEAR_NUMPY)
            judge.unchanged(f"{call}, its arguments", (Tensor(X), tensors.of_params(params)), tuple(after))

        check_each(check, tensors.all_sizes(rng))
        check(*draw.sizes(rng), layout="in Fortran order")

    @pytest.mark.points(1)
    def test_no_graph(self, impl: Client, rng: Rng) -> None:
        """forward records no graph when the parameters require no gradients."""
        X, params = self._drawn(rng)
        call = "forward(X, params) with parameters that require no gradients"
        got, saved = impl.counted("saved", "forward", Tensor(X), tensors.of_params(params))
        judge.tensor_record(call, got, formulas.forward(X, params), NEAR_NUMPY)
        for name, part in zip(got._fields, got, strict=True):
            plain = not (part.has_graph or part.requires_grad)
            wrong = "a tensor that requires gradients"
            judge.holds(plain, f"{call}, its {name}", "no graph, requires_grad=False", wrong)
        cut_off = f"a graph, which was cut off at the end: {saved} tensors were saved for it"
        judge.holds(saved == 0, call, "no graph", cut_off)
        mode = impl.probe("grad_mode")
        impl.probe("set_grad_mode", True)
        judge.holds(mode is True, f"PyTorch's grad mode after {call}", "on, as before", "switched off")

    @pytest.mark.points(2)
    def test_differentiable(self, impl: Client, rng: Rng) -> None:
        """forward can be differentiated when the parameters require gradients: f, a1 and h1 alike."""
        X, params = self._drawn(rng)
        out = formulas.forward(X, params)
        leaves = tensors.leaves_of(impl, params)
        call = "forward(X, params) with parameters that require gradients"
        made = impl.call("forward", Tensor(X), leaves, keep=True)
        got = impl.probe("identity", made)
        judge.tensor_record(call, got, out, NEAR_NUMPY)
        graphs = {name: part.has_graph for name, part in got._asdict().items()}
        for name, has_graph in graphs.items():
            judge.holds(has_graph, f"{call}, its {name}", "part of a graph", "a value without a graph", graphs)
        wf, wa, wh = (rng.uniform(0.5, 1.5, size=part.shape) for part in out)
        for part, weights in enumerate((wf, wa, wh)):
            impl.probe("backward_of", impl.probe("item", made, part, keep=True), weights)
        back = np.outer(wf, params.W2) * formulas.slope(out.a1) + wa + wh * formulas.slope(out.a1)
        right = Params(back.T @ X, back.sum(axis=0), (wf @ out.h1)[np.newaxis], wf.sum())
        grads = impl.probe("grads_of", leaves, len(params))
        tensors.judge_gradients(f"{call}, after backward of a sum of f, a1 and h1", grads, right, NEAR_NUMPY)
        for name in Params._fields:
            self._judge_one(impl, X, params, name)

    @staticmethod
    def _judge_one(impl: Client, X: np.ndarray, params: Params, name: str) -> None:
        """Where one parameter alone requires gradients, f can be differentiated by it."""
        mixed = tensors.of_params(params)._replace(**{name: Tensor(getattr(params, name), requires_grad=True)})
        leaves = impl.probe("identity", mixed, keep=True)
        call = f"forward(X, params), {name} alone requiring gradients"
        f = impl.probe("item", impl.call("forward", Tensor(X), leaves, keep=True), 0, keep=True)
        judge.in_graph(f"{call}, its f", impl.probe("identity", f))
        impl.probe("backward_of", f, np.ones(len(X)))
        grad = impl.probe("grads_of", leaves, len(params))[Params._fields.index(name)]
        scores = formulas.forward(X, params).f
        right = formulas.gradients(X, scores - len(X), params)  # as if every error, over N, were 1
        judge.tensor(f"{call}, the gradient of the sum of f", grad, np.asarray(getattr(right, name)), NEAR_NUMPY)

    @staticmethod
    def _drawn(rng: Rng) -> tuple[np.ndarray, Params]:
        n, d, h = draw.sizes(rng)
        return draw.samples(rng, n, d)[0], draw.params(rng, d, h)


class TestLoss:
    """loss(f, y)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """loss(f, y) is the mean of ½ (f − y)², a 0-d tensor."""
        several = int(rng.integers(3, 20))  # of two samples the sum is as far off as a missing ½

        def check(n: int, _: int, __: int) -> None:
            f, y = rng.normal(1.0, 2.0, size=n), rng.normal(0.0, 2.0, size=n)
            self._judge(f, y, impl.loss(Tensor(f), Tensor(y)))

        check_each(check, [(n, 1, 1) for n in (several, several, 1, int(rng.integers(1001, 3000)))])
        for size in (1e-3, 30.0, 1e5):
            f, y = rng.normal(size=several), rng.normal(size=several)
            far = y + size * f
            self._judge(far, y, impl.loss(Tensor(far), Tensor(y)), f", errors f − y of about {size:g}")
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
        drawn = cases(rng, draw.shuffled(rng, same + different))
        judge_other_shapes("loss(f, y)", drawn, lambda f, y: impl.loss(Tensor(f), Tensor(y)), self._judge)

    @pytest.mark.points(2)
    def test_differentiable(self, impl: Client, rng: Rng) -> None:
        """loss can be differentiated when f can: its gradient for f is (f − y) / N."""
        n = int(rng.integers(3, 9))
        f, y = rng.normal(0.0, 40.0, size=n), rng.normal(size=n)
        leaf = impl.probe("identity", Tensor(f, requires_grad=True), keep=True)
        made = impl.call("loss", leaf, Tensor(y), keep=True)
        got = impl.probe("identity", made)
        judge.tensor(f"loss(f, y) of {n} samples", got, np.mean((f - y) ** 2 / 2))
        judge.in_graph("loss(f, y), f requiring gradients", got)
        impl.probe("backward_of", made, None)
        judge.tensor("loss(f, y), its gradient for f", impl.probe("field", leaf, "grad"), (f - y) / n)

    @staticmethod
    def _judge(f: np.ndarray, y: np.ndarray, got: Any, special: str = "") -> None:
        """What comes for f and y of one shape is right."""
        right = np.mean((f - y) ** 2 / 2)
        judge.tensor(f"loss(f, y) with {written_out(f=f, y=y)}{special}", got, right)


class TestAgreement:
    """agreement(array, tensor)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """agreement is the largest absolute difference, a float, whichever of the two is larger."""
        sizes = [tuple(int(n) for n in rng.integers(2, 7, size=axes)) for axes in (2, 3)]
        for shape in ((), (1,), *sizes, (int(rng.integers(2001, 4000)),)):
            for sign in (-1.0, 1.0):
                array, other = self._pair(rng, shape, sign)
                near = np.asarray(array + sign * rng.uniform(1e-9, 9e-9, size=shape))
                for values in (other, near):
                    self._judge(array, values, impl.agreement(array, Tensor(values)))

    @pytest.mark.points(1)
    def test_tensor_with_graph(self, impl: Client, rng: Rng) -> None:
        """agreement takes a tensor that requires gradients or is part of a graph."""
        array, other = self._pair(rng, (4, 3), -1.0)
        self._judge(array, other, impl.agreement(array, Tensor(other, requires_grad=True)))
        longer, second = self._pair(rng, (3, 4), 1.0)
        made: Handle = impl.probe("in_graph", Tensor(second, requires_grad=True), keep=True)
        self._judge(longer, second, impl.agreement(longer, made))

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
        drawn = cases(rng, draw.shuffled(rng, same + different))
        judge_other_shapes(
            "agreement(array, tensor)", drawn, lambda a, t: impl.agreement(a, Tensor(t)), self._judge
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
    def _judge(array: np.ndarray, other: np.ndarray, got: Any) -> None:
        """What comes for an array and a tensor of one shape is right."""
        axes = f" of {array.ndim} axes" if array.ndim > 2 else ""
        call = f"agreement(array, tensor){axes} with {written_out(array=array, tensor=other)}"
        judge.number(call, got, float(np.abs(array - other).max()))
