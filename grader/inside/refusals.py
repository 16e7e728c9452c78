"""What a learner's code may not do where it is tested, told in a sentence that helps.

A stage works on its arguments alone. When it is marked the kernel refuses files, network, processes and threads;
on the learner's own machine it would not, and the two would not agree. So Python's audit events are refused in
both, when the learner's own code causes them: what NumPy and PyTorch do while imported passes, and so does
a debugger. Some calls do nothing instead, and a loader has no workers. This is for agreement; the wall is
confinement.py's. The untrusted side of the wire.
"""

import contextlib
import inspect
import os
import sys
import sysconfig
import threading
from collections.abc import Callable, Iterator
from functools import cache, wraps
from types import FrameType
from typing import Any

ALONE = "when this is marked it works on its arguments alone, without files, network, processes and threads"
FILES = ("mkdir", "rmdir", "remove", "rename", "link", "symlink", "truncate", "chmod", "chown", "utime", "listdir")
PROCESSES = ("system", "fork", "forkpty", "posix_spawn", "spawn", "exec", "kill", "killpg", "startfile")
REFUSED = {
    **dict.fromkeys(("open", "os.scandir", "sqlite3.connect", *(f"os.{name}" for name in FILES)), "uses a file"),
    **dict.fromkeys(("subprocess.Popen", "pty.spawn", *(f"os.{name}" for name in PROCESSES)), "starts a process"),
    **dict.fromkeys(("socket.__new__", "socket.gethostname", "socket.getaddrinfo"), "uses the network"),
    **dict.fromkeys(("urllib.Request", "webbrowser.open"), "uses the network"),
}
"""Audit events, and what code does that causes them."""
HARMLESS = ("/dev/null", "/dev/urandom", "nul")
READERS = ("linecache", "tokenize")
"""Modules that read sources, for tracebacks and warnings."""
DEBUGGERS = ("pdb", "bdb", "cmd", "code")
WORKERS = ("num_workers", "prefetch_factor", "persistent_workers", "timeout", "multiprocessing_context")
"""What is said to a loader about its workers."""

_places = sysconfig.get_paths()
_LIBRARIES = ("<frozen ", *{_places[name] + os.sep for name in ("stdlib", "platstdlib", "purelib", "platlib")})
_KNOWN = {"numpy", "torch", *sys.stdlib_module_names}
_learners: dict[int, dict[str, Any]] = {}
"""The builtins of learners' modules, by their ids: whatever their code makes has the same."""
_hooked: list[bool] = []


class NotAllowed(PermissionError):
    """Something that a learner's code may not do where it is tested."""


def asked_for_input(prompt: object = "") -> str:
    """Refuse to ask, in the place of `input`, which in a notebook causes no event."""
    raise NotAllowed(f"asks for input: {ALONE}")


def watch(builtins: dict[str, Any]) -> None:
    """Refuse to modules with these builtins what learners may not do, until `forget`, with an OSError."""
    if not _hooked:
        sys.addaudithook(_refuse)
        _hooked.append(True)
    _learners[id(builtins)] = builtins


def forget(several: list[dict[str, Any]]) -> None:
    """Refuse nothing any more to modules with these builtins."""
    for builtins in several:
        _learners.pop(id(builtins), None)


def is_learners(frame: FrameType) -> bool:
    """Whether a frame runs a learner's own code."""
    return id(frame.f_builtins) in _learners


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    what = REFUSED.get(event)
    if what is None or not _learners:
        return
    if event == "open" and (isinstance(args[0], int) or str(args[0]).lower() in HARMLESS):
        return
    if _is_caused_by_learner(sys._getframe().f_back):
        raise NotAllowed(f"{what}: {ALONE}")


def _is_caused_by_learner(frame: FrameType | None) -> bool:
    """Whether the learner's own code caused an event, perhaps through libraries; no import, and no debugger."""
    while frame is not None and not is_learners(frame):
        name = str(frame.f_globals.get("__name__", ""))
        is_library = frame.f_code.co_filename.startswith(_LIBRARIES) and name.partition(".")[0] in _KNOWN
        if not is_library or name in (*READERS, *DEBUGGERS) or name.startswith("importlib"):
            return False
        frame = frame.f_back
    return frame is not None


@contextlib.contextmanager
def harmless() -> Iterator[None]:
    """While a learner's code runs: no threads; folders are not changed or made; loaders have no workers."""
    replaced = _replaced(sys.modules.get("torch") is not None and "torch.utils.data" in sys.modules)
    before = [(owner, name, getattr(owner, name)) for owner, name, _ in replaced]
    for owner, name, other in replaced:
        setattr(owner, name, other)
    try:
        yield
    finally:
        for owner, name, other in before:
            setattr(owner, name, other)


@cache
def _replaced(with_torch: bool) -> list[tuple[Any, str, Any]]:
    """What is replaced: of which module or class, under which name, by what."""
    found: list[tuple[Any, str, Any]] = [(os, name, _nothing) for name in ("chdir", "fchdir")]
    found += [(os, "mkdir", _but_for_learners(os.mkdir))]  # PyTorch before 2.13 makes one when its optimizers load
    for name in ("_start_new_thread", "_start_joinable_thread"):  # no audit event before Python 3.12
        found += [(threading, name, _without_threads(start))] if (start := getattr(threading, name, None)) else []
    if with_torch:
        torch, loader = sys.modules["torch"], sys.modules["torch.utils.data"].DataLoader
        found += [
            (torch, "save", _without_files(torch.save)),  # which opens files past Python
            (torch, "set_num_threads", _but_for_learners(torch.set_num_threads)),
            (loader, "__init__", _without_workers(loader.__init__)),
        ]
    return [(owner, name, other) for owner, name, other in found if hasattr(owner, name)]


def _without_threads(start: Callable[..., Any]) -> Callable[..., Any]:
    """What starts threads for libraries, and none for a learner's code."""

    def start_or_refuse(*args: Any, **kwargs: Any) -> Any:
        if _is_caused_by_learner(sys._getframe().f_back):
            raise NotAllowed(f"starts a thread: {ALONE}")
        return start(*args, **kwargs)

    return start_or_refuse


def _but_for_learners(change: Callable[..., Any]) -> Callable[..., Any]:
    """What changes a setting, and for a learner's code does nothing."""

    def change_or_nothing(*args: Any, **kwargs: Any) -> Any:
        return None if _is_caused_by_learner(sys._getframe().f_back) else change(*args, **kwargs)

    return change_or_nothing


def _without_files(save: Callable[..., Any]) -> Callable[..., Any]:
    """What saves for libraries, and for a learner's code to memory only."""

    def save_or_refuse(obj: Any, f: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(f, str | os.PathLike) and _is_caused_by_learner(sys._getframe().f_back):
            raise NotAllowed(f"uses a file: {ALONE}")
        return save(obj, f, *args, **kwargs)

    return save_or_refuse


def _nothing(*args: Any, **kwargs: Any) -> None:
    """Do nothing, in the place of what would change the process or its folder."""


def _without_workers(make: Callable[..., None]) -> Callable[..., None]:
    """A loader's `__init__` that hears nothing of workers: it loads in the process that asks, the same batches."""
    signature = inspect.signature(make)

    @wraps(make)
    def init(*args: Any, **kwargs: Any) -> None:
        given = signature.bind(*args, **kwargs)
        for name in WORKERS:
            given.arguments.pop(name, None)
        make(*given.args, **given.kwargs)

    return init
