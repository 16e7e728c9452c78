"""A table as a learning platform exported it: single cells are changed, and every other byte stays as it is."""

import re
from dataclasses import dataclass
from pathlib import Path

from grader.intake.entries import Unreadable
from grader.intake.roster import content_of, decoded, parted

_QUOTED = re.compile(r'"((?:[^"]|"")*+)"(.*)', re.DOTALL)


@dataclass
class Sheet:
    """A table's text in its parts, from which its bytes can be put together again.

    mark: the bytes before the text; head: the line that names the separator, where there is one.
    rows: the cells as they are written, with their quotes; ends: what ends each row.
    """

    encoding: str
    mark: bytes
    head: str
    separator: str
    rows: list[list[str]]
    ends: list[str]

    @property
    def values(self) -> list[list[str]]:
        """What the cells say, without quotes and without spaces around it."""
        return [[_value(cell).strip() for cell in row] for row in self.rows]

    def put(self, row: int, column: int, text: str) -> None:
        """Write a cell, quoted where it was, or where it must be; a row that is too short gets empty cells."""
        cells = self.rows[row]
        cells += [""] * (column + 1 - len(cells))
        is_quoted = cells[column].startswith('"') or any(c in text for c in (self.separator, '"', "\r", "\n"))
        cells[column] = '"{}"'.format(text.replace('"', '""')) if is_quoted else text

    def can_hold(self, text: str) -> bool:
        """Whether the table's encoding has all these characters."""
        try:
            text.encode(self.encoding)
        except UnicodeEncodeError:
            return False
        return True

    def content(self) -> bytes:
        """The bytes of the table."""
        lines = (self.separator.join(row) + end for row, end in zip(self.rows, self.ends, strict=True))
        return self.mark + f"{self.head}{''.join(lines)}".encode(self.encoding)


def sheet_of(path: Path) -> Sheet:
    """The table in a file. Raises Unreadable with what is wrong, and in which row."""
    try:
        text, encoding, mark = decoded(content_of(path))
        start, separator = parted(text)
        rows, ends = _parsed(text[start:], separator)
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from None
    return Sheet(encoding, mark, text[:start], separator, rows, ends)


def _parsed(text: str, separator: str) -> tuple[list[list[str]], list[str]]:
    """The rows' cells, as they are written, and what ends each row."""
    # what follows a closing quote belongs to the cell, as Python's and most other readers take it
    plain = rf"[^{re.escape(separator)}\r\n]*+"
    cell = re.compile(rf'("(?:[^"]|"")*+"{plain}|(?!"){plain})({re.escape(separator)}|\r\n|\r|\n|\Z)')
    rows: list[list[str]] = []
    ends: list[str] = []
    place, cells = 0, list[str]()
    while place < len(text) or cells:
        found = cell.match(text, place)
        if not found:
            raise Unreadable(f"row {len(rows) + 1} has a quote that is not closed")
        cells.append(found[1])
        place = found.end()
        if found[2] != separator:
            rows.append(cells)
            ends.append(found[2])
            cells = []
    return rows, ends


def _value(cell: str) -> str:
    quoted = _QUOTED.fullmatch(cell)
    return quoted[1].replace('""', '"') + quoted[2] if quoted else cell
