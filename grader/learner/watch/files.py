"""A learner's modules in their folder: read, watched, and reset."""

import ast
import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from watchfiles import awatch

from grader.course.catalogue import STAGES, Stage
from grader.course.location import SOLUTIONS
from grader.course.stubs import stub
from grader.intake.learners_folder import module_at, modules_in
from grader.intake.source_text import Unread
from grader.learner.watch.state import Sources

KEPT = "old"
"""The folder beside the modules for files that were reset."""
STEP = 5
"""Milliseconds between two looks at what the system reports; a save is seen when one look brings nothing new."""
GROUPING = 50
"""Milliseconds at the most for which changes that keep coming are one."""
POLLING = 100
"""Milliseconds between two looks at the files, where the system tells nothing."""
AGAIN = 1000
"""Milliseconds after which the files are read in any case, for what the system did not tell."""
SETTLING = 0.1
"""Seconds that a file is given which looks half-written."""
_FILES = {stage.file for stage in STAGES}


def read(folder: Path) -> Sources:
    """The modules as they are now; None for a file that is missing, Unread for one that is no text."""
    found = modules_in(folder)
    return {stage.name: found[stage.name].source if stage.name in found else None for stage in STAGES}


async def watched(folder: Path, poll: bool) -> AsyncIterator[Sources]:
    """The modules as they are, and again whenever one of them has changed.

    poll: look at the files again and again, for a file system that does not tell of changes.
    """
    known = read(folder)
    yield known
    while True:
        place = _place(folder)
        looks = awatch(
            folder if place else folder.parent,
            watch_filter=lambda change, path: Path(path).name.casefold() in _FILES,
            recursive=False,
            debounce=GROUPING,
            step=STEP,
            rust_timeout=AGAIN,
            yield_on_timeout=True,
            force_polling=poll or None,
            poll_delay_ms=POLLING,
        )
        async for _ in looks:
            sources = read(folder)
            if any(sources[name] != known[name] and not is_whole(sources[name]) for name in known):
                await asyncio.sleep(SETTLING)
                sources = read(folder)
            if sources != known:
                known = sources
                yield known
            if _place(folder) != place:  # another folder of the same name, of which the system would tell nothing
                break


def is_whole(source: str | Unread | None) -> bool:
    """Whether this looks like a file that was written to its end: there, not empty, and Python."""
    if not source or isinstance(source, Unread):
        return False
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def reset(folder: Path, stage: Stage) -> str:
    """Put the stub in the place of a stage's file, which is kept in a folder beside it; what was done, in words.

    git ignores that folder. Raises OSError where the folder cannot be written to; the file is then where it was,
    or kept.
    """
    path = folder / stage.file
    made = stub((SOLUTIONS / stage.file).read_text(encoding="utf-8"))
    if module_at(path) == made:
        return f"{stage.file} is the stub already."
    folder.mkdir(exist_ok=True)
    kept = _put_away(path) if path.exists() else None
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(made)
    except FileExistsError:
        return f"{stage.file} was saved at the same moment and was not reset."
    where = f" What you had is {kept.relative_to(folder)}." if kept else ""
    return f"{stage.file} is the stub again.{where}"


def _put_away(path: Path) -> Path:
    """Move a file to the folder of what is kept, under the first name that is free."""
    folder = path.parent / KEPT
    folder.mkdir(exist_ok=True)
    ignore = folder / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="utf-8")
    number = 0
    while True:
        number += 1
        kept = folder / f"{path.name}.{number}"
        with contextlib.suppress(FileExistsError):
            kept.open("x", encoding="utf-8").close()  # the name is ours from here on
            return path.replace(kept)


def _place(folder: Path) -> tuple[int, int] | None:
    """What tells a folder from another of the same name; None where there is none."""
    with contextlib.suppress(OSError):
        return (found := folder.stat()).st_dev, found.st_ino
    return None
