"""The wire: what is sent arrives, of its own type, and messages pass through sockets in time."""

import math
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
import values_of_the_wire as vw
from hypothesis import given
from values_of_the_wire import crossed

from grader import wire
from grader.inside import probes
from grader.wire import Handle, Malformed, Tensor, messages, values


@given(vw.VALUES)
def test_values_arrive(value: Any) -> None:
    """Whatever the wire carries arrives equal, to the last bit, and of its own type."""
    assert vw.same(crossed(value), value)


@given(vw.ARRAYS)
def test_arrays_arrive_in_memory_of_their_own(array: np.ndarray) -> None:
    """An array that arrived can be written, and shares memory with no message."""
    got = crossed(array)
    assert got.flags.writeable
    assert got.flags.owndata


def read_only(array: np.ndarray) -> np.ndarray:
    """The same array, which may not be written."""
    array.flags.writeable = False
    return array


LAYOUTS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "in Fortran order": np.asfortranarray,
    "read backwards by a view": lambda array: np.ascontiguousarray(array[::-1])[::-1],
    "every other entry of a larger array": lambda array: np.repeat(array, 2, axis=-1)[..., ::2],
    "read-only": read_only,
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(3,), (3, 4), (2, 3, 4), ()], ids=str)
def test_arrays_arrive_in_their_layout(shape: tuple[int, ...], layout: str) -> None:
    """Order, direction, gaps and whether it may be written are the same at the other side."""
    array = np.arange(float(np.prod(shape))).reshape(shape)
    array = LAYOUTS[layout](array) if shape or layout == "read-only" else array
    got = crossed(array)
    assert np.array_equal(got, array)
    assert (got.strides, got.flags.writeable) == (array.strides, array.flags.writeable)


@pytest.mark.parametrize("dtype", values.DTYPES, ids=str)
def test_arrays_of_every_dtype_and_order_arrive(dtype: np.dtype) -> None:
    """Strided, transposed and byte-swapped arrays arrive with the same values."""
    array = np.arange(24).reshape(2, 3, 4).astype(dtype)
    swapped = array.astype(dtype.newbyteorder("S"))
    for value in (array.T, array[:, ::-2], array[..., 1], swapped, np.broadcast_to(array[0, 0], (5, 4))):
        got = crossed(value)
        assert (got.dtype, got.shape) == (dtype, value.shape)
        assert np.array_equal(got, value)


def test_tensors_arrive_with_their_flags() -> None:
    """A tensor arrives as an array, in its order, and what its side says of it."""
    leaf = torch.tensor([1.0, 2.0], dtype=torch.float64, requires_grad=True)
    got, product, plain = crossed([leaf, leaf * 2, torch.ones(3)])
    assert (got.requires_grad, got.is_leaf, got.has_graph) == (True, True, False)
    assert (product.requires_grad, product.is_leaf, product.has_graph) == (True, False, True)
    assert (plain.requires_grad, plain.array.dtype) == (False, np.float32)
    assert product.array.tolist() == [2.0, 4.0]
    assert crossed(Tensor(np.ones(2), requires_grad=True)).requires_grad
    fortran = Tensor(np.asfortranarray(np.arange(6.0).reshape(2, 3)))
    assert probes.tensor(crossed(fortran).array).stride() == (1, 2)


def test_numpy_scalars_are_told_from_floats_and_arrays() -> None:
    """A NumPy scalar stays one, a 0-d array stays one, and a float is Python's own."""
    sent = [np.float64(0.5), np.float32(0.5), np.longdouble(0.5), np.array(0.5), 0.5]
    got = crossed(sent)
    assert [*map(type, got)] == [*map(type, sent)]
    assert got[3].shape == ()


def test_handles_arrive() -> None:
    """A handle is revived by whoever knows what it stands for."""
    message = wire.encode([Handle(3, 1)])
    assert wire.decode(message) == [Handle(3, 1)]
    assert wire.decode(message, lambda handle: f"object {handle.number}") == ["object 3"]


Pair = tuple[socket.socket, socket.socket]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """Two sockets, each the other side of the other."""
    here, there = socket.socketpair()
    with here, there:
        yield here, there


def test_messages_pass_whole(pair: Pair) -> None:
    """A message longer than any buffer arrives in one piece."""
    here, there = pair
    long = bytes(range(256)) * 20_000
    sender = threading.Thread(target=wire.send, args=(here, long, math.inf))
    sender.start()
    assert wire.receive(there, math.inf) == long
    sender.join()


@pytest.mark.parametrize("length", [wire.MAX_MESSAGE + 1, 2**32 - 1])
def test_a_claimed_length_is_refused(pair: Pair, length: int) -> None:
    """A message that announces more than is allowed is refused before it is read."""
    pair[0].sendall(struct.pack(">I", length))
    with pytest.raises(Malformed):
        wire.receive(pair[1], math.inf)


@pytest.mark.parametrize("begun", [b"", struct.pack(">I", wire.MAX_MESSAGE) + b"x" * 100], ids=["gone", "cut off"])
def test_a_closed_side_is_an_end(pair: Pair, begun: bytes) -> None:
    """Reading from a side that is gone says so; what it had announced, all that is allowed, takes no memory."""
    here, there = pair
    here.sendall(begun)
    here.close()
    with vw.memory_below(2**17), pytest.raises(EOFError):
        wire.receive(there, math.inf)


@pytest.mark.parametrize("left", [5e-324, 1e-10, 1e-3])
def test_the_last_moment_is_waited_for(left: float, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """However little time is left, a socket is waited for that long: none is told not to wait at all."""
    monkeypatch.setattr(messages, "time", SimpleNamespace(monotonic=lambda: 0.0))
    with pytest.raises(TimeoutError):
        wire.receive(pair[1], left)
    with pytest.raises(TimeoutError):
        wire.send(pair[0], bytes(2**23), left)


def test_a_message_that_nobody_reads_times_out(pair: Pair) -> None:
    """Sending gives up at the deadline when the other side does not read."""
    with pytest.raises(TimeoutError):
        wire.send(pair[0], bytes(10**7), time.monotonic() + 0.05)


class Dripping:
    """Stands for a socket whose other side gives, or takes, one byte a second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 0.0
        self.waits: list[float | None] = []
        monkeypatch.setattr(messages, "time", SimpleNamespace(monotonic=lambda: self.seconds))

    def settimeout(self, seconds: float | None) -> None:
        """Keep what is asked for."""
        self.waits.append(seconds)

    def recv(self, size: int) -> bytes:
        """Give a byte after a second; the first four are a length, of 256 bytes."""
        self.seconds += 1
        return b"\0\0\1\0"[int(self.seconds - 1) % 4 :][:1]

    def send(self, data: memoryview) -> int:
        """Take a byte after a second."""
        self.seconds += 1
        return min(len(data), 1)


@pytest.mark.parametrize(
    "pass_on", [wire.receive, lambda socket, deadline: wire.send(socket, bytes(1000), deadline)]
)
def test_a_dripping_message_ends_at_the_deadline(
    pass_on: Callable[..., object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A side that sends, or reads, one byte a second is waited for until the deadline; never without a limit."""
    dripping = Dripping(monkeypatch)
    with pytest.raises(TimeoutError):
        pass_on(dripping, 10.0)
    assert dripping.seconds == 10
    assert all(wait is not None and wait > 0 for wait in dripping.waits)
