"""Reads zips in memory, believing none of the lengths that they claim.

Their names say only sometimes how they are written. In Shift-JIS, GBK and Big5 the second byte of a character may
be that of a backslash, which is no separator then.
"""

import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from typing import BinaryIO

from grader.intake.archive_reader import BROKEN, CHUNK, LINK, RATIO, ROOMY, SPECIAL, Bounds, Member
from grader.intake.entries import Unreadable, bounded, check_size

METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
"""Ways of packing that are read. LZMA is not: its header claims how much memory unpacking takes."""
TAIL = 2**17
"""Bytes that are read when no number is given, which zipfile does only for what follows the list of entries."""
ENCRYPTED, UTF8 = 0x1, 0x800
"""Flags of an entry."""
UNIX = 3
"""The system whose programs say what kind of file an entry is."""
LOCAL_HEADER = 30
"""Bytes before an entry's content at the least."""
UNICODE_PATH = 0x7075
"""Info-ZIP's extra field with the name in UTF-8, beside a checksum of the name that it stands for."""
DOUBLE = ("cp932", "gbk", "big5")
"""Encodings of two bytes for a character, of which the second may be a backslash's."""
BACKSLASH = 0x5C
NO_SEPARATOR = "\uff3c"
"""What stands for such a byte where no encoding of DOUBLE reads the whole name."""


class ZipReader:
    """A zip as an ArchiveReader; its members can be read as long as the file is open."""

    kind, is_stream = "zip", False

    def __init__(self, file: BinaryIO, bounds: Bounds) -> None:
        self._opened = zipfile.ZipFile(_Wary(file, bounds.directory))

    def members(self) -> Iterator[Member]:
        """All members. Raises Unreadable where two share bytes, by which a small zip could hold any amount."""
        infos = self._opened.infolist()
        spans = sorted((info.header_offset, info.compress_size) for info in infos)
        ends = [start + LOCAL_HEADER + size for start, size in spans]
        if any(end > start for end, (start, _) in zip(ends, spans[1:], strict=False)):
            raise Unreadable("a zip whose entries overlap, as no program packs them")
        slashes = any("/" in info.orig_filename for info in infos)
        for info in infos:
            name = name_in_zip(info, slashes)
            yield Member(name, name.endswith(("/", "\\")), self._reader(info), _refused(info), _stamp(info))

    def _reader(self, info: zipfile.ZipInfo) -> Callable[[int], bytes]:
        def read(limit: int) -> bytes:
            check_size(info.file_size, limit)
            if info.file_size > ROOMY and info.file_size > RATIO * info.compress_size:
                raise Unreadable(f"unpacks to more than {RATIO} times its size")
            content = bytearray()
            try:
                with self._opened.open(info) as file:
                    while len(content) <= limit and (chunk := file.read(min(CHUNK, limit + 1 - len(content)))):
                        content += chunk
            except BROKEN:
                raise Unreadable("the zip is damaged") from None
            return bounded(bytes(content), limit)

        return read


class _Wary:
    """A file that hands out no more than `most` bytes at a time, whatever an archive claims."""

    def __init__(self, file: BinaryIO, most: int) -> None:
        self._file = file
        self._most = most
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        content = self._file.read(TAIL if size < 0 else min(size, self._most + 1))
        if len(content) > self._most:
            raise Unreadable("a zip whose list of entries is too long")
        return content

    def close(self) -> None:
        """Leave the file to who opened it."""


def _refused(info: zipfile.ZipInfo) -> str:
    """Why an entry is not to be read; "" for none."""
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == UNIX else 0
    if kind not in (0, stat.S_IFREG):
        return LINK if stat.S_ISLNK(kind) else SPECIAL
    if info.flag_bits & ENCRYPTED:
        return "the zip is encrypted, so the kit cannot read it: ask for one without a password"
    if info.compress_type not in METHODS:
        return "the zip is packed by a method that the kit does not read: ask for an ordinary one"
    return ""


def _stamp(info: zipfile.ZipInfo) -> float:
    """A number that grows with the time that an entry claims, which may be none that a calendar has."""
    year, month, day, hour, minute, second = info.date_time
    return (((year * 12 + month) * 31 + day) * 24 + hour) * 3600.0 + minute * 60 + second


def name_in_zip(info: zipfile.ZipInfo, slashes: bool) -> str:
    """The entry's path: as it says, else UTF-8, which macOS writes without saying so, else by its bytes.

    slashes: whether any path of the zip has one; then its program does not part paths by backslashes.
    """
    told = info.orig_filename.partition("\0")[0]
    if info.flag_bits & UTF8:
        return told
    raw = info.orig_filename.encode("cp437")
    if unicode := _unicode_path(info.extra, raw):
        return unicode
    raw = raw.partition(b"\0")[0]
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(raw, slashes)


def _unicode_path(extra: bytes, raw: bytes) -> str | None:
    """What Info-ZIP's field says, if it is of this name."""
    while len(extra) >= 4:
        kind, size = struct.unpack("<HH", extra[:4])
        field, extra = extra[4 : 4 + size], extra[4 + size :]
        if kind == UNICODE_PATH and field[:1] == b"\1" and field[1:5] == struct.pack("<I", zlib.crc32(raw)):
            try:
                return field[5:].decode("utf-8").partition("\0")[0]
            except UnicodeDecodeError:
                return None
    return None


def _guessed(raw: bytes, slashes: bool) -> str:
    """A name in one of many encodings: its ASCII part is right, and nothing parts it within a character."""
    trailing = _trailing(raw, slashes)
    if not trailing:
        return raw.decode("cp437")
    for encoding in DOUBLE:
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.count("\\") == raw.count(b"\\") - len(trailing):
            return text
    return "".join(NO_SEPARATOR if n in trailing else c for n, c in enumerate(raw.decode("cp437")))


def _trailing(raw: bytes, slashes: bool) -> set[int]:
    """Where a backslash's byte is the second of a character.

    In a zip without slashes one after a single byte beyond ASCII that follows a letter, as in `José\\stage1.py`,
    parts: words of an alphabet look so.
    """
    found = set()
    place = 0
    while place + 1 < len(raw):
        if not (0x81 <= raw[place] <= 0xFE and raw[place + 1] >= 0x40):
            place += 1
            continue
        after_letter = place > 0 and raw[place - 1 : place].isalpha()
        if raw[place + 1] == BACKSLASH and (slashes or not after_letter):
            found.add(place + 1)
        place += 2
    return found
