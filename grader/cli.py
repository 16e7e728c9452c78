"""The command `chainrule`."""

import click
from rich.console import Console
from rich.table import Table

from grader import doctor as examination
from grader import release as stubs
from grader.grade import REMEDY, grade
from grader.report import count, escaped
from grader.verdicts import NoAnswer
from grader.workers import KitError


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chainrule")
def main() -> None:
    """From ReLU by hand in NumPy to a trained nn.Module: grade submissions, release stubs."""


main.add_command(grade)


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when exercises/ is not what would be written.")
@click.option("--force", is_flag=True, help="Overwrite also files with functions already written.")
def release(check: bool, force: bool) -> None:
    """Write the stubs in exercises/ from solutions/."""
    if check:
        problems = stubs.drift()
        for problem in problems:
            click.echo(problem)
        if problems:
            raise click.ClickException(
                "exercises/ has drifted from solutions/; `chainrule release` writes it anew"
            )
        click.echo("exercises/ follows from solutions/")
        return
    try:
        written = stubs.write(force=force)
    except stubs.EditedError as error:
        raise click.ClickException(
            f"{error}; nothing was changed. Overwrite with: chainrule release --force"
        ) from None
    click.echo(f"written: {', '.join(written) or 'nothing, all is as it must be'}")
    for problem in stubs.drift():
        click.echo(problem)


@main.command()
def doctor() -> None:
    """Show what this machine offers for keeping learners' code apart, and prove it."""
    console = Console()
    console.print(examination.machine(), soft_wrap=True, highlight=False)
    for layer, offered in examination.offers():
        console.print(f"  {layer:<14}{offered}", soft_wrap=True, highlight=False)
    table = Table("layer", "a learner's code tries to", "and is stopped", box=None, pad_edge=False)
    passed = 0
    try:
        for finding in examination.findings():
            passed += finding.refused is None
            told = "[red]IT WAS NOT[/red]" if finding.refused is None else escaped(finding.refused)
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
