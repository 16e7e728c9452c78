"""Reads tar archives in memory, in one pass from front to back, keeping only what a submission is read from."""

import bz2
import gzip
import lzma
import tarfile
import time
from collections.abc import Callable, Iterator
from typing import BinaryIO, Protocol

from grader.intake.archive_reader import BROKEN, CHUNK, LINK, ROOMY, SPECIAL, Bounds, Member
from grader.intake.entries import Unreadable, check_size

MAX_HEADER = 2**16
"""Bytes of an extended header (a long name, say) at the most."""
XZ_MEMORY = 2**27
"""Bytes that unpacking .xz may take; its strongest preset takes 65 MiB."""
PACKED = {b"\x1f\x8b": "gz", b"BZh": "bz2", b"\xfd7zXZ\x00": "xz"}
"""The first bytes of a packed tar."""
END = bytes(512)
"""The block that ends a tar."""
DAMAGED = "the tar archive is damaged or cut short"


class Stream(Protocol):
    """Bytes from front to back; `read` may give fewer than it is asked for, and none only at the end."""

    def read(self, size: int, /) -> bytes:
        """Read up to `size` bytes."""
        ...


def packed_as(head: bytes) -> str | None:
    """How a file that begins like this is packed, if it may be a packed tar."""
    return next((name for start, name in PACKED.items() if head.startswith(start)), None)


class TarReader:
    """A tar as an ArchiveReader, read once from front to back. packed: as packed_as says."""

    kind, is_stream = "tar archive", True

    def __init__(self, file: BinaryIO, packed: str | None, bounds: Bounds) -> None:
        self._tape = _Tape(_unpacked(file, packed), file, bounds)
        self._tar = tarfile.TarFile(fileobj=self._tape, encoding="utf-8")  # type: ignore[arg-type]

    def members(self) -> Iterator[Member]:
        """All members, not held in a list as tarfile would. Raises Unreadable where the tar is damaged."""
        try:
            while (header := self._tar.next()) is not None:
                self._tar.members = []  # type: ignore[attr-defined]
                self._tar.pax_headers = {}
                yield Member(
                    header.name, header.isdir(), self._reader(header), _refused(header), float(header.mtime)
                )
        except BROKEN:
            raise Unreadable(DAMAGED) from None
        if self._tape.last != END:
            raise Unreadable(DAMAGED)  # tarfile takes a damaged header for the end

    def _reader(self, header: tarfile.TarInfo) -> Callable[[int], bytes]:
        def read(limit: int) -> bytes:
            check_size(header.size, limit)
            try:
                self._tape.seek(header.offset_data)
                content = self._tape.take(header.size)
            except BROKEN:
                raise Unreadable(DAMAGED) from None
            if len(content) < header.size:
                raise Unreadable(DAMAGED)
            return content

        return read


def _refused(header: tarfile.TarInfo) -> str:
    """Why a member is not to be read; "" for none."""
    if header.issym() or header.islnk():
        return LINK
    if header.issparse():
        return "a sparse file"
    return "" if header.isreg() else SPECIAL


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
    """An unpacked tar as tarfile wants it, but read forwards only and no further than its bounds.

    tarfile steps back by one byte to see whether a member is whole, and by more only where a header lies.
    """

    def __init__(self, stream: Stream, file: BinaryIO, bounds: Bounds) -> None:
        self._stream = stream
        self._file = file
        self._bounds = bounds
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
        seconds = self._bounds.seconds
        if seconds is not None and time.thread_time() - self._began >= seconds:
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
        ratio, most = self._bounds.ratio, self._bounds.unpacked
        if ratio is not None and self._at > ROOMY and self._at > ratio * self._file.tell():
            raise Unreadable(f"a tar archive that unpacks to more than {ratio} times its size")
        if self._at > most:
            raise Unreadable(f"a tar archive that unpacks to more than {most >> 20} MiB")
