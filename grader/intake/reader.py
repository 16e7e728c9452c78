"""A process that reads submissions and may die of one; it runs nothing of theirs. Its own side.

It lists a cohort by names alone. What a submission holds is read by a child that it forks for it: shut in where
the kernel can do that, and bounded everywhere. A child's reply is not looked at here, but passed on to who asked,
beside the name that the listing has. A few submissions share a child, since forking one takes longer than reading;
who ends it has done so by itself, and what it had not begun is read by the next.
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
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from types import FrameType
from typing import IO, TYPE_CHECKING

from grader.course.finding import KIT
from grader.course.location import ROOT
from grader.intake.entries import Unreadable
from grader.intake.owners import HandedIn
from grader.intake.serialization import content_of, head_of
from grader.intake.submissions import Submission, opened, read
from grader.outside.exit_codes import how_it_ended
from grader.outside.plain_text import PlainText, plain_text

if sys.platform == "linux":
    import resource

    from grader.inside import confinement
if TYPE_CHECKING:
    from grader.outside.workers import Isolation


@dataclass(frozen=True)
class Budget:
    """What reading one submission may take: seconds of processor time, seconds on a machine however busy, bytes of
    memory. What learners hand in takes milliseconds, and some megabytes.
    """

    processor: int = 10
    seconds: float = 60.0
    memory: int = 2**30


MAX_REPLY = 2**24
"""Bytes of what a submission holds, as JSON, at the most."""
AT_ONCE = {False: 16, True: 64}
"""Submissions that one child reads at the most: of any kind, and of nothing but a few modules."""
LOOK = 0.1
"""Seconds after which a child is looked at whose submission takes longer."""
CAN_FORK = hasattr(os, "fork")


class Reader:
    """Answers, on `connection`, which submissions there are, and then for each number what that one holds.

    isolation: as of workers. size: where the kernel says how many pages this process maps, open
    since nothing can be opened later.
    """

    def __init__(
        self,
        connection: Connection,
        handed_in: list[HandedIn],
        isolation: "Isolation",
        budget: Budget,
        size: IO[bytes],
    ) -> None:
        self._connection = connection
        self._handed_in = handed_in
        self._isolation = isolation
        self._budget = budget
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
            head = head_of(one) | {"ended": ended}
            self._connection.send_bytes(json.dumps(head).encode())
            self._connection.send_bytes(content)

    def _content(self, number: int) -> tuple[bytes, str]:
        """What a submission holds, as JSON; or how the child ended that was to read it."""
        if not CAN_FORK:
            return self._read(number), ""
        plain = self._handed_in[number].is_plain()
        if self._child is None or self._child.plain != plain or self._child.left == 0:
            self._end_child()
            self._child = Child(self._serve, plain)
        try:
            return self._child.ask(number, self._budget), ""
        except EOFError:
            return b"", self._end_child()

    def _end_child(self) -> str:
        child, self._child = self._child, None
        return child.end() if child else ""

    def _serve(self, connection: Connection) -> None:
        """In the child: shut in, then read what is asked for."""
        self._connection.close()
        if sys.platform == "linux":
            limits = confinement.Limits(self._budget.memory, AT_ONCE[False] * self._budget.processor)
            self._size.seek(0)
            confinement.bound(limits, int(self._size.read().split()[0]) * resource.getpagesize())
            if self._isolation == "kernel":
                confinement.filter_calls(links=True)
        while True:
            number = int(connection.recv_bytes(maxlength=64))
            connection.send_bytes(self._read(number))

    def _read(self, number: int) -> bytes:
        """What a submission holds, as JSON; an error of the kit's own, or of its budget, is its alone."""
        one = self._handed_in[number]
        try:
            return _told(read(one))
        except MemoryError:
            why = f"takes more than the {self._budget.memory >> 20} MiB of memory that reading may take"
            return _told(Submission(one.name, error=PlainText(why)))
        except Exception as error:
            return _told(Submission(one.name, failed=plain_text(f"{type(error).__name__}: {error}")))


class Child:
    """A process forked to read submissions, plain ones or any; `left` of them at the most."""

    def __init__(self, serve: Callable[[Connection], None], plain: bool) -> None:
        self.plain, self.left = plain, AT_ONCE[plain]
        self._connection, theirs = Pipe()
        self._pid = _forked(serve, theirs, self._connection)
        self._until = self._until_ran = 0.0
        theirs.close()

    def ask(self, number: int, budget: Budget) -> bytes:
        """What the submission holds. Raises EOFError where the child ends, or is ended, before it has said so."""
        self.left -= 1
        self._until, self._until_ran = time.monotonic() + budget.seconds, self._ran() + budget.processor
        signal.signal(signal.SIGALRM, self._look)
        signal.setitimer(signal.ITIMER_REAL, LOOK, LOOK)
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
        return how_it_ended(os.waitstatus_to_exitcode(status))

    def _look(self, number: int, frame: FrameType | None) -> None:
        """End it if it has had its time."""
        if time.monotonic() > self._until or self._ran() > self._until_ran:
            os.kill(self._pid, signal.SIGKILL)

    def _ran(self) -> float:
        """Seconds of processor time that it has had, by its clock, as clock_getcpuclockid(3) names it."""
        with contextlib.suppress(OSError):  # it has ended, or its system has no such clocks
            return time.clock_gettime(~self._pid << 3 | 2)
        return 0.0


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


def serve(connection: Connection, path: Path, cohort: bool, isolation: "Isolation", budget: Budget) -> None:
    """Say how many submissions there are at `path`, or why it cannot be read; then read them; see `opened`."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who marks
    time.localtime()  # the time zone's file cannot be read later
    os.environ.clear()
    try:
        pages = Path("/proc/self/statm" if sys.platform == "linux" else os.devnull)
        with tempfile.TemporaryFile() as spool, pages.open("rb", buffering=0) as size:
            if isolation == "kernel":
                _shut_in(path)
            with opened(path, spool, cohort) as handed_in:
                names = "\n".join(one.name for one in handed_in).encode()
                said = {"count": len(handed_in), "names": zlib.crc32(names)}
                connection.send_bytes(json.dumps(said).encode())
                gc.collect()
                gc.freeze()
                Reader(connection, handed_in, isolation, budget, size).run()
    except (Unreadable, UnconfinedError) as error:
        connection.send_bytes(json.dumps({type(error).__name__: str(error)}).encode())


def _shut_in(path: Path) -> None:
    """Leave nothing to read but Python, the kit and what was handed in."""
    try:
        there = [path.resolve()] if path.exists() else []
        confinement.enter([KIT, ROOT, Path(sysconfig.get_path("purelib")), *there], owner=True)
    except confinement.LayerMissing as error:
        raise UnconfinedError(str(error)) from None


def _told(submission: Submission) -> bytes:
    """What was read of a submission, as JSON."""
    return json.dumps(content_of(submission)).encode()
