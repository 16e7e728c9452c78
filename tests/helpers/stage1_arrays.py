"""Arrays for stage 1, whose functions work on each element by itself: of every form, and what is said of them."""

from collections.abc import Callable

import numpy as np

from grader.judging import judge
from grader.outside.client import Client
from helpers import draw

Rng = np.random.Generator
Described = list[tuple[str, np.ndarray]]
"""Arrays, each with the words on it that stand in messages."""

DTYPES = ("float32", "float16", "float64", "longdouble")


def drawn(rng: Rng, shape: tuple[int, ...], dtype: str = "float64") -> np.ndarray:
    """Values of both signs and of every size from 0.001 to 1000, none of them 0.

    Of three or more at least one is far below 0, one between 0 and 1, and one far above.
    """
    values = 10.0 ** rng.uniform(-3.0, 3.0, size=shape) * rng.choice([-1.0, 1.0], size=shape)
    a = np.asarray(values, dtype=dtype)
    if a.size > 2:
        a.flat[[0, 1, -1]] = rng.uniform(-1000.0, -100.0), rng.uniform(0.1, 0.9), rng.uniform(100.0, 1000.0)
    return a


def of_all_forms(rng: Rng) -> Described:
    """Arrays of one to four axes, of one entry, of thousands, and of each layout in memory.

    Shapes come again with other values, so that what a call must give follows from its values.
    """
    sizes = [tuple(int(n) for n in rng.integers(3, 9, size=ndim)) for ndim in (1, 3, 4)]
    many = int(rng.integers(2001, 4000))
    shapes = (*sizes * 2, (1,), (1, 1), (many,), (2, many))
    laid = [(f"of shape (4, 5), {how}", draw.laid(drawn(rng, (4, 5)), how)) for how in draw.LAYOUTS]
    return [*((f"of shape {shape}", drawn(rng, shape)) for shape in shapes), *laid]


def with_tiny_ones(listed: Described) -> Described:
    """The same arrays with two of the smallest numbers in those that have room and may be written to."""
    for _, a in listed:
        if a.size > 3 and a.flags.writeable:
            a.flat[2], a.flat[3] = 1e-300, -1e-300
    return listed


def empty_ones() -> Described:
    """Empty arrays, with a 0 in each place of the shape, of each dtype."""
    shapes: tuple[tuple[int, ...], ...] = ((0,), (0, 3), (3, 0), (0, 0), (3, 0, 2))
    return [(f"of shape {s}, empty, of dtype {d}", np.empty(s, d)) for s in shapes for d in DTYPES]


def of_each_dtype(rng: Rng) -> Described:
    """An array of each dtype, and two 0-d ones, of which one is positive."""
    listed = [drawn(rng, (3, 4), dtype) for dtype in DTYPES]
    for dtype in DTYPES:
        a = abs(drawn(rng, (), dtype))
        listed += [a, -a]
    return [(f"of dtype {a.dtype} and shape {a.shape}", np.asarray(a)) for a in listed]


def extreme(rng: Rng) -> Described:
    """Of each dtype both zeros, and values of both signs from a subnormal one to a quarter of the largest.

    Half of each value, and twice each, is exact. In long double they are those of float64.
    """
    listed = []
    for dtype in DTYPES:
        info = np.finfo("float64" if dtype == "longdouble" else dtype)
        few = 2.0 ** rng.uniform(info.minexp, info.maxexp - 2, size=4)
        sizes = np.array([info.smallest_normal / 16, info.smallest_normal, *few, info.max / 4])
        a = rng.permutation(np.concatenate([sizes, -sizes, [0.0, -0.0]])).astype(dtype)
        listed.append((f"of dtype {dtype}, with very large and very small numbers", a))
    return listed


def to_be_left_as_they_are(rng: Rng) -> Described:
    """Arrays of each number of axes and each dtype, negative numbers among them."""
    listed = [(f"of shape {shape}", drawn(rng, shape)) for shape in ((4, 3), (3,), (2, 3, 2))]
    listed += [(f"of dtype {dtype}", drawn(rng, (4, 3), dtype)) for dtype in DTYPES]
    return [*listed, ("0-d", np.asarray(-np.abs(drawn(rng, ()))))]


def check(
    impl: Client,
    name: str,
    right: Callable[[np.ndarray], np.ndarray],
    listed: Described,
    tolerance: float = judge.FLOAT64,
) -> None:
    """The learner's function of this name gives what is right for each of the arrays."""
    for of_what, a in listed:
        judge.array(f"{name}(a) with a {of_what}", impl.call(name, a), right(a), tolerance, of=a)
