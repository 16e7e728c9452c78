"""Stage 1, 10 points: ReLU and its slope, elementwise, for any shape and float dtype."""

import numpy as np
import pytest
from helpers import draw, formulas, stage1_arrays

from grader.judging import judge
from grader.outside.client import Client

Rng = np.random.Generator

EXACT = 0.0
"""For relu of extreme values: an entry is 0 or one of the argument's, and nothing on the way to it is rounded."""


class TestRelu:
    """relu(a)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """relu(a) is max(0, a) for each element, in an array of the same shape."""
        a = stage1_arrays.drawn(rng, (4, 5))
        expected = (a + np.abs(a)) / 2  # above 0 the two are the same, below it they cancel
        judge.array("relu(a) with a of shape (4, 5)", impl.relu(a), expected, of=a)
        stage1_arrays.check(impl, "relu", formulas.relu, stage1_arrays.of_all_forms(rng))

    @pytest.mark.points(1)
    def test_scalar_and_empty(self, impl: Client, rng: Rng) -> None:
        """relu works on 0-d and on empty arrays."""
        for value in (rng.uniform(1, 2), -1.0, 0.0, rng.uniform(100, 1000), -rng.uniform(0.001, 1)):
            a = np.array(value)
            judge.array(f"relu(np.array({value:.3g})), 0-d", impl.relu(a), np.array(max(0.0, value)), of=a)
        stage1_arrays.check(impl, "relu", formulas.relu, stage1_arrays.empty_ones())

    @pytest.mark.points(1)
    def test_dtype(self, impl: Client, rng: Rng) -> None:
        """relu keeps the float dtype of its argument."""
        a = np.array([1.5, -2.0, 0.25], dtype="float32")
        expected = np.array([1.5, 0.0, 0.25], dtype="float32")
        judge.array("relu(a) with a of dtype float32", impl.relu(a), expected, of=a)
        stage1_arrays.check(impl, "relu", formulas.relu, stage1_arrays.of_each_dtype(rng))
        stage1_arrays.check(impl, "relu", formulas.relu, stage1_arrays.extreme(rng), EXACT)

    @pytest.mark.points(1)
    def test_argument_unmodified(self, impl: Client, rng: Rng) -> None:
        """relu leaves its argument as it is."""
        for of_what, a in stage1_arrays.to_be_left_as_they_are(rng):
            got, (after,) = impl.watched("relu", a)
            judge.array(f"relu(a) with a {of_what}", got, formulas.relu(a), of=a)
            judge.unchanged(f"relu(a) with a {of_what}", a, after)


class TestReluGrad:
    """relu_grad(a)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """relu_grad(a) is 1.0 where a > 0 and 0.0 where a < 0, in an array of the same shape."""
        a = stage1_arrays.drawn(rng, (4, 5))
        expected = np.heaviside(a, 0.0)  # the step function
        judge.array("relu_grad(a) with a of shape (4, 5)", impl.relu_grad(a), expected, of=a)
        others = stage1_arrays.with_tiny_ones(stage1_arrays.of_all_forms(rng))
        stage1_arrays.check(impl, "relu_grad", formulas.slope, others)

    @pytest.mark.points(1)
    def test_zero_at_zero(self, impl: Client, rng: Rng) -> None:
        """relu_grad is 0.0 at exactly 0."""
        a = stage1_arrays.drawn(rng, (5, 4))
        a[rng.permutation(5)[:2]] = 0.0
        a[0, 0], a[1, 1] = 0.0, -0.0
        expected = np.heaviside(a, 0.0)  # the second argument is the value at 0
        judge.array("relu_grad(a) with zeros in a", impl.relu_grad(a), expected, of=a)
        for zero in (np.array(0.0), np.zeros(3), np.zeros((2, 2), "float32"), np.array(-0.0)):
            call = f"relu_grad(a) with a of shape {zero.shape}, all of it 0"
            judge.array(call, impl.relu_grad(zero), np.zeros_like(zero), of=zero)

    @pytest.mark.points(1)
    def test_scalar_and_empty(self, impl: Client, rng: Rng) -> None:
        """relu_grad works on 0-d and on empty arrays."""
        for value, slope in draw.shuffled(rng, [(0.5, 1.0), (2.0, 1.0), (80.0, 1.0), (-0.5, 0.0), (-30.0, 0.0)]):
            a = np.array(value)
            judge.array(f"relu_grad(np.array({value:.3g})), 0-d", impl.relu_grad(a), np.array(slope), of=a)
        stage1_arrays.check(impl, "relu_grad", formulas.slope, stage1_arrays.empty_ones())

    @pytest.mark.points(1)
    def test_dtype(self, impl: Client, rng: Rng) -> None:
        """relu_grad keeps the float dtype of its argument."""
        a = np.array([1.5, -2.0, 0.25], dtype="float32")
        expected = np.array([1.0, 0.0, 1.0], dtype="float32")
        judge.array("relu_grad(a) with a of dtype float32", impl.relu_grad(a), expected, of=a)
        stage1_arrays.check(impl, "relu_grad", formulas.slope, stage1_arrays.of_each_dtype(rng))
        not_zero = [(of_what, a[a != 0]) for of_what, a in stage1_arrays.extreme(rng)]
        stage1_arrays.check(impl, "relu_grad", formulas.slope, not_zero)

    @pytest.mark.points(1)
    def test_argument_unmodified(self, impl: Client, rng: Rng) -> None:
        """relu_grad leaves its argument as it is."""
        for of_what, a in stage1_arrays.to_be_left_as_they_are(rng):
            got, (after,) = impl.watched("relu_grad", a)
            judge.array(f"relu_grad(a) with a {of_what}", got, formulas.slope(a), of=a)
            judge.unchanged(f"relu_grad(a) with a {of_what}", a, after)
