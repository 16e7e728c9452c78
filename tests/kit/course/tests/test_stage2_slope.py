"""Stage 2: a slope by autograd, and a module that learns to double. It has no known mistakes and no hints."""

import numpy as np
import pytest

from grader.judging import judge
from grader.outside.client import Client
from grader.wire import Tensor

Rng = np.random.Generator


class TestSlope:
    """slope(x)"""

    @pytest.mark.points(2)
    def test_values(self, impl: Client, rng: Rng) -> None:
        """slope(x) is 8·x, by one backward pass."""
        x = rng.normal(size=5)
        got, passes = impl.counted("backward", "slope", x)
        judge.array("slope(x)", got, 8 * x)
        judge.holds(passes > 0, "slope(x)", "a backward pass", "none")


class TestDoubler:
    """Doubler"""

    @pytest.mark.points(1)
    def test_forward(self, impl: Client, rng: Rng) -> None:
        """Doubler() has one parameter w, and gives w·x."""
        x = rng.normal(size=5).astype(np.float32)
        model = impl.call("Doubler", keep=True)
        impl.probe("load", model, {"w": np.array(1.5)})
        impl.probe("set_training", model, False)
        judge.tensor("Doubler()(x) with w = 1.5", impl.probe("apply", model, Tensor(x)), np.float32(1.5) * x)


class TestTrain:
    """train(model, x, y)"""

    @pytest.mark.points(1)
    def test_learns_to_double(self, impl: Client, rng: Rng) -> None:
        """A trained Doubler has w near 2, and its losses fall."""
        x = rng.choice([-1.0, 1.0], size=8).astype(np.float32)
        model = impl.call("Doubler", keep=True)
        losses = impl.call("train", model, Tensor(x), Tensor(2 * x), epochs=50, patience=6)
        falls = isinstance(losses, list) and len(losses) == 50 and losses[0] > losses[-1]
        judge.holds(falls, "train(model, x, y, epochs=50)", "50 losses that fall", f"{losses}"[:200])
        (w,) = impl.probe("parameters", model)
        judge.array("the trained w", w.array, np.float32(2.0), 1e-3)
