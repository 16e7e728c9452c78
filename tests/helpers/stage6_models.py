"""The two models of stage 6, as its suite sees them: kept beside the learner's code."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.judging.showing import written_out
from grader.outside.client import Client
from grader.wire import Handle, Tensor
from helpers import comparisons, draw, formulas

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


def _tiny_mlp(impl: Client, params: Params) -> Handle:
    """The learner's TinyMLP with these parameters."""
    h, d = params.W1.shape
    model: Handle = impl.call("TinyMLP", d, h, keep=True)
    impl.probe("load", model, params._asdict())
    return model


def _sequential(impl: Client, params: Params) -> Handle:
    """An nn.Sequential of the kit's own making with these parameters."""
    model: Handle = impl.probe("sequential", as_layers(params), keep=True)
    return model


def written(function: str, *args: int, **named: int) -> str:
    """A call, as one writes it."""
    return f"{function}({', '.join([*map(str, args), *(f'{name}={value}' for name, value in named.items())])})"


def are_apart(impl: Client, one: Handle, other: Handle) -> bool:
    """Whether a model stays as it is while the parameters of another are moved."""
    before = impl.probe("parameters", other)
    impl.probe("moved", impl.probe("parameters", one, keep=True), 1.0)
    after = impl.probe("parameters", other)
    return all(np.array_equal(p.array, q.array) for p, q in zip(before, after, strict=True))


@dataclass(frozen=True)
class Model:
    """A kind of model: its name, the learner's function that makes one, and one with given parameters."""

    name: str
    maker: str
    made_of: Callable[[Client, Params], Handle]

    def parameters(self, impl: Client, model: Handle) -> Params:
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

    def load(self, impl: Client, model: Handle, params: Params) -> None:
        """Put other values into a model's parameters, in place."""
        impl.probe("load", model, params._asdict() if self is TINY_MLP else as_layers(params))

    def leave_gradients(self, impl: Client, model: Handle, grads: Params) -> None:
        """Put gradients into the model's `.grad`, as an earlier backward pass would."""
        held = impl.probe("named_parameters" if self is TINY_MLP else "parameters", model, keep=True)
        impl.probe("set_grads", held, grads._asdict() if self is TINY_MLP else as_layers(grads))


TINY_MLP = Model("TinyMLP", "TinyMLP", _tiny_mlp)
SEQUENTIAL = Model("nn.Sequential", "make_sequential", _sequential)
MODELS = (TINY_MLP, SEQUENTIAL)


def wanted(d: int, h: int) -> dict[str, tuple[int, ...]]:
    """The shape of each of a TinyMLP's parameters."""
    return {"W1": (h, d), "b1": (h,), "W2": (1, h), "b2": ()}


def judge_parameters(impl: Client, shapes: dict[str, tuple[int, ...]], *args: int, **named: int) -> None:
    """A TinyMLP made with these arguments is a module of exactly the parameters of these shapes."""
    call = written("TinyMLP", *args, **named)
    model = impl.call("TinyMLP", *args, **named, keep=True)
    judge.holds("Module" in impl.probe("class_names", model), call, "an nn.Module", "something else")
    registered = impl.probe("named_parameters", model)
    comparisons.same(f"{call}, the names of its parameters", sorted(registered), sorted(shapes))
    comparisons.same(f"{call}, shapes", {name: registered[name].array.shape for name in shapes}, shapes)
    graded = {name: registered[name].requires_grad for name in shapes}
    comparisons.same(f"{call}, requires_grad", graded, dict.fromkeys(shapes, True))


def judge_forward(impl: Client, X: np.ndarray, params: Params, replaced: bool = False) -> None:
    """A float64 TinyMLP with these parameters gives the NumPy forward, and its gradients; then with others.

    replaced: whether the others come in new nn.Parameters, or into the old ones.
    """
    h, d = params.W1.shape
    model = impl.call("TinyMLP", d, h, keep=True)
    impl.probe("double", model)
    impl.probe("load", model, params._asdict())
    call = f"TinyMLP(d={d}, h={h}).double()(X) with {written_out(X=X, params=params)}"
    out = impl.probe("apply", model, Tensor(X), keep=True)
    judge.tensor_record(call, impl.probe("identity", out), formulas.forward(X, params), AGREEMENT)
    f = impl.probe("field", out, "f", keep=True)
    judge.in_graph(f"{call}.f", impl.probe("identity", f))
    _judge_gradients(call, _gradients(impl, model, f, len(X)), _of_the_sum_of_scores(X, params))

    others = Params(*(1.5 * p for p in params))
    impl.probe("replace_parameters" if replaced else "load", model, others._asdict())
    call = f"model(X) once more, every parameter 1.5 times as large{' in a new nn.Parameter' * replaced}"
    judge.tensor_record(call, impl.probe("apply", model, Tensor(X)), formulas.forward(X, others), AGREEMENT)


def _gradients(impl: Client, model: Handle, f: Handle, n: int) -> dict[str, Any]:
    """The gradients of the sum of f, by the names of the parameters that they have come to."""
    impl.probe("backward_of", f, np.ones(n))
    named = impl.probe("named_parameters", model, keep=True)
    kept = [impl.probe("item", named, name, keep=True) for name in Params._fields]
    return dict(zip(Params._fields, impl.probe("grads_of", kept, len(kept)), strict=True))


def _of_the_sum_of_scores(X: np.ndarray, params: Params) -> dict[str, Tensor]:
    """Its gradients, as those of the mean loss at targets for which each score's error is N."""
    targets = formulas.forward(X, params).f - len(X)
    return {name: Tensor(grad) for name, grad in formulas.gradients(X, targets, params)._asdict().items()}


@judge.of_whole_answers
def _judge_gradients(
    call: str, got: dict[str, Any], expected: dict[str, Tensor], tolerance: float = AGREEMENT
) -> None:
    """The gradients of the sum of f have come to every parameter."""
    for name, right in expected.items():
        told = f"{call}, the gradient of the sum of f for {name}"
        judge.tensor(told, got[name], right.array, tolerance)


MANY = (3, 10_000)
"""Sizes for which each of the weights has so many draws that their scale can be told."""
SEVERAL = {(): 150, (50, 3): 60}
"""Other sizes, none for those of the defaults, and how many models make up for so few draws."""


def started(impl: Client, seed: int) -> dict[str, np.ndarray]:
    """The parameters, by name, that a TinyMLP made under this seed of torch's begins with."""
    impl.probe("seed", seed)
    named = impl.probe("named_parameters", impl.call("TinyMLP", *MANY, keep=True))
    shapes = {name: p.array.shape for name, p in named.items()}
    comparisons.same(f"{written('TinyMLP', *MANY)}, the shapes of its parameters", shapes, wanted(*MANY))
    return {name: p.array for name, p in named.items()}


def started_in_double(impl: Client, seed: int) -> dict[str, np.ndarray]:
    """The same where torch's default dtype is float64."""
    before = impl.probe("set_default_dtype", "float64")
    try:
        return started(impl, seed)
    finally:
        impl.probe("set_default_dtype", before)


def judge_start(call: str, start: dict[str, np.ndarray], dtype: str = "float32") -> None:
    """The biases are 0, and the weights drawn by 0.1 · randn, in torch's default dtype."""
    dtypes = {name: p.dtype.name for name, p in start.items()}
    taken = all(one == dtype for one in dtypes.values())
    judge.holds(taken, f"{call}, torch's default dtype {dtype}", f"parameters of {dtype}", f"{dtypes}")
    for name in ("b1", "b2"):
        judge.array(f"{call}.{name}", start[name], np.zeros_like(start[name]))
    for name in ("W1", "W2"):
        drawn, expected = start[name], "0.1 · randn, of mean 0 and standard deviation 0.1"
        spread = f"mean {drawn.mean():.3g} and standard deviation {drawn.std():.3g}"
        judge.holds(is_normal(drawn / 0.1), f"{call}.{name}", expected, spread, drawn)


def is_normal(values: np.ndarray) -> bool:
    """Whether the largest distance from the standard normal distribution is one that chance allows.

    By Massart's inequality n draws exceed the distance 3.3 / √n with probability 2·exp(−2·3.3²) < 1e-9; it
    is taken at some hundred places, which are close enough to miss nothing of that size.
    """
    grid = np.linspace(-3.0, 3.0, 241)
    normal = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in grid])
    below = np.searchsorted(np.sort(values.astype(np.float64), axis=None), grid, side="right") / values.size
    return bool(np.max(np.abs(normal - below)) < 3.3 / math.sqrt(values.size))


def judge_seeds(starts: list[dict[str, np.ndarray]], turns: list[int]) -> None:
    """Starts under the seeds of these turns are the same where the seed is, and others where it is another."""
    for name, (one, other) in product(("W1", "W2"), combinations(range(len(turns)), 2)):
        call = f"TinyMLP().{name} after torch.manual_seed"
        agree = float(np.mean(starts[one][name] == starts[other][name]))
        if turns[one] == turns[other]:
            judge.holds(agree == 1.0, call, "the same for the same seed", "others")
        else:
            judge.holds(agree < 0.1, call, "others for another seed", "the same")  # some agree by chance


def judge_starts_in_a_row(impl: Client, seed: int) -> None:
    """Models of several sizes that were made one after the other start right, and none like another."""
    impl.probe("seed", seed)
    for args, count in SEVERAL.items():
        call = f"{written('TinyMLP', *args)}, made {count} times"
        made = impl.probe("several", "stage6_module", "TinyMLP", count, *args, keep=True)
        named = impl.probe("named_parameters", made)
        shapes = {f"{k}.{name}": shape for k in range(count) for name, shape in wanted(*(args or (2, 16))).items()}
        right = {name: p.array.shape for name, p in named.items()} == shapes
        judge.holds(right, call, "the parameters W1, b1, W2, b2 each time", "others")
        start = {name: np.stack([named[f"{k}.{name}"].array for k in range(count)]) for name in Params._fields}
        differ = bool((start["W1"] != start["W1"][0]).any())
        judge.holds(differ, call, "other weights each time", "the same weights each time")
        judge_start(call, start)
        judge_draws(call, start)


def judge_draws(call: str, start: dict[str, np.ndarray]) -> None:
    """Each weight is a draw of its own: hardly any is a number, whatever its sign, that came before."""
    weights = np.abs(np.concatenate([start["W1"], start["W2"]], axis=None))
    again = 1.0 - np.unique(weights).size / weights.size
    judge.holds(again < 0.05, call, "each drawn by randn for itself", f"the same numbers in {again:.0%} of them")
