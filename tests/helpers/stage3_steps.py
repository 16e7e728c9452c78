"""How stage 3's sgd_step is judged beside the plain case."""

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.outside.client import Client
from helpers import draw
from helpers.stage3_gradients import drawn, in_layout, judge_entries, judge_own_answer

Rng = np.random.Generator


def descended(params: Params, grads: Params, lr: float) -> Params:
    """Every entry moved against its gradient."""
    return Params(*(np.asarray(p - lr * g) for p, g in zip(params, grads, strict=True)))


def judge_layout(impl: Client, rng: Rng, layout: str) -> None:
    """The step is right where params and gradients lie so in memory."""
    (_, _, params), (_, _, grads) = (draw.laid(drawn(rng, 2, 3, 4), layout) for _ in range(2))
    call = f"sgd_step(params, grads, lr=0.5) with {in_layout(layout)}"
    judge.record(call, impl.sgd_step(params, grads, 0.5), descended(params, grads, 0.5))


def judge_all_scales(impl: Client, rng: Rng) -> None:
    """The step is right for entries from 1e-100 to 1e100, where each grows."""
    shapes = [np.shape(p) for p in draw.params(rng, 3, 4)]
    params, grads = (Params(*(10.0 ** rng.uniform(-100, 100, size=s) for s in shapes)) for _ in range(2))
    grads = Params(*(np.negative(g, out=np.empty(s)) for g, s in zip(grads, shapes, strict=True)))
    params = params._replace(b2=np.array(params.b2))
    special = "with entries from 1e-100 to 1e100, gradients as well"
    got = impl.sgd_step(params, grads, 0.5)
    judge_entries("sgd_step(params, grads, lr=0.5)", special, got, descended(params, grads, 0.5))


def judge_new_arrays(impl: Client, rng: Rng) -> None:
    """What comes is new each time: it stays as it is in later calls, and when the arguments change."""
    params, grads = draw.params(rng, 3, 4), draw.params(rng, 3, 4)
    _judge_own_arrays(impl, params, grads, 0.0)
    _judge_own_arrays(impl, params, Params(*(np.zeros(g.shape) for g in grads)), 0.5)
    call, right = "sgd_step(params, grads, lr)", descended(params, grads, 0.5)
    judge_own_answer(impl, call, [params, grads, 0.5], [grads, params, 0.25], right)


def _judge_own_arrays(impl: Client, params: Params, grads: Params, lr: float) -> None:
    """What came stays as it is when the arguments change, also where the step is 0."""
    given = [impl.probe("identity", value, keep=True) for value in (params, grads)]
    new = impl.call("sgd_step", *given, lr, keep=True)
    for value in given:
        impl.probe("overwrite_all", value, 7.0)
    call = f"sgd_step(params, grads, lr={lr}) with a step of 0, which gives new arrays too"
    why = ", after those passed in were overwritten"
    judge.record(call + why, impl.probe("identity", new), descended(params, grads, lr))
