"""The command `chainrule mistakes`: what the course knows, and how another one is added."""

from pathlib import Path

import click

from grader.course.catalogue import STAGES, Stage, find_task, task_name
from grader.course.finding import IS_INSTALLED, KIT, CourseError
from grader.course.location import MISTAKES, ROOT
from grader.course.mistakes import mistakes_of
from grader.course.new_mistake import name_from, with_mistake
from grader.intake.learners_folder import module_at
from grader.judging.check_mistake import objections
from grader.outside import workers
from grader.outside.workers import Isolation, KitError


@click.group()
def mistakes() -> None:
    """The mistakes that are told by name: list them, or add one."""


@mistakes.command("list")
@click.argument("task", required=False)
def list_mistakes(task: str | None) -> None:
    """Show the names of the mistakes that the course knows, of TASK (such as 3.backward) or of all."""
    only = _task(task) if task else None
    for stage in STAGES:
        for mistake in mistakes_of(stage):
            if only is None or (stage, mistake.task) == only:
                click.echo(f"{task_name(stage, mistake.task)} {mistake.name}: {mistake.says}")


@mistakes.command()
@click.argument("task")
@click.argument("wrong", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("says")
@click.argument("look", default="")
@click.option("--name", help="Its name in results: small letters, digits and _.  [default: made of SAYS]")
@click.option(
    "--mistakes",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Keep it in this folder, for `grade --mistakes`.  [default: the course's tests/mistakes]",
)
@click.option("--isolation", type=click.Choice(["kernel", "process"]), default="kernel", show_default=True)
def add(
    task: str, wrong: Path, says: str, look: str, name: str | None, folder: Path | None, isolation: Isolation
) -> None:
    """Keep a mistake of TASK, such as 3.backward, as the module WRONG makes it.

    SAYS is the sentence that says what was done, LOOK what to look at; both are told to all who made it.
    The wrong code is run first: it must lose points, and be told by this name alone.
    """
    if folder is None and IS_INSTALLED and ROOT == KIT:
        raise click.UsageError(
            "the course that is installed with the kit is not changed: keep the mistake in a folder of your own, "
            "--mistakes DIR"
        )
    stage, name_of_task = _task(task)
    name = name or name_from(says)
    path = (folder or MISTAKES) / stage.file
    source = module_at(wrong)
    if not isinstance(source, str):
        raise click.ClickException(source.why if source else f"{wrong} cannot be read")
    try:
        workers.check(isolation)
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        after = with_mistake(before, stage, name_of_task, source, name, says, look)
        alone = with_mistake("", stage, name_of_task, source, name, says, look)
        texts = (before, after) if folder else ("", alone)  # the course's own are known anyway
        against = [*objections(stage, name_of_task, name, *texts, isolation)]
    except (CourseError, KitError, OSError) as error:
        raise click.ClickException(str(error)) from None
    finally:
        workers.end_all()
    if against:
        raise click.ClickException("not kept: " + "; ".join(against))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(after, encoding="utf-8", newline="\n")
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    click.echo(f"kept in {shown}: {name_of_task}__{name}")
    click.echo(
        f"It is told from now on with: chainrule grade --mistakes {folder} …"
        if folder
        else "It is told from now on."
    )


def _task(text: str) -> tuple[Stage, str]:
    try:
        return find_task(text)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
