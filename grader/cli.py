"""The command `chainrule`."""

import contextlib
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

from grader import release as stubs
from grader import verdicts as ending
from grader.catalogue import STAGES
from grader.cohort import RESULTS, SCORES, Outcome, mark_cohort
from grader.marking import Settings
from grader.results import Result
from grader.submissions import Unreadable, read_cohort

ALARMS: tuple[ending.Outcome, ...] = ("timeout", "crashed", "error")
"""Endings without an answer."""
MAX_ROWS = 60
"""Submissions in the terminal's table at the most; scores.csv has them all."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="chainrule")
def main() -> None:
    """From ReLU by hand in NumPy to a trained nn.Module: grade submissions, release stubs."""


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
    "--seed", type=click.IntRange(min=0), help="Seed of the data that the suites draw.  [default: drawn]"
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
def grade(
    submissions: Path, out: Path, jobs: int | None, seed: int | None, time_limit: float, total_limit: float
) -> None:
    """Mark SUBMISSIONS: a folder of submissions, a zip of them all, or a single one.

    A submission is a folder with the stage files, or a zip of one; a wrapping folder is allowed.
    """
    try:
        cohort = read_cohort(submissions)
    except Unreadable as error:
        raise click.ClickException(str(error)) from None
    seed = secrets.randbelow(2**31) if seed is None else seed
    console = Console()
    console.print(f"Marking {_count(len(cohort), 'submission')} with seed {seed} (again: --seed {seed}).")
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with _stop_at_interrupt() as stop, Progress(*columns, console=console) as progress:
        bar = progress.add_task("marked", total=len(cohort))
        settings = Settings(seed, time_limit, total_limit)
        try:
            outcome = mark_cohort(cohort, settings, out, jobs, on_result=lambda: progress.advance(bar), stop=stop)
        except OSError as error:
            raise click.ClickException(f"results cannot be written to {out}: {error.strerror}") from error
    _show(console, outcome)
    if outcome.stopped:
        left = len(cohort) - len(outcome.results) - len(outcome.kit_errors)
        console.print(f"Stopped by Ctrl-C: {_count(left, 'submission')} not marked.", style="red")
    console.print(
        f"{_count(len(outcome.results), 'submission')} in {time.monotonic() - began:.1f} s, by worker "
        "processes without the kernel's confinement (isolation: process)."
    )
    console.print(f"Scores: {out / SCORES}   every test with its message: {out / RESULTS}", soft_wrap=True)
    for name, failure in outcome.kit_errors.items():
        console.print(f"\nThe kit failed on {name}; it has no score. {failure}", markup=False, style="red")
    if outcome.kit_errors or outcome.stopped:
        sys.exit(1)


@main.command()
@click.option("--check", is_flag=True, help="Change nothing; fail when exercises/ is not what would be written.")
@click.option("--force", is_flag=True, help="Overwrite also files with functions already written.")
def release(check: bool, force: bool) -> None:
    """Write the stubs in exercises/ from solutions/."""
    if check:
        problems = stubs.drift()
        for problem in problems:
            click.echo(problem)
        if problems:
            raise click.ClickException(
                "exercises/ has drifted from solutions/; `chainrule release` writes it anew"
            )
        click.echo("exercises/ follows from solutions/")
        return
    try:
        written = stubs.write(force=force)
    except stubs.EditedError as error:
        raise click.ClickException(
            f"{error}; nothing was changed. Overwrite with: chainrule release --force"
        ) from None
    click.echo(f"written: {', '.join(written) or 'nothing, all is as it must be'}")
    for problem in stubs.drift():
        click.echo(problem)


@contextlib.contextmanager
def _stop_at_interrupt() -> Iterator[threading.Event]:
    """Ctrl-C sets the event, so that what is being marked is finished; a second Ctrl-C interrupts at once."""
    stop = threading.Event()

    def first(number: int, frame: FrameType | None) -> None:
        stop.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, first)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)


def _show(console: Console, outcome: Outcome) -> None:
    """A table of the scores, and for each submission what to look at."""
    table = Table("submission", box=None, pad_edge=False)
    for stage in STAGES:
        table.add_column(str(stage.number), justify="right")
    table.add_column("score", justify="right", style="bold")
    table.add_column("look at")
    shown = outcome.results
    if len(shown) > MAX_ROWS:
        shown = [result for result in shown if result.status == "rejected" or _ended(result, *ALARMS)][:MAX_ROWS]
    for result in shown:
        scores = [f"{stage.score:g}" for stage in result.stages] or ["–"] * len(STAGES)
        table.add_row(_escaped(result.submission), *scores, f"{result.score:g}", _escaped(_look_at(result)))
    console.print(table)
    if len(shown) < len(outcome.results):
        console.print(f"and {len(outcome.results) - len(shown)} more, in {SCORES}")


def _look_at(result: Result) -> str:
    """What an instructor may want to look at, in a few words."""
    if result.status == "rejected":
        return f"rejected: {result.error}"
    if result.score == 0 and not _ended(result, "failed", *ALARMS):
        return "nothing written yet"
    return "; ".join(_ended(result, *ALARMS, "failed", "not written"))


def _ended(result: Result, *outcomes: ending.Outcome) -> list[str]:
    """Where tests ended in one of these ways: whole stages, or single tasks."""
    found = []
    for outcome in outcomes:
        whole, single = [], []
        for number, stage in enumerate(result.stages, 1):
            tasks = dict.fromkeys(test.task for test in stage.tests if test.outcome == outcome)
            if len(tasks) == len({test.task for test in stage.tests}):
                whole.append(str(number))
            else:
                single += [f"{number}.{task}" for task in tasks]
        stages = [f"stage{'s' if len(whole) > 1 else ''} {', '.join(whole)}"] if whole else []
        if stages or single:
            found.append(f"{outcome}: {', '.join(stages + single)}")
    return found


def _escaped(text: str) -> str:
    """Text of a submission's, shown as it is: no markup of the terminal's library."""
    return text.replace("[", "\\[")


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}{'' if n == 1 else 's'}"
