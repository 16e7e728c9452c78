"""The wire: what is sent arrives, and what is malformed is an error and nothing else."""

import contextlib
import math
import socket
import struct
import threading
import time
from typing import Any

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from grader import wire
from grader.wire import Forward, Handle, Malformed, Opaque, Params, Tensor

SCALARS = st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats(allow_nan=False) | st.text()
VALUES = st.recursive(
    SCALARS | st.binary(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(), inner, max_size=4)
        | st.tuples(inner, inner)
        | st.builds(Params, inner, inner, inner, inner)
        | st.builds(Forward, inner, inner, inner)
    ),
    max_leaves=12,
)
ARRAYS = st_numpy.arrays(
    st.sampled_from(["float64", "float32", "float16", "int64", "bool", "complex128"]),
    st_numpy.array_shapes(min_dims=0, min_side=0, max_dims=4),
)


def crossed(value: Any) -> Any:
    """The value after a journey."""
    return wire.decode(wire.encode(value))


@given(VALUES)
def test_values_arrive(value: Any) -> None:
    """Plain data arrives equal and of its own type."""
    try:
        got = crossed(value)
    except Malformed:
        pytest.fail("a plain value was refused")
    if "nested too deeply" not in repr(got) and "too many digits" not in repr(got):
        assert got == value
        assert type(got) is type(value)


@given(ARRAYS)
def test_arrays_arrive(array: np.ndarray) -> None:
    """Arrays arrive with dtype, shape and values, in memory of their own that can be written."""
    got = crossed(array)
    assert got.dtype == array.dtype
    assert got.shape == array.shape
    assert np.array_equal(got, array, equal_nan=array.dtype.kind in "fc")
    assert got.flags.writeable


@given(st.binary(max_size=200))
def test_any_bytes_are_decoded_or_malformed(message: bytes) -> None:
    """Whatever bytes come, decoding gives data or Malformed."""
    with contextlib.suppress(Malformed):
        wire.decode(message)


@given(VALUES, st.integers(0, 10_000), st.integers(0, 255))
def test_damaged_messages_are_decoded_or_malformed(value: Any, at: int, byte: int) -> None:
    """One changed byte in a message gives data or Malformed."""
    message = bytearray(wire.encode([value, np.arange(3.0), np.float32(1)]))
    message[at % len(message)] = byte
    with contextlib.suppress(Malformed):
        wire.decode(bytes(message))


def test_tensors_arrive_with_their_flags() -> None:
    """A tensor arrives as an array and what its side says of it."""
    leaf = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    got, product, plain = crossed([leaf, leaf * 2, torch.ones(3)])
    assert (got.requires_grad, got.is_leaf, got.has_graph) == (True, True, False)
    assert (product.requires_grad, product.is_leaf, product.has_graph) == (True, False, True)
    assert (plain.requires_grad, plain.array.dtype) == (False, np.float32)
    assert product.array.tolist() == [2.0, 4.0]
    assert crossed(Tensor(np.ones(2), requires_grad=True)).requires_grad


def test_numpy_scalars_are_told_from_floats_and_arrays() -> None:
    """A NumPy scalar stays one, a 0-d array stays one, and a float is Python's own."""
    scalar, single, zero_d, plain = crossed([np.float64(0.5), np.float32(0.5), np.array(0.5), 0.5])
    assert (type(scalar), type(single), type(plain)) == (np.float64, np.float32, float)
    assert isinstance(zero_d, np.ndarray) and zero_d.shape == ()
    assert type(crossed(np.longdouble(0.5))) is np.float64


class Loud(float):
    """A float that claims to equal everything."""

    def __eq__(self, other: object) -> bool:
        return True

    __hash__ = float.__hash__


class Equal(np.ndarray):
    """An array of a class of its own."""


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (object(), "object"),
        (np.ma.masked_array([1.0, 2.0], mask=[True, False]), "MaskedArray"),
        (np.array(["a"]), "str"),
        (np.array([object()]), "object"),
        ({1: 2}, "keys that are not strings"),
        (10**5000, "too many digits"),
        (torch.ones(2, dtype=torch.bfloat16), "bfloat16"),
        (torch.ones(2).to_sparse(), "Tensor"),
        (np.broadcast_to(np.float64(1), (2**14, 2**14)), "shape (16384, 16384)"),
        (set(), "set"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_types_cross_by_name(value: Any, shown: str) -> None:
    """What is no plain data arrives as the name of its type."""
    got = crossed(value)
    assert isinstance(got, Opaque)
    assert shown in got.type_name


def test_subclasses_become_plain() -> None:
    """An object that pretends loses its pretence."""
    got = crossed([Loud(1.0), np.ones(2).view(Equal)])
    assert type(got[0]) is float
    assert got[0] != 2.0
    assert type(got[1]) is np.ndarray


def test_deep_values_cross_cut() -> None:
    """A list in a list in a list … is cut where it is too deep."""
    deep: list[Any] = []
    for _ in range(100):
        deep = [deep]
    assert "nested too deeply" in repr(crossed(deep))


def test_lone_surrogates_are_replaced() -> None:
    """A text that is no Unicode arrives as one that is."""
    assert crossed("a\ud800b") == "a?b"


@pytest.mark.parametrize(
    "fields",
    [
        ["float64", [3], b"\0" * 16],
        ["float64", [2**62, 2**62], b""],
        ["float64", [-1], b""],
        ["float64", [1.0], b"\0" * 8],
        ["object", [1], b"\0" * 8],
        [["float64"], [1], b"\0" * 8],
        ["float64", 1, b"\0" * 8],
        ["float64", [1], "12345678"],
        ["float64", [True] * 40, b"\0" * 8],
        ["float64"],
        [],
    ],
    ids=repr,
)
def test_false_arrays_are_malformed(fields: list[Any]) -> None:
    """An array whose dtype, shape and bytes do not fit each other is no array."""
    message = msgpack.packb(msgpack.ExtType(0, msgpack.packb(fields)))
    with pytest.raises(Malformed):
        wire.decode(message)


def test_claimed_lengths_take_no_memory() -> None:
    """A list that claims to have four thousand million entries is refused."""
    with pytest.raises(Malformed):
        wire.decode(b"\xdd\xff\xff\xff\xff")
    with pytest.raises(Malformed):
        wire.decode(b"\xdf\xff\xff\xff\xff")


def test_handles_arrive() -> None:
    """A handle is revived by whoever knows what it stands for."""
    message = wire.encode([Handle(3, 1)])
    assert wire.decode(message) == [Handle(3, 1)]
    assert wire.decode(message, lambda handle: f"object {handle.number}") == ["object 3"]


def test_messages_pass_whole() -> None:
    """A message longer than any buffer arrives in one piece."""
    here, there = socket.socketpair()
    with here, there:
        long = bytes(range(256)) * 20_000
        sender = threading.Thread(target=wire.send, args=(here, long, math.inf))
        sender.start()
        assert wire.receive(there, math.inf) == long
        sender.join()


def test_a_claimed_length_is_refused() -> None:
    """A message that announces more than is allowed is refused before it is read."""
    here, there = socket.socketpair()
    with here, there:
        here.sendall(struct.pack(">I", wire.MAX_MESSAGE + 1))
        with pytest.raises(Malformed):
            wire.receive(there, math.inf)


def test_a_dripping_message_times_out() -> None:
    """A side that sends a part and then nothing is waited for no longer than the deadline."""
    here, there = socket.socketpair()
    with here, there:
        here.sendall(struct.pack(">I", 100) + b"x")
        with pytest.raises(TimeoutError):
            wire.receive(there, time.monotonic() + 0.05)


def test_a_message_that_nobody_reads_times_out() -> None:
    """Sending gives up at the deadline when the other side does not read."""
    here, there = socket.socketpair()
    with here, there, pytest.raises(TimeoutError):
        wire.send(here, bytes(10**7), time.monotonic() + 0.05)


def test_a_closed_side_is_an_end() -> None:
    """Reading from a side that is gone says so."""
    here, there = socket.socketpair()
    with there:
        here.close()
        with pytest.raises(EOFError):
            wire.receive(there, math.inf)
