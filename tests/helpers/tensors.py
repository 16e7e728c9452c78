"""Tensors made of NumPy parameters, and how functions that make them are judged."""

from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.outside.client import Client
from grader.wire import Handle, Tensor
from helpers import draw

Rng = np.random.Generator


def of_params(params: Params, requires_grad: bool = False) -> Params:
    """Parameters as tensors."""
    return Params(*(Tensor(np.asarray(p), requires_grad) for p in params))


def leaves_of(impl: Client, params: Params) -> Handle:
    """Leaf tensors of the kit's own making, kept beside the learner's code."""
    return impl.probe("identity", of_params(params, requires_grad=True), keep=True)  # type: ignore[no-any-return]


def all_sizes(rng: Rng) -> list[tuple[int, int, int]]:
    """Draw (N, D, H): different and equal ones, each of them 1 in turn, and each of them large in turn."""
    return [*draw.rounds(rng), *draw.small_sizes(rng), *draw.large_sizes(rng)]


def judge_own_memory(impl: Client, rng: Rng, function: str) -> None:
    """The tensors that a function makes of parameters stay as they are when the arrays are written to."""
    for d, h in draw.own_and_same_shapes(rng):
        params = draw.params(rng, d, h)
        arrays = impl.probe("identity", params, keep=True)
        made = impl.call(function, arrays, keep=True)
        number = rng.uniform(5.0, 9.0)
        impl.probe("overwrite_all", arrays, number)
        call = f"{function}(params), after the arrays in params were changed"
        judge.tensor_record(call, impl.probe("identity", made), params, 0.0)
        overwritten = Params(*(np.full_like(p, number) for p in params))
        judge.record(f"{call}, those arrays", impl.probe("identity", arrays), overwritten)


def judge_leaves(call: str, got: Params) -> None:
    """Each tensor is a leaf that requires gradients."""
    leaves = {name: p.is_leaf and not p.has_graph for name, p in got._asdict().items()}
    required = {name: p.requires_grad for name, p in got._asdict().items()}
    _judge_each(f"{call}, .is_leaf", leaves, "leaf tensors", "no leaf")
    _judge_each(f"{call}, .requires_grad", required, "True", "False")


def judge_gradients(call: str, grads: list[Any], right: Params, tolerance: float = judge.FLOAT64) -> None:
    """What stands in the `.grad` of parameters is right."""
    arrived = {name: grad is not None for name, grad in zip(Params._fields, grads, strict=True)}
    _judge_each(f"{call}, .grad", arrived, "the gradient of each parameter", "None")
    judge.tensor_record(f"{call}, .grad", Params(*grads), Params(*map(np.asarray, right)), tolerance)


def _judge_each(call: str, flags: dict[str, bool], expected: str, got: str) -> None:
    """What is asked of each parameter holds; which of them it does not hold for tells mistakes apart."""
    if failing := [name for name, holds in flags.items() if not holds]:
        judge.fail(call, expected, f"{got} of {', '.join(failing)}", flags, dict.fromkeys(flags, True))
