"""Pictures show what they are given, in one scale; of what a learner has not written there is a sentence."""

import functools
import importlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from matplotlib.text import Text
from pytest_regressions.image_regression import ImageRegressionFixture

from grader import pictures, portraits
from grader.catalogue import GIVEN, NOTEBOOKS, SOLUTIONS, STAGES, Notebook

EPOCHS = np.arange(1.0, 101.0)
SMOOTHING = 0.1
"""Percent by which a picture may differ, for other roundings of colours; texts, which change with the fonts, are
left out. A missing curve makes 0.37, missing points 0.38, a boundary moved by a hundredth of the square 0.53."""


def falling(pace: float) -> dict[str, np.ndarray]:
    """A history as of a training run."""
    gone = np.exp(-EPOCHS / pace)
    return {
        "loss": 0.03 + gone,
        "grad_norm": 0.01 + gone,
        "relu_active": 0.5 - gone / 5,
        "accuracy": 1.0 - gone / 2,
    }


def pixels(picture: pictures.Picture) -> bytes:
    """A picture without its texts, as a notebook shows it."""
    for text in picture.findobj(Text):
        text.set_visible(False)
    return picture._repr_png_()


@pytest.fixture
def square() -> tuple[np.ndarray, np.ndarray]:
    """Some points of either class."""
    X = np.random.default_rng(0).uniform(-1, 1, (40, 2))
    return X, (X[:, 0] * X[:, 1] < 0).astype(np.float64)


def test_curves(image_regression: ImageRegressionFixture) -> None:
    """Every run has its curve in each of the four panels."""
    image_regression.check(pixels(pictures.curves({"a": falling(10), "b": falling(30)})), SMOOTHING)


def test_boundaries(image_regression: ImageRegressionFixture, square: tuple[np.ndarray, np.ndarray]) -> None:
    """The models stand side by side in one scale, with boundary and data."""
    models = {"line": lambda X: X[:, 0] + 0.5, "corner": lambda X: 0.5 - X[:, 0] * X[:, 1]}
    image_regression.check(pixels(pictures.boundaries(models, *square)), SMOOTHING)


def test_everything_is_labelled(square: tuple[np.ndarray, np.ndarray]) -> None:
    """Each panel has a title and the names of its axes; runs are named in a legend, models in their titles."""
    drawn = pictures.curves({"a": falling(10), "b": falling(30)})
    assert all(axes.get_title() and axes.get_xlabel() and axes.get_ylabel() for axes in drawn.axes)
    assert [text.get_text() for text in drawn.legends[0].get_texts()] == ["a", "b"]
    drawn = pictures.boundaries({"corner": lambda X: 0.5 - X[:, 0] * X[:, 1]}, *square)
    assert [axes.get_title() for axes in drawn.axes] == ["corner\naccuracy 100%", ""]
    drawn = pictures.points(*square)
    assert drawn.axes[0].get_title() == "40 points of the XOR problem"


def test_only_what_was_recorded_has_a_panel() -> None:
    """A history of the loss alone gives one panel."""
    assert len(pictures.curves({"a": {"loss": [1.0, 0.5]}}).axes) == 1


@pytest.mark.parametrize(
    ("scores", "why"), [(lambda X: X, "have scores of shape"), (lambda X: np.full(len(X), np.inf), "not finite")]
)
def test_scores_that_cannot_be_drawn(scores: pictures.Scores, why: str) -> None:
    """Scores of another shape, or not finite, are refused in words."""
    with pytest.raises(ValueError, match=why):
        pictures.surface(scores, np.ones((3, 2)))


def test_no_window_is_prepared() -> None:
    """Importing the pictures leaves matplotlib's global state alone."""
    code = "import sys, grader.portraits; sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """The reference modules, importable by their names as in a notebook with its given cells run."""
    monkeypatch.syspath_prepend(SOLUTIONS)
    names = [GIVEN, *(stage.name for stage in STAGES)]
    yield {name: importlib.import_module(name) for name in names}
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[pictures.Picture]:
    """What is displayed."""
    displayed: list[pictures.Picture] = []
    monkeypatch.setattr(portraits, "display", displayed.append)
    return displayed


def namespace(which: Notebook, modules: Mapping[str, Any], **changed: object) -> dict[str, object]:
    """What a notebook holds when its cells hold the solutions but for what is changed."""
    own: dict[str, object] = {}
    for stage in which.stages:
        own |= {task: getattr(modules[stage.name], task) for task in stage.tasks}
    if which == NOTEBOOKS[3]:
        own["train"] = functools.partial(modules["stage6_module"].train, epochs=3)  # enough to draw
    return own | changed


@pytest.mark.parametrize(
    ("which", "panels"),
    [*zip(NOTEBOOKS, [[4, 2], [3], [1], [4, 3]], strict=True)],
    ids=lambda value: str(value)[:30],
)
def test_each_notebook_shows_what_was_made(
    which: Notebook,
    panels: list[int],
    modules: dict[str, Any],
    shown: list[pictures.Picture],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Curves, boundaries, or both, from the learner's own functions."""
    pictures.show(namespace(which, modules), which)
    assert [len(picture.axes) for picture in shown] == panels
    assert "No picture" not in capsys.readouterr().out


def refuses(*arguments: object) -> None:
    """A function with an error in it."""
    raise KeyError("a1")


def leaves(*arguments: object) -> None:
    """A function that ends the program."""
    sys.exit(1)


def unwritten(*arguments: object) -> None:
    """A stub."""
    raise NotImplementedError("not written yet")


@pytest.mark.parametrize(
    ("number", "changed", "told", "panels"),
    [
        (0, {"train": unwritten}, "No picture of your training: unwritten is not written yet.", []),
        (0, {"train": leaves}, "No picture of your training: SystemExit: 1.", []),
        (0, {"train": lambda *a: (None, {})}, "your training: ValueError: the history is empty.", []),
        (0, {"train": lambda *a: (None, {"loss": [1.0, np.nan]})}, "loss is not finite from epoch 2 on.", []),
        (0, {"train": lambda *a: (None, {"loss": 1.0})}, "loss is no list of numbers.", []),
        (0, {"train": lambda *a: 1}, "No picture of your training: TypeError: ", []),
        (0, {"forward": unwritten, "train": lambda *a: (1, falling(9))}, "the boundary of your network: unw", [4]),
        (1, {"forward": refuses}, "No picture of the boundary of PyTorch, yours: KeyError: 'a1'.", [2]),
        (2, {"train_step": refuses}, "No picture of your training: KeyError: 'a1'.", []),
        (3, {"make_sequential": refuses}, "No picture of your nn.Sequential: KeyError: 'a1'.", [4, 2]),
        (3, {"make_loader": unwritten}, "No picture of your TinyMLP: unwritten is not written yet.\nNo ", []),
    ],
)
def test_a_sentence_for_what_cannot_be_shown(
    number: int,
    changed: dict[str, object],
    told: str,
    panels: list[int],
    modules: dict[str, Any],
    shown: list[pictures.Picture],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whatever a learner's functions raise or return: it is told, and what else there is is shown."""
    pictures.show(namespace(NOTEBOOKS[number], modules, **changed), NOTEBOOKS[number])
    assert told in capsys.readouterr().out
    assert [len(picture.axes) for picture in shown] == panels


def test_a_sentence_for_cells_that_were_not_run(
    modules: dict[str, Any], shown: list[pictures.Picture], capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the task's cell, or without the given code, it says which cell is to be run."""
    pictures.show({}, NOTEBOOKS[0])
    assert "train is not there, run the cell where it is written" in capsys.readouterr().out
    sys.modules["stage3_backward"] = None  # as if it could not be imported
    pictures.show({}, NOTEBOOKS[1])
    assert "stage3_backward is not there, run the cells of the given code" in capsys.readouterr().out
    assert shown == []
