"""The `impl` of the suites: a learner's stage, called through messages, wherever it runs.

impl.double(x)                          call a function; the value comes back as plain data
impl.call("train", X, y, patience=3)    the same, with three times the usual time
impl.call("to_torch", held, keep=True)  the value stays with the learner's code, behind a Handle
impl.watched("double", x)               also the arguments as they are after the call
impl.counted("backward", "autograd_grad", X, y, params)
impl.probe("overwrite", held, array)    one of the kit's own functions beside the learner's code
"""

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from grader import wire
from grader.course.catalogue import GIVEN, STAGES, Stage, all_imports_of, source_of
from grader.course.location import LIBRARIES
from grader.course.probes import RETURNS
from grader.course.probes import SOURCE as PROBES
from grader.course.records import HOMES, RECORDS
from grader.inside import probes
from grader.inside.imports import NOT_NUMPY
from grader.inside.raised import MAX_TEXT
from grader.inside.refusals import ALONE
from grader.inside.runtime import Runtime
from grader.outside.verdicts import NoAnswer, Outcome

MAX_BRIEF = 1000
"""Characters of an exception's message that a learner is shown."""
DENIED = ("PermissionError", "Permission denied", "Operation not permitted", "can't start new thread")
"""What exceptions say where the kernel has denied something."""
NOTEBOOK = "the notebook"
"""Where a stage was written that came in cells."""


class Transport(Protocol):
    """Carries requests to a runtime. Raises NoAnswer where none comes back."""

    life: int
    """How many runtimes stood here before; handles of an earlier one are lost."""
    home: str
    """Where the learner wrote the stage, for messages: its file, or the notebook."""
    is_fresh: bool
    """Whether neither learners' code could change what this gives, nor a time limit has: it is always the same."""

    def load(self) -> object:
        """Load the stage, or load it anew. Raises NoAnswer when its module cannot be run."""

    def use(self, load: dict[str, Any]) -> None:
        """Load by this request from now on."""

    def apart(self) -> contextlib.AbstractContextManager[None]:
        """Let what follows cost nothing of the submission's time."""

    def beside(self, load: dict[str, Any], own: Mapping[str, str]) -> "Transport":
        """Another transport of the same kind, that loads by this request."""

    def exchange(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        """Send a request and give its reply; `patience` times the usual limit is waited."""

    def close(self) -> None:
        """End what runs at the other side."""


class SameProcess:
    """A runtime in the suites' own process, with no time limit: for a learner's debugger."""

    life = 0
    is_fresh = False
    """A learner's module may have changed this process for whatever runs in it."""

    def __init__(
        self, load: dict[str, Any], own: Mapping[str, str], to_raise: tuple[type[BaseException], ...]
    ) -> None:
        self._runtime = Runtime(own.get, reference_of, to_raise=to_raise)
        self._to_raise = to_raise
        self._load = load
        self.home = load["home"]

    def load(self) -> None:
        """Run the stage's module here and now."""
        result_of(self.exchange(self._load, 1), self.home)

    def use(self, load: dict[str, Any]) -> None:
        """Load by this request from now on."""
        self._load = load

    def apart(self) -> contextlib.AbstractContextManager[None]:
        """No time is counted here."""
        return contextlib.nullcontext()

    def beside(self, load: dict[str, Any], own: Mapping[str, str]) -> "SameProcess":
        """Another runtime in this process."""
        return SameProcess(load, own, self._to_raise)

    def exchange(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        """Answer the request here and now."""
        self._runtime.last_error = None
        answer = self._runtime.answer(wire.encode(request | {"id": 0}, RECORDS))
        reply: dict[str, Any] = wire.decode(answer, records=RECORDS)
        reply["cause"] = self._runtime.last_error
        return reply

    def close(self) -> None:
        """Put the replaced modules back."""
        self._runtime.close()


class Enough(Exception):
    """A client was asked for more than it was to be."""


class Client:
    """One stage of one submission, as its suite sees it."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport
        self.last: tuple[str, tuple[Any, ...], dict[str, Any]] = ("", (), {})
        """The last call of a function of the learner's: its name and arguments."""
        self.asked = 0
        """How many requests were made."""
        self.limit: int | None = None
        """Requests after which it is enough."""
        self.patience = 0.0
        """How many times the usual the longest call could take."""
        self.stopped = False

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: self.call(name, *args, **kwargs)

    @property
    def is_fresh(self) -> bool:
        """Whether what the code gave is the same everywhere."""
        return self._transport.is_fresh

    def reload(self) -> None:
        """Run the stage's module anew: what it kept from calls is gone, and objects kept for the suite are not.

        Raises NoAnswer when the module cannot be run.
        """
        self._transport.load()

    def apart(self) -> contextlib.AbstractContextManager[None]:
        """Let what follows cost nothing of the submission's time."""
        return self._transport.apart()

    def beside(self, load: dict[str, Any], own: Mapping[str, str]) -> Transport:
        """A transport of the same kind for other code."""
        return self._transport.beside(load, own)

    def forget(self, handle: wire.Handle) -> None:
        """Keep an object no longer: where the learner's code does not either, its memory is another's then."""
        if handle.life == self._transport.life:  # else it is lost, and its number may be another's
            self._transport.exchange({"do": "forget", "name": "forget", "number": handle.number}, 1)

    def call(self, name: str, *args: Any, keep: bool = False, patience: float = 1, **kwargs: Any) -> Any:
        """Call a function of the stage. Raises NoAnswer where it gives none."""
        return self._ask("call", name, args, kwargs, keep=keep, patience=patience)["value"]

    def watched(self, name: str, *args: Any) -> tuple[Any, list[Any]]:
        """Call a function of the stage; its value, and its arguments as they are afterwards."""
        reply = self._ask("call", name, args, {}, watch=True)
        if len(reply["after"]) != len(args):
            raise NoAnswer("crashed", f"{name} sent no proper reply: its arguments are not all there")
        return reply["value"], reply["after"]

    def counted(self, what: str, name: str, *args: Any) -> tuple[Any, int]:
        """Call a function of the stage; its value, and how often `what` (of a COUNTERS) happened."""
        reply = self._ask("call", name, args, {}, count=what)
        return reply["value"], reply["count"]

    def probe(self, name: str, *args: Any, keep: bool = False, patience: float = 1) -> Any:
        """Call a function of `grader.inside.probes`, or of the course's own, beside the learner's code."""
        if name not in RETURNS:
            getattr(probes, name)  # a probe that does not exist is an error of the kit
        value: Any = self._ask("probe", name, args, {}, keep=keep, patience=patience)["value"]
        is_proper: Callable[..., bool] = _PROBED.get(RETURNS.get(name, name), _anything)
        if not keep and not is_proper(value, *args):
            raise NoAnswer("crashed", f"{name} sent no proper reply: a {type(value).__name__}")
        return value

    def _ask(
        self,
        do: str,
        name: str,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        *,
        keep: bool = False,
        watch: bool = False,
        count: str = "",
        patience: float = 1,
    ) -> dict[str, Any]:
        self.asked += 1
        if self.limit is not None and self.asked > self.limit:
            self.stopped = True
            raise Enough
        self.patience = max(self.patience, patience)
        if any(handle.life != self._transport.life for handle in _handles(args)):
            raise NoAnswer("crashed", f"{name}: what it works on was lost when the code was stopped before")
        more = {"kwargs": kwargs, "keep": keep, "watch": watch, "count": count}
        request = {"do": do, "name": name, "args": list(args)} | {
            key: value for key, value in more.items() if value
        }
        called = name if do == "call" else ""
        if called:
            self.last = (name, args, kwargs)
        reply = result_of(self._transport.exchange(request, patience), self._transport.home, called)
        if keep and not isinstance(reply["value"], wire.Handle):
            raise NoAnswer("crashed", f"{name} sent no proper reply: no handle")
        return reply


def _list_of(kind: type) -> Callable[..., bool]:
    return lambda value, *_: isinstance(value, list) and all(type(entry) is kind for entry in value)


def _anything(value: Any, *_: Any) -> bool:
    return True


_PROBED: dict[str, Callable[..., bool]] = {
    "class_names": _list_of(str),
    "layers": _list_of(str),
    "parameters": _list_of(wire.Tensor),
    "moved": _list_of(wire.Tensor),
    "named_parameters": lambda value, *_: isinstance(value, dict) and _list_of(wire.Tensor)(list(value.values())),
    "list[int]": _list_of(int),
    "list[str]": _list_of(str),
    "list[list[Any]]": _list_of(list),
    "grads_of": lambda value, _, count: isinstance(value, list) and len(value) == count,
    "str": lambda value, *_: isinstance(value, str),
}
"""What the reply of a probe must be, or of a course's of this type, given its arguments: a worker may send any."""


def _handles(value: Any) -> Iterator[wire.Handle]:
    """Every handle in an argument, however deep."""
    if isinstance(value, wire.Handle):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for entry in value.values() if isinstance(value, dict) else value:
            yield from _handles(entry)


Place = tuple[int, str, int]
"""From which line of a module on its text comes from which cell of a notebook ("" for the kit's own),
and which line of that."""


def load_request(
    stage: Stage,
    own: Mapping[str, str],
    files: Mapping[str, str],
    places: Mapping[str, Sequence[Place]] | None = None,
    unread: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The request that loads a stage, where it can import the given modules and the stages before it.

    own: stage name → the learner's source; files: stage name → the file name that tracebacks show; places: stage
    name → where in a notebook its lines were written, for stages from there; unread: stage name → why its file
    could not be read.
    Raises NoAnswer when the stage's file is missing, or could not be read.
    """
    if unread and stage.name in unread:
        raise NoAnswer("error", unread[stage.name])
    if stage.name not in own:
        raise NoAnswer("not written", f"{stage.file} is missing")
    places = places or {}
    without_torch = {name for name in GIVEN if "torch" not in all_imports_of(name)}
    return {
        "do": "load",
        "life": 0,
        "stage": stage.name,
        "kind": "numpy" if stage.numpy_only else "torch",
        "numpy_only": stage.numpy_only,
        "libraries": [] if stage.numpy_only else list(LIBRARIES),
        "source": own[stage.name],
        "is_learners": True,
        "files": dict(files),
        "places": {name: list(map(list, found)) for name, found in places.items()},
        "home": NOTEBOOK if stage.name in places else stage.file,
        "given": {name: source_of(name) for name in GIVEN},
        "records": {name: home for name, home in HOMES.items() if not stage.numpy_only or home in without_torch},
        "probes": PROBES,
        "earlier": [earlier.name for earlier in STAGES[: stage.number - 1]],
    }


def reference_of(stage: str) -> dict[str, Any]:
    """The reference for an earlier stage, which a runtime asks for when a learner's code imports that."""
    tasks = next(known.tasks for known in STAGES if known.name == stage)
    return {"source": source_of(stage), "tasks": list(tasks)}


def result_of(reply: dict[str, Any], home: str, function: str = "") -> dict[str, Any]:
    """The reply itself, or NoAnswer with a sentence on what was raised.

    home: where the stage was written; function: the learner's function that was called, if one was.
    """
    raised = reply.get("raised")
    if raised is None:
        return reply
    who, text, brief = function or home, raised["text"][:MAX_TEXT], raised["text"][:MAX_BRIEF]
    kinds = tuple(raised["kinds"])
    where = f" ({raised['where']})" if raised["where"] else ""
    outcome: Outcome = "error"
    if raised["type"] in ("NotThere", "NotAllowed"):
        message = f"{who}{where[:200]}: {brief}"
    elif raised["hidden"] and raised["hidden"].split(".")[0] in NOT_NUMPY:
        outcome, message = (
            "failed",
            f"this stage is NumPy only, but {who} imports {raised['hidden'][:100]}{where[:200]}",
        )
    elif "NotImplementedError" in kinds:
        outcome, message = "not written", f"{who} is not written yet"
    elif "AttributeError" in kinds and not where and text.endswith(f"has no attribute '{function}'"):
        outcome, message = "not written", f"{home} defines no {function}"
    elif raised["type"] == "Unfit":
        message = brief
    else:
        message = f"{who} raised {raised['type'][:100]}: {brief}{where[:200]}"
        message += f"; {ALONE}" if any(said in f"{kinds} {brief}" for said in DENIED) else ""
    raise NoAnswer(outcome, message, kinds, text) from reply.get("cause")
