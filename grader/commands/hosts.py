"""The commands `chainrule gradescope`, `prairielearn` and `classroom50`: the kit as a host's autograder."""

from collections.abc import Callable, Mapping
from pathlib import Path

import click

from grader.course.finding import CourseError
from grader.course.location import ASSIGNMENT
from grader.outside.pytorch import PyTorchMissing, check_course
from grader.outside.workers import Isolation
from grader.publishing.host_packages import classroom50_files, gradescope_zip, prairielearn_files

CODES = """\b
Exit codes:
  0  the files are written
  1  they could not be
  2  called wrongly"""
folder = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
isolated = click.option(
    "--isolation",
    type=click.Choice(["kernel", "process"]),
    default="kernel",
    show_default=True,
    help="What may keep a learner's code apart there: the kernel alone, else nothing is marked; or, where it "
    "cannot, no more than a process of its own. Every result says which it was.",
)


def examples(*lines: str) -> str:
    """The end of a command's help."""
    return "\n".join(["\b", "Examples:", *(f"  {line}" for line in lines), "", CODES])


@click.command(epilog=examples("chainrule gradescope package", "chainrule gradescope package --isolation process"))
@folder
@isolated
def gradescope(folder: Path, isolation: Isolation) -> None:
    """Make an autograder for Gradescope.

    DIR, which is new or empty, gets autograder.zip, to be uploaded as the assignment's autograder. It holds the
    kit and the course. While Gradescope builds its image it installs the libraries, in the versions that are
    installed here; a run needs no internet.

    Each run proves first that a learner's code is confined there, and says in its result what is lacking.
    """
    _write(folder, lambda: {"autograder.zip": gradescope_zip(isolation)})
    click.echo("Next: upload it under Configure Autograder, and give the assignment the course's points.")


@click.command(
    epilog=examples("chainrule prairielearn package --image example/chainrule:1"),
)
@folder
@click.option(
    "--image",
    metavar="NAME",
    default=f"{ASSIGNMENT}-grader",
    show_default=True,
    help="Name under which PrairieLearn will find the image.",
)
@isolated
def prairielearn(folder: Path, image: str, isolation: Isolation) -> None:
    """Make an externally graded question for PrairieLearn.

    DIR, which is new or empty, gets two folders: question/, which goes into a course's questions/, and image/, of
    which `docker build` makes the image that marks. It holds the kit and the course; a run needs no internet.

    Each run proves first that a learner's code is confined there, and says in its result what is lacking.
    """
    _write(folder, lambda: prairielearn_files(isolation, image))
    click.echo(f"Next: docker build -t {image} {folder / 'image'}, and docker push {image}")


@click.command(epilog=examples("chainrule classroom50 package"))
@folder
@isolated
def classroom50(folder: Path, isolation: Isolation) -> None:
    """Make an autograder for Classroom 50.

    DIR, which is new or empty, gets what goes into CLASSROOM/autograders/ASSIGNMENT/ of the repository that holds
    a classroom's settings, and runtime.json for the assignment. Each run installs the kit and its libraries.

    Classroom 50 serves these files publicly, the course's solutions among them: who finds the address can read
    them.

    Each run proves first that a learner's code is confined there, and says in its result what is lacking.
    """
    _write(folder, lambda: classroom50_files(isolation))
    click.echo("Note: Classroom 50 serves these files publicly, the solutions in the wheel among them.")


def _write(folder: Path, made: Callable[[], Mapping[str, bytes]]) -> None:
    """Write files into a folder that is new or empty. Raises UsageError for another, else ClickException."""
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise click.UsageError(f"{folder} is there already, and not empty: name a folder that is new or empty")
    try:
        check_course()
        for name, content in made().items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            click.echo(f"written: {path}")
    except (CourseError, PyTorchMissing) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from error
