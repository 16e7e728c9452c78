"""Stage 1: doubling, elementwise, for any shape and float dtype."""

import numpy as np
import pytest

from grader.course.records import Pair
from grader.judging import judge
from grader.outside.client import Client

Rng = np.random.Generator


class TestDouble:
    """double(x)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """double(x) is 2·x for each element, in an array of the same shape."""
        for shape in ((4,), (2, 3)):
            x = rng.normal(3.0, 1.0, size=shape)
            judge.array(f"double(x) with x of shape {shape}", impl.double(x), 2 * x)

    @pytest.mark.points(1)
    def test_dtype(self, impl: Client, rng: Rng) -> None:
        """double keeps the float dtype of its argument."""
        x = rng.normal(3.0, 1.0, size=4).astype(np.float32)
        judge.array("double(x) with x of dtype float32", impl.double(x), 2 * x)

    @pytest.mark.points(1)
    def test_argument_unmodified(self, impl: Client, rng: Rng) -> None:
        """double leaves its argument as it is."""
        x = rng.normal(3.0, 1.0, size=4)
        got, (after,) = impl.watched("double", x)
        judge.array("double(x)", got, 2 * x)
        judge.unchanged("double(x)", x, after)


class TestBoth:
    """both(pair)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """both(pair) is a Pair of which both arrays are doubled."""
        pair = Pair(rng.normal(size=3), rng.normal(size=3))
        judge.record("both(pair)", impl.both(pair), Pair(2 * pair.a, 2 * pair.b))
