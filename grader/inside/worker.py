"""The worker's main loop: takes requests from its connection and has the runtime answer them."""

import importlib
import io
import math
import os
import signal
import socket
import struct
import sys
from functools import partial
from pathlib import Path
from typing import Any, Never

from grader import wire
from grader.inside.runtime import Runtime

READY = "ready"
"""A worker's first message."""
FORK_REQUEST = struct.Struct(">QQi")
"""What a fork server is asked with, two connections beside it: bytes of memory, seconds of processor time, and the
processor to run on, -1 for any."""
EXIT_CODE = struct.Struct(">i")
"""What a fork server answers when a worker has ended."""
HIDING = ("CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "ZE_AFFINITY_MASK")
"""Where NVIDIA's, AMD's (two layers of them) and Intel's libraries find the numbers of the devices to show."""
ONE_THREAD = (
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"),
    "TORCHINDUCTOR_COMPILE_THREADS",
)
"""Where numerical libraries, and PyTorch's compiler, find how many threads to start."""
ENVIRONMENT = {
    **dict.fromkeys(HIDING, "-1"),  # no device's number; an empty text would hide nothing of AMD's and Intel's
    "TORCH_DEVICE_BACKEND_AUTOLOAD": "0",  # backends that are packages of their own, for other makers' devices
    **dict.fromkeys(ONE_THREAD, "1"),
}
"""All that a worker's environment holds, from before the first import on: some libraries look there late."""
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


def leave_the_kit() -> None:
    """Put the kit's folder out of the way of imports, and of files that code writes where it stands."""
    root, environment = Path(__file__).resolve().parents[2], Path(sys.prefix).resolve()
    places = [Path(place).resolve() for place in sys.path]
    sys.path[:] = [str(p) for p in places if not p.is_relative_to(root) or p.is_relative_to(environment)]
    for name, module in [*sys.modules.items()]:
        if name.partition(".")[0] == "grader" and hasattr(module, "__path__"):
            module.__path__ = []
    sys.argv[:] = [""]
    os.chdir("/")


def leave_descriptors(own: int) -> None:
    """Keep no descriptor but the worker's own; what code writes to stdout past Python goes nowhere."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nowhere, standard)
    os.closerange(3, own)
    os.closerange(own + 1, os.sysconf("SC_OPEN_MAX"))


def refuse(connection: socket.socket, why: str) -> Never:
    """Say why there is no worker, and end."""
    wire.send(connection, wire.encode(why), deadline=math.inf)
    os._exit(1)


def serve(connection: socket.socket) -> None:
    """Say that the worker is ready, then answer requests until the other side is gone."""
    wire.send(connection, wire.encode(READY), deadline=math.inf)
    printed = BoundedText()
    sys.stdin = io.StringIO()
    sys.stdout = sys.stderr = printed

    def ask(what: str, stage: str) -> Any:
        """Ask the other side for an earlier stage: "need" is the learner's own, None where there is none."""
        wire.send(connection, wire.encode({what: stage}), deadline=math.inf)
        return wire.decode(wire.receive(connection, deadline=math.inf))

    runtime = Runtime(partial(ask, "need"), partial(ask, "reference"), printed.take)
    while True:
        try:
            message = wire.receive(connection, deadline=math.inf)
        except (EOFError, ConnectionError):
            os._exit(0)
        wire.send(connection, runtime.answer(message), deadline=math.inf)


def serve_in_new_process(connection: socket.socket, with_torch: bool) -> None:
    """`serve` in a process that was started for it, where there is no fork server."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for who marks; it is no learner's fault
    os.environ.update(ENVIRONMENT)  # hides no MPS, which nothing hides; no thread of its is in the way here
    if with_torch:
        importlib.import_module("grader.inside.warm")
    leave_the_kit()
    serve(connection)
