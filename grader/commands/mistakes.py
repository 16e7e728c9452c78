"""The command `chainrule mistakes`: what the course knows, and how another one is added."""

import difflib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import click
from click.shell_completion import CompletionItem

from grader.course.arguments import tasks_from, to_task
from grader.course.catalogue import STAGES, Stage, task_name
from grader.course.finding import IS_INSTALLED, KIT, CourseError
from grader.course.location import MISTAKES, ROOT
from grader.course.mistakes import mistakes_of
from grader.course.new_mistake import name_from, with_mistake
from grader.outside.private_files import OutOfPlaceError

Isolation = Literal["kernel", "process"]
CALL, TOTAL = 2.0, 60.0
"""Seconds for a call when a notebook's cells are put together, and for all."""


def _files(context: click.Context, parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """A shell is to offer files."""
    return [CompletionItem(begun, type="file")]


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
Examples:
  chainrule mistakes add 3.sgd_step wrong.py \\
      "You went uphill: the gradient was added." "Look at the sign."
  chainrule mistakes add 3.sgd_step --of brownben_4712 --mistakes mine \\
      "You went uphill: the gradient was added." "Look at the sign."

\b
Exit codes:
  0  the mistake was kept
  1  it was not kept: the reason is said
  2  called wrongly"""
)
@click.argument("task", metavar="STAGE.TASK", callback=to_task, shell_complete=tasks_from)
@click.argument("words", metavar="[WRONG] SAYS [LOOK]", nargs=-1, shell_complete=_files)
@click.option(
    "--of",
    "whose",
    metavar="SUBMISSION",
    help="Take the wrong code of this submission, in the place of WRONG.",
)
@click.option(
    "--results",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default="results",
    show_default=True,
    help="Folder of results that holds the submission.",
)
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
@click.pass_context
def add(
    context: click.Context,
    task: tuple[Stage, str],
    words: tuple[str, ...],
    whose: str | None,
    results: Path,
    name: str | None,
    folder: Path | None,
    isolation: Isolation,
) -> None:
    """Give a mistake a name, by the code of one who made it.

    STAGE.TASK is the task, such as 3.backward, and WRONG a module in which it is done wrongly. SAYS is the
    sentence that says what was done, LOOK what to look at; both are told to all who made the mistake. The wrong
    code is run first: it must lose points, and be told by this name alone.

    With --of the wrong code is that of a submission, modules or notebooks, as it was marked: by the name that
    the table of scores and the class report show.
    """
    from grader.judging.check_mistake import objections  # the suites' libraries, and seconds: for this alone
    from grader.outside import workers

    if folder is None and IS_INSTALLED and ROOT == KIT:
        raise click.UsageError(
            "the course that is installed with the kit is not changed: keep the mistake in a folder of your own, "
            "--mistakes DIR"
        )
    wrong, says, look = _parted(context, words, whose)
    stage, name_of_task = task
    name = name or name_from(says)
    path = (folder or MISTAKES) / stage.file
    try:
        workers.check(isolation)
        source = _code_in(wrong) if wrong else _code_of(stage, whose or "", results, isolation)
        before = path.read_text(encoding="utf-8") if path.is_file() else ""
        after = with_mistake(before, stage, name_of_task, source, name, says, look)
        alone = with_mistake("", stage, name_of_task, source, name, says, look)
        texts = (before, after) if folder else ("", alone)  # the course's own are known anyway
        against = [*objections(stage, name_of_task, name, *texts, isolation)]
    except (CourseError, OutOfPlaceError, workers.KitError, OSError) as error:
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


def _parted(context: click.Context, words: Sequence[str], whose: str | None) -> tuple[Path | None, str, str]:
    """The file with the wrong code, None where it is a submission's, and both sentences. Raises UsageError."""
    rest = list(words)
    wrong: Path | None = None
    if whose is None and rest:
        wrong = click.Path(path_type=Path, exists=True, dir_okay=False).convert(rest.pop(0), None, context)
    if not rest:
        missing = "WRONG and SAYS, or --of SUBMISSION and SAYS" if whose is None and wrong is None else "SAYS"
        raise click.UsageError(f"what is missing: {missing}", context)
    if len(rest) > 2:
        raise click.UsageError(
            f"{rest[2]!r} is too much: what was done and what to look at are one text each, in quotes"
            + ("" if whose is None else "; with --of there is no WRONG"),
            context,
        )
    return wrong, rest[0], rest[1] if len(rest) > 1 else ""


def _code_in(wrong: Path) -> str:
    """The module in a file. Raises ClickException."""
    from grader.intake.learners_folder import module_at

    source = module_at(wrong)
    if not isinstance(source, str):
        raise click.ClickException(source.why if source else f"{wrong} cannot be read")
    return source


def _code_of(stage: Stage, whose: str, results: Path, isolation: Isolation) -> str:
    """A submission's module of a stage, or what its notebook's cells are as one. Raises ClickException."""
    from grader.intake.extraction import written
    from grader.marking.record import opened_record
    from grader.outside.process import MEMORY, Allowance, Limits

    with opened_record(results) as record:
        if record.digest(whose) is None:
            near = difflib.get_close_matches(whose, record.cohort().submissions, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else ": its name is as in scores.csv"
            raise click.ClickException(f"{results} holds no submission {whose!r}{meant}")
        submission = record.submission(whose)
    if submission is None:
        raise click.ClickException(f"{results} does not hold what was read of {whose}: grade it again")
    found = written(submission, Limits(CALL, MEMORY, isolation), Allowance(TOTAL))
    if stage.name not in found.sources:
        raise click.ClickException(
            f"{whose} has no code for stage {stage.number}: {found.missing.get(stage.name, 'it is missing')}"
        )
    return found.sources[stage.name]
