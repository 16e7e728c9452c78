"""The command `chainrule plot`: a learner's own training runs, as one picture."""

import contextlib
import os
import stat
import sys
from pathlib import Path

import click
from PIL import Image
from rich.console import Console

from grader.course.arguments import Seconds
from grader.course.finding import CourseError
from grader.intake.learners_folder import read_own
from grader.intake.submissions import Unreadable
from grader.learner.modules_option import modules_folder, modules_option
from grader.learner.pictures.runs import PATIENCE, Runs, plotted
from grader.learner.pictures.training import in_words, trained
from grader.outside.private_files import replaced
from grader.outside.process import MEMORY, Limits
from grader.outside.workers import Isolation, KitError

FILE = "chainrule.png"
MAKER = "chainrule plot"
"""Whom the picture's metadata name: such a file is overwritten by the next picture."""
DPI = 150
FOR_ALL = 0o666
"""The mode of the picture, as far as the learner's umask lets it be: it holds no grades."""


@click.command(
    epilog="""\b
Examples:
  chainrule plot
  chainrule plot --from solutions --out reference.png --no-show"""
)
@modules_option("Folder of your modules or notebooks.")
@click.option(
    "--out",
    metavar="FILE.png",
    type=click.Path(path_type=Path, dir_okay=False),
    default=FILE,
    show_default=True,
    help="The picture's file. Another picture of this command's is overwritten there, other files are not.",
)
@click.option("--force", is_flag=True, help="Overwrite the file, whatever it is.")
@click.option("--show/--no-show", default=None, help="Open the picture.  [default: at a terminal with a screen]")
@click.option(
    "--time-limit",
    metavar="SECONDS",
    type=Seconds(0.1),
    default=5.0,
    show_default=True,
    help=f"Time for one call of your functions; training gets {PATIENCE} times that.",
)
@click.option(
    "--isolation",
    type=click.Choice(["kernel", "process"]),
    default="process",
    show_default=True,
    help="What keeps the code apart; for somebody else's, on Linux: kernel.",
)
def plot(
    folder: Path | None, out: Path, force: bool, show: bool | None, time_limit: float, isolation: Isolation
) -> None:
    """Train your networks, and draw what they have learned.

    The picture has the curves of the training runs (loss, gradient norm and more over the steps), and what each
    network makes of the square, with what it gets wrong. What is not written yet, or does not work, is left out,
    and a sentence says why. How each run ended is printed too.
    """
    if out.suffix.lower() != ".png":
        raise click.BadParameter(
            f"{out}: the picture is a PNG; give a name that ends in .png", param_hint="'--out'"
        )
    if not force:
        _check_free(out)
    found = _trained(modules_folder(folder), Limits(time_limit, MEMORY, isolation))
    for note in found.notes:
        click.echo(note)
    if not found.runs:
        stages = " or ".join(f"stage {number}" for number in plotted())
        raise click.ClickException(f"there is nothing to draw before {stages} works; no file was written")
    _save(found, out)
    for run in found.runs:
        click.echo(in_words(run, found.overview.results))
    click.echo(f"written: {out}")
    if (has_screen() if show is None else show) and click.launch(str(out)) != 0:
        click.echo("No viewer opened; --no-show does without.")


def _trained(source: Path, limits: Limits) -> Runs:
    """What the learner wrote so far is trained; with the runs, what is to be said of those that are missing."""
    told = f"training your networks, each for {PATIENCE * limits.call:g} s at the most"
    try:
        submission = read_own(source)
        with Console(stderr=True).status(told):
            return trained(submission, limits)
    except KitError as error:
        raise click.ClickException(f"the kit failed: {error}") from None
    except (Unreadable, CourseError) as error:
        raise click.ClickException(str(error)) from None


def _check_free(out: Path) -> None:
    """Refuse to overwrite what is no picture of this command's."""
    if not os.path.lexists(out):
        return
    own = False
    if stat.S_ISREG(out.lstat().st_mode):  # a link would be looked through, a pipe waited for
        unreadable = OSError, ValueError, Image.DecompressionBombError
        with contextlib.suppress(*unreadable), Image.open(out, formats=["PNG"]) as picture:
            own = picture.info.get("Software") == MAKER
    if not own:
        raise click.ClickException(
            f"{out} is there, and was not made by chainrule plot; nothing was written. Give another name with "
            "--out, or overwrite it with --force"
        )


def _save(found: Runs, out: Path) -> None:
    """Draw the runs and write the file, whole or not at all."""
    from grader.learner.pictures.figures import overview_figure  # and with it matplotlib, which takes its time

    picture = overview_figure(found.runs, found.overview)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with replaced(out, FOR_ALL) as file:
            picture.savefig(file, format="png", dpi=DPI, metadata={"Software": MAKER})
    except OSError as error:
        raise click.ClickException(f"{out} cannot be written: {error.strerror}") from None


def has_screen() -> bool:
    """Whether somebody sits at a terminal with a screen on which a viewer can open."""
    if not sys.stdout.isatty():
        return False
    if sys.platform in ("win32", "darwin"):
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
