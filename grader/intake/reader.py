"""A process that reads submissions and may die of one; it runs nothing of theirs. Its own side.

It lists a cohort by names alone. What a submission holds is read by a child that it forks for it: shut in where
the kernel can do that, and bounded everywhere. A child's reply is not looked at here, but passed on to who asked,
beside the name that the listing has. Submissions of nothing but a few modules share a child, up to PLAIN_AT_ONCE,
since a text has little to break.
"""

import contextlib
import gc
import json
import os
import signal
import sys
import sysconfig
import tempfile
import time
import zlib
from collections.abc import Callable
from dataclasses import astuple
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING, Any

from grader.catalogue import ROOT
from grader.exit_codes import told
from grader.intake.entries import Unreadable
from grader.intake.submissions import HandedIn, Submission, opened, read

if sys.platform == "linux":
    import resource

    from grader import confinement
if TYPE_CHECKING:
    from grader.workers import Isolation

PROCESSOR_SECONDS = 10
"""Processor time for reading one submission at the most; what learners hand in takes milliseconds."""
SECONDS = 60.0
"""Seconds for reading one submission at the most, on a machine however busy."""
MEMORY = 2**30
"""Bytes of memory for reading one submission at the most."""
MAX_REPLY = 2**24
"""Bytes of what a submission holds, as JSON, at the most."""
PLAIN_AT_ONCE = 64
"""Submissions of a few modules that one child reads at the most."""
CAN_FORK = hasattr(os, "fork")


class Reader:
    """Answers, on `connection`, which submissions there are, and then for each number what that one holds.

    isolation: as of workers. size: as of _size.
    """

    def __init__(
        self, connection: Connection, handed_in: list[HandedIn], isolation: "Isolation", size: IO[bytes]
    ) -> None:
        self._connection = connection
        self._handed_in = handed_in
        self._isolation = isolation
        self._size = size
        self._child: Child | None = None

    def run(self) -> None:
        """Answer until the other side is gone."""
        while True:
            try:
                number = int(self._connection.recv_bytes(maxlength=64))
            except (EOFError, OSError):
                return
            one = self._handed_in[number]
            content, ended = self._content(number)
            head = {"name": one.name, "submitters": [*map(astuple, one.submitters)], "ended": ended}
            self._connection.send_bytes(json.dumps(head).encode())
            self._connection.send_bytes(content)

    def _content(self, number: int) -> tuple[bytes, str]:
        """What a submission holds, as JSON; or how the child ended that was to read it."""
        plain = self._handed_in[number].is_plain()
        if not CAN_FORK:
            return _told(_read(self._handed_in[number])), ""
        if self._child is None or not plain or self._child.left == 0:
            self._end_child()
            self._child = Child(self._serve, PLAIN_AT_ONCE if plain else 1)
        try:
            content = self._child.ask(number)
        except EOFError:
            return b"", self._end_child()
        if not plain:
            self._end_child()
        return content, ""

    def _end_child(self) -> str:
        child, self._child = self._child, None
        return child.end() if child else ""

    def _serve(self, connection: Connection) -> None:
        """In the child: shut in, then read what is asked for."""
        self._connection.close()
        if sys.platform == "linux":
            limits = confinement.Limits(MEMORY, PROCESSOR_SECONDS)
            self._size.seek(0)
            confinement.bound(limits, int(self._size.read().split()[0]) * resource.getpagesize())
            if self._isolation == "kernel":
                confinement.filter_calls(links=True)
        while True:
            number = int(connection.recv_bytes(maxlength=64))
            connection.send_bytes(_told(_read(self._handed_in[number])))


class Child:
    """A process forked to read submissions, `left` of them at the most."""

    def __init__(self, serve: Callable[[Connection], None], left: int) -> None:
        self.left = left
        self._connection, theirs = Pipe()
        self._pid = _forked(serve, theirs, self._connection)
        theirs.close()

    def ask(self, number: int) -> bytes:
        """What the submission holds. Raises EOFError where the child ends, or is ended, before it has said so."""
        self.left -= 1
        signal.signal(signal.SIGALRM, self._kill)
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            self._connection.send_bytes(b"%d" % number)
            return self._connection.recv_bytes(maxlength=MAX_REPLY)
        except OSError:
            raise EOFError from None
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)

    def end(self) -> str:
        """End it, and say how it ended if it had already."""
        self._connection.close()
        os.kill(self._pid, signal.SIGKILL)
        _, status = os.waitpid(self._pid, 0)
        return told(os.waitstatus_to_exitcode(status))

    def _kill(self, number: int, frame: FrameType | None) -> None:
        os.kill(self._pid, signal.SIGKILL)


def _forked(serve: Callable[[Connection], None], own: Connection, others: Connection) -> int:
    server = os.getpid()
    pid = os.fork()
    if pid == 0:
        with contextlib.suppress(BaseException):  # whatever it was, the exit code says that it failed
            if sys.platform == "linux":
                confinement.end_with_parent(server)
            others.close()
            serve(own)
        os._exit(1)
    return pid


class UnconfinedError(Exception):
    """This process cannot be shut in; the text says what is missing."""


def serve(connection: Connection, path: Path, isolation: "Isolation") -> None:
    """Say how many submissions there are at `path`, or why it cannot be read; then read them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who marks
    time.localtime()  # the time zone's file cannot be read later
    os.environ.clear()
    try:
        with tempfile.TemporaryFile() as spool, _size() as size:
            if isolation == "kernel":
                _shut_in(path)
            with opened(path, spool) as handed_in:
                names = "\n".join(one.name for one in handed_in).encode()
                said = {"count": len(handed_in), "names": zlib.crc32(names)}
                connection.send_bytes(json.dumps(said).encode())
                gc.collect()
                gc.freeze()
                Reader(connection, handed_in, isolation, size).run()
    except (Unreadable, UnconfinedError) as error:
        connection.send_bytes(json.dumps({type(error).__name__: str(error)}).encode())


def _size() -> IO[bytes]:
    """Where the kernel says how many pages this process maps, also when nothing can be opened any more."""
    return Path("/proc/self/statm" if sys.platform == "linux" else os.devnull).open("rb", buffering=0)


def _shut_in(path: Path) -> None:
    """Leave nothing to read but Python, the kit and what was handed in."""
    try:
        confinement.enter([ROOT, Path(sysconfig.get_path("purelib")), path.resolve()], starter="")
    except confinement.LayerMissing as error:
        raise UnconfinedError(str(error)) from None


def _read(one: HandedIn) -> Submission:
    """What a submission holds; an error of the kit's own, or of its budget, is the submission's alone."""
    try:
        return read(one)
    except MemoryError:
        return Submission(
            one.name, error=f"takes more than the {MEMORY >> 20} MiB of memory that reading may take"
        )
    except Exception as error:
        return Submission(one.name, failed=f"{type(error).__name__}: {error}")


def _told(submission: Submission) -> bytes:
    """What was read of a submission, as JSON."""
    told: dict[str, Any] = {"sources": submission.sources, "notebooks": submission.notebooks}
    told |= {"error": submission.error, "failed": submission.failed}
    told |= {"form": submission.form, "attempt": submission.attempt, "notes": submission.notes}
    handed_in = submission.handed_in
    return json.dumps(told | {"handed_in": handed_in and handed_in.isoformat()}).encode()
