"""What crosses between the suites and a worker: data only, in bounded messages.

A message is msgpack behind a length of four bytes. Beside msgpack's own types it carries arrays, tensors,
NumPy scalars, tuples, the contract's two named tuples and handles; an object of any other type crosses as
the name of its type. Decoding executes nothing, and no length is believed before it is checked against
the bytes that came.
"""

import math
import socket
import struct
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgpack
import numpy as np

MAX_MESSAGE = 64 * 2**20
"""Bytes of one message at the most."""
MAX_ITEMS = 100_000
"""Entries of one list, tuple or dict at the most."""
MAX_DEPTH = 12
"""Containers within containers at the most."""
MAX_TEXT = 2**21
"""Characters of a text at the most; a longer one is cut. A stage's source, of 2**20 bytes at the most, is not."""
MAX_INT_BYTES = 64
"""An integer that needs more bytes crosses as the name of its type."""

_DTYPES = frozenset(
    (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
)
_ARRAY, _TENSOR, _SCALAR, _TUPLE, _NAMED, _HANDLE, _INT, _OPAQUE = range(8)
_LENGTH = struct.Struct(">I")


class Malformed(Exception):
    """A message that does not follow the protocol; nothing of it may be used."""


class Params(NamedTuple):
    """The contract's `Params`: W1 (H, D), b1 (H,), W2 (1, H), b2 ()."""

    W1: Any
    b1: Any
    W2: Any
    b2: Any


class Forward(NamedTuple):
    """The contract's `Forward`: f (N,), a1 (N, H), h1 (N, H)."""

    f: Any
    a1: Any
    h1: Any


_NAMED_TUPLES: dict[str, type[Params | Forward]] = {"Params": Params, "Forward": Forward}


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor as the suites see it: its values as an array, and what the worker says of it."""

    array: np.ndarray
    requires_grad: bool = False
    is_leaf: bool = True
    has_graph: bool = False


@dataclass(frozen=True)
class Handle:
    """Stands for an object that stays in the worker; `life` counts the workers that came before it."""

    number: int
    life: int


@dataclass(frozen=True)
class Opaque:
    """Stands for a result of a type that does not cross."""

    type_name: str


Revive = Callable[[Any], Any]
"""Applied to each Tensor, Handle, Params and Forward of a decoded message; gives what stands in its place."""


def encode(value: Any) -> bytes:
    """Pack a value. Raises Malformed when the message grows beyond its bounds."""
    try:
        message: bytes = msgpack.packb(_packable(value, 0))
    except (ValueError, TypeError, OverflowError) as error:
        raise Malformed(f"cannot be sent: {error}") from error
    if len(message) > MAX_MESSAGE:
        raise Malformed(f"a message of {len(message)} bytes; {MAX_MESSAGE} are allowed")
    return message


def decode(message: bytes, revive: Revive = lambda value: value) -> Any:
    """Unpack a value. Raises Malformed for anything that `encode` does not write."""
    try:
        return _unpack(message, revive, 0)
    except Malformed:
        raise
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError, msgpack.UnpackException) as error:
        raise Malformed(f"not a message: {type(error).__name__}") from error


def send(connection: socket.socket, message: bytes, deadline: float) -> None:
    """Send one message. Raises TimeoutError when it is not taken by `deadline` (of time.monotonic)."""
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
        part = connection.recv(min(length - len(got), 2**16))
        if not part:
            raise EOFError
        got += part
    return bytes(got)


def _time_left(deadline: float) -> float | None:
    if math.isinf(deadline):
        return None
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _packable(value: Any, depth: int) -> Any:
    """The value in msgpack's own types and extensions."""
    if depth > MAX_DEPTH:
        return msgpack.ExtType(_OPAQUE, b"containers nested too deeply")
    if value is None or value is True or value is False:
        return value
    if isinstance(value, np.generic):
        if isinstance(value, np.longdouble):
            value = np.float64(value)
        return _packable_array(_SCALAR, np.asarray(value), value)
    if isinstance(value, np.ndarray):
        return _packable_array(_ARRAY, value, value)
    if isinstance(value, float):
        return float.__float__(value)
    if isinstance(value, int):
        return _packable_int(int.__index__(value))
    if isinstance(value, str):
        return str.encode(value, "utf-8", "replace").decode("utf-8")[:MAX_TEXT]
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, (list, tuple, dict)):
        return _packable_container(value, depth + 1)
    if isinstance(value, Handle):
        return msgpack.ExtType(_HANDLE, msgpack.packb([value.number, value.life]))
    if isinstance(value, Tensor):
        flags = [value.requires_grad, value.is_leaf, value.has_graph]
        return _packable_array(_TENSOR, value.array, value, flags)
    if isinstance(value, Opaque):
        return msgpack.ExtType(_OPAQUE, value.type_name.encode())
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(value, torch.Tensor):
        return _packable_torch(value)
    return _opaque(value)


def _packable_container(value: Any, depth: int) -> Any:
    if len(value) > MAX_ITEMS:
        return msgpack.ExtType(_OPAQUE, f"{type(value).__name__} of {len(value)} entries".encode())
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            return msgpack.ExtType(_OPAQUE, b"dict with keys that are not strings")
        return {_packable(key, depth): _packable(entry, depth) for key, entry in value.items()}
    entries = [_packable(entry, depth) for entry in value]
    if isinstance(value, list):
        return entries
    for name, named in _NAMED_TUPLES.items():
        if getattr(type(value), "_fields", None) == named._fields:
            return msgpack.ExtType(_NAMED, msgpack.packb([name, *entries]))
    return msgpack.ExtType(_TUPLE, msgpack.packb(entries))


def _packable_int(value: int) -> Any:
    if -(2**63) <= value < 2**64:
        return value
    size = value.bit_length() // 8 + 1
    if size > MAX_INT_BYTES:
        return msgpack.ExtType(_OPAQUE, b"int of too many digits")
    return msgpack.ExtType(_INT, value.to_bytes(size, "big", signed=True))


def _packable_array(code: int, array: np.ndarray, value: Any, flags: list[bool] | None = None) -> Any:
    """An array's dtype, shape and bytes; one that hides entries, or of another dtype, is told by its type."""
    if isinstance(value, np.ma.MaskedArray) or array.dtype.name not in _DTYPES:
        return _opaque(value, f" of dtype {array.dtype.name}")
    if array.nbytes > MAX_MESSAGE:
        return _opaque(value, f" of {array.nbytes} bytes")
    plain = np.asarray(array, dtype=array.dtype.newbyteorder("<"))
    fields = [array.dtype.name, list(array.shape), plain.tobytes(), *(flags or [])]
    return msgpack.ExtType(code, msgpack.packb(fields))


def _packable_torch(value: Any) -> Any:
    try:
        array = value.detach().resolve_conj().resolve_neg().cpu().numpy()
    except (TypeError, RuntimeError):  # sparse, quantised, on no device, or of a dtype that NumPy lacks
        return _opaque(value, f" of dtype {value.dtype}")
    flags = [bool(value.requires_grad), bool(value.is_leaf), value.grad_fn is not None]
    return _packable_array(_TENSOR, array, value, flags)


def _opaque(value: Any, more: str = "") -> Any:
    return msgpack.ExtType(_OPAQUE, (type(value).__name__[:200] + more).encode("utf-8", "replace"))


def _unpack(message: bytes, revive: Revive, depth: int) -> Any:
    if depth > MAX_DEPTH + 2:
        raise Malformed("containers nested too deeply")

    def extension(code: int, data: bytes) -> Any:
        return _unpack_extension(code, data, revive, depth + 1)

    return msgpack.unpackb(
        message,
        ext_hook=extension,
        strict_map_key=True,
        max_array_len=MAX_ITEMS,
        max_map_len=MAX_ITEMS,
    )


def _unpack_extension(code: int, data: bytes, revive: Revive, depth: int) -> Any:
    if code == _OPAQUE:
        return Opaque(data[:300].decode("utf-8", "replace"))
    if code == _INT:
        if len(data) > MAX_INT_BYTES:
            raise Malformed("an integer of too many digits")
        return int.from_bytes(data, "big", signed=True)
    if code not in (_ARRAY, _SCALAR, _TENSOR, _TUPLE, _NAMED, _HANDLE):
        raise Malformed(f"an extension of code {code}")
    fields = _unpack(data, revive, depth)
    if not isinstance(fields, list):
        raise Malformed("an extension without fields")
    if code == _TUPLE:
        return tuple(fields)
    if code == _NAMED:
        return revive(_NAMED_TUPLES[fields[0]](*fields[1:]))
    if code == _HANDLE:
        number, life = fields
        if type(number) is not int or type(life) is not int:
            raise Malformed("a handle without numbers")
        return revive(Handle(number, life))
    array = _unpack_array(*fields[:3])
    if code == _ARRAY:
        return array
    if code == _SCALAR:
        if array.ndim:
            raise Malformed("a scalar with dimensions")
        return array[()]
    if len(fields) != 6 or not all(isinstance(flag, bool) for flag in fields[3:]):
        raise Malformed("a tensor without flags")
    return revive(Tensor(array, *fields[3:]))


def _unpack_array(dtype: str, shape: list[int], data: bytes) -> np.ndarray:
    """A plain array with memory of its own, after dtype, shape and size were found to fit."""
    if dtype not in _DTYPES or not isinstance(shape, list) or not isinstance(data, bytes):
        raise Malformed("an array without dtype, shape and bytes")
    if len(shape) > 32 or not all(type(n) is int and 0 <= n <= MAX_MESSAGE for n in shape):
        raise Malformed("an array of an impossible shape")
    if math.prod(shape) * np.dtype(dtype).itemsize != len(data):
        raise Malformed("an array whose bytes do not fill its shape")
    return np.frombuffer(data, dtype=np.dtype(dtype).newbyteorder("<")).astype(dtype).reshape(shape)
