"""What the wire carries: strategies that draw it, and what must hold of it."""

import contextlib
import struct
import tracemalloc
import warnings
from collections import namedtuple
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from grader import wire
from grader.judging import judge
from grader.wire import Handle, Malformed, Opaque, Tensor
from grader.wire.values import DTYPES

Pair = namedtuple("Pair", "a b")
Triple = namedtuple("Triple", "a b c")
RECORDS = {"Pair": Pair, "Triple": Triple}
"""Of two types, as a course may declare them."""
ARRAYS = st_numpy.arrays(st.sampled_from(DTYPES), st_numpy.array_shapes(min_dims=0, min_side=0, max_dims=4))
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**500), 2**500),
    st.floats(),
    st.text(),
    st.binary(),
    ARRAYS,
    st.sampled_from(DTYPES).flatmap(lambda dtype: st_numpy.from_dtype(dtype)),
    st.lists(st.floats()),
    st.lists(st.floats().map(np.float64)),
    st.builds(Tensor, ARRAYS, st.booleans(), st.booleans(), st.booleans()),
    st.builds(Handle, st.integers(0, 2**64 - 1), st.integers(0, 2**32 - 1)),
    st.builds(Opaque, st.text(max_size=70)),
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(), inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.builds(Pair, inner, inner)
        | st.builds(Triple, inner, inner, inner)
    ),
    max_leaves=10,
)


def crossed(value: Any) -> Any:
    """The value after a journey."""
    return wire.decode(wire.encode(value, RECORDS), records=RECORDS)


@contextlib.contextmanager
def memory_below(bound: int) -> Iterator[None]:
    """Fail when what runs takes, at its peak, more bytes than the bound."""
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    try:
        yield
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak - before < bound, f"{(peak - before) / 2**20:.1f} MiB"


def same(one: Any, other: Any) -> bool:
    """Whether both are of the same type and hold the same bits, NaN and the sign of zero among them."""
    if type(one) is not type(other):
        return False
    if isinstance(one, (np.ndarray, np.generic)):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, float):
        return struct.pack("d", one) == struct.pack("d", other)
    if isinstance(one, Tensor):
        return same(list(vars(one).values()), list(vars(other).values()))
    if isinstance(one, dict):
        return same(list(one.items()), list(other.items()))
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other)


def assert_plain(value: Any) -> None:
    """The value is of the wire's types, exactly, and so is all that it holds."""
    kinds = {type(None), bool, int, float, str, bytes, list, tuple, dict, Pair, Triple, Tensor, Handle, Opaque}
    assert type(value) in kinds | {np.ndarray, *(dtype.type for dtype in DTYPES)}
    if isinstance(value, Tensor):
        assert_plain(value.array)
    elif isinstance(value, (np.ndarray, np.generic)):
        assert value.dtype in DTYPES
    elif isinstance(value, (list, tuple, dict)):
        for entry in [*value, *value.values()] if isinstance(value, dict) else value:
            assert_plain(entry)


def judge_each_way(value: Any) -> None:
    """Compare what arrived with what it might have been: it is right, or Wrong, and raises nothing else."""
    right = Pair(np.ones((1, 2)), np.array(1.0))
    ways: list[Callable[[], None]] = [
        lambda: judge.array("f(x)", value, np.ones(2)),
        lambda: judge.array("f(x)", value, np.array(1.0)),
        lambda: judge.tensor("f(x)", value, np.ones((1, 2), np.float32)),
        lambda: judge.number("f(x)", value, 1.0),
        lambda: judge.nothing("f(x)", value),
        lambda: judge.record("f(x)", value, right),
        lambda: judge.tensor_record("f(x)", value, right),
        lambda: judge.record("f(x)", value, Triple(*right, np.ones(1))),
        lambda: judge.unchanged("f(x)", np.ones(2), value),
        lambda: judge.unchanged("f(x)", right, value),
        lambda: judge.in_graph("f(x)", value),
    ]
    for way in ways:
        with contextlib.suppress(judge.Wrong), warnings.catch_warnings():
            warnings.simplefilter("error")
            way()


def decode_and_check(message: bytes) -> None:
    """Decode what anyone may have written: it is Malformed, or plain, arrives again, and can be judged."""
    with contextlib.suppress(Malformed):
        value = wire.decode(message, records=RECORDS)
        assert_plain(value)
        assert same(crossed(value), value)
        judge_each_way(value)
