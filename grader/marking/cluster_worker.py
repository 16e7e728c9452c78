"""What marks inside a process of a Dask cluster: its fork servers and marking processes.

A Dask worker's own process does nothing but wait for them: it answers the scheduler however busy they are.
"""

import contextlib
import multiprocessing
import threading

from grader import __version__
from grader.course.catalogue import STAGES
from grader.course.finding import VARIABLE
from grader.intake.submissions import Submission
from grader.judging.digests import digest, digests_of
from grader.judging.results import Result
from grader.marking.fork_servers import ForkServers, kinds_for
from grader.marking.mark import Settings
from grader.marking.processes import MarkingProcess, available, processors_for
from grader.outside import versions
from grader.outside.workers import Isolation, KitError, NoWorkersError

IDLE_LIMIT = 300.0
"""Seconds without a submission after which all ends that was started: a command that was killed ends nothing."""
OF_THE_COURSE = ("suite", "mistakes", "course")


def installed() -> dict[str, str]:
    """What decides results here beside submission and settings, each under the words by which it is told."""
    parts = [digests_of(stage) for stage in STAGES]
    course = digest(*(part[name] for part in parts for name in OF_THE_COURSE))
    return {
        "chainrule": __version__,
        **versions.running(),
        "engine": parts[0]["engine"],
        "libraries": parts[0]["libraries"],
        "course": course,
    }


def difference(wanted: dict[str, str]) -> str:
    """A sentence where what is installed here would give other results than what the command has; "" where not."""
    here = installed()
    other = next((name for name, version in wanted.items() if here.get(name) != version), None)
    if other is None:
        return ""
    if other == "engine":
        return "its chainrule has other code than this command's: install the same there"
    if other == "libraries":
        return "it has another pytest, or other libraries that the course names: install the same versions there"
    if other == "course":
        return f"it has another course, or another state of it: start it with the same files, named by {VARIABLE}"
    return f"it has {other} {here.get(other, 'not at all')}, this command {wanted[other]}: install the same there"


class Marking:
    """The fork servers and marking processes of one Dask worker: as many as there are threads that call `mark`.

    wanted: what must be installed here, as of `installed`; threads: how many there are.
    """

    def __init__(self, wanted: dict[str, str], isolation: Isolation, threads: int) -> None:
        # A nanny's worker is a daemonic process, which may have no children. Ours end with it all the same.
        multiprocessing.current_process().daemon = False
        self._wanted = wanted
        self._isolation = isolation
        self._threads = threads
        self._lock = threading.Lock()
        self._opened = contextlib.ExitStack()
        self._servers: ForkServers | None = None
        self._free: list[MarkingProcess] = []
        self._busy: set[MarkingProcess] = set()
        self._idle: threading.Timer | None = None

    def refusal(self) -> str:
        """A sentence where nothing can be marked here, or not as by the command; "" where it can."""
        try:
            if not (told := difference(self._wanted)):
                with self._lock:
                    servers = self._started()
                    servers.start(["numpy"])
                    self._end_when_idle()
                servers.wait()
        except NoWorkersError as error:
            told = str(error)
        return told

    def mark(self, submission: Submission, settings: Settings, earlier: Result | None) -> Result | KitError:
        """Mark a submission; as many at a time as there are threads to call this."""
        with self._lock:
            servers = self._started()
            servers.start(kinds_for(submission))
            process = self._free.pop() if self._free else self._another(servers)
            self._busy.add(process)
        process.begin(submission, settings, earlier)
        result = process.result()
        with self._lock:
            if self._servers is not servers:  # all was ended meanwhile
                process.close()
            else:
                self._busy.remove(process)
                self._free.append(process)
                self._end_when_idle()
        return result

    def close(self) -> None:
        """End everything, with what is being marked."""
        with self._lock:
            self._end()

    def _another(self, servers: ForkServers) -> MarkingProcess:
        """A marking process; bound to a processor where this Dask worker has one for each of its threads.

        Of several workers on a machine two might choose the same.
        """
        is_alone = self._threads == available()
        return MarkingProcess(
            servers.connections, processors_for(self._threads)[len(self._busy)] if is_alone else None
        )

    def _started(self) -> ForkServers:
        """The fork servers, which go on as long as they are used."""
        if self._idle:
            self._idle.cancel()
        if not self._servers:
            self._servers = ForkServers(self._isolation, self._opened)
        return self._servers

    def _end_when_idle(self) -> None:
        if self._idle:
            self._idle.cancel()
        if not self._busy:
            self._idle = threading.Timer(IDLE_LIMIT, self._end_idle)
            self._idle.daemon = True
            self._idle.start()

    def _end_idle(self) -> None:
        with self._lock:
            if not self._busy:
                self._end()

    def _end(self) -> None:
        if self._idle:
            self._idle.cancel()
        for process in self._busy:  # the thread that waits for it is told
            process.kill()
        for process in self._free:
            process.close()
        self._opened.close()
        self._servers, self._free, self._busy = None, [], set()
