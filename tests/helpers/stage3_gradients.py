"""Cases for stage 3, and how its backward is judged beside the plain case."""

import contextlib
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.judging.showing import written_out
from grader.outside.client import Client
from grader.outside.verdicts import NoAnswer
from helpers import draw, formulas
from helpers.smallest_example import check_each

Rng = np.random.Generator
Case = tuple[np.ndarray, np.ndarray, Params]

PRODUCTS = 1e-13
"""For entries that are products of some factors, each rounded to 2.2e-16."""
NEAR_ZERO = 2.0**-40
"""A pre-activation that code which rounds takes for 0, exact beside the multiples of 1/8 of `draw.kinked`."""
READ_ONLY = "read-only"
"""The layout of `draw.LAYOUTS` for functions that may modify nothing."""
WRITABLE = tuple(layout for layout in draw.LAYOUTS if layout != READ_ONLY)
"""The others, in which params may change while the function runs."""


def drawn(rng: Rng, n: int, d: int, h: int) -> Case:
    """Samples and parameters of these sizes."""
    return *draw.samples(rng, n, d), draw.params(rng, d, h)


def with_errors_of_both_signs(rng: Rng, n: int, d: int, h: int) -> Case:
    """Samples and parameters for which some scores are too large and some too small, where there are several."""
    while True:
        X, y, params = drawn(rng, n, d, h)
        errors = formulas.forward(X, params).f - y
        if n == 1 or (errors.min() < 0 < errors.max()):
            return X, y, params


def kinks(rng: Rng) -> Case:
    """Samples and parameters with pre-activations of exactly 0, and next to it on either side."""
    return draw.kinked(rng, (*(0.0,) * int(rng.integers(2, 4)), NEAR_ZERO, -NEAR_ZERO))


def rounds(rng: Rng) -> list[tuple[int, int, int]]:
    """Draw (N, D, H) all different, the same again (for other values of the same shapes), and all equal."""
    different, same = telling_sizes(rng), int(rng.integers(3, 10))
    return [different, different, (same, same, same)]


def large_sizes(rng: Rng) -> list[tuple[int, int, int]]:
    """Draw (N, D, H) with N in the thousands, then with D and then with H in the hundreds, the others small."""
    n, d, h = int(rng.integers(4100, 5000)), *(int(size) for size in rng.integers(205, 300, size=2))
    return [(n, 2, 3), (3, d, 2), (2, 3, h)]


def telling_sizes(rng: Rng) -> tuple[int, int, int]:
    """Draw N, D and H so that every factor that is made of them by mistake is another number."""
    while True:
        n, d, h = draw.sizes(rng)
        factors = [n, 1 / n, 2.0, 0.5, n / d, n / h, 1 / d, 1 / h, n / (n - 1), -1.0]
        if len(set(factors)) == len(factors):
            return n, d, h


def backward(impl: Client, case: Case) -> Any:
    """What the learner's backward gives."""
    X, y, params = case
    return impl.backward(X, y, params, formulas.forward(X, params))


def judge_backward(impl: Client, case: Case) -> None:
    """The learner's backward is right for this case."""
    X, y, params = case
    out = formulas.forward(X, params)
    call = f"backward(X, y, params, out) with {written_out(X=X, y=y, params=params)}"
    judge.record(call, impl.backward(X, y, params, out), formulas.gradients(X, y, params))


def judge_chain_rule(impl: Client, rng: Rng) -> None:
    """Gradients that are right for usual errors are right where differences of the loss or of scores are not."""

    def check(*sizes: int) -> None:
        X, y, params = with_errors_of_both_signs(rng, *sizes)
        judge_backward(impl, (X, y, params))
        far = y + rng.uniform(1e160, 2e160, size=len(y))  # errors of one sign, so that the sums do not cancel
        _judge_huge_errors(impl, (X, far, params))

    check_each(check, [telling_sizes(rng)])
    _judge_all_scales(impl, rng)
    X, y, params = drawn(rng, 2, 2, 2)
    with contextlib.suppress(NoAnswer):
        _, count = impl.counted("complex", "backward", X, y, params, formulas.forward(X, params))
        call = "backward(X, y, params, out)"
        judge.holds(
            not count, call, "the chain rule, in real numbers", "complex numbers on the way: complex steps"
        )


def _judge_huge_errors(impl: Client, case: Case) -> None:
    """The learner's backward is right for scores that are 1e160 from their targets.

    The chain rule uses the error f − y alone; a difference of two losses needs its square, which is infinite.
    """
    call = "backward(X, y, params, out) with errors f − y of 1e160, where differences of losses overflow"
    judge.record(call, backward(impl, case), formulas.gradients(*case))


def _judge_all_scales(impl: Client, rng: Rng) -> None:
    """Each entry is right for one sample whose inputs and output weights go from 1e-60 to 1e60.

    By the chain rule an entry is a product: for one sample nothing is added up, and no difference is taken but
    f − y. A difference of losses or of scores, however long its step, loses the small entries, or overflows.
    """
    d, h = 3, 4
    x = rng.permutation(np.logspace(-60, 60, d)) * rng.choice([-1.0, 1.0], size=d)
    W1 = rng.uniform(0.5, 1.0, size=(h, d)) * rng.choice([-1.0, 1.0], size=(h, d))
    b1 = rng.uniform(2.0, 3.0, size=h) * (np.abs(W1) @ np.abs(x))
    W2 = rng.permutation(np.logspace(-60, 60, h)) * rng.choice([-1.0, 1.0], size=h)
    case = x[np.newaxis], np.ones(1), Params(W1, b1, W2[np.newaxis], np.array(0.5))
    special = "with one sample, X and W2 of 1e-60 to 1e60, where differences of losses cancel"
    judge_entries("backward(X, y, params, out)", special, backward(impl, case), formulas.gradients(*case))


def judge_entries(call: str, special: str, got: Any, right: Params) -> None:
    """`got` is right entry by entry, the smallest as well, where none is small by cancellation."""
    judge.record(f"{call} {special}", got, right)
    for name in Params._fields:
        for index in np.ndindex(np.shape(getattr(right, name))):
            entry, due = (float(np.asarray(getattr(params, name))[index]) for params in (got, right))
            close = abs(entry - due) <= PRODUCTS * abs(due)
            place = f"{call}.{name}{list(index) or ''} {special}"
            judge.holds(close, place, f"{due:.10g}", f"{entry:.10g}", got)


def judge_layout(impl: Client, rng: Rng, layout: str) -> None:
    """The learner's backward is right where its arguments lie so in memory."""
    X, y, params = draw.laid(drawn(rng, *telling_sizes(rng)), layout)
    out = draw.laid(formulas.forward(X, params), layout)
    call = f"backward(X, y, params, out) with {in_layout(layout)}"
    judge.record(call, impl.backward(X, y, params, out), formulas.gradients(X, y, params))


def in_layout(layout: str) -> str:
    """One of the layouts that arrays have, for messages."""
    return f"arrays that are {layout}" if layout == READ_ONLY else f"arrays of another memory layout: {layout}"


def judge_small_errors(impl: Client, rng: Rng) -> None:
    """The learner's backward is right where the scores have nearly reached y, and where they have."""
    X, y, params = kinks(rng)
    f = formulas.forward(X, params).f
    size = 2.0**-30  # exact beside f, whose steps are 2**-43
    for errors in (size * rng.choice([-1.0, 1.0], size=len(y)), np.zeros(len(y))):
        case = X, f + errors, params
        call = f"backward(X, y, params, out) with errors f − y of {np.abs(errors).max():.0e}"
        judge.record(call, backward(impl, case), formulas.gradients(*case), judge.FLOAT64 * size)


def judge_kept(impl: Client, rng: Rng) -> None:
    """The learner's backward keeps nothing of its arguments, and nothing of its answer."""
    sizes = telling_sizes(rng)
    (X, y, params), other = drawn(rng, *sizes), drawn(rng, *sizes)
    given = [X, y, params, formulas.forward(X, params)]
    others = [*other, formulas.forward(other[0], other[2])]
    judge_own_answer(impl, "backward(X, y, params, out)", given, others, formulas.gradients(X, y, params))
    held = [impl.probe("identity", value, keep=True) for value in (X, y, params)]
    impl.call("backward", *held, given[-1])
    impl.probe("overwrite_all", held[-1], 0.25)
    changed = Params(*(np.full(np.shape(p), 0.25) for p in params))
    got = impl.call("backward", *held, formulas.forward(X, changed))
    call = "backward(X, y, params, out) with the arrays of an earlier call, whose entries have changed"
    judge.record(call, got, formulas.gradients(X, y, changed))


def judge_own_answer(impl: Client, call: str, given: list[Any], others: list[Any], right: Params) -> None:
    """What a call has given stays as it is when the function is called again, with others of the same shapes."""
    name = call.partition("(")[0]
    first = impl.call(name, *given, keep=True)
    impl.call(name, *others)
    judge.record(f"{call}, looked at after a second call", impl.probe("identity", first), right)
