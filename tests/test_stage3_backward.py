"""Stage 3, 25 points: gradients by the chain rule and by differences, their check, a step, and training."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from helpers import comparisons, draw, formulas, stage3_gradients, stage3_steps, stage3_training
from helpers.smallest_example import check_each
from helpers.stage3_differences import (
    DEFAULT_EPS,
    DIFFERENCES,
    OVERFLOWS,
    SMALL_DIFFERENCES,
    checked,
    judge_check,
    judge_differences,
    judge_numerical_grad,
    near_kinks,
    special_cases,
)
from helpers.stage3_gradients import READ_ONLY, WRITABLE, drawn, kinks
from helpers.stage3_training import PATIENCE, Run, pair, telling_own_functions
from pytest_regressions.ndarrays_regression import NDArraysRegressionFixture

from grader.course.records import Params
from grader.judging import judge
from grader.judging.showing import written_out
from grader.outside.client import Client
from grader.outside.verdicts import NoAnswer

Rng = np.random.Generator

LONG_RUN = 1e-8
"""For 1000 steps, each of which carries on the rounding (1e-16) of the ones before."""


@pytest.fixture(scope="module")
def found_right(impl: Client) -> set[str]:
    """Names of the learner's functions that were right in tests of their own."""
    return set()


class TestBackward:
    """backward(X, y, params, out)"""

    @staticmethod
    def _check(impl: Client, rng: Rng, n: int, d: int, h: int) -> None:
        """The rule, for n samples."""
        X, y, params = stage3_gradients.with_errors_of_both_signs(rng, n, d, h)
        out = formulas.forward(X, params)
        df = (out.f - y) / n
        da1 = np.einsum("n,kh,nh->nh", df, params.W2, np.heaviside(out.a1, 0.0))
        expected = Params(
            W1=np.einsum("nh,nd->hd", da1, X),
            b1=np.einsum("nh->h", da1),
            W2=np.einsum("n,nh->h", df, out.h1)[np.newaxis],
            b2=np.asarray(df.sum()),
        )

        call = f"backward(X, y, params, out) with {written_out(X=X, y=y, params=params)}"
        judge.record(call, impl.backward(X, y, params, out), expected)

    @pytest.mark.points(3)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """backward gives the gradients of the mean loss, each of its parameter's shape."""
        check_each(partial(self._check, impl, rng), stage3_gradients.rounds(rng))
        stage3_gradients.judge_chain_rule(impl, rng)
        check_each(partial(self._check, impl, rng), stage3_gradients.large_sizes(rng))
        for layout in WRITABLE:
            stage3_gradients.judge_layout(impl, rng, layout)
        stage3_gradients.judge_small_errors(impl, rng)
        stage3_gradients.judge_kept(impl, rng)

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Client, rng: Rng) -> None:
        """backward works for one sample, one input and one hidden unit."""
        check_each(partial(self._check, impl, rng), draw.small_sizes(rng))
        stage3_gradients.judge_chain_rule(impl, rng)

    @pytest.mark.points(2)
    def test_zero_at_the_kink(self, impl: Client, rng: Rng, found_right: set[str]) -> None:
        """Where a pre-activation is exactly 0, no gradient flows back through its unit."""
        stage3_gradients.judge_backward(impl, kinks(rng))
        stage3_gradients.judge_chain_rule(impl, rng)
        found_right.add("backward")

    @pytest.mark.points(2)
    def test_arguments_unmodified(self, impl: Client, rng: Rng) -> None:
        """backward modifies none of its arguments."""
        for sizes in [draw.sizes(rng), *draw.small_sizes(rng)]:
            X, y, params = drawn(rng, *sizes)
            out = formulas.forward(X, params)
            got, after = impl.watched("backward", X, y, params, out)
            judge.record("backward(X, y, params, out)", got, formulas.gradients(X, y, params))
            for name, before, now in zip(("X", "y", "params", "out"), (X, y, params, out), after, strict=True):
                judge.unchanged(f"backward(X, y, params, out), {name}", before, now)
        stage3_gradients.judge_chain_rule(impl, rng)
        stage3_gradients.judge_layout(impl, rng, READ_ONLY)


class TestNumericalGrad:
    """numerical_grad(X, y, params, eps)"""

    @staticmethod
    def _check(impl: Client, case: stage3_gradients.Case, eps: float) -> None:
        """For any X, y, params and eps, the differences are (L(θ + ε) − L(θ − ε)) / 2ε for each entry θ."""
        X, y, params = case
        call = f"numerical_grad(X, y, params, eps={eps:.3g}) with {written_out(X=X, y=y, params=params)}"
        judge_differences(call, impl.numerical_grad(X, y, params, eps), case, eps, DIFFERENCES)

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng, found_right: set[str]) -> None:
        """numerical_grad gives the central difference of the loss for each entry and the eps it is given."""
        check_each(partial(self._check_sizes, impl, rng), stage3_gradients.rounds(rng))
        self._check(impl, kinks(rng), rng.uniform(0.02, 0.2))
        for case, what, tolerance in special_cases(rng):
            eps = rng.uniform(0.1, 0.2)
            call = f"numerical_grad(X, y, params, eps={eps:.3g}) with {what}"
            judge_numerical_grad(impl, call, case, eps=eps, tolerance=tolerance)
        found_right.add("numerical_grad")

    @pytest.mark.points(1)
    def test_default_eps(self, impl: Client, rng: Rng) -> None:
        """numerical_grad takes eps = 1e-6 where none is given."""
        call = "numerical_grad(X, y, params)"
        judge_numerical_grad(impl, call, near_kinks(rng), tolerance=SMALL_DIFFERENCES)

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Client, rng: Rng) -> None:
        """numerical_grad works for one sample, one input and one hidden unit."""
        check_each(partial(self._check_sizes, impl, rng), draw.small_sizes(rng))

    @pytest.mark.points(1)
    def test_arguments_unmodified(self, impl: Client, rng: Rng) -> None:
        """numerical_grad leaves params, to the last bit, as they were."""
        for sizes in [draw.sizes(rng), *draw.small_sizes(rng)]:
            X, y, params = drawn(rng, *sizes)
            eps = rng.uniform(0.02, 0.2)
            call = f"numerical_grad(X, y, params, eps={eps:.3g})"
            got, after = impl.watched("numerical_grad", X, y, params, eps)
            judge_differences(call, got, (X, y, params), eps, DIFFERENCES)
            judge.unchanged(f"{call}, params", params, after[2])

    def _check_sizes(self, impl: Client, rng: Rng, n: int, d: int, h: int) -> None:
        self._check(impl, drawn(rng, n, d, h), rng.uniform(0.02, 0.2))


class TestGradientCheck:
    """gradient_check(X, y, params, eps)"""

    @staticmethod
    def _check(impl: Client, case: stage3_gradients.Case, eps: float, found_right: set[str]) -> None:
        """For any X, y, params and eps, it is the largest of |gradient − central difference| under each name."""
        call = f"gradient_check(X, y, params, eps={eps:.3g})"
        judge_check(impl, call, checked(impl, case, eps), case, eps, DIFFERENCES, found_right)

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng, found_right: set[str]) -> None:
        """gradient_check gives, by name, the largest absolute difference of backward and numerical_grad."""
        for _ in range(2):
            self._check(impl, kinks(rng), rng.uniform(0.02, 0.2), found_right)
        for case, what, tolerance in special_cases(rng):
            eps = rng.uniform(0.1, 0.2)
            call = f"gradient_check(X, y, params, eps={eps:.3g}) with {what}: absolute differences"
            judge_check(impl, call, checked(impl, case, eps=eps), case, eps, tolerance, found_right)

    @pytest.mark.points(1)
    def test_default_eps_and_nan(self, impl: Client, rng: Rng, found_right: set[str]) -> None:
        """gradient_check takes eps = 1e-6 where none is given, and lets no NaN disappear."""
        case = near_kinks(rng)
        got = checked(impl, case)
        judge_check(impl, "gradient_check(X, y, params)", got, case, DEFAULT_EPS, SMALL_DIFFERENCES, found_right)
        X, y, params, eps = draw.overflowing(rng)
        case = X, y, params
        try:
            got = checked(impl, case, eps)
        except NoAnswer as answer:
            if OVERFLOWS.isdisjoint(answer.kinds):
                raise
        else:
            call = f"gradient_check(X, y, params, eps={eps:.3g}), where the loss overflows and differences are NaN"
            judge_check(impl, call, got, case, eps, SMALL_DIFFERENCES, found_right)


class TestSgdStep:
    """sgd_step(params, grads, lr)"""

    @staticmethod
    def _check(impl: Client, rng: Rng, n: int, d: int, h: int) -> None:
        """The rule, for parameters of these sizes."""
        params, grads, lr = draw.params(rng, d, h), draw.params(rng, d, h), rng.uniform(0.01, 2.0)
        expected = Params(*(np.asarray(p - lr * g) for p, g in zip(params, grads, strict=True)))

        by_name = {f"d{name}": g for name, g in grads._asdict().items()}
        call = f"sgd_step(params, grads, lr={lr:.3g}) with {written_out(params=params, **by_name)}"
        judge.record(call, impl.sgd_step(params, grads, lr), expected)

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """sgd_step gives new Params, params − lr · grads."""
        sizes = [*draw.rounds(rng), *draw.small_sizes(rng), *stage3_gradients.large_sizes(rng)]
        check_each(partial(self._check, impl, rng), sizes)
        for layout in WRITABLE:
            stage3_steps.judge_layout(impl, rng, layout)
        stage3_steps.judge_all_scales(impl, rng)
        stage3_steps.judge_new_arrays(impl, rng)

    @pytest.mark.points(1)
    def test_arguments_unmodified(self, impl: Client, rng: Rng) -> None:
        """sgd_step modifies neither params nor grads."""
        for _, d, h in [draw.sizes(rng), *draw.small_sizes(rng)]:
            params, grads, lr = draw.params(rng, d, h), draw.params(rng, d, h), rng.uniform(0.01, 2.0)
            got, after = impl.watched("sgd_step", params, grads, lr)
            judge.record("sgd_step(params, grads, lr)", got, stage3_steps.descended(params, grads, lr))
            judge.unchanged("sgd_step(params, grads, lr), params", params, after[0])
            judge.unchanged("sgd_step(params, grads, lr), grads", grads, after[1])
        stage3_steps.judge_layout(impl, rng, READ_ONLY)


class TestTrain:
    """train(X, y, params, lr, epochs)"""

    def _check(self, impl: Client, run: Run) -> None:
        """Each epoch records loss, accuracy, norm and ReLU activity, and then goes to params − lr · gradients."""
        X, y, params = run.case
        with telling_own_functions(impl, run.case, run.lr):
            if run.by_name:
                got = impl.train(X, y, params, lr=run.lr, epochs=run.epochs)
            else:
                got = impl.call("train", X, y, params, run.lr, run.epochs, patience=PATIENCE)
            self._judge(run, got)

    @staticmethod
    def _judge(run: Run, got: Any) -> None:
        trained, history = pair(got)
        comparisons.history(run.call, history, run.replay.history, judge.FLOAT64)
        judge.record(f"the trained parameters of {run.call}", trained, run.replay.params)

    @pytest.mark.points(3)
    def test_replay(self, impl: Client, rng: Rng) -> None:
        """train does full-batch gradient descent and records each epoch before its step."""
        sizes = stage3_training.with_two_inputs(rng)
        self._check(impl, stage3_training.drawn_run(rng, int(rng.integers(5, 12)), sizes))
        for run in stage3_training.ties(rng):
            self._check_fractions(impl, run)
        for run in stage3_training.special_runs(rng):
            self._check(impl, run)

    @pytest.mark.points(2)
    def test_default_run(self, impl: Client, rng: Rng, ndarrays_regression: NDArraysRegressionFixture) -> None:
        """With the defaults, train follows the reference's loss curve to 0.0313 and an accuracy of 0.98."""
        self._check(impl, stage3_training.drawn_run(rng, epochs=3))
        X, y = formulas.xor(n=200, seed=0)
        params = formulas.start()
        run = formulas.replay(params, [[(X, y)]] * 1000, lr=0.1)
        call = "train(X, y, params) with the defaults"
        with telling_own_functions(impl, (X, y, params), 0.1):
            trained, history = pair(impl.call("train", X, y, params, patience=6))
            comparisons.history(call, history, run.history, LONG_RUN)
            judge.record(f"{call}, the trained parameters", trained, run.params, LONG_RUN)
            judge.number(f"{call}, the last accuracy", history["accuracy"][-1], 0.98)
        ndarrays_regression.check(
            {"loss": np.array(history["loss"])}, default_tolerance={"rtol": 10 * LONG_RUN, "atol": 0.0}
        )

    @pytest.mark.points(1)
    def test_arguments_unmodified(self, impl: Client, rng: Rng) -> None:
        """train leaves the params passed in as they are."""
        for sizes in (None, (1, 1, 1)):
            run = stage3_training.drawn_run(rng, 4, sizes)
            X, y, params = run.case
            with telling_own_functions(impl, run.case, run.lr):
                got, after = impl.watched("train", X, y, params, run.lr, run.epochs)
                self._judge(run, got)
            judge.unchanged(f"{run.call}, params", params, after[2])

    @staticmethod
    def _check_fractions(impl: Client, run: Run) -> None:
        _, history = pair(impl.train(*run.case, run.lr, run.epochs))
        right = formulas.without(run.replay.history, "grad_norm")  # the slope at 0 is backward's
        comparisons.history(run.call, history, right, judge.FLOAT64)
