"""The command `chainrule`."""

from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.commands.grade import GRADING, REMEDY, adoption, grade
from grader.course.location import ASSIGNMENT
from grader.learner.pictures.command import plot
from grader.learner.tutor import hint, read
from grader.learner.watch.command import watch
from grader.outside import doctor as examination
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import KitError
from grader.publishing.private_files import OutOfPlaceError
from grader.publishing.results_folder import claim
from grader.reporting.summary import count


@click.group(context_settings={"help_option_names": ["-h", "--help"]}, invoke_without_command=True)
@click.version_option(package_name="chainrule")
@click.pass_context
def main(context: click.Context) -> None:
    """From ReLU by hand in NumPy to a trained nn.Module: write it and watch it pass, or grade it.

    Without a command this is `chainrule watch`.
    """
    if context.invoked_subcommand is None:
        context.invoke(watch)


main.add_command(watch)
main.add_command(grade)
main.add_command(plot)
main.add_command(hint)
main.add_command(read)


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when a file is not what would be written.")
@click.option("--force", is_flag=True, help="Overwrite also what a learner wrote; execute the walkthrough anew.")
@click.option("--repository", help="Address of your copy of the kit, from which Colab is to fetch it; is kept.")
def release(check: bool, force: bool, repository: str | None) -> None:
    """Write what follows from solutions/: the stubs in exercises/, and notebooks/."""
    try:
        from grader.publishing import colab  # seconds of imports, and an extra
        from grader.publishing import release as stubs
    except ModuleNotFoundError as error:
        what = "needs what maintainers install: python -m pip install -e '.[dev]' -c constraints.txt"
        raise click.ClickException(f"{error.name} is missing; release {what}") from None
    try:
        if repository is not None and not check:
            colab.set_repository(repository)
        written = [] if check else stubs.write(force=force)
        problems = stubs.drift()
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    except stubs.EditedError as error:
        raise click.ClickException(
            f"{error}; no file was written. Overwrite with: chainrule release --force"
        ) from None
    if not check:
        click.echo(f"written: {', '.join(written) or 'nothing, all is as it must be'}")
    for problem in problems:
        click.echo(problem)
    if check and problems:
        raise click.ClickException("drifted from solutions/; `chainrule release` writes anew what is generated")
    if check:
        click.echo("exercises/ and notebooks/ follow from solutions/")


@main.command()
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


@main.command()
def doctor() -> None:
    """Show what this machine offers for keeping learners' code apart, and prove it."""
    console = Console()
    console.print(examination.machine(), soft_wrap=True, highlight=False)
    table = Table("layer", "a learner's code tries to", "and is stopped", box=None, pad_edge=False)
    passed = 0
    try:
        for layer, offered in examination.offers():
            console.print(f"  {layer:<14}{offered}", soft_wrap=True, highlight=False)
        for finding in examination.findings():
            passed += finding.refused is None
            told = Text("IT WAS NOT", "red") if finding.refused is None else Text(finding.refused)
            table.add_row(finding.attempt.layer, finding.attempt.tried, told)
        console.print(table)
        examination.torch_works()
    except (KitError, NoAnswer) as error:
        raise click.ClickException(f"learners' code cannot be confined here: {error}\n{REMEDY}") from None
    if passed:
        raise click.ClickException(
            f"{count(passed, 'attempt')} to break out went through; mark no strangers' code"
        )
    console.print("PyTorch works in a confined worker. `chainrule grade` can be trusted here.")
