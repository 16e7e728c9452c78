"""How many submissions a second the command's own work lets through: reading, checking, writing, syncing.

Marking is left to a stand-in that costs nothing: it gives what was recorded of one of the benchmark's learners.
What passes to it is packed, and what comes back is unpacked and checked, as of a worker of a cluster; then such a
worker is the stand-in. Processes that read, one for each core, take their time on the same machine, and so do the
scheduler and the worker.
"""

import contextlib
import io
import itertools
import json
import os
import pickle
import resource
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import psutil
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench import cohort
from bench.check import SEED
from bench.measure import spent
from bench.ours import POLL
from bench.recorded_worker import RECORDED
from bench.report import MIN_RATE
from bench.scaling import cluster
from bench.way import Setup
from grader.commands.marking_run import mark_shown, markers
from grader.intake.readers import Readers
from grader.intake.submissions import Submission
from grader.judging.results import Result, line_of, result_from
from grader.marking.cohort import Markers
from grader.marking.mark import Settings, digest_of
from grader.marking.record import Cohort, Record
from grader.marking.scores import write_scores
from grader.reporting.summary import common_mistakes, show_scores

IN_FLIGHT = 16
"""Submissions that are begun before the first of them is done: as many share a sync at the most."""
ALONE = 200
"""Results that are synced one by one, to tell what a sync takes."""
SETTINGS = Settings(SEED)


@dataclass(frozen=True)
class Step:
    """A part of the command's work: seconds for each submission, and of processors in this process, in others."""

    name: str
    wall: float
    own: float
    others: float = 0.0


class StandIn:
    """What marks at no cost; see `grader.marking.cohort.Markers`."""

    def __init__(self, lines: list[bytes]) -> None:
        self._lines = itertools.cycle(lines)
        self._begun: list[str] = []

    def has_room(self) -> bool:
        """Whether another submission can be begun now."""
        return len(self._begun) < IN_FLIGHT

    def begin(self, submission: Submission, settings: Settings, earlier: Result | None) -> None:
        """Pack a submission, as what marks it is sent it."""
        pickle.dumps((submission, settings, earlier))
        self._begun.append(submission.name)

    def done(self, seconds: float) -> list[tuple[str, Result]]:
        """The results of all that were begun, each checked as it comes from a worker."""
        names, self._begun = self._begun, []
        return [(name, replace(_checked(next(self._lines)), submission=name)) for name in names]


def measure(setup: Setup, number: int, recorded: Path, folder: Path) -> Iterator[Step]:
    """What each step takes for so many submissions, then all of it in one run; recorded: a file of results."""
    lines = recorded.read_bytes().splitlines()
    copies = -(-number // len(cohort.LEARNERS))
    submissions = dict(itertools.islice(cohort.submissions(copies=copies).items(), number))
    forms = {"zips.zip": _zips_zipped, "folders.zip": _zipped, "folders": cohort.write}
    for form, write in forms.items():
        write(submissions, folder / form)
        read: list[Submission] = []
        yield _step(f"read from {form}", number, lambda: read.extend(_read(folder / form)))  # noqa: B023
        if len(read) != number or any(one.error or one.failed for one in read):
            raise RuntimeError(f"not all of {number} submissions were read from {form}")
    yield from _steps(read, lines, folder)
    with contextlib.closing(Record(folder / "run")) as record:
        run = partial(_run, folder / "folders", record)
        yield _step("all of a run", number, lambda: run(StandIn(lines)))
    os.environ[RECORDED] = str(recorded)
    loaded = "bench.recorded_worker"
    with (
        contextlib.closing(Record(folder / "by-dask")) as record,
        cluster(setup, folder, "--nthreads", IN_FLIGHT, "--no-nanny", "--preload", loaded) as (address, processes),
        markers(Console(file=io.StringIO()), SETTINGS.isolation, None, address) as workers,
    ):
        while not workers.has_room():
            workers.done(POLL)
        run = partial(_run, folder / "folders", record)
        yield _step("all of a run, by a Dask cluster", number, lambda: run(workers), processes)


def show(console: Console, steps: list[Step], number: int) -> None:
    """Print the table, and how the rate compares with the bar."""
    table = Table("step", title=f"the command's own work, ms for each of {number} submissions")
    for column in ("on the clock", "CPU of the command", "CPU of others"):
        table.add_column(column, justify="right")
    for step in steps:
        table.add_row(step.name, *(f"{1000 * part:.3f}" for part in (step.wall, step.own, step.others)))
    console.print(table)
    for step in steps[-2:]:
        rate, alone = 1 / step.wall, 1 / step.own
        met = "met" if rate >= MIN_RATE else "missed"
        console.print(
            f"{step.name}: {rate:.0f} submissions a second, bar ≥ {MIN_RATE:.0f}: {met}; "
            f"the command's own processor time alone would let {alone:.0f} through."
        )


def _steps(read: list[Submission], lines: list[bytes], folder: Path) -> Iterator[Step]:
    """The steps of what is done in the command's own process."""
    number, progress = len(read), Progress(console=Console(file=io.StringIO(), force_terminal=True))
    recorded, results = itertools.cycle(lines), itertools.cycle(map(_checked, lines))
    marked = [(replace(result, submission=one.name), one) for one, result in zip(read, results, strict=False)]
    digest_of(read[0], SETTINGS)  # that of the kit is made once
    yield _step("digest", number, lambda: _each(lambda one: digest_of(one, SETTINGS), read))
    yield _step("packed", number, lambda: _each(lambda one: pickle.dumps((one, SETTINGS, None)), read))
    yield _step("result unpacked and checked", number, lambda: _each(lambda _: _checked(next(recorded)), read))
    yield _step("result as a line", number, lambda: _each(lambda one: line_of(one[0]), marked))
    with contextlib.closing(Record(folder / "alone")) as record:
        few = [[one] for one in marked[:ALONE]]
        yield _step("kept and synced, each alone", ALONE, lambda: _each(partial(_keep, record), few))
    with contextlib.closing(Record(folder / "kept")) as record:
        groups = [marked[n : n + IN_FLIGHT] for n in range(0, number, IN_FLIGHT)]
        yield _step(f"kept and synced, {IN_FLIGHT} at once", number, lambda: _each(partial(_keep, record), groups))
        with progress:
            task = progress.add_task("", total=number)
            yield _step("progress told", number, lambda: _each(lambda _: progress.advance(task), read))
        names = [one.name for one in read]
        record.keep_cohort(Cohort(tuple(names)))
        yield _step("scores.csv", number, lambda: write_scores(record.results(), record.scores))
        yield _step("scores shown", number, lambda: show_scores(progress.console, record, names))
        yield _step("shared mistakes found", number, lambda: common_mistakes(record.results()))


def _each(work: Callable[[Any], object], items: Iterable[Any]) -> None:
    for one in items:
        work(one)


def _run(path: Path, record: Record, marking: Markers) -> None:
    console = Console(file=io.StringIO(), force_terminal=True)
    with contextlib.closing(Readers(path, SETTINGS.isolation)) as readers:
        outcome, _ = mark_shown(
            console, readers.submissions(), readers.count, SETTINGS, record, marking, force=True
        )
    if len(outcome.marked) != readers.count:
        raise RuntimeError(f"the kit failed: {outcome.kit_errors}")


def _keep(record: Record, marked: list[tuple[Result, Submission]]) -> None:
    for result, submission in marked:
        record.append(result, submission, sync=False)
    record.sync()


def _read(path: Path) -> list[Submission]:
    with contextlib.closing(Readers(path, SETTINGS.isolation, cohort=True)) as readers:
        return [*readers.submissions()]


def _checked(line: bytes) -> Result:
    return result_from(json.loads(line))


def _step(name: str, number: int, work: Callable[[], object], others: Sequence[psutil.Process] = ()) -> Step:
    """Do a step for so many submissions, and take its times; others: what works too and outlives it."""
    before, wall, own = _others(others), time.perf_counter(), time.process_time()
    work()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    return Step(name, wall / number, own / number, (_others(others) - before) / number)


def _others(processes: Sequence[psutil.Process]) -> float:
    """CPU seconds so far of children that have ended, and of these processes."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime + spent(processes)


def _zipped(submissions: dict[str, cohort.Files], path: Path) -> None:
    """Write all submissions into one zip, each as a folder."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, files in submissions.items():
            for file, source in files.items():
                archive.writestr(f"{name}/{file}", source)


def _zips_zipped(submissions: dict[str, cohort.Files], path: Path) -> None:
    """Write all submissions into one zip, each as a zip of its own."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, files in submissions.items():
            _zipped({"": files}, packed := path.with_name("one.zip"))
            archive.write(packed, f"{name}.zip")
