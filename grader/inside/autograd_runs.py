"""Whether an answer came from PyTorch's autograd: it must change as the gradients do that autograd passes back.

While a call runs, every gradient that is passed back through a network's graph is doubled, and so is every
tangent that is carried forward. What comes from autograd is linear in them and comes out doubled; what was found
in another way stays as it was, also where a backward pass runs beside it for show.
"""

import contextlib
from collections.abc import Iterator
from typing import Any

_SUMS = ("Add", "Sub", "Rsub", "Neg", "Sum", "Mean", "Cat", "Stack", "Unbind", "Split")
_PRODUCTS = ("Mul", "Div", "Dot", "Vdot", "Mm", "Mv", "Bmm", "Addmm", "Addmv")
_SAME_VALUES = (
    *("AccumulateGrad", "T", "Transpose", "Permute", "View", "UnsafeView", "ReshapeAlias", "AsStrided", "Select"),
    *("Slice", "Squeeze", "Unsqueeze", "Expand", "Index", "Clone", "ToCopy", "Alias", "Copys", "CopySlices"),
)


@contextlib.contextmanager
def doubled() -> Iterator[None]:
    """Double what autograd passes back through networks, and what it carries forward."""
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
        yield
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
