"""Tells a known mistake by its name: a test that failed is run on the solution with each known mistake in it.

Where a test of a learner's code has failed, and only then, it is run again on data that are the same for
everybody, and so it is, once on a machine, on each piece of wrong code that its task is known for. A mistake is
told that makes the test fail in the same way there, and on further data as well: on one draw two can look alike.
"""

import contextlib
import copy
import importlib
import inspect
import io
import math
import os
import sys
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import pytest

from grader.course.catalogue import Stage
from grader.course.location import MISTAKES
from grader.course.mistakes import Mistake, mistakes_in, mistakes_of
from grader.judging import judge, kept_runs
from grader.judging.families import Failure, Family
from grader.judging.kept_runs import Run
from grader.judging.likeness import Likeness, fingerprint, likeness
from grader.outside.client import Client, Enough, Transport, load_request
from grader.outside.verdicts import NoAnswer, Verdict, Wrong

DRAWS = (1, 2)
"""The data on which mistakes are compared, the same for everybody; what fits on one has to fit on all."""
WAIT = 0.5
"""Seconds that somebody who waits for a stage is made to wait for names of mistakes …"""
WAIT_VARIABLE = "CHAINRULE_WAIT"
"""… unless the environment says how many."""
LONG = 2
"""A call that may take more than so many times the usual is a long one."""


def waiting() -> float:
    """Seconds that a learner is made to wait; the usual ones also where the environment gives no number."""
    try:
        return float(os.environ[WAIT_VARIABLE])
    except (KeyError, ValueError):
        return WAIT


@cache
def families() -> tuple[Family, ...]:
    """The course's."""
    if not (MISTAKES / "families.py").is_file():
        return ()
    found: tuple[Family, ...] = importlib.import_module("mistakes.families").FAMILIES
    return found


def stream(item: pytest.Item, *seeds: int) -> np.random.Generator:
    """A test's own random numbers, from seeds and the test's name."""
    first, *more = seeds
    return np.random.default_rng([first, zlib.crc32(name_of(item).encode()), *more])


def name_of(item: pytest.Item) -> str:
    """A test's name with its suite's, wherever that lies."""
    return item.nodeid.rpartition("/")[2]


@cache
def parameters_of(function: Callable[..., object]) -> Mapping[str, inspect.Parameter]:
    """What a test's function takes."""
    return inspect.signature(function).parameters


_runs: dict[tuple[str, str, int], Run] = {}
"""What this process has run or found, by test, source and draw."""


@dataclass
class Names:
    """How mistakes are told in one run of suites on one submission, and what was told so far.

    wait: seconds that are left for running known mistakes while somebody waits; added: by a stage's name the text
    of a file of mistakes beyond the course's; tells: whether any is told; told: tasks, and names of mistakes that
    were found to fit on all draws; raised: of exceptions of which none was told, what was said; passed, failed:
    tests that were run; given: what they were given beside `impl` and `rng`, as it was before; open: what there
    was no time for.
    """

    wait: float = math.inf
    added: Mapping[str, str] = field(default_factory=dict)
    tells: bool = True
    told: set[tuple[str, str]] = field(default_factory=set)
    raised: set[str] = field(default_factory=set)
    passed: list[pytest.Function] = field(default_factory=list)
    failed: list[pytest.Function] = field(default_factory=list)
    given: dict[str, dict[str, Any]] = field(default_factory=dict)
    open: "list[_Open]" = field(default_factory=list)

    def take(self, item: pytest.Function) -> None:
        """Keep what a test is given, which pytest forgets after it, for running it on other code."""
        wanted = parameters_of(item.function).keys() - {"self", "impl", "rng"}
        self.given[item.nodeid] = {name: copy.copy(item.funcargs[name]) for name in wanted}

    def tell(self, verdict: Verdict, search: "Search") -> None:
        """Let a test's verdict begin with the mistake that was made, where it is known.

        An exception that an earlier test met as well comes from nothing that only this one tries: nothing is told
        of it then.
        """
        met = verdict.got if isinstance(verdict, Wrong) else verdict
        self.failed.append(search.item)
        is_met = isinstance(met, NoAnswer) and met.plain in self.raised
        can_be_told = self.tells and verdict.outcome in ("failed", "error") and not verdict.mistake and not is_met
        if can_be_told and (found := search.fitting(verdict)):
            verdict.tell(found.name, f"{found.says} {found.look}")
            self.told.add((search.task, found.name))
        if isinstance(met, NoAnswer) and not verdict.mistake:
            self.raised.add(met.plain)

    def go_on(self, may_go_on: Callable[[], bool]) -> None:
        """Run what there was no time for, while that may go on, so that it is known the next time."""
        self.wait = math.inf
        while self.open and may_go_on():
            search, item, source, asked = self.open.pop(0)
            with search.beside() as start:
                for draw in DRAWS:
                    search.run(item, source, draw, asked, start)


Piece = tuple[Mistake, str]
"""A mistake, and a stage's source that makes it."""
Start = Callable[[str], Client]
"""Puts the source of a stage where it can be called."""


@dataclass
class Search:
    """The search for the mistake that one test's failure shows."""

    item: pytest.Function
    stage: Stage
    task: str
    client: Client
    names: Names

    def fitting(self, verdict: Verdict) -> Mistake | Family | None:
        """The mistake that fits on all draws, of several the one that is closest on the first."""
        first = self._own_failure(DRAWS[0])
        if first is None or first.verdict.outcome != verdict.outcome:
            return None
        with self.beside() as start:
            known = self._known()
            told = [piece for piece in known if (self.task, piece[0].name) in self.names.told]
            if again := self._alike(first, told, DRAWS[0], start):
                return again[0][0]
            found = self._found(first, self._possible(known, first, start), start)
        if found is None:
            verdict.alike = fingerprint(first.verdict)
        return found

    @contextlib.contextmanager
    def beside(self) -> Iterator[Start]:
        """Puts wrong code where the learner's runs, one piece after the other, in a process like its own."""
        transports: list[Transport] = []

        def start(source: str) -> Client:
            own = {self.stage.name: source}
            request = load_request(self.stage, own, {self.stage.name: self.stage.file})
            if not transports:
                transports.append(self.client.beside(request, own))
            transports[0].use(request)
            return Client(transports[0])

        with _as_before():
            try:
                yield start
            finally:
                for transport in transports:
                    transport.close()

    def run(self, item: pytest.Function, source: str, draw: int, asked: int | None, start: Start) -> Run:
        """What becomes of a test on a piece of wrong code, which is stopped after so many requests."""
        by = (item.nodeid, source, draw)
        key = kept_runs.key_of(name_of(item), source, draw)
        known = _runs.get(by) or kept_runs.found(key)
        if known is None or (known.asked is not None and (asked is None or asked > known.asked)):
            if self.names.wait <= 0 and draw == DRAWS[0]:  # the few that fitted are confirmed for all that
                self.names.open.append((self, item, source, asked))
                return Run(None)
            began = time.monotonic()
            client = start(source)
            client.limit = asked
            failure = failure_of(item, client, draw, self.names.given[item.nodeid])
            known = Run(failure.verdict if failure else None, asked if client.stopped else None)
            if client.is_fresh:
                kept_runs.keep(key, known)
            self.names.wait -= time.monotonic() - began
        _runs[by] = known
        return known

    def _known(self) -> list[Piece]:
        """The pieces of wrong code that the task is known for, the course's first."""
        added = self.names.added.get(self.stage.name)
        more = mistakes_in(self.stage, added) if added is not None else ()
        known = [mistake for mistake in (*mistakes_of(self.stage), *more) if mistake.task == self.task]
        return [(mistake, way) for mistake in known for way in mistake.ways]

    def _possible(self, known: list[Piece], failure: Failure, start: Start) -> list[Piece]:
        """Those that come into question: of a failure in a long call, those that no test before finds."""
        if failure.patience <= LONG:
            return known
        if any(item.parent == self.item.parent for item in self.names.failed if item != self.item):
            return []
        passed = [item for item in self.names.passed if item.parent == self.item.parent]
        return [
            (mistake, way)
            for mistake, way in known
            if all(self.run(item, way, DRAWS[0], None, start).verdict is None for item in passed)
        ]

    def _found(self, first: Failure, possible: list[Piece], start: Start) -> Mistake | Family | None:
        """What fits on all draws, a mistake before a kind of them.

        The first that is alike in all, to rounding, is as close as any can be: the others are looked at only where
        it fits on that draw alone.
        """
        open_before = len(self.names.open)
        for thorough in (False, True):
            if not (near := self._alike(first, possible, DRAWS[0], start, thorough)):
                break
            if confirmed := self._confirmed(near, start):
                return confirmed[0][0]
        if len(self.names.open) > open_before:
            return None  # a mistake that there was no time to look at may be closer than a kind
        kinds = [family for family in families() if family.is_shown_by(self.task, first)]
        if not kinds or (self.task, kinds[0].name) in self.names.told:
            return next(iter(kinds), None)
        others = [self._own_failure(draw) for draw in DRAWS[1:]]
        shown = (kind for kind in kinds if all(other and kind.is_shown_by(self.task, other) for other in others))
        return next(shown, None)

    def _alike(
        self, failure: Failure, known: Sequence[Piece], draw: int, start: Start, thorough: bool = True
    ) -> list[Piece]:
        """Those that make the test fail like that, the closest first; thorough: though one is alike in all."""
        found: list[tuple[Likeness, int]] = []
        for number, (_, way) in enumerate(known):
            if found and not thorough and found[-1][0] == (0, 0.0):
                break
            run = self.run(self.item, way, draw, failure.asked, start)
            alike = likeness(failure.verdict, run.verdict) if run.verdict else None
            if alike is not None:
                found.append((alike, number))
        return [known[number] for _, number in sorted(found)]

    def _confirmed(self, near: list[Piece], start: Start) -> list[Piece]:
        """Those that fit on the other draws as well."""
        for draw in DRAWS[1:]:
            failure = self._own_failure(draw)
            alike = self._alike(failure, near, draw, start) if failure else []
            near = [piece for piece in near if piece in alike]
        return near

    def _own_failure(self, draw: int) -> Failure | None:
        """How the test fails on the learner's code and a shared draw, which costs it nothing of its time."""
        with self.client.apart():
            return failure_of(self.item, self.client, draw, self.names.given[self.item.nodeid])


_Open = tuple[Search, pytest.Function, str, int | None]


@contextlib.contextmanager
def _as_before() -> Iterator[None]:
    """Put back what wrong code may have set in this process, if it runs here."""
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    dtype = torch.get_default_dtype()
    with torch.random.fork_rng(devices=()), torch.set_grad_enabled(torch.is_grad_enabled()):
        try:
            yield
        finally:
            torch.set_default_dtype(dtype)


def failure_of(item: Any, client: Client, draw: int, given: Mapping[str, Any]) -> Failure | None:
    """How a test fails on the stage loaded anew and data of a shared draw; None where it does not.

    given: what the test was given beside, parameters and fixtures of the author's own.
    """
    own = {"impl": client, "rng": stream(item, 0, draw), "seed": draw}
    wanted = inspect.signature(item.obj).parameters
    arguments = {name: own[name] if name in own else copy.copy(given[name]) for name in wanted}
    client.asked = client.patience = 0
    judge.in_brief = True
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # what the learner's code prints was shown once
            client.reload()
            item.obj(**arguments)
    except Verdict as verdict:
        verdict.__traceback__ = verdict.__context__ = verdict.__cause__ = None
        return Failure(verdict, *client.last, client.asked, client.patience)
    except (Enough, AssertionError):  # it came further than the learner's code; a plugin's comparison failed
        pass
    finally:
        judge.in_brief = False
    return None
