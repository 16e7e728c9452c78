"""Folders of submissions as trees of entries, wherever they lie; nothing is read before it is asked for."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from grader.outside.plain_text import PlainText, plain_text

MAX_COHORT = 1_000_000
"""Entries of a folder of submissions at the most."""
MAX_FOLDER = 100_000
"""Entries of a folder in a submission at the most."""
MAX_NAME = 255
"""Bytes of a file's name at the most, as file systems have it; archives can hold longer ones."""
MAX_SHOWN = 100
"""Characters of a file's name that are shown at the most."""
DIGEST = 12
"""Characters of a digest that keeps names apart."""
FOLDER = "a folder, not a file"
LEFT_BEHIND = ("__MACOSX", "__pycache__", "Thumbs.db", "desktop.ini")
"""What operating systems and Python leave in folders."""


class Unreadable(Exception):
    """Why something cannot be read, in words for the instructor."""


@dataclass(frozen=True)
class Entry:
    """A file or a folder, on disk or in an archive. All that it offers may raise Unreadable.

    read(limit): a file's bytes, no more than `limit`. listing(): what is in a folder; None for a file.
    unpacked(): what is in a file that is an archive, when that is known already. place: where a folder on disk is.
    changed(): when a file on disk was written last, with its time zone; None where that is not known, as within
    an archive, whose clocks are those of whoever packed it. stamp: seconds by such a clock, good only to order
    one archive's files.
    """

    read: Callable[[int], bytes]
    listing: "Callable[[], Folder] | None" = None
    unpacked: "Callable[[], Folder] | None" = None
    place: Path | None = None
    changed: Callable[[], datetime | None] = lambda: None
    stamp: float = 0.0

    @property
    def is_folder(self) -> bool:
        """Whether this is a folder; an archive is a file."""
        return self.listing is not None


Folder = dict[str, Entry]


def folder(held: Folder) -> Entry:
    """A folder that holds this, of which no bytes can be read."""
    return Entry(partial(_refuse, FOLDER), lambda: held)


def refused(why: str) -> Entry:
    """A file that cannot be read."""
    return Entry(partial(_refuse, why))


def _refuse(why: str, limit: int) -> bytes:
    raise Unreadable(why)


def bounded(content: bytes, limit: int) -> bytes:
    """The content. Raises Unreadable when there is more than `limit` of it."""
    check_size(len(content), limit)
    return content


def check_size(size: int, limit: int) -> None:
    """Raise Unreadable when a file is larger than `limit` bytes."""
    if size > limit:
        most = f"{limit >> 20} MiB" if limit > 2**20 else f"{limit >> 10} KiB"
        raise Unreadable(f"larger than the {most} that are read")


def ignored(name: str) -> bool:
    """Whether the name is of a hidden file, or of something that no learner wrote."""
    return name.startswith(".") or name in LEFT_BEHIND


def shown(name: str) -> PlainText:
    """A file's name for a sentence."""
    return plain_text(name, MAX_SHOWN)


def listed(names: Iterable[str], most: int = 5) -> str:
    """The first few names in their order, for a sentence."""
    names = sorted(names)
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(shown(name) for name in names[:most]) + more


def within_bounds(name: str) -> str:
    """A name of MAX_NAME bytes at the most: of a longer one the beginning, a digest of it all, and the end."""
    whole = name.encode("utf-8", "surrogatepass")
    if len(whole) <= MAX_NAME:
        return name
    return (
        f"{whole[:180].decode('utf-8', 'ignore')}…{digest_of_name(name)}…{whole[-50:].decode('utf-8', 'ignore')}"
    )


def digest_of_name(name: str) -> str:
    """Some characters that no other name has."""
    return hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST]


def folder_on_disk(path: Path, home: Path | None = None) -> Folder:
    """What is in a folder.

    home: the submission's own folder, out of which no link may lead; None where each entry is a submission.
    Raises OSError, or Unreadable when it holds too much.
    """
    found: Folder = {}
    most = MAX_COHORT if home is None else MAX_FOLDER
    with os.scandir(path) as entries:
        for number, entry in enumerate(entries, 1):
            if number > most:
                raise Unreadable(f"a folder of more than {most} entries")
            if not ignored(entry.name):
                found[within_bounds(entry.name)] = _on_disk(entry, home)
    return found


def _on_disk(entry: os.DirEntry[str], home: Path | None) -> Entry:
    place = Path(entry.path)
    try:
        if entry.is_symlink() and (home is None or not place.resolve().is_relative_to(home.resolve())):
            return refused("a link that leads outside the submission")
        if entry.is_dir():
            return Entry(partial(_refuse, FOLDER), partial(_listing, place, home or place), place=place)
    except (OSError, RuntimeError):  # RuntimeError: Python 3.11 and 3.12 on a link that leads to itself
        return refused("a link that leads nowhere")
    return file_on_disk(place)


def _listing(place: Path, home: Path) -> Folder:
    try:
        return folder_on_disk(place, home)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None


def file_on_disk(place: Path) -> Entry:
    """An ordinary file, which is looked at when it is asked for."""
    return Entry(partial(_read, place), changed=partial(_changed, place))


def _read(place: Path, limit: int) -> bytes:
    try:
        found = place.stat()
        if not stat.S_ISREG(found.st_mode):
            raise Unreadable("not an ordinary file")
        check_size(found.st_size, limit)
        with place.open("rb") as file:
            return bounded(file.read(found.st_size + 1), limit)
    except OSError as error:
        raise Unreadable(f"cannot be read: {error.strerror}") from None


def _changed(place: Path) -> datetime | None:
    """When a file was written; None for 1970 itself, which programs write that know no time."""
    try:
        seconds = place.stat().st_mtime
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (OverflowError, ValueError, OSError):
        return None
