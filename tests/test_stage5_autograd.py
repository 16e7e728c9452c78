"""Stage 5, 15 points: leaf tensors, gradients by autograd, their comparison, and a training step in place."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from helpers import comparisons, draw, formulas
from helpers.kept_answers import asked, note
from helpers.smallest_example import check_each
from mistakes import naming, steps
from mistakes.stage5_autograd import AUTOGRAD_GRAD, COMPARE_GRADS, LEAF_PARAMS, TRAIN_STEP
from mistakes.steps import Step

from grader.course.records import Params
from grader.judging import judge
from grader.judging.likeness import distance
from grader.judging.mistakes import Seen
from grader.judging.showing import written_out
from grader.outside.client import Client
from grader.outside.verdicts import Wrong
from grader.wire import Handle, Tensor

Rng = np.random.Generator
Case = tuple[np.ndarray, np.ndarray, Params]
Pair = tuple[Params, Params]

SIDES = ("manual", "auto")
AGREEMENT = 1e-8
"""The contract's own figure; both gradients are computed in float64 and differ by rounding alone."""


def drawn(rng: Rng, sizes: tuple[int, int, int] | None = None) -> Case:
    """Samples and parameters of (N, D, H), or drawn ones; N is not 2, where a sum is as far off as a missing ½."""
    n, d, h = sizes or draw.sizes(rng)
    n, d = (d, n) if n == 2 else (n, d)
    return *draw.samples(rng, n, d), draw.params(rng, d, h)


class TestLeafParams:
    """leaf_params(params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """leaf_params gives Params of float64 leaf tensors that require gradients."""
        check_each(
            partial(self._check, impl, rng), (*draw.rounds(rng), *draw.small_sizes(rng), *draw.large_sizes(rng))
        )
        for layout in draw.LAYOUTS_FOR_TORCH:
            self._check(impl, rng, *draw.sizes(rng), layout=layout)
        _, d, h = draw.sizes(rng)
        params = draw.params(rng, d, h)
        weights = Params(*(rng.uniform(0.5, 1.5, size=np.shape(p)) for p in params))
        call = "leaf_params(params), the gradient of a weighted sum of squares"
        with naming(LEAF_PARAMS, params) as seen:
            made, second = (impl.call("leaf_params", params, keep=True) for _ in range(2))
            impl.probe("backward_of_squares", made, weights)
            for name, grad, p, w in zip(
                Params._fields, impl.probe("grads_of", made, len(Params._fields)), params, weights, strict=True
            ):
                judge.tensor(f"{call} for {name}", grad, 2 * w * p)
            seen["second"] = grads = impl.probe("grads_of", second, len(Params._fields))
            apart = all(grad is None for grad in grads)
            judge.holds(
                apart, f"{call}, the leaves of a second call", "no gradients: new tensors", "the same gradients"
            )

    @pytest.mark.points(1)
    def test_own_memory(self, impl: Client, rng: Rng) -> None:
        """The tensors share no memory with the arrays: changing an array leaves its tensor as it was."""
        for d, h in draw.own_and_same_shapes(rng):
            params = draw.params(rng, d, h)
            arrays = impl.probe("identity", params, keep=True)
            number = rng.uniform(5.0, 9.0)
            call = "leaf_params(params), after the arrays in params were changed"
            with naming(LEAF_PARAMS, params, number):
                made = impl.call("leaf_params", arrays, keep=True)
                impl.probe("overwrite_all", arrays, number)
                judge.tensor_record(call, impl.probe("identity", made), params, 0.0)
            overwritten = Params(*(np.full_like(p, number) for p in params))
            judge.record(f"{call}, those arrays", impl.probe("identity", arrays), overwritten)

    @staticmethod
    def _check(impl: Client, rng: Rng, _: int, d: int, h: int, layout: str = "") -> None:
        params = draw.params(rng, d, h)
        call = f"leaf_params(params) with {written_out(params=params)}{layout and f', {layout}'}"
        with naming(LEAF_PARAMS, params) as seen:
            got, (after,) = impl.watched("leaf_params", draw.laid(params, layout) if layout else params)
            seen["leaves"] = [getattr(p, "is_leaf", None) for p in got] if isinstance(got, Params) else []
            judge.tensor_record(call, got, params, 0.0)
            check_leaves(seen, call, got)
        judge.unchanged(f"{call}, params", params, after)


def check_leaves(seen: Seen, call: str, got: Params) -> None:
    """Each tensor is a leaf that requires gradients."""
    seen["leaves"] = [tensor.is_leaf and not tensor.has_graph for tensor in got]
    seen["requires_grad"] = [tensor.requires_grad for tensor in got]
    for name, is_leaf, requires_grad in zip(Params._fields, seen["leaves"], seen["requires_grad"], strict=True):
        judge.holds(is_leaf, f"{call}, {name}", "a leaf tensor", "no leaf")
        judge.holds(requires_grad, f"{call}, {name}", "requires_grad=True", "requires_grad=False")


class TestAutogradGrad:
    """autograd_grad(X, y, params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """autograd_grad gives the gradients of the mean loss as NumPy arrays, by autograd."""
        calls: list[Case] = []

        def check(n: int, d: int, h: int) -> None:
            self._check(impl, calls, (*draw.samples(rng, n, d), draw.params(rng, d, h)))

        sizes = [*draw.rounds(rng), *draw.small_sizes(rng), *draw.large_sizes(rng)]
        check_each(check, sorted(sizes, reverse=True))  # see `drawn`
        for layout in draw.LAYOUTS_FOR_TORCH:
            self._check(impl, [], drawn(rng), layout)
        self._by_autograd(impl, drawn(rng))

    @pytest.mark.points(1)
    def test_zero_at_the_kink(self, impl: Client, rng: Rng) -> None:
        """Where a pre-activation is exactly 0, the ReLU's slope is 0, as in stage 1."""
        case = draw.kinked(rng, (0.0,) * int(rng.integers(3, 6)))
        self._check(impl, [], case)
        self._by_autograd(impl, case)

    @pytest.mark.points(1)
    def test_second_call(self, impl: Client, rng: Rng) -> None:
        """A second call gives the same answer, also after calls with others: nothing accumulates."""
        first, other = drawn(rng), drawn(rng)
        calls: list[Case] = []
        for case in (first, first, other, first):
            self._check(impl, calls, case)
        X, y, params = first
        kept = impl.probe("identity", params, keep=True)
        number = rng.uniform(0.2, 0.5)
        overwritten = Params(*(np.full_like(p, number) for p in params))
        for given in (params, overwritten):
            self._check(impl, calls, (X, y, given), kept=kept)
            impl.probe("overwrite_all", kept, number)
        self._by_autograd(impl, first)

    @staticmethod
    def _check(impl: Client, calls: list[Case], case: Case, layout: str = "", kept: Handle | None = None) -> None:
        """The answer to this case is right, after the calls before, of which it becomes one.

        kept: arrays beside the learner's code that hold the case's parameters.
        """
        X, y, params = case
        calls.append(case)
        call = f"autograd_grad(X, y, params){draw.of_size(len(y), len(params.b1))} with "
        call += written_out(X=X, y=y, params=params)
        given: tuple[Any, ...] = X, y, params if kept is None else kept
        if layout:
            call, given = f"{call}, {layout}", draw.laid(case, layout)
        with naming(AUTOGRAD_GRAD, calls) as seen:
            got, runs = impl.counted("backward", "autograd_grad", *given)
            seen["got"], seen["runs"] = got, runs
            judge.record(call, got, formulas.gradients(X, y, params), AGREEMENT)

    @staticmethod
    def _by_autograd(impl: Client, case: Case) -> None:
        """The answer comes from autograd: it doubles where autograd passes back twice as much."""
        X, y, params = case
        with naming(AUTOGRAD_GRAD, [case]) as seen:
            answer = asked(lambda: impl.counted("doubled", "autograd_grad", X, y, params)[0])
            seen["doubled"] = answer.value
            twice = steps.combined(lambda g: 2 * g, formulas.gradients(X, y, params))
            judge.holds(
                answer.error is not None or distance(answer.value, twice, AGREEMENT) is not None,
                "autograd_grad(X, y, params), while autograd passes back twice the gradients",
                "twice the gradients: those that PyTorch's autograd finds in the network's graph",
                "the same as before: gradients found without autograd, or those of another graph",
            )


class TestCompareGrads:
    """compare_grads(manual, auto)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """compare_grads gives, by name, the largest absolute difference, whichever of the two is larger."""

        def check(_: int, d: int, h: int) -> None:
            one, two = self._pair(rng, d, h)
            near = Params(*(np.asarray(p + rng.uniform(1e-9, 9e-9, size=np.shape(p))) for p in one))
            self._check(impl, [(one, two), (two, one), self._pair(rng, d, h), (one, near)])

        check_each(check, [draw.sizes(rng), (1, 1, 1), *draw.large_sizes(rng)[1:]])
        for layout in draw.LAYOUTS_FOR_TORCH:
            self._check(impl, [self._pair(rng, *draw.sizes(rng)[1:])], layout)
        one, two = self._pair(rng, *draw.sizes(rng)[1:])
        after = impl.watched("compare_grads", one, two)[1]
        judge.unchanged("compare_grads(manual, auto), its arguments", (one, two), tuple(after))

    @pytest.mark.points(1)
    def test_nan(self, impl: Client, rng: Rng) -> None:
        """A difference that is NaN makes its parameter's entry NaN, and no other."""
        pairs = []
        for name in ("W1", "b1", "W2", "b2"):
            manual, auto = self._pair(rng, *draw.sizes(rng)[1:])
            sick = np.array(getattr(auto, name))
            sick.flat[0 if name in ("b1", "b2") else int(rng.integers(1, sick.size))] = np.nan  # first, and later
            one, two = draw.shuffled(rng, (manual, auto._replace(**{name: sick})))
            pairs.append((one, two))
            pairs.append((auto._replace(**{name: sick}),) * 2)
        for at in (0, -1):
            manual, auto = self._pair(rng, *draw.sizes(rng)[1:])
            for p in auto:
                p.flat[at] = np.nan
            pairs.append((manual, auto))
        self._check(impl, pairs)

    @pytest.mark.points(1)
    def test_refuses_other_shapes(self, impl: Client, rng: Rng) -> None:
        """compare_grads raises one ValueError that names every parameter whose shapes differ."""
        some = [("W1",), ("b1",), ("W2",), ("b2",), ("W1", "W2"), ("b1", "b2"), Params._fields, (), ()]
        pairs = []
        for names in draw.shuffled(rng, some * 2):
            _, d, h = draw.sizes(rng)
            manual, auto = self._pair(rng, d, h)
            shapes = {"W1": (1, d), "b1": (h, 1), "W2": (h,), "b2": (1,)}
            if rng.integers(2):  # those do not even broadcast
                shapes = {"W1": (h, d + 1), "b1": (h + 1,), "W2": (2, h + 1), "b2": (2,)}
            other = auto._replace(**{name: rng.normal(size=shapes[name]) for name in names})
            one, two = draw.shuffled(rng, (manual, other))
            pairs.append((one, two))
        self._check(impl, pairs)

    @staticmethod
    def _pair(rng: Rng, d: int, h: int) -> Pair:
        """Two sets of gradients; where they differ most, now one is the larger, now the other."""
        manual, auto = draw.params(rng, d, h), draw.params(rng, d, h)
        most = [np.array(a) for a in auto]
        for a, m in zip(most, manual, strict=True):
            index = int(rng.integers(a.size))
            a.flat[index] = m.flat[index] + rng.choice([-1.0, 1.0]) * rng.uniform(4.0, 6.0)
        return manual, Params(*most)

    @staticmethod
    def _check(impl: Client, pairs: Sequence[Pair], layout: str = "") -> None:
        """Each pair's differences are right, or the parameters whose shapes differ are told in a ValueError."""
        with naming(COMPARE_GRADS, pairs, near=judge.FLOAT64) as seen:
            given = draw.laid(tuple(pairs), layout) if layout else pairs
            answers = [asked(lambda pair=pair: impl.compare_grads(*pair)) for pair in given]
            note(seen, answers)
            for (manual, auto), answer in zip(pairs, answers, strict=True):
                both = list(zip(Params._fields, manual, auto, strict=True))
                names = [name for name, one, two in both if np.shape(one) != np.shape(two)]
                if names:
                    call = f"compare_grads(manual, auto), the shapes of {', '.join(names)} differing"
                    comparisons.names_all(
                        call, judge.refuses(call, answer, "shapes differ"), set(names), Params._fields
                    )
                else:
                    sides = {
                        f"{side}.{name}": p for name, *two in both for side, p in zip(SIDES, two, strict=True)
                    }
                    call = f"compare_grads(manual, auto) with {written_out(**sides)}{layout and f', {layout}'}"
                    comparisons.differences(call, answer(), formulas.largest_differences(manual, auto))


class TestTrainStep:
    """train_step(X, y, params, lr)"""

    @pytest.mark.points(2)
    def test_in_place(self, impl: Client, rng: Rng) -> None:
        """train_step gives the loss before the step, and the same tensors hold the new values, still leaves."""
        X, y, params = drawn(rng)
        f = formulas.forward(X, params).f
        cases = [
            (*drawn(rng, sizes), rng.uniform(0.05, 0.5)) for sizes in (draw.sizes(rng), *draw.small_sizes(rng))
        ]
        cases += [(*drawn(rng, sizes), rng.uniform(0.05, 0.5)) for sizes in draw.large_sizes(rng)]
        cases += [(X, y, params, 0.0), (X, f, params, 0.1), (X, f + 1e-4, params, 0.1)]
        taken: tuple[Step, ...] = ()
        for which, case in enumerate(cases):
            step = Step(*case, earlier=taken, which=which)
            self._check(impl, self._leaves(impl, step.params), step)
            taken += (step,)
        self._by_autograd(impl, Step(X, y, params, rng.uniform(0.05, 0.5)))

    @pytest.mark.points(1)
    def test_leftover_gradients(self, impl: Client, rng: Rng) -> None:
        """Gradients left over from before do not leak into the step."""
        X, y, params = drawn(rng)
        leaves = self._leaves(impl, params)
        leftover = Params(*(np.asarray(rng.uniform(3.0, 9.0, size=np.shape(p))) for p in params))
        impl.probe("set_grads", leaves, list(leftover))
        self._check(impl, leaves, Step(X, y, params, rng.uniform(0.05, 0.5), leftover))
        self._by_autograd(impl, Step(X, y, params, rng.uniform(0.05, 0.5)))

    @pytest.mark.points(2)
    def test_step_after_step(self, impl: Client, rng: Rng) -> None:
        """Steps in turn on several sets of parameters, with changing rates, do not mix: nothing is kept."""
        X, y, params = drawn(rng)
        h, d = params.W1.shape
        first = Step(X, y, params, 0.0)
        other = Step(X, y, draw.params(rng, d, h), 0.0, which=1)
        sets = [first, other, Step(*drawn(rng), 0.0, which=2)]
        leaves = [self._leaves(impl, step.params) for step in sets]
        taken: tuple[Step, ...] = ()
        for turn in (0, 0, 1, 2, 0, 1, 2):
            step = replace(sets[turn], lr=rng.uniform(0.05, 0.3), earlier=taken)
            self._check(impl, leaves[turn], step)
            sets[turn] = replace(step, params=step.after)
            taken += (step,)
        for _ in range(2):  # the second time in the memory of the first, where nothing holds that any more
            fresh = [self._leaves(impl, other.params) for _ in range(10)]
            for which, handle in enumerate(fresh, start=len(taken)):
                step = replace(other, lr=rng.uniform(0.05, 0.3), earlier=taken, which=which)
                self._check(impl, handle, step)
            taken += (step,)
            for handle in fresh:
                impl.forget(handle)
        self._by_autograd(impl, first)

    @staticmethod
    def _leaves(impl: Client, params: Params) -> Handle:
        """Leaf tensors of the kit's own making, kept beside the learner's code."""
        leaves = Params(*(Tensor(np.asarray(p), requires_grad=True) for p in params))
        return impl.probe("identity", leaves, keep=True)  # type: ignore[no-any-return]

    def _by_autograd(self, impl: Client, step: Step) -> None:
        """The step comes from autograd: it is twice as long where autograd passes back twice as much."""
        leaves = self._leaves(impl, step.params)
        with naming(TRAIN_STEP, step) as seen:
            answer = asked(
                lambda: impl.counted("doubled", "train_step", Tensor(step.X), Tensor(step.y), leaves, step.lr)
            )
            twice = steps.result(0.0, step.moved(step.grads, 2.0))[0]["after"]
            follows = (
                answer.error is not None or distance(impl.probe("identity", leaves), twice, AGREEMENT) is not None
            )
            seen["without"] = not follows
            judge.holds(
                follows,
                "train_step(X, y, params, lr), while autograd passes back twice the gradients",
                "twice the step: along the gradients that PyTorch's autograd finds in the network's graph",
                "the same step as before: along gradients found without autograd, or those of another graph",
            )

    @staticmethod
    def _check(impl: Client, leaves: Handle, step: Step) -> None:
        """The step from the parameters that the leaves hold gives its loss, and moves them as it should."""
        call = f"train_step(X, y, params, lr={step.lr:.3g}){draw.of_size(len(step.y), len(step.params.b1))} with "
        call += written_out(X=step.X, y=step.y, params=step.params)
        call += f", a loss of {step.loss:.1g}" if step.loss < 1e-6 else ""
        with naming(TRAIN_STEP, step) as seen:
            seen["loss"] = impl.train_step(Tensor(step.X), Tensor(step.y), leaves, step.lr)
            seen["after"] = after = impl.probe("identity", leaves)
            try:
                judge.number(call, seen["loss"], step.loss)
                judge.tensor_record(f"{call}, params after the step", after, step.after, AGREEMENT)
            except Wrong:
                seen["grads"] = impl.probe("grads_of", leaves, len(Params._fields))
                raise
            check_leaves(seen, f"{call}, params after the step", after)
