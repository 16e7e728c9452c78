"""Runs a command and watches every process that comes of it: how many, how large, which stay. For Linux."""

import contextlib
import ctypes
import os
import select
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hostile.surroundings import process_status

PR_SET_CHILD_SUBREAPER = 36
"""Of prctl(2): orphans among the descendants become this process's children, and so do not get out of sight."""
INTERVAL = 0.1
"""Seconds from one look at the processes to the next."""
GRACE = 100.0
"""Seconds that processes are given to end after the command, as they do when they see that it is gone."""


@dataclass
class Watched:
    """What was seen of a command and its processes.

    code: its exit code, None where it had to be stopped; largest: kB that any one process held at a time;
    threads: how many any one had at a time; most: processes there were at a time; marked: command lines of those
    that bear the mark; left: those that were still there when the command had ended.
    """

    code: int | None = None
    seconds: float = 0.0
    largest: int = 0
    threads: int = 0
    most: int = 0
    marked: set[str] = field(default_factory=set)
    left: list[str] = field(default_factory=list)


def run(
    command: list[str],
    mark: str,
    limit: float,
    output: Path,
    folder: Path,
    environment: dict[str, str],
    grace: float = GRACE,
) -> Watched:
    """Run a command in a folder, to its end or the limit in seconds, and watch it.

    mark: what stands in the names of processes that must not be; output: the file for all that is printed;
    grace: seconds that processes are given to end after the command.
    """
    watched, done, began = Watched(), threading.Event(), time.monotonic()
    with _adopting_orphans(), output.open("wb") as file:
        before = set(descendants(os.getpid()))
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            cwd=folder,
            env=environment,
            start_new_session=True,
        )
        looking = threading.Thread(target=_look, args=(watched, mark, before, done))
        looking.start()
        with contextlib.suppress(subprocess.TimeoutExpired):
            watched.code = process.wait(timeout=limit)
        done.set()
        looking.join()
        watched.seconds = time.monotonic() - began
        watched.left = [_command_line(pid) for pid in _end(set(descendants(os.getpid())) - before, grace)]
        process.wait()
    return watched


def descendants(pid: int) -> list[int]:
    """The processes that come of this one, those that have ended and wait for their parent left out."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                state, parent, *_ = (entry / "stat").read_text(errors="replace").rpartition(")")[2].split()
                if state not in "ZX":
                    children.setdefault(int(parent), []).append(int(entry.name))
    found, waiting = [], [pid]
    while waiting:
        own = children.get(waiting.pop(), [])
        found += own
        waiting += own
    return found


def _look(watched: Watched, mark: str, before: set[int], done: threading.Event) -> None:
    """Look at the processes again and again until the command has ended."""
    while not done.wait(INTERVAL):
        there = set(descendants(os.getpid())) - before
        watched.most = max(watched.most, len(there))
        for pid in there:
            status, line = process_status(pid), _command_line(pid)
            watched.largest = max(watched.largest, int(status.get("VmHWM", "0 kB").split()[0]))
            watched.threads = max(watched.threads, int(status.get("Threads", "0")))
            if mark in line:
                watched.marked.add(line)


def _command_line(pid: int) -> str:
    """A process's arguments and its name."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace").replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return ""
    return f"{process_status(pid).get('Name', '')}: {arguments}"


def _end(pids: set[int], grace: float) -> Iterator[int]:
    """Wait for these processes to end; end those that do not, and tell which."""
    deadline = time.monotonic() + grace
    for pid in pids:
        try:
            handle = os.pidfd_open(pid)
        except ProcessLookupError:
            continue
        try:
            if not select.select([handle], [], [], max(0.0, deadline - time.monotonic()))[0]:
                yield pid
                signal.pidfd_send_signal(handle, signal.SIGKILL)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _adopting_orphans() -> Iterator[None]:
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
