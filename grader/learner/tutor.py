"""The commands `chainrule hint` and `chainrule read`."""

import io
import sys
from pathlib import Path

import click
from rich.console import Console

from grader.course.catalogue import Stage, find_stage, find_task, task_name
from grader.course.hints import LEVELS, TITLES, hints
from grader.course.pages import Page, reading
from grader.intake.entries import Unreadable
from grader.learner.modules_option import modules_option
from grader.outside.workers import KitError


@click.command()
@click.argument("task", required=False, metavar="[STAGE.TASK]")
@click.option("--level", type=click.IntRange(1, LEVELS), help="Show this level alone.")
@modules_option("Where your modules or notebooks are, to find the task that comes next.")
def hint(task: str | None, level: int | None, folder: Path) -> None:
    """Show a hint for STAGE.TASK: a question first, then, if you like, the rule, then steps in words.

    Without a task: for the first that is not finished yet.
    """
    try:
        found = find_task(task) if task else _next_task(folder)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    if found is None:
        click.echo("Every task is finished. For a hint all the same name one: chainrule hint STAGE.TASK")
        return
    try:
        texts = hints(*found)
    except ValueError as error:
        raise click.ClickException(f"there are no hints for {task_name(*found)}: {error}") from None
    for number in [level] if level else range(1, LEVELS + 1):
        if number > 1 and not level and not click.confirm(f"Show hint {number} of {LEVELS}?"):
            return
        console = _console()
        title = f"{task_name(*found)}, hint {number} of {LEVELS}: {TITLES[number - 1]}"
        console.print(f"\n{title}\n", style="bold")
        console.print(Page(texts[number - 1]), "")
        if not level and not is_terminal():
            click.echo(f"The next one: chainrule hint {task_name(*found)} --level 2")
            return


@click.command()
@click.argument("stage", metavar="STAGE")
def read(stage: str) -> None:
    """Show a stage's page of reading, by its number or name."""
    try:
        page = reading(find_stage(stage))
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    console = _console()
    with console.capture() as shown:
        console.print(Page(page))
    click.echo_via_pager(shown.get())


def is_terminal() -> bool:
    """Whether somebody is there to be asked."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def _next_task(folder: Path) -> tuple[Stage, str] | None:
    """The first task in a folder that is not finished, which is printed. Raises ValueError, ClickException."""
    from grader.learner.unfinished import first_unfinished  # pytest and the suites' libraries, for this alone

    if is_terminal():
        click.echo(f"Running the tests on {folder}, stage by stage …")
    try:
        found = first_unfinished(folder)
    except Unreadable as error:
        raise ValueError(str(error)) from None
    except KitError as error:
        raise click.ClickException(f"the tests cannot be run: {error}") from None
    if found:
        click.echo(f"The first task that is not finished is {task_name(*found)}.")
    return found


def _console() -> Console:
    """Where to print; what a terminal's encoding lacks comes as a question mark and stops nothing."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")
    return Console(highlight=False)
