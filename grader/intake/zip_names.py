"""The names in zips, which say only sometimes how they are written.

In Shift-JIS, GBK and Big5 the second byte of a character may be that of a backslash, which is no separator then.
"""

import struct
import zipfile
import zlib

UTF8 = 0x800
UNICODE_PATH = 0x7075
"""Info-ZIP's extra field with the name in UTF-8, beside a checksum of the name that it stands for."""
DOUBLE = ("cp932", "gbk", "big5")
"""Encodings of two bytes for a character, of which the second may be a backslash's."""
BACKSLASH = 0x5C
NO_SEPARATOR = "\uff3c"
"""What stands for such a byte where no encoding of DOUBLE reads the whole name."""


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
