"""The command `chainrule regrade`: mark a cohort again from what was kept of it, and show what would change."""

import contextlib
import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console

from grader.commands.gradebook import fill
from grader.commands.marking_run import (
    THEME,
    check_options,
    jobs_option,
    mark_shown,
    markers,
    mistakes_of_folder,
    scheduler_option,
)
from grader.commands.report import made_by_grade
from grader.course.arguments import tasks_from, to_task
from grader.course.catalogue import Stage
from grader.marking.cohort import Markers
from grader.marking.mark import LIMITS, Settings
from grader.marking.record import Record, opened_record
from grader.marking.regrade import Regrading, compared, to_compare
from grader.marking.scores import write_scores
from grader.outside.private_files import OutOfPlaceError
from grader.outside.pytorch import PyTorchMissing, check_course
from grader.outside.workers import KitError
from grader.reporting.regrading import document, show
from grader.reporting.summary import MAX_ROWS

PENDING = ".regrade"
"""Where new results wait, in the folder of results, until they are written."""


@click.command(
    epilog="""\b
Examples:
  chainrule regrade results
  chainrule regrade results --only 3.backward
  chainrule regrade results --write

\b
Exit codes:
  0    every submission was compared
  1    some could not be marked again, or marking was stopped by Ctrl-C
  2    called wrongly
  130  stopped at once, by a second Ctrl-C"""
)
@click.argument("results", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--only",
    metavar="STAGE.TASK",
    callback=to_task,
    shell_complete=tasks_from,
    help="Mark this task alone, such as 3.backward; all else stays as it was marked.",
)
@click.option("--write", is_flag=True, help="Keep the new results; the old ones go to results.jsonl.old.")
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(min=0),
    help="Seed of the data that the suites draw.  [default: that of the results]",
)
@click.option(
    "--mistakes",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of further mistakes to tell, made by `chainrule mistakes add --mistakes`.  [default: those with "
    "which it was marked]",
)
@jobs_option
@scheduler_option
@click.option(
    "--db", metavar="URL", help="nbgrader's gradebook, as for grade.  [default: gradebook.db in RESULTS]"
)
@click.option("--no-gradebook", is_flag=True, help="Write no gradebook for nbgrader.")
@click.option("--all", "show_all", is_flag=True, help="Show every change, however many.")
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the changes as one JSON document; all else goes to standard error.",
)
def regrade(
    results: Path,
    only: tuple[Stage, str] | None,
    write: bool,
    seed: int | None,
    mistakes: Path | None,
    jobs: int | None,
    scheduler: str | None,
    db: str | None,
    no_gradebook: bool,
    show_all: bool,
    as_json: bool,
) -> None:
    """Mark a cohort again after tests, points or mistakes changed.

    RESULTS is the folder that `chainrule grade` wrote. What was handed in is taken from there, with the seed and
    the limits with which it was marked. Only what a change can have touched is marked.

    Shown are the submissions whose score or tests change, before and after, by which tests, and which part has
    changed: the suite, the mistakes told by name, the course's solutions, the engine, the libraries, the limits
    or the seed.

    Nothing is written before --write, which takes what was marked already. What was given by hand in formgrader
    stays.

    \b
    --json prints these fields:
      submissions  how many were compared
      changes      by submission: score, max_score, tests (before and after); why
      messages     in how many submissions nothing but messages changes
      written      whether the new results are kept
      not_kept     submissions that cannot be marked again: none was kept
      kit_errors   by submission: on what the kit itself failed
    """
    if only and seed is not None:
        raise click.UsageError("--only leaves the other tasks as they are, so their seed too: leave --seed out")
    check_options(jobs, scheduler, db, no_gradebook)
    console = Console(stderr=as_json, highlight=False, theme=THEME)
    try:
        check_course()
        with opened_record(results) as record:
            settings = _settings(record, seed, only, mistakes)
            with contextlib.closing(Record(results / PENDING)) as pending:
                with markers(console, settings.isolation, jobs, scheduler) as marking:
                    run = _marked(console, record, pending, settings, marking)
                written = write and run.is_whole
                if written:
                    _keep(record, pending, run.names, settings)
            if written:
                shutil.rmtree(results / PENDING)
            show(console, run, results, written, sys.maxsize if show_all else MAX_ROWS)
            if written:
                made_by_grade(console, record, results)
            if written and not no_gradebook:
                fill(console, results, db, record, run.kit_errors)
        if as_json:
            click.echo(json.dumps(document(run, written), indent=2))
    except (OutOfPlaceError, PyTorchMissing, KitError) as error:
        raise click.ClickException(str(error)) from None
    if run.kit_errors or run.not_kept or not run.is_whole:
        sys.exit(1)


def _settings(record: Record, seed: int | None, only: tuple[Stage, str] | None, mistakes: Path | None) -> Settings:
    """The settings with which the cohort was marked last."""
    last = record.last
    assert last is not None
    limits = {name: type(getattr(Settings, name))(last.limits[name]) for name in LIMITS if name in last.limits}
    return Settings(
        last.seed if seed is None else seed,
        isolation=last.isolation,
        mistakes=mistakes_of_folder(mistakes) if mistakes else record.cohort().mistakes,
        only=only and (only[0].name, only[1]),
        **limits,
    )


def _marked(console: Console, record: Record, pending: Record, settings: Settings, marking: Markers) -> Regrading:
    """Mark what may have another result now."""
    names = record.cohort().submissions
    kept = [name for name in names if record.submission(name) is not None]
    submissions = filter(None, map(record.submission, kept))
    outcome, _ = mark_shown(console, submissions, len(kept), settings, pending, marking, False, earlier=record)
    newer = to_compare(record, pending, settings)
    compared_now = [compared(record.result(name), pending.result(name)) for name in newer]
    return Regrading(
        len(kept),
        newer,
        [change for change in compared_now if change],
        sorted(set(names) - set(kept)),
        outcome.kit_errors,
        len(outcome.marked) + len(outcome.kit_errors) == len(kept),
    )


def _keep(record: Record, pending: Record, names: Sequence[str], settings: Settings) -> None:
    """Take the new results, and derive the table of scores again."""
    record.keep_cohort(replace(record.cohort(), mistakes=settings.mistakes))
    for name in names:
        submission = record.submission(name)
        assert submission is not None
        record.append(pending.result(name), submission, sync=False)
    record.sync()
    record.tidy()
    write_scores(record.results(), record.scores, record.cohort().matching)
