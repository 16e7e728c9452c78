"""A value to a message, on either side of the wire.

In a worker the value is a learner's. Of a subclass only the built-in part is read, by the built-in type's own
methods, so that `__len__`, `__iter__`, `__array__` and the like are not asked. Where a learner's code runs all
the same (a tensor's, a metaclass's), what it raises is Malformed, and a loop is ended by the call's time limit.
"""

import struct
import sys
from collections.abc import Callable, Sequence
from typing import Any

import msgpack
import numpy as np
from numpy.ma import MaskedArray  # here, or every worker would import it anew at its first array

from grader.wire.values import (
    DTYPES,
    HANDLE,
    MAX_DEPTH,
    MAX_INT_BYTES,
    MAX_MESSAGE,
    MAX_NAME,
    MAX_TEXT,
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

_DTYPE_NUMBERS = {dtype: number for number, dtype in enumerate(DTYPES)}
_FLOATS = {float: Code.FLOATS, np.float64: Code.FLOATS64}
_name_of: Callable[[type], str] = type.__dict__["__name__"].__get__


def encode(value: Any, records: Records | None = None) -> bytes:
    """Pack a value; a named tuple as the record of `records` that has its fields, if there is one.

    Raises Malformed when it is too large, or when a learner's class raises anything."""
    writer = _Writer(records or {})
    try:
        writer.write(value)
        return writer.message()
    except (Malformed, KeyboardInterrupt):  # the latter from a learner's keyboard: workers ignore the signal
        raise
    except BaseException as error:  # SystemExit too: an error of the call, not the worker's end
        raise Malformed(f"cannot be sent: {_type_name(error)}") from error


def _type_name(value: Any) -> str:
    """The name of the value's class, whatever its metaclass makes of `__name__`."""
    return str.__getitem__(_name_of(type(value)), slice(200))


def _layout(array: np.ndarray) -> Layout:
    """What is told of an array's place in memory, so that the other side can lay its copy as it lies here."""
    layout = Layout(0) if array.flags.writeable else Layout.READ_ONLY
    if not array.flags.c_contiguous:
        if array.strides[0] < 0:
            layout |= Layout.BACKWARDS
            array = array[::-1]
        if abs(array.strides[0]) < abs(array.strides[-1]):
            layout |= Layout.FORTRAN
        if not array.flags.forc:
            layout |= Layout.GAPS
    return layout


class _Writer:
    """Writes values one behind the other, counted on the way: a list that holds itself twice has no end."""

    def __init__(self, records: Records) -> None:
        self._names = {kind._fields: name.encode("utf-8") for name, kind in records.items()}
        self._packer = msgpack.Packer(autoreset=False)
        self._values = self._bytes = self._depth = 0

    def message(self) -> bytes:
        """What was written."""
        written: bytes = self._packer.bytes()
        self._count(0, len(written) - self._bytes)
        return written

    def write(self, value: Any) -> None:
        """Write a value and all that it holds."""
        self._count(1, 0)
        kind = type(value)
        (_WRITERS.get(kind) or _writer_for(kind))(self, value)

    def _count(self, values: int, size: int) -> None:
        self._values += values
        self._bytes += size
        if self._values > MAX_VALUES or self._bytes > MAX_MESSAGE:
            raise Malformed(f"cannot be sent: more than {MAX_VALUES} values or {MAX_MESSAGE} bytes")

    def _extension(self, code: int, data: bytes) -> None:
        self._count(0, len(data))
        self._packer.pack_ext_type(code, data)

    def _told(self, text: str) -> None:
        name = text.encode("utf-8", "replace")[:MAX_NAME].decode("utf-8", "ignore")
        self._extension(Code.OPAQUE, name.encode("utf-8"))

    def _other(self, value: Any, more: str = "") -> None:
        self._told(_type_name(value) + more)

    def _none_or_bool(self, value: bool | None) -> None:
        self._packer.pack(value)

    def _float(self, value: Any) -> None:
        self._packer.pack(float.__float__(value))

    def _int(self, value: Any) -> None:
        number = int.__index__(value)
        size = number.bit_length() // 8 + 1
        if size <= 8:
            self._packer.pack(number)
        elif size <= MAX_INT_BYTES:
            self._extension(Code.INT, number.to_bytes(size, "big", signed=True))
        else:
            self._told("int of too many digits")

    def _text(self, value: Any) -> None:
        text = str.__getitem__(value, slice(MAX_TEXT))
        if not text.isascii():
            text = text.encode("utf-8", "replace").decode("utf-8")
        self._count(0, len(text))
        self._packer.pack(text)

    def _data(self, value: Any) -> None:
        data = bytes.__bytes__(value)
        self._count(0, len(data))
        self._packer.pack(data)

    def _list(self, value: Any) -> None:
        entries = list.__getitem__(value, slice(None))
        code = _FLOATS.get(type(entries[0])) if entries else None
        if code is None or len(entries) > MAX_VALUES or len(set(map(type, entries))) > 1:
            self._container(Code.LIST, value, entries)
        else:
            self._extension(code, np.array(entries).tobytes())

    def _tuple(self, value: Any) -> None:
        entries = tuple.__getitem__(value, slice(None))
        fields: Any = getattr(type(value), "_fields", None)
        is_named = type(fields) is tuple and len(fields) == len(entries)
        name = self._names.get(fields) if is_named else None
        self._container(Code.TUPLE if name is None else Code.RECORD, value, entries, name or b"")

    def _dict(self, value: Any) -> None:
        items = list(dict.items(value))
        if all(issubclass(type(key), str) for key, _ in items):
            self._container(Code.DICT, value, items)
        else:
            self._told("dict with keys that are not strings")

    def _pair(self, pair: tuple[str, Any]) -> None:
        key, entry = pair
        self._count(1, 0)
        self._text(key)
        self.write(entry)

    def _container(self, code: int, value: Any, entries: Sequence[Any], name: bytes = b"") -> None:
        if len(entries) > MAX_VALUES:
            return self._other(value, f" of {len(entries)} entries")
        if self._depth == MAX_DEPTH:
            return self._told("containers nested too deeply")
        self._depth += 1
        is_dict = code == Code.DICT
        self._packer.pack_ext_type(code, SIZE.pack(len(entries) * (1 + is_dict)) + name)
        write = self._pair if is_dict else self.write
        for entry in entries:
            write(entry)
        self._depth -= 1

    def _plain_array(self, value: Any) -> None:
        array = np.ndarray.view(value, np.ndarray)
        layout = _layout(array)
        if layout:
            self._array(Code.LAID, value, array, bytes([layout]))
        else:
            self._array(Code.ARRAY, value, array)

    def _scalar(self, value: Any) -> None:
        self._array(Code.SCALAR, value, np.generic.__array__(value))

    def _tensor(self, value: Tensor) -> None:
        fortran = value.array.flags.fnc
        flags = value.requires_grad + 2 * value.is_leaf + 4 * value.has_graph + 8 * fortran
        self._array(Code.TENSOR, value, value.array, bytes([flags]))

    def _torch_tensor(self, value: Any) -> None:
        try:
            array = value.detach().resolve_conj().resolve_neg().cpu().numpy()
        except (TypeError, RuntimeError):  # sparse, quantised, on no device, or of a dtype that NumPy lacks
            return self._other(value, f" of dtype {value.dtype}")
        self._tensor(Tensor(array, bool(value.requires_grad), bool(value.is_leaf), value.grad_fn is not None))

    def _array(self, code: int, value: Any, array: np.ndarray, flags: bytes = b"") -> None:
        """Write an array's dtype, shape and bytes; one that hides entries, or is of another dtype, by its type."""
        dtype = array.dtype if array.dtype.isnative else array.dtype.newbyteorder("=")
        number = _DTYPE_NUMBERS.get(dtype)
        if number is None or issubclass(type(value), MaskedArray):
            return self._other(value, f" of dtype {array.dtype.name}")
        if not is_moderate(array.shape, dtype.itemsize):  # also a strided view: it is not made contiguous here
            return self._other(value, f" of shape {array.shape} and dtype {array.dtype.name}")
        head = struct.pack(f"=BB{array.ndim}I", number, array.ndim, *array.shape)
        self._extension(code, flags + head + np.asarray(array, dtype).tobytes())

    def _handle(self, value: Handle) -> None:
        self._extension(Code.HANDLE, HANDLE.pack(value.number, value.life))

    def _opaque(self, value: Opaque) -> None:
        self._told(value.type_name)


_WRITERS_OF_BASES: dict[type, Callable[[_Writer, Any], None]] = {
    type(None): _Writer._none_or_bool,
    bool: _Writer._none_or_bool,
    np.ndarray: _Writer._plain_array,
    np.generic: _Writer._scalar,  # before float: a float64 is one
    float: _Writer._float,
    int: _Writer._int,
    str: _Writer._text,
    bytes: _Writer._data,
    list: _Writer._list,
    tuple: _Writer._tuple,
    dict: _Writer._dict,
    Tensor: _Writer._tensor,
    Handle: _Writer._handle,
    Opaque: _Writer._opaque,
}
_WRITERS = _WRITERS_OF_BASES | {dtype.type: _Writer._scalar for dtype in DTYPES}


def _writer_for(kind: type) -> Callable[[_Writer, Any], None]:
    """The way to write objects of a class that is none of the above, by the first base that it derives from.

    Asks the class itself and not the object, whose `__class__` may lie, raise or loop.
    """
    for base, write in _WRITERS_OF_BASES.items():
        if issubclass(kind, base):
            return write
    torch = sys.modules.get("torch")
    is_tensor = torch is not None and issubclass(kind, torch.Tensor)
    return _Writer._torch_tensor if is_tensor else _Writer._other
