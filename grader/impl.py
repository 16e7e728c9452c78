"""The `impl` of the suites: a learner's stage, called through messages, wherever it runs.

    impl.relu(a)                            call a function; the value comes back as plain data
    impl.call("train", X, y, params, patience=3)
    impl.call("to_torch", held, keep=True)  the value stays with the learner's code, behind a Handle
    impl.watched("relu", a)                 also the arguments as they are after the call
    impl.counted("backward", "autograd_grad", X, y, params)
    impl.probe("overwrite", held, array)    one of the kit's own functions beside the learner's code
"""

from collections.abc import Callable
from typing import Any, Protocol

from grader import probes, wire
from grader.bench import NOT_NUMPY, Bench
from grader.catalogue import GIVEN, SOLUTIONS, STAGES, Stage
from grader.verdicts import NoAnswer


class Transport(Protocol):
    """Carries requests to a bench. Raises NoAnswer where none comes back."""

    life: int
    """How many benches stood here before; handles of an earlier one are lost."""

    def load(self) -> None:
        """Put the stage on the bench. Raises NoAnswer when its module cannot be run."""

    def exchange(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        """Send a request and give its reply; `patience` times the usual limit is waited."""

    def close(self) -> None:
        """End what runs at the other side."""


class SameProcess:
    """A bench in the suites' own process, with no time limit: for a learner's debugger."""

    life = 0

    def __init__(self, load: dict[str, Any], to_raise: tuple[type[BaseException], ...]) -> None:
        self._bench = Bench(to_raise=to_raise)
        self._load = load

    def load(self) -> None:
        """Run the stage's module here and now."""
        result_of(self.exchange(self._load, 1), self._load["stage"])

    def exchange(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        """Answer the request here and now."""
        self._bench.last_error = None
        reply: dict[str, Any] = wire.decode(self._bench.answer(wire.encode(request | {"id": 0})))
        reply["cause"] = self._bench.last_error
        return reply

    def close(self) -> None:
        """Put the replaced modules back."""
        self._bench.close()


class Impl:
    """One stage of one submission, as its suite sees it."""

    def __init__(self, stage: Stage, transport: Transport) -> None:
        self._stage = stage
        self._transport = transport

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return lambda *args, **kwargs: self.call(name, *args, **kwargs)

    def call(self, name: str, *args: Any, keep: bool = False, patience: float = 1, **kwargs: Any) -> Any:
        """Call a function of the stage. Raises NoAnswer where it gives none."""
        return self._ask("call", name, args, kwargs, keep=keep, patience=patience)["value"]

    def watched(self, name: str, *args: Any) -> tuple[Any, list[Any]]:
        """Call a function of the stage; its value, and its arguments as they are afterwards."""
        reply = self._ask("call", name, args, {}, watch=True)
        return reply["value"], reply["after"]

    def counted(self, what: str, name: str, *args: Any) -> tuple[Any, int]:
        """Call a function of the stage; its value, and how often `what` (of probes.COUNTERS) happened."""
        reply = self._ask("call", name, args, {}, count=what)
        return reply["value"], reply["count"]

    def probe(self, name: str, *args: Any, keep: bool = False, patience: float = 1) -> Any:
        """Call a function of `grader.probes` beside the learner's code."""
        getattr(probes, name)  # a probe that does not exist is an error of the kit
        return self._ask("probe", name, args, {}, keep=keep, patience=patience)["value"]

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
        if any(isinstance(arg, wire.Handle) and arg.life != self._transport.life for arg in args):
            raise NoAnswer("crashed", f"{name}: what it works on was lost when the code was stopped before")
        request = {"do": do, "name": name, "args": list(args), "kwargs": kwargs}
        request |= {"keep": keep, "watch": watch, "count": count}
        return result_of(self._transport.exchange(request, patience), self._stage.name, name)


def load_request(stage: Stage, own: dict[str, str], files: dict[str, str]) -> dict[str, Any]:
    """The request that puts a stage on a bench, with the reference for the stages before it.

    own: stage name → the learner's source; files: stage name → the file name that tracebacks show.
    Raises NoAnswer when the stage's file is missing.
    """
    if stage.name not in own:
        raise NoAnswer("not written", f"{stage.file} is missing")
    earlier = STAGES[: stage.number - 1]
    return {
        "do": "load",
        "stage": stage.name,
        "numpy_only": stage.numpy_only,
        "own": own,
        "files": files,
        GIVEN: (SOLUTIONS / f"{GIVEN}.py").read_text(encoding="utf-8"),
        "references": {
            s.name: {"source": (SOLUTIONS / s.file).read_text(encoding="utf-8"), "tasks": list(s.tasks)}
            for s in earlier
        },
    }


def result_of(reply: dict[str, Any], stage: str, function: str = "") -> dict[str, Any]:
    """The reply itself, or NoAnswer with a sentence on what was raised."""
    raised = reply.get("raised")
    if raised is None:
        return reply
    who = function or f"{stage}.py"
    kinds = tuple(raised["kinds"])
    where = f" ({raised['where']})" if raised["where"] else ""
    if raised["hidden"] and raised["hidden"].split(".")[0] in NOT_NUMPY:
        message = f"this stage is NumPy only, but {who} imports {raised['hidden']}{where}"
        raise NoAnswer("failed", message, kinds) from reply.get("cause")
    if "NotImplementedError" in kinds:
        raise NoAnswer("not written", f"{who} is not written yet", kinds) from reply.get("cause")
    if not function:
        message = f"{who} cannot be run: {raised['type']}: {raised['text']}{where}"
    elif "AttributeError" in kinds and not where and raised["text"].endswith(f"attribute '{function}'"):
        raise NoAnswer("not written", f"{stage}.py defines no {function}", kinds)
    else:
        message = f"{who} raised {raised['type']}: {raised['text']}{where}"
    raise NoAnswer("error", message, kinds, raised["text"]) from reply.get("cause")
