"""What stands for a plotting library where a learner's code is tested: it accepts everything and draws nothing.

The untrusted side of the wire.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np

RETURNED = {
    **dict.fromkeys(("plot", "semilogx", "semilogy", "loglog", "fill"), 1),
    **dict.fromkeys(("subplot_mosaic", "xlim", "ylim", "get_xlim", "get_ylim", "get_legend_handles_labels"), 2),
    **dict.fromkeys(("hist", "errorbar", "stem"), 3),
    **dict.fromkeys(("hist2d", "axis"), 4),
}
"""Functions that give so many parts, to which names may be given at once."""

FIGURE = "figure"
COMMON = [
    *RETURNED,
    *("bar", "close", "colorbar", "contour", "contourf", "draw", "figure", "gca", "gcf", "grid", "imshow"),
    *("legend", "pause", "savefig", "scatter", "show", "subplot", "subplots", "suptitle", "text", "tight_layout"),
    *("title", "xlabel", "ylabel"),
]
"""What `import *` brings of a plotting library."""


class StandIn:
    """Any module, class, function or object of a plotting library.

    Attributes, items, calls, arithmetic and `with` give another one; what is set is forgotten, and there is
    nothing to iterate over. As a base class it is `object`.
    """

    __version__ = "0"

    def __init__(self, name: str = "") -> None:
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> Any:
        if name == "__all__":
            return COMMON
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return StandIn(f"{FIGURE}.{name}" if self._name == FIGURE else name)

    def __setattr__(self, name: str, value: Any) -> None:
        """Forget it."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Do nothing; a decorated function stays what it is."""
        if self._name == "subplots":
            return StandIn(FIGURE), _axes(*args, **kwargs)
        if self._name == f"{FIGURE}.subplots":
            return _axes(*args, **kwargs)
        if len(args) == 1 and not kwargs and callable(args[0]) and not isinstance(args[0], StandIn):
            return args[0]
        parts = RETURNED.get(self._name)
        return tuple(StandIn() for _ in range(parts)) if parts else StandIn(self._name)

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

    def __instancecheck__(self, instance: Any) -> bool:
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
