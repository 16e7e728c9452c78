"""The known mistakes of how a TinyMLP's parameters start."""

from collections.abc import Callable

import numpy as np

from grader.judging.mistakes import Either, Mistake, Seen


def _drawn(accepts: Callable[[np.ndarray], bool]) -> Seen:
    """Predict a W1 of moderate entries, not all alike, that is accepted."""

    def fits(W1: np.ndarray) -> bool:
        return bool(W1.dtype.kind == "f" and (abs(W1) < 1e6).all() and np.ptp(W1)) and accepts(np.float64(W1))

    return Seen(W1=fits)


def _normal(accepts: Callable[[float], bool]) -> Callable[[], Seen]:
    """Predict a W1 with the fourth moment of a normal distribution, and such a standard deviation."""

    def fits(W1: np.ndarray) -> bool:
        fourth = float(np.mean(((W1 - W1.mean()) / W1.std()) ** 4))
        return abs(fourth - 3.0) < 0.3 and accepts(float(W1.std()))

    return lambda: _drawn(fits)


def _is_uniform(W1: np.ndarray) -> bool:
    """Whether each quarter of the range holds a quarter of the entries."""
    counts, _ = np.histogram(W1, bins=4)
    return bool(np.ptp(counts) < 0.05 * W1.size)


def _is_constant(weights: np.ndarray) -> bool:
    return bool((weights == weights.flat[0]).all())


def _is_by_init_params(W1: np.ndarray) -> bool:
    return bool((abs(W1 - np.random.default_rng(1).normal(0, 0.5, W1.shape)) < 1e-5).all())


START = (
    # from nothing; the test notes a start's W1 … b2, whether the same seed of torch's repeats it and others
    # vary it, whether torch's default dtype is taken, which part of the weights came before, and whether
    # models that are made in a row are alike
    Mistake(
        "init_params_used",
        "The weights are those of init_params.",
        "This model draws its own, from torch's generator, and smaller ones.",
        lambda: _drawn(_is_by_init_params),
    ),
    Mistake(
        "weights_constant",
        "All entries of a weight matrix start from the same number.",
        "Units that start alike get the same gradient, and stay alike for ever.",
        lambda: Either([Seen(W1=_is_constant), Seen(W2=_is_constant)]),
    ),
    Mistake(
        "same_start_always",
        "The weights are the same whatever torch's seed is: they come from a generator with a seed of its own.",
        "Who makes the model chooses the seed; draw from torch's global generator, and leave its seed alone.",
        lambda: Seen(varies=False),
    ),
    Mistake(
        "other_generator",
        "The same seed of torch's gives other weights: they don't come from torch's global generator.",
        "NumPy's generator and torch's know nothing of each other.",
        lambda: Seen(repeats=False),
    ),
    Mistake(
        "models_alike",
        "Models that are made one after the other start the same: torch's global generator does not move on.",
        "A generator that is seeded at each call begins at its beginning.",
        lambda: Seen(alike=True),
    ),
    Mistake(
        "weights_repeated",
        "The same numbers stand in several units, or in W1 and in W2.",
        "Each weight is a draw of its own by randn: both matrices, every row.",
        lambda: Seen(repeated=lambda part: part >= 0.05),
    ),
    Mistake(
        "uniform_start",
        "The weights are spread evenly between two bounds.",
        "randn is the normal distribution, rand the uniform one.",
        lambda: _drawn(_is_uniform),
    ),
    Mistake(
        "scale_missing",
        "The weights start ten times too large: the 0.1 is missing.",
        "Compare their standard deviation with the one asked for.",
        _normal(lambda std: abs(std - 1.0) < 0.05),
    ),
    Mistake(
        "scale_of_numpy_stages",
        "The weights start with a standard deviation of 0.5, that of init_params.",
        "The module's weights are smaller.",
        _normal(lambda std: abs(std - 0.5) < 0.03),
    ),
    Mistake(
        "scale_other",
        "The weights start with another standard deviation than 0.1.",
        "It is the same for both layers, whatever their sizes; and a variance is its square.",
        _normal(lambda std: abs(std - 0.1) > 0.005),
    ),
    Mistake(
        "biases_drawn",
        "The biases are drawn.",
        "Only weights need to start different from each other; biases start at 0.",
        lambda: Seen(b1=lambda b1: np.unique(b1).size > 1),
    ),
    Mistake(
        "biases_not_zero",
        "A bias starts at another number than 0.",
        "Look at what b1 and b2 are made of.",
        lambda: Either([Seen(b1=lambda b1: bool(b1.any())), Seen(b2=lambda b2: bool(b2.any()))]),
    ),
    Mistake(
        "dtype_fixed",
        "The parameters' dtype is fixed, where they should take torch's default dtype.",
        "Where no dtype is given, torch takes its default; what comes from NumPy brings its own.",
        lambda: Seen(dtype_taken=False),
    ),
)
