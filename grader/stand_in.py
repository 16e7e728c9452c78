"""What stands for a plotting library where a learner's code is tested: it accepts everything and draws nothing.

The untrusted side of the wire.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

RETURNED = {"plot": 1, "semilogx": 1, "semilogy": 1, "loglog": 1, "fill": 1, "hist": 3, "hist2d": 4, "errorbar": 3}
"""Functions that give so many parts, to which names may be given at once."""


class StandIn:
    """Any module, class, function or object of a plotting library.

    Attributes, items, calls, arithmetic and `with` give another one; what is set is forgotten, and there is
    nothing to iterate over. As a base class it is `object`.
    """

    def __init__(self, name: str = "") -> None:
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return []
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return StandIn(name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Forget it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do nothing; a decorated function stays what it is."""
        if self._name == "subplots":
            return StandIn("figure"), _axes(*args, **kwargs)
        if len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], StandIn):
            return args[0]
        parts = RETURNED.get(self._name)
        return tuple(StandIn() for _ in range(parts)) if parts else StandIn()

    def __getitem__(self, key: Any) -> "StandIn":
        return StandIn()

    def __setitem__(self, key: Any, value: Any) -> None:
        """Forget it."""

    def __delitem__(self, key: Any) -> None:
        """Nothing to forget."""

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __contains__(self, key: Any) -> bool:
        return False

    def __enter__(self) -> "StandIn":
        return self

    def __exit__(self, *error: object) -> None:
        """Let an exception pass."""

    def __mro_entries__(self, bases: tuple[Any, ...]) -> tuple[type, ...]:
        return ()

    def _same(self, *others: Any) -> "StandIn":
        return StandIn()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = _same
    __neg__ = __pow__ = __matmul__ = __or__ = __and__ = __mod__ = __floordiv__ = _same


def _axes(nrows: int = 1, ncols: int = 1, squeeze: bool = True, **others: Any) -> Any:
    """Axes as `subplots` gives them: one, or an array of them."""
    axes = np.empty((nrows, ncols), dtype=object)
    for place in np.ndindex(axes.shape):
        axes[place] = StandIn("axes")
    if not squeeze:
        return axes
    return axes.item() if axes.size == 1 else axes.squeeze()
