"""The worker's main loop: takes requests from its connection and has the bench answer them."""

import ctypes
import importlib
import io
import math
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

from grader import wire
from grader.bench import Bench

READY = "ready"
"""A worker's first message."""
PR_SET_PDEATHSIG = 1
"""Of prctl(2): the signal to get when the parent ends."""
MAX_PRINTED = 10_000
"""Characters of what one call printed that are sent back."""


class BoundedText(io.TextIOBase):
    """Stands for stdout and stderr: keeps the first characters of what is written, drops the rest."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._left = MAX_PRINTED

    def writable(self) -> bool:
        """Text can be written here."""
        return True

    def write(self, text: str) -> int:
        """Keep what there is room for."""
        kept = text[: self._left]
        if kept:
            self._left -= len(kept)
            self._parts.append(kept)
        return len(text)

    def take(self) -> str:
        """What was written since this was last asked."""
        text = "".join(self._parts)
        self._parts.clear()
        self._left = MAX_PRINTED
        return text


def _leave_the_kit() -> None:
    """Put the kit's folder out of the way of imports and of files that code writes where it stands."""
    root, environment = Path(__file__).resolve().parent.parent, Path(sys.prefix).resolve()
    places = [Path(place).resolve() for place in sys.path]
    sys.path[:] = [str(p) for p in places if not p.is_relative_to(root) or p.is_relative_to(environment)]
    sys.modules["grader"].__path__ = []
    os.chdir(tempfile.gettempdir())


def _leave_descriptors(own: int) -> None:
    """Keep no descriptor but the worker's own; what code writes to stdout past Python goes nowhere.

    Among those inherited is one that keeps the fork server alive: held by an endless loop, it would keep both
    running after who marks is gone.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    if sys.platform == "linux":
        os.closerange(3, own)
        os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))


def serve(connection: socket.socket, life: int, warm: bool) -> None:
    """Say that the worker is ready, then answer requests until the other side is gone.

    life: how many workers came before this one; warm: whether to import PyTorch first.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who marks; it is no learner's fault
    _leave_descriptors(connection.fileno())
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)  # the fork server ends with who marks
    if warm:
        importlib.import_module("grader.warm")
    _leave_the_kit()
    wire.send(connection, wire.encode(READY), deadline=math.inf)
    printed = BoundedText()
    sys.stdin = io.StringIO()
    sys.stdout = sys.stderr = printed
    bench = Bench(printed.take, life=life)
    while True:
        try:
            message = wire.receive(connection, deadline=math.inf)
        except (EOFError, ConnectionError):
            os._exit(0)
        wire.send(connection, bench.answer(message), deadline=math.inf)
