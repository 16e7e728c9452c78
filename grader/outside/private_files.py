"""Files and folders for their owner's eyes alone, written in one piece and never through a link.

What the kit writes stands in folders in which somebody else may have put things first: a link where a file should
be, a pipe, a file of another user's. Where a system has no modes or owners (Windows), those are left to it.
"""

import contextlib
import os
import secrets
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

FILE_MODE, FOLDER_MODE = 0o600, 0o700
OTHERS = 0o077
"""The part of a mode that says what others may do."""
NO_LINK = getattr(os, "O_NOFOLLOW", 0)
NO_WAIT = getattr(os, "O_NONBLOCK", 0)
"""Opening a pipe would wait for somebody at its other end."""


class OutOfPlaceError(Exception):
    """What the kit cannot keep, or not believe, where it is; the text says why, and what to do."""


def own_file(path: str, flags: int) -> int:
    """An opener for `open`: an ordinary file of one's own with no second name, which nobody else may read.

    It is made so, or tightened. Raises OutOfPlaceError where another thing has that name.
    """
    with contextlib.suppress(FileNotFoundError):
        _check(path, os.lstat(path), stat.S_ISREG)
    descriptor = os.open(path, flags | NO_LINK | NO_WAIT, FILE_MODE)
    try:
        found = os.fstat(descriptor)
        _check(path, found, stat.S_ISREG)
        if sys.platform != "win32" and found.st_mode & OTHERS:
            with contextlib.suppress(PermissionError):  # of a file system that has no modes
                os.fchmod(descriptor, stat.S_IMODE(found.st_mode) & ~OTHERS)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def own_folder(path: Path) -> None:
    """Make a folder that nobody else may look into, and those around it that are missing, or tighten one's own.

    Raises OutOfPlaceError where another thing has that name, a link to a folder for one.
    """
    if not path.parent.exists():
        own_folder(path.parent)
    with contextlib.suppress(FileExistsError):
        path.mkdir(FOLDER_MODE)
    found = path.lstat()
    _check(str(path), found, stat.S_ISDIR)
    if sys.platform != "win32" and found.st_mode & OTHERS:
        with contextlib.suppress(PermissionError):
            path.chmod(stat.S_IMODE(found.st_mode) & ~OTHERS)


@contextlib.contextmanager
def replaced(path: Path, mode: int = FILE_MODE) -> Iterator[BinaryIO]:
    """A new file that, once all of it is written, takes the place of the file or the link at `path`."""
    beside = path.with_name(f".{secrets.token_hex(8)}.new")
    try:
        with open(beside, "xb", opener=lambda name, flags: os.open(name, flags | NO_LINK, mode)) as file:
            yield file
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one piece, or leave the one that is there."""
    with replaced(path) as file:
        file.write(content)


def holds(path: Path, content: bytes) -> bool:
    """Whether an ordinary file of one's own is there, with this content."""
    try:
        with open(path, "rb", opener=own_file) as file:
            return file.read(len(content) + 1) == content
    except (OutOfPlaceError, FileNotFoundError):
        return False


def _check(path: str, found: os.stat_result, wanted: Callable[[int], bool]) -> None:
    """Raise OutOfPlaceError unless this is of the kind that is wanted, one's own, and has no second name."""
    what = "folder" if wanted is stat.S_ISDIR else "file"
    if stat.S_ISLNK(found.st_mode):
        raise OutOfPlaceError(
            f"{path} is a link, and none is followed here: name the {what} that it leads to, or move it away"
        )
    if not wanted(found.st_mode):
        raise OutOfPlaceError(f"{path} is no ordinary {what}: move it away, or choose another place")
    if sys.platform != "win32" and found.st_uid != os.geteuid():
        raise OutOfPlaceError(f"{path} belongs to another user, and is not believed: choose a place of your own")
    if what == "file" and found.st_nlink > 1:
        raise OutOfPlaceError(
            f"{path} has a second name (a hard link), which would change with it: put a copy in its place"
        )
