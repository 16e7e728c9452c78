"""Carries events to the session and commands from it: files, runs, keys and the terminal come together here."""

import asyncio
import contextlib
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

from watchfiles._rust_notify import WatchfilesRustInternalError

from grader.learner.pictures.command import has_screen
from grader.learner.watch import files
from grader.learner.watch.lines import Lines
from grader.learner.watch.running import Runner
from grader.learner.watch.screen import Screen
from grader.learner.watch.session import Command, Ending, Event, FilesRead, Finished, Notice, update
from grader.learner.watch.state import Run, State

RESIZE = 0.2
"""Seconds between two looks at the terminal's size: no signal says so on every system."""
PLOT = (sys.executable, "-m", "grader", "plot")
"""The command that draws pictures, which may stay until its windows are closed."""


class Watch:
    """A session of watch mode on the modules in a folder."""

    def __init__(self, folder: Path, runner: Runner, terminal: Screen | Lines, state: State, poll: bool) -> None:
        self._folder = folder
        self._runner = runner
        self._terminal = terminal
        self._state = state
        self._poll = poll
        self._events: asyncio.Queue[Event] = asyncio.Queue()
        self._drawing: asyncio.TimerHandle | None = None
        self._plotting: asyncio.Task[None] | None = None
        self._tasks: list[asyncio.Task[None]] = []
        """What goes on beside the session, until its end at the latest."""

    async def run(self) -> None:
        """Go on until the learner leaves."""
        with self._terminal.keys(self._state, self._events.put_nowait), _signals(self._events):
            async with asyncio.TaskGroup() as tasks:
                beside = self._follow_files(self._poll), self._follow_size()
                self._tasks = [tasks.create_task(each) for each in beside]
                await self._follow_events(tasks)
                for task in self._tasks:
                    task.cancel()

    async def _follow_events(self, tasks: asyncio.TaskGroup) -> None:
        self._draw()
        while True:
            event = await self._events.get()
            self._state, commands = update(self._state, event)
            for command in commands:
                self._carry_out(command, tasks)
            leaving = Command.LEAVE in commands
            if isinstance(event, FilesRead):
                self._draw_later()
            elif isinstance(event, Finished) or not leaving:
                self._draw()
            if leaving:
                return

    def _carry_out(self, command: Command, tasks: asyncio.TaskGroup) -> None:
        state, stage = self._state, self._state.current
        match command:
            case Command.START if state.running:
                run = self._runner.start(state.running, state.sources)
                self._tasks.append(tasks.create_task(self._follow_run(run)))
            case Command.STOP:
                self._runner.stop()
            case Command.RESET:
                try:
                    done = files.reset(self._folder, stage)
                except OSError as error:
                    done = f"{stage.file} could not be reset: {error}"
                self._events.put_nowait(FilesRead(files.read(self._folder)))
                self._events.put_nowait(Notice(done))
            case Command.PLOT if self._plotting is None or self._plotting.done():
                self._plotting = tasks.create_task(self._plot())
                self._tasks.append(self._plotting)

    async def _follow_run(self, run: "Future[Run | None]") -> None:
        self._events.put_nowait(Finished(await asyncio.wrap_future(run)))

    async def _plot(self) -> None:
        """Have pictures made in a process of their own, and show what it prints."""
        command = [*PLOT, "--from", str(self._folder), *(["--show"] if has_screen() else [])]
        utf8 = os.environ | {"PYTHONIOENCODING": "utf-8"}
        process = await asyncio.create_subprocess_exec(
            *command, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, env=utf8
        )
        assert process.stdout is not None
        said: list[str] = []
        try:
            async for line in process.stdout:
                said.append(line.decode("utf-8", "replace").rstrip())
                self._events.put_nowait(Notice("\n".join(said[-5:])))
            if await process.wait() != 0 and not said:
                self._events.put_nowait(Notice(f"No pictures: {PLOT[-1]} ended with {process.returncode}."))
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _follow_files(self, poll: bool) -> None:
        try:
            async for sources in files.watched(self._folder, poll):
                self._events.put_nowait(FilesRead(sources))
        except (OSError, WatchfilesRustInternalError) as error:
            if poll:
                raise
            why = f"The system tells of no saves ({error}); the files are looked at instead."
            self._events.put_nowait(Notice(why))
            await self._follow_files(poll=True)

    async def _follow_size(self) -> None:
        size = self._terminal.size()
        while True:
            await asyncio.sleep(RESIZE)
            before, size = size, self._terminal.size()
            if size != before:
                self._draw()

    def _draw(self) -> None:
        if self._drawing is not None:
            self._drawing.cancel()
        self._drawing = None
        self._terminal.show(self._state)

    def _draw_later(self) -> None:
        """Most runs are over before it would be worth saying that they are under way."""
        if self._drawing is None:
            self._drawing = asyncio.get_running_loop().call_later(self._terminal.patience, self._draw)


@contextlib.contextmanager
def _signals(events: asyncio.Queue[Event]) -> Iterator[None]:
    """End the session in good order where the system, or Ctrl-C on lines, asks for its end."""
    loop = asyncio.get_running_loop()
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    try:
        for name in names:
            loop.add_signal_handler(getattr(signal, name), events.put_nowait, Ending.INTERRUPTED)
    except NotImplementedError:  # on Windows, where Ctrl-C raises KeyboardInterrupt
        names = []
    try:
        yield
    finally:
        for name in names:
            loop.remove_signal_handler(getattr(signal, name))
