"""The commands `chainrule hint` and `chainrule read`."""

import io
import sys
from pathlib import Path

import click
from rich.console import Console

from grader.course.arguments import stages_from, tasks_from, to_stage, to_task
from grader.course.catalogue import Stage, task_name
from grader.course.hints import LEVELS, TITLES, hints
from grader.course.pages import THEME, Page, reading
from grader.learner.modules_option import modules_folder, modules_option


@click.command(
    epilog="""\b
Examples:
  chainrule hint                        the question for the first open task
  chainrule hint 3.backward             the question for a task of stage 3
  chainrule hint 3.backward --level 2   the rule, and nothing else"""
)
@click.argument("task", required=False, metavar="[STAGE.TASK]", callback=to_task, shell_complete=tasks_from)
@click.option("--level", type=click.IntRange(1, LEVELS), metavar="N", help="Show this level alone.")
@modules_option("Where your modules or notebooks are, to find the task that comes next.")
def hint(task: tuple[Stage, str] | None, level: int | None, folder: Path | None) -> None:
    """Give a hint for a task, from a question to pseudo-code.

    STAGE.TASK is a stage's number and a task of it, such as 3.backward. Without it the tests run on your
    modules, and the hint is for the first task that is not finished.

    A task has three hints: a question first, then the rule, then steps in words. At a terminal each further one
    comes only if you say yes. None of them holds the line of code that solves the task.
    """
    try:
        found = task or _next_task(modules_folder(folder))
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


@click.command(
    epilog="""\b
Examples:
  chainrule read 3
  chainrule read stage3_backward | less"""
)
@click.argument("stage", metavar="STAGE", callback=to_stage, shell_complete=stages_from)
def read(stage: Stage) -> None:
    """Show a stage's page of reading.

    STAGE is a stage's number or name. The page has the idea, the formulas, an example that is worked by hand,
    what goes wrong most often, and what to read on. It is the text at the top of the stage's module. At a
    terminal it is shown page by page, by the program that the environment variable PAGER names.
    """
    try:
        page = reading(stage)
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
    from grader.intake.entries import Unreadable  # these take the suites' libraries, and seconds: for this alone
    from grader.learner.unfinished import first_unfinished
    from grader.outside.workers import KitError

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
    return Console(highlight=False, theme=THEME)
