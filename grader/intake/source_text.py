"""A learner's module as text: decoded as Python itself would, or a sentence on why it cannot be."""

import codecs
import io
import tokenize
from dataclasses import dataclass

from grader.outside.plain_text import plain_text

MAX_COOKIE = 10_000
"""Bytes of each of the first two lines at the most in which an encoding is looked for."""
ASCII = "".join(map(chr, (9, 10, *range(32, 92), *range(93, 127)))) + r"\x41 \u0041 \N{DIGIT ONE}.xn--e1a"
"""What a module may hold in any encoding: each such character, and what escapes would be elsewhere."""
SYSTEMS_OWN = {"mbcs", "oem"}
"""Encodings that are another one on each machine."""
WIDE = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
HOW = "save it as UTF-8"


class Undecodable(Exception):
    """Why a module is no text, in words that follow the file's name."""


@dataclass(frozen=True)
class Unread:
    """In the place of a module's source: a sentence on why it could not be read."""

    why: str


def decoded(content: bytes) -> str:
    """The text of a module: UTF-8, or in the encoding that one of its first two lines declares (PEP 263).

    Raises Undecodable.
    """
    if content.startswith(WIDE):
        raise Undecodable(f"is UTF-16 text, or UTF-32; {HOW}")
    if b"\0" in content:
        line = _line(content, content.index(b"\0"))
        raise Undecodable(f"holds a null byte in line {line}, so it is no text, or UTF-16; {HOW}")
    text = content.removeprefix(codecs.BOM_UTF8)
    encoding = _declared(text)
    if encoding != "utf-8" and text is not content:
        raise Undecodable(
            f"begins with UTF-8's mark and declares {encoding}; {HOW}, and declare no other encoding"
        )
    try:
        return text.decode(encoding)
    except UnicodeDecodeError as wrong:
        where = f"line {_line(text, wrong.start)} holds the byte 0x{text[wrong.start]:02x}"
        if encoding == "utf-8":
            raise Undecodable(
                f"is not UTF-8 text: {where}; {HOW}, or declare its encoding in the first line, as in "
                "# -*- coding: cp1252 -*-"
            ) from None
        raise Undecodable(f"is not {encoding} text, as it declares: {where}; {HOW}") from None


def _line(content: bytes, place: int) -> int:
    """The number of the line that a byte is in, whatever ends the lines."""
    before = content[:place].replace(b"\r\n", b"\n")
    return 1 + before.count(b"\n") + before.count(b"\r")


def _declared(content: bytes) -> str:
    """The encoding that a module declares, by Python's name for it. Raises Undecodable where it is of no use."""
    lines = b"\n".join(content[: 2 * MAX_COOKIE].splitlines()[:2])
    if b"coding" not in lines:
        return "utf-8"
    # Python looks at bytes here; tokenize would refuse those that are not UTF-8
    plain = lines.decode("ascii", "replace").encode("ascii", "replace")
    try:
        name, _ = tokenize.detect_encoding(io.BytesIO(plain).readline)
        codec = codecs.lookup(name)
    except (SyntaxError, LookupError, ValueError) as error:
        raise Undecodable(
            f"declares no encoding that Python knows ({plain_text(str(error), 100)}); {HOW}"
        ) from None
    if codec.name in SYSTEMS_OWN or not _is_of_ascii(codec):
        raise Undecodable(f"declares the encoding {plain_text(name, 50)}, in which no module is read; {HOW}")
    return "utf-8" if codec.name == "utf-8-sig" else codec.name


def _is_of_ascii(codec: codecs.CodecInfo) -> bool:
    """Whether it decodes text, and what is ASCII to itself: no escapes, no ciphers, no packed bytes."""
    if not codec._is_text_encoding:
        return False
    try:
        return ASCII.encode().decode(codec.name) == ASCII
    except (UnicodeError, LookupError):
        return False
