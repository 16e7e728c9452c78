"""Wall and CPU seconds of a command and of every process that comes of it.

CPU is what the kernel adds up in a parent as it waits for its children. A process whose parent ends first
would be handed to init, and its time lost: so this process makes itself the one that such orphans are handed
to (a subreaper, Linux), and waits for them too.
"""

import contextlib
import ctypes
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

PR_SET_CHILD_SUBREAPER = 36
PATIENCE = 20.0
"""Seconds that processes left behind may take to end before they are killed."""


@dataclass(frozen=True)
class Usage:
    """Seconds that a command took, and that it and its descendants computed."""

    wall: float
    cpu: float

    def __sub__(self, other: "Usage") -> "Usage":
        return Usage(self.wall - other.wall, self.cpu - other.cpu)

    def each(self, number: float) -> "Usage":
        """The share of one of so many."""
        return Usage(self.wall / number, self.cpu / number)


class CommandFailedError(Exception):
    """A command of the benchmark ended with an error; the text is what it printed."""


def adopt_orphans() -> None:
    """Become the parent of descendants whose own parent ends."""
    if not sys.platform.startswith("linux"):
        print("CPU of processes that outlive their parent is not counted on this system", file=sys.stderr)
        return
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def run(
    command: Sequence[object],
    folder: Path,
    environment: dict[str, str],
    codes: tuple[int, ...] = (0,),
) -> Usage:
    """Run a command to its end and measure it. Raises CommandFailedError at any exit code but `codes`."""
    arguments = [str(part) for part in command]
    log = folder / "command.log"
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with log.open("w", encoding="utf-8") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            arguments, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        code = process.wait()
        wall = time.perf_counter() - began
    _reap()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if code not in codes:
        raise CommandFailedError(f"{arguments} ended with code {code}:\n{log.read_text(encoding='utf-8')[-4000:]}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Usage(wall, cpu)


def _reap() -> None:
    """Wait for the processes that the command left behind, so that their time counts; kill those that stay."""
    _, alive = psutil.wait_procs(psutil.Process().children(recursive=True), PATIENCE)
    for process in alive:
        print(f"left behind and killed: {process}", file=sys.stderr)
        process.kill()
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, 0 if alive else os.WNOHANG) != (0, 0):
            pass


def with_descendants(roots: Iterable[psutil.Process]) -> list[psutil.Process]:
    """These processes, and all that came of them and have not ended."""
    found = []
    for root in roots:
        with contextlib.suppress(psutil.NoSuchProcess):
            found += [root, *root.children(recursive=True)]
    return found


def spent(roots: Iterable[psutil.Process]) -> float:
    """CPU seconds of these processes so far, and of all that came of them."""
    total = 0.0
    for process in with_descendants(roots):
        with contextlib.suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])  # their own, and those of the children they have waited for
    return total


def held(roots: Iterable[psutil.Process]) -> int:
    """Bytes of memory that these processes and their descendants hold; what they share counts once."""
    total = 0
    for process in with_descendants(roots):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            total += process.memory_full_info().pss
    return total
