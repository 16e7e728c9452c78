"""How stage 3's numerical_grad and gradient_check are judged, and cases for them."""

import contextlib
from itertools import product
from typing import Any

import numpy as np

from grader.course.records import Params
from grader.judging import judge
from grader.outside.client import Client
from grader.outside.verdicts import NoAnswer, Wrong
from helpers import comparisons, draw, formulas
from helpers.stage3_gradients import WRITABLE, Case, backward, drawn, in_layout, kinks

Rng = np.random.Generator

DEFAULT_EPS = 1e-6
DIFFERENCES = 1e-9
"""For central differences with ε ≥ 0.02: the loss's own rounding (1e-14 for a loss of some hundreds) over 2ε."""
SMALL_DIFFERENCES = 1e-5
"""For ε = 1e-6 and a loss of some hundreds, rounded to 1e-13: 1e-7 in the quotient, and a margin."""
OVERFLOWS = frozenset(("OverflowError", "FloatingPointError", "RuntimeWarning"))
"""What a loss that overflows may raise: in Python's floats, under np.errstate, or where warnings are errors."""
CALLED = {name: f"{name}(…), which gradient_check calls" for name in ("backward", "numerical_grad")}


def near_kinks(rng: Rng) -> Case:
    """Samples and parameters with pre-activations so near 0 that only steps of about 1e-6 cross some of them."""
    return draw.kinked(rng, (3e-7, -2e-7, 4e-6, -5e-6, 2e-7))


def special_cases(rng: Rng) -> list[tuple[Case, str, float]]:
    """Draw cases beside the plain ones: what is special about each, and its tolerance."""
    laid_out = [(draw.laid(drawn(rng, 4, 2, 3), layout), in_layout(layout), DIFFERENCES) for layout in WRITABLE]
    n = int(rng.integers(4100, 5000))
    X, y, params = kinks(rng)
    by = 2.0**10  # of all units of length, so that differences of the loss keep all their digits
    large = by * X, by * y, params._replace(b1=by * params.b1, b2=np.array(by * params.b2))
    return [
        (kinks(rng), "eps given by name", DIFFERENCES),
        *laid_out,
        (drawn(rng, n, 1, 2), f"{n} samples", DIFFERENCES),
        (_wide(rng), "more than 200 inputs", DIFFERENCES),
        (large, "gradients of 1e8", DIFFERENCES * by**2),
    ]


def _wide(rng: Rng) -> Case:
    """Many inputs, one unit with a pre-activation of exactly 0: the last weight's difference is the largest."""
    d = int(rng.integers(205, 230))
    X, W1 = rng.choice([-1.0, -0.5, 0.5, 1.0], size=(2, d)), rng.choice([-1.0, -0.5, 0.5, 1.0], size=(1, d))
    X[0, -1] = 4.0
    return X, np.array([32.0, -32.0]), Params(W1, -(W1 @ X[0]), np.full((1, 1), 1.25), np.array(0.375))


def judge_differences(call: str, got: Any, case: Case, eps: float, tolerance: float) -> None:
    """`got` is the central differences for `eps`, taken as the step to each side or from side to side."""
    X, y, params = case
    try:
        judge.record(call, got, formulas.central_differences(X, y, params, eps), tolerance)
    except Wrong as error:
        try:
            judge.record(call, got, formulas.central_differences(X, y, params, eps / 2), tolerance)
        except Wrong:
            raise error from None


def judge_numerical_grad(
    impl: Client, call: str, case: Case, *eps: float, tolerance: float = DIFFERENCES, **by_name: float
) -> None:
    """The learner's numerical_grad is right for this case, and this ε or the one that it takes by itself."""
    [used] = eps or by_name.values() or [DEFAULT_EPS]
    judge_differences(call, impl.numerical_grad(*case, *eps, **by_name), case, used, tolerance)


def checked(impl: Client, case: Case, *eps: float, **by_name: float) -> Any:
    """What the learner's gradient_check gives for this ε, or where none is given.

    Where it gives nothing because one of the two functions gives no gradients, that is raised.
    """
    [used] = eps or by_name.values() or [DEFAULT_EPS]
    try:
        return impl.gradient_check(*case, *eps, **by_name)
    except NoAnswer as answer:
        if answer.outcome == "error" and "unexpected keyword" not in answer.text:
            _own_forms(impl, case, used)
        raise


def judge_check(
    impl: Client, call: str, got: Any, case: Case, eps: float, tolerance: float, found_right: set[str]
) -> None:
    """`got` is the right differences, or those of the learner's own two functions where one is wrong.

    So a wrong backward, which gradient_check is there to find, does not make gradient_check wrong. Functions
    that were found right in tests of their own are held to it: they cannot be wrong here to suit an answer. Nor
    can both suit each other: where gradient_check looks at what the two give, it must be right for known ones.
    """
    right = formulas.gradients(*case)
    for step in (eps, eps / 2):
        differences = formulas.central_differences(*case, step)
        with contextlib.suppress(Wrong):
            comparisons.differences(call, got, formulas.largest_differences(right, differences), tolerance)
            return
    by_differences = formulas.central_differences(*case, eps)
    manual, numeric = _own(impl, case, eps, by_differences, tolerance, found_right)
    comparisons.differences(call, got, formulas.largest_differences(manual, numeric), tolerance)
    _judge_on_known(impl, case[0], case[2])


def _judge_on_known(impl: Client, X: np.ndarray, params: Params) -> None:
    """gradient_check is right where backward and numerical_grad give known answers, with a NaN in one of them.

    Code that calls only one of the two by its name, or none, may compare what it finds otherwise. That is finite
    here, or wrong.
    """
    case, eps = (X, np.zeros(len(X)), params), 0.1
    known = [Params(*(np.array(factor * p) for p in params)) for factor in (3.0, 1.0)]
    known[1].b1[-1] = np.nan
    right = formulas.gradients(*case), formulas.central_differences(*case, eps)
    ways = zip(known, right, _own_forms(impl, case, eps), strict=True)
    try:
        functions = dict(zip(("backward", "numerical_grad"), known, strict=True))
        came = impl.probe("call_with", "stage3_backward", "gradient_check", functions, *case, eps)
    except NoAnswer:  # of code that needs more of the two than Params
        return
    for manual, numeric in product(*ways):
        largest = formulas.largest_differences(manual, numeric)
        if np.isfinite(list(largest.values())).all():
            with contextlib.suppress(Wrong):
                comparisons.differences("", came, largest, SMALL_DIFFERENCES)
                return
    call = "gradient_check(X, y, params, eps), where backward and numerical_grad give known answers, one NaN"
    comparisons.differences(call, came, formulas.largest_differences(*known))


def _own_forms(impl: Client, case: Case, eps: float) -> tuple[Params, Params]:
    """What the learner's backward and numerical_grad give, where that has the form of gradients."""
    right = formulas.gradients(*case)
    manual = backward(impl, case)
    judge.record(CALLED["backward"], manual, right, judge.SHAPE_ONLY)
    numeric = impl.numerical_grad(*case, eps)
    judge.record(CALLED["numerical_grad"], numeric, right, judge.SHAPE_ONLY)
    return manual, numeric


def _own(
    impl: Client, case: Case, eps: float, by_differences: Params, tolerance: float, found_right: set[str]
) -> tuple[Params, Params]:
    """What the learner's backward and numerical_grad give, where they may be what gradient_check compares."""
    manual, numeric = _own_forms(impl, case, eps)
    overflows = not all(np.isfinite(d).all() for d in by_differences)  # no rule says where it must
    try:
        judge.record(CALLED["backward"], manual, formulas.gradients(*case))
        backward_is_right = True
    except Wrong:
        backward_is_right = False
        if "backward" in found_right:
            raise
    if not overflows and (not backward_is_right or "numerical_grad" in found_right):
        judge_differences(CALLED["numerical_grad"], numeric, case, eps, tolerance)
    largest, due = (formulas.largest_differences(manual, way) for way in (numeric, by_differences))
    same = backward_is_right and not overflows and max(largest.values()) <= tolerance
    nothing = same and max(due.values()) > tolerance
    judge.holds(not nothing, CALLED["numerical_grad"], "central differences", "the gradients of backward", numeric)
    return manual, numeric
