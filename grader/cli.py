"""The command `chainrule`."""

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

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from grader import colab
from grader import doctor as examination
from grader import release as stubs
from grader.cohort import mark_cohort
from grader.marking import Settings
from grader.report import escaped, show_list, show_scores
from grader.results import OutOfPlaceError, Record
from grader.roster import Matching, match, read_roster
from grader.submissions import Submission, Unreadable, read_cohort
from grader.verdicts import NoAnswer
from grader.workers import Isolation, KitError

MIB = 2**20
INTERRUPTED = 130
"""What a shell takes for ended by Ctrl-C."""
APART = {
    "kernel": "the kernel: no file, no network, no other process, bounded memory and time",
    "process": "no more than processes of their own",
}
REMEDY = (
    "`chainrule doctor` shows what this machine offers. To mark without the kernel's help, submissions that you "
    "trust or on a machine that can be lost: --isolation process (every result then says so)"
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chainrule")
def main() -> None:
    """From ReLU by hand in NumPy to a trained nn.Module: grade submissions, release stubs and notebooks."""


@main.command()
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default="results",
    show_default=True,
    help="Folder for results.jsonl and scores.csv.",
)
@click.option("--jobs", type=click.IntRange(min=1), help="Submissions marked at a time.  [default: one a core]")
@click.option(
    "--seed",
    type=click.IntRange(min=0),
    help="Seed of the data that the suites draw.  [default: that of the results in --out, else drawn]",
)
@click.option("--force", is_flag=True, help="Mark all again, also what has a result.")
@click.option(
    "--roster",
    type=click.Path(path_type=Path, dir_okay=False),
    help="CSV of the students, by id and name: names them in scores.csv and lists who submitted nothing.",
)
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0.1),
    default=Settings.time_limit,
    show_default=True,
    help="Seconds for one call of a learner's function; training gets six times that.",
)
@click.option(
    "--total-limit",
    type=click.FloatRange(min=1),
    default=Settings.total_limit,
    show_default=True,
    help="Seconds for a whole submission.",
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
    jobs: int | None,
    seed: int | None,
    force: bool,
    roster: Path | None,
    time_limit: float,
    total_limit: float,
    memory_limit: int,
    isolation: Isolation,
) -> None:
    """Mark SUBMISSIONS: a folder of submissions, a zip of them all, or a single one.

    A submission is a folder with the stage files, or a zip of one; a wrapping folder is allowed. The same command
    again goes on where a run was stopped, and marks again only what has changed.
    """
    try:
        cohort = read_cohort(submissions)
        matching = match(read_roster(roster), cohort) if roster else None
        with contextlib.closing(Record(out)) as record:
            known = record.seed if seed is None else seed
            seed = secrets.randbelow(2**31) if known is None else known
            settings = Settings(seed, time_limit, total_limit, memory_limit * MIB, isolation)
            _grade(cohort, settings, record, jobs, force, matching)
    except (Unreadable, OutOfPlaceError) as error:
        raise click.ClickException(str(error)) from None
    except KitError as error:
        raise click.ClickException(f"{error}\n{REMEDY}") from None
    except OSError as error:
        again = "what was marked is kept, the same command goes on"
        raise click.ClickException(f"results cannot be written to {out}: {error.strerror}; {again}") from error


def _grade(
    cohort: list[Submission],
    settings: Settings,
    record: Record,
    jobs: int | None,
    force: bool,
    matching: Matching | None,
) -> None:
    """Mark the cohort and show what came of it; exit with 1 where somebody has no result."""
    console = Console()
    seed = settings.seed
    console.print(f"Marking {_count(len(cohort), 'submission')} with seed {seed} (again: --seed {seed}).")
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _stop_at_interrupt(console) as stop, Progress(*columns, console=console) as progress:
        bar = progress.add_task("marked", total=len(cohort))
        outcome = mark_cohort(
            cohort,
            settings,
            record,
            jobs,
            force,
            on_result=lambda: progress.advance(bar),
            stop=stop,
            matching=matching,
        )
    show_scores(console, record, outcome.marked)
    show_list(console, "To know", [f"{one.name}: {note}" for one in cohort for note in one.notes])
    if matching:
        show_list(console, "Submitted nothing", [f"{student.name} ({student.id})" for student in matching.absent])
        show_list(console, "Not on the roster", [f"{name}: {why}" for name, why in matching.unmatched.items()])
        several = [f"{student}: {', '.join(names)}" for student, names in matching.several.items()]
        show_list(console, "More than one submission", several)
    if outcome.found:
        console.print(f"{_count(outcome.found, 'result')} found as they are now, and not marked again.")
    if outcome.left:
        left = _count(outcome.left, "submission")
        console.print(f"Stopped by Ctrl-C: {left} not marked. The same command goes on.", style="red")
    console.print(
        f"{_count(len(outcome.marked) - outcome.found, 'submission')} marked in {time.monotonic() - began:.1f} s, "
        f"learners' code kept apart by {APART[settings.isolation]} (isolation: {settings.isolation})."
    )
    console.print(f"Scores: {record.scores}   every test with its message: {record.path}", soft_wrap=True)
    for name, failure in outcome.kit_errors.items():
        console.print(f"\nThe kit failed on {name}; it has no score. {failure}", markup=False, style="red")
    if outcome.kit_errors or outcome.left:
        sys.exit(1)


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when a file is not what would be written.")
@click.option("--force", is_flag=True, help="Overwrite also what a learner wrote; execute the walkthrough anew.")
@click.option("--repository", help="Address of your copy of the kit, from which Colab is to fetch it; is kept.")
def release(check: bool, force: bool, repository: str | None) -> None:
    """Write what follows from solutions/: the stubs in exercises/, and notebooks/."""
    try:
        if repository is not None and not check:
            colab.set_repository(repository)
        written = [] if check else stubs.write(force=force)
        problems = stubs.drift()
    except ModuleNotFoundError as error:
        what = "needs what maintainers install: python -m pip install -e .[dev] -c constraints.txt"
        raise click.ClickException(f"{error.name} is missing; release {what}") from None
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    except stubs.EditedError as error:
        raise click.ClickException(
            f"{error}; no file was written. Overwrite with: chainrule release --force"
        ) from None
    if not check:
        click.echo(f"written: {', '.join(written) or 'nothing, all is as it must be'}")
    for problem in problems:
        click.echo(problem)
    if check and problems:
        raise click.ClickException("drifted from solutions/; `chainrule release` writes anew what is generated")
    if check:
        click.echo("exercises/ and notebooks/ follow from solutions/")


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
            f"{_count(passed, 'attempt')} to break out went through; mark no strangers' code"
        )
    console.print("PyTorch works in a confined worker. `chainrule grade` can be trusted here.")


@contextlib.contextmanager
def _stop_at_interrupt(console: Console) -> Iterator[threading.Event]:
    """Ctrl-C sets the event, so that what is being marked is finished; a second Ctrl-C ends everything at once."""
    stop = threading.Event()

    def interrupted(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            console.show_cursor()
            os.write(2, b"\nStopped at once. What was marked is kept; the same command goes on.\n")
            os._exit(INTERRUPTED)  # marking processes, fork servers and workers end with this one
        stop.set()
        os.write(2, b"\nFinishing what is being marked; Ctrl-C again stops at once.\n")

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
