"""The two models of stage 6, as its suite sees them: kept beside the learner's code."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from itertools import combinations, product
from typing import Any

import numpy as np
from mistakes import naming
from mistakes.tiny_mlp import AGAIN, FORWARD, PARAMETERS, wanted
from mistakes.tiny_mlp_start import START

from grader.course.records import Params
from grader.judging import judge
from grader.judging.mistakes import Seen
from grader.judging.showing import written_out
from grader.outside.client import Client
from grader.wire import Handle, Tensor
from helpers import draw, formulas

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

    def leave_gradients(self, impl: Client, model: Handle, grads: Params) -> None:
        """Put gradients into the model's `.grad`, as an earlier backward pass would."""
        if self is TINY_MLP:
            impl.probe("set_grads", impl.probe("named_parameters", model, keep=True), grads._asdict())
        else:
            impl.probe("set_grads", impl.probe("parameters", model, keep=True), as_layers(grads))


TINY_MLP = Model("TinyMLP", "TinyMLP", _tiny_mlp)
SEQUENTIAL = Model("nn.Sequential", "make_sequential", _sequential)
MODELS = (TINY_MLP, SEQUENTIAL)


def judge_parameters(impl: Client, sizes: tuple[int, int], *args: int, **named: int) -> None:
    """A TinyMLP made with these arguments is a module of exactly the parameters of these sizes (d, h)."""
    call = written("TinyMLP", *args, **named)
    shapes = wanted(*sizes)
    with naming(PARAMETERS, *sizes, len(args) + len(named) == 2) as seen:
        model = impl.call("TinyMLP", *args, **named, keep=True)
        seen["kinds"] = impl.probe("class_names", model)
        judge.holds("Module" in seen["kinds"], call, "an nn.Module", "something else")
        registered = impl.probe("named_parameters", model)
        seen["shapes"] = {name: p.array.shape for name, p in registered.items()}
        seen["graded"] = {name: p.requires_grad for name, p in registered.items()}
        judge.holds(set(registered) == set(shapes), call, "the parameters W1, b1, W2, b2", listed(registered))
        for name, shape in shapes.items():
            p = registered[name]
            right = p.array.shape == shape and p.requires_grad
            got = f"shape {p.array.shape}, requires_grad={p.requires_grad}"
            judge.holds(right, f"{call}.{name}", f"shape {shape}, requires_grad=True", got)


def judge_forward(impl: Client, X: np.ndarray, params: Params, replaced: bool = False) -> None:
    """A float64 TinyMLP with these parameters gives the NumPy forward, and its gradients; then with others.

    replaced: whether the others come in new nn.Parameters, or into the old ones.
    """
    h, d = params.W1.shape
    call = f"TinyMLP(d={d}, h={h}).double()(X) with {written_out(X=X, params=params)}"
    right = formulas.forward(X, params)
    with naming(FORWARD, X, params) as seen:
        model = impl.call("TinyMLP", d, h, keep=True)
        impl.probe("double", model)
        impl.probe("load", model, params._asdict())
        out = impl.probe("apply", model, Tensor(X), keep=True)
        judge.tensor_record(call, impl.probe("identity", out), right, AGREEMENT)
        f = impl.probe("field", out, "f", keep=True)
        _judge_gradients(impl, call, model, f, (X, params, right.f), seen)
    others = Params(*(1.5 * p for p in params))
    with naming(AGAIN, X, params):
        impl.probe("replace_parameters" if replaced else "load", model, others._asdict())
        call = f"model(X) once more, every parameter 1.5 times as large{' in a new nn.Parameter' * replaced}"
        judge.tensor_record(call, impl.probe("apply", model, Tensor(X)), formulas.forward(X, others), AGREEMENT)


def _judge_gradients(
    impl: Client, call: str, model: Handle, f: Handle, of: tuple[np.ndarray, Params, np.ndarray], seen: Seen
) -> None:
    """The gradients of the sum of f go back to every parameter; `of` is X, the parameters, and the right f."""
    X, params, right = of
    scores = impl.probe("identity", f)
    seen["graph"] = isinstance(scores, Tensor) and scores.has_graph
    judge.in_graph(f"{call}.f", scores)
    impl.probe("backward_of", f, np.ones(len(X)))
    named = impl.probe("named_parameters", model, keep=True)
    targets = right - len(X)  # the mean loss at these has the gradient 1 for each score
    grads = impl.probe(
        "grads_of", [impl.probe("item", named, name, keep=True) for name in Params._fields], len(Params._fields)
    )
    seen["grads"] = grads
    for name, grad, expected in zip(Params._fields, grads, formulas.gradients(X, targets, params), strict=True):
        judge.tensor(f"{call}, the gradient of the sum of f for {name}", grad, expected, AGREEMENT)


MANY = (3, 10_000)
"""Sizes for which each of the weights has so many draws that their scale can be told."""
SEVERAL = {(): 150, (50, 3): 60}
"""Other sizes, none for those of the defaults, and how many models make up for so few draws."""


def started(impl: Client, seed: int) -> dict[str, np.ndarray]:
    """The parameters, by name, that a TinyMLP made under this seed of torch's begins with."""
    impl.probe("seed", seed)
    d, h = MANY
    with naming(PARAMETERS, d, h, True) as seen:
        named = impl.probe("named_parameters", impl.call("TinyMLP", d, h, keep=True))
        seen["shapes"] = {name: p.array.shape for name, p in named.items()}
        for name, shape in wanted(d, h).items():
            got = seen["shapes"].get(name, "no such parameter")
            judge.holds(got == shape, f"TinyMLP({d}, {h}).{name}", f"shape {shape}", f"{got}")
    return {name: p.array for name, p in named.items()}


def started_in_a_row(impl: Client, seed: int) -> dict[str, dict[str, np.ndarray]]:
    """For calls of several sizes the parameters, by name, that models made in a row begin with (count, …)."""
    impl.probe("seed", seed)
    starts = {}
    for args, count in SEVERAL.items():
        call = written("TinyMLP", *args)
        made = impl.probe("several", "stage6_module", "TinyMLP", count, *args, keep=True)
        named = impl.probe("named_parameters", made)
        shapes = {f"{k}.{name}": shape for k in range(count) for name, shape in wanted(*(args or (2, 16))).items()}
        right = {name: p.array.shape for name, p in named.items()} == shapes
        judge.holds(right, f"{call}, made {count} times", "the parameters W1, b1, W2, b2 each time", "others")
        starts[call] = {
            name: np.stack([named[f"{k}.{name}"].array for k in range(count)]) for name in Params._fields
        }
    return starts


def judge_starts(starts: list[dict[str, np.ndarray]], turns: list[int], double: dict[str, np.ndarray]) -> None:
    """Starts under the seeds of these turns, of which two are the same, and one in float64, are right."""
    with naming(START) as seen:
        pairs = list(product(("W1", "W2"), combinations(range(len(turns)), 2)))
        alike = [float(np.mean(starts[one][name] == starts[other][name])) for name, (one, other) in pairs]
        same = [turns[one] == turns[other] for _, (one, other) in pairs]
        seen |= starts[0]
        seen["repeats"] = all(agree == 1.0 for agree, once in zip(alike, same, strict=True) if once)
        seen["varies"] = all(agree < 0.1 for agree, once in zip(alike, same, strict=True) if not once)
        seen["repeated"] = repeated(starts[0])
        dtypes = ((starts[0], "float32"), (double, "float64"))
        seen["dtype_taken"] = all(p.dtype == dtype for start, dtype in dtypes for p in start.values())
        for start, dtype in dtypes:
            for name, p in start.items():
                call = f"TinyMLP().{name}, torch's default dtype {dtype}"
                judge.holds(p.dtype == dtype, call, dtype, f"{p.dtype}")
            judge_start("TinyMLP()", start)
        for (name, _), agree, once in zip(pairs, alike, same, strict=True):
            call = f"TinyMLP().{name} after torch.manual_seed"
            if once:
                judge.holds(agree == 1.0, call, "the same for the same seed", "others")
            else:
                judge.holds(agree < 0.1, call, "others for another seed", "the same")  # some agree by chance
        judge_draws("the weights of one TinyMLP", seen["repeated"])


def judge_starts_in_a_row(starts: dict[str, dict[str, np.ndarray]]) -> None:
    """Models that were made one after the other start right, and none like another."""
    for call, start in starts.items():
        with naming(START) as seen:
            seen |= start
            seen["alike"] = bool((start["W1"] == start["W1"][0]).all())
            seen["repeated"] = 0.0 if seen["alike"] else repeated(start)
            several = f"{call}, made {len(start['b2'])} times"
            judge.holds(not seen["alike"], several, "other weights each time", "the same weights each time")
            judge_start(several, start)
            judge_draws(several, seen["repeated"])


def repeated(start: dict[str, np.ndarray]) -> float:
    """The part of the weights whose number, whatever its sign, came before; of draws hardly any."""
    weights = np.abs(np.concatenate([start["W1"], start["W2"]], axis=None))
    return 1.0 - np.unique(weights).size / weights.size


def judge_draws(call: str, repeated: float) -> None:
    """Each weight is a draw of its own."""
    judge.holds(
        repeated < 0.05,
        call,
        "each drawn by randn for itself",
        f"the same numbers again in {repeated:.0%} of them",
    )


def judge_start(call: str, start: dict[str, np.ndarray]) -> None:
    """Biases are 0; the weights' largest distance from the normal distribution is one that chance allows.

    By Massart's inequality n draws exceed the distance 3.3 / √n with probability 2·exp(−2·3.3²) < 1e-9; it
    is taken at some hundred places, which are close enough to miss nothing of that size.
    """
    for name in ("b1", "b2"):
        judge.array(f"{call}.{name}", start[name], np.zeros_like(start[name]))
    grid = np.linspace(-3.0, 3.0, 241)
    normal = np.array([0.5 * (1 + math.erf(x / math.sqrt(2))) for x in grid])
    for name in ("W1", "W2"):
        drawn = np.sort(start[name].astype(np.float64), axis=None) / 0.1
        below = np.searchsorted(drawn, grid, side="right") / len(drawn)
        distance = np.max(np.abs(normal - below))
        spread = f"mean {drawn.mean() * 0.1:.3g} and standard deviation {drawn.std() * 0.1:.3g}"
        right = distance < 3.3 / math.sqrt(len(drawn))
        judge.holds(right, f"{call}.{name}", "0.1 · randn, of mean 0 and standard deviation 0.1", spread)
