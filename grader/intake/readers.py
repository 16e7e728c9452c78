"""Reads a cohort in processes of its own, several at a time, and looks at what they say. Trusted side."""

import contextlib
import json
import math
import multiprocessing
import os
from collections.abc import Iterator
from functools import partial
from multiprocessing.connection import Pipe, wait
from pathlib import Path
from typing import Any

from grader.intake import reader
from grader.intake.entries import Unreadable
from grader.intake.reader import Budget
from grader.intake.serialization import submission_from
from grader.intake.submissions import Submission
from grader.outside.plain_text import PlainText
from grader.outside.workers import Isolation, NoWorkersError, no_main_module

TRIES = 2
"""How often a submission is begun under which a reading process ends, not its child."""


class Readers:
    """The submissions at `path`, of which there are `count`.

    isolation: what keeps a process that reads apart, as for workers; jobs: how many read at a time at the most, by
    default one for each core: where there is little to read one is enough, since another takes longer to start;
    cohort, is_one: as of `opened`. Raises Unreadable where there is nothing to read, NoWorkersError where nothing
    can be confined.
    """

    def __init__(
        self,
        path: Path,
        isolation: Isolation,
        jobs: int | None = None,
        cohort: bool = False,
        budget: Budget | None = None,
        is_one: bool = False,
    ) -> None:
        self._start = partial(Process, path, cohort, is_one, isolation, budget or Budget())
        self._processes: list[Process] = []
        try:
            self._processes.append(self._start())
            self._listing = self._processes[0].listing()
            self.count: int = self._listing["count"]
            most = min(jobs or os.cpu_count() or 1, math.ceil(self.count / reader.AT_ONCE[False]))
            self._processes += [self._start() for _ in range(most - 1)]
            for process in self._processes[1:]:
                self._check(process)
        except BaseException:
            self.close()
            raise

    def submissions(self) -> Iterator[Submission]:
        """Each submission once, in the order in which they are read.

        One that breaks what reading may take has an error. A process that ends by itself, not by its child, is the
        kit's failure.
        """
        waiting = list(range(self.count, 0, -1))
        tries = [0] * self.count
        while True:
            for process in self._processes:
                if process.asked is None and waiting:
                    process.ask(waiting.pop() - 1)
            asked = {process.connection: process for process in self._processes if process.asked is not None}
            if not asked:
                return
            for ready in wait(list(asked)):
                process = asked[ready]  # type: ignore[index]
                number, answer = process.answer()
                if answer is not None:
                    if waiting:  # it reads on while this one is taken care of
                        process.ask(waiting.pop() - 1)
                    yield answer
                    continue
                tries[number] += 1
                self._replace(process)
                if tries[number] < TRIES:
                    waiting.append(number + 1)
                else:
                    failed = PlainText("the process that was to read it ended")
                    yield Submission(f"submission {number + 1}", failed=failed)

    def close(self) -> None:
        """End the processes."""
        for process in self._processes:
            process.close()

    def _replace(self, process: "Process") -> None:
        process.close()
        self._processes[self._processes.index(process)] = other = self._start()
        self._check(other)

    def _check(self, process: "Process") -> None:
        if process.listing() != self._listing:
            raise Unreadable("what was handed in changes while it is read; begin again when nothing writes there")


class Process:
    """A process that reads, and the number of the submission that it was asked for."""

    def __init__(self, path: Path, cohort: bool, is_one: bool, isolation: Isolation, budget: Budget) -> None:
        self.connection, theirs = Pipe()
        context = multiprocessing.get_context("spawn")
        with theirs, no_main_module():
            self._process = context.Process(
                target=reader.serve, args=(theirs, path, cohort, is_one, isolation, budget), daemon=True
            )
            self._process.daemon = True
            self._process.start()
        self.asked: int | None = None

    def listing(self) -> dict[str, Any]:
        """How many submissions it has found, and a sum over their names. Raises Unreadable or NoWorkersError."""
        try:
            said = json.loads(self.connection.recv_bytes())
        except (EOFError, OSError):
            said = {"Unreadable": "the process that was to read it ended; is it an archive, and whole?"}
        if "UnconfinedError" in said:
            raise NoWorkersError(said["UnconfinedError"])
        if "Unreadable" in said:
            raise Unreadable(said["Unreadable"])
        return dict(said)

    def ask(self, number: int) -> None:
        """Ask for a submission."""
        self.asked = number
        with contextlib.suppress(OSError):  # it is gone, which answer() finds
            self.connection.send_bytes(b"%d" % number)

    def answer(self) -> tuple[int, Submission | None]:
        """Which submission it was asked for, and what it says of it; None where it has ended."""
        assert self.asked is not None
        number, self.asked = self.asked, None
        try:
            head = json.loads(self.connection.recv_bytes())
            return number, submission_from(head, self.connection.recv_bytes())
        except (EOFError, OSError):
            return number, None

    def close(self) -> None:
        """End it, with its children."""
        self.connection.close()
        self._process.kill()
        self._process.join()
