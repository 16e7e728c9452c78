"""A message to a value, on either side of the wire.

On the trusted side the message may have been written by an attacker. Nothing in it is executed. msgpack is held
to flat values, whose cost is their bytes'; containers are put together here, from values that have come.
"""

import itertools
import math
import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgpack
import numpy as np

from grader.wire.values import (
    DTYPES,
    HANDLE,
    MAX_DEPTH,
    MAX_INT_BYTES,
    MAX_MESSAGE,
    MAX_NAME,
    MAX_VALUES,
    SIZE,
    Code,
    Handle,
    Layout,
    Malformed,
    Opaque,
    Records,
    Tensor,
    is_moderate,
)

Revive = Callable[[Any], Any]
"""Applied to each Tensor and Handle of a decoded message; gives what stands in its place."""

_TRUTH = b"\0" + b"\1" * 255


class _Opening(NamedTuple):
    """The start of a container: its kind, how many values that follow belong to it, and a record's name."""

    code: int
    size: int
    name: str = ""


_LEAVES = frozenset(
    (type(None), bool, int, float, str, bytes, Opaque, np.ndarray, list, *(dtype.type for dtype in DTYPES))
)
"""Types of what stands for itself among flat values; a list is one of floats."""


def decode(message: bytes, revive: Revive = lambda value: value, records: Records | None = None) -> Any:
    """Unpack a value, in which each record becomes one of its type in `records`.

    Raises Malformed for anything but one value's message.
    """
    try:
        unpacker = msgpack.Unpacker(
            max_buffer_size=MAX_MESSAGE,
            max_array_len=0,
            max_map_len=0,
            list_hook=_refuse,
            object_hook=_refuse,
            ext_hook=_extension,
        )
        unpacker.feed(message)
        reader = _Reader(itertools.islice(unpacker, MAX_VALUES), revive, records or {})
        (value,) = reader.entries(1, 0)
    except (ValueError, TypeError, IndexError, struct.error, msgpack.UnpackException) as error:
        raise Malformed(f"not a message: {type(error).__name__}") from error
    if unpacker.tell() != len(message):
        raise Malformed("more than one value")
    return value


def _refuse(container: Any) -> Any:
    raise Malformed("a container of msgpack's own")


class _Reader:
    """Puts together what a row of flat values stands for."""

    def __init__(self, values: Iterator[Any], revive: Revive, records: Records) -> None:
        self._values = values
        self._revive = revive
        self._records = records

    def entries(self, size: int, depth: int) -> list[Any]:
        """The next values, each with all that belongs to it."""
        entries = [
            value if type(value) in _LEAVES else self._whole(value, depth)
            for value in itertools.islice(self._values, size)
        ]
        if len(entries) < size:
            raise Malformed("a message that ends too early, or never")
        return entries

    def _whole(self, value: Any, depth: int) -> Any:
        """What a value stands for that is no leaf."""
        if type(value) is Tensor or type(value) is Handle:
            return self._revive(value)
        if type(value) is not _Opening:
            raise Malformed(f"a {type(value).__name__}")
        if depth == MAX_DEPTH:
            raise Malformed("containers nested too deeply")
        entries = self.entries(value.size, depth + 1)
        return self._record(value.name, entries) if value.code == Code.RECORD else _CONTAINERS[value.code](entries)

    def _record(self, name: str, entries: list[Any]) -> Any:
        """A record of a type that the course declares."""
        kind = self._records.get(name)
        if kind is None or len(kind._fields) != len(entries):
            raise Malformed("a record of a type that the course does not declare, or of other fields")
        return kind(*entries)


def _extension(code: int, data: bytes) -> Any:
    """What an extension stands for."""
    if code == Code.RECORD and len(data) <= SIZE.size + MAX_NAME:
        return _Opening(code, SIZE.unpack_from(data)[0], data[SIZE.size :].decode("utf-8"))
    if code in _CONTAINERS:
        return _Opening(code, SIZE.unpack(data)[0])
    if code in _READERS:
        return _READERS[code](data)
    raise Malformed(f"an extension of code {code}")


def _dict(entries: list[Any]) -> dict[str, Any]:
    """A dict of keys and values by turns."""
    keys = entries[::2]
    if not all(type(key) is str for key in keys):
        raise Malformed("a dict with keys that are not strings")
    made = dict(zip(keys, entries[1::2], strict=True))
    if len(made) < len(keys):
        raise Malformed("a dict with a key twice")
    return made


def _array(data: bytes, start: int = 0) -> np.ndarray:
    """A plain array with memory of its own, after dtype, shape and size were found to fit."""
    dtype, dimensions = DTYPES[data[start]], data[start + 1]
    shape = struct.unpack_from(f"={dimensions}I", data, start + 2)
    start += 2 + 4 * dimensions
    if not is_moderate(shape, dtype.itemsize):
        raise Malformed("an array of an impossible shape")
    if math.prod(shape) * dtype.itemsize != len(data) - start:
        raise Malformed("an array whose bytes do not fill its shape")
    return np.ndarray(shape, dtype, _numpys(data, dtype), start).copy()


def _laid(data: bytes) -> np.ndarray:
    """An array that lies in memory as the other side's does; with gaps it takes twice its size."""
    layout, array = Layout(data[0]), _array(data, 1)
    if array.ndim:
        spread = 2 if layout & Layout.GAPS else 1
        room = np.empty(
            (*array.shape[:-1], array.shape[-1] * spread),
            array.dtype,
            order="F" if layout & Layout.FORTRAN else "C",
        )
        laid = room[:: -1 if layout & Layout.BACKWARDS else 1][..., ::spread]
        laid[...] = array
        array = laid
    array.flags.writeable = not layout & Layout.READ_ONLY
    return array


def _numpys(data: bytes, dtype: np.dtype) -> bytes:
    """The bytes as NumPy may take them: True is any byte but 0 where a learner's code made it, and 1 for NumPy."""
    return data.translate(_TRUTH) if dtype.kind == "b" else data


def _scalar(data: bytes) -> Any:
    array = _array(data)
    if array.ndim:
        raise Malformed("a scalar with dimensions")
    return array[()]


def _tensor(data: bytes) -> Tensor:
    flags = data[0]
    if flags > 15:
        raise Malformed("a tensor of unknown flags")
    array = _array(data, 1)
    array = np.asfortranarray(array) if flags & 8 else array
    return Tensor(array, bool(flags & 1), bool(flags & 2), bool(flags & 4))


def _floats(data: bytes) -> np.ndarray:
    if len(data) > MAX_VALUES * 8:
        raise Malformed("a list of too many floats")
    return np.frombuffer(data, np.float64)


def _handle(data: bytes) -> Handle:
    return Handle(*HANDLE.unpack(data))


def _int(data: bytes) -> int:
    if len(data) > MAX_INT_BYTES:
        raise Malformed("an integer of too many digits")
    return int.from_bytes(data, "big", signed=True)


def _opaque(data: bytes) -> Opaque:
    if len(data) > MAX_NAME:
        raise Malformed("the name of a type that is too long")
    return Opaque(data.decode("utf-8"))


_READERS: dict[int, Callable[[bytes], Any]] = {
    Code.ARRAY: _array,
    Code.LAID: _laid,
    Code.SCALAR: _scalar,
    Code.TENSOR: _tensor,
    Code.FLOATS: lambda data: _floats(data).tolist(),
    Code.FLOATS64: lambda data: list(_floats(data)),
    Code.HANDLE: _handle,
    Code.INT: _int,
    Code.OPAQUE: _opaque,
}
_CONTAINERS: dict[int, Callable[[list[Any]], Any]] = {Code.LIST: list, Code.TUPLE: tuple, Code.DICT: _dict}
