"""The command `chainrule grade`: mark a cohort, keep the results, and show what came of it."""

import contextlib
import os
import secrets
import sys
from pathlib import Path

import click
from rich.console import Console

from grader.commands.gradebook import fill, opened
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
from grader.course.arguments import Seconds
from grader.course.finding import KIT, VARIABLE
from grader.course.location import EXERCISES, RELEASED_NOTEBOOKS, ROOT, SOLUTIONS, TESTS, TITLE
from grader.intake.entries import Unreadable
from grader.intake.readers import Readers
from grader.intake.roster import CHOICES, read_roster
from grader.marking.mark import Settings
from grader.marking.record import Record
from grader.outside.private_files import OutOfPlaceError
from grader.outside.pytorch import PyTorchMissing, check_course
from grader.outside.workers import Isolation, KitError
from grader.publishing.results_folder import check_apart
from grader.reporting.outcome import document, show, show_failures, tell_the_run
from grader.reporting.summary import MAX_ROWS

MIB = 2**20
REMEDY = (
    "`chainrule doctor` shows what this machine offers. To mark without the kernel's help, submissions that you "
    "trust or on a machine that can be lost: --isolation process (every result then says so)"
)
adoption = click.option(
    "--adopt", is_flag=True, help="Take a folder that the kit did not make there: all that is in it is yours."
)


def _headings(context: click.Context, parameter: click.Parameter, values: tuple[str, ...]) -> dict[str, str]:
    """The headings by what their columns hold."""
    parted = [value.partition("=") for value in values]
    for what, _, heading in parted:
        if what not in CHOICES or not heading:
            alone = "SUBMISSIONS is one folder or archive; " if isinstance(parameter, click.Argument) else ""
            raise click.UsageError(
                f"{alone}{what!r} is not as id=HEADING, for one of {', '.join(CHOICES)}", context
            )
    return {what: heading for what, _, heading in parted}


@click.command(
    epilog="""\b
Examples:
  chainrule grade submissions
  chainrule grade canvas.zip --roster gradebook.csv --out week3
  chainrule grade submissions --json | jq '.look_at'

\b
Exit codes:
  0    every submission has a result
  1    some have none: nothing could be marked, marking was stopped by Ctrl-C,
       or the kit failed on some
  2    called wrongly
  130  stopped at once, by a second Ctrl-C"""
)
@click.argument("submissions", type=click.Path(path_type=Path, exists=True))
@click.argument("more_columns", nargs=-1, callback=_headings, metavar="")
@click.option(
    "--out",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    default="results",
    show_default=True,
    help="Folder for scores.csv, results.jsonl, the report and nbgrader's gradebook.",
)
@adoption
@jobs_option
@scheduler_option
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(min=0),
    help="Seed of the data that the suites draw.  [default: that of the results in --out, else drawn]",
)
@click.option(
    "--cohort",
    "is_cohort",
    is_flag=True,
    help="An archive holds the submissions of several, though it is no learning platform's export.",
)
@click.option("--force", is_flag=True, help="Mark all again, also what has a result.")
@click.option("--all", "show_all", is_flag=True, help="Show every submission and every note, however many.")
@click.option(
    "--roster",
    metavar="FILE.csv",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="CSV of the students, by id and name: names them in scores.csv and lists who submitted nothing.",
)
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="WHAT=HEADING",
    callback=_headings,
    help="Heading of a column of the roster: --column id=Matrikelnummer; so name, first, last and email. More may "
    "follow: --column id=Matrikelnummer name=Name.",
)
@click.option(
    "--db",
    metavar="URL",
    help="nbgrader's gradebook, any URL of SQLAlchemy's that nbgrader takes.  [default: gradebook.db in --out]",
)
@click.option(
    "--mistakes",
    metavar="DIR",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of further mistakes to tell, made by `chainrule mistakes add --mistakes`.",
)
@click.option("--no-gradebook", is_flag=True, help="Write no gradebook for nbgrader.")
@click.option(
    "--time-limit",
    metavar="SECONDS",
    type=Seconds(0.1),
    default=Settings.time_limit,
    show_default=True,
    help="Processor time for one call of a learner's function, five times as much with sleep; training gets six "
    "times that.",
)
@click.option(
    "--total-limit",
    metavar="SECONDS",
    type=Seconds(1),
    default=Settings.total_limit,
    show_default=True,
    help="Time for all calls of a submission, without waiting for a processor.",
)
@click.option(
    "--memory-limit",
    metavar="MIB",
    type=click.IntRange(64, 2**20),
    default=Settings.memory_limit // MIB,
    show_default=True,
    help="Memory for a learner's code, in MiB, beyond Python and its libraries.",
)
@click.option(
    "--isolation",
    type=click.Choice(["kernel", "process"]),
    default=Settings.isolation,
    show_default=True,
    help="What keeps learners' code apart: the kernel, or no more than a process of its own.",
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print a summary as one JSON document; all else goes to standard error.",
)
def grade(
    submissions: Path,
    out: Path,
    adopt: bool,
    jobs: int | None,
    scheduler: str | None,
    seed: int | None,
    is_cohort: bool,
    force: bool,
    show_all: bool,
    roster: Path | None,
    more_columns: dict[str, str],
    columns: dict[str, str],
    db: str | None,
    no_gradebook: bool,
    time_limit: float,
    total_limit: float,
    memory_limit: int,
    isolation: Isolation,
    mistakes: Path | None,
    as_json: bool,
) -> None:
    """Mark a cohort's submissions, each in confined processes.

    SUBMISSIONS is a folder of submissions, an export of Canvas, Moodle, Gradescope, Blackboard or Brightspace,
    or a single submission: a folder or an archive with some or all of the stages' files, or of the notebooks.

    The terminal shows the scores and what to look at. Every test with its message goes to results.jsonl, a line
    for each submission to scores.csv, a report on the class to report.html, and nbgrader's gradebook is filled
    where nbgrader is installed.

    The same command again goes on where a run was stopped, and marks again only what has changed.

    \b
    --json prints these fields:
      submissions      how many there are
      marked, found    how many have results, and of these had them before
      rejected         how many could not be read at all
      seed, isolation  as they were, which the options may have left open
      seconds          that marking took
      scores, results  the paths of scores.csv and results.jsonl
      gradebook        the URL of nbgrader's gradebook, or null
      report           the path of the class report, or null
      look_at          by submission: what to look at, where there is anything
      shared_mistakes  what several submissions did wrongly, a line for each
      notes            what to know of how submissions were read
      absent           ids on the roster that submitted nothing
      unmatched        by submission: why it is nobody's on the roster
      several          by id: the submissions, where there is more than one
      kit_errors       by submission: on what the kit itself failed
    """
    if (columns or more_columns) and not roster:
        raise click.UsageError(
            "--column says what a roster's columns hold: give the roster too, --roster FILE.csv"
        )
    check_options(jobs, scheduler, db, no_gradebook)
    console = Console(stderr=as_json, highlight=False, theme=THEME)
    _check_course(submissions, console)
    try:
        check_course()
        check_apart(out, submissions)
        students = read_roster(roster, columns | more_columns) if roster else None
        with (
            contextlib.closing(Readers(submissions, isolation, jobs, is_cohort)) as cohort,
            contextlib.closing(Record(out, adopt)) as record,
        ):
            if seed is None:
                seed = record.last.seed if record.last else secrets.randbelow(2**31)
            added = mistakes_of_folder(mistakes) if mistakes else ()
            settings = Settings(seed, time_limit, total_limit, memory_limit * MIB, isolation, added)
            if db:
                with opened(out, db):  # what cannot be reached is told before the marking
                    pass
            with markers(console, isolation, jobs, scheduler) as marking:
                outcome, seconds = mark_shown(
                    console, cohort.submissions(), cohort.count, settings, record, marking, force, students
                )
            show(console, outcome, record, sys.maxsize if show_all else MAX_ROWS)
            tell_the_run(console, outcome, cohort.count, seconds, settings.isolation)
            console.print(f"Scores: {record.scores}   every test with its message: {record.path}", soft_wrap=True)
            url = None if no_gradebook else fill(console, out, db, record, outcome.kit_errors)
            report = made_by_grade(console, record, out)
            show_failures(console, outcome)
            if as_json:
                click.echo(document(outcome, record, cohort.count, seconds, settings, url, report))
        if outcome.kit_errors or len(outcome.marked) < cohort.count:
            sys.exit(1)
    except (Unreadable, OutOfPlaceError, PyTorchMissing) as error:
        raise click.ClickException(str(error)) from None
    except KitError as error:
        raise click.ClickException(f"{error}\n{REMEDY}") from None
    except OSError as error:
        again = "what was marked is kept, the same command goes on"
        raise click.ClickException(f"results cannot be written to {out}: {error.strerror}; {again}") from error


def _check_course(submissions: Path, console: Console) -> None:
    """Refuse a course that nobody named and that is among what was handed in: its suites would run as you."""
    if VARIABLE in os.environ or ROOT == KIT:
        return
    where, within = submissions.resolve(), (EXERCISES, RELEASED_NOTEBOOKS, SOLUTIONS, TESTS)
    if ROOT.is_relative_to(where) or any(map(where.is_relative_to, within)):
        raise click.ClickException(
            f"{ROOT} is a course, and among what is to be marked: if a learner handed it in, its tests would run "
            f"as you. Start from another folder; if it is yours, name it: --course {ROOT}"
        )
    console.print(f"Course: {TITLE}, in {ROOT}", soft_wrap=True, highlight=False)
