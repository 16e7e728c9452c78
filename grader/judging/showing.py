"""Shows values of any kind in few words: for messages."""

import reprlib
from typing import Any

import numpy as np

from grader.wire import Opaque, Tensor

MAX_ENTRIES = 12
"""Of arrays that are written out: more than that nobody reads as an example."""


class _Brief(reprlib.Repr):
    """Few entries of a container, with arrays and tensors by their shapes: their own `repr` reads all of them."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel = 2

    def repr_ndarray(self, value: np.ndarray, level: int) -> str:
        """An array within a container."""
        return shown(value)

    def repr_Tensor(self, value: Tensor, level: int) -> str:  # noqa: N802  # reprlib finds it by the type's name
        """A tensor within a container."""
        return shown(value)


def _is_record(value: Any) -> bool:
    """Whether a value is a named tuple."""
    return isinstance(value, tuple) and hasattr(value, "_fields")


def shown(value: Any) -> str:
    """A value of any kind in few words."""
    if isinstance(value, Opaque):
        return f"an object of type {value.type_name}"
    if isinstance(value, Tensor):
        return f"a tensor of shape {value.array.shape} and dtype {value.array.dtype}"
    if isinstance(value, np.ndarray):
        return f"a NumPy array of shape {value.shape} and dtype {value.dtype}"
    if _is_record(value):
        return f"{type(value).__name__} of {', '.join(shown(entry) for entry in value)}"[:200]
    if isinstance(value, (str, int, float)) or value is None:
        return f"{reprlib.repr(value)} ({type(value).__name__})" if value is not None else "None"
    return f"a {type(value).__name__}, {_Brief().repr(value)}"[:300]


def written_out(**values: Any) -> str:
    """Arguments by name, records by their fields: their entries where they are few, else their shapes."""
    flat: dict[str, Any] = {}
    for name, value in values.items():
        flat |= value._asdict() if _is_record(value) else {name: value}
    few = sum(np.size(value) for value in flat.values()) <= MAX_ENTRIES
    parts = []
    for name, value in flat.items():
        parts.append(f"{name} = {entries(np.asarray(value))}" if few else f"{name} {np.shape(value)}")
    return ", ".join(parts)


def entries(array: np.ndarray) -> str:
    """An array's entries on one line, to four digits."""
    return " ".join(np.array2string(array, precision=4, separator=", ").split()).replace(" ,", ",")
