"""What this course's suites ask beside a learner's code, further to the kit's own probes: `impl.probe(name, …)`.

Runs on the untrusted side: nothing of the suites may be imported here, and what a probe reports is believed only
together with values.
"""

import contextlib
import linecache
import os
import sys
import time
from collections.abc import Iterator
from types import FrameType, ModuleType
from typing import Any

import numpy as np

from grader.inside.counters import Count
from grader.inside.probes import draw, load, parameters, tensor
from grader.inside.refusals import is_learners


def set_grads(tensors: Any, grads: list[np.ndarray] | dict[str, np.ndarray]) -> None:
    """Leave gradients in `.grad`, by order or by name, as an earlier backward pass would."""
    if isinstance(grads, dict):
        tensors, grads = [tensors[name] for name in grads], list(grads.values())
    for p, grad in zip(tensors, grads, strict=True):
        p.grad = tensor(grad).to(p.dtype)


def in_graph(value: Any) -> Any:
    """A tensor of the same values that is part of a graph."""
    return value.requires_grad_() * 1.0


def set_default_dtype(name: str) -> str:
    """Change PyTorch's default dtype; returns the name of the one before."""
    import torch

    before = str(torch.get_default_dtype()).removeprefix("torch.")
    torch.set_default_dtype(getattr(torch, name))
    return before


def set_grad_mode(enabled: bool) -> None:
    """Switch PyTorch's global grad mode."""
    import torch

    torch.set_grad_enabled(enabled)


def grad_mode() -> bool:
    """PyTorch's global grad mode."""
    import torch

    return torch.is_grad_enabled()


def training_flags(model: Any) -> list[bool]:
    """The training flags of a module and of its parts."""
    return [part.training for part in model.modules()]


def call_with(stage: str, name: str, others: dict[str, Any], *args: Any) -> Any:
    """What a function of a stage gives while other functions of it, by their names, give these values."""
    module = sys.modules[stage]
    before = {other: getattr(module, other) for other in others}
    vars(module).update({other: lambda *args, _value=value, **kwargs: _value for other, value in others.items()})
    try:
        return getattr(module, name)(*args)
    finally:
        vars(module).update(before)


def backward_of_squares(tensors: Any, weights: Any) -> None:
    """Call `backward()` on the weighted sum of squares of kept tensors."""
    sum((tensor(w) * p * p).sum() for p, w in zip(tensors, weights, strict=True)).backward()


def replace_parameters(model: Any, values: dict[str, np.ndarray]) -> None:
    """Give a module new parameters of these values, in the place of the old ones."""
    from torch import nn

    for name, value in values.items():
        setattr(model, name, nn.Parameter(tensor(value)))


def sequential(values: list[np.ndarray]) -> Any:
    """Linear, ReLU, Linear with given weights and biases by turns: (h, d), (h,), (out, h), (out,), float32."""
    from torch import nn

    hidden, inputs = values[0].shape
    model = nn.Sequential(nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, len(values[2])))
    load(model, values)
    return model


def ordered_loader(X: np.ndarray, y: np.ndarray, batch_size: int, orders: np.ndarray, model: Any) -> Any:
    """A DataLoader whose epochs take samples in the given orders (orders, taken), one order an epoch, by turns.

    When an epoch begins it notes the model's parameters.
    """
    import torch
    from torch.utils.data import DataLoader, Sampler, TensorDataset

    class GivenOrders(Sampler[int]):
        """Yields the next of the given orders each time it is iterated, and counts what was taken of it."""

        def __init__(self) -> None:
            self.taken: list[int] = []
            self.met: list[bytes] = []
            self.parameters = parameters(model)

        def __len__(self) -> int:
            return int(orders.shape[1])

        def __iter__(self) -> Iterator[int]:
            epoch = len(self.taken)
            self.taken.append(0)
            self.met.append(self.noted())
            for index in orders[epoch % len(orders)].tolist():
                self.taken[epoch] += 1
                yield index

        def noted(self) -> bytes:
            """The values of the model's parameters."""
            return b"".join(p.detach().numpy().tobytes() for p in self.parameters)

    class Batches(DataLoader[Any]):
        """Hands out a batch at once: sample by sample it would cost as much as a training step."""

        def __iter__(self) -> Any:
            for indices in self.batch_sampler:
                at = torch.tensor(indices)
                yield [values.index_select(0, at) for values in samples.tensors]

    samples = TensorDataset(*(torch.from_numpy(np.array(a, dtype=np.float32)) for a in (X, y)))
    return Batches(samples, batch_size, sampler=GivenOrders())


def samples_taken(loader: Any, moving: bool = False) -> list[int]:
    """How many samples of an `ordered_loader` were taken each time that it was gone through.

    moving: only where a parameter had moved by the next time, or by now; else 0 stands there.
    """
    sampler = loader.sampler
    after = [*sampler.met[1:], sampler.noted()]
    moved = [not moving or one != other for one, other in zip(sampler.met, after, strict=True)]
    return [taken if counts else 0 for taken, counts in zip(sampler.taken, moved, strict=True)]


def made_anew(stage: str, name: str, *args: Any) -> Any:
    """What a function gives where its module is loaded once more, as in another session.

    There it is another time, the process has another number, and Python's hashes of texts are others.
    """
    module, again = sys.modules[stage], ModuleType(stage)
    filename = str(module.__file__)
    own = vars(module)["__builtins__"]
    builtins = own if isinstance(own, dict) else vars(own)
    again.__dict__.update(__file__=filename, __builtins__={**builtins, "hash": _other_hash})
    with _another_session():
        exec(compile("".join(linecache.getlines(filename)), filename, "exec", dont_inherit=True), again.__dict__)
        return _function(again, name)(*args)


@contextlib.contextmanager
def _another_session() -> Iterator[None]:
    """A while in which it is some days later, in a process of another number."""
    later: list[tuple[ModuleType, str, int]] = [
        (time, "time", 10**6),
        (time, "time_ns", 10**15),
        (os, "getpid", 1),
    ]
    before = [getattr(module, name) for module, name, _ in later]
    for (module, name, more), function in zip(later, before, strict=True):
        setattr(module, name, lambda function=function, more=more: function() + more)
    try:
        yield
    finally:
        for (module, name, _), function in zip(later, before, strict=True):
            setattr(module, name, function)


def several(stage: str, name: str, count: int, *args: Any) -> Any:
    """So many modules, each made by a call of a function, in a ModuleList."""
    from torch import nn

    make = _function(sys.modules[stage], name)
    return nn.ModuleList([make(*args) for _ in range(count)])


def _function(module: ModuleType, name: str) -> Any:
    """A function of a stage; of cells, as it was at its task's check."""
    settled = vars(module).get("__settled__", {})
    return settled[name] if name in settled else getattr(module, name)


def _other_hash(value: Any) -> int:
    """A hash as another session may give it: Python draws those of texts and of bytes anew in each."""
    if isinstance(value, tuple):
        return hash(tuple(map(_other_hash, value)))
    return hash((value, "salt") if isinstance(value, (str, bytes)) else value)


def epoch(loader: Any, disturbed: bool = False) -> list[list[Any]]:
    """One epoch of a loader: its batches.

    disturbed: whether others draw from the global generators between two batches.
    """
    batches = []
    for batch in loader:
        batches.append(list(batch))
        if disturbed:
            draw(1)
    return batches


@contextlib.contextmanager
def counting_complex() -> Iterator[Count]:
    """Count the lines of the learner's code at which one of its variables, or its text, holds a complex number."""
    count, before = Count(), sys.gettrace()

    def look(frame: FrameType, event: str, value: Any) -> Any:
        if not is_learners(frame):
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


_SUMS = ("Add", "Sub", "Rsub", "Neg", "Sum", "Mean", "Cat", "Stack", "Unbind", "Split")
_PRODUCTS = ("Mul", "Div", "Dot", "Vdot", "Mm", "Mv", "Bmm", "Addmm", "Addmv")
_SAME_VALUES = (
    *("AccumulateGrad", "T", "Transpose", "Permute", "View", "UnsafeView", "ReshapeAlias", "AsStrided", "Select"),
    *("Slice", "Squeeze", "Unsqueeze", "Expand", "Index", "Clone", "ToCopy", "Alias", "Copys", "CopySlices"),
)


@contextlib.contextmanager
def doubling_gradients() -> Iterator[Count]:
    """Double what autograd passes back through networks, and what it carries forward; count nothing.

    What comes from autograd is linear in that and comes out doubled; what was found in another way stays as it
    was, also where a backward pass runs beside it for show.
    """
    from torch import autograd
    from torch.autograd import forward_ad

    engine: Any = vars(autograd)["_engine_run_backward"]
    make_dual: Any = forward_ad.make_dual

    def run(outputs: Any, grads: Any, *args: Any, **kwargs: Any) -> Any:
        if _is_of_a_network(outputs):
            grads = tuple(grad if grad is None else 2 * grad for grad in grads)
        return engine(outputs, grads, *args, **kwargs)

    def make(tensor: Any, tangent: Any, **kwargs: Any) -> Any:
        return make_dual(tensor, 2 * tangent, **kwargs)

    vars(autograd)["_engine_run_backward"], vars(forward_ad)["make_dual"] = run, make
    try:
        yield Count()
    finally:
        vars(autograd)["_engine_run_backward"], vars(forward_ad)["make_dual"] = engine, make_dual


def _is_of_a_network(outputs: Any) -> bool:
    """Whether outputs are no mere weighted sum of what they are differentiated by.

    A sum of the parameters, weighted by gradients that were found by hand, has these as its gradients.
    """
    from torch.autograd.function import BackwardCFunction

    left = [output.node if hasattr(output, "node") else output.grad_fn for output in outputs]
    seen = set()
    while left:
        node = left.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        branches = [branch for branch, _ in node.next_functions if branch is not None]
        kind = type(node).__name__.rstrip("0123456789").removesuffix("Backward")
        if kind in _PRODUCTS:
            if len(branches) > 1:
                return True
        elif kind not in (*_SUMS, *_SAME_VALUES) and not isinstance(node, BackwardCFunction):
            return True
        left += branches
    return False


COUNTERS = {"complex": counting_complex, "doubled": doubling_gradients}
"""What is counted, or done, during a call, further to the kit's own: `impl.counted(name, …)`."""
