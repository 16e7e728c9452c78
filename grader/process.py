"""Worker processes: each runs one stage of one submission on a bench of its own, and is ended from here."""

import contextlib
import multiprocessing
import socket
import sys
import time
from collections.abc import Iterator
from multiprocessing.context import BaseContext
from types import ModuleType
from typing import Any

from grader import wire, worker
from grader.impl import result_of
from grader.verdicts import NoAnswer

START_LIMIT = 120.0
"""Seconds for a worker to start, imports included; beyond that the kit has failed, not the learner."""
MAX_PRINTED = 10_000
"""Characters of what a stage printed that are kept."""


class WorkerProcess:
    """A transport to a worker. A worker that fails to answer is ended, and the next call gets a fresh one.

    load: the request that puts the stage on the worker's bench; time_limit: seconds for an ordinary call;
    deadline: when (of time.monotonic) the submission's time as a whole is up.
    """

    def __init__(self, load: dict[str, Any], time_limit: float, deadline: float) -> None:
        self._load = load
        self._time_limit = time_limit
        self._deadline = deadline
        self._process: Any = None
        self._connection: socket.socket | None = None
        self._request_number = 0
        self._timeouts: dict[str, int] = {}
        self.life = 0
        self.printed = ""

    def load(self) -> None:
        """Start a worker and put the stage on its bench. Raises NoAnswer when the module cannot be run."""
        file = f"{self._load['stage']}.py"
        self._process, self._connection = _start(self.life, warm=not self._load["numpy_only"])
        result_of(self._exchange(self._load, file, patience=2), file)

    def exchange(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        """Send a request and wait for its reply. Raises NoAnswer on a time-out, a crash or a false reply."""
        name = request["name"]
        if self._timeouts.get(name, 0) > 1:
            raise NoAnswer("timeout", f"{name} took too long twice before and is not called again")
        if self._connection is None:
            self.load()
        try:
            return self._exchange(request, name, patience)
        except NoAnswer as answer:
            if answer.outcome == "timeout":
                self._timeouts[name] = self._timeouts.get(name, 0) + 1
            raise

    def close(self) -> None:
        """End the worker."""
        if self._connection is not None:
            self._connection.close()
            self._process.kill()
            self._process.join()
            self._connection = None

    def _exchange(self, request: dict[str, Any], name: str, patience: float) -> dict[str, Any]:
        assert self._connection is not None
        limit = self._time_limit * patience
        deadline = min(time.monotonic() + limit, self._deadline)
        self._request_number += 1
        try:
            message = wire.encode(request | {"id": self._request_number})
            wire.send(self._connection, message, deadline)
            reply = _checked(wire.decode(wire.receive(self._connection, deadline)), self._request_number, request)
        except TimeoutError:
            self._end()
            if deadline == self._deadline:
                raise NoAnswer("timeout", f"{name}: the time for the whole submission is up") from None
            raise NoAnswer("timeout", f"{name} took more than {limit:g} s and was stopped") from None
        except (EOFError, ConnectionError):
            self._process.join(timeout=1)  # it is ending; how it did is worth telling
            code = self._process.exitcode
            self._end()
            raise NoAnswer("crashed", f"{name} ended its process ({_told(code)})") from None
        except wire.Malformed as error:
            self._end()
            raise NoAnswer("crashed", f"{name} sent no proper reply: {error}") from error
        self.printed = (self.printed + reply["printed"])[:MAX_PRINTED]
        return reply

    def _end(self) -> None:
        """End a worker that failed; the next call gets another."""
        self.close()
        self.life += 1


def _told(code: int | None) -> str:
    if code is None or code == 255:
        return "no exit code"
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _checked(reply: Any, number: int, request: dict[str, Any]) -> dict[str, Any]:
    """The parts that a reply to this request must have. Raises Malformed when one is missing or another thing."""
    if not isinstance(reply, dict) or reply.get("id") != number:
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
    """Whether an exception is told as the bench tells it."""
    kinds, hidden = described.get("kinds"), described.get("hidden")
    texts = [described.get(key) for key in ("type", "text", "where")]
    listed = isinstance(kinds, list) and all(isinstance(kind, str) for kind in kinds)
    return listed and isinstance(hidden, str | None) and all(isinstance(text, str) for text in texts)


def _start(life: int, warm: bool) -> tuple[Any, socket.socket]:
    """Start a worker and wait until it is ready; its process and our end of the connection."""
    context = _context()
    ours, theirs = socket.socketpair()
    with _no_main_module():
        process = context.Process(target=worker.serve, args=(theirs, life, warm), daemon=True)  # type: ignore[attr-defined]
        process.start()
    theirs.close()
    if wire.decode(wire.receive(ours, time.monotonic() + START_LIMIT)) != worker.READY:
        raise RuntimeError("a worker did not start")
    return process, ours


def _context() -> BaseContext:
    """On Linux a fork server that has imported what workers need, elsewhere fresh processes.

    macOS does not let a process that has used its system libraries fork; Windows has no fork.
    """
    if sys.platform != "linux":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["grader.warm"])
    return context


@contextlib.contextmanager
def _no_main_module() -> Iterator[None]:
    """Keep multiprocessing from importing this process's main module, of the trusted side, in a worker."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
