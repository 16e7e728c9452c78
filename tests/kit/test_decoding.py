"""The wire's decoding: whatever an attacker writes is plain data within its bounds, or Malformed."""

import contextlib
import struct
import warnings
from collections import namedtuple
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np
import pytest
import values_of_the_wire as vw
from fixtures import with_proofs
from hypothesis import given
from hypothesis import strategies as st
from values_of_the_wire import RECORDS, Pair, Triple

from grader import wire
from grader.judging import judge
from grader.wire import Handle, Malformed, Opaque, Tensor
from grader.wire.values import DTYPES, MAX_DEPTH, MAX_MESSAGE, MAX_NAME, MAX_VALUES, Code

CODES = [code for name, code in vars(Code).items() if name.isupper()]
MEMORY = 8 * MAX_MESSAGE
"""What decoding may take at its peak: a text of letters and one emoji takes four bytes a letter, and is in
memory twice while it grows, beside its message's copy."""


def extension(code: int, data: bytes) -> bytes:
    """An extension of msgpack's."""
    return b"\xc9" + struct.pack(">Ib", len(data), code) + data


def opening(code: int, size: int, name: bytes = b"") -> bytes:
    """The start of a container; name: a record's."""
    return extension(code, struct.pack("=I", size) + name)


def array(dtype: str, shape: tuple[int, ...], data: bytes = b"") -> bytes:
    """What an array's extension holds."""
    return struct.pack(f"=BB{len(shape)}I", DTYPES.index(np.dtype(dtype)), len(shape), *shape) + data


@given(st.binary(max_size=300))
def test_any_bytes_are_decoded_or_malformed(message: bytes) -> None:
    """Whatever bytes come, decoding gives plain data or Malformed."""
    vw.decode_and_check(message)


TOKENS = st.one_of(
    st.builds(opening, st.sampled_from(CODES), st.integers(0, 5) | st.just(2**32 - 1)),
    st.builds(extension, st.sampled_from(CODES) | st.integers(-128, 127), st.binary(max_size=40)),
    st.builds(
        lambda code, dtype, shape, data: extension(code, struct.pack("=BB", dtype, len(shape)) + shape + data),
        st.sampled_from([Code.ARRAY, Code.SCALAR, Code.TENSOR]),
        st.integers(0, 15),
        st.binary(max_size=16),
        st.binary(max_size=32),
    ),
    vw.LEAVES.map(wire.encode),
    st.binary(max_size=3),
)


@given(st.lists(TOKENS, max_size=12).map(b"".join))
def test_any_parts_of_messages_are_decoded_or_malformed(message: bytes) -> None:
    """Whatever parts of messages come in whatever order, decoding gives plain data or Malformed."""
    vw.decode_and_check(message)


@given(
    vw.VALUES, st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 2), st.binary(max_size=2)), max_size=4)
)
def test_damaged_messages_are_decoded_or_malformed(value: Any, damages: list[tuple[int, int, bytes]]) -> None:
    """A message with bytes changed, left out or put in gives plain data or Malformed."""
    message = wire.encode([value, np.arange(3.0), np.float32(1)])
    for at, left_out, put_in in damages:
        at %= len(message)
        message = message[:at] + put_in + message[at + left_out :]
    vw.decode_and_check(message)


@given(vw.VALUES, st.integers(0, 10_000), st.binary(min_size=1, max_size=3))
def test_a_message_is_all_there_and_ends(value: Any, at: int, more: bytes) -> None:
    """A message that is cut off, or goes on after its end, is Malformed."""
    message = wire.encode(value)
    for wrong in (message[: at % len(message)], message + more):
        with pytest.raises(Malformed):
            wire.decode(wrong)


FALSE = {
    "nothing": b"",
    "two values": b"\xc0\xc0",
    "bytes that do not fill their shape": extension(Code.ARRAY, array("f8", (3,), bytes(16))),
    "bytes beyond their shape": extension(Code.ARRAY, array("f8", (1,), bytes(16))),
    "a shape beyond its bytes": extension(Code.ARRAY, bytes([0, 9, 1, 2])),
    "a shape of too many entries": extension(Code.ARRAY, array("f8", (2**31, 2**31, 2**31), b"")),
    "a shape whose product wraps": extension(Code.ARRAY, array("f8", (2**31, 2**31, 4), b"")),
    "an empty array of a huge shape": extension(Code.ARRAY, array("f8", (0, 2**26))),
    "an empty tensor of a huge shape": extension(Code.TENSOR, b"\0" + array("f8", (2**26, 0))),
    "too many dimensions": extension(Code.ARRAY, array("i1", (1,) * 33, b"1")),
    "an unknown dtype": extension(Code.ARRAY, bytes([len(DTYPES), 0]) + bytes(8)),
    "an array without a head": extension(Code.ARRAY, b""),
    "a scalar of one dimension": extension(Code.SCALAR, array("f8", (1,), bytes(8))),
    "a tensor of unknown flags": extension(Code.TENSOR, b"\x10" + array("f8", (), bytes(8))),
    "a layout of unknown flags": extension(Code.LAID, b"\x10" + array("f8", (1,), bytes(8))),
    "a layout alone": extension(Code.LAID, b"\0"),
    "a tensor of flags alone": extension(Code.TENSOR, b"\0"),
    "half a float": extension(Code.FLOATS, bytes(12)),
    "half a handle": extension(Code.HANDLE, bytes(8)),
    "an int of too many digits": extension(Code.INT, bytes(65)),
    "a long name": extension(Code.OPAQUE, b"a" * (MAX_NAME + 1)),
    "a name that is no Unicode": extension(Code.OPAQUE, b"\xff"),
    "a text that is no Unicode": b"\xa1\xff",
    "a lone surrogate": b"\xa3\xed\xa0\x80",
    "a size of three bytes": extension(Code.LIST, b"\0\0\0"),
    "a list of msgpack's": b"\x90",
    "a dict of msgpack's": b"\x80",
    "a time of msgpack's": extension(-1, bytes(4)),
    "a long time of msgpack's": extension(-1, bytes(12)),
    "a time of msgpack's that is none": extension(-1, b"\xff" * 8),
    "an unknown extension": extension(99, b""),
    "a dict with a key twice": opening(Code.DICT, 4) + b"\xa1a\1\xa1a\2",
    "a dict with half an entry": opening(Code.DICT, 1) + b"\xa1a",
    "a dict with a number as a key": opening(Code.DICT, 2) + b"\1\2",
    "a dict with a list as a key": opening(Code.DICT, 2) + opening(Code.LIST, 0) + b"\2",
    "a dict with an array as a key": opening(Code.DICT, 2) + extension(Code.ARRAY, array("i1", (0,))) + b"\2",
    "a Pair of three": opening(Code.RECORD, 3, b"Pair") + b"\0\0\0",
    "a Triple of two": opening(Code.RECORD, 2, b"Triple") + b"\0\0",
    "a record that the course lacks": opening(Code.RECORD, 1, b"History") + b"\0",
    "a record without a name": opening(Code.RECORD, 2) + b"\0\0",
    "a record whose name is no text": opening(Code.RECORD, 2, b"\xff") + b"\0\0",
    "a record with a long name": opening(Code.RECORD, 2, b"a" * (MAX_NAME + 1)) + b"\0\0",
    "a list without its entries": opening(Code.LIST, 2) + b"\0",
    "a list that claims to be huge": opening(Code.LIST, 2**32 - 1),
    "containers nested too deeply": opening(Code.LIST, 1) * (MAX_DEPTH + 1) + b"\0",
    "one value too many": opening(Code.LIST, MAX_VALUES) + b"\0" * MAX_VALUES,
    "too many floats": extension(Code.FLOATS, bytes(8 * (MAX_VALUES + 1))),
    "too many bytes": msgpack.packb(bytes(MAX_MESSAGE)),
}


@pytest.mark.parametrize("message", FALSE.values(), ids=FALSE)
def test_false_messages_are_malformed(message: bytes) -> None:
    """What encoding does not write is Malformed."""
    with pytest.raises(Malformed):
        wire.decode(message, records=RECORDS)


def filled(part: bytes, values_each: int = 1) -> bytes:
    """A list of as many parts as the bounds allow."""
    count = min((MAX_VALUES - 1) // values_each, (MAX_MESSAGE - 6) // len(part))
    return opening(Code.LIST, count) + part * count


HUGE: dict[str, Callable[[], bytes]] = {
    "small ints": lambda: b"\1" * MAX_MESSAGE,
    "None": lambda: filled(b"\xc0"),
    "short texts": lambda: filled(b"\xa2ab"),
    "texts with an emoji": lambda: filled(msgpack.packb("a" * 77 + "\N{GRINNING FACE}")),
    "one text with an emoji": lambda: msgpack.packb("a" * (MAX_MESSAGE - 10) + "\N{GRINNING FACE}"),
    "empty arrays of many dimensions": lambda: filled(extension(Code.ARRAY, array("f8", (0,) * 32))),
    "small arrays": lambda: filled(extension(Code.ARRAY, array("i1", (70,), bytes(70)))),
    "one array": lambda: extension(Code.ARRAY, array("?", (MAX_MESSAGE - 20,), bytes(MAX_MESSAGE - 20))),
    "tensors": lambda: filled(extension(Code.TENSOR, b"\0" + array("f8", (0,)))),
    "scalars": lambda: filled(extension(Code.SCALAR, array("c16", (), bytes(16)))),
    "lists of floats": lambda: filled(extension(Code.FLOATS, bytes(8 * MAX_VALUES))),
    "short lists of floats": lambda: filled(extension(Code.FLOATS64, bytes(72))),
    "empty dicts": lambda: filled(opening(Code.DICT, 0)),
    "records": lambda: filled(opening(Code.RECORD, 2, b"Pair") + b"\0" * 2, 3),
    "long ints": lambda: filled(extension(Code.INT, b"\7" * 64)),
    "names": lambda: filled(extension(Code.OPAQUE, "\N{GRINNING FACE}".encode() * 20)),
    "handles": lambda: filled(extension(Code.HANDLE, bytes(12))),
    "bytes": lambda: filled(msgpack.packb(bytes(80))),
    "nested lists that claim to be huge": lambda: opening(Code.LIST, 2**32 - 1) * 100_000,
    "msgpack's lists that claim to be large": lambda: b"\xdd\x00\x01\x86\xa0" * 100_000,
    "an extension that claims to be huge": lambda: b"\xc9\x7f\xff\xff\xff\x00",
    "bytes that claim to be huge": lambda: b"\xc6\xff\xff\xff\xff",
    "a text that claims to be huge": lambda: b"\xdb\xff\xff\xff\xff",
}


@pytest.mark.parametrize("name", with_proofs(HUGE, ["records", "bytes that claim to be huge"]))
def test_decoding_takes_a_few_times_the_messages_size(name: str) -> None:
    """The most expensive messages cost a few times the bytes that may come, whatever they claim."""
    message = HUGE[name]()
    assert len(message) <= MAX_MESSAGE
    with vw.memory_below(MEMORY), contextlib.suppress(Malformed):
        wire.decode(message, records=RECORDS)


@pytest.mark.parametrize("code", [Code.ARRAY, Code.TENSOR, Code.SCALAR])
def test_truth_is_0_or_1(code: int) -> None:
    """A bool that is neither 0 nor 1, on which NumPy's behaviour is undefined, is True."""
    head = b"\0" if code == Code.TENSOR else b""
    shape = () if code == Code.SCALAR else (3,)
    got = wire.decode(extension(code, head + array("?", shape, b"\x02\x00\xff"[: 3 if shape else 1])))
    values = got.array if isinstance(got, Tensor) else np.asarray(got)
    assert values.view(np.uint8).tolist() == ([1, 0, 1] if shape else 1)


def test_nan_of_any_bits_is_compared_in_peace() -> None:
    """A signalling NaN, in any width, is wrong and no warning."""
    signalling = {"f2": b"\1\x7c", "f4": b"\1\0\x80\x7f", "f8": b"\1\0\0\0\0\0\xf0\x7f"}
    for dtype, bits in signalling.items():
        data = bits if np.little_endian else bits[::-1]
        got = wire.decode(extension(Code.ARRAY, array(dtype, (1,), data)))
        scalar = wire.decode(extension(Code.SCALAR, array(dtype, (), data)))
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            with pytest.raises(judge.Wrong):
                judge.array("f(x)", got, np.ones(1, dtype))
            with pytest.raises(judge.Wrong):
                judge.number("f(x)", scalar, 1.0)


def test_revived_values_stand_in_their_place() -> None:
    """What revives is asked for tensors and handles, also those in records, and its answers stand there."""
    value = [Handle(3, 1), {"a": Pair(1, Triple(1, 2, Tensor(np.ones(2))))}, (1,), Opaque("x")]
    got = wire.decode(wire.encode(value, RECORDS), lambda part: type(part).__name__, RECORDS)
    assert got == ["Handle", {"a": Pair(1, Triple(1, 2, "Tensor"))}, (1,), Opaque("x")]


def test_records_are_those_of_whoever_decodes() -> None:
    """A record becomes one of the class that its name has at the other side."""
    theirs = namedtuple("Pair", "x y")
    message = wire.encode(Pair(1, 2), RECORDS)
    assert type(wire.decode(message, records={"Pair": theirs})) is theirs
    assert vw.same(wire.decode(wire.encode(Pair(1, 2))), (1, 2))  # of a type that is not declared: a tuple
    with pytest.raises(Malformed):
        wire.decode(message)
