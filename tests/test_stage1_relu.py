"""Stage 1, 10 points: ReLU and its slope, elementwise, for any shape and float dtype."""

import numpy as np
import pytest
from helpers import draw, formulas
from mistakes import naming
from mistakes.stage1_relu import RELU, RELU_GRAD

from grader.judging import judge
from grader.outside.client import Client

Rng = np.random.Generator

DTYPES = ("float32", "float16", "float64", "longdouble")
EXACT = 0.0
"""For relu of extreme values: an entry is 0 or one of the argument's, and nothing on the way to it is rounded."""


def drawn(rng: Rng, shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray:
    """Values of both signs and of every size from 0.001 to 1000, none of them 0."""
    values = 10.0 ** rng.uniform(-3.0, 3.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)
    return np.asarray(values, dtype=dtype)


def telling(rng: Rng, shape: tuple[int, ...]) -> np.ndarray:
    """Values like these; of three at least one is far below 0, one between 0 and 1, and one far above."""
    a = drawn(rng, shape)
    if a.size > 2:
        a.flat[[0, 1, -1]] = rng.uniform(-1000.0, -100.0), rng.uniform(0.1, 0.9), rng.uniform(100.0, 1000.0)
    return a


def extreme(rng: Rng, dtype: str) -> np.ndarray:
    """Values of both signs from a subnormal one to a quarter of the largest, and both zeros, in a drawn order.

    Half of each, and twice each, is exact. In long double they are those of float64.
    """
    info = np.finfo("float64" if dtype == "longdouble" else dtype)
    few = 2.0 ** rng.uniform(info.minexp, info.maxexp - 2, size=4)
    sizes = np.array([info.smallest_normal / 16, info.smallest_normal, *few, info.max / 4])
    return rng.permutation(np.concatenate([sizes, -sizes, [0.0, -0.0]])).astype(dtype)


def cases(rng: Rng) -> list[tuple[str, np.ndarray]]:
    """Arrays of one to four axes, of one entry, of thousands, and of each layout; and what is said of them."""
    sizes = [tuple(int(n) for n in rng.integers(3, 9, size=ndim)) for ndim in (1, 2, 3, 4)]
    many = int(rng.integers(2001, 4000))
    listed = [
        (f"of shape {shape}", telling(rng, shape)) for shape in (*sizes * 2, (1,), (1, 1), (many,), (2, many))
    ]
    return listed + [(f"of shape (4, 5), {how}", draw.laid(telling(rng, (4, 5)), how)) for how in draw.LAYOUTS]


def empty_shapes(rng: Rng) -> list[tuple[int, ...]]:
    """Shapes with a 0 in each place."""
    n, m = (int(size) for size in rng.integers(2, 6, size=2))
    return [(0,), (0, n), (n, 0), (0, 0), (n, 0, m)]


def to_be_left(rng: Rng) -> list[tuple[str, np.ndarray]]:
    """Arrays of each number of axes and each dtype, negative numbers among them; and what is said of them."""
    listed = [(f"of shape {shape}", telling(rng, shape)) for shape in ((4, 3), (3,), (2, 3, 2))]
    listed += [(f"of dtype {dtype}", telling(rng, (4, 3)).astype(dtype)) for dtype in DTYPES]
    return [*listed, ("0-d", np.asarray(-np.abs(drawn(rng, ()))))]


def check_relu(impl: Client, call: str, a: np.ndarray, tolerance: float = judge.FLOAT64) -> None:
    """The learner's relu is right for `a`."""
    with naming(RELU, a):
        judge.array(call, impl.relu(a), formulas.relu(a), tolerance, of=a)


def check_slope(impl: Client, call: str, a: np.ndarray) -> None:
    """The learner's relu_grad is right for `a`."""
    with naming(RELU_GRAD, a):
        judge.array(call, impl.relu_grad(a), formulas.slope(a), of=a)


class TestRelu:
    """relu(a)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """relu(a) is max(0, a) for each element, in an array of the same shape."""
        for of_what, a in cases(rng):
            check_relu(impl, f"relu(a) with a {of_what}", a)

    @pytest.mark.points(1)
    def test_scalar_and_empty(self, impl: Client, rng: Rng) -> None:
        """relu works on 0-d and on empty arrays."""
        for value in (
            drawn(rng, ()),
            np.asarray(-drawn(rng, ())),
            np.array(rng.uniform(1, 2)),
            np.array(-1.0),
            np.array(0.0),
        ):
            check_relu(impl, f"relu(np.array({value:.3g})), 0-d", value)
        for shape in empty_shapes(rng):
            for dtype in DTYPES:
                check_relu(
                    impl, f"relu(a) with an empty a of shape {shape}, dtype {dtype}", np.empty(shape, dtype)
                )

    @pytest.mark.points(1)
    def test_dtype(self, impl: Client, rng: Rng) -> None:
        """relu keeps the float dtype of its argument."""
        for dtype in DTYPES:
            for a in (drawn(rng, (3, 4), dtype), drawn(rng, (), dtype)):
                check_relu(impl, f"relu(a) with a of dtype {dtype} and shape {a.shape}", a)
            call = f"relu(a) with very large and very small numbers in a, of dtype {dtype}"
            check_relu(impl, call, extreme(rng, dtype), EXACT)

    @pytest.mark.points(1)
    def test_argument_unmodified(self, impl: Client, rng: Rng) -> None:
        """relu leaves its argument as it is."""
        for of_what, a in to_be_left(rng):
            call = f"relu(a) with a {of_what}"
            got, (after,) = impl.watched("relu", a)
            with naming(RELU, a):
                judge.array(call, got, formulas.relu(a), of=a)
            judge.unchanged(call, a, after)


class TestReluGrad:
    """relu_grad(a)"""

    @pytest.mark.points(1)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """relu_grad(a) is 1.0 where a > 0 and 0.0 where a < 0, in an array of the same shape."""
        for of_what, a in cases(rng):
            if a.size > 3 and a.flags.writeable:
                a.flat[2], a.flat[3] = 1e-300, -1e-300
            check_slope(impl, f"relu_grad(a) with a {of_what}", a)

    @pytest.mark.points(1)
    def test_zero_at_zero(self, impl: Client, rng: Rng) -> None:
        """relu_grad is 0.0 at exactly 0."""
        a = drawn(rng, (5, 4))
        a[rng.permutation(5)[:2]] = 0.0
        a[0, 0], a[1, 1] = 0.0, -0.0
        check_slope(impl, "relu_grad(a) with zeros in a", a)
        for zero in (np.array(0.0), np.zeros(3), np.zeros((2, 2), "float32"), np.array(-0.0)):
            check_slope(impl, f"relu_grad(a) with a of shape {zero.shape}, all of it 0", zero)

    @pytest.mark.points(1)
    def test_scalar_and_empty(self, impl: Client, rng: Rng) -> None:
        """relu_grad works on 0-d and on empty arrays."""
        for value in (np.array(rng.uniform(0.1, 2)), np.array(-rng.uniform(0.1, 2))):
            check_slope(impl, f"relu_grad(np.array({value:.3g})), 0-d", value)
        for shape in empty_shapes(rng):
            for dtype in DTYPES:
                call = f"relu_grad(a) with an empty a of shape {shape}, dtype {dtype}"
                check_slope(impl, call, np.empty(shape, dtype))

    @pytest.mark.points(1)
    def test_dtype(self, impl: Client, rng: Rng) -> None:
        """relu_grad keeps the float dtype of its argument."""
        for dtype in DTYPES:
            for a in (drawn(rng, (3, 4), dtype), drawn(rng, (), dtype)):
                a.flat[0] = abs(a.flat[0])
                check_slope(impl, f"relu_grad(a) with a of dtype {dtype} and shape {a.shape}", a)
            call = f"relu_grad(a) with very large and very small numbers in a, of dtype {dtype}"
            a = extreme(rng, dtype)
            check_slope(impl, call, a[a != 0])

    @pytest.mark.points(1)
    def test_argument_unmodified(self, impl: Client, rng: Rng) -> None:
        """relu_grad leaves its argument as it is."""
        for of_what, a in to_be_left(rng):
            call = f"relu_grad(a) with a {of_what}"
            got, (after,) = impl.watched("relu_grad", a)
            with naming(RELU_GRAD, a):
                judge.array(call, got, formulas.slope(a), of=a)
            judge.unchanged(call, a, after)
