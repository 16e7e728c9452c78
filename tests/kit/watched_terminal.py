"""A terminal with `chainrule watch` in it: a pseudo-terminal, and a screen that understands what is sent there."""

import contextlib
import os
import select
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pyte
from ptyprocess import PtyProcess

PATIENCE = 300.0
"""Seconds within which everything must have come, on the slowest and busiest machine."""
PAGE = b"\x1b[2J"
"""What every page begins with: it clears the one before."""


def fresh_settings() -> list[object]:
    """How a terminal takes input and shows output that nobody has used yet."""
    here, there = os.openpty()
    try:
        return termios.tcgetattr(here)
    finally:
        os.close(here)
        os.close(there)


class WatchedTerminal:
    """What a learner sees and does."""

    def __init__(self, command: list[str], environment: dict[str, str], rows: int, columns: int) -> None:
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._process = PtyProcess.spawn(command, dimensions=(rows, columns), env=environment)
        self._unseen = b""
        self._said = 0  # the length of `lines` when keys were pressed
        self.sent = b""
        """Everything that came to the terminal."""

    @property
    def text(self) -> str:
        """What the screen shows."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    @property
    def lines(self) -> str:
        """Everything that was sent, as text."""
        return self.sent.decode("utf-8", "replace").replace("\r\n", "\n")

    def press(self, keys: str, *wanted: str, absent: str = "") -> None:
        """Type, and see what is wanted of it."""
        self._said = len(self.lines)
        self._process.write(keys.encode())
        self.see(*wanted, absent=absent)

    def resize(self, rows: int, columns: int) -> None:
        """Give the window another size."""
        self._screen.resize(rows, columns)
        self._process.setwinsize(rows, columns)

    def see(self, *wanted: str, absent: str = "") -> None:
        """Wait until the screen shows all of this, and not `absent`, for however short a time."""
        self._wait(lambda: self.text, wanted, absent)

    def hear(self, *wanted: str) -> None:
        """Wait until all of this was sent, as text, since keys were pressed."""
        self._wait(lambda: self.lines[self._said :], wanted)

    def settings(self) -> list[object]:
        """How the terminal takes input and shows output."""
        return termios.tcgetattr(self._process.fd)

    def family(self) -> list[psutil.Process]:
        """The process and all that it started."""
        process = psutil.Process(self._process.pid)
        return [process, *process.children(recursive=True)]

    def signal(self, number: int) -> None:
        """Send a signal."""
        self._process.kill(number)

    def exit_code(self) -> int:
        """Wait for its end."""
        with contextlib.suppress(TimeoutError):
            self._wait(str, ("what never comes",))
        code: int = self._process.wait()
        return code

    def close(self) -> None:
        """End it, with all that it started."""
        family = self.family() if self._process.isalive() else []
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        psutil.wait_procs(family[1:], timeout=PATIENCE)
        self._process.close()

    def _wait(self, shown: Callable[[], str], wanted: tuple[str, ...], absent: str = "") -> None:
        until = time.monotonic() + PATIENCE
        while True:
            text = shown()
            if all(one in text for one in wanted) and (not absent or absent not in text):
                return
            told = f"{wanted}, without {absent!r}; there is:\n{text}"
            if not self._unseen:
                left = until - time.monotonic()
                if left <= 0 or not select.select([self._process.fd], [], [], left)[0]:
                    raise AssertionError(f"not within {PATIENCE:g} s: {told}")
                self._unseen = self._read()
                self.sent += self._unseen
            if not self._unseen:
                raise TimeoutError(f"it ended before there was {told}")
            self._turn_page()

    def _read(self) -> bytes:
        """What came to the terminal; nothing where its process has ended."""
        try:
            return os.read(self._process.fd, 2**16)
        except OSError:  # Linux's end of a terminal whose process has ended
            return b""

    def _turn_page(self) -> None:
        """Show what came up to the next page, so that of several that came together none is missed."""
        following = self._unseen.find(PAGE, 1)
        cut = len(self._unseen) if following < 0 else following
        self._stream.feed(self._unseen[:cut])
        self._unseen = self._unseen[cut:]


@contextlib.contextmanager
def watching(
    folder: Path, *options: str, rows: int = 50, columns: int = 100, **environment: str
) -> Iterator[WatchedTerminal]:
    """A terminal in which a folder is watched; what runs there is ended, whatever happens."""
    kept = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "COLUMNS", "LINES")}
    environment = {"TERM": "xterm-256color", "COLORTERM": "", "LANG": "C.UTF-8"} | environment
    command = [sys.executable, "-m", "grader", "watch", "--from", str(folder), *options]
    terminal = WatchedTerminal(command, kept | environment, rows, columns)
    try:
        yield terminal
    finally:
        terminal.close()
