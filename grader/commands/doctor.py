"""The command `chainrule doctor`."""

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.commands.grade import REMEDY
from grader.outside import doctor as examination
from grader.outside.pytorch import IS_NEEDED, PyTorchMissing, check_course
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import KitError
from grader.reporting.summary import count


@click.command()
def doctor() -> None:
    """Show what this machine offers for keeping learners' code apart, and prove it."""
    try:
        check_course()
    except PyTorchMissing as error:
        raise click.ClickException(str(error)) from None
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
        if IS_NEEDED:
            examination.torch_works()
    except (KitError, NoAnswer) as error:
        raise click.ClickException(f"learners' code cannot be confined here: {error}\n{REMEDY}") from None
    if passed:
        raise click.ClickException(
            f"{count(passed, 'attempt')} to break out went through; mark no strangers' code"
        )
    works = "PyTorch works in a confined worker. " if IS_NEEDED else ""
    console.print(f"{works}`chainrule grade` can be trusted here.")
