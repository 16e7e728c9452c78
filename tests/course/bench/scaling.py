"""One cohort marked with 1, 2, 4, … jobs up to the cores there are, and by 1, 2 and 4 workers of a Dask cluster.

The start is left out: figures are of the time from when there are two results for each job until the last one.
What was begun before that makes up, on the average, for the jobs that have nothing left to do at the end.
"""

import contextlib
import json
import os
import signal
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench import cohort, measure, ours
from bench.measure import Usage
from bench.report import MIN_EFFICIENCY
from bench.way import Setup, environment

CORES = os.cpu_count() or 1
JOBS, DASK = "jobs", "Dask workers"
WAYS = [(JOBS, number) for number in sorted({1, 2, 4, 8, 16, 32, CORES}) if number <= CORES]
WAYS += [(DASK, number) for number in (1, 2, 4)]
"""What marks, and how many at a time."""
STARTED = 2
"""Results of each job after which it has imported all and filled its caches."""
LOOK = 1.0
"""Seconds between two looks at the memory, each of which takes some milliseconds for a process."""
PATIENCE = 60.0
"""Seconds that a scheduler may take to say where it listens."""


@dataclass(frozen=True)
class Marked:
    """A cohort marked once: seconds until the first result, what a submission took, and bytes held at the most."""

    start: float
    each: Usage
    memory: int


Figures = dict[tuple[str, int], list[Marked]]
"""Every round's, by what marked and how many at a time."""


def run(setup: Setup, copies: int, rounds: int, folder: Path, say: Callable[[str], None]) -> tuple[Figures, Path]:
    """Mark so many copies of each learner's submission in every way, in interleaved rounds.

    Also where the results of one of them lie. Raises ValueError where so few leave nothing beside the start.
    """
    submissions = cohort.submissions(setup.learners, copies)
    fewest = 2 * STARTED * max(number for _, number in WAYS)
    if len(submissions) < fewest:
        raise ValueError(f"{len(submissions)} submissions are too few, it takes {fewest}: more --copies")
    cohort.write(submissions, folder / "cohort")
    figures: Figures = {way: [] for way in WAYS}
    for count in range(rounds):
        for what, number in WAYS[count % len(WAYS) :] + WAYS[: count % len(WAYS)]:
            new = folder / f"{count}-{what}-{number}".replace(" ", "-")
            new.mkdir()
            with _marking(setup, what, number, new) as (options, others):
                marked = _mark(setup, new / "out", len(submissions), number, options, others)
            figures[what, number].append(marked)
            say(f"round {count + 1}: {number} {what}: {marked.each.wall:.2f} s, CPU {marked.each.cpu:.2f} s")
    return figures, new / "out"


def show(console: Console, figures: Figures) -> None:
    """Print the medians; efficiency is beside one job, of as many cores as are used."""
    table = Table("marked by", title=f"seconds per submission, on {CORES} cores, start left out")
    for column in ("until the first", "wall", "CPU", "efficiency", "by CPU alone", "memory, MiB", "bar", ""):
        table.add_column(column, justify="right")
    one = _median(figures[JOBS, 1])
    for (what, number), rounds in figures.items():
        marked = _median(rounds)
        efficiency = one.each.wall / marked.each.wall / min(number, CORES)
        row = [f"{number} {what}", f"{marked.start:.1f} s", f"{marked.each.wall:.2f}", f"{marked.each.cpu:.2f}"]
        row += [f"{efficiency:.2f}", f"{one.each.cpu / marked.each.cpu:.2f}", f"{marked.memory >> 20}"]
        if what == JOBS and number > 1:
            row += [f"≥ {MIN_EFFICIENCY}", "met" if efficiency >= MIN_EFFICIENCY else "missed"]
        table.add_row(*row)
    console.print(table)


def _median(rounds: Sequence[Marked]) -> Marked:
    each = Usage(statistics.median(m.each.wall for m in rounds), statistics.median(m.each.cpu for m in rounds))
    return Marked(statistics.median(m.start for m in rounds), each, max(m.memory for m in rounds))


def _mark(
    setup: Setup, out: Path, total: int, number: int, options: Sequence[object], others: Sequence[psutil.Process]
) -> Marked:
    """Mark the cohort with the options; `others` compute too, and are not the command's."""
    first = min(STARTED * number, total - 1)
    began = time.perf_counter()
    process = ours.started(setup, out.parents[1] / "cohort", out, *options)
    try:
        ours.until(process, out, 1)
        start = time.perf_counter() - began
        ours.until(process, out, first)
        roots, before = [process, *others], ours.done(out)
        looked = began = time.perf_counter()
        spent, memory = measure.spent(roots), 0
        while (done := ours.done(out)) < total:
            ours.until(process, out, done + 1)
            if time.perf_counter() - looked > LOOK:
                memory, looked = max(memory, measure.held(roots)), time.perf_counter()
        took = Usage(time.perf_counter() - began, measure.spent(roots) - spent)
        ours.ended(process, out)
    finally:
        _end(process, signal.SIGKILL)
    return Marked(start, took.each(total - before), memory)


@contextlib.contextmanager
def _marking(
    setup: Setup, what: str, number: int, folder: Path
) -> Iterator[tuple[Sequence[object], Sequence[psutil.Process]]]:
    """The options of `grade`, and the processes of a cluster that they lead to."""
    if what == JOBS:
        yield ["--jobs", number], []
        return
    with cluster(setup, folder, "--nworkers", number, "--nthreads", 1) as (address, processes):
        yield ["--scheduler", address], processes


@contextlib.contextmanager
def cluster(setup: Setup, folder: Path, *options: object) -> Iterator[tuple[str, Sequence[psutil.Process]]]:
    """A Dask cluster on this machine, its workers started with the options: its address, and its processes."""
    said = folder / "scheduler.json"
    here = ["--host", "127.0.0.1", "--scheduler-file", said]
    with (
        _dask(setup, folder, "scheduler", *here, "--port", 0, "--dashboard-address", "127.0.0.1:0") as scheduler,
        _dask(setup, folder, "worker", *here, "--no-dashboard", *options) as workers,
    ):
        yield _address(said), [scheduler, workers]


@contextlib.contextmanager
def _dask(setup: Setup, folder: Path, *arguments: object) -> Iterator[psutil.Process]:
    """A command of Dask's, and its end with all that came of it."""
    command = [setup.kit, "-m", "dask", *arguments]
    with (folder / f"{arguments[0]}.log").open("w", encoding="utf-8") as log:
        environ = environment(setup.kit, folder / "home")
        process = psutil.Popen([*map(str, command)], cwd=folder, env=environ, stdout=log, stderr=log)
    try:
        yield process
    finally:
        _end(process, signal.SIGTERM)


def _end(process: psutil.Popen, how: signal.Signals) -> None:
    """End a process that may have ended, with all that came of it."""
    everything = measure.with_descendants([process])
    for one in everything[:1]:
        one.send_signal(how)
    for one in psutil.wait_procs(everything, PATIENCE)[1]:
        one.kill()


def _address(said: Path) -> str:
    """Where the scheduler listens, once it has said so."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        with contextlib.suppress(FileNotFoundError, ValueError):  # it is being written
            return str(json.loads(said.read_text(encoding="utf-8"))["address"])
        time.sleep(ours.POLL)
    raise RuntimeError(f"the scheduler has not said where it listens; {said.with_suffix('.log')} may say why")
