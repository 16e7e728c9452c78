"""The fork servers of a cohort's run: one of each kind, started when a submission first needs it."""

import contextlib
import socket
from collections.abc import Iterable, Iterator

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

    So a cohort of NumPy stages never waits for PyTorch's import, which takes longer than all else.
    """

    def __init__(self, isolation: Isolation, stack: contextlib.ExitStack) -> None:
        workers.check(isolation)
        self._isolation = isolation
        self._stack = stack
        self._ends: dict[Kind, tuple[socket.socket, socket.socket]] = {}
        for kind in (*pytorch.KINDS, "notebooks") if workers.CAN_FORK else ():
            self._ends[kind] = ours, theirs = socket.socketpair(type=WHOLE_MESSAGES)
            stack.callback(ours.close)
            stack.callback(theirs.close)
        self.connections: Connections = {(kind, isolation): ends[0] for kind, ends in self._ends.items()}

    def ready(self, submission: Submission) -> None:
        """Have the servers that a submission needs, those that are missing warming up side by side.

        Raises NoWorkersError where one of them does not come to fork.
        """
        missing = [kind for kind in kinds_for(submission) if kind in self._ends]
        started = [ForkServer(kind, self._isolation, self._ends.pop(kind)) for kind in missing]
        for server in started:
            self._stack.callback(server.close)
        for server in started:
            server.wait_until_ready()


@contextlib.contextmanager
def fork_servers(isolation: Isolation) -> Iterator[ForkServers]:
    """No server yet, and the end of those that were started. Raises NoWorkersError where there can be none."""
    with contextlib.ExitStack() as stack:
        yield ForkServers(isolation, stack)


def kinds_for(submission: Submission) -> Iterable[Kind]:
    """The kinds of workers on which a submission is marked: the one with NumPy always."""
    names = {*submission.sources, *submission.notebooks}
    yield "numpy"
    if names & WITH_TORCH:
        yield "torch"
    if names & {which.name for which in NOTEBOOKS}:
        yield "notebooks"
