"""A learner's own runs: what their code gives is drawn; of what it does not give there is a sentence."""

import base64
import contextlib
import io
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from isolation import ISOLATION
from PIL import Image
from reports_by_hand import unpacked
from results_by_hand import rejected
from rich.console import Console

from grader import kernel
from grader.cli import main
from grader.commands.class_pictures import PICTURES, draw_missing
from grader.commands.report import write_report
from grader.course.catalogue import NOTEBOOKS, STAGES, Stage, source_of
from grader.intake.notebook_files import Cell
from grader.intake.submissions import Submission
from grader.learner.pictures import runs as pictures
from grader.learner.pictures.runs import Runs, runs_of
from grader.marking.record import Record
from grader.outside.client import SameProcess, load_request
from grader.outside.plain_text import PlainText
from grader.publishing.assembly import notebook

COURSE = pictures._course()
"""The course's own module."""
FEW_EPOCHS = "all_epochs = train\ndef train(model, loader): return all_epochs(model, loader, epochs=3)"
"""Enough to draw."""
TRAIN = "def train(X, y, p): return"
SHAPES = "the regions of your NumPy network: the trained parameters have the shapes [("
LOOP = "def train(*a):\n    while True: pass"
CRASH = f"{FEW_EPOCHS}\nimport os\ndef TinyMLP(): os._exit(3)"
SECOND = "\nnn.Sequential: mini-batches of 32, 3 epochs"
NOTHING = "there is nothing to draw before stage 3 or stage 6 works; no file was written\n"
NUMPY = "NumPy: full batch, 1000 epochs of 1 step; in the last epoch loss 0.0313, accuracy 0.98\n"


def sources(numbers: tuple[int, ...], added: dict[int, str]) -> dict[str, str]:
    """The solutions of some stages, with lines added."""
    lines = {6: FEW_EPOCHS} | added
    stages = [stage for stage in STAGES if stage.number in numbers]
    return {stage.name: f"{source_of(stage.name)}\n\n{lines.get(stage.number, '')}\n" for stage in stages}


def drawn(draw: str = "", added: dict[int, str] | None = None) -> Runs:
    """What the course draws, or one of its functions, of the solutions in this process."""
    own = sources(tuple(range(1, 7)), added or {})

    def code(stage: Stage) -> SameProcess:
        return SameProcess(load_request(stage, own, {name: f"{name}.py" for name in own}), own, ())

    if not draw:
        return runs_of(code)
    found = Runs(code, COURSE.OVERVIEW)
    getattr(COURSE, draw)(found)
    return found


def test_modules_of_a_learner_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    """The course's module gets its own xor, and whoever has imported another one keeps that."""
    monkeypatch.setitem(sys.modules, "xor", ModuleType("xor"))
    before = {**sys.modules}, [*sys.path]
    assert pictures._course.__wrapped__().X.shape == (200, 2)
    assert (sys.modules, sys.path) == before


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
        ("by_hand", 3, f"{TRAIN} p[:3], {{'loss': [1]}}", "NumPy network: train returns no Params.", [1]),
        ("by_hand", 3, f"{TRAIN} p._replace(b1=p.b1[:, None]), {{'loss': [1]}}", SHAPES, [1]),
        ("by_hand", 3, f"{TRAIN} p._replace(W1=np.ones((500_000, 2))), {{'loss': [1]}}", SHAPES, [1]),
        ("by_hand", 3, f"{TRAIN} p._replace(b2='0'), {{'loss': [1]}}", "NumPy network: no numbers came.", [1]),
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


@pytest.mark.parametrize(
    ("numbers", "added", "told"),
    [
        ((3, 6), {}, [NUMPY, "TinyMLP: mini-batches of 32, 3 epochs of 7 steps, torch seed 0; in the ", SECOND]),
        ((1, 2, 3), {}, ["your TinyMLP and your nn.Sequential: stage6_module.py is missing.\n", NUMPY]),
        ((3, 6), {6: CRASH}, [NUMPY, "TinyMLP ended its process (exit code 3).\n", SECOND]),
        ((3,), {3: LOOP}, ["No picture of your NumPy network: train took more than ", NOTHING]),
        ((4, 5), {}, ["network: stage3_backward.py is missing.\n", "stage6_module.py is missing.\n", NOTHING]),
        ((), {}, ["network: train is not written yet.\n", "nn.Sequential: make_sequential is not written yet.\n"]),
    ],
    ids=["all stages", "without stage 6", "a crash", "a loop", "neither stage", "stubs"],
)
def test_plot(
    numbers: tuple[int, ...],
    added: dict[int, str],
    told: list[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What works is drawn into one PNG, and its end is told; of the rest a sentence tells, once for each stage."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(COURSE, "PATIENCE", 0.01 if LOOP in added.values() else 6)
    (tmp_path / "mine").mkdir()
    for name, source in sources(numbers, added).items():
        (tmp_path / "mine" / f"{name}.py").write_text(source, encoding="utf-8")
    done = CliRunner().invoke(main, ["plot", "--time-limit", "100", *(["--from", "mine"] if numbers else [])])
    for text in told:
        assert done.output.count(text) == 1, done.output
    works = NUMPY in told
    assert done.exit_code == (0 if works else 1)
    assert done.output.endswith("written: chainrule.png\n") is Path("chainrule.png").is_file() is works
    if SECOND in told and not added:
        with Image.open("chainrule.png") as picture:
            assert (picture.format, picture.size) == ("PNG", (2550, 1170))


@pytest.mark.parametrize(
    ("number", "solved", "panels"),
    [(1, True, [4, 3]), (2, True, [5]), (3, True, [1]), (4, True, [4, 5]), (1, False, [])],
)
def test_notebooks(
    number: int, solved: bool, panels: list[int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    """Each shows curves, squares, or both, from the cells that were run, or says why not; no seed is touched."""
    import torch

    which, shown = NOTEBOOKS[number - 1], list[Any]()
    cells = [Cell(cell.id, cell.source) for cell in notebook(which, solved).cells if cell.cell_type == "code"]
    last = next((cell for cell in cells if cell.id == "stage6_module-train"), cells[0])
    cells[cells.index(last)] = Cell(last.id, f"{last.source}\n\n{FEW_EPOCHS if number == 4 else ''}\n")
    run = SimpleNamespace(cells=lambda: dict(enumerate(cells, 1)))
    monkeypatch.setattr(kernel, "_shell", lambda: None)
    monkeypatch.setattr(kernel, "executions_of", lambda shell: run)
    monkeypatch.setattr(kernel, "display", shown.append)
    torch.manual_seed(7)
    kernel.show_pictures()
    after = torch.rand(3)
    torch.manual_seed(7)
    assert torch.equal(after, torch.rand(3))
    assert [len(picture.axes) for picture in shown] == panels
    told = capsys.readouterr().out
    if solved:
        assert "No picture" not in told
        assert ("On the 200 points the scores agree within " in told) is (number == 2)
    else:
        assert told == "No picture of your NumPy network: train is not written yet.\n"


@pytest.mark.proof
def test_a_report_with_pictures(tmp_path: Path) -> None:
    """What was trained stands on a submission's page, and is drawn once; of a rejected one nothing is."""
    own = Submission("ann", sources((3,), {}))
    with contextlib.closing(Record(tmp_path / "results")) as record:
        record.append(replace(rejected("ann", ""), status="graded", error=None, isolation=ISOLATION), own)
        record.append(rejected("bob", "no stage file"), Submission("bob", error=PlainText("no stage file")))
        draw_missing(Console(quiet=True), record)
        before = (tmp_path / "results" / PICTURES).read_bytes()
        draw_missing(Console(quiet=True), record)
        assert (tmp_path / "results" / PICTURES).read_bytes() == before
        write_report(record, tmp_path / "results", tmp_path / "report.html")
    heads = unpacked((tmp_path / "report.html").read_text(encoding="utf-8"))[0]["heads"]
    png, words = heads[0]["picture"]
    assert Image.open(io.BytesIO(base64.b64decode(png))).width > 500
    assert NUMPY.strip() in words and "No picture of your TinyMLP" in " ".join(words)
    assert heads[1]["picture"] == ["", []]
