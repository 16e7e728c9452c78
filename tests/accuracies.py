"""The accuracy of stage 6's models: drawn ones, whose scores are known, and what asking for it leaves behind."""

from dataclasses import dataclass
from typing import Any

import draw
import formulas
import models
import numpy as np
from mistakes import naming
from mistakes.scoring import ACCURACY
from models import TINY_MLP, Model, single

from grader import judge
from grader.impl import Impl
from grader.verdicts import NoAnswer
from grader.wire import Handle, Params

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


def drawn(impl: Impl, rng: Rng, model: Model, double: bool = False, training: bool = True) -> Case:
    """A drawn model whose scores are on both sides of 0.5, none of them near it."""
    margin = 0.0
    while margin < 1e-3:
        X, y, params = models.drawn(rng, 40, *draw.sizes(rng)[1:])
        out = formulas.forward(X, params)
        params = params._replace(b2=single(params.b2 + 0.5 - np.median(out.f)))
        f = formulas.forward(X, params).f
        margin = float(np.abs(f - 0.5).min())
    y = np.where((f >= 0.5) ^ (rng.uniform(size=40) < 0.3), 1.0, 0.0)
    kept = model.made_of(impl, params)
    if double:
        impl.probe("double", kept)
    impl.probe("set_training", kept, training)
    return Case(
        f"accuracy(model, X, y) of a {'float64' if double else 'float32'} {model.name}", model, kept, X, y, f
    )


def all_half(impl: Impl, rng: Rng, model: Model) -> Case:
    """A model whose every score is exactly 0.5."""
    h, d = 4, 3
    zero = Params(np.zeros((h, d)), np.zeros(h), np.zeros((1, h)), np.array(0.5))
    X, y = draw.samples(rng, 7, d)
    call = f"accuracy(model, X, y) of a {model.name}, every score exactly 0.5"
    return Case(call, model, model.made_of(impl, zero), X, y, np.full(7, 0.5))


def judge_values(impl: Impl, cases: list[Case]) -> list[int]:
    """Every case's accuracy is right; how many tensors each call saved for a backward pass."""
    table = ACCURACY if len(cases) > 1 else ()  # one fraction alone can agree with a prediction by chance
    with naming(table, [case.told for case in cases], near=judge.FRACTION) as seen:
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
        seen["stops"] = [
            (case.model is TINY_MLP, got)
            for case, got in zip(cases, answers, strict=True)
            if isinstance(got, NoAnswer)
        ]
        for case, got in zip(cases, answers, strict=True):
            if isinstance(got, NoAnswer):
                raise got
            judge.number(case.call, got, formulas.accuracy(case.f, case.y), judge.FRACTION)
    return saved


def judge_flag(impl: Impl, rng: Rng, model: Model, flag: bool) -> None:
    """No graph is recorded, and the model's training flag is as it was."""
    case = drawn(impl, rng, model, training=flag)
    (saved,) = judge_values(impl, [case])
    with naming(ACCURACY, [case.told]) as seen:
        seen["saved"] = saved
        judge.holds(saved == 0, case.call, "no graph", f"a graph with {saved} saved tensors")
        after = impl.probe("field", case.kept, "training")
        seen["training"] = (flag, after)
        judge.holds(after is flag, "model.training after accuracy", f"{flag}", f"{after}")


def judge_grad_mode(impl: Impl, rng: Rng, model: Model, enabled: bool) -> None:
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
