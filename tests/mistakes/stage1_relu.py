"""The known mistakes of stage 1. Each predicts from the argument a."""

import numpy as np
from helpers import formulas

from grader.judging.likeness import Raised
from grader.judging.mistakes import UNKNOWN, Either, Mistake


def _single_maximum(a: np.ndarray) -> object:
    """One number for the whole array, by either order of the two maxima."""
    return np.maximum(a.max(), 0.0) if a.size and a.ndim else UNKNOWN


def _between(a: np.ndarray) -> object:
    """Right where |a| is not small, and something between 0 and 1 elsewhere."""

    def fits(got: object) -> bool:
        if not isinstance(got, np.ndarray) or got.shape != a.shape or not np.isfinite(got).all():
            return False
        apart = np.abs(got - formulas.slope(a))
        return bool((apart[np.abs(a) > 1e-2] < 1e-3).all() and ((got > 1e-3) & (got < 0.999)).any())

    return fits


def _small_as_zero(a: np.ndarray) -> object:
    """Right above some bound, and 0 for what is positive and below it."""

    def fits(got: object) -> bool:
        if not isinstance(got, np.ndarray) or got.shape != a.shape or not (a > 0).any():
            return False
        taken = (a > 0) & (got == 0)
        others = a[(a > 0) & (got == 1)]
        smaller = not others.size or a[taken].max() < others.min()
        return bool(taken.any() and smaller and np.isin(got, (0, 1)).all() and (got[a <= 0] == 0).all())

    return fits if (a > 0).any() and a.ndim else UNKNOWN


def _cut_off(a: np.ndarray) -> object:
    """Right up to a bound, and the bound where it would be more."""

    def fits(got: object) -> bool:
        right = formulas.relu(a)
        if not isinstance(got, (np.ndarray, np.generic)) or got.shape != a.shape or not a.size:
            return False
        bound = np.max(got)
        return bool(0 < bound < right.max() and np.allclose(got, np.minimum(right, bound), rtol=1e-3, atol=0.0))

    return fits


def _other_activation(a: np.ndarray) -> Either:
    """Sigmoid, tanh, SiLU and ELU, in the argument's dtype."""
    wide = a.astype(np.float64)
    sigmoid = 1 / (1 + np.exp(-wide))
    curves = (sigmoid, np.tanh(wide), wide * sigmoid, np.where(wide > 0, wide, np.expm1(wide)))
    return Either([np.asarray(curve, dtype=a.dtype) for curve in curves])


NO_ZERO_DIMENSIONAL = Mistake(
    "no_zero_dimensional",
    "A 0-d array has no entries to go through.",
    "A formula on the array as a whole works for every shape; a loop or an index does not.",
    lambda a: (
        Raised("TypeError IndexError", r"0-d|len\(\)|unsized|iter|index|subscript") if a.ndim == 0 else UNKNOWN
    ),
)

RELU = (
    Mistake(
        "absolute",
        "Negative numbers came back positive: this is the absolute value.",
        "What should become of a number below 0?",
        np.abs,
    ),
    Mistake(
        "identity",
        "The argument came back as it was: nothing was cut off.",
        "What should become of a number below 0?",
        lambda a: a,
    ),
    Mistake(
        "negative_part",
        "The other half was kept: negative numbers came back, positive ones became 0.",
        "Of a number and 0, which one is ReLU: the larger or the smaller?",
        lambda a: np.minimum(a, a.dtype.type(0)),
    ),
    Mistake(
        "clipped_above",
        "Large numbers were cut off at an upper bound, as in a clip or a ReLU6.",
        "Above 0 every number comes back itself; there is no upper bound.",
        _cut_off,
    ),
    Mistake(
        "slope_for_value",
        "1 came for each positive number: this is ReLU's slope.",
        "A positive number should come back itself.",
        formulas.slope,
    ),
    Mistake(
        "leaky",
        "Negative numbers came back small instead of 0: this is a leaky ReLU.",
        "Below 0 nothing goes through, not even a hundredth.",
        lambda a: np.where(a > 0, a, a.dtype.type(0.01) * a),
    ),
    Mistake(
        "softplus",
        "A smooth curve came instead of a kink: this is softplus, log(1 + exp(a)).",
        "Far from 0 the two agree; near 0 they don't.",
        lambda a: np.logaddexp(a.dtype.type(0), a),
    ),
    Mistake(
        "other_activation",
        "A smooth curve came: this is another activation, such as a sigmoid or tanh.",
        "ReLU has a kink at 0; below it all is 0, above it every number comes back itself.",
        _other_activation,
    ),
    Mistake(
        "maximum_of_all",
        "One number came for the whole array: its largest entry.",
        "Each element is to be compared with 0 by itself.",
        _single_maximum,
    ),
    NO_ZERO_DIMENSIONAL,
)

RELU_GRAD = (
    Mistake(
        "tiny_as_zero",
        "A small positive number was taken for 0.",
        "Only exactly 0 is 0 here: no tolerance, and no step to either side.",
        _small_as_zero,
    ),
    Mistake(
        "one_at_zero",
        "The slope at exactly 0 came out as 1.",
        "We take 0 there, as PyTorch does; look at the comparison.",
        lambda a: np.asarray(np.heaviside(a, 1.0), dtype=a.dtype),
    ),
    Mistake(
        "half_at_zero",
        "The slope at exactly 0 came out as ½, the middle of its two sides.",
        "We take 0 there, as PyTorch does.",
        lambda a: np.asarray(np.heaviside(a, 0.5), dtype=a.dtype),
    ),
    Mistake(
        "nan_at_zero",
        "The slope at exactly 0 came out as NaN: 0 was divided by 0.",
        "The slope is a matter of the sign alone; nothing needs dividing.",
        lambda a: np.where(a == 0, np.nan, formulas.slope(a)).astype(a.dtype) if (a == 0).any() else UNKNOWN,
    ),
    Mistake(
        "value_for_slope",
        "ReLU itself came, where its slope is asked for.",
        "How much does relu(a) grow when a grows by a little?",
        formulas.relu,
    ),
    Mistake(
        "sign_for_slope",
        "−1 came for negative numbers: this is the sign.",
        "Where ReLU is flat, its slope is 0.",
        np.sign,
    ),
    Mistake(
        "opposite",
        "1 and 0 are the wrong way round.",
        "Where does ReLU grow, and where is it flat?",
        lambda a: np.asarray(a < 0, dtype=a.dtype),
    ),
    Mistake(
        "differences_for_slope",
        "The slope came out between 0 and 1: it was taken from two points, one on each side of the kink.",
        "The slope follows from the sign of a alone.",
        _between,
    ),
    Mistake(
        "jacobian",
        "A matrix of all derivatives came, element by element.",
        "ReLU works on each element by itself, so its slopes have the shape of a.",
        lambda a: lambda got: np.shape(got) in ((a.size, a.size), a.shape * 2) and a.ndim > 0,
    ),
    NO_ZERO_DIMENSIONAL,
)
