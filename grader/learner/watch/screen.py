"""A session on a terminal that is cleared and written anew; what scrolls out of it can be scrolled back to."""

import asyncio
import contextlib
import io
import sys
from collections.abc import Iterable, Iterator

from prompt_toolkit.input import create_input
from prompt_toolkit.key_binding import KeyPress
from prompt_toolkit.keys import Keys
from prompt_toolkit.output import create_output
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from grader.course.catalogue import STAGES
from grader.course.pages import THEME, Page
from grader.course.points import total_points
from grader.judging.rendering import Signs, Style, aligned, earned, signs_for, worth
from grader.learner.watch import words
from grader.learner.watch.session import PAGED, Emit, Ending, Pressed
from grader.learner.watch.state import State

BAR, NARROW_BAR, STAGE_BAR = 50, 20, 10
BAR_FITS = 75
"""Columns in which there is room for the longer bar, and the points beside it."""
ESCAPE = 0.1
"""Seconds after which an Escape is that key, and not the beginning of another one's code."""
COLOURS: dict[Style, str] = {"right": "green", "wrong": "red", "open": ""}
"""Of signs alone: text is plain, bold or dim, for there is no colour that all backgrounds bear."""
_TASK_WIDTH = max((len(task) for stage in STAGES for task in stage.tasks), default=0)


class Screen:
    """Draws states, and takes single keys."""

    patience = 0.15
    """Seconds for which a run need not be mentioned: most are over by then."""

    def __init__(self) -> None:
        self._input = create_input(sys.stdin)
        self._output = create_output(sys.stdout)
        self._signs = signs_for(sys.stdout.encoding or "ascii")
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
    def keys(self, state: State, emit: Emit) -> Iterator[None]:
        """Take keys; what stood on the terminal before scrolls up, so that clearing does not lose it."""
        loop = asyncio.get_running_loop()

        def take(presses: list[KeyPress]) -> None:
            for press in presses:
                if press.key in (Keys.ControlC, Keys.ControlD):
                    emit(Ending.INTERRUPTED)
                elif len(press.data) == 1:
                    emit(Pressed(press.data.lower(), self._last_page))

        def read() -> None:
            take(self._input.read_keys())
            loop.call_later(ESCAPE, lambda: take(self._input.flush_keys()))
            if self._input.closed:
                emit(Ending.INTERRUPTED)

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
        if state.view in PAGED:
            return self._paged(state, rows, columns)
        lines = _lines_of(page(state, self._signs, columns), columns)
        return lines if len(lines) <= rows else _lines_of(page(state, self._signs, columns, brief=True), columns)

    def _paged(self, state: State, rows: int, columns: int) -> list[str]:
        """A screenful of the page of reading, or of the solution, and below it the keys that turn it."""

        def foot(count: int) -> list[str]:
            turn = f"page {state.page + 1} of {count}   space next page   b back   " if count > 1 else ""
            return _lines_of(Text(f"{turn}any other key: back to the tests", style="bold"), columns)

        lines = _lines_of(Page(words.paged(state), hyperlinks=False), columns)
        room = max(rows - 1 - len(foot(len(lines))), 1)
        pages = [lines[at : at + room] for at in range(0, len(lines), room)]
        self._last_page = len(pages) - 1
        return [*pages[min(state.page, self._last_page)], "", *foot(len(pages))]


def _lines_of(shown: RenderableType, columns: int) -> list[str]:
    """The lines of a renderable, with the terminal's codes for colours where it has any."""
    text = io.StringIO()
    console = Console(
        file=text, force_terminal=True, width=columns, highlight=False, legacy_windows=False, theme=THEME
    )
    console.print(Group(shown))
    return text.getvalue().rstrip("\n").split("\n")


def page(state: State, signs: Signs, columns: int, brief: bool = False) -> RenderableType:
    """What the terminal shows. brief: without the tests one by one, where there is no room for them."""
    match state.view:
        case "stages":
            parts = _stages(state, signs)
        case "keys":
            parts = [Text("The keys", style="bold"), *(Text(f" {key:>3}  {what}") for key, _, what in words.KEYS)]
        case "reset":
            parts = [Text(words.asking(state), style="bold")]
        case _:
            parts = _verdict(state, signs, brief)
    return Group(*parts, Text(), *_foot(state, signs, BAR if columns >= BAR_FITS else NARROW_BAR))


def _verdict(state: State, signs: Signs, brief: bool) -> list[RenderableType]:
    stage = state.current
    title = (f"Stage {stage.number} of {len(STAGES)}: {stage.title}", "bold")
    running = "   running …" if state.pending else ""
    heading = Text.assemble(title, (f"   {state.folder}/{stage.file}", "dim"), running)
    parts: list[RenderableType] = [heading, Text()]
    for task in stage.tasks:
        parts += _task(state, task, signs, brief)
    if failure := words.failure(state):
        parts += [Text(), *(Padding(Text(line.text), (0, 0, 0, 1 + line.indent)) for line in failure)]
    if printed := words.printed(state.run):
        parts += [Text("\n Printed by your code:", style="dim")]
        parts += [Text(f" {signs.rule} {line}", no_wrap=True, overflow="ellipsis") for line in printed]
    for level, hint in words.hints(state):
        parts += [Text(f"\n {level}", style="bold"), Padding(Page(hint, hyperlinks=False), (0, 0, 0, 1))]
    return [*parts, *(Text(f"\n {line}", style="bold") for line in words.offers(state))]


def _task(state: State, task: str, signs: Signs, brief: bool) -> Iterable[RenderableType]:
    """A task's line, and below it its tests where it is the one to work at."""
    run, first = state.run.of(task), state.to_fix
    sign, style = signs.of_task(run.tests)
    points = words.points(run) if run.tests else ""
    yield Text.assemble((f" {sign} ", f"bold {COLOURS[style]}"), f"{task:<{_TASK_WIDTH}} ", points)
    is_first = first is not None and first.task == task and first.outcome != "not written"
    for test in run.tests if is_first and not brief and not words.is_of_module(state.run) else ():
        sign, style = signs.of_test(test)
        label = (state.run.labels.get(test.test, test.test), "dim" if style == "right" else "")
        yield Padding(Text.assemble((f"{sign} ", COLOURS[style]), label), (0, 0, 0, 5))


def _stages(state: State, signs: Signs) -> list[RenderableType]:
    lines: list[RenderableType] = [Text("The stages\n", style="bold")]
    for stage in STAGES:
        tests = state.run_of(stage).tests
        full = round(STAGE_BAR * earned(tests) / worth(tests)) if tests else 0
        style = "" if state.is_unlocked(stage) else "dim"
        name = f"{'>' if stage == state.current else ' '} {aligned(stage)} "
        standing = f"  {words.standing(state, stage)}"
        lines.append(Text.assemble((name, style), *_bar(signs, full, STAGE_BAR), (standing, style)))
    return [*lines, Text(f"\n{words.GO_TO}")]


def _foot(state: State, signs: Signs, width: int) -> Iterable[RenderableType]:
    """The bar over all points, what is going on, and the keys."""
    full = int(width * state.earned / total_points())
    yield Text.assemble(*_bar(signs, full, width), (f" {words.points_in_all(state)}", "bold"))
    if state.notice:
        yield Text(state.notice, style="bold")
    yield Text(words.under_way(state) or words.seed_and_versions(state), style="dim")
    yield Text("  ".join(f"{key}:{name}" for key, name, _ in words.KEYS))


def _bar(signs: Signs, full: int, width: int) -> Iterable[tuple[str, str]]:
    return zip(signs.bar(full, width), ("green", "dim"), strict=True)
