"""Marks a whole cohort: submissions spread over processes, each result kept as it comes, none marked twice."""

import contextlib
import errno
import itertools
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field, replace

from grader.intake.matching import Matching, match
from grader.intake.roster import Roster
from grader.intake.submissions import Submission
from grader.judging.results import Result
from grader.marking.fork_servers import Connections, ForkServers, fork_servers
from grader.marking.mark import Settings, digest_of, mark
from grader.marking.record import Cohort, Record
from grader.marking.scores import write_scores
from grader.outside import workers
from grader.outside.plain_text import plain_text
from grader.outside.workers import KitError, NoWorkersError

STOP_POLL = 0.2
"""Seconds until a wish to stop is seen."""
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
"""What a write fails with that has nothing to do with what is written."""
TRIES = 2
"""How often a submission is begun on which the kit fails, or under which a marking process dies."""


@dataclass
class Outcome:
    """What came of a cohort: who has a result (in the record), and for how many it was there before.

    read: each submission that was read, without its code; kit_errors: name → what the kit failed on; matching:
    whose submission is whose.
    """

    read: list[Submission] = field(default_factory=list)
    marked: list[str] = field(default_factory=list)
    found: int = 0
    kit_errors: dict[str, str] = field(default_factory=dict)
    matching: Matching | None = None


@dataclass(frozen=True)
class Watching:
    """What is called when a submission was read, and when one is done; `stop` is set by who wants it to end."""

    on_read: Callable[[], None] = lambda: None
    on_done: Callable[[], None] = lambda: None
    stop: threading.Event = field(default_factory=threading.Event)


def mark_cohort(
    cohort: Iterable[Submission],
    settings: Settings,
    record: Record,
    jobs: int | None = None,
    force: bool = False,
    watching: Watching | None = None,
    roster: Roster | None = None,
    earlier: Record | None = None,
) -> Outcome:
    """Mark what `record` does not hold as it is now; write each result there, then the table of scores.

    earlier: another record, of which what is as it is now is not marked either, and is not written to `record`.
    cohort: is read as marking goes on, and not kept; jobs: how many are marked at a time, by default one for each
    core; force: mark all. Once there is a wish to stop, what is being marked is finished and written, and the rest
    is left. Raises NoWorkersError where workers cannot be confined, or cannot be had (any more).
    """
    outcome, watching = Outcome(), watching or Watching()
    known = [] if force else [one for one in (record, earlier) if one]
    todo = _todo(cohort, outcome, settings, known, watching)
    first = next(todo, None)
    if first:
        run = _Run(itertools.chain([first], todo), settings, known, watching.stop)
        with (
            fork_servers(settings.isolation) as servers,
            contextlib.closing(run.results(jobs or os.cpu_count() or 1, servers)) as results,
        ):
            for submission, result in results:
                if isinstance(result, Result):
                    record.append(result, submission)
                    outcome.marked.append(submission.name)
                else:
                    outcome.kit_errors[submission.name] = str(result)
                watching.on_done()
    if roster:
        matching = match(roster, outcome.read)
        outcome.matching = replace(matching, absent=()) if watching.stop.is_set() else matching
    record.tidy()
    record.keep_cohort(Cohort(tuple(sorted(outcome.marked)), outcome.matching, settings.mistakes))
    write_scores(record.results(), record.scores, outcome.matching)
    return outcome


@contextlib.contextmanager
def told_at_the_end(name: str, kit_errors: dict[str, str], *everybodys: type[Exception]) -> Iterator[None]:
    """Keep an exception that one submission causes from ending the run: it is the kit's, for that one alone.

    everybodys: exceptions that no single submission causes; a disk's are among them.
    """
    try:
        yield
    except everybodys:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in OF_THE_DISK:
            raise
        kit_errors[name] = plain_text(f"{type(error).__name__}: {error}")


def _todo(
    cohort: Iterable[Submission],
    outcome: Outcome,
    settings: Settings,
    known: list[Record],
    watching: Watching,
) -> Iterator[Submission]:
    """The submissions that are to be marked; of the others the outcome is told."""
    for submission in cohort:
        watching.on_read()
        outcome.read.append(replace(submission, sources={}, notebooks={}))
        if submission.failed:
            outcome.kit_errors[submission.name] = submission.failed
        elif holding := _holding(submission, settings, known):
            holding.keep(submission, digest_of(submission, settings))
            outcome.marked.append(submission.name)
            outcome.found += 1
        else:
            yield submission
            continue
        watching.on_done()


def _holding(submission: Submission, settings: Settings, known: list[Record]) -> Record | None:
    """The first record that holds a submission's result as it is now."""
    digest = digest_of(submission, settings)
    return next((record for record in known if record.digest(submission.name) == digest), None)


class Slot:
    """A marking process, and the submission that it is at; replaced by a new one when it dies."""

    def __init__(self, connections: Connections, processor: int | None) -> None:
        self._beginning = connections, processor
        self._executor = self._started()

    def begin(self, submission: Submission, settings: Settings, earlier: Result | None) -> Future[Result]:
        """Have a submission marked."""
        try:
            return self._executor.submit(mark, submission, settings, earlier)
        except BrokenProcessPool:  # it died while it had nothing to do
            self.replace()
            return self._executor.submit(mark, submission, settings, earlier)

    def replace(self) -> None:
        """Another process in the place of one that died."""
        self.close()
        self._executor = self._started()

    def close(self) -> None:
        """End the process, once it has done what it is at."""
        self._executor.shutdown()

    def _started(self) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("spawn")  # a fork would copy the progress bar's thread
        return ProcessPoolExecutor(1, context, _begin_marking, self._beginning)


@dataclass
class Begun:
    """A submission that is being marked, and for the how-manieth time."""

    submission: Submission
    slot: Slot
    tries: int


class _Run:
    """One pass over the submissions that are to be marked; `known` hold results whose stages may still hold."""

    def __init__(
        self, todo: Iterator[Submission], settings: Settings, known: list[Record], stop: threading.Event
    ) -> None:
        self._waiting = todo
        self._settings = settings
        self._known = known
        self._stop = stop
        self._running: dict[Future[Result], Begun] = {}

    def results(self, slots: int, servers: ForkServers) -> Generator[tuple[Submission, Result | KitError]]:
        """Each submission with its result, or with what the kit failed on, in the order they are done.

        After `stop` what is not begun is left, and what is being marked still comes. Raises NoWorkersError where a
        fork server does not start, or is gone and another one does not: all who come after would wait in vain.
        """
        with contextlib.ExitStack() as stack:
            free: list[Slot] = []
            to_start = _processors(slots)
            while True:
                while (free or to_start) and not self._stop.is_set() and (following := next(self._waiting, None)):
                    servers.ready(following)
                    if not free:
                        slot = Slot(servers.connections, to_start.pop())
                        free.append(stack.enter_context(contextlib.closing(slot)))
                    self._begin(following, free.pop(), tries=1)
                if not self._running:
                    return
                done, _ = wait(self._running, timeout=STOP_POLL, return_when=FIRST_COMPLETED)
                for future in done:
                    begun = self._running.pop(future)
                    result = _result_of(future, begun.slot)
                    if isinstance(result, KitError) and begun.tries < TRIES:
                        self._begin(begun.submission, begun.slot, begun.tries + 1)
                    elif isinstance(result, NoWorkersError):
                        raise NoWorkersError(f"{result}\nWhat was marked is kept; the same command goes on.")
                    else:
                        free.append(begun.slot)
                        yield begun.submission, result

    def _begin(self, submission: Submission, slot: Slot, tries: int) -> None:
        holding = [record for record in self._known if record.digest(submission.name) is not None]
        earlier = holding[-1].result(submission.name) if holding else None
        self._running[slot.begin(submission, self._settings, earlier)] = Begun(submission, slot, tries)


def _result_of(future: Future[Result], slot: Slot) -> Result | KitError:
    """What came of a marking; a process that died is replaced."""
    try:
        return future.result()
    except BrokenProcessPool:
        slot.replace()
        return KitError("the marking process died")
    except KitError as error:
        return error
    except Exception as error:  # an error of the kit too: the others are still marked
        return KitError(plain_text(f"{type(error).__name__}: {error}"))


def _processors(slots: int) -> list[int | None]:
    """A processor for each slot, the first of them another one in each run; None where none can be chosen.

    A marking process and its worker take turns. On one processor the turn passes without waking up another one,
    which costs more than what most calls take.
    """
    if sys.platform != "linux":
        return [None] * slots
    processors = sorted(os.sched_getaffinity(0))
    return [processors[(os.getpid() + slot) % len(processors)] for slot in range(slots)]


def _begin_marking(connections: Connections, processor: int | None) -> None:
    """Leave Ctrl-C to the process that was started by hand, and end when it is gone, however it ended."""
    if sys.platform == "linux" and processor is not None:
        os.sched_setaffinity(0, {processor})
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_after_parent, daemon=True).start()
    workers.share(connections)


def _end_after_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
