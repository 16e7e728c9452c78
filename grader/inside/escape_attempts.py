"""What a worker must fail at, tried in one by `chainrule doctor`: each gives the error, or None if it worked."""

import os
import platform
import resource
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

from grader.inside import probes, worker


def _refused(attempt: Callable[..., object], *args: object) -> str | None:
    try:
        attempt(*args)
    except (OSError, MemoryError, RuntimeError, ValueError) as error:
        return getattr(error, "strerror", None) or str(error) or type(error).__name__
    return None


def become_root() -> str | None:
    """Take root's identity."""
    return _refused(os.setuid, 0)


def read(path: str) -> str | None:
    """Read a file of the kit's."""
    return _refused(lambda: Path(path).read_bytes())


def list_folder(path: str) -> str | None:
    """Look at the names in a folder."""
    return _refused(os.listdir, path)


def empty(path: str) -> str | None:
    """Empty a file that is opened in ways for which Landlock had no right before its version 3."""
    told = [_refused(os.open, path, mode | os.O_TRUNC) for mode in (os.O_RDONLY, os.O_ACCMODE)]
    return told[0] if all(told) else None


def find_parent() -> str | None:
    """Find another process by its processors, or by its clock."""
    told = [_refused(os.sched_getaffinity, os.getppid()), _refused(time.clock_gettime, ~os.getppid() << 3 | 2)]
    return told[0] if all(told) else None


def name_of_machine() -> str | None:
    """Learn what the machine is called."""
    return None if platform.node() else _refused(socket.gethostname)


def write(path: str) -> str | None:
    """Make a file."""
    return _refused(lambda: Path(path).write_bytes(b"x"))


def connect() -> str | None:
    """Open a connection."""
    return _refused(socket.socket, socket.AF_INET)


def send_datagram() -> str | None:
    """Open a socket for datagrams, which Landlock alone would let pass."""
    return _refused(socket.socket, socket.AF_INET, socket.SOCK_DGRAM)


def start_process() -> str | None:
    """Start a process."""
    return _refused(os.fork)


def signal_parent() -> str | None:
    """Send a signal to another process."""
    return _refused(os.kill, os.getppid(), 0)


def raise_limit() -> str | None:
    """Take more memory than is allowed, by changing the limit."""
    return _refused(resource.setrlimit, resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def take_memory(size: int) -> str | None:
    """Take memory."""
    return _refused(bytearray, size)


def open_many(count: int) -> str | None:
    """Open many files."""
    return _refused(lambda: [os.dup(0) for _ in range(count)])


def start_thread() -> str | None:
    """Take a larger share of the processors by a thread more."""
    return _refused(threading.Thread(target=bool).start)


def processor_seconds() -> str | None:
    """Seconds of processor time that are allowed; None without a bound."""
    bound, _ = resource.getrlimit(resource.RLIMIT_CPU)
    return None if bound == resource.RLIM_INFINITY else f"killed after {bound} s"


def environment() -> str | None:
    """What the environment holds beside what every worker's does."""
    return None if os.environ.keys() - worker.ENVIRONMENT.keys() else "nothing of this machine's"


def descriptors() -> str | None:
    """Which descriptors are open beside the standard streams."""
    open_ones = [n for n in range(3, 64) if _refused(os.fstat, n) is None]
    return "its own connection only" if len(open_ones) == 1 else None


def find_accelerator() -> str | None:
    """Find something other than the processor that PyTorch could compute on."""
    return None if probes.accelerators() else "PyTorch sees none"


def find_torch() -> str | None:
    """Import PyTorch in a stage that does without."""
    try:
        __import__("torch")
    except ImportError as error:
        return str(error)
    return None
