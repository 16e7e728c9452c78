"""Marks a whole cohort: each result kept as it comes, none marked twice."""

import contextlib
import errno
import itertools
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Protocol

from grader.intake.matching import Matching, match
from grader.intake.roster import Roster
from grader.intake.submissions import Submission
from grader.judging.results import Result
from grader.marking.mark import Settings, digest_of
from grader.marking.record import Cohort, Record
from grader.marking.scores import write_scores
from grader.outside.plain_text import plain_text
from grader.outside.workers import KitError, NoWorkersError

STOP_POLL = 0.2
"""Seconds until a wish to stop is seen."""
OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO)
"""What a write fails with that has nothing to do with what is written."""


class Markers(Protocol):
    """What marks submissions, several at a time: processes of this machine, or the workers of a cluster."""

    def has_room(self) -> bool:
        """Whether another submission can be begun now; where nothing is begun and none can be, one can later."""

    def begin(self, submission: Submission, settings: Settings, earlier: Result | None) -> None:
        """Begin to mark a submission, of which `earlier` is a result whose stages may still hold."""

    def done(self, seconds: float) -> Iterable[tuple[str, Result | KitError]]:
        """What came of submissions, by name: of those that are done, else of who is done within the time.

        Raises NoWorkersError where no worker can be had (any more).
        """


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
    markers: Markers,
    force: bool = False,
    watching: Watching | None = None,
    roster: Roster | None = None,
    earlier: Record | None = None,
) -> Outcome:
    """Mark what `record` does not hold as it is now; write each result there, then the table of scores.

    earlier: another record, of which what is as it is now is not marked either, and is not written to `record`.
    cohort: is read as marking goes on, and not kept; force: mark all. Once there is a wish to stop, what is being
    marked is finished and written, and the rest is left. Raises NoWorkersError where no worker can be had.
    """
    outcome, watching = Outcome(), watching or Watching()
    known = [] if force else [one for one in (record, earlier) if one]
    todo = _todo(cohort, outcome, settings, known, watching)
    for done in _Run(todo, settings, known, watching.stop).results(markers):
        for submission, result in done:
            if isinstance(result, Result):
                record.append(result, submission, sync=False)
                outcome.marked.append(submission.name)
            else:
                outcome.kit_errors[submission.name] = str(result)
        record.sync()
        for _ in done:
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
    there = [record for record in known if record.digest(submission.name) is not None]
    digest = digest_of(submission, settings) if there else None
    return next((record for record in there if record.digest(submission.name) == digest), None)


@dataclass
class Begun:
    """A submission that is being marked, and for the how-manieth time."""

    submission: Submission
    tries: int


class _Run:
    """One pass over the submissions that are to be marked; `known` hold results whose stages may still hold."""

    def __init__(
        self, todo: Iterator[Submission], settings: Settings, known: list[Record], stop: threading.Event
    ) -> None:
        self._waiting = (Begun(submission, 1) for submission in todo)
        self._next: list[Begun] = []
        self._settings = settings
        self._known = known
        self._stop = stop
        self._running: dict[str, Begun] = {}

    def results(self, markers: Markers) -> Iterator[list[tuple[Submission, Result | KitError]]]:
        """Each submission with its result, or with what the kit failed on, in the order they are done.

        Those come together that are done at the same time, and can share a wait for the disk. After `stop` what is
        not begun is left, and what is being marked still comes. Raises NoWorkersError where none can be had any
        more: all who come after would wait in vain.
        """
        while self._begin_some(markers) or self._running:
            done, gone = list[tuple[Submission, Result | KitError]](), None
            for name, result in markers.done(STOP_POLL):
                begun = self._running.pop(name)
                if isinstance(result, KitError) and begun.tries < result.tries:
                    self._next.append(replace(begun, tries=begun.tries + 1))
                elif isinstance(result, NoWorkersError):
                    gone = NoWorkersError(f"{result}\nWhat was marked is kept; the same command goes on.")
                else:
                    done.append((begun.submission, result))
            if done:
                yield done
            if gone:
                raise gone

    def _begin_some(self, markers: Markers) -> bool:
        """Begin as many as there is room for; whether there may be more."""
        while not self._stop.is_set():
            if not self._next:
                self._next += itertools.islice(self._waiting, 1)
            if not self._next or not markers.has_room():
                return bool(self._next)
            following = self._next.pop()
            name = following.submission.name
            holding = [record for record in self._known if record.digest(name) is not None]
            markers.begin(following.submission, self._settings, holding[-1].result(name) if holding else None)
            self._running[name] = following
        return False
