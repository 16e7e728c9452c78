"""Reads archives in memory, whatever they are packed as and whatever they claim; nothing is written to disk."""

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import BinaryIO

from grader.intake.entries import Entry, Folder, Unreadable, bounded, folder, refused, refusing
from grader.intake.learning_platforms import MAX_METADATA, METADATA, may_be_asked_for
from grader.intake.notebook_files import ENDING, MAX_NOTEBOOK, slim
from grader.intake.tars import Limits, folder_in_tar, packed_as
from grader.intake.zips import folder_in_zip

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
"""How the names of archives end; what a file is, its bytes say."""
MAX_ARCHIVE = 2**27
"""Bytes of an archive inside a folder or an archive at the most."""
MAX_FILE = 2**20
"""Bytes of one stage file at the most; the longest solution has 7 kB."""
MAX_NESTED = 3
"""Archives within archives at the most that a tar is unpacked to: the submission, and one that it wraps."""
NO_ARCHIVE = "neither a folder nor a zip that can be opened, nor a tar archive"
OTHERS = {b"Rar!": "a RAR archive", b"7z\xbc\xaf\x27\x1c": "a 7-Zip archive"}

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
    """What an archive may be: the bytes of a zip's list of entries and of the stage files kept of a tar, at the
    most, and its limits as a tar, of which that of its entries holds for a zip as well.
    """

    directory: int
    kept: int
    tar: Limits


COHORT = Bounds(2**27, 2**30, Limits(1_000_000, 2**36, None, None))
"""An archive of all submissions, which an instructor made."""
SUBMISSION = Bounds(2**24, 2**26, Limits(100_000, 2**29, 200, 30.0))
"""An archive inside a folder or an archive, which a learner may have made."""


def is_archive(name: str) -> bool:
    """Whether a file of this name claims to be an archive."""
    return name.lower().endswith(ENDINGS)


def without_ending(name: str) -> str:
    """An archive's name without its ending; other names as they are."""
    ending = max((ending for ending in ENDINGS if name.lower().endswith(ending)), key=len, default="")
    return name[: len(name) - len(ending)] or name


def contents(entry: Entry) -> Folder:
    """What is in a folder, or in an archive that a learner made. Raises Unreadable for any other file."""
    if entry.listing is not None:
        return entry.listing()
    if entry.unpacked is not None:
        return entry.unpacked()
    return unpack(BytesIO(entry.read(MAX_ARCHIVE)), SUBMISSION)


def unpack(file: BinaryIO, bounds: Bounds, nested: int = MAX_NESTED) -> Folder:
    """What is in an archive, by what its bytes are.

    Of a zip files are read when they are asked for, so `file` is to stay open; of a tar, which can only be read
    from front to back, what a submission is read from is kept, unpacked from no more than `nested` archives
    within it. Raises Unreadable.
    """
    try:
        head = file.read(512)
        file.seek(0)
        packed = packed_as(head)
        if packed:
            return _tar(file, packed, bounds, nested)
        if head.startswith(b"PK"):
            return _zip(file, bounds)
        return _guess(file, head, bounds, nested)
    except BROKEN:
        raise Unreadable(NO_ARCHIVE) from None


def _guess(file: BinaryIO, head: bytes, bounds: Bounds, nested: int) -> Folder:
    """A tar that is not packed, or a zip behind something else; a tar of zips ends as a zip does, so tar first."""
    other = next((name for start, name in OTHERS.items() if head.startswith(start)), None)
    if other:
        raise Unreadable(f"{other}, which is not read: only folders, zips and tar archives are")
    try:
        return _tar(file, None, bounds, nested)
    except BROKEN:
        file.seek(0)
        return _zip(file, bounds)


def _zip(file: BinaryIO, bounds: Bounds) -> Folder:
    return folder_in_zip(file, bounds.tar.entries, bounds.directory, BROKEN)


def _tar(file: BinaryIO, packed: str | None, bounds: Bounds, nested: int) -> Folder:
    return folder_in_tar(file, packed, bounds.tar, _Keeper(bounds, nested).keep, BROKEN)


class _Keeper:
    """Reads of a tar what a submission is read from, while it passes."""

    def __init__(self, bounds: Bounds, nested: int) -> None:
        self._bounds = bounds
        self._nested = nested
        self._kept = 0

    def keep(self, name: str, read: Callable[[int], bytes]) -> Entry:
        """A file with its content, or with what is in it, where that may be asked for."""
        if is_archive(name):
            return self._keep_archive(read)
        if not may_be_asked_for(name):
            return refused("not kept when the archive was read")
        try:
            content = self._content(name, read)
        except Unreadable as error:
            return refused(str(error))
        self._count(len(content))
        return Entry(lambda limit: bounded(content, limit))

    def _content(self, name: str, read: Callable[[int], bytes]) -> bytes:
        if name.lower().endswith(ENDING):
            return slim(read(MAX_NOTEBOOK))  # outputs would fill the memory, and nobody asks for them
        return read(MAX_METADATA if name == METADATA else MAX_FILE)

    def _keep_archive(self, read: Callable[[int], bytes]) -> Entry:
        if not self._nested:
            return refused("an archive within too many archives")
        inner = _Keeper(SUBMISSION, self._nested - 1)
        try:
            found = inner._all(unpack(BytesIO(read(MAX_ARCHIVE)), SUBMISSION, self._nested - 1))
        except Unreadable as error:
            return refused(str(error))
        self._count(inner._kept)
        return Entry(refusing("an archive that was unpacked"), unpacked=lambda: found)

    def _all(self, found: Folder) -> Folder:
        """The same folder with its files kept, so that the archive that it is in can go."""
        return {name: self._one(name, entry) for name, entry in found.items()}

    def _one(self, name: str, entry: Entry) -> Entry:
        if entry.listing is not None:
            held = self._all(entry.listing())
            return folder(lambda: held)
        return entry if entry.unpacked else self.keep(name, entry.read)

    def _count(self, size: int) -> None:
        self._kept += size
        if self._kept > self._bounds.kept:
            raise Unreadable(
                f"a tar archive with more than {self._bounds.kept >> 20} MiB of stage files; unpack it, and give "
                "the folder"
            )
