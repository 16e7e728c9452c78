"""`chainrule plot` draws what a learner's code gives, says what it does not, and overwrites nothing of others'."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from sample_cohort import ISOLATION

from grader.cli import main
from grader.course.catalogue import STAGES
from grader.course.location import SOLUTIONS
from grader.learner.pictures import command as plot
from grader.learner.pictures import training_runs as portraits

FEW_EPOCHS = "all_epochs = train\ndef train(model, loader): return all_epochs(model, loader, epochs=3)"
"""Enough to draw."""
LOOP = "def train(*a):\n    while True: pass"
NUMPY = "NumPy: full batch, 1000 epochs of 1 step; in the last epoch loss 0.0313, accuracy 0.98\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes the solutions of some stages, with lines added to one, to a folder; the current one is beside it."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def write(*numbers: int, **added: str) -> Path:
        folder = tmp_path / "mine"
        folder.mkdir()
        for number in numbers:
            source = (SOLUTIONS / STAGES[number - 1].file).read_text(encoding="utf-8")
            lines = added.get(f"stage{number}", FEW_EPOCHS if number == 6 else "")
            (folder / STAGES[number - 1].file).write_text(f"{source}\n\n{lines}\n", encoding="utf-8")
        return folder

    return write


def run(*arguments: str | Path) -> Result:
    """Run `chainrule plot`."""
    return CliRunner().invoke(main, ["plot", *map(str, arguments)])


def files() -> list[str]:
    """What is in the current folder."""
    return sorted(path.name for path in Path().iterdir())


def test_all_stages(write: Write) -> None:
    """The three models are drawn into one PNG in the current folder; their ends are told."""
    done = run("--from", write(3, 6))
    assert done.exit_code == 0, done.output
    assert files() == ["chainrule.png"]
    assert done.output.startswith(
        NUMPY + "TinyMLP: mini-batches of 32, 3 epochs of 7 steps, torch seed 0; in the "
    )
    assert "\nnn.Sequential: mini-batches of 32, 3 epochs" in done.output
    assert done.output.endswith("written: chainrule.png\n")
    with Image.open("chainrule.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (2550, 1170))
        assert picture.info["Software"] == plot.MAKER


def test_the_numpy_stages_alone(write: Write) -> None:
    """Before stage 6 there is the NumPy model; a folder that is missing is made."""
    done = run("--from", write(1, 2, 3), "--out", "new/deep/mine.png", "--isolation", ISOLATION)
    assert done.exit_code == 0, done.output
    told = "No picture of your TinyMLP and your nn.Sequential: stage6_module.py is missing.\n"
    assert done.output == f"{told}{NUMPY}written: {Path('new/deep/mine.png')}\n"
    assert [path.name for path in Path("new/deep").iterdir()] == ["mine.png"]


def test_code_that_ends_its_process(write: Write) -> None:
    """A model that crashes is told, and costs the others nothing."""
    crash = f"{FEW_EPOCHS}\nimport os\ndef TinyMLP(): os._exit(3)"
    done = run("--from", write(3, 6, stage6=crash))
    assert done.exit_code == 0, done.output
    assert "No picture of your TinyMLP: TinyMLP ended its process (exit code 3).\n" in done.output
    assert "\nnn.Sequential: " in done.output
    assert files() == ["chainrule.png"]


def test_code_that_never_ends(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """An endless loop is stopped and told. With nothing to draw there is no file, and the command fails."""
    monkeypatch.setattr(portraits, "PATIENCE", 0.01)
    done = run("--from", write(3, stage3=LOOP), "--time-limit", "100")
    assert done.exit_code == 1
    assert "No picture of your NumPy network: train took more than" in done.output
    assert "there is nothing to draw before `train` works, of stage 3 or of stage 6; no file" in done.output
    assert files() == []


def test_stubs(write: Write) -> None:
    """The stubs as released say what is not written."""
    done = run("--time-limit", "100")
    assert done.exit_code == 1
    assert "No picture of your NumPy network: train is not written yet.\n" in done.output
    assert "No picture of your nn.Sequential: make_sequential is not written yet.\n" in done.output


def test_what_is_somebody_elses_stays(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own picture is made anew; other files are overwritten with --force alone; told before training."""
    folder = write(3)
    trained: list[object] = []
    monkeypatch.setattr(plot, "_portrait", lambda *given: trained.append(given) or ([], []))
    Image.new("RGB", (2, 2)).save("photo.png")
    Path("text.png").write_text("my notes", encoding="utf-8")
    for name in ("photo.png", "text.png"):
        before = Path(name).read_bytes()
        done = run("--from", folder, "--out", name)
        assert done.exit_code == 1
        assert f"{name} is there, and was not made by chainrule plot; nothing was written" in done.output
        assert Path(name).read_bytes() == before
    assert trained == []
    run("--from", folder, "--out", "text.png", "--force")
    assert len(trained) == 1
    own_picture(Path("own.png"))
    run("--from", folder, "--out", "own.png")
    assert len(trained) == 2


def own_picture(path: Path, **texts: str) -> None:
    """A picture as this command leaves it."""
    about = PngInfo()
    about.add_text("Software", plot.MAKER)
    for name, text in texts.items():
        about.add_text(name, text, zip=True)
    Image.new("RGB", (2, 2)).save(path, pnginfo=about)


@pytest.mark.skipif(sys.platform == "win32", reason="making a link needs a privilege on Windows")
def test_no_link_is_followed(write: Write) -> None:
    """Neither a link with the picture's name nor one beside it is written through; --force replaces the former."""
    victim = Path("victim.png")
    own_picture(victim)
    before = victim.read_bytes()
    Path(".chainrule.png.unfinished").symlink_to(victim)
    Path("chainrule.png").symlink_to(victim)
    folder = write(3)
    refused = run("--from", folder)
    assert refused.exit_code == 1
    assert "chainrule.png is there, and was not made by chainrule plot" in refused.output
    assert run("--from", folder, "--force").exit_code == 0
    assert victim.read_bytes() == before
    assert not Path("chainrule.png").is_symlink()
    assert Path("chainrule.png").stat().st_size > len(before)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_not_waited_at(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a pipe has the picture's name, it is not opened: nobody may be at its other end."""
    monkeypatch.delattr(Image, "open")
    os.mkfifo("chainrule.png")
    assert "was not made by chainrule plot" in run("--from", write(3)).output


def test_a_picture_that_cannot_be_read(write: Write) -> None:
    """A picture whose texts unpack to too much is somebody else's."""
    own_picture(Path("chainrule.png"), bomb="0" * 2**23)
    done = run("--from", write(3))
    assert done.exit_code == 1
    assert "was not made by chainrule plot" in done.output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--from", "no/such/folder"), "does not exist"),
        (("--from", "."), "it is empty"),
        (("--out", "picture.jpg"), "give a name that ends in .png"),
        (("--out", "."), "is a directory"),
        (("--time-limit", "0"), "--time-limit"),
    ],
)
def test_wrong_calls(arguments: tuple[str, ...], says: str, write: Write) -> None:
    """A wrong call ends with a sentence."""
    done = run(*arguments)
    assert done.exit_code in (1, 2)
    assert says in done.output
    assert "Traceback" not in done.output


def test_a_place_that_cannot_be_written(write: Write) -> None:
    """Where no file can be, the sentence says so."""
    Path("file").touch()
    done = run("--from", write(3), "--out", "file/mine.png")
    assert done.exit_code == 1
    assert f"{Path('file/mine.png')} cannot be written: " in done.output


DESKTOP, OVER_SSH = {"DISPLAY": ":0"}, {"SSH_CONNECTION": "1"}


@pytest.mark.parametrize(
    ("terminal", "system", "environment", "screen"),
    [
        (True, "linux", DESKTOP, True),
        (True, "linux", {"WAYLAND_DISPLAY": "wayland-0"}, True),
        (True, "linux", {}, False),
        (True, "linux", OVER_SSH, False),
        (False, "linux", DESKTOP, False),
        (True, "darwin", {}, True),
        (True, "darwin", OVER_SSH, False),
        (True, "win32", {}, True),
        (False, "win32", {}, False),
    ],
)
def test_on_screen_where_there_is_one(
    terminal: bool, system: str, environment: dict[str, str], screen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture is opened for somebody at a terminal with a screen."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert plot.has_screen() is screen


@pytest.mark.parametrize(
    ("option", "screen", "opened"),
    [((), True, True), ((), False, False), (("--no-show",), True, False), (("--show",), False, True)],
)
def test_showing(
    option: tuple[str, ...], screen: bool, opened: bool, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--show` and `--no-show` overrule what is found; a viewer that does not open is told."""
    launched: list[str] = []
    monkeypatch.setattr(plot, "_portrait", lambda *given: ([object()], []))
    monkeypatch.setattr(plot, "_save", lambda runs, out: None)
    monkeypatch.setattr(plot, "_told", lambda run: "a run")
    monkeypatch.setattr(plot, "has_screen", lambda: screen)
    monkeypatch.setattr(click, "launch", lambda file: launched.append(file) or 1)
    done = run("--from", write(3), *option)
    assert launched == ["chainrule.png"] * opened
    assert ("No viewer opened" in done.output) is opened
