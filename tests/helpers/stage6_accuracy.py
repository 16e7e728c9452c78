"""The accuracy of stage 6's models: drawn ones, whose scores are known, and what asking for it leaves behind."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.outside.client import Client
from grader.wire import Handle
from helpers import comparisons, draw, formulas, stage6_models
from helpers.stage6_models import Model, single

Rng = np.random.Generator


@dataclass(frozen=True)
class Case:
    """A model, samples and classes, and the scores that it gives them."""

    call: str
    kept: Handle
    X: np.ndarray
    y: np.ndarray
    f: np.ndarray


def drawn(
    impl: Client,
    rng: Rng,
    model: Model,
    n: int = 40,
    double: bool = False,
    training: bool = True,
    reach: float = 0.0,
) -> Case:
    """A drawn model whose scores are on both sides of 0.5, none of them too near it for float32.

    reach: how far from 0.5 the scores go, where that is said.
    """
    margin = 0.0
    while margin < (1e-5 if reach or n > 1000 else 1e-3):
        X, y, params = stage6_models.drawn(rng, n, *draw.sizes(rng)[1:])
        f = formulas.forward(X, params).f
        if reach:
            params = params._replace(W2=single(params.W2 * reach / np.ptp(f)))
        f = formulas.forward(X, params).f
        middle = np.median(f) if n > 1 else f[0] + 0.13 * rng.choice((-1, 1))
        params = params._replace(b2=single(params.b2 + 0.5 - middle))
        f = formulas.forward(X, params).f
        margin = float(np.abs(f - 0.5).min())
    y = np.where((f >= 0.5) ^ (rng.uniform(size=n) < 0.3), 1.0, 0.0)
    kept = model.made_of(impl, params)
    if double:
        impl.probe("double", kept)
    impl.probe("set_training", kept, training)
    samples = f"a batch of {n} samples" if n > 1 else "one sample"
    scores = f", scores from {f.min():.3f} to {f.max():.3f}" if reach else ""
    call = f"accuracy(model, X, y) of a {'float64' if double else 'float32'} {model.name}, {samples}{scores}"
    return Case(call, kept, X, y, f)


def near_half(impl: Client, rng: Rng, model: Model) -> list[Case]:
    """A model whose scores are 0.5 or nearly so, exact in float32, and its accuracy of two sets of samples."""
    params = Params(np.array([[1.0, 0.0]]), np.zeros(1), np.ones((1, 1)), np.array(0.25))
    kept = model.made_of(impl, params)
    cases = []
    for _ in range(2):
        f = 0.5 + rng.permutation([-3, -2, -1, -1, 0, 0, 0, 1, 2]) / 2**20
        call = f"accuracy(model, X, y) of a {model.name}, scores within 3e-6 of 0.5"
        X = np.stack([f - 0.25, rng.choice([-1.0, 1.0], size=len(f))], axis=1)
        cases.append(Case(call, kept, X, draw.samples(rng, len(f), 1)[1], f))
    return cases


def judge_fractions(answers: list[Any], cases: list[Case]) -> None:
    """Of every case the answer is the fraction of samples that are put in the right class.

    They are compared together: of two mistakes one fraction can be the same.
    """
    right = [formulas.accuracy(case.f, case.y) for case in cases]
    _judge_fractions("accuracy(model, X, y)", answers, right, [case.call for case in cases])


@judge.of_whole_answers
def _judge_fractions(
    call: str, got: list[Any], expected: list[float], calls: list[str], tolerance: float = comparisons.FRACTION
) -> None:
    for each, answer, right in zip(calls, got, expected, strict=True):
        judge.number(each, answer, right, tolerance)


@dataclass(frozen=True)
class Call:
    """A call of accuracy: what came, how many tensors it saved for backward, and each setting then and now."""

    case: Case
    answer: Any
    saved: int
    flag: tuple[bool, bool]
    mode: tuple[bool, bool]


def called(impl: Client, rng: Rng, model: Model, flag: bool, mode: bool) -> Call:
    """Of a drawn model with this training flag, in this global grad mode."""
    case = drawn(impl, rng, model, training=flag)
    impl.probe("set_grad_mode", mode)
    try:
        answer, saved = impl.counted("saved", "accuracy", case.kept, case.X, case.y)
        flags, now = impl.probe("training_flags", case.kept), impl.probe("grad_mode")
    finally:
        impl.probe("set_grad_mode", True)
    kept = flags and all(one is flag for one in flags)
    return Call(case, answer, saved, (flag, flag if kept else not flag), (mode, now))


def judge_traces(call: Call) -> None:
    """No graph is recorded; the model's training flag and PyTorch's global grad mode are as they were."""
    judge.holds(call.saved == 0, call.case.call, "no graph", f"a graph with {call.saved} saved tensors")
    for name, (before, after) in (
        ("model.training after accuracy, in every layer", call.flag),
        ("torch.is_grad_enabled() after accuracy", call.mode),
    ):
        judge.holds(after is before, name, f"{before}", f"{after}")
