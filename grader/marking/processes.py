"""Marks on this machine: processes side by side, each at one submission, with the fork servers that they share."""

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

from grader.intake.submissions import Submission
from grader.judging.results import Result
from grader.marking.fork_servers import Connections, ForkServers, kinds_for
from grader.marking.mark import Settings, mark
from grader.outside import workers
from grader.outside.plain_text import plain_text
from grader.outside.workers import Isolation, KitError, no_main_module


class MarkingProcess:
    """A process that marks one submission after the other, and is started again after it died.

    connections: to the run's fork servers; processor: the one that it is bound to, None for any.
    """

    def __init__(self, connections: Connections, processor: int | None = None) -> None:
        self._beginning = connections, processor
        self._process: BaseProcess | None = None
        self._start()

    def begin(self, submission: Submission, settings: Settings, earlier: Result | None) -> None:
        """Have a submission marked, once the last one's result was taken."""
        asked = submission, settings, earlier
        if not self._process:
            self._start()
        try:
            self.connection.send(asked)
        except OSError:  # it died while it had nothing to do
            self.close()
            self._start()
            self.connection.send(asked)

    def result(self) -> Result | KitError:
        """Wait for what came of the submission: its result, or on what the kit failed."""
        try:
            said: Result | KitError = self.connection.recv()
        except (EOFError, OSError):
            self.close()
            return KitError("the marking process died")
        return said

    def kill(self) -> None:
        """End it without waiting, from any thread: who waits for a result is told that it died."""
        if self._process:
            self._process.kill()

    def close(self) -> None:
        """End it, whatever it is at."""
        if self._process:
            self._process.kill()
            self._process.join()
            self._process = None
            self.connection.close()

    def _start(self) -> None:
        self.connection, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")  # a fork would copy the threads' locks
        with theirs, no_main_module():
            is_daemonic = workers.CAN_FORK  # else its workers are children that a daemonic process may not have
            self._process = context.Process(target=_serve, args=(theirs, *self._beginning), daemon=is_daemonic)
            self._process.start()


class Processes:
    """Marks as many submissions at a time as there are jobs, by default one for each core.

    Processes and fork servers start with the first submission that needs them, side by side. Raises NoWorkersError
    where this system has no such isolation.
    """

    def __init__(self, isolation: Isolation, jobs: int | None = None) -> None:
        with contextlib.ExitStack() as stack:
            self._servers = ForkServers(isolation, stack)
            self._opened = stack.pop_all()
        self._free: list[MarkingProcess] = []
        self._to_start = processors_for(jobs or os.cpu_count() or 1)
        self._running: dict[Any, tuple[str, MarkingProcess]] = {}

    def has_room(self) -> bool:
        """Whether another submission can be begun now."""
        return bool(self._free or self._to_start)

    def begin(self, submission: Submission, settings: Settings, earlier: Result | None) -> None:
        """Begin to mark a submission."""
        self._servers.start(kinds_for(submission))
        if not self._free:
            process = MarkingProcess(self._servers.connections, self._to_start.pop())
            self._free.append(self._opened.enter_context(contextlib.closing(process)))
        process = self._free.pop()
        process.begin(submission, settings, earlier)
        self._running[process.connection] = submission.name, process

    def done(self, seconds: float) -> list[tuple[str, Result | KitError]]:
        """What came of submissions, by name: of those that are done, else of who is done within the time.

        Raises NoWorkersError where a fork server does not come to fork.
        """
        self._servers.check()
        found: list[tuple[str, Result | KitError]] = []
        for ready in wait(self._running, seconds):
            name, process = self._running.pop(ready)
            found.append((name, process.result()))
            self._free.append(process)
        return found

    def close(self) -> None:
        """End all processes and servers, with what they are at."""
        self._opened.close()


def available() -> int:
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def processors_for(jobs: int) -> list[int | None]:
    """A processor for each job, the first of them another one in each run; None where none can be chosen.

    A marking process and its worker take turns. On one processor the turn passes without waking up another one,
    which costs more than what most calls take.
    """
    if sys.platform != "linux":
        return [None] * jobs
    processors = sorted(os.sched_getaffinity(0))
    return [processors[(os.getpid() + job) % len(processors)] for job in range(jobs)]


def _serve(connection: Connection, connections: Connections, processor: int | None) -> None:
    """A marking process: mark what is asked for until nobody can ask any more.

    Ctrl-C is left to the process that was started by hand; when that is gone, however it ended, this one ends too.
    """
    if sys.platform == "linux" and processor is not None:
        os.sched_setaffinity(0, {processor})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_parent, daemon=True).start()
    workers.share(connections)
    with contextlib.suppress(EOFError):
        while True:
            connection.send(_marked(*connection.recv()))


def _marked(submission: Submission, settings: Settings, earlier: Result | None) -> Result | KitError:
    try:
        return mark(submission, settings, earlier)
    except KitError as error:
        return error
    except Exception as error:  # an error of the kit too: the others are still marked
        return KitError(plain_text(f"{type(error).__name__}: {error}"))


def _end_after_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
