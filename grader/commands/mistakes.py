"""The command `chainrule mistakes`: what the course knows, and how another one is added."""

import json
from pathlib import Path
from typing import Literal

import click

from grader.course.arguments import tasks_from, to_task
from grader.course.catalogue import STAGES, Stage, task_name
from grader.course.finding import IS_INSTALLED, KIT, CourseError
from grader.course.location import MISTAKES, ROOT
from grader.course.mistakes import mistakes_of
from grader.course.new_mistake import name_from, with_mistake


@click.group()
def mistakes() -> None:
    """List the mistakes that are told by name, or add one."""


@mistakes.command(
    "list",
    epilog="""\b
Examples:
  chainrule mistakes list
  chainrule mistakes list 3.backward --json""",
)
@click.argument("task", required=False, metavar="[STAGE.TASK]", callback=to_task, shell_complete=tasks_from)
@click.option("--json", "as_json", is_flag=True, help="Print them as one JSON document.")
def list_mistakes(task: tuple[Stage, str] | None, as_json: bool) -> None:
    """List the mistakes that the course knows.

    STAGE.TASK is a stage's number and a task of it, such as 3.backward; without it all tasks' mistakes are
    listed. A mistake is its name, as results have it, and the sentence that a learner is told.

    --json prints a list, each mistake with the fields task, name, says, and look, which is empty where there is
    nothing to look at.
    """
    found = [
        {"task": task_name(stage, one.task), "name": one.name, "says": one.says, "look": one.look}
        for stage in STAGES
        for one in mistakes_of(stage)
        if task is None or (stage, one.task) == task
    ]
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    for one in found:
        click.echo(f"{one['task']} {one['name']}: {one['says']}")


@mistakes.command(
    epilog="""\b
Example:
  chainrule mistakes add 3.sgd_step wrong.py \\
      "You went uphill: the gradient was added." "Look at the sign.\""""
)
@click.argument("task", metavar="STAGE.TASK", callback=to_task, shell_complete=tasks_from)
@click.argument("wrong", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("says")
@click.argument("look", default="")
@click.option("--name", help="Its name in results: small letters, digits and _.  [default: made of SAYS]")
@click.option(
    "--mistakes",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Keep it in this folder, for `grade --mistakes`.  [default: the course's tests/mistakes]",
)
@click.option(
    "--isolation",
    type=click.Choice(["kernel", "process"]),
    default="kernel",
    show_default=True,
    help="What keeps the wrong code apart: the kernel, or no more than a process of its own.",
)
def add(
    task: tuple[Stage, str],
    wrong: Path,
    says: str,
    look: str,
    name: str | None,
    folder: Path | None,
    isolation: Literal["kernel", "process"],
) -> None:
    """Give a mistake a name, by the code of one who made it.

    STAGE.TASK is the task, such as 3.backward, and WRONG a module in which it is done wrongly. SAYS is the
    sentence that says what was done, LOOK what to look at; both are told to all who made the mistake. The wrong
    code is run first: it must lose points, and be told by this name alone.
    """
    from grader.intake.learners_folder import module_at
    from grader.judging.check_mistake import objections  # the suites' libraries, and seconds: for this alone
    from grader.outside import workers

    if folder is None and IS_INSTALLED and ROOT == KIT:
        raise click.UsageError(
            "the course that is installed with the kit is not changed: keep the mistake in a folder of your own, "
            "--mistakes DIR"
        )
    stage, name_of_task = task
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
    except (CourseError, workers.KitError, OSError) as error:
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
