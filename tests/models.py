"""The two models of stage 6, as its suite sees them: kept beside the learner's code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import draw
import numpy as np

from grader import judge
from grader.impl import Impl
from grader.wire import Handle, Params


def single(array: Any) -> np.ndarray:
    """Rounded to float32, held in float64: what a float32 model can start from exactly."""
    return np.asarray(np.asarray(array, dtype=np.float32), dtype=np.float64)


def drawn(rng: np.random.Generator, n: int, d: int, h: int) -> tuple[np.ndarray, np.ndarray, Params]:
    """Samples and parameters of these sizes, exact in float32."""
    X, y = draw.samples(rng, n, d)
    return single(X), y, Params(*map(single, draw.params(rng, d, h)))


def as_layers(params: Params) -> list[np.ndarray]:
    """The same parameters for Linear, ReLU, Linear, whose last bias is (1,)."""
    return [params.W1, params.b1, params.W2, np.reshape(params.b2, (1,))]


def listed(names: Any) -> str:
    """Names in a sentence."""
    return ", ".join(sorted(names)) or "none"


def _tiny_mlp(impl: Impl, params: Params) -> Handle:
    """The learner's TinyMLP with these parameters."""
    h, d = params.W1.shape
    model: Handle = impl.call("TinyMLP", d, h, keep=True)
    impl.probe("load", model, params._asdict())
    return model


def _sequential(impl: Impl, params: Params) -> Handle:
    """An nn.Sequential of the kit's own making with these parameters."""
    model: Handle = impl.probe("sequential", as_layers(params), keep=True)
    return model


@dataclass(frozen=True)
class Model:
    """A kind of model: its name, the learner's function that makes one, and one with given parameters."""

    name: str
    maker: str
    made_of: Callable[[Impl, Params], Handle]

    def parameters(self, impl: Impl, model: Handle) -> Params:
        """A model's parameters as Params of float64 arrays, once their names and shapes were found right."""
        named = impl.probe("named_parameters", model)
        if self is TINY_MLP:
            right = set(named) == set(Params._fields)
            judge.holds(right, self.name, "the parameters W1, b1, W2, b2", listed(named))
        arrays = [named[name].array for name in (Params._fields if self is TINY_MLP else named)]
        shapes = [a.shape for a in arrays]
        h, d = shapes[0] if shapes and len(shapes[0]) == 2 else (0, 0)
        wanted = [(h, d), (h,), (1, h), () if self is TINY_MLP else (1,)]
        judge.holds(shapes == wanted, self.name, "parameters W1 (h, d), b1 (h,), W2 (1, h) and b2", f"{shapes}")
        return Params(*(single(a) for a in arrays[:3]), single(arrays[3].reshape(())))

    def leave_gradients(self, impl: Impl, model: Handle, grads: Params) -> None:
        """Put gradients into the model's `.grad`, as an earlier backward pass would."""
        if self is TINY_MLP:
            impl.probe("set_grads", impl.probe("named_parameters", model, keep=True), grads._asdict())
        else:
            impl.probe("set_grads", impl.probe("parameters", model, keep=True), as_layers(grads))


TINY_MLP = Model("TinyMLP", "TinyMLP", _tiny_mlp)
SEQUENTIAL = Model("nn.Sequential", "make_sequential", _sequential)
MODELS = (TINY_MLP, SEQUENTIAL)
