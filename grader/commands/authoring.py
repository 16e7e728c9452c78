"""The commands for authors and instructors of a course: new, check, release, course."""

from pathlib import Path

import click

from grader.commands.grade import GRADING, adoption
from grader.course import check as course_files
from grader.course.catalogue import STAGES
from grader.course.finding import CourseError
from grader.course.location import ASSIGNMENT, ROOT
from grader.course.new_stage import write_new_stage
from grader.course.points import total_points
from grader.outside.private_files import OutOfPlaceError
from grader.publishing.results_folder import claim
from grader.reporting.summary import count

INSTALLED = "needs what maintainers install: python -m pip install -e '.[dev]' -c constraints.txt"


@click.group()
def new() -> None:
    """Write the beginnings of something new."""


@new.command()
@click.argument("name")
def stage(name: str) -> None:
    """Write the four files of a stage called NAME, such as momentum, after the last one; then edit them."""
    try:
        written = write_new_stage(name)
    except CourseError as error:
        raise click.ClickException(str(error)) from None
    for path in written:
        click.echo(f"written: {path.relative_to(ROOT)}")
    click.echo(
        "Edit these. `chainrule release` makes the stub and the notebook, `chainrule check` says what is missing."
    )


@click.command()
def check() -> None:
    """Say what the course lacks, and what has drifted from its solutions; change nothing."""
    try:
        found = [*course_files.problems()]
        if not found:  # seconds of imports, and an extra
            from grader.judging import check_suites
            from grader.publishing import release as generated

            found = [*generated.drift(), *check_suites.problems()]
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is missing; check {INSTALLED}") from None
    except (CourseError, ValueError) as error:
        found = [str(error)]
    for problem in found:
        click.echo(problem)
    if found:
        raise click.ClickException(
            f"{count(len(found), 'problem')}; what is generated, `chainrule release` writes anew"
        )
    click.echo(f"{count(len(STAGES), 'stage')}, {total_points():g} points: all is as it must be")


@click.command()
@click.option("--force", is_flag=True, help="Overwrite also what a learner wrote.")
@click.option("--walkthrough", is_flag=True, help="Execute the walkthrough anew, though it has not changed.")
@click.option("--repository", help="Address of your copy of the kit, from which Colab is to fetch it; is kept.")
def release(force: bool, walkthrough: bool, repository: str | None) -> None:
    """Write what follows from solutions/: the stubs in exercises/, and notebooks/."""
    try:
        from grader.publishing import colab
        from grader.publishing import release as generated  # seconds of imports, and an extra
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is missing; release {INSTALLED}") from None
    try:
        if repository is not None:
            colab.set_repository(repository)
        written = generated.write(force=force, walkthrough_too=walkthrough)
        problems = generated.drift()
    except (CourseError, ValueError) as error:
        raise click.ClickException(str(error)) from None
    except generated.EditedError as error:
        raise click.ClickException(
            f"{error}; no file was written. Overwrite with: chainrule release --force"
        ) from None
    click.echo(f"written: {', '.join(written) or 'nothing, all is as it must be'}")
    for problem in problems:
        click.echo(problem)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help="Overwrite notebooks that are there and differ.")
@adoption
def course(folder: Path, force: bool, adopt: bool) -> None:
    """Make a course for nbgrader in DIR: nbgrader_config.py, and the notebooks with solutions in source/."""
    try:
        from grader.publishing import nbgrader_course as made  # seconds of imports, and an extra

        claim(folder, adopt)
        differing = made.edited(folder)
        if differing and not force:
            names = ", ".join(str(path.relative_to(folder)) for path in differing)
            raise click.ClickException(
                f"{folder} holds a course with other files: {names}. Nothing was changed; --force overwrites the "
                f"notebooks, and leaves {made.CONFIG}"
            )
        written = made.lay_out(folder, force)
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is missing; {GRADING}") from None
    except OutOfPlaceError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written to: {error.strerror}") from None
    click.echo(f"written: {', '.join(str(path.relative_to(folder)) for path in written) or 'nothing'}")
    click.echo(f"next: cd {folder} && nbgrader generate_assignment {ASSIGNMENT}")
