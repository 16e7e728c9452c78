"""Stage 5, 15 points: leaf tensors, gradients by autograd, their comparison, and a training step in place."""

import numpy as np
import pytest
from helpers import comparisons, draw, formulas, tensors
from helpers.smallest_example import check_each
from helpers.stage5_gradients import (
    Case,
    compared,
    drawn,
    judge_by_autograd,
    judge_each,
    judge_gradients,
    judge_refusals,
    judge_step,
    judge_step_by_autograd,
    moved,
    pair,
    telling_first,
)

from grader.course.records import Params
from grader.judging import judge
from grader.judging.showing import written_out
from grader.outside.client import Client
from grader.wire import Handle

Rng = np.random.Generator


class TestLeafParams:
    """leaf_params(params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """leaf_params gives Params of float64 leaf tensors that require gradients."""

        def check(_: int, d: int, h: int, layout: str = "") -> None:
            params = draw.params(rng, d, h)
            call = f"leaf_params(params) with {written_out(params=params)}{layout and f', {layout}'}"
            got, (after,) = impl.watched("leaf_params", draw.laid(params, layout) if layout else params)
            judge.tensor_record(call, got, params, judge.SHAPE_ONLY)
            tensors.judge_leaves(call, got)
            judge.tensor_record(call, got, params, 0.0)  # nothing is computed: not a digit may be lost
            judge.unchanged(f"{call}, params", params, after)

        check_each(check, tensors.all_sizes(rng))
        for layout in draw.LAYOUTS_FOR_TORCH:
            check(*draw.sizes(rng), layout=layout)
        self._judge_backward(impl, rng)

    @pytest.mark.points(1)
    def test_own_memory(self, impl: Client, rng: Rng) -> None:
        """The tensors share no memory with the arrays: changing an array leaves its tensor as it was."""
        tensors.judge_own_memory(impl, rng, "leaf_params")

    @staticmethod
    def _judge_backward(impl: Client, rng: Rng) -> None:
        """Gradients arrive at the tensors: those of w·p² are 2w·p; and at no others, made by a second call."""
        _, d, h = draw.sizes(rng)
        params = draw.params(rng, d, h)
        weights = Params(*(rng.uniform(0.5, 1.5, size=np.shape(p)) for p in params))
        call = "leaf_params(params), the gradient of a weighted sum of squares"
        made, second = (impl.call("leaf_params", params, keep=True) for _ in range(2))
        impl.probe("backward_of_squares", made, weights)
        grads = impl.probe("grads_of", made, len(params))
        tensors.judge_gradients(call, grads, Params(*(2 * w * p for w, p in zip(weights, params, strict=True))))
        apart = all(grad is None for grad in impl.probe("grads_of", second, len(params)))
        none = "no gradients: new tensors"
        judge.holds(apart, f"{call}, the leaves of a second call", none, "the same gradients")


class TestAutogradGrad:
    """autograd_grad(X, y, params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """autograd_grad gives the gradients of the mean loss as NumPy arrays, by autograd."""

        def check(n: int, d: int, h: int) -> None:
            judge_gradients(impl, (*draw.samples(rng, n, d), draw.params(rng, d, h)))

        check_each(check, telling_first(tensors.all_sizes(rng)))
        for layout in draw.LAYOUTS_FOR_TORCH:
            judge_gradients(impl, drawn(rng), layout)
        judge_by_autograd(impl, drawn(rng))

    @pytest.mark.points(1)
    def test_zero_at_the_kink(self, impl: Client, rng: Rng) -> None:
        """Where a pre-activation is exactly 0, the ReLU's slope is 0, as in stage 1."""
        case = draw.kinked(rng, (0.0,) * int(rng.integers(3, 6)))
        judge_gradients(impl, case)
        judge_by_autograd(impl, case)

    @pytest.mark.points(1)
    def test_second_call(self, impl: Client, rng: Rng) -> None:
        """A second call gives the same answer, also after calls with others: nothing accumulates."""
        first, other = drawn(rng), drawn(rng)
        for case in (first, first, other, first):
            judge_gradients(impl, case)
        X, y, params = first
        kept = impl.probe("identity", params, keep=True)
        judge_gradients(impl, first, kept=kept)
        number = rng.uniform(0.2, 0.5)
        impl.probe("overwrite_all", kept, number)  # the same arrays, with other values
        judge_gradients(impl, (X, y, Params(*(np.full_like(p, number) for p in params))), kept=kept)
        judge_by_autograd(impl, first)


class TestCompareGrads:
    """compare_grads(manual, auto)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """compare_grads gives, by name, the largest absolute difference, whichever of the two is larger."""

        def check(_: int, d: int, h: int) -> None:
            one, two = pair(rng, d, h, sign=1.0)
            near = Params(*(np.asarray(p + rng.uniform(1e-9, 9e-9, size=np.shape(p))) for p in one))
            for manual, auto in ((one, two), (two, one), pair(rng, d, h), (one, near)):
                right = formulas.largest_differences(manual, auto)
                comparisons.differences(compared(manual, auto), impl.compare_grads(manual, auto), right)

        check_each(check, [draw.sizes(rng), (1, 1, 1), *draw.large_sizes(rng)[1:]])
        for layout in draw.LAYOUTS_FOR_TORCH:
            manual, auto = pair(rng, *draw.sizes(rng)[1:])
            got = impl.compare_grads(*draw.laid((manual, auto), layout))
            comparisons.differences(
                compared(manual, auto, layout), got, formulas.largest_differences(manual, auto)
            )
        given = pair(rng, *draw.sizes(rng)[1:])
        after = impl.watched("compare_grads", *given)[1]
        judge.unchanged("compare_grads(manual, auto), its arguments", given, tuple(after))

    @pytest.mark.points(1)
    def test_nan(self, impl: Client, rng: Rng) -> None:
        """A difference that is NaN makes its parameter's entry NaN, and no other."""
        pairs = []
        for name in Params._fields:
            manual, auto = pair(rng, *draw.sizes(rng)[1:])
            p = np.array(getattr(auto, name))
            p.flat[0 if name in ("b1", "b2") else int(rng.integers(1, p.size))] = np.nan  # first, and later
            sick = auto._replace(**{name: p})
            one, two = draw.shuffled(rng, (manual, sick))
            pairs += [(one, two), (sick, sick)]
        for at in (0, -1):
            manual, auto = pair(rng, *draw.sizes(rng)[1:])
            for p in auto:
                p.flat[at] = np.nan
            pairs.append((manual, auto))
        answers = [impl.compare_grads(*two) for two in pairs]
        right = [formulas.largest_differences(*two) for two in pairs]
        judge_each("compare_grads(manual, auto) where NaN occurs", answers, right, pairs)

    @pytest.mark.points(1)
    def test_refuses_other_shapes(self, impl: Client, rng: Rng) -> None:
        """compare_grads raises one ValueError that names every parameter whose shapes differ."""
        some = [("W1",), ("b1",), ("W2",), ("b2",), ("W1", "W2"), ("b1", "b2"), Params._fields, (), ()]
        pairs = []
        for names in draw.shuffled(rng, some * 2):
            _, d, h = draw.sizes(rng)
            manual, auto = pair(rng, d, h)
            shapes = {"W1": (1, d), "b1": (h, 1), "W2": (h,), "b2": (1,)}
            if rng.integers(2):  # those do not even broadcast
                shapes = {"W1": (h, d + 1), "b1": (h + 1,), "W2": (2, h + 1), "b2": (2,)}
            other = auto._replace(**{name: rng.normal(size=shapes[name]) for name in names})
            one, two = draw.shuffled(rng, (manual, other))
            pairs.append((one, two))
        judge_refusals(impl.compare_grads, pairs)


class TestTrainStep:
    """train_step(X, y, params, lr)"""

    @pytest.mark.points(2)
    def test_in_place(self, impl: Client, rng: Rng) -> None:
        """train_step gives the loss before the step, and the same tensors hold the new values, still leaves."""
        for sizes in (draw.sizes(rng), *draw.small_sizes(rng), *draw.large_sizes(rng)):
            case = drawn(rng, sizes)
            self._judge(impl, tensors.leaves_of(impl, case[2]), case, lr=rng.uniform(0.05, 0.5))
        X, y, params = drawn(rng)
        f = formulas.forward(X, params).f
        for near, lr in ((y, 0.0), (f, 0.1), (f + 1e-4, 0.1)):  # no step, no error, and hardly an error
            self._judge(impl, tensors.leaves_of(impl, params), (X, near, params), lr)
        judge_step_by_autograd(impl, (X, y, params), lr=rng.uniform(0.05, 0.5))

    @pytest.mark.points(1)
    def test_leftover_gradients(self, impl: Client, rng: Rng) -> None:
        """Gradients left over from before do not leak into the step."""
        case = drawn(rng)
        leaves = tensors.leaves_of(impl, case[2])
        leftover = [np.asarray(rng.uniform(3.0, 9.0, size=np.shape(p))) for p in case[2]]
        impl.probe("set_grads", leaves, leftover)
        self._judge(impl, leaves, case, lr=rng.uniform(0.05, 0.5))
        judge_step_by_autograd(impl, case, lr=rng.uniform(0.05, 0.5))

    @pytest.mark.points(2)
    def test_step_after_step(self, impl: Client, rng: Rng) -> None:
        """Steps in turn on several sets of parameters, with changing rates, do not mix: nothing is kept."""
        X, y, params = first = drawn(rng)
        h, d = params.W1.shape
        other = X, y, draw.params(rng, d, h)
        sets = [first, other, drawn(rng)]
        leaves = [tensors.leaves_of(impl, params) for _, _, params in sets]
        for turn in (0, 0, 1, 2, 0, 1, 2):
            X, y, now = sets[turn]
            after = self._judge(impl, leaves[turn], (X, y, now), lr=rng.uniform(0.05, 0.3))
            sets[turn] = X, y, after
        for _ in range(2):  # the second time in the memory of the first, where nothing holds that any more
            fresh = [tensors.leaves_of(impl, other[2]) for _ in range(6)]
            for held in fresh:
                self._judge(impl, held, other, lr=rng.uniform(0.05, 0.3))
            for held in fresh:
                impl.forget(held)
        judge_step_by_autograd(impl, first, lr=0.1)

    @staticmethod
    def _judge(impl: Client, leaves: Handle, case: Case, lr: float) -> Params:
        """The loss before the step comes, and the leaves hold params − lr·grads after it, which are given."""
        X, y, params = case
        loss = formulas.loss(formulas.forward(X, params).f, y)
        after = moved(params, formulas.gradients(X, y, params), lr)
        judge_step(impl, leaves, case, lr, loss, after)
        return after
