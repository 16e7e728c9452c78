"""Reads archives in memory, whatever they are packed as and whatever they claim; nothing is written to disk."""

from collections.abc import Iterable
from io import BytesIO
from typing import IO, BinaryIO

from grader.intake.archive_reader import BROKEN, RATIO, ArchiveReader, Bounds, Member
from grader.intake.entries import (
    Entry,
    Folder,
    Unreadable,
    bounded,
    check_size,
    folder,
    ignored,
    refused,
    shown,
    within_bounds,
)
from grader.intake.learning_platforms import MAX_METADATA, METADATA, TIMESTAMP
from grader.intake.names import form_of, may_be_read
from grader.intake.notebook_files import MAX_NOTEBOOK
from grader.intake.tars import TarReader, packed_as
from grader.intake.zips import ZipReader

ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
"""How the names of archives end; what a file is, its bytes say."""
MAX_ARCHIVE = 2**27
"""Bytes of an archive inside a folder or an archive at the most."""
MAX_FILE = 2**20
"""Bytes of one stage file at the most; the longest solution has 7 kB."""
MAX_LEVELS = 8
"""Folders within folders in an archive; what lies deeper is no stage file, whatever wraps it."""
NO_ARCHIVE = "neither a folder nor a zip that can be opened, nor a tar archive"
RAR, SEVEN_ZIP, ZSTANDARD = "a RAR archive", "a 7-Zip archive", "a Zstandard archive"
UNSUPPORTED = {b"Rar!": RAR, b"7z\xbc\xaf\x27\x1c": SEVEN_ZIP, b"\x28\xb5\x2f\xfd": ZSTANDARD}
"""Archives that are not read, by their first bytes."""
UNSUPPORTED_ENDINGS = {".rar": RAR, ".7z": SEVEN_ZIP, ".zst": ZSTANDARD, ".gz": "a file packed by gzip"}
REMEDY = "which the kit does not read: unpack it, or ask for a zip"

COHORT = Bounds(entries=1_000_000, directory=2**27, kept=2**34, unpacked=2**36)
"""An archive of all submissions, which an instructor made."""
SUBMISSION = Bounds(100_000, directory=2**24, kept=2**28, unpacked=2**29, ratio=RATIO, seconds=30.0)
"""An archive inside a folder or an archive, which a learner may have made."""
INNER = Bounds(20_000, directory=2**22, kept=2**27, unpacked=2**28, ratio=RATIO, seconds=2.0)
"""An archive that lies beside other files of a learner's, of which there may be a few."""


def is_archive(name: str) -> bool:
    """Whether a file of this name claims to be an archive."""
    return name.lower().endswith(ENDINGS)


def unsupported_archive(names: Iterable[str]) -> str:
    """A sentence on the first archive among some names that is not read, by its ending; "" for none."""
    for name in names:
        what = next((what for end, what in UNSUPPORTED_ENDINGS.items() if name.lower().endswith(end)), None)
        if what and not is_archive(name):
            return f"{shown(name)} is {what}, {REMEDY}"
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
        if what := next((what for start, what in UNSUPPORTED.items() if head.startswith(start)), None):
            raise Unreadable(f"{what}, {REMEDY}")
        if not head.startswith(b"PK"):
            try:  # before a zip that something stands before: a tar of zips ends as a zip does
                return _tree(TarReader(file, packed, bounds), bounds, spool)
            except BROKEN:
                if packed:
                    raise
                file.seek(0)
        return _tree(ZipReader(file, bounds), bounds, spool)
    except BROKEN:
        raise Unreadable(f"a file packed by gzip, {REMEDY}" if packed == "gz" else NO_ARCHIVE) from None


def _tree(archive: ArchiveReader, bounds: Bounds, spool: IO[bytes] | None) -> Folder:
    """An archive's members as folders and files. Raises Unreadable where it holds too much, and BROKEN."""
    root: Folder = {}
    kept = _Kept(bounds.kept, spool)
    for number, member in enumerate(archive.members(), 1):
        if number > bounds.entries:
            raise Unreadable(f"a {archive.kind} of more than {bounds.entries} entries")
        parts = parted(member.path)
        if not parts or any(map(ignored, parts)):
            continue
        if member.is_folder:
            _put(root, parts, None)
        elif member.refused:
            _put(root, parts, refused(member.refused))
        else:
            is_kept = archive.is_stream
            _put(root, parts, kept.entry(parts[-1], member) if is_kept else Entry(member.read, stamp=member.stamp))
    return root


def parted(path: str) -> list[str]:
    """The parts of an archive's path. Backslashes part too, as Windows programs write them; `..` leads nowhere."""
    parts = path.replace("\\", "/").split("/")
    return [within_bounds(part) for part in parts if part not in ("", ".", "..")]


def _put(root: Folder, parts: list[str], entry: Entry | None) -> None:
    """Put a file where its path says, or just the folders of that path when there is no entry."""
    inner = root
    for part in (parts if entry is None else parts[:-1])[:MAX_LEVELS]:
        held = inner.get(part)
        if held is None:
            inner[part] = held = folder({})
        if held.listing is None:
            return  # a file has this folder's name, and came first
        inner = held.listing()
    if entry is not None and len(parts) <= MAX_LEVELS and not (parts[-1] in inner and inner[parts[-1]].is_folder):
        inner[parts[-1]] = entry


class _Kept:
    """What is kept of a tar while it passes: the files that a submission may be read from, up to `most` bytes."""

    def __init__(self, most: int, spool: IO[bytes] | None) -> None:
        self._most = most
        self._spool = spool
        self._size = 0

    def entry(self, name: str, member: Member) -> Entry:
        """A file with its content, where that may be asked for."""
        limit = _limit(name)
        if not limit:
            return refused("not kept when the archive was read")
        try:
            content = member.read(limit)
        except Unreadable as error:
            return refused(str(error))
        begin, size = self._size, len(content)
        self._size += size
        if self._size > self._most:
            raise Unreadable(
                f"a tar archive with more than {self._most >> 20} MiB of what may be submissions; unpack it, and "
                "give the folder"
            )
        if self._spool is None:
            return Entry(lambda limit: bounded(content, limit), stamp=member.stamp)
        self._spool.write(content)
        self._spool.flush()  # a process forked later has no part of it in a buffer
        return Entry(lambda limit: self._spooled(begin, size, limit), stamp=member.stamp)

    def _spooled(self, begin: int, size: int, limit: int) -> bytes:
        assert self._spool is not None
        check_size(size, limit)
        self._spool.seek(begin)
        return self._spool.read(size)


def _limit(name: str) -> int:
    """Bytes at the most of a file of this name that a submission is read from; 0 for what is never read."""
    if is_archive(name):
        return MAX_ARCHIVE
    if name == METADATA:
        return MAX_METADATA
    if not (may_be_read(name) or name == TIMESTAMP):
        return 0
    return MAX_NOTEBOOK if form_of(name) in ("notebook", "text") else MAX_FILE
