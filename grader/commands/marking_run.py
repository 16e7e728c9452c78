"""A run of marking as the terminal shows it: its progress, and what Ctrl-C does."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.theme import Theme

from grader.course.catalogue import STAGES
from grader.course.finding import CourseError, installing
from grader.course.mistakes import mistakes_in
from grader.intake.roster import Roster
from grader.intake.submissions import Submission
from grader.marking.cohort import Markers, Outcome, Watching, mark_cohort
from grader.marking.mark import Settings
from grader.marking.processes import Processes
from grader.marking.record import Record
from grader.outside.workers import Isolation
from grader.reporting.summary import count

THEME = Theme({"progress.download": "none", "progress.remaining": "none"})
"""Without rich's green and cyan, which a white background does not bear."""
jobs_option = click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 1024),
    help="Submissions marked at a time.  [default: one a core]",
)
scheduler_option = click.option(
    "--scheduler",
    metavar="ADDRESS",
    help="Dask scheduler whose workers mark: tcp://HOST:PORT, tls://HOST:PORT, or its scheduler file.",
)
NOT_ENCRYPTED = (
    "The connection to the scheduler is not encrypted, and it takes orders from everybody: whoever reaches it can "
    "run code there and change scores. Safe on a network that nobody else can reach; elsewhere use TLS: tls://…"
)


def check_options(jobs: int | None, scheduler: str | None, db: str | None, no_gradebook: bool) -> None:
    """Raise UsageError where options exclude each other."""
    if jobs and scheduler is not None:
        raise click.UsageError("with --scheduler each worker says how many it marks at a time: leave --jobs out")
    if db and no_gradebook:
        raise click.UsageError("--db and --no-gradebook exclude each other: leave one of them out")


@contextlib.contextmanager
def markers(console: Console, isolation: Isolation, jobs: int | None, scheduler: str | None) -> Iterator[Markers]:
    """What marks: processes of this machine, or a cluster's workers. Raises ClickException where there is none."""
    if scheduler is None:
        with contextlib.closing(Processes(isolation, jobs)) as processes:
            yield processes
        return
    try:
        from grader.marking.cluster import Cluster
        from grader.marking.dask_client import ClusterError
    except ImportError:
        raise click.ClickException(f"--scheduler needs Dask: {installing('cluster')}") from None
    try:
        with contextlib.closing(Cluster(scheduler, isolation, console.print)) as cluster:
            if not cluster.address.startswith("tls://"):
                console.print(NOT_ENCRYPTED, style="dim")
            yield cluster
    except ClusterError as error:
        raise click.ClickException(str(error)) from None


def mistakes_of_folder(folder: Path) -> tuple[tuple[str, str], ...]:
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


def mark_shown(
    console: Console,
    submissions: Iterable[Submission],
    total: int,
    settings: Settings,
    record: Record,
    marking: Markers,
    force: bool,
    roster: Roster | None = None,
    earlier: Record | None = None,
) -> tuple[Outcome, float]:
    """Mark so many submissions, as `mark_cohort` does; what came of it, and in how many seconds."""
    seed = settings.seed
    console.print(f"Marking {count(total, 'submission')} with seed {seed} (again: --seed {seed}).")
    began = time.monotonic()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with stop_at_interrupt(console) as stop, Progress(*columns, console=console) as progress:
        read, marked = (progress.add_task(what, total=total) for what in ("read", "marked"))
        watching = Watching(lambda: progress.advance(read), lambda: progress.advance(marked), stop)
        outcome = mark_cohort(submissions, settings, record, marking, force, watching, roster, earlier)
    return outcome, time.monotonic() - began


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
