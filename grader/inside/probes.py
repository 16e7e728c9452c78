"""What the suites ask of objects that stay with the learner's code: making, reading and changing them.

Runs on the untrusted side, so what a probe reports of a flag or a type is believed only together with
values. PyTorch is imported by the probes that need it: the NumPy stages do without.
"""

import random
from functools import cache
from typing import Any

import numpy as np


class Unfit(Exception):
    """What the learner's code made cannot be worked with; the text says why."""


def use_one_thread() -> None:
    """Keep PyTorch to one thread: on tensors this small a second one only waits."""
    import torch

    torch.set_num_threads(1)


def as_at_the_start() -> None:
    """Put back what holds for all of PyTorch in a process, which other code may have left switched."""
    import torch

    torch.set_grad_enabled(True)
    torch.set_default_dtype(torch.float32)


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


def apply(model: Any, X: Any) -> Any:
    """What a module gives for inputs X."""
    return model(X)


def backward_of(value: Any, weights: np.ndarray | None) -> None:
    """Call `backward()` on a kept tensor, on the weighted sum of its entries where weights are given."""
    value.backward(None if weights is None else tensor(weights), retain_graph=True)


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
