"""What this machine offers for keeping learners' code apart, proven in a worker that tries to break out."""

import contextlib
import importlib.util
import os
import platform
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from grader.course.catalogue import Stage
from grader.course.location import SOLUTIONS
from grader.inside import escape_attempts, probes
from grader.outside import pytorch, versions, workers
from grader.outside.client import Client
from grader.outside.process import MEMORY, Allowance, Limits, WorkerProcess
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import Kind, KitError

if sys.platform == "linux":
    import landlockpy
    import seccompy

ATTEMPTS = Path(escape_attempts.__file__)
SECONDS = 60.0
"""For all attempts together."""


@dataclass(frozen=True)
class Attempt:
    """One thing that a worker must not get away with: its layer, what is tried, and the function that tries it."""

    layer: str
    tried: str
    function: str
    argument: str | int | None = None


@dataclass(frozen=True)
class Finding:
    """What came of an attempt; `refused` says what stopped it and is None where nothing did."""

    attempt: Attempt
    refused: str | None


def machine() -> str:
    """The system and the versions that matter here."""
    system = f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}; {versions.told()}, pytest {metadata.version('pytest')}"


def offers() -> Iterator[tuple[str, str]]:
    """Each layer, and what this machine has of it. Raises KitError where a fork server does not start."""
    yield "accelerators", _accelerators()
    if sys.platform != "linux":
        yield "confinement", "none: it takes Linux"
        return
    version = landlockpy.abi_version()
    yield "Landlock", f"version {version} (files; and signals from version 6 on)" if version else "missing"
    filters = seccompy.supported()
    yield "seccomp", f"filters of system calls, {seccompy.arch()}" if filters else "missing: no filters"
    yield "user", "root, which workers give up" if os.geteuid() == 0 else "an ordinary one"
    kinds: tuple[Kind, ...] = (*pytorch.KINDS, "notebooks")
    workers.warm_up(kinds, "kernel")
    for kind in kinds:
        workers.start(kind, "kernel", MEMORY, seconds=1).end()
    yield "fork servers", f"ready to fork warm workers: {', '.join(kinds)}"
    yield "threads", "one in each fork server"


def _accelerators() -> str:
    """What PyTorch could compute on here, and who sees it."""
    seen = probes.accelerators()
    if not seen:
        return "none that this PyTorch could use"
    return f"{seen}: {'workers see it too, nothing hides it' if 'mps' in seen else 'hidden from workers'}"


def findings() -> Iterator[Finding]:
    """Try everything in workers that are confined as in marking. Raises KitError where none can be."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _tried("numpy", _attempts(Path(folder)))
    if pytorch.IS_NEEDED:
        yield from _tried("torch", [Attempt("accelerators", "find an accelerator", "find_accelerator")])


def _tried(kind: Kind, attempts: list[Attempt]) -> Iterator[Finding]:
    """What comes of attempts in a worker of this kind."""
    with contextlib.closing(_worker(kind)) as transport:
        transport.load()
        impl = Client(transport)
        for attempt in attempts:
            arguments = [] if attempt.argument is None else [attempt.argument]
            try:
                refused = impl.call(attempt.function, *arguments)
            except NoAnswer as answer:  # what ended the worker has stopped the attempt
                refused = str(answer)
            yield Finding(attempt, refused)


def torch_works() -> None:
    """Load PyTorch in a confined worker. Raises KitError or NoAnswer where that fails."""
    with contextlib.closing(_worker("torch")) as transport:
        transport.load()
        if Client(transport).call("find_torch") is not None:
            raise KitError("PyTorch cannot be imported by a confined worker")


_STAGE = Stage(0, ATTEMPTS.stem, "what a worker must fail at", ())


def _attempts(folder: Path) -> list[Attempt]:
    """Every layer's attempts; in this folder stands what no user's rights keep from being changed."""
    folder.chmod(0o777)
    (folder / "full").write_text("full", encoding="utf-8")
    (folder / "full").chmod(0o666)
    torch = importlib.util.find_spec("torch")
    large = [Attempt("libraries", "read PyTorch in a NumPy stage", "read", torch.origin)] if torch else []
    memory = 2 * MEMORY
    return [
        Attempt("user", "become root", "become_root"),
        Attempt("files", "read a solution", "read", str(next(iter(sorted(SOLUTIONS.glob("*.py"))), SOLUTIONS))),
        Attempt("files", "read the engine", "read", str(Path(__file__))),
        Attempt("files", "list the machine's processes", "list_folder", "/proc"),
        Attempt("files", "list the machine's settings", "list_folder", "/etc"),
        Attempt("files", "make a file", "write", str(folder / "made")),
        Attempt("files", "empty a file", "empty", str(folder / "full")),
        Attempt("system calls", "open a connection", "connect"),
        Attempt("system calls", "send a datagram", "send_datagram"),
        Attempt("system calls", "start a process", "start_process"),
        Attempt("system calls", "start a thread", "start_thread"),
        Attempt("system calls", "signal another process", "signal_parent"),
        Attempt("system calls", "find another process", "find_parent"),
        Attempt("system calls", "learn the machine's name", "name_of_machine"),
        Attempt("system calls", "raise a limit", "raise_limit"),
        *large,
        Attempt("surroundings", "read the environment", "environment"),
        Attempt("surroundings", "find other connections", "descriptors"),
        Attempt("limits", f"take {memory // 2**20} MiB of memory", "take_memory", memory),
        Attempt("limits", "run without end", "processor_seconds"),
        Attempt("limits", "open 1000 files", "open_many", 1000),
    ]


def _worker(kind: Kind) -> WorkerProcess:
    """A worker with the attempts loaded, confined by the kernel."""
    source = ATTEMPTS.read_text(encoding="utf-8")
    load = {"do": "load", "stage": _STAGE.name, "kind": kind, "numpy_only": kind == "numpy", "source": source}
    load |= {
        "files": {_STAGE.name: _STAGE.file},
        "places": {},
        "home": _STAGE.file,
        "given": {},
        "records": {},
        "earlier": [],
        "probes": "",
    }
    load |= {"libraries": [], "is_learners": False}
    limits = Limits(call=SECONDS, memory=MEMORY, isolation="kernel")
    return WorkerProcess(load, {}, limits, Allowance(SECONDS))
