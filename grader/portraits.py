"""Pictures of a learner's own work, from the functions that stand in their notebook."""

import functools
import importlib
import traceback
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias, TypeVar

import numpy as np
from IPython.display import display

from grader.catalogue import GIVEN, STAGES, Notebook
from grader.pictures import PANELS, Scores, Surface, curves, surface, surfaces

T = TypeVar("T")
Names: TypeAlias = Mapping[str, Any]

EPOCHS, LR = 300, 0.1
"""Of a run by hand, and of the one by autograd that is drawn over it."""
MAX_MESSAGE = 200
"""Characters of a learner's error that are shown."""


class _Missing(Exception):
    """A function that no cell which was run defines."""


def show(namespace: Names, which: Notebook) -> None:
    """Show what was made in a notebook, from the functions in its namespace; a sentence where that cannot be.

    What those functions raise is told and not raised.
    """
    earlier = [stage.name for stage in STAGES if stage.number < which.stages[0].number]
    try:
        given = {name: importlib.import_module(name) for name in (GIVEN, *earlier)}
    except ModuleNotFoundError as error:
        print(f"No pictures: {error.name} is not there, run the cells of the given code.")
        return
    draw = {3: _by_hand, 4: _in_torch, 5: _by_autograd, 6: _as_modules}[which.stages[-1].number]
    draw(namespace, given)


def _by_hand(own: Names, given: Names) -> None:
    """Curves and boundary of a run with the defaults."""
    X, y = given[GIVEN].make_xor()

    def train() -> tuple[Any, dict[str, np.ndarray]]:
        trained, history = _function(own, "train")(X, y, given[GIVEN].init_params())
        return trained, _checked_history(history)

    ran = _attempted("your training", train)
    if ran is None:
        return
    trained, history = ran
    display(curves({"your network": history}))
    _show_boundaries({"your network": lambda points: _function(own, "forward")(points, trained).f}, X, y)


def _in_torch(own: Names, given: Names) -> None:
    """The scores of one trained network, by the given forward pass and by the learner's."""
    import torch

    X, y = given[GIVEN].make_xor()
    trained, _ = given["stage3_backward"].train(X, y, given[GIVEN].init_params())

    def by_numpy(points: np.ndarray) -> Any:
        return given["stage2_forward"].forward(points, trained).f

    def by_torch(points: np.ndarray) -> Any:
        with torch.no_grad():
            return _function(own, "forward")(torch.tensor(points), _function(own, "to_torch")(trained)).f

    drawn = _show_boundaries({"NumPy, given": by_numpy, "PyTorch, yours": by_torch}, X, y)
    if len(drawn) == 2:
        one, two = (made.data for made in drawn.values())
        print(f"On the {len(y)} points the scores agree within {np.max(np.abs(one - two)):.1e}.")


def _by_autograd(own: Names, given: Names) -> None:
    """The loss of a run by the learner's steps, over that of the run by hand."""
    import torch

    X, y = given[GIVEN].make_xor()
    params = given[GIVEN].init_params()
    _, history = given["stage3_backward"].train(X, y, params, LR, EPOCHS)

    def train() -> dict[str, np.ndarray]:
        leaves = _function(own, "leaf_params")(params)
        step = _function(own, "train_step")
        return _checked_history(
            {"loss": [step(torch.tensor(X), torch.tensor(y), leaves, LR) for _ in range(EPOCHS)]}
        )

    by_autograd = _attempted("your training", train)
    if by_autograd is not None:
        display(curves({"by hand, given": {"loss": history["loss"]}, "by autograd, yours": by_autograd}))


def _as_modules(own: Names, given: Names) -> None:
    """Curves and boundaries of both models."""
    import torch

    X, y = given[GIVEN].make_xor()

    def train(make: str) -> tuple[Any, dict[str, np.ndarray]]:
        with torch.random.fork_rng():
            torch.manual_seed(0)
            model = _function(own, make)()
            history = _function(own, "train")(model, _function(own, "make_loader")(X, y))
        return model, _checked_history(history)

    def scores(model: Any, points: np.ndarray) -> Any:
        dtype = next(model.parameters()).dtype
        with torch.no_grad():
            return _function(own, "scores")(model, torch.tensor(points, dtype=dtype))

    ran = {}
    for name, make in {"TinyMLP": "TinyMLP", "nn.Sequential": "make_sequential"}.items():
        run = _attempted(f"your {name}", functools.partial(train, make))
        if run is not None:
            ran[name] = run
    if ran:
        display(curves({name: history for name, (_, history) in ran.items()}))
        _show_boundaries({name: functools.partial(scores, model) for name, (model, _) in ran.items()}, X, y)


def _show_boundaries(models: Mapping[str, Scores], X: np.ndarray, y: np.ndarray) -> dict[str, Surface]:
    """Show the boundaries of those models that give scores; returns what was drawn."""
    drawn = {}
    for name, scores in models.items():
        made = _attempted(f"the boundary of {name}", functools.partial(surface, scores, X))
        if made is not None:
            drawn[name] = made
    if drawn:
        display(surfaces(drawn, X, y))
    return drawn


def _function(own: Names, name: str) -> Any:
    if name not in own:
        raise _Missing(f"{name} is not there, run the cell where it is written")
    return own[name]


def _checked_history(history: Any) -> dict[str, np.ndarray]:
    """A history's entries, if they can be drawn. Raises ValueError where they cannot."""
    checked = {key: np.asarray(history[key], dtype=np.float64) for key in PANELS if key in history}
    for key, entries in checked.items():
        if entries.ndim != 1 or not len(entries):
            raise ValueError(f"{key} is no list of numbers")
        if not np.isfinite(entries).all():
            raise ValueError(f"{key} is not finite from epoch {np.argmin(np.isfinite(entries)) + 1} on")
    if not checked:
        raise ValueError("the history is empty")
    return checked


def _attempted(what: str, make: Callable[[], T]) -> T | None:
    """What `make` gives; or None and a sentence, whatever a learner's code raises."""
    try:
        return make()
    except _Missing as error:
        why = str(error)
    except NotImplementedError as error:
        *_, (frame, _) = traceback.walk_tb(error.__traceback__)
        why = f"{frame.f_code.co_qualname} is not written yet"
    except (Exception, SystemExit) as error:
        why = f"{type(error).__name__}: {error}".partition("\n")[0][:MAX_MESSAGE].rstrip(".")
    print(f"No picture of {what}: {why}.")
    return None
