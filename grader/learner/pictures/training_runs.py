"""A learner's own runs, made by calling their code: curves, surfaces, and a sentence on what cannot be drawn.

The code stands on a bench, as in marking: each stage sees the reference for those before it, and what comes back
is data, looked at before it is drawn.
"""

import contextlib
import functools
import runpy
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeVar

import numpy as np

from grader.course.catalogue import STAGES, Notebook, Stage
from grader.course.location import SOLUTIONS
from grader.course.records import Params
from grader.judging.suites import Code
from grader.learner.pictures.drawable import Undrawable, curves, floats, parts, scorer
from grader.learner.pictures.drawing import LINES, PANELS, Run, surface
from grader.outside.client import Client, SameProcess, load_request
from grader.outside.plain_text import plain_text
from grader.outside.verdicts import NoAnswer
from grader.wire.values import Tensor

T = TypeVar("T")

EPOCHS, LR = 300, 0.1
"""Of the run by autograd in a notebook, and of the one by hand beside it."""
BATCH, TORCH_SEED = 32, 0
"""Of the modules' runs: the samples in a batch, and PyTorch's seed."""
MODELS = {"TinyMLP": "TinyMLP", "nn.Sequential": "make_sequential"}
"""Stage 6's models, and the functions that make them."""
PATIENCE = 6
"""Times a call's limit that a training may take."""
MAX_TOLD = 300
"""Characters of a reason that are shown."""


class Portrait(NamedTuple):
    """What a learner's code gives to draw."""

    runs: list[Run]
    notes: list[str]
    """What could not be drawn, or not all of it, and why; a sentence each."""


def by_hand(code: Code) -> Portrait:
    """Stage 3's run with the defaults, in NumPy."""
    X, y, start = _given()
    what, notes = "your NumPy network", list[str]()

    def train() -> Run:
        with _bench(code, STAGES[2]) as impl:
            trained, history = parts(impl.call("train", X, y, start, patience=PATIENCE))
        drawn = _curves(what, history, notes)
        made = _attempted(f"the regions of {what}", notes, lambda: surface(scorer(trained), X))
        return Run("NumPy", drawn, made, f"full batch, {_epochs(drawn)} of 1 step")

    return _portrait([_attempted(what, notes, train)], notes)


def as_modules(code: Code) -> Portrait:
    """Stage 6's runs with the defaults, of both models."""
    notes: list[str] = []

    def train() -> list[Run | None]:
        with _bench(code, STAGES[5]) as impl:
            return [
                _attempted(f"your {name}", notes, functools.partial(_module, impl, name, make, notes))
                for name, make in MODELS.items()
            ]

    return _portrait(_attempted("your TinyMLP and your nn.Sequential", notes, train) or [], notes)


def in_torch(code: Code) -> Portrait:
    """The scores of one trained network, by the formula and by stage 4's forward pass."""
    X, y, start = _given()
    with _bench(_reference, STAGES[2]) as reference:
        trained, _ = reference.call("train", X, y, start)
    notes: list[str] = []

    def by_torch(points: np.ndarray) -> Any:
        with _bench(code, STAGES[3]) as impl:
            params = impl.call("to_torch", trained, keep=True)
            out = impl.call("forward", Tensor(points), params, keep=True)
            return floats(impl.probe("field", out, "f"))

    given = surface(scorer(trained), X)
    own = _attempted("the regions of your network", notes, lambda: surface(by_torch, X))
    if own is not None:
        apart = np.max(np.abs(own.data - given.data))
        notes.append(f"On the {len(y)} points the scores agree within {apart:.1e}.")
    return _portrait([Run("NumPy, given", {}, given), Run("PyTorch, yours", {}, own, line=LINES[1])], notes)


def by_autograd(code: Code) -> Portrait:
    """The loss of a run by stage 5's steps, over that of the run by hand."""
    X, y, start = _given()
    what, notes = "your training by autograd", list[str]()

    def train() -> Run:
        with _bench(code, STAGES[4]) as impl:
            leaves = impl.call("leaf_params", start, keep=True)
            data = Tensor(X), Tensor(y)
            losses = [impl.call("train_step", *data, leaves, LR) for _ in range(EPOCHS)]
        drawn = _curves(what, {"loss": losses}, notes, ["loss"])
        return Run("by autograd, yours", drawn, None, f"{EPOCHS} epochs of 1 step", line=LINES[1])

    with _bench(_reference, STAGES[2]) as reference:
        _, history = reference.call("train", X, y, start, LR, EPOCHS)
    given = Run("by hand, given", {"loss": history["loss"]}, None, f"{EPOCHS} epochs of 1 step")
    return _portrait([given, _attempted(what, notes, train)], notes)


def of(which: Notebook, code: Code) -> Portrait:
    """What is drawn at the end of a notebook."""
    return {3: by_hand, 4: in_torch, 5: by_autograd, 6: as_modules}[which.stages[-1].number](code)


def all_of(code: Code) -> Portrait:
    """Every run with the defaults, of the three models."""
    one, two = by_hand(code), as_modules(code)
    return Portrait(one.runs + two.runs, one.notes + two.notes)


def data() -> tuple[np.ndarray, np.ndarray]:
    """The points X (N, 2) and classes y (N,) that all runs are trained on."""
    X, y, _ = _given()
    return X, y


def _module(impl: Client, name: str, make: str, notes: list[str]) -> Run:
    """The run of one of stage 6's models."""
    X, y, _ = _given()
    impl.probe("seed", TORCH_SEED)
    model = impl.call(make, keep=True)
    loader = impl.call("make_loader", X, y, batch_size=BATCH, keep=True)
    drawn = _curves(f"your {name}", impl.call("train", model, loader, patience=PATIENCE), notes)

    def scores(points: np.ndarray) -> np.ndarray:
        [first, *_] = impl.probe("parameters", model) or [Tensor(np.empty(0, np.float32))]
        return floats(impl.call("scores", model, Tensor(points.astype(first.array.dtype))))

    made = _attempted(f"the regions of your {name}", notes, lambda: surface(scores, X))
    steps = -(-len(y) // BATCH)
    about = f"mini-batches of {BATCH}, {_epochs(drawn)} of {steps} steps, torch seed {TORCH_SEED}"
    return Run(name, drawn, made, about, steps, LINES[1 + [*MODELS].index(name)])


def _curves(what: str, history: Any, notes: list[str], wanted: Iterable[str] = PANELS) -> dict[str, np.ndarray]:
    """A history's curves; what of them cannot be drawn is noted."""
    try:
        drawn, lacking = curves(what, history, wanted)
    except Undrawable as error:
        notes.append(_note(f"the curves of {what}", str(error)))
        return {}
    notes += lacking
    return drawn


def _epochs(drawn: Mapping[str, np.ndarray]) -> str:
    return f"{max(map(len, drawn.values()), default=0)} epochs"


@functools.cache
def _given() -> tuple[np.ndarray, np.ndarray, Params]:
    """The data X (N, 2), y (N,) and the starting parameters, with the defaults, from the given module."""
    given = runpy.run_path(str(SOLUTIONS / "xor.py"))
    X, y = given["make_xor"]()
    return X, y, Params(*given["init_params"]())


def _reference(stage: Stage) -> SameProcess:
    """The reference itself on a bench."""
    own = {s.name: (SOLUTIONS / s.file).read_text(encoding="utf-8") for s in STAGES}
    return SameProcess(load_request(stage, own, {name: f"reference {name}.py" for name in own}), own, ())


@contextlib.contextmanager
def _bench(code: Code, stage: Stage) -> Iterator[Client]:
    """The stage on a bench, for a while. Raises NoAnswer where it cannot be put there."""
    transport = code(stage)
    try:
        transport.load()
        yield Client(transport)
    finally:
        transport.close()


def _attempted(what: str, notes: list[str], make: Callable[[], T]) -> T | None:
    """What `make` gives; or None, and a sentence among the notes."""
    try:
        return make()
    except (NoAnswer, ValueError) as error:
        notes.append(_note(what, str(error)))
        return None


def _note(what: str, why: str) -> str:
    return f"No picture of {what}: {plain_text(why, MAX_TOLD).rstrip('.')}."


def _portrait(runs: list[Run | None], notes: list[str]) -> Portrait:
    return Portrait([run for run in runs if run and (run.history or run.surface)], notes)
