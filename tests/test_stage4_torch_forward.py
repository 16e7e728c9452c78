"""Stage 4, 15 points: the forward pass and the loss in PyTorch, and their agreement with NumPy's."""

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
"""The contract's own figure; both passes compute in float64 and differ by rounding alone."""


def tensors(params: Params, requires_grad: bool = False) -> Params:
    """Parameters as tensors."""
    return Params(*(Tensor(np.asarray(p), requires_grad) for p in params))


class TestToTorch:
    """to_torch(params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """to_torch gives Params of float64 tensors that do not require gradients."""
        for _, d, h in (*draw.rounds(rng), *draw.small_sizes(rng)):
            params = draw.params(rng, d, h)
            got = impl.to_torch(params)
            judge.tensor_params("to_torch(params)", got, params, 0.0)
            for name, tensor in zip(Params._fields, got, strict=True):
                plain = not tensor.requires_grad and not tensor.has_graph
                judge.holds(plain, f"to_torch(params).{name}", "requires_grad=False", "requires_grad=True")

    @pytest.mark.points(1)
    def test_own_memory(self, impl: Impl, rng: Rng) -> None:
        """The tensors share no memory with the arrays: changing an array leaves its tensor as it was."""
        _, d, h = draw.sizes(rng)
        params = draw.params(rng, d, h)
        arrays = impl.probe("identity", params, keep=True)
        made = impl.call("to_torch", arrays, keep=True)
        impl.probe("overwrite_all", arrays, rng.uniform(5.0, 9.0))
        call = "to_torch(params), after the arrays in params were changed"
        judge.tensor_params(call, impl.probe("identity", made), params, 0.0)


class TestForward:
    """forward(X, params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """forward agrees with the NumPy forward: Forward(f, a1, h1) of float64 tensors, within 1e-8."""
        for n, d, h in (*draw.rounds(rng), *draw.small_sizes(rng)):
            self._check(impl, rng, n, d, h)

    @pytest.mark.points(1)
    def test_no_graph(self, impl: Impl, rng: Rng) -> None:
        """forward records no graph when the parameters require no gradients."""
        self._check(impl, rng, *draw.sizes(rng), no_graph=True)

    @pytest.mark.points(2)
    def test_differentiable(self, impl: Impl, rng: Rng) -> None:
        """forward can be differentiated when the parameters require gradients: f, a1 and h1 alike."""
        n, d, h = draw.sizes(rng)
        (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
        out = formulas.forward(X, params)
        wf, wa, wh = (rng.uniform(0.5, 1.5, size=part.shape) for part in out)
        leaves = impl.probe("identity", tensors(params, requires_grad=True), keep=True)
        got = impl.call("forward", Tensor(X), leaves, keep=True)
        call = "forward(X, params) with parameters that require gradients"
        judge.tensor_forward(call, impl.probe("identity", got), out, AGREEMENT)
        for part, weights in enumerate((wf, wa, wh)):
            name = out._fields[part]
            field = impl.probe("item", got, part, keep=True)
            judge.in_graph(f"{call}, its {name}", impl.probe("identity", field))
            impl.probe("backward_of", field, weights)
        back = np.outer(wf, params.W2) * formulas.slope(out.a1) + wa + wh * formulas.slope(out.a1)
        grads = [back.T @ X, back.sum(axis=0), (wf @ out.h1)[None], np.array(wf.sum())]
        for name, grad, right in zip(Params._fields, impl.probe("grads_of", leaves), grads, strict=True):
            judge.tensor(f"{call}, the gradient of a sum of f, a1 and h1 for {name}", grad, right, AGREEMENT)

    @staticmethod
    def _check(impl: Impl, rng: Rng, n: int, d: int, h: int, no_graph: bool = False) -> None:
        (X, _), params = draw.samples(rng, n, d), draw.params(rng, d, h)
        got = impl.forward(Tensor(X), tensors(params))
        call = f"forward(X, params) with N={n}, D={d}, H={h}"
        judge.tensor_forward(call, got, formulas.forward(X, params), AGREEMENT)
        if no_graph:
            for name, part in zip(got._fields, got, strict=True):
                judge.holds(
                    not part.has_graph and not part.requires_grad,
                    f"{call}, its {name}, with parameters that require no gradients",
                    "no graph, requires_grad=False",
                    "a tensor that requires gradients",
                )


class TestLoss:
    """loss(f, y)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """loss(f, y) is the mean of ½ (f − y)², a 0-d tensor."""
        for n in (1, *[int(rng.integers(2, 20))] * 2):
            f, y = rng.normal(1.0, 2.0, size=n), rng.normal(0.0, 2.0, size=n)
            self._check(f, y, impl.loss(Tensor(f), Tensor(y)))

    @pytest.mark.points(1)
    def test_refuses_other_shapes(self, impl: Impl, rng: Rng) -> None:
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
        ]
        for one, other in draw.shuffled(rng, same + different):
            f, y = np.asarray(rng.normal(size=one)), np.asarray(rng.normal(size=other))
            call = f"loss(f, y) with f of shape {one} and y of shape {other}"
            if one == other:
                self._check(f, y, impl.loss(Tensor(f), Tensor(y)))
            else:
                judge.refuses(call, lambda f=f, y=y: impl.loss(Tensor(f), Tensor(y)), "the shapes differ")

    @pytest.mark.points(2)
    def test_differentiable(self, impl: Impl, rng: Rng) -> None:
        """loss can be differentiated when f can: its gradient for f is (f − y) / N."""
        n = int(rng.integers(3, 9))
        f, y = rng.normal(size=n), rng.normal(size=n)
        leaf = impl.probe("identity", Tensor(f, requires_grad=True), keep=True)
        made = impl.call("loss", leaf, Tensor(y), keep=True)
        got = impl.probe("identity", made)
        self._check(f, y, got)
        judge.in_graph("loss(f, y), f requiring gradients", got)
        impl.probe("backward_of", made, None)
        grad = impl.probe("field", leaf, "grad")
        judge.tensor("loss(f, y), its gradient for f", grad, (f - y) / n)

    @staticmethod
    def _check(f: np.ndarray, y: np.ndarray, got: Any) -> None:
        judge.tensor(f"loss(f, y) of {len(f)} samples", got, np.array(formulas.loss(f, y)))


class TestAgreement:
    """agreement(array, tensor)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """agreement is the largest absolute difference, a float, whichever of the two is larger."""
        for shape in ((), (1,), tuple(rng.integers(2, 7, size=2).tolist())):
            for sign in (-1.0, 1.0):
                array, other = self._pair(rng, shape, sign)
                self._check(impl, array, other, Tensor(other))
                near = np.asarray(array + sign * rng.uniform(1e-9, 9e-9, size=shape))
                self._check(impl, array, near, Tensor(near))

    @pytest.mark.points(1)
    def test_tensor_with_graph(self, impl: Impl, rng: Rng) -> None:
        """agreement takes a tensor that requires gradients or is part of a graph."""
        array, other = self._pair(rng, (4, 3), -1.0)
        self._check(impl, array, other, Tensor(other, requires_grad=True))
        array, other = self._pair(rng, (3, 4), 1.0)
        self._check(impl, array, other, impl.probe("in_graph", Tensor(other), keep=True))

    @pytest.mark.points(1)
    def test_refuses_other_shapes(self, impl: Impl, rng: Rng) -> None:
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
        ]
        for one, two in draw.shuffled(rng, same + different):
            array, other = np.asarray(rng.normal(size=one)), np.asarray(rng.normal(size=two))
            call = f"agreement(array, tensor) of shapes {one} and {two}"
            if one == two:
                self._check(impl, array, other, Tensor(other))
            else:
                judge.refuses(call, lambda a=array, o=other: impl.agreement(a, Tensor(o)), "the shapes differ")

    @staticmethod
    def _pair(rng: Rng, shape: tuple[int, ...], sign: float) -> tuple[np.ndarray, np.ndarray]:
        """An array and another that differs from it most, by `sign`, in one entry."""
        array = np.asarray(rng.normal(size=shape))
        other = np.array(array + rng.uniform(-0.5, 0.5, size=shape))
        index = tuple(int(rng.integers(n)) for n in shape)
        other[index] = array[index] + sign * rng.uniform(1.0, 3.0)
        return array, other

    @staticmethod
    def _check(impl: Impl, array: np.ndarray, other: np.ndarray, tensor: Tensor | Handle) -> None:
        expected = float(np.abs(array - other).max())
        judge.number(f"agreement(array, tensor) of shape {array.shape}", impl.agreement(array, tensor), expected)
