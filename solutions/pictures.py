"""Pictures of what was trained: which runs are drawn, and beside what. Given, not graded; no stage needs it.

`chainrule plot` and the last cell of each notebook draw what the functions below add: the curves of a training
run, and what the trained network makes of the square. They call your code through `impl`, as the tests do, and
take nothing for granted of what comes back; what cannot be drawn has a sentence instead.
"""

from typing import Any

import numpy as np
from stage2_forward import forward
from stage3_backward import train
from xor import Params, init_params, make_xor

from grader.learner.pictures.runs import (
    PATIENCE,
    History,
    Overview,
    Panel,
    Run,
    Runs,
    Square,
    floats,
    parts,
)
from grader.wire.values import Tensor

X, y = make_xor()
START = init_params()
LR, EPOCHS = 0.1, 300
"""Of the run by autograd, and of the one by hand beside it."""
BATCH, TORCH_SEED = 32, 0
"""Of the modules' runs: the samples in a batch, and PyTorch's seed."""
MODELS = {"TinyMLP": "TinyMLP", "nn.Sequential": "make_sequential"}
"""Stage 6's models, and the functions that make them."""

PANELS = {
    "loss": Panel("Loss", "L"),
    "grad_norm": Panel("Gradient norm", "‖∇L‖"),
    "relu_active": Panel("ReLU activity", "fraction of a1 > 0", fraction=True),
    "accuracy": Panel("Accuracy", "fraction in the right class", fraction=True),
}
SQUARE = Square(X, y, truth=lambda points: -points[:, 0] * points[:, 1])
TITLE = f"Gradient descent on {len(y)} points of the XOR problem, learning rate {LR}"
OVERVIEW = Overview(PANELS, SQUARE, TITLE, results=("loss", "accuracy"))


def by_hand(runs: Runs) -> None:
    """Stage 3's run with the defaults, in NumPy."""
    what = "your NumPy network"
    with runs.attempt(what), runs.stage(3) as impl:
        returned = impl.call("train", X, y, START, patience=PATIENCE)
        trained, recorded = parts(returned, 2, "train returns no pair of Params and History")
        history = runs.curves(what, recorded)
        surface = runs.surface(what, lambda points: forward(points, trained_params(trained)).f)
        runs.add(Run("NumPy", history, surface, f"full batch, {epochs(history)} of 1 step"))


def in_torch(runs: Runs) -> None:
    """The scores of one trained network, by the formula and by stage 4's forward pass."""
    trained, _ = train(X, y, START)
    given = runs.surface("the given network", lambda points: forward(points, trained).f)
    runs.add(Run("NumPy, given", {}, given))
    what = "your network"
    with runs.attempt(f"the regions of {what}"), runs.stage(4) as impl:

        def scores(points: np.ndarray) -> Any:
            params = impl.call("to_torch", trained, keep=True)
            return impl.probe("field", impl.call("forward", Tensor(points), params, keep=True), "f")

        own = runs.surface(what, scores)
        runs.add(Run("PyTorch, yours", {}, own, line=1))
        if own and given:
            apart = np.max(np.abs(own.data - given.data))
            runs.notes.append(f"On the {len(y)} points the scores agree within {apart:.1e}.")


def by_autograd(runs: Runs) -> None:
    """The loss of a run by stage 5's steps, over that of the run by hand."""
    _, recorded = train(X, y, START, LR, EPOCHS)
    about = f"{EPOCHS} epochs of 1 step"
    runs.add(Run("by hand, given", {"loss": recorded["loss"]}, None, about))
    what = "your training by autograd"
    with runs.attempt(what), runs.stage(5) as impl:
        leaves = impl.call("leaf_params", START, keep=True)
        losses = [impl.call("train_step", Tensor(X), Tensor(y), leaves, LR) for _ in range(EPOCHS)]
        runs.add(Run("by autograd, yours", runs.curves(what, {"loss": losses}, ["loss"]), None, about, line=1))


def as_modules(runs: Runs) -> None:
    """Stage 6's runs with the defaults, of both models."""
    with runs.attempt("your TinyMLP and your nn.Sequential"), runs.stage(6) as impl:
        for line, (name, make) in enumerate(MODELS.items(), 1):
            with runs.attempt(f"your {name}"):
                runs.add(as_module(runs, impl, name, make)._replace(line=line))


def as_module(runs: Runs, impl: Any, name: str, make: str) -> Run:
    """The run of one of stage 6's models."""
    what = f"your {name}"
    impl.probe("seed", TORCH_SEED)
    model = impl.call(make, keep=True)
    loader = impl.call("make_loader", X, y, batch_size=BATCH, keep=True)
    history = runs.curves(what, impl.call("train", model, loader, patience=PATIENCE))

    def scores(points: np.ndarray) -> Any:
        [first, *_] = impl.probe("parameters", model) or [Tensor(np.empty(0, np.float32))]
        return impl.call("scores", model, Tensor(points.astype(first.array.dtype)))

    surface = runs.surface(what, scores)
    steps = -(-len(y) // BATCH)
    about = f"mini-batches of {BATCH}, {epochs(history)} of {steps} steps, torch seed {TORCH_SEED}"
    return Run(name, history, surface, about, steps)


def trained_params(returned: Any) -> Params:
    """What `train` returned, as arrays of the starting parameters' shapes. Raises ValueError for anything else."""
    params = Params(*map(floats, parts(returned, len(START), "train returns no Params")))
    shapes = [p.shape for p in params]
    if shapes != [p.shape for p in START]:
        raise ValueError(f"the trained parameters have the shapes {shapes}"[:200])
    return params


def epochs(history: History) -> str:
    """How many epochs a run has recorded."""
    return f"{max(map(len, history.values()), default=0)} epochs"


RUNS = {3: by_hand, 4: in_torch, 5: by_autograd, 6: as_modules}
PLOT = 3, 6
