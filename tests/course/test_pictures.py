"""A learner's own runs: what their code gives is drawn; of what it does not give there is a sentence."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from grader import kernel
from grader.cli import main
from grader.course.catalogue import NOTEBOOKS, STAGES, Notebook, Stage, source_of
from grader.course.records import Params
from grader.intake.notebook_files import Cell
from grader.learner.pictures import runs as pictures
from grader.learner.pictures.command import MAKER
from grader.learner.pictures.runs import Runs, runs_of
from grader.outside.client import SameProcess, load_request
from grader.publishing.assembly import notebook

COURSE = pictures._course()
"""The course's own module."""
FEW_EPOCHS = "all_epochs = train\ndef train(model, loader): return all_epochs(model, loader, epochs=3)"
"""Enough to draw."""
PARAMS = Params(np.ones((16, 2)), np.ones(16), np.ones((1, 16)), np.array(1.0))
LOOP = "def train(*a):\n    while True: pass"
CRASH = f"{FEW_EPOCHS}\nimport os\ndef TinyMLP(): os._exit(3)"
NUMPY = "NumPy: full batch, 1000 epochs of 1 step; in the last epoch loss 0.0313, accuracy 0.98\n"


def sources(numbers: tuple[int, ...], added: dict[int, str]) -> dict[str, str]:
    """The solutions of some stages, with lines added."""
    lines = {6: FEW_EPOCHS} | added
    stages = [stage for stage in STAGES if stage.number in numbers]
    return {stage.name: f"{source_of(stage.name)}\n\n{lines.get(stage.number, '')}\n" for stage in stages}


def drawn(
    draw: str = "", added: dict[int, str] | None = None, numbers: tuple[int, ...] = (1, 2, 3, 4, 5, 6)
) -> Runs:
    """What the course draws, or one of its functions, of the solutions in this process."""
    own = sources(numbers, added or {})

    def code(stage: Stage) -> SameProcess:
        return SameProcess(load_request(stage, own, {name: f"{name}.py" for name in own}), own, ())

    if not draw:
        return runs_of(code)
    found = Runs(code, COURSE.OVERVIEW)
    getattr(COURSE, draw)(found)
    return found


def test_all_three_models_are_drawn() -> None:
    """Each of them has its four curves and its surface; entries stand at their steps."""
    found = drawn()
    assert found.notes == []
    assert [(run.name, run.line) for run in found.runs] == [("NumPy", 0), ("TinyMLP", 1), ("nn.Sequential", 2)]
    assert all(len(run.history) == 4 and run.surface is not None for run in found.runs)
    assert [(len(run.history["loss"]), run.steps) for run in found.runs] == [(1000, 1), (3, 7), (3, 7)]
    assert found.runs[0].about == "full batch, 1000 epochs of 1 step"
    assert found.runs[1].about == "mini-batches of 32, 3 epochs of 7 steps, torch seed 0"
    assert found.runs[0].history["loss"][-1] == pytest.approx(0.03132575673)
    assert np.mean((found.runs[0].surface.data >= 0.5) == (COURSE.y == 1.0)) == 0.98


@pytest.mark.parametrize(
    ("draw", "number", "lines", "told", "left"),
    [
        ("by_hand", 3, "def train(*a): raise NotImplementedError", "network: train is not written yet.", []),
        ("by_hand", 3, "def train(*a): raise SystemExit(1)", "train raised SystemExit: 1 (stage3_backward.p", []),
        ("by_hand", 3, "def train(*a): return None", "train returns no pair of Params and History.", []),
        ("by_hand", 3, "def train(*a): return 1, {}", "network: loss is not in the history; grad_norm is", []),
        ("by_hand", 3, "raise KeyError('a1')", "stage3_backward.py raised KeyError: 'a1' (stage3_backward.p", []),
        ("by_hand", 3, "def train(*a): return 1, {'loss': [1.0]}", "regions of your NumPy network: train", [1]),
        ("by_hand", 2, "raise KeyError('a1')", "", [4]),
        ("as_modules", 6, "def make_sequential(): raise KeyError('a1')", "nn.Sequential: make_seq", [4]),
        ("as_modules", 6, "def make_loader(*a, **k): raise KeyError", "your TinyMLP: make_loader raised", []),
        ("as_modules", 6, "def scores(model, X): return model(X)", "the regions of your TinyMLP: ", [4, 4]),
        ("as_modules", 6, "def scores(model, X): return X[:, 0] / 0", "MLP: the scores are not finite.", [4, 4]),
        ("in_torch", 4, "def forward(X, params): raise KeyError('a1')", "forward raised KeyError: 'a1' (", [0]),
        ("in_torch", 4, "def forward(X, params): return X", "has no attribute 'f'", [0]),
        ("by_autograd", 5, "def train_step(*a): raise KeyError('a1')", "train_step raised KeyError: 'a1' (", [1]),
        ("by_autograd", 5, "def train_step(*a): return 'low'", "by autograd: loss is no list of numbers.", [1]),
    ],
)
def test_a_sentence_for_what_cannot_be_drawn(
    draw: str, number: int, lines: str, told: str, left: list[int]
) -> None:
    """Whatever a learner's functions raise or return: it is told, and what else there is is drawn.

    A mistake in an earlier stage costs nothing. left: how many curves the runs have that are left.
    """
    if number == 6:
        lines = f"{FEW_EPOCHS}\n{lines}"
    found = drawn(draw, {number: lines})
    assert told in "\n".join(found.notes)
    assert [len(run.history) for run in found.runs] == left


def test_missing_files() -> None:
    """A stage that is not there is named once."""
    found = drawn(numbers=(1, 2, 4, 5))
    assert found.runs == []
    assert found.notes == [
        "No picture of your NumPy network: stage3_backward.py is missing.",
        "No picture of your TinyMLP and your nn.Sequential: stage6_module.py is missing.",
    ]


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
    with pytest.raises(ValueError, match=told):
        COURSE.trained_params(params)


@pytest.fixture
def plot(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """Runs `chainrule plot` on the solutions of some stages, with lines added to one, in an empty folder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def plot(numbers: tuple[int, ...], added: dict[int, str] | None = None, *options: str) -> Result:
        (tmp_path / "mine").mkdir()
        for name, source in sources(numbers, added or {}).items():
            (tmp_path / "mine" / f"{name}.py").write_text(source, encoding="utf-8")
        return CliRunner().invoke(main, ["plot", "--from", str(tmp_path / "mine"), *options])

    return plot


def test_all_stages(plot: Callable[..., Result]) -> None:
    """The three models are drawn into one PNG; their ends are told."""
    done = plot((3, 6))
    assert done.exit_code == 0, done.output
    told = "TinyMLP: mini-batches of 32, 3 epochs of 7 steps, torch seed 0; in the "
    assert done.output.startswith(NUMPY + told)
    assert "\nnn.Sequential: mini-batches of 32, 3 epochs" in done.output
    assert done.output.endswith("written: chainrule.png\n")
    with Image.open("chainrule.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (2550, 1170))
        assert picture.info["Software"] == MAKER


def test_the_numpy_stages_alone(plot: Callable[..., Result]) -> None:
    """Before stage 6 there is the NumPy model."""
    done = plot((1, 2, 3))
    assert done.exit_code == 0, done.output
    told = "No picture of your TinyMLP and your nn.Sequential: stage6_module.py is missing.\n"
    assert done.output == f"{told}{NUMPY}written: chainrule.png\n"


def test_code_that_ends_its_process(plot: Callable[..., Result]) -> None:
    """A model that crashes is told, and costs the others nothing."""
    done = plot((3, 6), {6: CRASH})
    assert done.exit_code == 0, done.output
    assert "No picture of your TinyMLP: TinyMLP ended its process (exit code 3).\n" in done.output
    assert "\nnn.Sequential: " in done.output


def test_code_that_never_ends(plot: Callable[..., Result], monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless loop is stopped and told. With nothing to draw there is no file, and the command fails."""
    monkeypatch.setattr(COURSE, "PATIENCE", 0.01)
    done = plot((3,), {3: LOOP}, "--time-limit", "100")
    assert done.exit_code == 1
    assert "No picture of your NumPy network: train took more than" in done.output
    assert "there is nothing to draw before stage 3 or stage 6 works; no file was written" in done.output
    assert list(Path().iterdir()) == []


def test_stubs() -> None:
    """The stubs as released say what is not written."""
    done = CliRunner().invoke(main, ["plot", "--time-limit", "100"])
    assert done.exit_code == 1
    assert "No picture of your NumPy network: train is not written yet.\n" in done.output
    assert "No picture of your nn.Sequential: make_sequential is not written yet.\n" in done.output


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Opens a notebook with its cells run, solved in few epochs or not; gives what it shows."""

    def shown(which: Notebook, solved: bool = True) -> list[Any]:
        displayed: list[Any] = []
        cells = [Cell(cell.id, cell.source) for cell in notebook(which, solved).cells if cell.cell_type == "code"]
        if solved and which is NOTEBOOKS[-1]:
            n = next(n for n, cell in enumerate(cells) if cell.id == "stage6_module-train")
            cells[n] = Cell(cells[n].id, f"{cells[n].source}\n\n{FEW_EPOCHS}\n")
        monkeypatch.setattr(kernel, "_cells", lambda: dict(enumerate(cells, 1)))
        monkeypatch.setattr(kernel, "display", displayed.append)
        kernel.show_pictures()
        return displayed

    return shown


@pytest.mark.parametrize(
    ("which", "panels"),
    [*zip(NOTEBOOKS, [[4, 3], [5], [1], [4, 5]], strict=True)],
    ids=lambda value: getattr(value, "name", ""),
)
def test_each_notebook_shows_what_was_made(
    which: Notebook, panels: list[int], shown: Callable[..., list[Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """Curves, squares, or both, from the learner's own cells; PyTorch's random numbers are left alone."""
    import torch

    torch.manual_seed(7)
    assert [len(picture.axes) for picture in shown(which)] == panels
    assert "No picture" not in (told := capsys.readouterr().out)
    assert ("On the 200 points the scores agree within " in told) is (which is NOTEBOOKS[1])
    after = torch.rand(3)
    torch.manual_seed(7)
    assert torch.equal(after, torch.rand(3))


def test_a_notebook_says_what_is_not_written(
    shown: Callable[..., list[Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    """As it was released it shows nothing, and says why."""
    assert shown(NOTEBOOKS[0], solved=False) == []
    assert capsys.readouterr().out == "No picture of your NumPy network: train is not written yet.\n"
