"""Reads archives in memory, whatever they are packed as and whatever they claim; nothing is written to disk."""

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import IO, BinaryIO

from grader.intake.entries import Entry, Folder, Unreadable, bounded, check_size, refused, shown
from grader.intake.learning_platforms import MAX_METADATA, METADATA, TIMESTAMP
from grader.intake.names import form_of, may_be_read
from grader.intake.notebook_files import MAX_NOTEBOOK
from grader.intake.tars import Limits, folder_in_tar, packed_as
from grader.intake.zips import folder_in_zip

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
"""How the names of archives end; what a file is, its bytes say."""
MAX_ARCHIVE = 2**27
"""Bytes of an archive inside a folder or an archive at the most."""
MAX_FILE = 2**20
"""Bytes of one stage file at the most; the longest solution has 7 kB."""
NO_ARCHIVE = "neither a folder nor a zip that can be opened, nor a tar archive"
OTHERS = {
    b"Rar!": "a RAR archive",
    b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
}
"""Archives that are not read, by their first bytes."""
OTHER_ENDINGS = {
    ".rar": "a RAR archive",
    ".7z": "a 7-Zip archive",
    ".zst": "a Zstandard archive",
    ".gz": "a file packed by gzip",
}
REMEDY = "which the kit does not read: unpack it, or ask for a zip"

BROKEN = (
    zipfile.BadZipFile,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    EOFError,
    ValueError,
    OverflowError,
    IndexError,
    RuntimeError,  # a password, or headers that nest without end
    OSError,  # gzip and bz2 raise it for damaged bytes
)
"""What reading an archive raises when its bytes are not as they should be."""


@dataclass(frozen=True)
class Bounds:
    """What an archive may be: the bytes of a zip's list of entries and of what is kept of a tar, at the most, and
    its limits as a tar, of which that of its entries holds for a zip as well.
    """

    directory: int
    kept: int
    tar: Limits


COHORT = Bounds(2**27, 2**34, Limits(1_000_000, 2**36, None, None))
"""An archive of all submissions, which an instructor made."""
SUBMISSION = Bounds(2**24, 2**28, Limits(100_000, 2**29, 200, 30.0))
"""An archive inside a folder or an archive, which a learner may have made."""

INNER = Bounds(2**22, 2**27, Limits(20_000, 2**28, 200, 2.0))
"""An archive that lies beside other files of a learner's, of which there may be a few."""


def is_archive(name: str) -> bool:
    """Whether a file of this name claims to be an archive."""
    return name.lower().endswith(ENDINGS)


def told_of_others(names: Iterable[str]) -> str:
    """The first archive among some names that is not read, by its ending, with the remedy; "" for none."""
    for name in names:
        other = next((what for end, what in OTHER_ENDINGS.items() if name.lower().endswith(end)), None)
        if other and not is_archive(name):
            return f"{shown(name)} is {other}, {REMEDY}"
    return ""


def without_ending(name: str) -> str:
    """An archive's name without its ending; other names as they are."""
    ending = max((ending for ending in ENDINGS if name.lower().endswith(ending)), key=len, default="")
    return name[: len(name) - len(ending)] or name


def contents(entry: Entry, bounds: Bounds = SUBMISSION) -> Folder:
    """What is in a folder, or in an archive that a learner made. Raises Unreadable for any other file."""
    if entry.listing is not None:
        return entry.listing()
    if entry.unpacked is not None:
        return entry.unpacked()
    return unpack(BytesIO(entry.read(MAX_ARCHIVE)), bounds)


def unpack(file: BinaryIO, bounds: Bounds, spool: IO[bytes] | None = None) -> Folder:
    """What is in an archive, by what its bytes are.

    Of a zip files are read when they are asked for, so `file` is to stay open; of a tar, which can only be read
    from front to back, what a submission is read from is kept as it is: in `spool` if there is one, else in
    memory. Raises Unreadable.
    """
    packed = None
    try:
        head = file.read(512)
        file.seek(0)
        packed = packed_as(head)
        if packed:
            return _tar(file, packed, bounds, spool)
        if head.startswith(b"PK"):
            return _zip(file, bounds)
        return _guess(file, head, bounds, spool)
    except BROKEN:
        raise Unreadable(f"a file packed by gzip, {REMEDY}" if packed == "gz" else NO_ARCHIVE) from None


def _guess(file: BinaryIO, head: bytes, bounds: Bounds, spool: IO[bytes] | None) -> Folder:
    """A tar that is not packed, or a zip behind something else; a tar of zips ends as a zip does, so tar first."""
    other = next((name for start, name in OTHERS.items() if head.startswith(start)), None)
    if other:
        raise Unreadable(f"{other}, {REMEDY}")
    try:
        return _tar(file, None, bounds, spool)
    except BROKEN:
        file.seek(0)
        return _zip(file, bounds)


def _zip(file: BinaryIO, bounds: Bounds) -> Folder:
    return folder_in_zip(file, bounds.tar.entries, bounds.directory, BROKEN)


def _tar(file: BinaryIO, packed: str | None, bounds: Bounds, spool: IO[bytes] | None) -> Folder:
    return folder_in_tar(file, packed, bounds.tar, _Keeper(bounds.kept, spool).keep, BROKEN)


class _Keeper:
    """Keeps of a tar what a submission is read from, while it passes."""

    def __init__(self, most: int, spool: IO[bytes] | None) -> None:
        self._most = most
        self._spool = spool
        self._kept = 0

    def keep(self, name: str, read: Callable[[int], bytes]) -> Entry:
        """A file with its content, where that may be asked for."""
        if not (may_be_read(name) or name in (METADATA, TIMESTAMP) or is_archive(name)):
            return refused("not kept when the archive was read")
        try:
            content = read(self._limit(name))
        except Unreadable as error:
            return refused(str(error))
        begin, size = self._kept, len(content)
        self._kept += size
        if self._kept > self._most:
            raise Unreadable(
                f"a tar archive with more than {self._most >> 20} MiB of what may be submissions; unpack it, and "
                "give the folder"
            )
        if self._spool is None:
            return Entry(lambda limit: bounded(content, limit))
        self._spool.write(content)
        self._spool.flush()  # a process forked later has no part of it in a buffer
        return Entry(lambda limit: self._spooled(begin, size, limit))

    def _limit(self, name: str) -> int:
        if is_archive(name):
            return MAX_ARCHIVE
        if form_of(name) in ("notebook", "text"):
            return MAX_NOTEBOOK
        return MAX_METADATA if name == METADATA else MAX_FILE

    def _spooled(self, begin: int, size: int, limit: int) -> bytes:
        assert self._spool is not None
        check_size(size, limit)
        self._spool.seek(begin)
        return self._spool.read(size)
