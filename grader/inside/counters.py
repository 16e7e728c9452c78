"""What can be counted, or done, while a call of the learner's runs; on the untrusted side, as the probes are."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any


class Count:
    """A number that grows while a call runs."""

    number = 0


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
def counting_saved() -> Iterator[Count]:
    """Count the tensors saved for a backward pass: 0 where no graph is recorded."""
    import torch

    count = Count()

    def pack(value: Any) -> Any:
        count.number += 1
        return value

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda value: value):
        yield count


COUNTERS: dict[str, Callable[[], contextlib.AbstractContextManager[Count]]] = {
    "backward": counting_backward,
    "saved": counting_saved,
}
"""What can be counted, or done, during a call; a course adds its own, in tests/probes.py."""
