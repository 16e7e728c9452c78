"""Sends and receives messages, each whole, within a time.

A message is a row of msgpack's flat values behind a length of four bytes: None, bool, int, float, text, bytes
and extensions, never msgpack's own arrays and maps. An extension is a whole array, tensor, NumPy scalar, list of
floats, long int, handle or name of a type, or it opens a container and says how many of the values behind it are
its entries. So a value costs a small multiple of the bytes that came, whatever they claim.

Messages pass through a socket until a deadline: a moment (of time.monotonic), or what tells one and is asked
again when that is there, since the time of a call is not told by the clock on the wall alone.
"""

import math
import socket
import struct
import time
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from grader.wire.values import MAX_MESSAGE, Malformed

_LENGTH = struct.Struct(">I")
_CHUNK = 2**16

Deadline = float | Callable[[], float]
T = TypeVar("T")


def send(connection: socket.socket, message: bytes, deadline: Deadline) -> None:
    """Send one message. Raises TimeoutError when it is not taken by the deadline."""
    rest = memoryview(_LENGTH.pack(len(message)) + message)
    while rest:
        rest = rest[_in_time(connection, deadline, partial(connection.send, rest)) :]


def receive(connection: socket.socket, deadline: Deadline) -> bytes:
    """Receive one message, the only one that is under way.

    Raises TimeoutError, EOFError when the other side is gone, or Malformed, also for bytes beyond the message:
    nobody has asked for them. Memory grows with what has come, not with what was announced.
    """
    got = bytearray()
    end = _LENGTH.size
    while len(got) < end:
        part = _in_time(connection, deadline, partial(connection.recv, _CHUNK))
        if not part:
            raise EOFError
        got += part
        if end == _LENGTH.size <= len(got):
            (length,) = _LENGTH.unpack_from(got)
            if length > MAX_MESSAGE:
                raise Malformed(f"a message of {length} bytes; {MAX_MESSAGE} are allowed")
            end += length
    if len(got) > end:
        raise Malformed("bytes beyond the message")
    return bytes(memoryview(got)[_LENGTH.size :])


def _in_time(connection: socket.socket, deadline: Deadline, operation: Callable[[], T]) -> T:
    """One operation of a socket, as soon as it can be done. Raises TimeoutError where the deadline has passed."""
    while True:
        left = _time_left(deadline)
        if left is not None or connection.gettimeout() is not None:
            connection.settimeout(left)
        try:
            return operation()
        except TimeoutError:
            if not callable(deadline):
                raise


def _time_left(deadline: Deadline) -> float | None:
    """What a socket may wait: for ever, or more than 0 seconds, since 0 would mean not to wait at all."""
    moment = deadline() if callable(deadline) else deadline
    if math.isinf(moment):
        return None
    left = moment - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
