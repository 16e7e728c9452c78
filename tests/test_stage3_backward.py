"""Stage 3, 25 points: gradients by the chain rule and by differences, their check, a step, and training."""

import contextlib
from typing import Any

import draw
import formulas
import numpy as np
import pytest
from pytest_regressions.ndarrays_regression import NDArraysRegressionFixture

from grader import judge
from grader.impl import Impl
from grader.verdicts import NoAnswer, Wrong
from grader.wire import Params

Rng = np.random.Generator
Case = tuple[np.ndarray, np.ndarray, Params]

DIFFERENCES = 1e-9
"""For central differences with ε ≥ 0.02: the loss's own rounding (1e-14 for a loss of some hundreds) over 2ε."""
SMALL_DIFFERENCES = 1e-5
"""For ε = 1e-6 and a loss of some hundreds, rounded to 1e-13: 1e-7 in the quotient, and a margin."""
LONG_RUN = 1e-8
"""For 1000 steps, each of which carries on the rounding (1e-16) of the ones before."""


def drawn(rng: Rng, n: int, d: int, h: int) -> Case:
    """Samples and parameters of these sizes."""
    return *draw.samples(rng, n, d), draw.params(rng, d, h)


def kinks(rng: Rng) -> Case:
    """Samples and parameters with pre-activations of exactly 0."""
    return draw.kinked(rng, (0.0,) * int(rng.integers(3, 6)))


def near_kinks(rng: Rng) -> Case:
    """Samples and parameters with pre-activations so near 0 that only steps of about 1e-6 cross some of them."""
    return draw.kinked(rng, (3e-7, -2e-7, 4e-6, -5e-6, 2e-7))


def judge_differences(call: str, got: Any, case: Case, eps: float, tolerance: float) -> None:
    """`got` is the central differences for `eps`, taken as the step to each side or from side to side."""
    X, y, params = case
    try:
        judge.params(call, got, formulas.central_differences(X, y, params, eps), tolerance)
    except Wrong as error:
        try:
            judge.params(call, got, formulas.central_differences(X, y, params, eps / 2), tolerance)
        except Wrong:
            raise error from None


class TestBackward:
    """backward(X, y, params, out)"""

    @pytest.mark.points(3)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """backward gives the gradients of the mean loss, each of its parameter's shape."""
        self._by_chain_rule(impl, rng)
        for sizes in draw.rounds(rng):
            self._check(impl, drawn(rng, *sizes))

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Impl, rng: Rng) -> None:
        """backward works for one sample, one input and one hidden unit."""
        self._by_chain_rule(impl, rng)
        for n, d, h in draw.small_sizes(rng):
            self._check(impl, drawn(rng, n, d, h))

    @pytest.mark.points(2)
    def test_zero_at_the_kink(self, impl: Impl, rng: Rng) -> None:
        """Where a pre-activation is exactly 0, no gradient flows back through its unit."""
        self._by_chain_rule(impl, rng)
        self._check(impl, kinks(rng))

    @pytest.mark.points(2)
    def test_arguments_unmodified(self, impl: Impl, rng: Rng) -> None:
        """backward modifies none of its arguments."""
        self._by_chain_rule(impl, rng)
        X, y, params = drawn(rng, *draw.sizes(rng))
        out = formulas.forward(X, params)
        got, after = impl.watched("backward", X, y, params, out)
        judge.params("backward(X, y, params, out)", got, formulas.gradients(X, y, params))
        for name, before, now in zip(("X", "y", "params", "out"), (X, y, params, out), after, strict=True):
            judge.unchanged(f"backward(X, y, params, out), {name}", before, now)

    def _check(self, impl: Impl, case: Case) -> None:
        X, y, params = case
        call = f"backward(X, y, params, out) with N={len(y)}, D={X.shape[1]}, H={len(params.b1)}"
        judge.params(call, self._ask(impl, case), formulas.gradients(X, y, params))

    @staticmethod
    def _ask(impl: Impl, case: Case) -> Any:
        X, y, params = case
        return impl.backward(X, y, params, formulas.forward(X, params))

    def _by_chain_rule(self, impl: Impl, rng: Rng) -> None:
        """Gradients that are right for usual errors are right for huge ones, where the loss overflows.

        The chain rule uses the error f − y alone; a difference of two losses needs its square, which is
        infinite here.
        """
        X, y, params = drawn(rng, *draw.sizes(rng))
        far = y + rng.uniform(1e160, 2e160, size=len(y))  # of one sign, so that the sums do not cancel
        usual, huge = self._ask(impl, (X, y, params)), self._ask(impl, (X, far, params))
        call = "backward(X, y, params, out)"
        for got in (usual, huge):
            judge.params(call, got, params, judge.SHAPE_ONLY)
        usual_is_finite, huge_is_finite = (all(np.isfinite(g).all() for g in got) for got in (usual, huge))
        if usual_is_finite and not huge_is_finite:
            raise Wrong(
                f"{call} with errors f − y of 1e160\n"
                "  the gradients are lost, so they come from differences of the loss, which overflows;\n"
                "  backward must use the chain rule, which never needs the loss itself"
            )
        judge.params(call, usual, formulas.gradients(X, y, params))
        judge.params(f"{call} with errors f − y of 1e160", huge, formulas.gradients(X, far, params))


class TestNumericalGrad:
    """numerical_grad(X, y, params, eps)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """numerical_grad gives the central difference of the loss for each entry and the eps it is given."""
        for case in (*(drawn(rng, *sizes) for sizes in draw.rounds(rng)), kinks(rng)):
            self._check(impl, case, rng.uniform(0.02, 0.2))

    @pytest.mark.points(1)
    def test_default_eps(self, impl: Impl, rng: Rng) -> None:
        """numerical_grad takes eps = 1e-6 where none is given."""
        case = near_kinks(rng)
        judge_differences(
            "numerical_grad(X, y, params)", impl.numerical_grad(*case), case, 1e-6, SMALL_DIFFERENCES
        )

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Impl, rng: Rng) -> None:
        """numerical_grad works for one sample, one input and one hidden unit."""
        for n, d, h in draw.small_sizes(rng):
            self._check(impl, drawn(rng, n, d, h), rng.uniform(0.02, 0.2))

    @pytest.mark.points(1)
    def test_arguments_unmodified(self, impl: Impl, rng: Rng) -> None:
        """numerical_grad leaves params, to the last bit, as they were."""
        X, y, params = drawn(rng, *draw.sizes(rng))
        eps = rng.uniform(0.02, 0.2)
        got, after = impl.watched("numerical_grad", X, y, params, eps)
        call = f"numerical_grad(X, y, params, eps={eps:.3g})"
        judge_differences(call, got, (X, y, params), eps, DIFFERENCES)
        judge.unchanged(f"{call}, params", params, after[2])

    @staticmethod
    def _check(impl: Impl, case: Case, eps: float) -> None:
        X, y, params = case
        call = f"numerical_grad(X, y, params, eps={eps:.3g}) with N={len(y)}, D={X.shape[1]}, H={len(params.b1)}"
        judge_differences(call, impl.numerical_grad(X, y, params, eps), case, eps, DIFFERENCES)


class TestGradientCheck:
    """gradient_check(X, y, params, eps)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """gradient_check gives, by name, the largest absolute difference of backward and numerical_grad."""
        for _ in range(2):
            case, eps = kinks(rng), rng.uniform(0.02, 0.2)
            call = f"gradient_check(X, y, params, eps={eps:.3g})"
            self._check(impl, call, impl.gradient_check(*case, eps), case, eps, DIFFERENCES)

    @pytest.mark.points(1)
    def test_default_eps_and_nan(self, impl: Impl, rng: Rng) -> None:
        """gradient_check takes eps = 1e-6 where none is given, and lets no NaN disappear."""
        case = near_kinks(rng)
        got = impl.gradient_check(*case)
        self._check(impl, "gradient_check(X, y, params)", got, case, 1e-6, SMALL_DIFFERENCES)
        X, y, params, eps = draw.overflowing(rng)
        case = X, y, params
        try:
            got = impl.gradient_check(*case, eps)
        except NoAnswer as answer:
            if "OverflowError" in answer.kinds:  # a loss in Python's own floats; no rule against it
                return
            raise
        call = f"gradient_check(X, y, params, eps={eps:.3g}), where the loss overflows and differences are NaN"
        self._check(impl, call, got, case, eps, SMALL_DIFFERENCES, one_is_right=False)

    def _check(
        self, impl: Impl, call: str, got: Any, case: Case, eps: float, tolerance: float, one_is_right: bool = True
    ) -> None:
        """The right differences, or those of the learner's own two functions, one of which must be right here.

        So a wrong backward, which gradient_check is there to find, does not make gradient_check wrong.
        """
        X, y, params = case
        right = formulas.gradients(X, y, params)
        for step in (eps, eps / 2):
            differences = formulas.central_differences(X, y, params, step)
            with contextlib.suppress(Wrong):
                judge.differences(call, got, formulas.largest_differences(right, differences), tolerance)
                return
        manual, numeric = self._own_results(impl, case, eps)
        judge.params("backward(…), which gradient_check calls", manual, right, judge.SHAPE_ONLY)
        judge.params("numerical_grad(…), which gradient_check calls", numeric, right, judge.SHAPE_ONLY)
        try:
            judge.params("backward(…), which gradient_check calls", manual, right)
        except Wrong:
            if one_is_right:
                judge_differences("numerical_grad(…), which gradient_check calls", numeric, case, eps, tolerance)
        judge.differences(call, got, formulas.largest_differences(manual, numeric), tolerance)

    @staticmethod
    def _own_results(impl: Impl, case: Case, eps: float) -> tuple[Params, Params]:
        """What the learner's backward and numerical_grad give."""
        X, y, params = case
        manual = impl.backward(X, y, params, formulas.forward(X, params))
        return manual, impl.numerical_grad(X, y, params, eps)


class TestSgdStep:
    """sgd_step(params, grads, lr)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """sgd_step gives new Params, params − lr · grads."""
        for _, d, h in (*draw.rounds(rng), *draw.small_sizes(rng)):
            params, grads = draw.params(rng, d, h), draw.params(rng, d, h)
            lr = rng.uniform(0.01, 2.0)
            self._check(impl.sgd_step(params, grads, lr), params, grads, lr)

    @pytest.mark.points(1)
    def test_arguments_unmodified(self, impl: Impl, rng: Rng) -> None:
        """sgd_step modifies neither params nor grads."""
        _, d, h = draw.sizes(rng)
        params, grads = draw.params(rng, d, h), draw.params(rng, d, h)
        lr = rng.uniform(0.01, 2.0)
        got, after = impl.watched("sgd_step", params, grads, lr)
        self._check(got, params, grads, lr)
        judge.unchanged("sgd_step(params, grads, lr), params", params, after[0])
        judge.unchanged("sgd_step(params, grads, lr), grads", grads, after[1])

    @staticmethod
    def _check(got: Any, params: Params, grads: Params, lr: float) -> None:
        expected = Params(
            *(np.asarray(np.add(p, np.multiply(-lr, g))) for p, g in zip(params, grads, strict=True))
        )
        judge.params(f"sgd_step(params, grads, lr={lr:.3g})", got, expected)


class TestTrain:
    """train(X, y, params, lr, epochs)"""

    @pytest.mark.points(3)
    def test_replay(self, impl: Impl, rng: Rng) -> None:
        """train does full-batch gradient descent and records each epoch before its step."""
        self._drawn_run(impl, rng, epochs=int(rng.integers(5, 12)))
        X, y, params = draw.tied(rng)
        run = formulas.replay(params, [[(X, y)]], lr=0.1)
        _, history = _pair(impl.train(X, y, params, 0.1, 1))
        call = "train(X, y, params, lr=0.1, epochs=1), a1 with zeros and a score of exactly 0.5"
        judge.history(call, history, formulas.without(run.history, "grad_norm"), judge.FLOAT64)

    @pytest.mark.points(2)
    def test_default_run(self, impl: Impl, rng: Rng, ndarrays_regression: NDArraysRegressionFixture) -> None:
        """With the defaults, train follows the reference's loss curve to 0.0313 and an accuracy of 0.98."""
        self._drawn_run(impl, rng, epochs=3)
        X, y = formulas.xor(n=200, seed=0)
        trained, history = _pair(impl.call("train", X, y, formulas.start(), patience=6))
        run = formulas.replay(formulas.start(), [[(X, y)]] * 1000, lr=0.1)
        call = "train(X, y, params) with the defaults"
        judge.history(call, history, run.history, LONG_RUN)
        judge.params(f"{call}, the trained parameters", trained, run.params, LONG_RUN)
        judge.number(f"{call}, the last accuracy", history["accuracy"][-1], 0.98)
        ndarrays_regression.check(
            {"loss": np.array(history["loss"])}, default_tolerance={"rtol": 10 * LONG_RUN, "atol": 0.0}
        )

    @pytest.mark.points(1)
    def test_arguments_unmodified(self, impl: Impl, rng: Rng) -> None:
        """train leaves the params passed in as they are."""
        self._drawn_run(impl, rng, epochs=4, unmodified=True)

    @staticmethod
    def _drawn_run(impl: Impl, rng: Rng, epochs: int, unmodified: bool = False) -> None:
        """A run on drawn data, from which every right run gives the same."""
        fair = False
        while not fair:
            lr = rng.uniform(0.02, 0.2)
            X, y, params = drawn(rng, *draw.sizes(rng))
            run = formulas.replay(params, [[(X, y)]] * epochs, lr)
            fair = run.is_fair(margin=1e-6)
        call = f"train(X, y, params, lr={lr:.3g}, epochs={epochs})"
        got, after = impl.watched("train", X, y, params, lr, epochs)
        trained, history = _pair(got)
        judge.history(call, history, run.history, judge.FLOAT64)
        judge.params(f"{call}, the trained parameters", trained, run.params)
        if unmodified:
            judge.unchanged(f"{call}, params", params, after[2])


def _pair(got: Any) -> tuple[Any, Any]:
    """What train returned, if it is the two things it must return."""
    right = isinstance(got, tuple) and len(got) == 2
    judge.holds(right, "train(…)", "a tuple of Params and History", f"a {type(got).__name__}")
    return got[0], got[1]
