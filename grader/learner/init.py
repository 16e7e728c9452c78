"""The command `chainrule init`."""

from pathlib import Path

import click

from grader.course.catalogue import STAGES
from grader.course.finding import CourseError
from grader.course.location import ASSIGNMENT, EXERCISES, RELEASED_NOTEBOOKS
from grader.publishing.starter import write_starter


@click.command(
    epilog="""\b
Examples:
  chainrule init my-course
  chainrule init my-course --notebooks
  cd my-course && chainrule"""
)
@click.argument("folder", metavar="[FOLDER]", type=click.Path(path_type=Path), default=ASSIGNMENT)
@click.option("--notebooks", is_flag=True, help="Write the notebooks too.")
def init(folder: Path, notebooks: bool) -> None:
    """Make a folder to learn in.

    It holds the exercises, their tests, and settings for pytest and VS Code; no solutions. Without FOLDER it has
    the course's name. In a folder that was made so before, what is missing is added, and the tests are brought up
    to date; what you wrote stays.
    """
    try:
        is_new = not (folder / EXERCISES.name).exists()
        written = write_starter(folder, notebooks)
    except CourseError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be written: {error.strerror}") from None
    if not is_new:
        click.echo(f"written: {', '.join(map(str, written)) or 'nothing, all is as it must be'}")
        return
    click.echo(f"{folder} holds what you need. Next:\n")
    click.echo(f"    cd {folder}\n    chainrule\n")
    click.echo(f"and open {EXERCISES.name}/{STAGES[0].file} in your editor beside it.")
    if notebooks:
        click.echo(
            f'The notebooks, in {RELEASED_NOTEBOOKS.name}/, take JupyterLab: pip install "chainrule[notebooks]"'
        )
