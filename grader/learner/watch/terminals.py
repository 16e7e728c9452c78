"""Where a session is shown and keys come from: a screen that is drawn anew, or lines that follow one another."""

import asyncio
import contextlib
import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import create_output
from rich.console import Console, Group, RenderableType

from grader.learner.watch import plain, words
from grader.learner.watch.screen import ASCII, Look, page, reading, reading_foot
from grader.learner.watch.session import Event, InputEnded, Interrupted, Pressed
from grader.learner.watch.state import State
from grader.learner.watch.words import Session

ESCAPE = 0.1
"""Seconds after which an Escape is that key, and not the beginning of another one's code."""
Emit = Callable[[Event], None]
_NAMES = {name: key for key, name, _ in words.KEYS}


class Terminal(Protocol):
    """Shows states, and tells of keys."""

    patience: float
    """Seconds for which a run need not be mentioned: most are over by then."""

    def size(self) -> tuple[int, int]:
        """Rows and columns."""

    def show(self, state: State) -> None:
        """Show a state."""

    def keys(self, emit: Emit) -> contextlib.AbstractContextManager[None]:
        """Take keys while this lasts, then leave the terminal as it was; emit is called in the loop's thread."""


class Screen:
    """A terminal that is cleared and drawn anew; what scrolls out of it can be scrolled back to."""

    patience = 0.15

    def __init__(self, session: Session) -> None:
        self._session = session
        self._input = create_input(sys.stdin)
        self._output = create_output(sys.stdout)
        self._look = Look() if _can_show(Look(), sys.stdout.encoding) else ASCII
        self._last_page = 0

    def size(self) -> tuple[int, int]:
        """Rows and columns."""
        size = self._output.get_size()
        return max(size.rows, 1), max(size.columns, 20)

    def show(self, state: State) -> None:
        """Clear the terminal and draw."""
        self._output.erase_screen()
        self._output.cursor_goto(0, 0)
        self._output.write_raw("\n".join(self._lines(state)))
        self._output.flush()

    @contextlib.contextmanager
    def keys(self, emit: Emit) -> Iterator[None]:
        """Take single keys; what stood on the terminal before scrolls up, so that clearing does not lose it."""

        loop = asyncio.get_running_loop()

        def take(presses: list[KeyPress]) -> None:
            for press in presses:
                if press.key in (Keys.ControlC, Keys.ControlD):
                    emit(Interrupted())
                elif len(press.data) == 1:
                    emit(Pressed(press.data.lower(), self._last_page))

        def read() -> None:
            take(self._input.read_keys())
            loop.call_later(ESCAPE, lambda: take(self._input.flush_keys()))
            if self._input.closed:
                emit(Interrupted())

        self._output.write_raw("\n" * (self.size()[0] - 1))
        with self._input.raw_mode(), self._input.attach(read):
            try:
                yield
            finally:
                self._output.write_raw("\n")
                self._output.flush()

    def _lines(self, state: State) -> list[str]:
        rows, columns = self.size()
        self._last_page = 0
        if state.view == "reading":
            lines = _drawn(reading(state, self._session), columns)
            room = max(rows - 2, 1)
            pages = [lines[at : at + room] for at in range(0, len(lines), room)]
            self._last_page = len(pages) - 1
            here = pages[min(state.page, self._last_page)]
            return [*here, "", *_drawn(reading_foot(state, len(pages)), columns)]
        lines = _drawn(page(state, self._session, self._look), columns)
        if len(lines) > rows:
            lines = _drawn(page(state, self._session, self._look, brief=True), columns)
        return lines


class Lines:
    """Text alone, line after line, without colour or a moving cursor; keys are letters, each followed by Enter."""

    patience = 2.0

    def __init__(self, session: Session) -> None:
        self._session = session
        self._last = State()
        self._asked = False

    def size(self) -> tuple[int, int]:
        """Nothing depends on it."""
        return 0, 0

    def show(self, state: State) -> None:
        """Print what is new."""
        last, asked = self._last, self._asked
        moved = asked or state.current != last.current or state.view != last.view or state.hints != last.hints
        name = state.current.name
        lines = []
        if state.view != "tests":
            lines += plain.told(state, self._session) if moved else []
        elif state.pending or not state.runs:
            lines += [words.under_way(state)] if state.running != last.running or asked else []
        elif moved or state.runs.get(name) is not last.runs.get(name):
            lines += plain.told(state, self._session)
        if state.notice and (asked or state.notice != last.notice):
            lines.append(state.notice)
        idle = state.running is None and bool(state.runs)
        if idle and state.view == "tests" and (lines or state.points != last.points or last.running):
            lines.append(plain.total(state))
        self._last, self._asked = state, False
        _print(lines)

    @contextlib.contextmanager
    def keys(self, emit: Emit) -> Iterator[None]:
        """Take lines from a thread, which is left behind where it waits for one."""
        loop = asyncio.get_running_loop()

        def tell(event: Event) -> None:
            self._asked = True
            emit(event)

        def read() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, the session over
                for line in _lines_of(sys.stdin.fileno()):
                    loop.call_soon_threadsafe(tell, Pressed(_key_of(line)))
                loop.call_soon_threadsafe(emit, InputEnded())

        _print([f"Chainrule, watching {self._session.folder}. {words.drawn(self._session)}"])
        _print([plain.INVITATION])
        threading.Thread(target=read, daemon=True, name="keys").start()
        yield


def _drawn(shown: RenderableType, columns: int) -> list[str]:
    """The lines of a renderable, with the terminal's codes for colours where it has any."""
    text = io.StringIO()
    console = Console(file=text, force_terminal=True, width=columns, highlight=False, legacy_windows=False)
    console.print(Group(shown))
    return text.getvalue().rstrip("\n").split("\n")


def _can_show(look: Look, encoding: str | None) -> bool:
    try:
        "".join(vars(look).values()).encode(encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _key_of(line: str) -> str:
    """The key that a line means: itself, or the one of that name; anything else asks for the keys."""
    word = line.strip().lower()
    return word if len(word) < 2 else _NAMES.get(word, "?")


def _lines_of(descriptor: int) -> Iterator[str]:
    """Lines as they come; not through sys.stdin, whose lock a thread left behind would hold at the end."""
    rest = b""
    with contextlib.suppress(OSError):  # the terminal is gone
        while got := os.read(descriptor, 4096):
            *lines, rest = (rest + got).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in lines)
    if rest:
        yield rest.decode("utf-8", "replace")


def _print(lines: list[str]) -> None:
    encoding = sys.stdout.encoding or "utf-8"
    for line in lines:
        print(line.encode(encoding, "replace").decode(encoding))
    sys.stdout.flush()
