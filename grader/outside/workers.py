"""Starts and ends workers: forked by a fork server on Linux, as new processes elsewhere. Trusted side.

A marking process uses the fork servers that were started for the whole run (`share`); where there are none, or
where they are gone, it starts its own.
"""

import atexit
import contextlib
import multiprocessing
import os
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Literal, NamedTuple, Protocol

from grader.inside import worker
from grader.inside.worker import EXIT_CODE, FORK_REQUEST, READY
from grader.outside.exit_codes import how_it_ended
from grader.outside.plain_text import plain_text

Isolation = Literal["kernel", "process"]
Kind = Literal["numpy", "torch", "notebooks"]
"""What a worker finds loaded: NumPy, PyTorch too, or what reading a notebook's cells takes."""

CAN_FORK = sys.platform == "linux"
"""Whether workers are forked: macOS lets no process fork that has used its libraries, Windows none."""
MODULES: dict[Kind, str] = {"numpy": "numpy", "torch": "torch", "notebooks": "IPython"}
"""By which import it can be tried whether what a fork server loads is sound."""
WHOLE_MESSAGES = getattr(socket, "SOCK_SEQPACKET", socket.SOCK_STREAM)
"""Connections whose messages come whole or not at all, so that several processes can send on one."""
START_LIMIT = 120.0
"""Seconds for a worker or a fork server to start, imports included; beyond that the kit has failed."""
MAX_REASON = 500
"""Bytes of what a fork server says of itself that are read, or of the last that its libraries printed."""
END_LIMIT = 10.0
"""Seconds for a worker to be gone after it was told to."""
MAX_COUNTED = 64
"""Bytes of the numbers by which the kernel tells how a thread was scheduled, each of 20 digits at the most."""
HUGE_PAGES = {"GLIBC_TUNABLES": "glibc.malloc.hugetlb=1"}
"""Has glibc (from 2.35) ask for large pages, of which a fork has fewer to copy; others do not look there."""
_CREDENTIALS = struct.Struct("3i")
"""Process, user and group of who sent a message, as the kernel puts them beside it."""


class KitError(Exception):
    """The kit itself failed; nobody loses points."""

    tries = 2
    """How often a submission is begun on which this happens."""


class NoWorkersError(KitError):
    """No worker of a kind can be had here as things are: who tries again gets the same answer."""


class ServerGoneError(KitError):
    """A fork server cannot be reached, or ended while it had a worker."""


class Times(NamedTuple):
    """Seconds for which a process ran, and for which it could have run and waited for a processor."""

    ran: float = 0.0
    waited: float = 0.0


class Worker(Protocol):
    """A process that runs a learner's code, seen from outside."""

    connection: socket.socket

    def wait(self, seconds: float) -> None:
        """Wait for its first message, and leave that to be read. Raises TimeoutError."""

    def times(self) -> Times:
        """How it spent its time so far; zeros where this system does not tell."""

    def exit_code(self, timeout: float) -> int | None:
        """How it ended, negative for a signal; None if it has not within the time. Raises ServerGoneError."""

    def kill(self) -> None:
        """End it without waiting, from any thread; who reads from it finds that it is gone."""

    def end(self) -> None:
        """End it and wait until it is gone."""


class ForkServer:
    """A process that forks workers of one kind; it ends with those that hold `connection`.

    There is no other way to it. Marking processes are given the connection as they start, and share it.
    ends: of the connection, ours and the server's, where it was made before.
    """

    def __init__(
        self, kind: Kind, isolation: Isolation, ends: tuple[socket.socket, socket.socket] | None = None
    ) -> None:
        self._kind = kind
        self._deadline = time.monotonic() + START_LIMIT
        self._is_ready = False
        self._printed = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the server
        self.connection, theirs = ends or socket.socketpair(type=WHOLE_MESSAGES)
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "grader.inside.fork_server", kind, isolation],
                stdin=theirs.fileno(),
                stdout=self._printed,
                stderr=self._printed,
                env=_environment(),
                start_new_session=True,
            )
        atexit.register(self.close)

    def wait_until_ready(self) -> None:
        """Wait for the imports. Raises NoWorkersError, with why and what to do, if it does not come to fork."""
        if self._is_ready:
            return
        try:
            self.connection.settimeout(max(0.001, self._deadline - time.monotonic()))
            said = self.connection.recv(MAX_REASON).decode()
            self.connection.settimeout(None)  # for all who share it
        except TimeoutError:
            raise self._failure(f"it was not ready after {START_LIMIT:g} s") from None
        except OSError:  # it was closed meanwhile, or ended as it was
            said = ""
        if not said:
            raise self._failure(self._last_words())
        if said != READY:
            raise NoWorkersError(plain_text(said))
        self._is_ready = True

    def is_ready(self) -> bool:
        """Whether it has imported what it needs. Raises NoWorkersError as waiting for it does."""
        said = not self._is_ready and select.select([self.connection], [], [], 0)[0]
        if said or time.monotonic() > self._deadline:
            self.wait_until_ready()
        return self._is_ready

    def close(self) -> None:
        """End the server and its workers."""
        atexit.unregister(self.close)
        self._process.kill()
        self._process.wait()
        self.connection.close()
        self._printed.close()

    def _failure(self, reason: str) -> NoWorkersError:
        trial = f'{Path(sys.executable).name} -c "import {MODULES[self._kind]}"'
        return NoWorkersError(f"the {self._kind} fork server did not start: {reason}\nDoes this work: {trial}")

    def _last_words(self) -> str:
        """The last line that a server printed, which of a traceback is the error; else how it ended."""
        try:
            code = self._process.wait(END_LIMIT)
            end = os.fstat(self._printed.fileno()).st_size
            text = os.pread(self._printed.fileno(), MAX_REASON, max(0, end - MAX_REASON))
        except (subprocess.TimeoutExpired, ValueError):  # it closed its stdin; it was closed from another thread
            return how_it_ended(None)
        lines = text.decode(errors="replace").split("\n")
        return next((plain_text(line.strip()) for line in reversed(lines) if line.strip()), how_it_ended(code))


_shared: dict[tuple[Kind, Isolation], socket.socket] = {}
_own: dict[tuple[Kind, Isolation], ForkServer] = {}
_spare: dict[Kind, Worker] = {}
"""Workers that wait for whoever keeps them apart as processes alone, which takes no limits."""


def share(connections: dict[tuple[Kind, Isolation], socket.socket]) -> None:
    """Use these fork servers, which another process started."""
    _shared.update(connections)


def check(isolation: Isolation) -> None:
    """Raise NoWorkersError where this system has no such isolation at all."""
    if isolation == "kernel" and not CAN_FORK:
        raise NoWorkersError("confinement by the kernel is there on Linux only")


def warm_up(kinds: Iterable[Kind], isolation: Isolation) -> None:
    """Have the fork server of each kind, where there are any, start at once: it imports what it needs."""
    for kind in kinds:
        if CAN_FORK and (kind, isolation) not in {**_shared, **_own}:
            _own[kind, isolation] = ForkServer(kind, isolation)


def keep_spare(kinds: Iterable[Kind]) -> None:
    """Have the next worker of each kind, kept apart as a process alone, wait for whoever needs it."""
    for kind in kinds:
        if kind in _spare:
            continue
        if not CAN_FORK:
            _spare[kind] = SpawnedWorker(kind)
            continue
        warm_up([kind], "process")
        with contextlib.suppress(ConnectionError):  # of a server that is gone, which `start` finds
            _spare[kind] = ForkedWorker(_own[kind, "process"].connection, 0, 0)


def end_all() -> None:
    """End what this process keeps for workers to come."""
    while _own:
        _own.popitem()[1].close()
    while _spare:
        _spare.popitem()[1].end()


def start(kind: Kind, isolation: Isolation, memory: int, seconds: int) -> Worker:
    """Start a worker, with limits where it is confined: bytes of memory, seconds of processor time.

    Raises NoWorkersError when no fork server starts, ServerGoneError when it cannot be reached.
    """
    check(isolation)
    if not CAN_FORK:
        return _waiting(kind, isolation) or SpawnedWorker(kind)
    try:
        return ForkedWorker(_shared[kind, isolation], memory, seconds)
    except (KeyError, ConnectionError):
        if gone := _shared.pop((kind, isolation), None):
            gone.close()
    for _ in range(2):
        warm_up([kind], isolation)
        server = _own[kind, isolation]
        try:
            server.wait_until_ready()
            return _waiting(kind, isolation) or ForkedWorker(server.connection, memory, seconds)
        except (ConnectionError, NoWorkersError) as error:
            _own.pop((kind, isolation), server).close()
            if isinstance(error, NoWorkersError):
                raise
    raise ServerGoneError(f"the {kind} fork server cannot be reached")


def _waiting(kind: Kind, isolation: Isolation) -> Worker | None:
    """The worker that waits, unless it has ended meanwhile."""
    spare = _spare.pop(kind, None) if isolation == "process" else None
    if spare is None:
        return None
    with contextlib.suppress(ServerGoneError):
        if spare.exit_code(timeout=0) is None:
            return spare
    spare.end()
    return None


class ForkedWorker:
    """A worker of a fork server's. Raises ConnectionError when the server is not there."""

    def __init__(self, server: socket.socket, memory: int, seconds: int) -> None:
        self._killed = False
        self._pid = 0
        self._counted: int | None = None
        self._times = Times()
        self.connection, theirs = socket.socketpair()
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._life, its_life = socket.socketpair()
        with theirs, its_life:
            try:
                request = FORK_REQUEST.pack(memory, seconds, _own_processor())
                socket.send_fds(server, [request], [theirs.fileno(), its_life.fileno()])
            except ConnectionError:
                self._life.close()
                self.connection.close()
                raise

    def wait(self, seconds: float) -> None:
        """Wait for its first message, beside which the kernel says whose it is."""
        self.connection.settimeout(seconds)
        _, beside, _, _ = self.connection.recvmsg(1, socket.CMSG_SPACE(_CREDENTIALS.size), socket.MSG_PEEK)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 0)
        for _, kind, credentials in beside:
            if kind == socket.SCM_CREDENTIALS:
                self._pid, _, _ = _CREDENTIALS.unpack(credentials)
                with contextlib.suppress(OSError):  # it may be gone already
                    self._counted = os.open(f"/proc/{self._pid}/schedstat", os.O_RDONLY | os.O_CLOEXEC)

    def times(self) -> Times:
        """How it spent its time so far, as the kernel counts it; of one that is gone, when this was asked last."""
        if self._pid:
            with contextlib.suppress(OSError):
                ran = time.clock_gettime(~self._pid << 3 | 2)  # its clock, as clock_getcpuclockid(3) names it
                self._times = Times(ran, self._waited())
        return self._times

    def _waited(self) -> float:
        """Seconds for which it waited for a processor; 0 where the kernel does not count them."""
        if self._counted is None:
            return 0.0
        try:
            _, waited, _ = os.pread(self._counted, MAX_COUNTED, 0).split()
        except ValueError:
            return 0.0
        return int(waited) / 1e9

    def exit_code(self, timeout: float) -> int | None:
        """How it ended; None if it has not within the time. Raises ServerGoneError."""
        self._life.settimeout(timeout)
        try:
            told = self._life.recv(EXIT_CODE.size)
        except (TimeoutError, BlockingIOError):
            return None
        except ConnectionError:
            told = b""
        if not told:
            raise ServerGoneError("a fork server ended while it had a worker")
        code: int = EXIT_CODE.unpack(told)[0]
        return code

    def kill(self) -> None:
        """End it without waiting."""
        self._killed = True
        for end, way in ((self._life, socket.SHUT_WR), (self.connection, socket.SHUT_RDWR)):
            with contextlib.suppress(OSError):  # it may have ended by itself
                end.shutdown(way)

    def end(self) -> None:
        """End it and wait until it is gone, unless it was killed: its server may only be starting."""
        self.connection.close()
        if self._counted is not None:
            os.close(self._counted)
            self._counted = None
        if self._killed:
            self._life.close()
            return
        with self._life, contextlib.suppress(OSError, ServerGoneError):  # it may be gone, with its server
            self._life.shutdown(socket.SHUT_WR)
            self.exit_code(END_LIMIT)


class SpawnedWorker:
    """A worker that is a new process, where none can be forked."""

    def __init__(self, kind: Kind) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = socket.socketpair()
        with theirs, no_main_module():
            self._process: Any = context.Process(
                target=worker.serve_in_new_process, args=(theirs, kind == "torch")
            )
            self._process.daemon = True
            self._process.start()

    def wait(self, seconds: float) -> None:
        """Leave it to who reads the first message to wait for it."""

    def times(self) -> Times:
        """Not known."""
        return Times()

    def exit_code(self, timeout: float) -> int | None:
        """How it ended; None if it has not within the time."""
        self._process.join(timeout)
        code: int | None = self._process.exitcode
        return code

    def kill(self) -> None:
        """End it without waiting."""
        self._process.kill()

    def end(self) -> None:
        """End it and wait until it is gone."""
        self.connection.close()
        self._process.kill()
        self._process.join()


def _own_processor() -> int:
    """The processor that this process is bound to; -1 where it may run on several."""
    processors = os.sched_getaffinity(0)
    return min(processors) if len(processors) == 1 else -1


def _environment() -> dict[str, str]:
    """A fork server's environment: where Python and the kit are, what a worker's holds, nothing personal."""
    names = ("PATH", "LD_LIBRARY_PATH", "PYTHONHOME", "VIRTUAL_ENV")
    kept = {name: os.environ[name] for name in names if name in os.environ}
    own = {"PYTHONPATH": str(Path(__file__).resolve().parents[2]), **HUGE_PAGES}
    return kept | worker.ENVIRONMENT | own | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}


@contextlib.contextmanager
def no_main_module() -> Iterator[None]:
    """Keep multiprocessing from importing this process's main module in one that it starts for hostile files."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
