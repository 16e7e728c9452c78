"""Ctrl-C, once and twice."""

import contextlib
import os
import signal
import threading
from collections.abc import Iterator
from types import FrameType

from rich.console import Console

INTERRUPTED = 130
"""What a shell takes for ended by Ctrl-C."""


@contextlib.contextmanager
def stop_at_interrupt(console: Console) -> Iterator[threading.Event]:
    """Ctrl-C sets the event, so that what is being marked is finished; a second Ctrl-C ends everything at once."""
    stop = threading.Event()

    def interrupted(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            console.show_cursor()
            os.write(2, b"\nStopped at once. What was marked is kept; the same command goes on.\n")
            os._exit(INTERRUPTED)  # marking processes, fork servers and workers end with this one
        stop.set()
        os.write(2, b"\nFinishing what is being marked; Ctrl-C again stops at once.\n")

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
