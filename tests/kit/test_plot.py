"""`chainrule plot` draws what a learner's code gives, says what it does not, and overwrites nothing of others'."""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

import click
import numpy as np
import pytest
from click.testing import CliRunner, Result
from isolation import ISOLATION
from learners_modules import DOUBLE, save, solution
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from grader import kernel
from grader.cli import main
from grader.course import notebook_layout
from grader.course.catalogue import NOTEBOOKS
from grader.learner.pictures import command
from grader.learner.pictures import runs as pictures
from grader.learner.pictures.runs import Overview, Panel, Run, Runs
from grader.publishing import assembly

SHOWN = Overview({"loss": Panel("Loss", "L"), "norm": Panel("Norm", "‖∇L‖")}, results=("loss",))


def draw(found: Runs) -> None:
    """Draw twice two numbers, as if these were the losses of a run."""
    with found.attempt("your network"), found.stage(DOUBLE.number) as impl:
        losses = impl.call("double", np.array([2.0, 1.5]))
        found.add(Run("mine", found.curves("your network", {"loss": losses}, ["loss"]), about="2 epochs"))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The solution of the first stage, in a course with these pictures; the current folder is an empty one."""
    monkeypatch.setattr(pictures, "PICTURES", Path(__file__))  # what stands there is not looked at
    monkeypatch.setattr(pictures, "_course", lambda: SimpleNamespace(OVERVIEW=SHOWN, RUNS={DOUBLE.number: draw}))
    for name in ("here", "mine"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "here")
    save(tmp_path / "mine", DOUBLE, solution(DOUBLE))
    return tmp_path / "mine"


def plot(*arguments: str | Path) -> Result:
    """Run `chainrule plot`."""
    return CliRunner().invoke(main, ["plot", *map(str, arguments)])


def test_a_learners_runs(folder: Path) -> None:
    """What the course draws is written to a PNG, in a folder that is made, and told in words."""
    done = plot("--from", folder, "--out", "new/deep/mine.png", "--isolation", ISOLATION)
    assert done.output == f"mine: 2 epochs; in the last epoch loss 3\nwritten: {Path('new/deep/mine.png')}\n"
    assert [path.name for path in Path("new/deep").iterdir()] == ["mine.png"]
    with Image.open("new/deep/mine.png") as picture:
        assert (picture.format, picture.info["Software"]) == ("PNG", command.MAKER)


def test_a_course_without_pictures() -> None:
    """The command says so, and notebooks have no cell for them."""
    done = plot()
    assert done.exit_code == 1
    assert done.output == "Error: this course has no pictures: solutions/pictures.py is missing\n"
    assert pictures.plotted() == ()
    assert "pictures" not in notebook_layout.given_ids(NOTEBOOKS[0])
    assert "pictures" not in assembly.text(assembly.notebook(NOTEBOOKS[0]))


def test_a_notebook_without_pictures(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a course draws nothing of a notebook's stages, its last cell says so."""
    monkeypatch.setattr(pictures, "_course", lambda: SimpleNamespace(OVERVIEW=SHOWN, RUNS={}))
    monkeypatch.setattr(kernel, "_shell", lambda: None)
    monkeypatch.setattr(kernel, "executions_of", lambda shell: SimpleNamespace(cells=dict))
    kernel.show_pictures()
    assert capsys.readouterr().out == "Of this notebook there are no pictures.\n"


def own_picture(name: str, **texts: str) -> Path:
    """A picture as this command leaves it."""
    about = PngInfo()
    about.add_text("Software", command.MAKER)
    for key, text in texts.items():
        about.add_text(key, text, zip=True)
    Image.new("RGB", (2, 2)).save(name, pnginfo=about)
    return Path(name)


def test_what_is_somebody_elses_stays(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own picture is made anew; other files are overwritten with --force alone; told before training."""
    trained: list[object] = []
    nothing = Runs(lambda stage: None, SHOWN)
    monkeypatch.setattr(command, "_trained", lambda *given: trained.append(given) or nothing)
    Image.new("RGB", (2, 2)).save("photo.png")
    Path("text.png").write_text("my notes", encoding="utf-8")
    own_picture("bomb.png", bomb="0" * 2**23)  # its texts unpack to too much
    for name in ("photo.png", "text.png", "bomb.png"):
        before = Path(name).read_bytes()
        done = plot("--from", folder, "--out", name)
        assert done.exit_code == 1
        assert f"{name} is there, and was not made by chainrule plot; nothing was written" in done.output
        assert Path(name).read_bytes() == before
    assert trained == []
    plot("--from", folder, "--out", "text.png", "--force")
    assert len(trained) == 1
    plot("--from", folder, "--out", own_picture("own.png"))
    assert len(trained) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="making a link needs a privilege on Windows")
def test_no_link_is_followed(folder: Path) -> None:
    """Neither a link with the picture's name nor one beside it is written through; --force replaces the former."""
    victim = own_picture("victim.png")
    before = victim.read_bytes()
    Path(".chainrule.png.unfinished").symlink_to(victim)
    Path("chainrule.png").symlink_to(victim)
    assert "chainrule.png is there, and was not made by chainrule plot" in plot("--from", folder).output
    assert plot("--from", folder, "--force").exit_code == 0
    assert victim.read_bytes() == before
    assert not Path("chainrule.png").is_symlink()
    assert Path("chainrule.png").stat().st_size > len(before)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_not_waited_at(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a pipe has the picture's name, it is not opened: nobody may be at its other end."""
    monkeypatch.delattr(Image, "open")
    os.mkfifo("chainrule.png")
    assert "was not made by chainrule plot" in plot("--from", folder).output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--from", "no/such/folder"), "does not exist"),
        (("--from", "."), "it is empty"),
        (("--out", "picture.jpg"), "give a name that ends in .png"),
        (("--out", "."), "is a directory"),
        (("--time-limit", "0"), "--time-limit"),
        (("--from", "../mine", "--out", f"../mine/{DOUBLE.file}/a.png"), "a.png cannot be written: "),
    ],
)
def test_wrong_calls(arguments: tuple[str, ...], says: str, folder: Path) -> None:
    """A wrong call, and a place where no file can be, end with a sentence."""
    done = plot(*arguments)
    assert done.exit_code in (1, 2)
    assert says in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize(
    ("system", "variable", "screen"),
    [
        *(("linux", variable, True) for variable in ("DISPLAY", "WAYLAND_DISPLAY")),
        *((system, "SSH_CONNECTION", False) for system in ("linux", "darwin", "win32")),
        *((system, "TERM", system != "linux") for system in ("linux", "darwin", "win32")),
    ],
)
def test_on_screen_where_there_is_one(
    terminal: bool, system: str, variable: str, screen: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture is opened for somebody at a terminal with a screen, as environment variables tell."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, "1")
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: terminal, raising=False)
    assert command.has_screen() is (terminal and screen)


@pytest.mark.parametrize(
    ("option", "screen", "opened"),
    [((), True, True), ((), False, False), (("--no-show",), True, False), (("--show",), False, True)],
)
def test_showing(
    option: tuple[str, ...], screen: bool, opened: bool, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--show` and `--no-show` overrule what is found; a viewer that does not open is told."""
    launched: list[str] = []
    monkeypatch.setattr(command, "has_screen", lambda: screen)
    monkeypatch.setattr(click, "launch", lambda file: launched.append(file) or 1)
    done = plot("--from", folder, *option)
    assert launched == ["chainrule.png"] * opened
    assert ("No viewer opened" in done.output) is opened
