"""What a worker must fail at, tried in one by `chainrule doctor`: each gives the error, or None if it worked."""

import os
import resource
import socket
import threading
from collections.abc import Callable
from pathlib import Path


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


def list_processes() -> str | None:
    """Look at the machine's processes."""
    return _refused(os.listdir, "/proc")


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


def start_threads(count: int) -> str | None:
    """Start many threads that wait."""
    release = threading.Event()

    def start() -> None:
        for _ in range(count):
            threading.Thread(target=release.wait, daemon=True).start()

    try:
        return _refused(start)
    finally:
        release.set()


def processor_seconds() -> str | None:
    """Seconds of processor time that are allowed; None without a bound."""
    bound, _ = resource.getrlimit(resource.RLIMIT_CPU)
    return None if bound == resource.RLIM_INFINITY else f"killed after {bound} s"


def environment() -> str | None:
    """What the environment holds."""
    return None if os.environ else "empty"


def descriptors() -> str | None:
    """Which descriptors are open beside the standard streams."""
    open_ones = [n for n in range(3, 64) if _refused(os.fstat, n) is None]
    return "its own connection only" if len(open_ones) == 1 else None


def find_torch() -> str | None:
    """Import PyTorch in a stage that does without."""
    try:
        __import__("torch")
    except ImportError as error:
        return str(error)
    return None
