"""The fork servers of a cohort's run: one of each kind, started when a submission first needs it."""

import contextlib
import socket
from collections.abc import Iterable

from grader.course.catalogue import NOTEBOOKS, STAGES, notebook_of
from grader.intake.submissions import Submission
from grader.outside import pytorch, workers
from grader.outside.workers import WHOLE_MESSAGES, ForkServer, Isolation, Kind

Connections = dict[tuple[Kind, Isolation], socket.socket]
"""To the fork servers; a socket can be given to a process as it starts, and to no other."""
WITH_TORCH = {name for stage in STAGES if not stage.numpy_only for name in (stage.name, notebook_of(stage).name)}
"""What is handed in that is marked with PyTorch."""


class ForkServers:
    """Servers for all marking processes, which are given the connections to every kind before there are any.

    So a cohort of NumPy stages never waits for PyTorch's import, which takes longer than all else. They end with
    the stack. Raises NoWorkersError where this system has no such isolation.
    """

    def __init__(self, isolation: Isolation, stack: contextlib.ExitStack) -> None:
        workers.check(isolation)
        self._isolation = isolation
        self._stack = stack
        self._starting: list[ForkServer] = []
        self._ends: dict[Kind, tuple[socket.socket, socket.socket]] = {}
        for kind in (*pytorch.KINDS, "notebooks") if workers.CAN_FORK else ():
            self._ends[kind] = ours, theirs = socket.socketpair(type=WHOLE_MESSAGES)
            stack.callback(ours.close)
            stack.callback(theirs.close)
        self.connections: Connections = {(kind, isolation): ends[0] for kind, ends in self._ends.items()}

    def start(self, kinds: Iterable[Kind]) -> None:
        """Have those of these kinds start that are missing; their workers wait for their imports."""
        for kind in kinds:
            if kind in self._ends:
                server = ForkServer(kind, self._isolation, self._ends.pop(kind))
                self._stack.callback(server.close)
                self._starting.append(server)

    def check(self) -> None:
        """Raise NoWorkersError where one of those that were started does not come to fork."""
        self._starting = [server for server in self._starting if not server.is_ready()]

    def wait(self) -> None:
        """Wait until all are ready that were started. Raises NoWorkersError where one does not come to fork."""
        for server in self._starting:
            server.wait_until_ready()


def kinds_for(submission: Submission) -> Iterable[Kind]:
    """The kinds of workers on which a submission is marked: the one with NumPy always."""
    names = {*submission.sources, *submission.notebooks}
    yield "numpy"
    if names & WITH_TORCH:
        yield "torch"
    if names & {which.name for which in NOTEBOOKS}:
        yield "notebooks"
