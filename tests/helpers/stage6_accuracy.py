"""The accuracy of stage 6's models: drawn ones, whose scores are known, and what asking for it leaves behind."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from mistakes import naming
from mistakes.scoring import ACCURACY

from grader.course.records import Params
from grader.judging import judge
from grader.outside.client import Client
from grader.outside.verdicts import NoAnswer
from grader.wire import Handle
from helpers import comparisons, draw, formulas, stage6_models
from helpers.stage6_models import TINY_MLP, Model, single

Rng = np.random.Generator


@dataclass(frozen=True)
class Case:
    """A model, samples and classes, and the scores that it gives them."""

    call: str
    model: Model
    kept: Handle
    X: np.ndarray
    y: np.ndarray
    f: np.ndarray

    @property
    def told(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, bool]:
        """What mistakes are predicted from."""
        return self.X, self.y, self.f, self.model is TINY_MLP


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
    return Case(call, model, kept, X, y, f)


def near_half(impl: Client, rng: Rng, model: Model) -> list[Case]:
    """A model whose scores are 0.5 or nearly so, exact in float32, and its accuracy of two sets of samples."""
    params = Params(np.array([[1.0, 0.0]]), np.zeros(1), np.ones((1, 1)), np.array(0.25))
    kept = model.made_of(impl, params)
    cases = []
    for _ in range(2):
        f = 0.5 + rng.permutation([-3, -2, -1, -1, 0, 0, 0, 1, 2]) / 2**20
        call = f"accuracy(model, X, y) of a {model.name}, scores within 3e-6 of 0.5"
        X = np.stack([f - 0.25, rng.choice([-1.0, 1.0], size=len(f))], axis=1)
        cases.append(Case(call, model, kept, X, draw.samples(rng, len(f), 1)[1], f))
    return cases


def judge_values(impl: Client, cases: list[Case]) -> list[int]:
    """Every case's accuracy is right; how many tensors each call saved for a backward pass."""
    table = ACCURACY if len(cases) > 1 else ()  # one fraction alone can agree with a prediction by chance
    with naming(table, [case.told for case in cases], near=comparisons.FRACTION) as seen:
        saved: list[int] = []
        answers: list[Any] = []
        for case in cases:
            try:
                got, count = impl.counted("saved", "accuracy", case.kept, case.X, case.y)
            except NoAnswer as error:
                if error.outcome != "error":
                    raise
                got, count = error, 0
            answers.append(got)
            saved.append(count)
        seen["answers"] = answers
        stops = [(case.model is TINY_MLP, got) for case, got in zip(cases, answers, strict=True)]
        seen["stop"] = next((stop for stop in stops if isinstance(stop[1], NoAnswer)), None)
        for case, got in zip(cases, answers, strict=True):
            if isinstance(got, NoAnswer):
                raise got
            judge.number(case.call, got, formulas.accuracy(case.f, case.y), comparisons.FRACTION)
    return saved


def judge_flag(impl: Client, rng: Rng, model: Model, flag: bool) -> None:
    """No graph is recorded, and the model's training flag is as it was."""
    case = drawn(impl, rng, model, training=flag)
    (saved,) = judge_values(impl, [case])
    with naming(ACCURACY, [case.told]) as seen:
        seen["saved"] = saved
        judge.holds(saved == 0, case.call, "no graph", f"a graph with {saved} saved tensors")
        flags = impl.probe("training_flags", case.kept)
        after = flag if flags and all(one is flag for one in flags) else not flag
        seen["training"] = (flag, after)
        judge.holds(after is flag, "model.training after accuracy, in every layer", f"{flag}", f"{after}")


def judge_grad_mode(impl: Client, rng: Rng, model: Model, enabled: bool) -> None:
    """PyTorch's global grad mode is as it was."""
    impl.probe("set_grad_mode", enabled)
    try:
        case = drawn(impl, rng, model)
        judge_values(impl, [case])
        after = impl.probe("grad_mode")
    finally:
        impl.probe("set_grad_mode", True)
    with naming(ACCURACY, [case.told]) as seen:
        seen["grad_mode"] = (enabled, after)
        judge.holds(after is enabled, "torch.is_grad_enabled() after accuracy", f"{enabled}", f"{after}")
