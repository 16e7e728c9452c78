"""What can be counted, or done, while a call of the learner's runs; on the untrusted side, as the probes are."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any

import numpy as np

from grader.inside import refusals
from grader.inside.autograd_runs import doubled


class Count:
    """A number that grows while a call runs."""

    number = 0


@contextlib.contextmanager
def counting_nothing() -> Iterator[Count]:
    """Count nothing: for calls of which nothing but the value is asked."""
    yield Count()


@contextlib.contextmanager
def counting_backward() -> Iterator[Count]:
    """Count the runs of PyTorch's autograd engine, by `backward()` or by `torch.autograd.grad`."""
    from torch import autograd

    count = Count()
    engine = vars(autograd)["_engine_run_backward"]

    def counted(*args: Any, **kwargs: Any) -> Any:
        count.number += 1
        return engine(*args, **kwargs)

    vars(autograd)["_engine_run_backward"] = counted
    try:
        yield count
    finally:
        vars(autograd)["_engine_run_backward"] = engine


@contextlib.contextmanager
def doubling_gradients() -> Iterator[Count]:
    """Double what autograd passes back meanwhile, and count nothing."""
    with doubled():
        yield Count()


@contextlib.contextmanager
def counting_saved() -> Iterator[Count]:
    """Count the tensors saved for a backward pass: 0 where no graph is recorded."""
    import torch

    count = Count()

    def pack(value: Any) -> Any:
        count.number += 1
        return value

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda value: value):
        yield count


@contextlib.contextmanager
def counting_complex() -> Iterator[Count]:
    """Count the lines of the learner's code at which one of its variables, or its text, holds a complex number."""
    count, before = Count(), sys.gettrace()

    def look(frame: FrameType, event: str, value: Any) -> Any:
        if not refusals.is_learners(frame):
            return None
        count.number += _is_complex([*frame.f_locals.values(), *frame.f_code.co_consts, value])
        return look

    sys.settrace(look)
    try:
        yield count
    finally:
        sys.settrace(before)


def _is_complex(value: Any, depth: int = 4) -> bool:
    """Whether a value is complex, or a container of one."""
    if isinstance(value, np.ndarray | np.generic):
        return value.dtype.kind == "c"
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple) and depth:
        return any(_is_complex(entry, depth - 1) for entry in value)
    return isinstance(value, complex)


COUNTERS: dict[str, Callable[[], contextlib.AbstractContextManager[Count]]] = {
    "": counting_nothing,
    "backward": counting_backward,
    "saved": counting_saved,
    "complex": counting_complex,
    "doubled": doubling_gradients,
}
"""What can be counted, or done, during a call."""
