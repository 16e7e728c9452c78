"""The two models of stage 6, as its suite sees them: kept beside the learner's code."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import draw
import formulas
import numpy as np

from grader import judge
from grader.impl import Impl
from grader.wire import Handle, Params, Tensor

AGREEMENT = 1e-8
"""The contract's own figure; both forward passes compute in float64 and differ by rounding alone."""


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


def judge_forward(impl: Impl, X: np.ndarray, params: Params, differentiated: bool = False) -> None:
    """A float64 TinyMLP with these parameters gives the NumPy forward, and its gradients where asked."""
    h, d = params.W1.shape
    model = impl.call("TinyMLP", d, h, keep=True)
    impl.probe("double", model)
    impl.probe("load", model, params._asdict())
    call = f"TinyMLP(d={d}, h={h}).double()(X) with N={len(X)}"
    out = impl.probe("apply", model, Tensor(X), keep=True)
    right = formulas.forward(X, params)
    judge.tensor_forward(call, impl.probe("identity", out), right, AGREEMENT)
    if not differentiated:
        return
    f = impl.probe("field", out, "f", keep=True)
    judge.in_graph(f"{call}.f", impl.probe("identity", f))
    impl.probe("backward_of", f, np.ones(len(X)))
    named = impl.probe("named_parameters", model, keep=True)
    targets = right.f - len(X)  # the mean loss at these has the gradient 1 for each score
    grads = impl.probe("grads_of", [impl.probe("item", named, name, keep=True) for name in Params._fields])
    for name, grad, expected in zip(Params._fields, grads, formulas.gradients(X, targets, params), strict=True):
        judge.tensor(f"{call}, the gradient of the sum of f for {name}", grad, expected, AGREEMENT)


def started(impl: Impl, seed: int) -> dict[str, np.ndarray]:
    """The parameters, by name, that a TinyMLP made under this seed of torch's begins with."""
    impl.probe("seed", seed)
    model = impl.call("TinyMLP", 150, 200, keep=True)
    named = impl.probe("named_parameters", model)
    for name, shape in (("W1", (200, 150)), ("b1", (200,)), ("W2", (1, 200)), ("b2", ())):
        got = named[name].array.shape if name in named else "no such parameter"
        judge.holds(got == shape, f"TinyMLP(150, 200).{name}", f"shape {shape}", f"{got}")
    return {name: p.array for name, p in named.items()}


def judge_start(start: dict[str, np.ndarray]) -> None:
    """Biases are 0; the weights' largest distance from the normal distribution is one that chance allows.

    By Massart's inequality n draws exceed the distance 3.3 / √n with probability 2·exp(−2·3.3²) < 1e-9; it
    is taken at some hundred places, which are close enough to miss nothing of that size.
    """
    for name in ("b1", "b2"):
        judge.array(f"TinyMLP().{name}", start[name], np.zeros_like(start[name]))
    grid = np.linspace(-3.0, 3.0, 241)
    normal = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in grid])
    for name in ("W1", "W2"):
        drawn = np.sort(start[name].astype(np.float64), axis=None) / 0.1
        below = np.searchsorted(drawn, grid, side="right") / len(drawn)
        distance = np.max(np.abs(normal - below))
        spread = f"mean {drawn.mean() * 0.1:.3g} and standard deviation {drawn.std() * 0.1:.3g}"
        right = distance < 3.3 / math.sqrt(len(drawn))
        judge.holds(right, f"TinyMLP().{name}", "0.1 · randn, of mean 0 and standard deviation 0.1", spread)
