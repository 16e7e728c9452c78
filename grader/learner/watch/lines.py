"""A session in lines of plain text: for screen readers, pipes, and terminals that only print."""

import asyncio
import contextlib
import os
import sys
import threading
from collections.abc import Iterable, Iterator

from grader.course.catalogue import STAGES
from grader.judging.rendering import encodable
from grader.learner.watch import words
from grader.learner.watch.session import NUMBERS, Emit, Ending, Event, Pressed
from grader.learner.watch.state import State

INVITATION = "Keys, each followed by Enter: " + ", ".join(f"{key} {name}" for key, name, _ in words.KEYS) + "."
_KEYS = {name: key for key, name, _ in words.KEYS} | {number: number for number in NUMBERS}
"""The key that each word means which is longer than a key."""


class Lines:
    """Text alone, without colour or a moving cursor; keys are letters, each followed by Enter."""

    patience = 2.0
    """Seconds for which a run need not be mentioned: most are over by then."""

    def __init__(self) -> None:
        self._last = State()
        self._asked = False
        self._output = sys.stdout  # which is another's while a known mistake is run

    def size(self) -> tuple[int, int]:
        """Nothing depends on it."""
        return 0, 0

    def show(self, state: State) -> None:
        """Print what is new."""
        last, asked = self._last, self._asked
        moved = asked or state.current != last.current or state.view != last.view or state.hints != last.hints
        name = state.current.name
        hint = [*words.hints(state)][-1:] if state.hints != last.hints and state.current == last.current else []
        lines = []
        if state.view != "tests":
            lines += view_lines(state) if moved else []
        elif state.pending or not state.runs:
            lines += [words.under_way(state)] if state.running != last.running or asked else []
        elif hint:
            lines += _hint_lines(hint)  # not once more what it is about, which a screen reader reads out first
        elif moved or state.runs.get(name) is not last.runs.get(name):
            lines += view_lines(state)
        if state.notice and (asked or state.notice != last.notice):
            lines.append(state.notice)
        idle = state.running is None and bool(state.runs)
        if idle and state.view == "tests" and not hint and (lines or state.earned != last.earned or last.running):
            lines.append(f"In all {words.points_in_all(state)}.")
        self._last, self._asked = state, False
        self._print(lines)

    @contextlib.contextmanager
    def keys(self, state: State, emit: Emit) -> Iterator[None]:
        """Take lines from a thread, which is left behind where it waits for one."""
        loop = asyncio.get_running_loop()

        def answer(event: Event) -> None:
            self._asked = True
            emit(event)

        def read() -> None:
            with contextlib.suppress(RuntimeError):  # the loop is closed, the session over
                for line in _lines_of(sys.stdin.fileno()):
                    loop.call_soon_threadsafe(answer, Pressed(_key_of(line)))
                loop.call_soon_threadsafe(emit, Ending.INPUT_ENDED)

        self._print([f"Chainrule, watching {state.folder}. {words.seed_and_versions(state)}", INVITATION])
        threading.Thread(target=read, daemon=True, name="keys").start()
        yield

    def _print(self, lines: list[str]) -> None:
        for line in lines:
            print(encodable(line, self._output.encoding), file=self._output)
        self._output.flush()


def view_lines(state: State) -> list[str]:
    """The lines of what is looked at."""
    match state.view:
        case "stages":
            lines = [f"Stage {stage.number}, {stage.title}: {words.standing(state, stage)}." for stage in STAGES]
            return [*lines, f"You are at stage {state.current.number}.", words.GO_TO]
        case "keys":
            return [f"{key}: {what}." for key, _, what in words.KEYS]
        case "reset":
            return [f"{words.asking(state)}."]
        case "reading" | "solution":
            return words.paged(state).splitlines()
    return _verdict(state)


def _verdict(state: State) -> list[str]:
    stage = state.current
    lines = [f"Stage {stage.number} of {len(STAGES)}, {stage.title}, in {state.folder}/{stage.file}."]
    for task in stage.tasks:
        run = state.run.of(task)
        points = words.points(run)
        passed = sum(test.outcome == "passed" for test in run.tests)
        tests = f", {passed} of {len(run.tests)} tests passed" if 0 < passed < len(run.tests) else ""
        lines.append(f"{task}: {points}{'' if points == words.NOT_WRITTEN else ' points'}{tests}.")
    lines += [f"{' ' * line.indent}{line.text}" for line in words.failure(state)]
    if printed := words.printed(state.run):
        lines += ["Printed by your code:", *(f"  {line}" for line in printed)]
    return lines + _hint_lines(words.hints(state)) + words.offers(state)


def _hint_lines(hints: Iterable[tuple[str, str]]) -> list[str]:
    return [line for title, hint in hints for line in (f"{title}.", *hint.splitlines())]


def _key_of(line: str) -> str:
    """The key that a line means: itself, or the one of that name; anything else asks for the keys."""
    word = line.strip().lower()
    return word if len(word) < 2 else _KEYS.get(word, "?")


def _lines_of(descriptor: int) -> Iterator[str]:
    """Lines as they are typed; not through sys.stdin, whose lock a thread left behind would hold at the end."""
    rest = b""
    with contextlib.suppress(OSError):  # the terminal is gone
        while got := os.read(descriptor, 4096):
            *lines, rest = (rest + got).split(b"\n")
            yield from (line.decode("utf-8", "replace") for line in lines)
    if rest:
        yield rest.decode("utf-8", "replace")
