"""Calls to a worker: one stage of one submission in a process of its own, which is ended from here."""

import contextlib
import time
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from grader import wire
from grader.course.records import RECORDS
from grader.inside.worker import READY
from grader.outside import workers
from grader.outside.client import reference_of, result_of
from grader.outside.exit_codes import how_it_ended
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import START_LIMIT, Isolation, KitError, Worker

WALL = 5
"""Times its processor time that a call may take in all: it may sleep, or wait for a file."""
SPARE = 3
"""Times a submission's time that the kernel lets a worker run, should nobody look: it counts by ticks."""
LOOK_AGAIN = 0.01
"""Seconds until a call whose time is nearly up is looked at again."""
MEMORY = 2**30
"""Bytes for a worker, beyond what an empty one holds, where nobody asks for others."""
TOTAL_IS_UP = ": the time for the whole submission is up"
MAX_PRINTED = 10_000
"""Characters of what a stage printed that are kept."""


@dataclass(frozen=True)
class Limits:
    """A worker's bounds: seconds of processor time for an ordinary call and bytes of memory; how it is kept apart.

    With sleep a call may take some times that; where the system does not tell processor times, that alone holds.
    Waiting for a processor counts nowhere, so that a busy machine harms nobody.
    """

    call: float
    memory: int
    isolation: Isolation


@dataclass
class Allowance:
    """What is left of a submission's time: seconds of all its calls, but those spent waiting for a processor.

    As much again is there for calls that only tell a mistake by its name: they cost no other test its time.
    """

    left: float
    for_names: float = field(init=False)

    def __post_init__(self) -> None:
        self.for_names = self.left

    @contextlib.contextmanager
    def apart(self) -> Iterator[None]:
        """Take what follows from the time for names."""
        self.left, self.for_names = self.for_names, self.left
        try:
            yield
        finally:
            self.left, self.for_names = self.for_names, self.left


class CallTime:
    """The time of one call from now on, counted from outside: what it takes, and how long it may go on."""

    def __init__(self, worker: Worker, limit: float, allowance: Allowance) -> None:
        self._worker = worker
        self._limit = limit
        self._allowance = allowance
        self._began, self._before = time.monotonic(), worker.times()
        self._look = self._began + min(limit, allowance.left)

    def until(self) -> float:
        """When (of time.monotonic) to look again; not in the future where its time is up.

        No more time can have been taken than has passed, so that a short call's is not asked for.
        """
        now = time.monotonic()
        if now >= self._look:
            left = min(self._left(now).values())
            self._look = now + (max(left, LOOK_AGAIN) if left > 0 else 0.0)
        return self._look

    def end(self) -> str:
        """Take what it took from the allowance; says what of it there was least of."""
        left = self._left(time.monotonic())
        self._allowance.left = left[TOTAL_IS_UP]
        return min(left, key=lambda told: left[told])

    def _left(self, now: float) -> dict[str, float]:
        """Seconds left to run, to run or sleep, and of the submission's time, by what is told when they are up."""
        times = self._worker.times()
        ran, waited = times.ran - self._before.ran, times.waited - self._before.waited
        took = max(ran, now - self._began - waited)
        return {
            f" took more than {self._limit:g} s of processor time and was stopped": self._limit - ran,
            f" took more than {WALL * self._limit:g} s and was stopped": WALL * self._limit - took,
            TOTAL_IS_UP: self._allowance.left - took,
        }


class WorkerProcess:
    """A transport to a worker. A worker that fails to answer is ended, and the next call gets a fresh one.

    load: the request that loads the stage in the worker, or has it read a notebook; own: the learner's
    sources by stage, of which the worker gets those that it asks for; allowance: the submission's time as a whole,
    of which calls take theirs; known: the stages that it may ask for, any where None. The first wish for another
    one is noted in `needed`, and nothing gets an answer from then on.
    """

    def __init__(
        self,
        load: dict[str, Any],
        own: Mapping[str, str],
        limits: Limits,
        allowance: Allowance,
        known: Collection[str] | None = None,
    ) -> None:
        self._load = load
        self.home: str = load["home"]
        self._own = own
        self._known = known
        self._limits = limits
        self._allowance = allowance
        self._worker: Worker | None = None
        self._request_number = 0
        self.life = 0
        self.is_fresh = True
        self.printed = ""
        self._stopped = False
        self.needed: set[str] = set()
        """The earlier stages of the learner's own that were asked for."""

    def load(self) -> dict[str, Any]:
        """Load the stage in a worker, started where there is none; where there is, anew.

        Raises NoAnswer when the module cannot be run.
        """
        if self._worker is None:
            self._start()
        return result_of(self._exchange(self._load | {"life": self.life}, self.home, patience=2), self.home)

    def use(self, load: dict[str, Any]) -> None:
        """Load by this request from now on."""
        self._load = load
        self.is_fresh = True

    def apart(self) -> contextlib.AbstractContextManager[None]:
        """Let what follows cost nothing of the submission's time."""
        return self._allowance.apart()

    def beside(self, load: dict[str, Any], own: Mapping[str, str]) -> "WorkerProcess":
        """Another worker, within the same limits."""
        return WorkerProcess(load, own, self._limits, Allowance(10 * START_LIMIT))

    def _start(self) -> None:
        limits, left = self._limits, self._allowance.left
        if left <= 0:
            raise NoAnswer("timeout", f"{self.home}{TOTAL_IS_UP}")
        self._worker = workers.start(self._load["kind"], limits.isolation, limits.memory, int(SPARE * left) + 1)
        if self._stopped:
            self.close()
            raise _stopped()
        self._expect_ready(self._worker)

    def exchange(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        """Send a request and wait for its reply. Raises NoAnswer on a time-out, a crash or a false reply."""
        if self._stopped:
            raise _stopped()
        if self._worker is None:
            self.load()
        return self._exchange(request, request["name"], patience)

    def stop(self) -> None:
        """Called from another thread: end the worker now; nothing that is asked from now on gets an answer."""
        self._stopped = True
        worker = self._worker
        if worker is not None:
            worker.kill()

    def close(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.end()
            self._worker = None

    def _expect_ready(self, worker: Worker) -> None:
        """Wait until the worker is confined and listens. Raises KitError."""
        try:
            worker.wait(START_LIMIT)
            first = wire.decode(wire.receive(worker.connection, time.monotonic() + START_LIMIT))
        except (TimeoutError, EOFError, ConnectionError, wire.Malformed):
            first = None
        if first != READY:
            self.close()
            raise KitError(first if isinstance(first, str) else "a worker did not start")

    def _exchange(self, request: dict[str, Any], name: str, patience: float) -> dict[str, Any]:
        assert self._worker is not None
        call = CallTime(self._worker, self._limits.call * patience, self._allowance)
        self._request_number += 1
        try:
            try:
                reply = self._reply_to(request | {"id": self._request_number}, self._worker, call.until)
            finally:
                what_is_up = call.end()
        except TimeoutError:
            self._end()
            raise NoAnswer("timeout", f"{name}{what_is_up}") from None
        except (EOFError, ConnectionError):
            code = self._ended(self._worker)
            self._end()
            raise NoAnswer("crashed", f"{name} ended its process ({how_it_ended(code)})") from None
        except wire.Malformed as error:
            self._end()
            raise NoAnswer("crashed", f"{name} sent no proper reply: {error}") from error
        self.printed = (self.printed + reply["printed"])[:MAX_PRINTED]
        return reply

    def _ended(self, worker: Worker) -> int | None:
        """How a worker ended whose connection is closed; who goes on without one has less time for the rest."""
        began = time.monotonic()
        try:
            return worker.exit_code(timeout=WALL * self._limits.call)
        finally:
            self._allowance.left -= time.monotonic() - began

    def _reply_to(self, request: dict[str, Any], worker: Worker, deadline: wire.Deadline) -> dict[str, Any]:
        """Send a request and take the reply; hand over earlier stages that are asked for meanwhile."""
        wire.send(worker.connection, wire.encode(request, RECORDS), deadline)
        while True:
            message = wire.decode(wire.receive(worker.connection, deadline), records=RECORDS)
            if not isinstance(message, dict) or not message.keys() & {"need", "reference"}:
                return _checked(message, request)
            [(what, needed), *more] = message.items()
            if more or not isinstance(needed, str) or needed not in self._load.get("earlier", ()):
                raise wire.Malformed("a wish for what is no earlier stage")
            if what == "reference":
                wire.send(worker.connection, wire.encode(reference_of(needed)), deadline)
                continue
            self.needed.add(needed)
            if self._known is not None and needed not in self._known:
                self.stop()
                raise _stopped()
            wire.send(worker.connection, wire.encode(self._own.get(needed)), deadline)

    def _end(self) -> None:
        """End a worker that failed; the next call gets another."""
        self.close()
        self.life += 1
        self.is_fresh = False


def _stopped() -> NoAnswer:
    return NoAnswer("crashed", "the run was stopped")


def _checked(reply: Any, request: dict[str, Any]) -> dict[str, Any]:
    """The parts that a reply to this request must have. Raises Malformed when one is missing or another thing."""
    number = reply.get("id") if isinstance(reply, dict) else None
    if type(number) is not int or number != request["id"]:
        raise wire.Malformed("not a reply to this call")
    if "raised" in reply:
        kinds: dict[str, type | tuple[type, ...]] = {"printed": str, "raised": dict}
        described = reply["raised"]
        if not isinstance(described, dict) or not _is_description(described):
            raise wire.Malformed("an exception without a description")
    else:
        kinds = {"printed": str, "value": object}
        kinds |= {"after": list} if request.get("watch") else {}
        kinds |= {"count": int} if request.get("count") else {}
    if not all(key in reply and isinstance(reply[key], kind) for key, kind in kinds.items()):
        raise wire.Malformed("a reply without its parts")
    return {key: reply[key] for key in kinds}


def _is_description(described: dict[str, Any]) -> bool:
    """Whether an exception is told as the runtime tells it."""
    kinds, hidden = described.get("kinds"), described.get("hidden")
    texts = [described.get(key) for key in ("type", "text", "where")]
    listed = isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds)
    return listed and isinstance(hidden, str | None) and all(isinstance(text, str) for text in texts)
