"""Reads a CSV file of a few hundred rows as spreadsheets and learning platforms write them."""

import contextlib
import csv
import io
from collections import Counter

from grader.intake.entries import Unreadable

SAMPLE = 200
"""Rows by which the separator is found."""
NAMED = "sep="
"""What Excel's line about the separator begins with, which may stand above the headings."""


def rows_of(content: bytes) -> list[list[str]]:
    """The table's rows with their cells stripped, blank ones too, numbered from 1 as a spreadsheet shows them.

    A line that names the separator is a row without cells. Raises Unreadable.
    """
    text = _decoded(content)
    first, _, rest = text.partition("\n")
    separator = first.strip().strip('"').removeprefix(NAMED) if first.lstrip('"').startswith(NAMED) else ""
    if separator in (",", ";", "|") or first.rstrip("\r\n") == f"{NAMED}\t":
        return [[], *_rows(rest, separator or "\t")]
    tables = []
    for one in ",;\t":
        with contextlib.suppress(Unreadable):
            tables.append(_rows(text, one))
    return min(tables, key=_raggedness) if tables else _rows(text, ",")


def _raggedness(rows: list[list[str]]) -> tuple[bool, int, int]:
    """Smaller for the right separator: several columns, the same in most rows, and of these the most."""
    widths = Counter(len(row) for row in rows[:SAMPLE] if any(row))
    width, same = widths.most_common(1)[0] if widths else (0, 0)
    return width < 2, widths.total() - same, -width


def _decoded(content: bytes) -> str:
    """The text: UTF-16 with its mark, UTF-8, or else Windows-1252, which Excel writes in the west."""
    encodings = ["utf-16"] if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            last = error.start
    raise Unreadable(f"neither UTF-8 nor Windows-1252 text (byte {last}); save it as “CSV UTF-8”")


def _rows(text: str, separator: str) -> list[list[str]]:
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        raise Unreadable(f"not a table: {error}") from None
