"""`chainrule watch`."""

import os
import secrets
import sys
from pathlib import Path

import click

from grader.learner.modules_option import modules_option


@click.command()
@modules_option("Folder of the modules to watch.")
@click.option("--plain", is_flag=True, help="Lines of text alone, for screen readers; keys are followed by Enter.")
@click.option(
    "--poll", is_flag=True, help="Look at the files again and again, where the system tells of no saves."
)
@click.option("--seed", type=click.IntRange(min=0), help="Seed of the data drawn (default: drawn, and shown).")
@click.option(
    "--time-limit",
    type=click.FloatRange(min=0, min_open=True),
    default=2.0,
    help="Seconds of processor time for one call of your functions; training gets six times that (default: 2).",
)
def watch(folder: Path, plain: bool, poll: bool, seed: int | None, time_limit: float) -> None:
    """See every save of your modules, and what is right and what to fix first."""
    import asyncio
    import contextlib

    from grader.learner.watch.lines import Lines
    from grader.learner.watch.loop import Watch
    from grader.learner.watch.running import Runner
    from grader.learner.watch.screen import Screen
    from grader.learner.watch.state import State

    state = State(secrets.randbelow(2**31) if seed is None else seed, _named(folder))
    runner = Runner(state.seed, time_limit)
    terminal = Lines() if plain or not _is_screen() else Screen()
    with contextlib.closing(runner), contextlib.suppress(KeyboardInterrupt):
        asyncio.run(Watch(folder.resolve(), runner, terminal, state, poll).run())


def _is_screen() -> bool:
    """Whether there is a terminal at both ends that can be cleared."""
    return sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def _named(folder: Path) -> str:
    """The folder as the learner would write it from where they are."""
    here = Path.cwd()
    resolved = folder.resolve()
    return str(resolved.relative_to(here)) if resolved.is_relative_to(here) else str(resolved)
