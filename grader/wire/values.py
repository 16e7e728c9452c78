"""What crosses the wire beside None, bool, int, float, str, bytes, list, tuple, dict and arrays, and how much."""

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import STRICT, IntFlag
from typing import Any

import numpy as np

MAX_MESSAGE = 8 * 2**20
"""Bytes of one message at the most, and of one array: room for several sources of 2**20 bytes each."""
MAX_VALUES = 100_000
"""Values in one message at the most: entries, keys, containers; an array is one, however large."""
MAX_DEPTH = 12
"""Containers within containers at the most."""
MAX_DIMENSIONS = 32
"""Dimensions of an array at the most."""
MAX_TEXT = 2**21
"""Characters of a text at the most; a longer one is cut. A stage's source, of 2**20 bytes at the most, is not."""
MAX_INT_BYTES = 64
"""An integer that needs more bytes crosses as the name of its type."""
MAX_NAME = 300
"""Bytes of a type's name, with what is told of the value, at the most."""

DTYPES = tuple(np.dtype(name) for name in (*"?bhilBHILefdFDg",))
"""What arrays may hold; a message names them by their place here. Bytes are in this machine's order."""
SIZE = struct.Struct("=I")
"""What an extension that opens a container holds: how many values it has, a dict's keys too."""
HANDLE = struct.Struct("=QI")
"""What a handle's extension holds: its number and its life."""


class Code:
    """What an extension of msgpack's is."""

    ARRAY = 0
    SCALAR = 1
    TENSOR = 2
    FLOATS = 3  # a list of Python's floats
    FLOATS64 = 4  # a list of NumPy's
    HANDLE = 5
    INT = 6
    OPAQUE = 7
    LIST = 8
    TUPLE = 9
    DICT = 10
    RECORD = 11  # a tuple with named fields, of a type that the course declares; its name stands behind its size
    LAID = 12  # an array with its layout in memory


class Layout(IntFlag, boundary=STRICT):
    """How an array lies in memory where that is not C order, gapless, forwards and writable."""

    FORTRAN = 1
    BACKWARDS = 2  # along its first axis
    GAPS = 4  # between the entries along its last axis
    READ_ONLY = 8


class Malformed(Exception):
    """A message that does not follow the protocol; nothing of it may be used."""


Records = Mapping[str, Any]
"""The record types that may cross, by name: classes of named tuples. On each side they are another class."""


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


def is_moderate(shape: tuple[int, ...], itemsize: int) -> bool:
    """Whether an array of this shape may cross.

    A dimension of 0 counts as 1: the sum of a (0, 2**40) array over its first axis has 2**40 entries.
    """
    return len(shape) <= MAX_DIMENSIONS and math.prod(filter(None, shape)) * itemsize <= MAX_MESSAGE
