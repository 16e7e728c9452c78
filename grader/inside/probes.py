"""What the suites ask of objects that stay with the learner's code: making, reading and changing them.

Runs on the untrusted side, so what a probe reports of a flag or a type is believed only together with
values. PyTorch is imported by the probes that need it: the NumPy stages do without.
"""

import contextlib
import linecache
import os
import random
import sys
import time
from collections.abc import Iterator
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np


class Unfit(Exception):
    """What the learner's code made cannot be worked with; the text says why."""


def use_one_thread() -> None:
    """Keep PyTorch to one thread: on tensors this small a second one only waits."""
    import torch

    torch.set_num_threads(1)


@cache
def own_classes() -> frozenset[type]:
    """PyTorch's own classes of modules and of loaders; and None's, of a function that returned nothing.

    First asked before the learner's code runs: they are those that there are then.
    """
    from torch import nn
    from torch.utils.data import DataLoader

    return frozenset({*(kind for kind in vars(nn).values() if isinstance(kind, type)), DataLoader, type(None)})


def accelerators() -> str:
    """The devices other than the processor that PyTorch could compute on, such as "cuda:0, cuda:1"."""
    import torch

    if not torch.accelerator.is_available():
        return ""
    kind = torch.accelerator.current_accelerator()
    return ", ".join(f"{kind}:{number}" for number in range(torch.accelerator.device_count()))


def tensor(array: np.ndarray, requires_grad: bool = False) -> Any:
    """A tensor of the array's dtype with memory of its own."""
    import torch

    return torch.from_numpy(np.array(array)).requires_grad_(requires_grad)


def identity(value: Any) -> Any:
    """The value itself: reads a kept object, or keeps a sent one."""
    return value


def field(value: Any, name: str) -> Any:
    """An attribute of a kept object."""
    return getattr(value, name)


def item(values: Any, index: int | str) -> Any:
    """An entry of a kept sequence or dict."""
    return values[index]


def set_grads(tensors: Any, grads: list[np.ndarray] | dict[str, np.ndarray]) -> None:
    """Leave gradients in `.grad`, by order or by name, as an earlier backward pass would."""
    if isinstance(grads, dict):
        tensors, grads = [tensors[name] for name in grads], list(grads.values())
    for p, grad in zip(tensors, grads, strict=True):
        p.grad = tensor(grad).to(p.dtype)


def grads_of(tensors: Any, count: int) -> list[Any]:
    """The `.grad` of each of so many tensors, None where there is none."""
    grads = [p.grad for p in tensors]
    if len(grads) != count:
        raise Unfit(f"there are {len(grads)} tensors, not {count}")
    return grads


def overwrite_all(values: Any, number: float) -> None:
    """Set every entry of every kept array in place."""
    for value in values:
        value[...] = number


def in_graph(value: Any) -> Any:
    """A tensor of the same values that is part of a graph."""
    return value.requires_grad_() * 1.0


def apply(model: Any, X: Any) -> Any:
    """What a module gives for inputs X."""
    return model(X)


def backward_of(value: Any, weights: np.ndarray | None) -> None:
    """Call `backward()` on a kept tensor, on the weighted sum of its entries where weights are given."""
    value.backward(None if weights is None else tensor(weights), retain_graph=True)


def backward_of_squares(tensors: Any, weights: Any) -> None:
    """Call `backward()` on the weighted sum of squares of kept tensors."""
    sum((tensor(w) * p * p).sum() for p, w in zip(tensors, weights, strict=True)).backward()


def call_with(stage: str, name: str, others: dict[str, Any], *args: Any) -> Any:
    """What a function of a stage gives while other functions of it, by their names, give these values."""
    module = sys.modules[stage]
    before = {other: getattr(module, other) for other in others}
    vars(module).update({other: lambda *args, _value=value, **kwargs: _value for other, value in others.items()})
    try:
        return getattr(module, name)(*args)
    finally:
        vars(module).update(before)


def seed(number: int) -> None:
    """Seed PyTorch's global generator."""
    import torch

    torch.manual_seed(number)


def draw(count: int) -> None:
    """Draw from the global generators of PyTorch, NumPy and Python, as other code may in between two calls."""
    import torch

    torch.rand(count)
    np.random.rand(count)
    random.random()


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


def class_names(value: Any) -> list[str]:
    """Names of PyTorch's own classes that an object's class is or derives from, the nearest first.

    A class that only has such a name is none of them.
    """
    return [kind.__name__ for kind in type(value).__mro__ if kind in own_classes()]


def layers(model: Any) -> list[str]:
    """Names of what PyTorch's classes a module's direct parts are made from, in order."""
    return [(class_names(part) or [type(part).__name__])[0] for part in model.children()]


def named_parameters(model: Any) -> dict[str, Any]:
    """A module's parameters under their names, as they are registered, whatever a method of its own says."""
    found = {name: p for name, p in model._parameters.items() if p is not None}
    for prefix, part in model._modules.items():
        found |= {f"{prefix}.{name}": p for name, p in named_parameters(part).items()} if part is not None else {}
    return found


def parameters(model: Any) -> list[Any]:
    """A module's parameters in order."""
    return list(named_parameters(model).values())


def replace_parameters(model: Any, values: dict[str, np.ndarray]) -> None:
    """Give a module new parameters of these values, in the place of the old ones."""
    from torch import nn

    for name, value in values.items():
        setattr(model, name, nn.Parameter(tensor(value)))


def training_flags(model: Any) -> list[bool]:
    """The training flags of a module and of its parts."""
    return [part.training for part in model.modules()]


def moved(parameters: list[Any], by: float) -> list[Any]:
    """Parameters that were kept, every entry moved in place: a model that holds them has moved as well."""
    for p in parameters:
        p.data.add_(by)
    return parameters


def load(model: Any, values: list[np.ndarray] | dict[str, np.ndarray]) -> None:
    """Copy values into a module's parameters, by order or by name."""
    import torch

    own = named_parameters(model)
    if len(own) != len(values):
        raise Unfit(f"the model has {len(own)} parameters, not {len(values)}")
    pairs = values.items() if isinstance(values, dict) else zip(own, values, strict=True)
    with torch.no_grad():
        for name, value in pairs:
            if name not in own:
                raise Unfit(f"the model has no parameter {name}")
            if own[name].shape != value.shape:
                raise Unfit(f"the parameter {name} has shape {tuple(own[name].shape)}, not {value.shape}")
            own[name].copy_(torch.from_numpy(np.array(value)))


def double(model: Any) -> None:
    """Turn a module into float64."""
    model.double()


def set_training(model: Any, flag: bool) -> None:
    """Set a module's training flag. Raises Unfit where a method of the learner's has the place of PyTorch's."""
    model.train(flag)
    if model.training is not flag:
        raise Unfit(own_mode(type(model).__name__, "train"))


def own_mode(model: str, method: str) -> str:
    """A sentence on a method that switches no training mode, though PyTorch calls it for that."""
    return (
        f"{model}.{method} has the place of nn.Module.{method}, by which a model is switched between training and "
        "evaluation: give it another name"
    )


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

    class Samples(TensorDataset):
        """Hands out a batch at once: sample by sample it would cost more than a training step."""

        def __getitems__(self, indices: list[int]) -> TensorDataset:
            at = torch.tensor(indices)
            return TensorDataset(*(values.index_select(0, at) for values in self.tensors))

    def as_pair(batch: Any) -> list[Any]:
        return list(batch.tensors)

    samples = Samples(*(torch.from_numpy(np.array(a, dtype=np.float32)) for a in (X, y)))
    return DataLoader(samples, batch_size, sampler=GivenOrders(), collate_fn=as_pair)


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
