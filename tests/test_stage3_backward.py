"""Stage 3, 25 points: gradients by the chain rule and by differences, their check, a step, and training."""

from typing import Any

import draw
import formulas
import gradients
import numpy as np
import pytest
from gradients import DIFFERENCES, SMALL_DIFFERENCES, Case, drawn, judge_check, judge_differences
from pytest_regressions.ndarrays_regression import NDArraysRegressionFixture

from grader import judge
from grader.impl import Impl
from grader.verdicts import NoAnswer
from grader.wire import Params

Rng = np.random.Generator

LONG_RUN = 1e-8
"""For 1000 steps, each of which carries on the rounding (1e-16) of the ones before."""


@pytest.fixture(scope="module")
def found_right(impl: Impl) -> set[str]:
    """Names of the learner's functions that were right in tests of their own."""
    return set()


class TestBackward:
    """backward(X, y, params, out)"""

    @pytest.mark.points(3)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """backward gives the gradients of the mean loss, each of its parameter's shape."""
        gradients.judge_chain_rule(impl, rng)
        for sizes in draw.rounds(rng):
            gradients.judge_backward(impl, drawn(rng, *sizes))

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Impl, rng: Rng) -> None:
        """backward works for one sample, one input and one hidden unit."""
        gradients.judge_chain_rule(impl, rng)
        for sizes in draw.small_sizes(rng):
            gradients.judge_backward(impl, drawn(rng, *sizes))

    @pytest.mark.points(2)
    def test_zero_at_the_kink(self, impl: Impl, rng: Rng, found_right: set[str]) -> None:
        """Where a pre-activation is exactly 0, no gradient flows back through its unit."""
        gradients.judge_chain_rule(impl, rng)
        gradients.judge_backward(impl, gradients.kinks(rng))
        found_right.add("backward")

    @pytest.mark.points(2)
    def test_arguments_unmodified(self, impl: Impl, rng: Rng) -> None:
        """backward modifies none of its arguments."""
        gradients.judge_chain_rule(impl, rng)
        X, y, params = drawn(rng, *draw.sizes(rng))
        out = formulas.forward(X, params)
        got, after = impl.watched("backward", X, y, params, out)
        judge.params("backward(X, y, params, out)", got, formulas.gradients(X, y, params))
        for name, before, now in zip(("X", "y", "params", "out"), (X, y, params, out), after, strict=True):
            judge.unchanged(f"backward(X, y, params, out), {name}", before, now)


class TestNumericalGrad:
    """numerical_grad(X, y, params, eps)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng, found_right: set[str]) -> None:
        """numerical_grad gives the central difference of the loss for each entry and the eps it is given."""
        for case in (*(drawn(rng, *sizes) for sizes in draw.rounds(rng)), gradients.kinks(rng)):
            self._check(impl, case, rng.uniform(0.02, 0.2))
        found_right.add("numerical_grad")

    @pytest.mark.points(1)
    def test_default_eps(self, impl: Impl, rng: Rng) -> None:
        """numerical_grad takes eps = 1e-6 where none is given."""
        case = gradients.near_kinks(rng)
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
    def test_values(self, impl: Impl, rng: Rng, found_right: set[str]) -> None:
        """gradient_check gives, by name, the largest absolute difference of backward and numerical_grad."""
        for _ in range(2):
            case, eps = gradients.kinks(rng), rng.uniform(0.02, 0.2)
            call = f"gradient_check(X, y, params, eps={eps:.3g})"
            judge_check(impl, call, impl.gradient_check(*case, eps), case, eps, DIFFERENCES, found_right)

    @pytest.mark.points(1)
    def test_default_eps_and_nan(self, impl: Impl, rng: Rng, found_right: set[str]) -> None:
        """gradient_check takes eps = 1e-6 where none is given, and lets no NaN disappear."""
        case = gradients.near_kinks(rng)
        got = impl.gradient_check(*case)
        judge_check(impl, "gradient_check(X, y, params)", got, case, 1e-6, SMALL_DIFFERENCES, found_right)
        X, y, params, eps = draw.overflowing(rng)
        case = X, y, params
        try:
            got = impl.gradient_check(*case, eps)
        except NoAnswer as answer:
            if "OverflowError" in answer.kinds:  # a loss in Python's own floats; no rule against it
                return
            raise
        call = f"gradient_check(X, y, params, eps={eps:.3g}), where the loss overflows and differences are NaN"
        judge_check(impl, call, got, case, eps, SMALL_DIFFERENCES, found_right)


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
