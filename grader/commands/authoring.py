"""The commands for authors and instructors of a course: new, check, release, course."""

import json
import sys
from pathlib import Path

import click

from grader.commands.grade import adoption
from grader.course import check as course_files
from grader.course.catalogue import STAGES
from grader.course.finding import CourseError, installing
from grader.course.location import ASSIGNMENT, ROOT
from grader.course.new_stage import write_new_stage
from grader.course.points import total_points
from grader.outside.private_files import OutOfPlaceError
from grader.publishing.results_folder import claim
from grader.reporting.summary import count

NEEDS = f"needs what maintainers install: {installing('dev')}"


@click.group()
def new() -> None:
    """Write the beginnings of a new stage."""


@new.command(
    epilog="""\b
Example:
  chainrule new stage momentum"""
)
@click.argument("name")
def stage(name: str) -> None:
    """Write the four files of a stage, for you to edit.

    NAME is a short name in small letters, such as momentum. The stage comes after the last one. Its files are
    the solution with its page of reading, the suite, the hints and the known mistakes. They hold a task that
    stands for yours, so that `chainrule check` has nothing against them before you begin.
    """
    try:
        written = write_new_stage(name)
    except CourseError as error:
        raise click.UsageError(str(error)) from None
    for path in written:
        click.echo(f"written: {path.relative_to(ROOT)}")
    click.echo(
        "Edit these. `chainrule release` makes the stub and the notebook, `chainrule check` says what is missing."
    )


@click.command(
    epilog="""\b
Examples:
  chainrule check
  chainrule check --course path/to/course --json

\b
Exit codes:
  0  all is as it must be
  1  there are problems, or they cannot be looked for
  2  called wrongly"""
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as one JSON document.")
def check(as_json: bool) -> None:
    """Say what is wrong with a course; change nothing.

    It reads the course's files, compares what `chainrule release` writes with what is there, and runs the
    suites: each solution must pass, each known mistake lose points. What is generated is looked at once the
    files are right.

    \b
    --json prints these fields:
      course    its folder
      stages    how many there are
      points    of all stages; null where there are problems
      problems  a sentence for each
    """
    try:
        found = [*course_files.problems()]
        if not found:  # seconds of imports, and an extra
            from grader.judging import check_suites
            from grader.publishing import release as generated

            found = [*generated.drift(), *check_suites.problems()]
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is missing; check {NEEDS}") from None
    except (CourseError, ValueError) as error:
        found = [str(error)]
    if as_json:
        points = None if found else total_points()
        fields = {"course": str(ROOT), "stages": len(STAGES), "points": points, "problems": found}
        click.echo(json.dumps(fields, indent=2))
        sys.exit(1 if found else 0)
    for problem in found:
        click.echo(problem)
    if found:
        raise click.ClickException(
            f"{count(len(found), 'problem')}; what is generated, `chainrule release` writes anew"
        )
    click.echo(f"{count(len(STAGES), 'stage')}, {total_points():g} points: all is as it must be")


@click.command(
    epilog="""\b
Examples:
  chainrule release
  chainrule release --repository https://github.com/your-university/chainrule"""
)
@click.option("--force", is_flag=True, help="Overwrite also stubs and notebooks in which somebody wrote.")
@click.option("--walkthrough", is_flag=True, help="Execute the walkthrough anew, though it has not changed.")
@click.option(
    "--repository",
    metavar="URL",
    help="Address of your copy of the kit, from which Colab is to fetch it; is kept.",
)
def release(force: bool, walkthrough: bool, repository: str | None) -> None:
    """Write the stubs and the notebooks anew, from the solutions.

    The stubs in exercises/ and the notebooks in notebooks/ follow from solutions/ and are never edited by hand.
    Files that are as they must be are not touched, and none in which somebody wrote is overwritten without
    --force. The walkthrough is executed where its source has changed.
    """
    try:
        from grader.publishing import colab
        from grader.publishing import release as generated  # seconds of imports, and an extra
    except ModuleNotFoundError as error:
        raise click.ClickException(f"{error.name} is missing; release {NEEDS}") from None
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


@click.command(
    epilog="""\b
Examples:
  chainrule course build/course
  cd build/course && nbgrader generate_assignment chainrule"""
)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help="Overwrite notebooks that are there and differ.")
@adoption
def course(folder: Path, force: bool, adopt: bool) -> None:
    """Make a course that is run with nbgrader.

    DIR gets an nbgrader_config.py, and in source/ the notebooks with their solutions, of which `nbgrader
    generate_assignment` makes what learners get. `nbgrader autograde` there marks with the kit's engine.
    """
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
        raise click.ClickException(f"{error.name} is missing; {installing('grading')}") from None
    except OutOfPlaceError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written to: {error.strerror}") from None
    click.echo(f"written: {', '.join(str(path.relative_to(folder)) for path in written) or 'nothing'}")
    click.echo(f"next: cd {folder} && nbgrader generate_assignment {ASSIGNMENT}")
