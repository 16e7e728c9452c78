"""Cases for stage 3, and how a learner's gradients are judged: what its tests share."""

import contextlib
from typing import Any

import draw
import formulas
import numpy as np

from grader import judge
from grader.impl import Impl
from grader.verdicts import Wrong
from grader.wire import Params

Rng = np.random.Generator
Case = tuple[np.ndarray, np.ndarray, Params]

DIFFERENCES = 1e-9
"""For central differences with ε ≥ 0.02: the loss's own rounding (1e-14 for a loss of some hundreds) over 2ε."""
SMALL_DIFFERENCES = 1e-5
"""For ε = 1e-6 and a loss of some hundreds, rounded to 1e-13: 1e-7 in the quotient, and a margin."""


def drawn(rng: Rng, n: int, d: int, h: int) -> Case:
    """Samples and parameters of these sizes."""
    return *draw.samples(rng, n, d), draw.params(rng, d, h)


def kinks(rng: Rng) -> Case:
    """Samples and parameters with pre-activations of exactly 0."""
    return draw.kinked(rng, (0.0,) * int(rng.integers(3, 6)))


def near_kinks(rng: Rng) -> Case:
    """Samples and parameters with pre-activations so near 0 that only steps of about 1e-6 cross some of them."""
    return draw.kinked(rng, (3e-7, -2e-7, 4e-6, -5e-6, 2e-7))


def backward(impl: Impl, case: Case) -> Any:
    """What the learner's backward gives."""
    X, y, params = case
    return impl.backward(X, y, params, formulas.forward(X, params))


def judge_backward(impl: Impl, case: Case) -> None:
    """The learner's backward is right for this case."""
    X, y, params = case
    call = f"backward(X, y, params, out) with N={len(y)}, D={X.shape[1]}, H={len(params.b1)}"
    judge.params(call, backward(impl, case), formulas.gradients(X, y, params))


def judge_chain_rule(impl: Impl, rng: Rng) -> None:
    """Gradients that are right for usual errors are right for huge ones, where the loss overflows.

    The chain rule uses the error f − y alone; a difference of two losses needs its square, which is
    infinite here.
    """
    X, y, params = drawn(rng, *draw.sizes(rng))
    far = y + rng.uniform(1e160, 2e160, size=len(y))  # of one sign, so that the sums do not cancel
    usual, huge = backward(impl, (X, y, params)), backward(impl, (X, far, params))
    call = "backward(X, y, params, out)"
    for got in (usual, huge):
        judge.params(call, got, params, judge.SHAPE_ONLY)
    usual_is_finite, huge_is_finite = (all(np.isfinite(g).all() for g in got) for got in (usual, huge))
    if usual_is_finite and not huge_is_finite:
        raise Wrong(
            f"{call} with errors f − y of 1e160\n"
            "  the gradients are lost, so they come from differences of the loss, which overflows;\n"
            "  backward must use the chain rule, which never needs the loss itself"
        )
    judge.params(call, usual, formulas.gradients(X, y, params))
    judge.params(f"{call} with errors f − y of 1e160", huge, formulas.gradients(X, far, params))


def judge_differences(call: str, got: Any, case: Case, eps: float, tolerance: float) -> None:
    """`got` is the central differences for `eps`, taken as the step to each side or from side to side."""
    X, y, params = case
    try:
        judge.params(call, got, formulas.central_differences(X, y, params, eps), tolerance)
    except Wrong as error:
        try:
            judge.params(call, got, formulas.central_differences(X, y, params, eps / 2), tolerance)
        except Wrong:
            raise error from None


def judge_check(
    impl: Impl, call: str, got: Any, case: Case, eps: float, tolerance: float, found_right: set[str]
) -> None:
    """`got` is the right differences, or those of the learner's own two functions where one is wrong.

    So a wrong backward, which gradient_check is there to find, does not make gradient_check wrong. Functions
    that were found right in tests of their own are held to it: they cannot be wrong here to suit an answer.
    """
    X, y, params = case
    right = formulas.gradients(X, y, params)
    by_differences = [formulas.central_differences(X, y, params, step) for step in (eps, eps / 2)]
    for differences in by_differences:
        with contextlib.suppress(Wrong):
            judge.differences(call, got, formulas.largest_differences(right, differences), tolerance)
            return
    names = {name: f"{name}(…), which gradient_check calls" for name in ("backward", "numerical_grad")}
    manual, numeric = backward(impl, case), impl.numerical_grad(X, y, params, eps)
    for name, own in (("backward", manual), ("numerical_grad", numeric)):
        judge.params(names[name], own, right, judge.SHAPE_ONLY)
    overflows = not all(np.isfinite(d).all() for d in by_differences[0])  # no rule says where it must
    try:
        judge.params(names["backward"], manual, right)
        backward_is_right = True
    except Wrong:
        backward_is_right = False
        if "backward" in found_right:
            raise
    if not overflows and (not backward_is_right or "numerical_grad" in found_right):
        judge_differences(names["numerical_grad"], numeric, case, eps, tolerance)
    own_differences = formulas.largest_differences(manual, numeric)
    nothing = backward_is_right and not overflows and max(own_differences.values()) <= tolerance
    judge.holds(not nothing, names["numerical_grad"], "central differences", "the gradients of backward")
    judge.differences(call, got, own_differences, tolerance)
