"""What crosses between the suites and a worker: data only, in bounded messages.

A message is a row of msgpack's flat values behind a length of four bytes: None, bool, int, float, text, bytes
and extensions, never msgpack's own arrays and maps. An extension is a whole array, tensor, NumPy scalar, list of
floats, long int, handle or name of a type, or it opens a container and says how many of the values behind it are
its entries. So a value costs a small multiple of the bytes that came, whatever they claim.

`values` holds the types and the bounds, `encoding` makes messages, `decoding` takes them apart; here they pass
through a socket until a deadline (of time.monotonic).
"""

import math
import socket
import struct
import time

from grader.decoding import Revive, decode
from grader.encoding import encode
from grader.values import MAX_MESSAGE, Forward, Handle, Malformed, Opaque, Params, Tensor

__all__ = [
    "MAX_MESSAGE",
    "Forward",
    "Handle",
    "Malformed",
    "Opaque",
    "Params",
    "Revive",
    "Tensor",
    "decode",
    "encode",
    "receive",
    "send",
]

_LENGTH = struct.Struct(">I")
_CHUNK = 2**16


def send(connection: socket.socket, message: bytes, deadline: float) -> None:
    """Send one message. Raises TimeoutError when it is not taken by the deadline."""
    rest = memoryview(_LENGTH.pack(len(message)) + message)
    while rest:
        connection.settimeout(_time_left(deadline))
        rest = rest[connection.send(rest) :]


def receive(connection: socket.socket, deadline: float) -> bytes:
    """Receive one message. Raises TimeoutError, EOFError when the other side is gone, or Malformed."""
    (length,) = _LENGTH.unpack(_receive_exactly(connection, _LENGTH.size, deadline))
    if length > MAX_MESSAGE:
        raise Malformed(f"a message of {length} bytes; {MAX_MESSAGE} are allowed")
    return _receive_exactly(connection, length, deadline)


def _receive_exactly(connection: socket.socket, length: int, deadline: float) -> bytes:
    """Take `length` bytes; memory grows with what has come, not with what was announced."""
    got = bytearray()
    while len(got) < length:
        connection.settimeout(_time_left(deadline))
        part = connection.recv(min(length - len(got), _CHUNK))
        if not part:
            raise EOFError
        got += part
    return bytes(got)


def _time_left(deadline: float) -> float | None:
    """What a socket may wait: for ever, or more than 0 seconds, since 0 would mean not to wait at all."""
    if math.isinf(deadline):
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
