"""PyTorch's compiler and its symbolic sizes, loaded when they are used: they take as long as all else of PyTorch.

Optimizers, `backward` and `torch.func` import them for what does next to nothing where nothing is compiled. This
is done here; whatever else is asked of such a module loads it, and it is there as if it had been from the start.
"""

import contextlib
import importlib
import sys
import tempfile
from collections.abc import Callable
from types import ModuleType
from typing import Any

COMPILER = "torch._dynamo"
SIZES = "torch.fx.experimental.symbolic_shapes"
OWN_COPY = "__dynamo_disable"
"""Where PyTorch keeps on a function what `disable` made of it."""


class Postponed(ModuleType):
    """Stands for a module that is not loaded yet, and does what it is asked for where nothing is compiled."""

    def __init__(self, name: str, **known: Any) -> None:
        super().__init__(name)
        vars(self).update(known)

    def __getattr__(self, name: str) -> Any:
        if name == "__path__" and self.__name__ == SIZES:  # asked by every import from it; it is no package
            raise AttributeError(name)
        load(self.__name__.removesuffix(".compiled_autograd"))
        return getattr(importlib.import_module(self.__name__), name)


_disabled: list[Any] = []
"""Functions that were to be hidden from the compiler, and were given back as they are."""


def _disable(function: Callable[..., Any], *_: Any, **__: Any) -> Callable[..., Any]:
    _disabled.append(function)
    return function


def _nothing(*_: Any, **__: Any) -> None:
    pass


def _is_true(value: Any) -> bool:
    return value if value is True or value is False else bool(_of_sizes("expect_true")(value))


def _are_equal(one: Any, other: Any) -> Any:
    plain = all(type(size) is int for sizes in (one, other) for size in sizes)
    return tuple(one) == tuple(other) if plain else _of_sizes("sym_eq")(one, other)


def _of_sizes(name: str) -> Callable[..., Any]:
    load(SIZES)
    found: Callable[..., Any] = getattr(sys.modules[SIZES], name)
    return found


def postpone() -> None:
    """Have these modules loaded when they are used, where they are not yet."""
    tempfile.gettempdir()  # which they ask for; it is looked for by writing, and a worker cannot
    autograd = Postponed(f"{COMPILER}.compiled_autograd", _disable=contextlib.nullcontext)
    compiler = Postponed(COMPILER, graph_break=_nothing, disable=_disable, compiled_autograd=autograd)
    for module in (compiler, Postponed(SIZES, expect_true=_is_true, sym_eq=_are_equal)):
        home, _, own = module.__name__.rpartition(".")
        if home in sys.modules and module.__name__ not in sys.modules:
            sys.modules[module.__name__] = vars(sys.modules[home])[own] = module


def load(name: str = COMPILER) -> None:
    """Load a module that was postponed."""
    if isinstance(sys.modules.get(name), Postponed):
        del sys.modules[name]
        for function in _disabled if name == COMPILER else ():
            vars(function).pop(OWN_COPY, None)  # so that it is asked for anew
        importlib.import_module(name)
