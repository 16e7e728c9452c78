"""The command `chainrule grade`: mark a cohort, keep the results, and show what came of it."""

import contextlib
import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from grader.course.catalogue import STAGES
from grader.course.finding import KIT, VARIABLE, CourseError
from grader.course.location import ASSIGNMENT, EXERCISES, RELEASED_NOTEBOOKS, ROOT, SOLUTIONS, TESTS, TITLE
from grader.course.mistakes import mistakes_in
from grader.intake.entries import Unreadable
from grader.intake.matching import Matching
from grader.intake.readers import Readers
from grader.intake.roster import CHOICES, Roster, read_roster
from grader.intake.submissions import untimed
from grader.marking.cohort import Outcome, Watching, mark_cohort, told_at_the_end
from grader.marking.mark import Settings, digest_of
from grader.marking.record import Record
from grader.outside import versions
from grader.outside.private_files import OutOfPlaceError
from grader.outside.workers import Isolation, KitError
from grader.publishing.results_folder import check_apart
from grader.reporting.summary import MAX_ROWS, common_mistakes, count, show_list, show_scores

if TYPE_CHECKING:
    from grader.gradebook.book import Gradebook

MIB = 2**20
GRADING = "in the kit's folder: python -m pip install -e '.[grading]' -c constraints.txt"
"""How to install what the gradebook takes."""
APART = {
    "kernel": "the kernel: no file, no network, no other process, bounded memory and time",
    "process": "no more than processes of their own",
}
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
            raise click.BadParameter(f"{what!r} is not as id=HEADING; WHAT is one of {', '.join(CHOICES)}")
    return {what: heading for what, _, heading in parted}


def _mistakes_in(folder: Path) -> tuple[tuple[str, str], ...]:
    """Names of stages, and the texts of their files in a folder of mistakes. Raises ClickException for others."""
    files = {stage.name: folder / stage.file for stage in STAGES}
    try:
        texts = {name: path.read_text(encoding="utf-8") for name, path in files.items() if path.is_file()}
        for stage in STAGES:
            if stage.name in texts:
                mistakes_in(stage, texts[stage.name], str(files[stage.name]))
    except (CourseError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from None
    if not texts:
        names = ", ".join(path.name for path in files.values())
        raise click.ClickException(f"{folder} holds no mistakes: there is none of {names} in it")
    return tuple(texts.items())


@click.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.argument("more_columns", nargs=-1, callback=_headings, metavar="")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="results",
    show_default=True,
    help="Folder for results.jsonl, scores.csv and nbgrader's gradebook.",
)
@adoption
@click.option("--jobs", type=click.IntRange(min=1), help="Submissions marked at a time.  [default: one a core]")
@click.option(
    "--seed",
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
    type=click.Path(path_type=Path, dir_okay=False),
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
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of further mistakes to tell, made by `chainrule mistakes add --mistakes`.",
)
@click.option("--no-gradebook", is_flag=True, help="Write no gradebook for nbgrader.")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0.1),
    default=Settings.time_limit,
    show_default=True,
    help="Seconds of processor time for one call of a learner's function, five times as many with sleep; training "
    "gets six times that.",
)
@click.option(
    "--total-limit",
    type=click.FloatRange(min=1),
    default=Settings.total_limit,
    show_default=True,
    help="Seconds for all calls of a submission, without waiting for a processor.",
)
@click.option(
    "--memory-limit",
    type=click.IntRange(min=64),
    default=Settings.memory_limit // MIB,
    show_default=True,
    help="MiB for a learner's code, beyond Python and its libraries.",
)
@click.option(
    "--isolation",
    type=click.Choice(["kernel", "process"]),
    default=Settings.isolation,
    show_default=True,
    help="What keeps learners' code apart: the kernel, or no more than a process of its own.",
)
def grade(
    submissions: Path,
    out: Path,
    adopt: bool,
    jobs: int | None,
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
) -> None:
    """Mark SUBMISSIONS: a folder of submissions, what a learning platform exports, or a single one.

    A submission is a folder with the stage files or the notebooks, or a zip of one; a wrapping folder is allowed.
    The same command again goes on where a run was stopped, and marks again only what has changed.
    """
    _check_course(submissions)
    try:
        check_apart(out, submissions)
        students = read_roster(roster, columns | more_columns) if roster else None
        with (
            contextlib.closing(Readers(submissions, isolation, jobs, is_cohort)) as cohort,
            contextlib.closing(Record(out, adopt)) as record,
        ):
            known = record.seed if seed is None else seed
            seed = secrets.randbelow(2**31) if known is None else known
            added = _mistakes_in(mistakes) if mistakes else ()
            settings = Settings(seed, time_limit, total_limit, memory_limit * MIB, isolation, added)
            if db and not no_gradebook:
                with _gradebook(out, db):  # what cannot be reached is told before the marking
                    pass
            outcome, seconds = _mark(cohort, settings, record, jobs, force, students)
            _show(outcome, record, sys.maxsize if show_all else MAX_ROWS)
            _tell_the_run(outcome, cohort.count, seconds, settings.isolation)
            Console().print(
                f"Scores: {record.scores}   every test with its message: {record.path}", soft_wrap=True
            )
            if not no_gradebook:
                _fill_gradebook(out, db, cohort, settings, record, outcome)
            _show_failures(outcome)
        if outcome.kit_errors or len(outcome.marked) < cohort.count:
            sys.exit(1)
    except (Unreadable, OutOfPlaceError) as error:
        raise click.ClickException(str(error)) from None
    except KitError as error:
        raise click.ClickException(f"{error}\n{REMEDY}") from None
    except OSError as error:
        again = "what was marked is kept, the same command goes on"
        raise click.ClickException(f"results cannot be written to {out}: {error.strerror}; {again}") from error


def _check_course(submissions: Path) -> None:
    """Refuse a course that nobody named and that is among what was handed in: its suites would run as you."""
    if VARIABLE in os.environ or ROOT == KIT:
        return
    where, within = submissions.resolve(), (EXERCISES, RELEASED_NOTEBOOKS, SOLUTIONS, TESTS)
    if ROOT.is_relative_to(where) or any(map(where.is_relative_to, within)):
        raise click.ClickException(
            f"{ROOT} is a course, and among what is to be marked: if a learner handed it in, its tests would run "
            f"as you. Start from another folder; if it is yours, name it: --course {ROOT}"
        )
    Console().print(f"Course: {TITLE}, in {ROOT}", soft_wrap=True, highlight=False)


def _mark(
    cohort: Readers, settings: Settings, record: Record, jobs: int | None, force: bool, roster: Roster | None
) -> tuple[Outcome, float]:
    """Mark the cohort; what came of it, and in how many seconds."""
    console = Console()
    seed = settings.seed
    console.print(f"Marking {count(cohort.count, 'submission')} with seed {seed} (again: --seed {seed}).")
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with stop_at_interrupt(console) as stop, Progress(*columns, console=console) as progress:
        read, marked = (progress.add_task(what, total=cohort.count) for what in ("read", "marked"))
        watching = Watching(lambda: progress.advance(read), lambda: progress.advance(marked), stop)
        outcome = mark_cohort(cohort.submissions(), settings, record, jobs, force, watching, roster)
    return outcome, time.monotonic() - began


def _show(outcome: Outcome, record: Record, most: int) -> None:
    """Show what came of the marking: the scores, and lists of what to know, each with `most` lines at the most."""
    console = Console()
    show_scores(console, record, outcome.marked, most)
    lists = {
        "Mistakes that submissions share": common_mistakes(map(record.result, outcome.marked)),
        "To know": list(_notes(outcome, record)),
    }
    if matching := outcome.matching:
        lists["Submitted nothing"] = [f"{student.name} ({student.id})" for student in matching.absent]
        lists["Not on the roster"] = [f"{name}: {why}" for name, why in matching.unmatched.items()]
        several = [f"{student}: {', '.join(names)}" for student, names in matching.several.items()]
        lists["More than one submission"] = several
    for title, lines in lists.items():
        show_list(console, title, lines, most)


def _tell_the_run(outcome: Outcome, total: int, seconds: float, isolation: Isolation) -> None:
    """Say how the run went: below the tables, where it is read."""
    console = Console()
    if outcome.found:
        console.print(f"{count(outcome.found, 'result')} found as they are now, and not marked again.")
    if left := total - len(outcome.marked) - len(outcome.kit_errors):
        told = f"Stopped by Ctrl-C: {count(left, 'submission')} not marked. The same command goes on."
        console.print(told, style="red")
    console.print(
        f"{count(len(outcome.marked) - outcome.found, 'submission')} marked in {seconds:.1f} s "
        f"with {versions.told()}, learners' code kept apart by {APART[isolation]} "
        f"(isolation: {isolation})."
    )


def _fill_gradebook(
    out: Path, db: str | None, cohort: Readers, settings: Settings, record: Record, outcome: Outcome
) -> None:
    """Write the results of this cohort into nbgrader's gradebook, which is made again from them at any time.

    What was handed in is read again: a cohort's code together may be more than memory holds.
    """
    console = Console()
    began, written = time.monotonic(), 0
    matching = outcome.matching or Matching()
    with _gradebook(out, db) as gradebook:
        if gradebook is None:
            told = f"No gradebook was written: nbgrader is not installed ({GRADING})."
            console.print(told, markup=False)
            return
        from grader.gradebook import database  # it is installed, where there is a gradebook

        for submission in cohort.submissions():
            if record.digest(submission.name) != digest_of(submission, settings):
                continue  # it has no result, or has changed since it was marked
            with told_at_the_end(submission.name, outcome.kit_errors, database.DatabaseError):
                result = record.result(submission.name)
                gradebook.write(result, submission, matching.students.get(submission.name, ()))
                written += 1
        gradebook.enrol(matching.absent)
    there = f"with CHAINRULE_DB set to the same, in {out}" if db else f"in {out}"
    console.print(
        f"Gradebook: {gradebook.url}   ({count(written, 'submission')} in {time.monotonic() - began:.1f} s; "
        f"`nbgrader export`, `nbgrader generate_feedback {ASSIGNMENT}` and formgrader work {there})",
        soft_wrap=True,
        highlight=False,
    )


def _show_failures(outcome: Outcome) -> None:
    """Say on what the kit itself failed."""
    for name, failure in outcome.kit_errors.items():
        what = "its results are kept, not all is written" if name in outcome.marked else "it has no score"
        Console().print(f"\nThe kit failed on {name}; {what}. {failure}", markup=False, style="red")


@contextlib.contextmanager
def _gradebook(out: Path, db: str | None) -> Iterator["Gradebook | None"]:
    """The gradebook; None where nbgrader is not installed."""
    try:
        from grader.gradebook.book import DatabaseError, Gradebook  # seconds of imports, and an extra
    except ModuleNotFoundError:
        yield None
        return
    try:
        with contextlib.closing(Gradebook(out, db)) as gradebook:
            yield gradebook
    except DatabaseError as error:
        kept = "What is marked is kept; the same command goes on, and writes the gradebook."
        raise click.ClickException(f"{error}\n{kept}") from None


def _notes(outcome: Outcome, record: Record) -> Iterator[str]:
    """What an instructor should know of how submissions were read."""
    yield from filter(None, [untimed(outcome.read)])
    for submission in outcome.read:
        read = record.result(submission.name).notes if record.digest(submission.name) else []
        for note in (*submission.notes, *read):
            yield f"{submission.name}: {note}"


@contextlib.contextmanager
def stop_at_interrupt(console: Console) -> Iterator[threading.Event]:
    """Ctrl-C sets the event, so that what is being marked is finished; a second Ctrl-C ends everything at once."""
    stop = threading.Event()

    def interrupted(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            console.show_cursor()
            os.write(2, b"\nStopped at once. What was marked is kept; the same command goes on.\n")
            os._exit(130)  # ended by Ctrl-C, for a shell; what it started ends with this process
        stop.set()
        os.write(2, b"\nFinishing what is being marked; Ctrl-C again stops at once.\n")

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
