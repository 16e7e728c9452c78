"""Reads zips in memory, believing none of the lengths that they claim."""

import stat
import zipfile
from collections.abc import Callable
from typing import BinaryIO

from grader.intake.entries import Entry, Folder, Unreadable, bounded, check_size, put, refused
from grader.intake.zip_names import name_in_zip

CHUNK = 2**20
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
"""Ways of packing that are read. LZMA is not: its header claims how much memory unpacking takes."""
RATIO = 200
"""How many times smaller an archive may become when it is packed into another, from ROOMY bytes on."""
ROOMY = 2**24
TAIL = 2**17
"""Bytes that are read when no number is given, which zipfile does only for what follows the list of entries."""
ENCRYPTED = 0x1
UNIX = 3
LOCAL_HEADER = 30
"""Bytes before an entry's content at the least."""


def folder_in_zip(file: BinaryIO, most: int, directory: int, broken: tuple[type[Exception], ...]) -> Folder:
    """What is in a zip.

    most: entries at the most; directory: bytes of the list of them at the most; broken: what reading damaged
    bytes raises. Raises one of those, or Unreadable.
    """
    opened = zipfile.ZipFile(_Wary(file, directory))
    infos = opened.infolist()
    if len(infos) > most:
        raise Unreadable(f"a zip of more than {most} entries")
    if _overlapping(infos):
        raise Unreadable("a zip whose entries overlap, as no program packs them")
    root: Folder = {}
    slashes = any("/" in info.orig_filename for info in infos)
    for info in infos:
        name = name_in_zip(info, slashes)
        is_folder = name.endswith(("/", "\\"))
        put(root, name, None if is_folder else _entry(opened, info, broken))
    return root


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


def _overlapping(infos: list[zipfile.ZipInfo]) -> bool:
    """Whether two entries share bytes, by which a small zip could hold any amount."""
    spans = sorted((info.header_offset, info.compress_size) for info in infos)
    ends = [start + LOCAL_HEADER + size for start, size in spans]
    return any(end > start for end, (start, _) in zip(ends, spans[1:], strict=False))


def _entry(opened: zipfile.ZipFile, info: zipfile.ZipInfo, broken: tuple[type[Exception], ...]) -> Entry:
    kind = stat.S_IFMT(info.external_attr >> 16) if info.create_system == UNIX else 0
    if stat.S_ISLNK(kind):
        return refused("a link, which is not followed in an archive")
    if kind not in (0, stat.S_IFREG):
        return refused("not an ordinary file")
    if info.flag_bits & ENCRYPTED:
        return refused("the zip is encrypted, so the kit cannot read it: ask for one without a password")
    if info.compress_type not in METHODS:
        return refused("the zip is packed by a method that the kit does not read: ask for an ordinary one")
    return Entry(_reader(opened, info, broken), stamp=_stamp(info))


def _stamp(info: zipfile.ZipInfo) -> float:
    """A number that grows with the time that an entry claims, which may be none that a calendar has."""
    year, month, day, hour, minute, second = info.date_time
    return (((year * 12 + month) * 31 + day) * 24 + hour) * 3600.0 + minute * 60 + second


def _reader(
    opened: zipfile.ZipFile, info: zipfile.ZipInfo, broken: tuple[type[Exception], ...]
) -> Callable[[int], bytes]:
    def read(limit: int) -> bytes:
        check_size(info.file_size, limit)
        if info.file_size > ROOMY and info.file_size > RATIO * info.compress_size:
            raise Unreadable(f"unpacks to more than {RATIO} times its size")
        content = bytearray()
        try:
            with opened.open(info) as file:
                while len(content) <= limit and (chunk := file.read(min(CHUNK, limit + 1 - len(content)))):
                    content += chunk
        except broken:
            raise Unreadable("the zip is damaged") from None
        return bounded(bytes(content), limit)

    return read
