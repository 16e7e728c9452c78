"""How gradients by autograd, their comparison and training steps along them are judged."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.judging.likeness import distance
from grader.judging.showing import shown, written_out
from grader.outside.client import Client
from grader.outside.verdicts import Wrong
from grader.wire import Handle, Tensor
from helpers import comparisons, draw, formulas, tensors
from helpers.kept_answers import Asked, asked

Rng = np.random.Generator
Case = tuple[np.ndarray, np.ndarray, Params]
Pair = tuple[Params, Params]

AGREEMENT = 1e-8
"""The contract's own figure; both gradients are computed in float64 and differ by rounding alone."""


def drawn(rng: Rng, sizes: tuple[int, int, int] | None = None) -> Case:
    """Samples and parameters of (N, D, H), or drawn ones; N is not 2, where a sum is as far off as a missing ½."""
    n, d, h = sizes or draw.sizes(rng)
    n, d = (d, n) if n == 2 else (n, d)
    return *draw.samples(rng, n, d), draw.params(rng, d, h)


def telling_first(sizes: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """Sizes (N, D, H), those of one or two samples last: there a sum is no more than twice the mean."""
    return sorted(sizes, key=lambda of: of[0] < 3)


def written(case: Case) -> str:
    """A case's sizes or values, for messages."""
    X, y, params = case
    return f"{draw.of_size(len(y), len(params.b1))} with {written_out(X=X, y=y, params=params)}"


def moved(params: Params, grads: Params, lr: float) -> Params:
    """Params − lr·grads, every one an array."""
    return Params(*(np.asarray(p - lr * g) for p, g in zip(params, grads, strict=True)))


def judge_gradients(impl: Client, case: Case, layout: str = "", kept: Handle | None = None) -> None:
    """autograd_grad gives the gradients of the mean loss.

    kept: arrays beside the learner's code that hold the case's parameters.
    """
    X, y, params = case
    call = f"autograd_grad(X, y, params){written(case)}{layout and f', {layout}'}"
    given = draw.laid(case, layout) if layout else (X, y, params if kept is None else kept)
    _judge_passes(
        call, impl.counted("backward", "autograd_grad", *given), (formulas.gradients(*case), 1), AGREEMENT
    )


@judge.of_whole_answers
def _judge_passes(call: str, got: tuple[Any, int], expected: tuple[Params, int], tolerance: float) -> None:
    """The gradients are right. How often autograd went back for them is free; it only tells mistakes apart."""
    judge.record(call, got[0], expected[0], tolerance)


def judge_by_autograd(impl: Client, case: Case) -> None:
    """The gradients come from autograd: they double where autograd passes back twice as much."""
    answer = asked(lambda: impl.counted("doubled", "autograd_grad", *case)[0])
    twice = Params(*(np.asarray(2 * g) for g in formulas.gradients(*case)))
    judge.holds(
        answer.error is not None or distance(answer.value, twice, AGREEMENT) is not None,
        "autograd_grad(X, y, params), while autograd passes back twice the gradients",
        "twice the gradients: those that PyTorch's autograd finds in the network's graph",
        "the same as before: gradients found without autograd, or those of another graph",
        answer.value,
    )


def pair(rng: Rng, d: int, h: int, sign: float | None = None) -> Pair:
    """Two sets of gradients; where they differ most, the second is the larger (1), the smaller (−1), or drawn."""
    manual, auto = draw.params(rng, d, h), draw.params(rng, d, h)
    most = [np.array(a) for a in auto]
    for a, m in zip(most, manual, strict=True):
        index = int(rng.integers(a.size))
        a.flat[index] = m.flat[index] + (sign or rng.choice([-1.0, 1.0])) * rng.uniform(4.0, 6.0)
    return manual, Params(*most)


def compared(manual: Params, auto: Params, layout: str = "") -> str:
    """A call of compare_grads, for messages."""
    both = zip(Params._fields, manual, auto, strict=True)
    sides = {f"{side}.{name}": p for name, *two in both for side, p in zip(("manual", "auto"), two, strict=True)}
    return f"compare_grads(manual, auto) with {written_out(**sides)}{layout and f', {layout}'}"


@judge.of_whole_answers
def judge_each(call: str, got: Sequence[Any], expected: Sequence[dict[str, float]], pairs: Sequence[Pair]) -> None:
    """What compare_grads gave for each of these pairs is right."""
    for answer, right, (manual, auto) in zip(got, expected, pairs, strict=True):
        comparisons.differences(compared(manual, auto), answer, right)


def judge_refusals(ask: Callable[[Params, Params], Any], pairs: Sequence[Pair]) -> None:
    """compare_grads names the parameters whose shapes differ in a ValueError, and is right where none does.

    All pairs are asked before one is judged: what is told of each tells one insufficient check from another.
    """
    answers = [asked(ask, *pair) for pair in pairs]
    right = [_differing(*pair) for pair in pairs]
    told = [_told(answer) for answer in answers]
    for names, answer, (manual, auto) in zip(right, answers, pairs, strict=True):
        if not names:
            expected = formulas.largest_differences(manual, auto)
            comparisons.differences(compared(manual, auto), answer(), expected)
            continue
        call = f"compare_grads(manual, auto), the shapes of {', '.join(names)} differing"
        if answer.error is None:
            judge.fail(call, "ValueError, because shapes differ", shown(answer.value), told, right)
        text = judge.refuses(call, answer, "shapes differ")
        if missing := [name for name in names if name not in (answer.names or ())]:
            without = f"a text without {', '.join(missing)}: {shown(text)}"
            judge.fail(
                f"{call}, the text of its ValueError", f"the names {', '.join(names)}", without, told, right
            )


def _differing(manual: Params, auto: Params) -> list[str]:
    both = zip(Params._fields, manual, auto, strict=True)
    return [name for name, m, a in both if np.shape(m) != np.shape(a)]


def _told(answer: Asked) -> list[str] | str:
    """The parameters that a ValueError names, or how else a call ended."""
    return answer.ending if answer.names is None else [name for name in Params._fields if name in answer.names]


def judge_step(impl: Client, leaves: Handle, case: Case, lr: float, loss: float, after: Params) -> None:
    """train_step gives this loss, and moves the leaves, which hold the case's parameters, to those after the step.

    What else came of it stands in the answer to tell mistakes apart: how often autograd went back, and whether
    the gradients were cleared at the end.
    """
    X, y, params = case
    call = f"train_step(X, y, params, lr={lr:.3g}){written(case)}"
    call += f", a loss of {loss:.1g}" if loss < 1e-6 else ""
    came, passes = impl.counted("backward", "train_step", Tensor(X), Tensor(y), leaves, lr)
    held = impl.probe("identity", leaves)
    moved_to = f"{call}, params after the step"
    judge.tensor_record(moved_to, held, after, judge.SHAPE_ONLY)
    try:
        judge.number(call, came, loss)
        judge.tensor_record(moved_to, held, after, AGREEMENT)
    except Wrong as wrong:
        grads = impl.probe("grads_of", leaves, len(params))
        cleared = not any(isinstance(grad, Tensor) and grad.array.any() for grad in grads)
        wrong.call, wrong.tolerance = call, AGREEMENT
        more = {"before": params, "lr": lr}
        wrong.whole = {"loss": came, **held._asdict(), "cleared": cleared, "passes": passes, **more}
        wrong.whole_expected = {"loss": loss, **after._asdict(), "cleared": False, "passes": 1, **more}
        raise
    tensors.judge_leaves(moved_to, held)


def judge_step_by_autograd(impl: Client, case: Case, lr: float) -> None:
    """The step comes from autograd: it is twice as long where autograd passes back twice as much."""
    X, y, params = case
    leaves = tensors.leaves_of(impl, params)
    answer = asked(lambda: impl.counted("doubled", "train_step", Tensor(X), Tensor(y), leaves, lr))
    twice = tensors.of_params(moved(params, formulas.gradients(X, y, params), 2 * lr))
    held = impl.probe("identity", leaves) if answer.error is None else twice
    judge.holds(
        distance(held, twice, AGREEMENT) is not None,
        "train_step(X, y, params, lr), while autograd passes back twice the gradients",
        "twice the step: along the gradients that PyTorch's autograd finds in the network's graph",
        "the same step as before: along gradients found without autograd, or those of another graph",
        held,
    )
