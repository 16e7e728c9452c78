"""Stage 5, 15 points: leaf tensors, gradients by autograd, their comparison, and a training step in place."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import draw
import formulas
import numpy as np
import pytest
from asked import asked, note
from examples import check_each
from mistakes import naming
from mistakes.stage5_autograd import AUTOGRAD_GRAD, COMPARE_GRADS, LEAF_PARAMS, TRAIN_STEP
from mistakes.steps import Step

from grader import judge
from grader.impl import Impl
from grader.mistakes import Seen
from grader.showing import written_out
from grader.verdicts import Wrong
from grader.wire import Handle, Params, Tensor

Rng = np.random.Generator
Case = tuple[np.ndarray, np.ndarray, Params]
Pair = tuple[Params, Params]

SIDES = ("manual", "auto")
AGREEMENT = 1e-8
"""The contract's own figure; both gradients are computed in float64 and differ by rounding alone."""


def drawn(rng: Rng) -> Case:
    """Samples and parameters of drawn sizes; N is not 2, where a sum is as far off as a missing ½."""
    n, d, h = draw.sizes(rng)
    n, d = (d, n) if n == 2 else (n, d)
    return *draw.samples(rng, n, d), draw.params(rng, d, h)


class TestLeafParams:
    """leaf_params(params)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """leaf_params gives Params of float64 leaf tensors that require gradients."""
        check_each(partial(self._check, impl, rng), (*draw.rounds(rng), *draw.small_sizes(rng)))
        _, d, h = draw.sizes(rng)
        params = draw.params(rng, d, h)
        weights = Params(*(rng.uniform(0.5, 1.5, size=np.shape(p)) for p in params))
        call = "leaf_params(params), the gradient of a weighted sum of squares"
        with naming(LEAF_PARAMS, params):
            made = impl.call("leaf_params", params, keep=True)
            impl.probe("backward_of_squares", made, weights)
            for name, grad, p, w in zip(
                Params._fields, impl.probe("grads_of", made), params, weights, strict=True
            ):
                judge.tensor(f"{call} for {name}", grad, 2 * w * p)

    @pytest.mark.points(1)
    def test_own_memory(self, impl: Impl, rng: Rng) -> None:
        """The tensors share no memory with the arrays: changing an array leaves its tensor as it was."""
        for d, h in draw.own_and_same_shapes(rng):
            params = draw.params(rng, d, h)
            arrays = impl.probe("identity", params, keep=True)
            number = rng.uniform(5.0, 9.0)
            call = "leaf_params(params), after the arrays in params were changed"
            with naming(LEAF_PARAMS, params, number):
                made = impl.call("leaf_params", arrays, keep=True)
                impl.probe("overwrite_all", arrays, number)
                judge.tensor_params(call, impl.probe("identity", made), params, 0.0)
            overwritten = Params(*(np.full_like(p, number) for p in params))
            judge.params(f"{call}, those arrays", impl.probe("identity", arrays), overwritten)

    @staticmethod
    def _check(impl: Impl, rng: Rng, _: int, d: int, h: int) -> None:
        params = draw.params(rng, d, h)
        call = f"leaf_params(params) with {written_out(params=params)}"
        with naming(LEAF_PARAMS, params) as seen:
            got = impl.leaf_params(params)
            seen["leaves"] = [getattr(p, "is_leaf", None) for p in got] if isinstance(got, Params) else []
            judge.tensor_params(call, got, params, 0.0)
            check_leaves(seen, call, got)


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
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """autograd_grad gives the gradients of the mean loss as NumPy arrays, by autograd."""
        calls: list[Case] = []

        def check(n: int, d: int, h: int) -> None:
            self._check(impl, calls, (*draw.samples(rng, n, d), draw.params(rng, d, h)))

        check_each(check, sorted([*draw.rounds(rng), *draw.small_sizes(rng)], reverse=True))  # see `drawn`

    @pytest.mark.points(1)
    def test_zero_at_the_kink(self, impl: Impl, rng: Rng) -> None:
        """Where a pre-activation is exactly 0, the ReLU's slope is 0, as in stage 1."""
        self._check(impl, [], draw.kinked(rng, (0.0,) * int(rng.integers(3, 6))))

    @pytest.mark.points(1)
    def test_second_call(self, impl: Impl, rng: Rng) -> None:
        """A second call gives the same answer, also after calls with others: nothing accumulates."""
        first, other = drawn(rng), drawn(rng)
        calls: list[Case] = []
        for case in (first, first, other, first):
            self._check(impl, calls, case)

    @staticmethod
    def _check(impl: Impl, calls: list[Case], case: Case) -> None:
        """The answer to this case is right, after the calls before, of which it becomes one."""
        X, y, params = case
        calls.append(case)
        call = f"autograd_grad(X, y, params) with {written_out(X=X, y=y, params=params)}"
        with naming(AUTOGRAD_GRAD, calls) as seen:
            got, runs = impl.counted("backward", "autograd_grad", X, y, params)
            seen["got"], seen["runs"] = got, runs
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

        def check(_: int, d: int, h: int) -> None:
            one, two = self._pair(rng, d, h)
            near = Params(*(np.asarray(p + rng.uniform(1e-9, 9e-9, size=np.shape(p))) for p in one))
            self._check(impl, [(one, two), (two, one), self._pair(rng, d, h), (one, near)])

        check_each(check, [draw.sizes(rng)])

    @pytest.mark.points(1)
    def test_nan(self, impl: Impl, rng: Rng) -> None:
        """A difference that is NaN makes its parameter's entry NaN, and no other."""
        pairs = []
        for name in ("W1", "b1", "W2", "b2"):
            manual, auto = self._pair(rng, *draw.sizes(rng)[1:])
            sick = np.array(getattr(auto, name))
            sick.flat[0 if name in ("b1", "b2") else int(rng.integers(1, sick.size))] = np.nan  # first, and later
            one, two = draw.shuffled(rng, (manual, auto._replace(**{name: sick})))
            pairs.append((one, two))
        self._check(impl, pairs)

    @pytest.mark.points(1)
    def test_refuses_other_shapes(self, impl: Impl, rng: Rng) -> None:
        """compare_grads raises one ValueError that names every parameter whose shapes differ."""
        some = [("W1",), ("b1",), ("W2",), ("b2",), ("W1", "W2"), ("b1", "b2"), Params._fields, (), ()]
        pairs = []
        for names in draw.shuffled(rng, some * 2):
            _, d, h = draw.sizes(rng)
            manual, auto = self._pair(rng, d, h)
            shapes = {"W1": (1, d), "b1": (h, 1), "W2": (h,), "b2": (1,)}
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
    def _check(impl: Impl, pairs: Sequence[Pair]) -> None:
        """Each pair's differences are right, or the parameters whose shapes differ are told in a ValueError."""
        with naming(COMPARE_GRADS, pairs, near=judge.FLOAT64) as seen:
            answers = [asked(lambda pair=pair: impl.compare_grads(*pair)) for pair in pairs]
            note(seen, answers)
            for (manual, auto), answer in zip(pairs, answers, strict=True):
                both = list(zip(Params._fields, manual, auto, strict=True))
                names = [name for name, one, two in both if np.shape(one) != np.shape(two)]
                if names:
                    call = f"compare_grads(manual, auto), the shapes of {', '.join(names)} differing"
                    judge.names_all(call, judge.refuses(call, answer, "shapes differ"), set(names))
                else:
                    sides = {
                        f"{side}.{name}": p for name, *two in both for side, p in zip(SIDES, two, strict=True)
                    }
                    call = f"compare_grads(manual, auto) with {written_out(**sides)}"
                    judge.differences(call, answer(), formulas.largest_differences(manual, auto))


class TestTrainStep:
    """train_step(X, y, params, lr)"""

    @pytest.mark.points(2)
    def test_in_place(self, impl: Impl, rng: Rng) -> None:
        """train_step gives the loss before the step, and the same tensors hold the new values, still leaves."""
        X, y, params = drawn(rng)
        self._check(impl, self._leaves(impl, params), Step(X, y, params, rng.uniform(0.05, 0.5)))

    @pytest.mark.points(1)
    def test_leftover_gradients(self, impl: Impl, rng: Rng) -> None:
        """Gradients left over from before do not leak into the step."""
        X, y, params = drawn(rng)
        leaves = self._leaves(impl, params)
        leftover = Params(*(np.asarray(rng.uniform(3.0, 9.0, size=np.shape(p))) for p in params))
        impl.probe("set_grads", leaves, list(leftover))
        self._check(impl, leaves, Step(X, y, params, rng.uniform(0.05, 0.5), leftover))

    @pytest.mark.points(2)
    def test_step_after_step(self, impl: Impl, rng: Rng) -> None:
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

    @staticmethod
    def _leaves(impl: Impl, params: Params) -> Handle:
        """Leaf tensors of the kit's own making, kept beside the learner's code."""
        leaves = Params(*(Tensor(np.asarray(p), requires_grad=True) for p in params))
        return impl.probe("identity", leaves, keep=True)  # type: ignore[no-any-return]

    @staticmethod
    def _check(impl: Impl, leaves: Handle, step: Step) -> None:
        """The step from the parameters that the leaves hold gives its loss, and moves them as it should."""
        data = written_out(X=step.X, y=step.y, params=step.params)
        call = f"train_step(X, y, params, lr={step.lr:.3g}) with {data}"
        with naming(TRAIN_STEP, step) as seen:
            seen["loss"] = impl.train_step(Tensor(step.X), Tensor(step.y), leaves, step.lr)
            seen["after"] = after = impl.probe("identity", leaves)
            try:
                judge.number(call, seen["loss"], step.loss)
                judge.tensor_params(f"{call}, params after the step", after, step.after, AGREEMENT)
            except Wrong:
                seen["grads"] = impl.probe("grads_of", leaves)
                raise
            check_leaves(seen, f"{call}, params after the step", after)
