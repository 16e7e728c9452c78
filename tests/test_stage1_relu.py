"""Stage 1, 10 points: ReLU and its slope, elementwise, for any shape and float dtype."""

import formulas
import numpy as np
import pytest
from mistakes import naming
from mistakes.stage1_relu import RELU, RELU_GRAD

from grader import judge
from grader.impl import Impl

Rng = np.random.Generator


def drawn(rng: Rng, shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray:
    """Values of both signs and of every size from 0.001 to 1000, none of them 0."""
    values = 10.0 ** rng.uniform(-3.0, 3.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)
    return np.asarray(values, dtype=dtype)


def shapes(rng: Rng) -> list[tuple[int, ...]]:
    """A vector, a matrix and a block, of drawn sizes, each shape twice."""
    return [tuple(int(n) for n in rng.integers(3, 9, size=ndim)) for ndim in (1, 2, 3)] * 2


def check_relu(impl: Impl, call: str, a: np.ndarray) -> None:
    """The learner's relu is right for `a`."""
    with naming(RELU, a):
        judge.array(call, impl.relu(a), formulas.relu(a), of=a)


def check_slope(impl: Impl, call: str, a: np.ndarray) -> None:
    """The learner's relu_grad is right for `a`."""
    with naming(RELU_GRAD, a):
        judge.array(call, impl.relu_grad(a), formulas.slope(a), of=a)


class TestRelu:
    """relu(a)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """relu(a) is max(0, a) for each element, in an array of the same shape."""
        for shape in shapes(rng):
            a = drawn(rng, shape)
            a.flat[0], a.flat[-1] = rng.uniform(-1000.0, -100.0), rng.uniform(100.0, 1000.0)
            check_relu(impl, f"relu(a) with a of shape {shape}", a)

    @pytest.mark.points(1)
    def test_scalar_and_empty(self, impl: Impl, rng: Rng) -> None:
        """relu works on 0-d and on empty arrays."""
        for value in (
            drawn(rng, ()),
            np.asarray(-drawn(rng, ())),
            np.array(rng.uniform(1, 2)),
            np.array(-1.0),
            np.array(0.0),
        ):
            check_relu(impl, f"relu(np.array({value:.3g})), 0-d", value)
        for shape in ((0,), (0, int(rng.integers(2, 6)))):
            check_relu(impl, f"relu(a) with a of shape {shape}", np.empty(shape))

    @pytest.mark.points(1)
    def test_dtype(self, impl: Impl, rng: Rng) -> None:
        """relu keeps the float dtype of its argument."""
        for dtype in ("float32", "float16", "float64"):
            a = drawn(rng, (3, 4), dtype)
            check_relu(impl, f"relu(a) with a of dtype {dtype}", a)
            scalar = drawn(rng, (), dtype)
            check_relu(impl, f"relu(a) with a 0-d of dtype {dtype}", scalar)

    @pytest.mark.points(1)
    def test_argument_unmodified(self, impl: Impl, rng: Rng) -> None:
        """relu leaves its argument as it is."""
        a = drawn(rng, (4, 3))
        a[0, 0] = -1.0
        got, (after,) = impl.watched("relu", a)
        with naming(RELU, a):
            judge.array("relu(a)", got, formulas.relu(a), of=a)
        judge.unchanged("relu(a)", a, after)


class TestReluGrad:
    """relu_grad(a)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Impl, rng: Rng) -> None:
        """relu_grad(a) is 1.0 where a > 0 and 0.0 where a < 0, in an array of the same shape."""
        for shape in shapes(rng):
            a = drawn(rng, shape)
            a.flat[0], a.flat[1], a.flat[-1] = 1e-300, abs(a.flat[1]), -1e-300
            check_slope(impl, f"relu_grad(a) with a of shape {shape}", a)

    @pytest.mark.points(1)
    def test_zero_at_zero(self, impl: Impl, rng: Rng) -> None:
        """relu_grad is 0.0 at exactly 0."""
        a = drawn(rng, (5, 4))
        a[rng.permutation(5)[:2]] = 0.0
        a[0, 0], a[1, 1] = 0.0, -0.0
        check_slope(impl, "relu_grad(a) with zeros in a", a)

    @pytest.mark.points(1)
    def test_scalar_and_empty(self, impl: Impl, rng: Rng) -> None:
        """relu_grad works on 0-d and on empty arrays."""
        for value in (np.array(rng.uniform(0.1, 2)), np.array(-rng.uniform(0.1, 2))):
            check_slope(impl, f"relu_grad(np.array({value:.3g})), 0-d", value)
        for shape in ((0,), (0, int(rng.integers(2, 6)))):
            check_slope(impl, f"relu_grad(a) with a of shape {shape}", np.empty(shape))

    @pytest.mark.points(1)
    def test_dtype(self, impl: Impl, rng: Rng) -> None:
        """relu_grad keeps the float dtype of its argument."""
        for dtype in ("float32", "float16", "float64"):
            for a in (drawn(rng, (3, 4), dtype), drawn(rng, (), dtype)):
                a.flat[0] = abs(a.flat[0])
                call = f"relu_grad(a) with a of dtype {dtype} and shape {a.shape}"
                check_slope(impl, call, a)

    @pytest.mark.points(1)
    def test_argument_unmodified(self, impl: Impl, rng: Rng) -> None:
        """relu_grad leaves its argument as it is."""
        a = drawn(rng, (4, 3))
        a[0, 0], a[0, 1] = -1.5, 1.5
        got, (after,) = impl.watched("relu_grad", a)
        with naming(RELU_GRAD, a):
            judge.array("relu_grad(a)", got, formulas.slope(a), of=a)
        judge.unchanged("relu_grad(a)", a, after)
