"""Stage 5, 15 points: leaf tensors, gradients by autograd, their comparison, and a training step in place."""

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
"""The contract's own figure; both gradients are computed in float64 and differ by rounding alone."""


def drawn(rng: Rng) -> tuple[np.ndarray, np.ndarray, Params]:
    """Samples and parameters of drawn sizes."""
    n, d, h = draw.sizes(rng)
    return *draw.samples(rng, n, d), draw.params(rng, d, h)


class TestLeafParams:
    """leaf_params(params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """leaf_params gives Params of float64 leaf tensors that require gradients."""
        for _, d, h in (*draw.rounds(rng), *draw.small_sizes(rng)):
            params = draw.params(rng, d, h)
            got = impl.leaf_params(params)
            judge.tensor_params("leaf_params(params)", got, params, 0.0)
            check_leaves("leaf_params(params)", got)
        weights = Params(*(rng.uniform(0.5, 1.5, size=np.shape(p)) for p in params))
        made = impl.call("leaf_params", params, keep=True)
        impl.probe("backward_of_squares", made, weights)
        call = "leaf_params(params), the gradient of a weighted sum of squares"
        for name, grad, p, w in zip(Params._fields, impl.probe("grads_of", made), params, weights, strict=True):
            judge.tensor(f"{call} for {name}", grad, 2 * w * p)

    @pytest.mark.points(1)
    def test_own_memory(self, impl: Impl, rng: Rng) -> None:
        """The tensors share no memory with the arrays: changing an array leaves its tensor as it was."""
        _, d, h = draw.sizes(rng)
        params = draw.params(rng, d, h)
        arrays = impl.probe("identity", params, keep=True)
        made = impl.call("leaf_params", arrays, keep=True)
        impl.probe("overwrite_all", arrays, rng.uniform(5.0, 9.0))
        call = "leaf_params(params), after the arrays in params were changed"
        judge.tensor_params(call, impl.probe("identity", made), params, 0.0)


def check_leaves(call: str, got: Params) -> None:
    """Each tensor is a leaf that requires gradients."""
    for name, tensor in zip(Params._fields, got, strict=True):
        judge.holds(tensor.is_leaf and not tensor.has_graph, f"{call}, {name}", "a leaf tensor", "no leaf")
        judge.holds(tensor.requires_grad, f"{call}, {name}", "requires_grad=True", "requires_grad=False")


class TestAutogradGrad:
    """autograd_grad(X, y, params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """autograd_grad gives the gradients of the mean loss as NumPy arrays, by autograd."""
        for n, d, h in (*draw.rounds(rng), *draw.small_sizes(rng)):
            self._check(impl, *draw.samples(rng, n, d), draw.params(rng, d, h))

    @pytest.mark.points(1)
    def test_zero_at_the_kink(self, impl: Impl, rng: Rng) -> None:
        """Where a pre-activation is exactly 0, the ReLU's slope is 0, as in stage 1."""
        self._check(impl, *draw.kinked(rng, (0.0,) * int(rng.integers(3, 6))))

    @pytest.mark.points(1)
    def test_second_call(self, impl: Impl, rng: Rng) -> None:
        """A second call gives the same answer, also after calls with others: nothing accumulates."""
        first, other = drawn(rng), drawn(rng)
        for case in (first, first, other, first):
            self._check(impl, *case)

    @staticmethod
    def _check(impl: Impl, X: np.ndarray, y: np.ndarray, params: Params) -> None:
        got, runs = impl.counted("backward", "autograd_grad", X, y, params)
        call = f"autograd_grad(X, y, params) with N={len(y)}, D={X.shape[1]}, H={len(params.b1)}"
        judge.params(call, got, formulas.gradients(X, y, params), AGREEMENT)
        judge.holds(
            runs > 0,
            call,
            "gradients by PyTorch's autograd, Tensor.backward() or torch.autograd.grad",
            "gradients found without autograd: neither was called",
        )


class TestCompareGrads:
    """compare_grads(manual, auto)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """compare_grads gives, by name, the largest absolute difference, whichever of the two is larger."""
        for _ in range(3):
            self._check(impl, *self._pair(rng))

    @pytest.mark.points(1)
    def test_nan(self, impl: Impl, rng: Rng) -> None:
        """A difference that is NaN makes its parameter's entry NaN, and no other."""
        for name in ("W1", "b1", "W2", "b2"):
            manual, auto = self._pair(rng)
            sick = np.array(getattr(auto, name))
            sick.flat[int(rng.integers(sick.size))] = np.nan
            sides = manual, auto._replace(**{name: sick})
            self._check(impl, *draw.shuffled(rng, sides))

    @pytest.mark.points(1)
    def test_refuses_other_shapes(self, impl: Impl, rng: Rng) -> None:
        """compare_grads raises one ValueError that names every parameter whose shapes differ."""
        some = [("W1",), ("b1",), ("W2",), ("b2",), ("W1", "W2"), ("b1", "b2"), Params._fields, (), ()]
        for names in draw.shuffled(rng, some * 2):
            manual, auto = self._pair(rng)
            d, h = manual.W1.shape[1], len(manual.b1)
            shapes = {"W1": (1, d), "b1": (h, 1), "W2": (h,), "b2": (1,)}
            other = auto._replace(**{name: rng.normal(size=shapes[name]) for name in names})
            one, two = draw.shuffled(rng, (manual, other))
            call = f"compare_grads(manual, auto), the shapes of {', '.join(names)} differing"
            if names:
                text = judge.refuses(call, lambda m=one, a=two: impl.compare_grads(m, a), "shapes differ")
                judge.names_all(call, text, set(names))
            else:
                self._check(impl, one, two)

    @staticmethod
    def _pair(rng: Rng) -> tuple[Params, Params]:
        """Two sets of gradients; where they differ most, now one is the larger, now the other."""
        _, d, h = draw.sizes(rng)
        manual, auto = draw.params(rng, d, h), draw.params(rng, d, h)
        most = [np.array(a) for a in auto]
        for a, m in zip(most, manual, strict=True):
            index = int(rng.integers(a.size))
            a.flat[index] = m.flat[index] + rng.choice([-1.0, 1.0]) * rng.uniform(4.0, 6.0)
        return manual, Params(*most)

    @staticmethod
    def _check(impl: Impl, manual: Params, auto: Params) -> None:
        got = impl.compare_grads(manual, auto)
        judge.differences("compare_grads(manual, auto)", got, formulas.largest_differences(manual, auto))


class TestTrainStep:
    """train_step(X, y, params, lr)"""

    @pytest.mark.points(2)
    def test_in_place(self, impl: Impl, rng: Rng) -> None:
        """train_step gives the loss before the step, and the same tensors hold the new values, still leaves."""
        case = drawn(rng)
        self._step(impl, self._leaves(impl, case[2]), *case, lr=rng.uniform(0.05, 0.5))

    @pytest.mark.points(1)
    def test_leftover_gradients(self, impl: Impl, rng: Rng) -> None:
        """Gradients left over from before do not leak into the step."""
        X, y, params = drawn(rng)
        leaves = self._leaves(impl, params)
        impl.probe("set_grads", leaves, [rng.uniform(3.0, 9.0, size=np.shape(p)) for p in params])
        self._step(impl, leaves, X, y, params, lr=rng.uniform(0.05, 0.5))

    @pytest.mark.points(2)
    def test_step_after_step(self, impl: Impl, rng: Rng) -> None:
        """Steps in turn on several sets of parameters, with changing rates, do not mix: nothing is kept."""
        first = drawn(rng)
        h, d = first[2].W1.shape
        cases = [first, (*first[:2], draw.params(rng, d, h)), drawn(rng)]
        leaves = [self._leaves(impl, params) for _, _, params in cases]
        for turn in (0, 0, 1, 2, 0, 1, 2):
            X, y, params = cases[turn]
            new = self._step(impl, leaves[turn], X, y, params, lr=rng.uniform(0.05, 0.3))
            cases[turn] = (X, y, new)

    @staticmethod
    def _leaves(impl: Impl, params: Params) -> Handle:
        """Leaf tensors of the kit's own making, kept beside the learner's code."""
        leaves = Params(*(Tensor(np.asarray(p), requires_grad=True) for p in params))
        return impl.probe("identity", leaves, keep=True)  # type: ignore[no-any-return]

    @staticmethod
    def _step(impl: Impl, leaves: Handle, X: np.ndarray, y: np.ndarray, params: Params, lr: float) -> Params:
        """One step from `params`, which the leaves hold; the parameters after it."""
        got: Any = impl.train_step(Tensor(X), Tensor(y), leaves, lr)
        call = f"train_step(X, y, params, lr={lr:.3g})"
        judge.number(call, got, formulas.loss(formulas.forward(X, params).f, y))
        grads = formulas.gradients(X, y, params)
        right = Params(*(np.asarray(p - lr * g) for p, g in zip(params, grads, strict=True)))
        after = impl.probe("identity", leaves)
        judge.tensor_params(f"{call}, params after the step", after, right, AGREEMENT)
        check_leaves(f"{call}, params after the step", after)
        return right
