"""What PyTorch loads only when it is used: nothing of what learners do asks for it, and whoever does finds it."""

import pytest
from isolation import ISOLATION
from transports import InWorker, function

from grader.course.catalogue import STAGES
from grader.outside.process import Limits

STAGE = next(stage for stage in STAGES if not stage.numpy_only)
LIMITS = Limits(20.0, 2**30, ISOLATION)
LOADED = "sorted({'torch._dynamo.config', 'sympy'} & sys.modules.keys())"
ORDINARY = (
    "p = torch.ones(2, requires_grad=True)\nfor kind in (torch.optim.SGD, torch.optim.Adam):\n"
    "    optimizer = kind([p], lr=0.1)\n    optimizer.zero_grad()\n    (p * p).backward(torch.ones(2))\n"
    "    optimizer.step()\n"
    "torch.func.vjp(torch.sin, torch.ones(2))[1](torch.ones(2)), torch.func.grad(torch.sin)(torch.ones(()))"
)
WRONG = "torch.ones(2, requires_grad=True).backward(torch.ones(3))"
CHECKPOINT = (
    "p = torch.ones(2, requires_grad=True)\n"
    "checkpoint = importlib.import_module('torch.utils.checkpoint').checkpoint\n"
    "checkpoint(torch.sin, p, use_reentrant=False).sum().backward()"
)


@pytest.mark.parametrize(
    ("body", "loaded"),
    [
        (ORDINARY, []),
        (f"with contextlib.suppress(RuntimeError):\n    {WRONG}", []),
        (CHECKPOINT, ["sympy", "torch._dynamo.config"]),
        ("import torch._dynamo.config", ["sympy", "torch._dynamo.config"]),
        ("from torch._dynamo import utils\nassert utils.counters is not None", ["sympy", "torch._dynamo.config"]),
        ("from torch.fx.experimental.symbolic_shapes import ShapeEnv\nassert ShapeEnv", ["sympy"]),
    ],
)
def test_what_nobody_compiles_with_is_not_loaded(in_worker: InWorker, body: str, loaded: list[str]) -> None:
    """Optimizers and gradients do without the compiler; a module that is asked for is there, and they go on."""
    again = ORDINARY if loaded else ""
    source = f"import contextlib, importlib, sys\n{body}\n{again}\nreturn {LOADED}"
    assert in_worker(f"import torch\n{function(source)}", STAGE, LIMITS, total=60).f() == loaded
