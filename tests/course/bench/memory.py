"""Memory of `chainrule grade` over a long cohort: resident sizes at every so many submissions."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
from rich.console import Console
from rich.table import Table

from bench import cohort, ours
from bench.way import Setup
from grader.course.catalogue import STAGES

SAMPLES = 10
SETTLED = 5.0
"""Seconds after which a process is taken for one that stays; workers come and go."""
POLL = 0.2
"""Seconds between two looks at the results."""
MB = 2**20


@dataclass(frozen=True)
class Sample:
    """Resident bytes: of the command's own process, of the lasting ones below it by depth, and of the largest."""

    submissions: int
    seconds: float
    parent: int
    below: tuple[tuple[int, ...], ...]


def write(number: int, folder: Path) -> None:
    """Write small submissions: stage 1, every second one also stage 2, every tenth also stage 4; no two alike."""
    for i in range(number):
        stages = [STAGES[0], *STAGES[1:2] * (i % 2 == 0), *STAGES[3:4] * (i % 10 == 0)]
        learner = cohort.LEARNERS[i % 3]
        submission = folder / f"small-{i:05}"
        submission.mkdir(parents=True)
        for stage in stages:
            source = cohort.touched(cohort.module(learner, stage), i + 1)
            (submission / stage.file).write_text(source, encoding="utf-8")


def measure(setup: Setup, number: int, folder: Path) -> list[Sample]:
    """Grade so many small submissions and look at the processes on the way."""
    write(number, folder / "cohort")
    process = ours.started(setup, folder / "cohort", folder / "out")
    samples = list(_samples(process, folder / "out", max(1, number // SAMPLES)))
    ours.ended(process, folder / "out")
    return samples


def _samples(process: psutil.Popen, out: Path, step: int) -> Iterator[Sample]:
    """A sample whenever `step` more results are written, until the command ends."""
    began, due = time.monotonic(), step
    while True:
        try:
            process.wait(POLL)
            return
        except psutil.TimeoutExpired:
            done = ours.done(out)
        if done >= due:
            below = tuple(tuple(sorted(sizes)) for sizes in _below(process))
            yield Sample(done, time.monotonic() - began, process.memory_info().rss, below)
            due = done - done % step + step


def _below(process: psutil.Process) -> list[list[int]]:
    """Resident bytes of the lasting processes below one, level by level."""
    levels: list[list[int]] = []
    parents = [process]
    while parents:
        parents = [child for parent in parents for child in _children(parent)]
        sizes: list[int] = []
        for child in parents:
            try:
                if time.time() - child.create_time() > SETTLED:
                    sizes.append(child.memory_info().rss)
            except psutil.NoSuchProcess:
                continue
        if sizes:
            levels.append(sizes)
    return levels


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        found: list[psutil.Process] = process.children()
        return found
    except psutil.NoSuchProcess:
        return []


def show(console: Console, samples: list[Sample]) -> None:
    """Print the table, and how much each column grew from its first row to its last."""
    table = Table("submissions", "seconds", "parent MB", title="resident memory of chainrule grade")
    depth = max((len(sample.below) for sample in samples), default=0)
    for level in range(depth):
        table.add_column(f"level {level + 1} below: each, MB")
    for sample in samples:
        below = [" ".join(f"{size / MB:.1f}" for size in sizes) for sizes in sample.below]
        row = [f"{sample.submissions}", f"{sample.seconds:.0f}", f"{sample.parent / MB:.1f}", *below]
        table.add_row(*row)
    console.print(table)
    if len(samples) > 1:
        first, last = samples[0], samples[-1]
        grown = [("parent", first.parent, last.parent)]
        pairs = zip(first.below, last.below, strict=False)
        grown += [(f"level {n}, the largest", max(a), max(b)) for n, (a, b) in enumerate(pairs, 1)]
        told = ", ".join(f"{name} {(after - before) / MB:+.1f} MB" for name, before, after in grown)
        console.print(f"from submission {first.submissions} to {last.submissions}: {told}")
