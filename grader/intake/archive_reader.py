"""What every reader of an archive offers, whatever the archive is packed as, and what reading one may take."""

import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

CHUNK = 2**20
"""Bytes that are read, or unpacked, at a time."""
ROOMY = 2**24
"""Bytes that anything may unpack to, however small it is: only from there on `ratio` is looked at."""
RATIO = 200
"""How many times its own size a learner's archive may unpack to."""
LINK = "a link, which is not followed in an archive"
SPECIAL = "not an ordinary file"
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
    """What reading an archive may take.

    entries: files and folders in it. directory: bytes of a zip's list of them. Of a tar, kept: bytes of the files
    that a submission is read from; unpacked: bytes of all that it unpacks to; ratio: how many times its own size
    that may be; seconds: of processor time. None is no bound.
    """

    entries: int
    directory: int
    kept: int
    unpacked: int
    ratio: int | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Member:
    """A file or a folder in an archive, by the path that the archive has for it.

    read(limit): a file's bytes, no more than `limit`; raises Unreadable. refused: why it is not to be read, "" for
    what may be. stamp: seconds by the clock of whoever packed it, which order one archive's files.
    """

    path: str
    is_folder: bool
    read: Callable[[int], bytes]
    refused: str = ""
    stamp: float = 0.0


class ArchiveReader(Protocol):
    """An open archive. kind: what it is, for a sentence; is_stream: whether a member can only be read before the
    next one is asked for. Making one raises one of BROKEN where the file is no such archive.
    """

    kind: str
    is_stream: bool

    def members(self) -> Iterator[Member]:
        """All members in the archive's order, believing no length that it claims. Raises Unreadable or BROKEN."""
        ...
