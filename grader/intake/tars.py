"""Reads tar archives in memory, in one pass from front to back, keeping only what a submission is read from."""

import bz2
import gzip
import lzma
import tarfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO, Protocol

from grader.intake.entries import Entry, Folder, Unreadable, check_size, ignored, parted, put, refused

CHUNK = 2**20
MAX_HEADER = 2**16
"""Bytes of an extended header (a long name, say) at the most."""
XZ_MEMORY = 2**27
"""Bytes that unpacking .xz may take; its strongest preset takes 65 MiB."""
ROOMY = 2**24
"""Bytes that an archive may unpack to, however small it is."""
PACKED = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
"""The first bytes of a packed tar."""
END = bytes(512)
"""The block that ends a tar."""
DAMAGED = "the tar archive is damaged or cut short"


@dataclass(frozen=True)
class Limits:
    """Limits of one tar: its entries, the bytes it unpacks to, how many times its own size that may be, and
    the seconds of processor time it may take; None for any.
    """

    entries: int
    unpacked: int
    ratio: int | None
    seconds: float | None


class Stream(Protocol):
    """Bytes from front to back; `read` may give fewer than it is asked for, and none only at the end."""

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes."""
        ...


def packed_as(head: bytes) -> str | None:
    """How a file that begins like this is packed, if it may be a packed tar."""
    return next((name for start, name in PACKED.items() if head.startswith(start)), None)


def folder_in_tar(
    file: BinaryIO,
    packed: str | None,
    limits: Limits,
    keep: Callable[[str, Callable[[int], bytes]], Entry],
    broken: tuple[type[Exception], ...],
) -> Folder:
    """What is in a tar.

    packed: as packed_as says. keep(name, read) is called for each ordinary file, once and in their order; what
    it reads, it reads then. Raises one of `broken` where there is no tar, and Unreadable where it is damaged.
    """
    tape = _Tape(_unpacked(file, packed), file, limits)
    root: Folder = {}
    with tarfile.TarFile(fileobj=tape, encoding="utf-8") as tar:  # type: ignore[arg-type]
        try:
            for number, member in enumerate(_members(tar), 1):
                if number > limits.entries:
                    raise Unreadable(f"a tar archive of more than {limits.entries} entries")
                if not any(ignored(part) for part in parted(member.name)):
                    put(root, member.name, None if member.isdir() else _entry(member, tape, keep, broken))
        except broken:
            raise Unreadable(DAMAGED) from None
    if tape.last != END:
        raise Unreadable(DAMAGED)  # tarfile takes a damaged header for the end
    return root


def _members(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Each header in its order, without the list in which tarfile would hold them all."""
    while (member := tar.next()) is not None:
        tar.members = []  # type: ignore[attr-defined]
        tar.pax_headers = {}
        yield member


def _entry(
    member: tarfile.TarInfo,
    tape: "_Tape",
    keep: Callable[[str, Callable[[int], bytes]], Entry],
    broken: tuple[type[Exception], ...],
) -> Entry:
    if member.issym() or member.islnk():
        return refused("a link, which is not followed in an archive")
    if not member.isreg() or member.issparse():
        return refused("a sparse file" if member.issparse() else "not an ordinary file")

    def read(limit: int) -> bytes:
        check_size(member.size, limit)
        try:
            tape.seek(member.offset_data)
            content = tape.take(member.size)
        except broken:
            raise Unreadable(DAMAGED) from None
        if len(content) < member.size:
            raise Unreadable(DAMAGED)
        return content

    return replace(keep("".join(parted(member.name)[-1:]), read), stamp=float(member.mtime))


def _unpacked(file: BinaryIO, packed: str | None) -> Stream:
    if packed == "gz":
        return gzip.GzipFile(fileobj=file, mode="rb")
    if packed == "bz2":
        return bz2.BZ2File(file)
    return _Xz(file) if packed == "xz" else file


class _Xz:
    """The content of an .xz file, unpacked in bounded memory, which the standard library's file does not offer."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decompressor = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes. Raises EOFError when the file is cut short."""
        content = b""
        while not content and not self._decompressor.eof:
            more = self._file.read(CHUNK) if self._decompressor.needs_input else b""
            if not more and self._decompressor.needs_input:
                raise EOFError
            content = self._decompressor.decompress(more, size)
        return content


class _Tape:
    """An unpacked tar as tarfile wants it, but read forwards only and no further than its limits.

    tarfile steps back by one byte to see whether a member is whole, and by more only where a header lies.
    """

    def __init__(self, stream: Stream, file: BinaryIO, limits: Limits) -> None:
        self._stream = stream
        self._file = file
        self._limits = limits
        self._began = time.thread_time()
        self._at = 0
        self._again = False
        self.last = b""

    def tell(self) -> int:
        """Bytes read so far."""
        return self._at - self._again

    def seek(self, to: int) -> None:
        """Skip to a place further on, or to the last byte again."""
        if to == self._at - 1 and self.last:
            self._again = True
            return
        if to < self._at:
            raise tarfile.ReadError("a place that was passed")
        self._again = False
        while self._at < to and self.take(min(CHUNK, to - self._at)):
            pass

    def read(self, size: int) -> bytes:
        """Read what tarfile asks for: headers."""
        if not 0 <= size <= MAX_HEADER:
            raise tarfile.ReadError("a header that is too long")
        if self._limits.seconds is not None and time.thread_time() - self._began >= self._limits.seconds:
            raise Unreadable("a tar archive that takes too long to read")
        if self._again and size:
            self._again = False
            return self.last[-1:] + self.take(size - 1)
        return self.take(size)

    def take(self, size: int) -> bytes:
        """Read that many bytes, or what there is."""
        content = bytearray()
        while len(content) < size and (more := self._stream.read(min(CHUNK, size - len(content)))):
            content += more
            self._at += len(more)
            self._guard()
        if content:
            self.last = bytes(content[-len(END) :])
        return bytes(content)

    def _guard(self) -> None:
        ratio, limits = self._limits.ratio, self._limits
        if ratio is not None and self._at > ROOMY and self._at > ratio * self._file.tell():
            raise Unreadable(f"a tar archive that unpacks to more than {ratio} times its size")
        if self._at > limits.unpacked:
            raise Unreadable(f"a tar archive that unpacks to more than {limits.unpacked >> 20} MiB")
