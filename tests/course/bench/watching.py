"""Watch mode: seconds from a save to its verdict on the terminal, beside what the learner's own code takes.

The real command runs in a pseudo-terminal on a folder of solutions. For each stage its stub is saved, and when
that is on the terminal, the solution; the time is from just before that save until the terminal shows all points.
The learner's own time is what passes in their module and its functions while the same tests run in one process,
right after each save.

`python -m bench.watching` gives the latter: seconds, for each line with a stage's name.
"""

import os
import select
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.report import NUMPY_BAR, TORCH_BAR
from bench.way import environment
from grader.course.catalogue import STAGES, Stage
from grader.course.location import EXERCISES, SOLUTIONS

PATIENCE = 120.0
SEED = 1


@dataclass(frozen=True)
class Timed:
    """A stage's rounds: seconds from save to verdict, and seconds in the learner's own code."""

    stage: Stage
    verdicts: list[float]
    own: list[float]

    @property
    def bar(self) -> float:
        """Seconds that the median may take."""
        return NUMPY_BAR if self.stage.numpy_only else statistics.median(self.own) + TORCH_BAR


class Session:
    """`chainrule watch` in a pseudo-terminal."""

    def __init__(self, kit: Path, folder: Path, home: Path) -> None:
        from ptyprocess import PtyProcess

        command = [str(kit), "-m", "grader", "watch", "--from", str(folder), "--seed", str(SEED)]
        environ = environment(kit, home) | {"TERM": "xterm-256color"}
        self._process = PtyProcess.spawn(command, env=environ, dimensions=(50, 120))
        self._seen = b""

    def wait_for(self, text: str) -> None:
        """Wait until the terminal is sent this text, drop what came before it."""
        until = time.monotonic() + PATIENCE
        while text.encode() not in self._seen:
            if not select.select([self._process.fd], [], [], max(until - time.monotonic(), 0))[0]:
                raise TimeoutError(f"the terminal never showed {text!r}, but {self._seen[-2000:]!r}")
            self._seen += os.read(self._process.fd, 2**16)
        self._seen = self._seen.partition(text.encode())[2]

    def close(self) -> None:
        """End it."""
        self._process.terminate(force=True)


def measure(kit: Path, rounds: int, folder: Path) -> list[Timed]:
    """Time saves of every stage, and the learner's own code in between."""
    modules = folder / "modules"
    modules.mkdir()
    for stage in STAGES:
        _save(modules, stage, SOLUTIONS)
    timed = [Timed(stage, [], []) for stage in STAGES]
    with _own_code(kit, folder / "home") as own, _session(kit, modules, folder / "home") as session:
        session.wait_for(" 100 of 100 points")
        for number in range(rounds + 1):
            for row in timed:
                row.verdicts.append(_verdict(session, modules, row.stage, number))
                row.own.append(own(row.stage))
    return [Timed(row.stage, row.verdicts[1:], row.own[1:]) for row in timed]


def show(console: Console, timed: list[Timed]) -> None:
    """Print the medians beside the bars."""
    rounds = len(timed[0].verdicts)
    table = Table("stage", title=f"from save to verdict, in ms: medians of {rounds} saves")
    for column in ("save to verdict", "from … to", "own code", "beyond it", "bar", ""):
        table.add_column(column, justify="right")
    for row in timed:
        median, own = statistics.median(row.verdicts), statistics.median(row.own)
        low, high = min(row.verdicts), max(row.verdicts)
        met = "met" if median <= row.bar else "missed"
        spread = f"{1000 * low:.0f} … {1000 * high:.0f}"
        figures = [f"{1000 * value:.0f}" for value in (own, median - own, row.bar)]
        table.add_row(f"{row.stage.number} {row.stage.title}", f"{1000 * median:.0f}", spread, *figures, met)
    console.print(table)


def _verdict(session: Session, modules: Path, stage: Stage, number: int) -> float:
    """Seconds from a save to its verdict."""
    _save(modules, stage, EXERCISES)
    session.wait_for("Next: ")
    session.wait_for("Data drawn with seed")
    began = time.perf_counter()
    _save(modules, stage, SOLUTIONS, f"# {number}\n")
    session.wait_for(" 100 of 100 points")
    took = time.perf_counter() - began
    session.wait_for("Data drawn with seed")
    return took


def _save(modules: Path, stage: Stage, source: Path, more: str = "") -> None:
    text = (source / stage.file).read_text(encoding="utf-8") + more
    (modules / stage.file).write_text(text, encoding="utf-8")


@contextmanager
def _session(kit: Path, modules: Path, home: Path) -> Iterator[Session]:
    session = Session(kit, modules, home)
    try:
        yield session
    finally:
        session.close()


@contextmanager
def _own_code(kit: Path, home: Path) -> Iterator[Callable[[Stage], float]]:
    """Gives the seconds that a stage's own code takes, with everything in one process."""
    command = [str(kit), "-m", "bench.watching"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, env=environment(kit, home)) as process:
        assert process.stdin is not None and process.stdout is not None
        asked, answered = process.stdin, process.stdout

        def own(stage: Stage) -> float:
            print(stage.name, file=asked, flush=True)
            return float(answered.readline())

        yield own
        asked.close()


def own_times() -> None:
    """For each stage that is asked for, print the seconds that pass in the solution's own code."""
    from grader.inside.runtime import Runtime
    from grader.judging.pytest_plugin import same_process
    from grader.judging.suites import suites

    spent = 0.0
    answer_to = Runtime._answer_to

    def timed(bench: Runtime, request: dict[str, Any]) -> dict[str, Any]:
        nonlocal spent
        began = time.perf_counter()
        try:
            return answer_to(bench, request)
        finally:
            spent += time.perf_counter() - began

    Runtime._answer_to = timed  # type: ignore[method-assign]
    for line in sys.stdin:
        spent = 0.0
        stage = next(stage for stage in STAGES if stage.name == line.strip())
        suites().run(stage, lambda stage: same_process(stage, SOLUTIONS), SEED)
        print(spent, flush=True)


if __name__ == "__main__":
    own_times()
