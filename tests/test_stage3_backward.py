"""Stage 3, 25 points: gradients by the chain rule and by differences, their check, a step, and training."""

from functools import partial
from typing import Any

import numpy as np
import pytest
from helpers import comparisons, draw, formulas, stage3_gradients, stage3_training
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
from helpers.stage3_gradients import drawn, kinks
from mistakes import naming
from mistakes.stage3_backward import NUMERICAL_GRAD, SGD_STEP, TRAIN, backward_mistakes
from mistakes.stage3_sgd_step import Earlier, descended
from mistakes.training_runs import Task
from pytest_regressions.ndarrays_regression import NDArraysRegressionFixture

from grader.course.records import Params
from grader.judging import judge
from grader.judging.mistakes import Seen
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

    @pytest.mark.points(3)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """backward gives the gradients of the mean loss, each of its parameter's shape."""
        stage3_gradients.judge_chain_rule(impl, rng)
        check_each(
            partial(self._check, impl, rng), [*stage3_gradients.rounds(rng), *stage3_gradients.large_sizes(rng)]
        )
        for layout in stage3_gradients.WRITABLE:
            stage3_gradients.judge_layout(impl, rng, layout)
        stage3_gradients.judge_small_errors(impl, rng)
        stage3_gradients.judge_kept(impl, rng)

    @pytest.mark.points(1)
    def test_sizes_of_one(self, impl: Client, rng: Rng) -> None:
        """backward works for one sample, one input and one hidden unit."""
        stage3_gradients.judge_chain_rule(impl, rng)
        check_each(partial(self._check, impl, rng), draw.small_sizes(rng))

    @pytest.mark.points(2)
    def test_zero_at_the_kink(self, impl: Client, rng: Rng, found_right: set[str]) -> None:
        """Where a pre-activation is exactly 0, no gradient flows back through its unit."""
        stage3_gradients.judge_chain_rule(impl, rng)
        stage3_gradients.judge_backward(impl, kinks(rng))
        found_right.add("backward")

    @pytest.mark.points(2)
    def test_arguments_unmodified(self, impl: Client, rng: Rng) -> None:
        """backward modifies none of its arguments."""
        stage3_gradients.judge_chain_rule(impl, rng)
        for sizes in [draw.sizes(rng), *draw.small_sizes(rng)]:
            X, y, params = drawn(rng, *sizes)
            out = formulas.forward(X, params)
            with naming(backward_mistakes(len(y)), X, y, params) as seen:
                got, after = impl.watched("backward", X, y, params, out)
                stage3_gradients.note(seen, got)
                judge.record("backward(X, y, params, out)", got, formulas.gradients(X, y, params))
            for name, before, now in zip(("X", "y", "params", "out"), (X, y, params, out), after, strict=True):
                judge.unchanged(f"backward(X, y, params, out), {name}", before, now)
        stage3_gradients.judge_layout(impl, rng, stage3_gradients.READ_ONLY)

    @staticmethod
    def _check(impl: Client, rng: Rng, n: int, d: int, h: int) -> None:
        stage3_gradients.judge_backward(impl, drawn(rng, n, d, h))


class TestNumericalGrad:
    """numerical_grad(X, y, params, eps)"""

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
            with naming(NUMERICAL_GRAD, X, y, params, eps) as seen:
                got, after = impl.watched("numerical_grad", X, y, params, eps)
                stage3_gradients.note(seen, got)
                judge_differences(call, got, (X, y, params), eps, DIFFERENCES)
            judge.unchanged(f"{call}, params", params, after[2])

    def _check_sizes(self, impl: Client, rng: Rng, n: int, d: int, h: int) -> None:
        self._check(impl, drawn(rng, n, d, h), rng.uniform(0.02, 0.2))

    @staticmethod
    def _check(impl: Client, case: stage3_gradients.Case, eps: float) -> None:
        X, y, params = case
        call = f"numerical_grad(X, y, params, eps={eps:.3g}) with {written_out(X=X, y=y, params=params)}"
        judge_numerical_grad(impl, call, case, eps)


class TestGradientCheck:
    """gradient_check(X, y, params, eps)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng, found_right: set[str]) -> None:
        """gradient_check gives, by name, the largest absolute difference of backward and numerical_grad."""
        for _ in range(2):
            case, eps = kinks(rng), rng.uniform(0.02, 0.2)
            call = f"gradient_check(X, y, params, eps={eps:.3g})"
            judge_check(impl, call, checked(impl, case, eps), case, eps, DIFFERENCES, found_right)
        for case, what, tolerance in special_cases(rng):
            eps = rng.uniform(0.1, 0.2)
            call = f"gradient_check(X, y, params, eps={eps:.3g}) with {what}: absolute differences"
            judge_check(impl, call, checked(impl, case, eps=eps), case, eps, tolerance, found_right, table=())

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

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """sgd_step gives new Params, params − lr · grads."""
        sizes = [*draw.rounds(rng), *draw.small_sizes(rng), *stage3_gradients.large_sizes(rng)]
        check_each(partial(self._check_sizes, impl, rng, []), sizes)
        for layout in stage3_gradients.WRITABLE:
            self._check_layout(impl, rng, layout)
        self._judge_all_scales(impl, rng)
        params, grads = draw.params(rng, 3, 4), draw.params(rng, 3, 4)
        self._judge_own_arrays(impl, params, grads, 0.0)
        self._judge_own_arrays(impl, params, Params(*(np.zeros(g.shape) for g in grads)), 0.5)
        call, right = "sgd_step(params, grads, lr)", descended(params, grads, 0.5)
        stage3_gradients.judge_own_answer(impl, call, [params, grads, 0.5], [grads, params, 0.25], right)

    @pytest.mark.points(1)
    def test_arguments_unmodified(self, impl: Client, rng: Rng) -> None:
        """sgd_step modifies neither params nor grads."""
        for _, d, h in [draw.sizes(rng), *draw.small_sizes(rng)]:
            params, grads = draw.params(rng, d, h), draw.params(rng, d, h)
            lr = rng.uniform(0.01, 2.0)
            with naming(SGD_STEP, params, grads, lr, []) as seen:
                got, after = impl.watched("sgd_step", params, grads, lr)
                self._judge(seen, got, params, grads, lr)
            judge.unchanged("sgd_step(params, grads, lr), params", params, after[0])
            judge.unchanged("sgd_step(params, grads, lr), grads", grads, after[1])
        self._check_layout(impl, rng, stage3_gradients.READ_ONLY)

    def _check_layout(self, impl: Client, rng: Rng, layout: str) -> None:
        (_, _, params), (_, _, grads) = (draw.laid(drawn(rng, 2, 3, 4), layout) for _ in range(2))
        with naming(SGD_STEP, params, grads, 0.5, []) as seen:
            got = impl.sgd_step(params, grads, 0.5)
            self._judge(seen, got, params, grads, 0.5, stage3_gradients.in_layout(layout))

    def _check_sizes(self, impl: Client, rng: Rng, earlier: Earlier, n: int, d: int, h: int) -> None:
        params, grads, lr = draw.params(rng, d, h), draw.params(rng, d, h), rng.uniform(0.01, 2.0)
        with naming(SGD_STEP, params, grads, lr, earlier) as seen:
            self._judge(seen, impl.sgd_step(params, grads, lr), params, grads, lr)
        earlier.append((params, grads, lr))

    @staticmethod
    def _judge(seen: Seen, got: Any, params: Params, grads: Params, lr: float, what: str = "") -> None:
        """The step is right."""
        stage3_gradients.note(seen, got)
        by_name = {f"d{name}": g for name, g in grads._asdict().items()}
        call = f"sgd_step(params, grads, lr={lr:.3g}) with {what or written_out(params=params, **by_name)}"
        judge.record(call, got, descended(params, grads, lr))

    @staticmethod
    def _judge_all_scales(impl: Client, rng: Rng) -> None:
        """The step is right for entries from 1e-100 to 1e100, where each grows."""
        shapes = [np.shape(p) for p in draw.params(rng, 3, 4)]
        params, grads = (Params(*(10.0 ** rng.uniform(-100, 100, size=s) for s in shapes)) for _ in range(2))
        grads = Params(*(np.negative(g, out=np.empty(s)) for g, s in zip(grads, shapes, strict=True)))
        params = params._replace(b2=np.array(params.b2))
        special = "with entries from 1e-100 to 1e100, gradients as well"
        got = impl.sgd_step(params, grads, 0.5)
        stage3_gradients.judge_entries(
            "sgd_step(params, grads, lr=0.5)", special, got, descended(params, grads, 0.5)
        )

    @staticmethod
    def _judge_own_arrays(impl: Client, params: Params, grads: Params, lr: float) -> None:
        """What came stays as it is when the arguments change, also where the step is 0."""
        given = [impl.probe("identity", value, keep=True) for value in (params, grads)]
        new = impl.call("sgd_step", *given, lr, keep=True)
        for value in given:
            impl.probe("overwrite_all", value, 7.0)
        call = f"sgd_step(params, grads, lr={lr}) with a step of 0, which gives new arrays too"
        why = ", after those passed in were overwritten"
        judge.record(call + why, impl.probe("identity", new), descended(params, grads, lr))


class TestTrain:
    """train(X, y, params, lr, epochs)"""

    @pytest.mark.points(3)
    def test_replay(self, impl: Client, rng: Rng) -> None:
        """train does full-batch gradient descent and records each epoch before its step."""
        stage3_training.judge_run(impl, stage3_training.drawn_run(rng, epochs=int(rng.integers(5, 12))))
        stage3_training.judge_ties(impl, rng)
        for run in stage3_training.several(rng):
            stage3_training.judge_run(impl, run)

    @pytest.mark.points(2)
    def test_default_run(self, impl: Client, rng: Rng, ndarrays_regression: NDArraysRegressionFixture) -> None:
        """With the defaults, train follows the reference's loss curve to 0.0313 and an accuracy of 0.98."""
        stage3_training.judge_run(impl, stage3_training.drawn_run(rng, epochs=3))
        X, y = formulas.xor(n=200, seed=0)
        run = formulas.replay(formulas.start(), [[(X, y)]] * 1000, lr=0.1)
        call = "train(X, y, params) with the defaults"
        with naming(TRAIN, Task(X, y, formulas.start(), 0.1, 1000, given=False, ask=impl.call)) as seen:
            got = impl.call("train", X, y, formulas.start(), patience=6)
            trained, history = stage3_training.pair(seen, got)
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
            stage3_training.judge_run(impl, stage3_training.drawn_run(rng, 4, sizes), unmodified=True)
