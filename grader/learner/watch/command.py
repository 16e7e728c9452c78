"""`chainrule watch`."""

import os
import secrets
import sys
from pathlib import Path

import click

from grader.course.arguments import Seconds
from grader.learner.modules_option import modules_folder, modules_option


@click.command(
    epilog="""\b
Examples:
  chainrule                       watch the exercises
  chainrule watch --plain         the same, for a screen reader
  chainrule watch --from my-work  watch another folder"""
)
@modules_option("Folder of the modules to watch.")
@click.option("--plain", is_flag=True, help="Lines of text alone, for screen readers; keys are followed by Enter.")
@click.option(
    "--poll", is_flag=True, help="Look at the files again and again, where the system tells of no saves."
)
@click.option(
    "--seed",
    metavar="N",
    type=click.IntRange(min=0),
    help="Seed of the data that the tests draw, to draw the same again.  [default: drawn, and shown]",
)
@click.option(
    "--time-limit",
    metavar="SECONDS",
    type=Seconds(0.1),
    default=2.0,
    show_default=True,
    help="Processor time for one call of your functions; training gets six times that.",
)
def watch(folder: Path | None, plain: bool, poll: bool, seed: int | None, time_limit: float) -> None:
    """Run a stage's tests at every save, and show what to fix first.

    The screen shows the stage that you work at: its tests, the points, and the first thing to fix, with the
    call, what came and what is right. A key does the rest, such as h for a hint and n for the next stage; ?
    lists the keys. An endless loop in your code is stopped, by the time limit or by your next save. Nothing is
    kept beside your files.
    """
    import asyncio
    import contextlib

    from grader.learner.watch.lines import Lines
    from grader.learner.watch.loop import Watch
    from grader.learner.watch.running import Runner
    from grader.learner.watch.screen import Screen
    from grader.learner.watch.state import State

    modules = modules_folder(folder)
    state = State(secrets.randbelow(2**31) if seed is None else seed, _named(modules))
    terminal = Lines() if plain or not _is_screen() else Screen()
    runner = Runner(state.seed, time_limit)
    with contextlib.closing(runner), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Watch(modules.resolve(), runner, terminal, state, poll).run())


def _is_screen() -> bool:
    """Whether there is a terminal at both ends that can be cleared."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _named(folder: Path) -> str:
    """The folder as the learner would write it from where they are."""
    here = Path.cwd()
    resolved = folder.resolve()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(resolved)
