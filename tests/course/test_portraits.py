"""A learner's own runs: what their code gives is drawn; of what it does not give there is a sentence."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from grader import kernel
from grader.course.catalogue import NOTEBOOKS, STAGES, Notebook, Stage
from grader.course.location import SOLUTIONS
from grader.course.records import Params
from grader.intake.notebook_files import Cell
from grader.judging.suites import Code
from grader.learner.pictures import drawable
from grader.learner.pictures import training_runs as portraits
from grader.outside.client import SameProcess, load_request
from grader.publishing.assembly import notebook
from grader.wire import Opaque, Tensor

FEW_EPOCHS = "all_epochs = train\ndef train(model, loader): return all_epochs(model, loader, epochs=3)"
"""Enough to draw."""
PARAMS = Params(np.ones((16, 2)), np.ones(16), np.ones((1, 16)), np.array(1.0))


def code(*changed: tuple[int, str], without: tuple[int, ...] = ()) -> Code:
    """The solutions in this process, with lines added to some stages, or without them."""
    own = {s.name: (SOLUTIONS / s.file).read_text(encoding="utf-8") for s in STAGES if s.number not in without}
    for number, lines in ((6, FEW_EPOCHS), *changed):
        if number not in without:
            own[STAGES[number - 1].name] += f"\n\n{lines}\n"

    def start(stage: Stage) -> SameProcess:
        return SameProcess(load_request(stage, own, {name: f"{name}.py" for name in own}), own, ())

    return start


def test_all_three_models_are_drawn() -> None:
    """Each of them has its four curves and its surface; entries stand at their steps."""
    runs, notes = portraits.all_of(code())
    assert notes == []
    assert [run.name for run in runs] == ["NumPy", "TinyMLP", "nn.Sequential"]
    assert all(len(run.history) == 4 and run.surface is not None for run in runs)
    assert [(len(run.history["loss"]), run.steps) for run in runs] == [(1000, 1), (3, 7), (3, 7)]
    assert runs[0].about == "full batch, 1000 epochs of 1 step"
    assert runs[1].about == "mini-batches of 32, 3 epochs of 7 steps, torch seed 0"
    assert runs[0].history["loss"][-1] == pytest.approx(0.03132575673)


def test_the_surface_is_that_of_the_trained_network() -> None:
    """The scores of the data are those that the run ended with."""
    [run], _ = portraits.by_hand(code())
    _, y = portraits.data()
    assert np.mean((run.surface.data >= 0.5) == (y == 1.0)) == 0.98


@pytest.mark.parametrize(
    ("draw", "changed", "told", "left"),
    [
        ("by_hand", (3, "def train(*a): raise NotImplementedError"), "network: train is not written yet.", []),
        (
            "by_hand",
            (3, "def train(*a): raise SystemExit(1)"),
            "train raised SystemExit: 1 (stage3_backward.py,",
            [],
        ),
        ("by_hand", (3, "def train(*a): return None"), "train returns no pair of Params and History.", []),
        ("by_hand", (3, "def train(*a): return 1, {}"), "network: loss is not in the history; grad_norm is", []),
        (
            "by_hand",
            (3, "raise KeyError('a1')"),
            "stage3_backward.py raised KeyError: 'a1' (stage3_backward.p",
            [],
        ),
        ("by_hand", (3, "def train(*a): return 1, {'loss': [1.0]}"), "the regions of your NumPy network: t", [1]),
        ("by_hand", (2, "raise KeyError('a1')"), "", [4]),
        ("as_modules", (6, "def make_sequential(): raise KeyError('a1')"), "nn.Sequential: make_seq", [4]),
        ("as_modules", (6, "def make_loader(*a, **k): raise KeyError"), "your TinyMLP: make_loader raised", []),
        ("as_modules", (6, "def scores(model, X): return model(X)"), "the regions of your TinyMLP: ", [4, 4]),
        (
            "as_modules",
            (6, "def scores(model, X): return X[:, 0] / 0"),
            "TinyMLP: the scores are not finite.",
            [4, 4],
        ),
        ("in_torch", (4, "def forward(X, params): raise KeyError('a1')"), "forward raised KeyError: 'a1' (", [0]),
        ("in_torch", (4, "def forward(X, params): return X"), "has no attribute 'f'", [0]),
        (
            "by_autograd",
            (5, "def train_step(*a): raise KeyError('a1')"),
            "train_step raised KeyError: 'a1' (",
            [1],
        ),
        ("by_autograd", (5, "def train_step(*a): return 'low'"), "by autograd: loss is no list of numbers.", [1]),
    ],
)
def test_a_sentence_for_what_cannot_be_drawn(
    draw: str, changed: tuple[int, str], told: str, left: list[int]
) -> None:
    """Whatever a learner's functions raise or return: it is told, and what else there is is drawn.

    A mistake in an earlier stage costs nothing. left: how many curves the runs have that are left.
    """
    runs, notes = getattr(portraits, draw)(code(changed))
    assert told in "\n".join(notes)
    assert [len(run.history) for run in runs] == left


def test_missing_files() -> None:
    """A stage that is not there is named once."""
    runs, notes = portraits.all_of(code(without=(3, 6)))
    assert runs == []
    assert notes == [
        "No picture of your NumPy network: stage3_backward.py is missing.",
        "No picture of your TinyMLP and your nn.Sequential: stage6_module.py is missing.",
    ]


@pytest.mark.parametrize(
    ("history", "told"),
    [
        (None, "train returns no History: no dict of lists"),
        ({}, "loss is not in the history"),
        ({"loss": 1.0}, "loss is no list of numbers"),
        ({"loss": []}, "loss is no list of numbers"),
        ({"loss": [[1.0], [1.0]]}, "loss is no list of numbers"),
        ({"loss": [1.0, [1.0]]}, "loss is no list of numbers"),
        ({"loss": [1.0, "1"]}, "loss is no list of numbers"),
        ({"loss": [1j]}, "loss is no list of numbers"),
        ({"loss": [Opaque("Loss")]}, "loss is no list of numbers"),
        ({"loss": [np.nan, 1.0]}, "loss is not finite in epoch 1 (nan), where its curve ends"),
        ({"loss": [2e6]}, "loss exceeds 1e+06 in epoch 1 (2e+06), where its curve ends"),
        ({"loss": [0.0, 1.0]}, "loss is not positive in epoch 1 (0), where its curve ends"),
    ],
)
def test_histories_that_cannot_be_drawn(history: Any, told: str) -> None:
    """What is no list of numbers for an axis has no curve, and a reason."""
    with pytest.raises(drawable.Undrawable) as raised:
        drawable.curves("x", history, ["loss"])
    assert told in str(raised.value)


def test_a_history_is_drawn_as_far_as_it_goes() -> None:
    """A run that explodes is drawn up to there, with a sentence; percents are no fractions."""
    history = {"loss": [1.0, 2.0, np.inf], "accuracy": Tensor(np.array([0.5, 97.0])), "grad_norm": [1, 2, 3]}
    drawn, notes = drawable.curves("x", history)
    assert notes == [
        "The history of x: loss is not finite in epoch 3 (inf), where its curve ends.",
        "The history of x: relu_active is not in the history.",
        "The history of x: accuracy is no fraction in epoch 2 (97), where its curve ends.",
    ]
    np.testing.assert_array_equal(drawn["loss"], [1.0, 2.0, np.nan])
    np.testing.assert_array_equal(drawn["accuracy"], [0.5, np.nan])
    np.testing.assert_array_equal(drawn["grad_norm"], [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("params", "told"),
    [
        (None, "train returns no Params"),
        (PARAMS[:3], "train returns no Params"),
        (PARAMS._replace(b1=np.ones((16, 1))), "the trained parameters have the shapes"),
        (PARAMS._replace(W1=np.ones((500_000, 2))), "the trained parameters have the shapes"),
        (PARAMS._replace(b2="0"), "no numbers came"),
    ],
)
def test_parameters_that_cannot_be_drawn(params: Any, told: str) -> None:
    """Parameters are taken in the contract's shapes alone."""
    with pytest.raises(drawable.Undrawable, match=told):
        drawable.scorer(params)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What a notebook displays."""
    displayed: list[Any] = []
    monkeypatch.setattr(kernel, "display", displayed.append)
    return displayed


Open = Callable[[Notebook, bool, str], None]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Open:
    """Opens a notebook with its cells run: solved or not, and with lines added to the last task's cell."""

    def opened(which: Notebook, solved: bool, added: str) -> None:
        cells = [Cell(cell.id, cell.source) for cell in notebook(which, solved).cells if cell.cell_type == "code"]
        last = max(n for n, cell in enumerate(cells) if cell.id.endswith("-train")) if added else 0
        cells[last] = Cell(cells[last].id, f"{cells[last].source}\n\n{added}\n")
        monkeypatch.setattr(kernel, "_cells", lambda: dict(enumerate(cells, 1)))

    return opened


@pytest.mark.parametrize(
    ("which", "added", "panels"),
    [*zip(NOTEBOOKS, ["", "", "", FEW_EPOCHS], [[4, 3], [5], [1], [4, 5]], strict=True)],
    ids=lambda value: str(value)[:30],
)
def test_each_notebook_shows_what_was_made(
    which: Notebook,
    added: str,
    panels: list[int],
    opened: Open,
    shown: list[Any],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Curves, squares, or both, from the learner's own cells."""
    opened(which, True, added)
    kernel.show_pictures()
    assert [len(picture.axes) for picture in shown] == panels
    assert "No picture" not in capsys.readouterr().out


def test_a_notebook_says_what_is_not_written(
    opened: Open, shown: list[Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """As it was released it shows nothing, and says why."""
    opened(NOTEBOOKS[0], False, "")
    kernel.show_pictures()
    assert capsys.readouterr().out == "No picture of your NumPy network: train is not written yet.\n"
    assert shown == []


def test_a_notebook_draws_from_torch_as_before(opened: Open, shown: list[Any]) -> None:
    """Pictures leave PyTorch's random numbers alone."""
    import torch

    opened(NOTEBOOKS[3], True, FEW_EPOCHS)
    torch.manual_seed(7)
    kernel.show_pictures()
    drawn = torch.rand(3)
    torch.manual_seed(7)
    assert torch.equal(drawn, torch.rand(3))
