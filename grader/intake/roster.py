"""The roster: who is in the course, read from a CSV file as spreadsheets and learning platforms write it."""

import codecs
import contextlib
import csv
import io
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from grader.intake.entries import Unreadable, listed, shown
from grader.outside.plain_text import plain_text

MAX_ROSTER = 2**24
"""Bytes of a roster at the most."""
IDS = (
    *("orgdefinedid", "id", "student id", "studentid", "student number", "sid", "sis user id", "id number"),
    *("identifier", "sis login id", "login id", "username", "user name", "login", "email"),
    *("email address", "e-mail"),
)
"""Headings of columns with ids; a student is shown by the first of them that is there, and matched by all."""
NAMES = ("name", "full name", "student name", "student")
LAST = ("last name", "surname", "family name", "lastname")
FIRST = ("first name", "given name", "firstname", "given names")
CHOICES = ("id", "name", "first", "last", "email")
"""What a column may be said to hold, where its heading is in no list here."""
NO_STUDENT = "points possible"
"""What stands in the place of a name in a row of Canvas's gradebook that is of no student."""
TEST_STUDENT = "student, test"
"""Whom Canvas makes for teachers to try a course, and exports among the others."""
STAFF = ("instructor", "ta", "reader")
"""Roles in Gradescope's roster of who hands in nothing."""
SAMPLE = 200
"""Rows by which a table's separator is found."""
NAMED = "sep="
"""What Excel's line about the separator begins with, which may stand above the headings."""
MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}
"""What may stand before a text, and says how it is encoded."""
MAX_LISTED = 100
"""Headings at the most that an error lists."""
LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th"})
"""Letters whose strokes no decomposition of Unicode takes away."""


@dataclass(frozen=True)
class Student:
    """One student: the id that the roster has first, the name, and all ids by which a platform may know them."""

    id: str
    name: str
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Roster:
    """The students of a course, in the roster's order; rows: in which rows each stands, by id, counted from 0."""

    students: tuple[Student, ...]
    rows: Mapping[str, tuple[int, ...]] = field(default_factory=dict, compare=False)


def read_roster(path: Path, columns: Mapping[str, str] | None = None) -> Roster:
    """The roster in a CSV file, as Excel, Canvas, Moodle, Gradescope and Brightspace write them.

    Its columns are found by their headings: one or more of IDS, and one of NAMES, or one each of LAST and FIRST.
    columns: other headings, by what of CHOICES they hold.
    Raises Unreadable with what is wrong, and in which row.
    """
    try:
        return roster_of(_table(content_of(path)), columns or {})
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from None


def content_of(path: Path) -> bytes:
    """What a table's file holds. Raises Unreadable where it cannot be read or is larger than MAX_ROSTER."""
    try:
        with path.open("rb") as file:
            content = file.read(MAX_ROSTER + 1)
    except OSError as error:
        raise Unreadable(error.strerror or str(error)) from None
    if len(content) > MAX_ROSTER:
        raise Unreadable(f"larger than the {MAX_ROSTER >> 20} MiB that are read")
    return content


def roster_of(rows: list[list[str]], chosen: Mapping[str, str]) -> Roster:
    """The roster in a table, each student once: who is in two sections has two rows, with the same name.

    rows: cells without spaces around them; a first row without cells is passed over. Raises Unreadable.
    """
    top = 1 if len(rows) > 1 and not rows[0] else 0  # below a line that names the separator
    headings = [heading.casefold() for heading in rows[top]] if rows else []
    ids, columns = _columns_of(rows[top] if rows else [], headings, chosen)
    seen: dict[str, tuple[Student, list[int]]] = {}
    for number, row in enumerate(rows[top + 1 :], top + 1):
        cells = row + [""] * (len(headings) - len(row))
        name = " ".join(" ".join(cells[column] for column in columns).split())
        # Brightspace puts # before each id, which keeps spreadsheets from taking it for a number
        found = [text for column in ids if (text := cells[column].removeprefix("#"))]
        if not (name or found) or _is_no_student(name, dict(zip(headings, cells, strict=False))):
            continue
        if not found or not name:
            raise Unreadable(f"row {number + 1} has no {'name' if found else 'id'}")
        student = Student(plain_text(found[0]), plain_text(name), tuple(dict.fromkeys(found)))
        key = plain_id(found[0])
        known, numbers = seen.get(key, (student, []))
        if plain_name(known.name) != plain_name(student.name):
            raise Unreadable(
                f"rows {numbers[0] + 1} and {number + 1} have the same id: {shown(found[0])}, of "
                f"{shown(known.name)} and of {shown(name)}"
            )
        seen[key] = replace(known, ids=tuple(dict.fromkeys([*known.ids, *found]))), [*numbers, number]
    students = tuple(student for student, _ in seen.values())
    return Roster(students, {student.id: tuple(numbers) for student, numbers in seen.values()})


def plain_id(text: str) -> str:
    """An id as it is compared."""
    return text.strip().casefold()


def plain_name(name: str) -> str:
    """A name's words in lower case without accents and punctuation, the first names first."""
    last, comma, first = name.partition(",")
    name = f"{first} {last}" if comma else name
    letters = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    text = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(text.split())


def _is_no_student(name: str, cells: Mapping[str, str]) -> bool:
    """Whether a row is of nobody who hands in: staff, Canvas's points and its student for tests."""
    if cells.get("role", "").casefold() in STAFF or name.casefold().startswith(NO_STUDENT):
        return True
    return name.casefold() == TEST_STUDENT and "student" in cells


def _columns_of(row: list[str], headings: list[str], chosen: Mapping[str, str]) -> tuple[list[int], list[int]]:
    """Where the ids are, the first of which shows a student, and the columns of which a name is made."""
    told = {}
    for what, heading in chosen.items():
        if heading.strip().casefold() not in headings:
            raise Unreadable(f"no column is headed {shown(heading)}; it has {listed(row, MAX_LISTED)}")
        told[what] = headings.index(heading.strip().casefold())
    ids = [told[what] for what in ("id", "email") if what in told]
    ids += [headings.index(heading) for heading in IDS if heading in headings]
    parts = [told.get("first", _first(headings, FIRST)), told.get("last", _first(headings, LAST))]
    names = [[told.get("name", _first(headings, NAMES))], parts]
    if "name" not in told and ("first" in told or "last" in told):
        names = [parts]
    columns = next((found for found in names if None not in found), None)
    if not ids or not columns:
        missing = "an id (id, SID, student number …)" if not ids else "a name (name, or first name and last name)"
        raise Unreadable(
            f"no column is headed as {missing}; it has {listed(row, MAX_LISTED) or 'none'}. Say which it is with "
            "--column, as in --column id=Matrikelnummer"
        )
    return list(dict.fromkeys(ids)), [column for column in columns if column is not None]


def _first(headings: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((headings.index(heading) for heading in wanted if heading in headings), None)


def _table(content: bytes) -> list[list[str]]:
    """The table's rows, cells stripped, blank rows too; an empty one above them for a line about the separator.

    Raises Unreadable.
    """
    text = decoded(content)[0]
    start, separator = parted(text)
    return [*([[]] if start else []), *rows_of(text[start:], separator)]


def parted(text: str) -> tuple[int, str]:
    """Where a table begins in a text, which may have a line that names the separator above it, and the separator.

    Raises Unreadable.
    """
    first, _, _ = text.partition("\n")
    separator = first.strip().strip('"').removeprefix(NAMED) if first.lstrip('"').startswith(NAMED) else ""
    if separator in (",", ";", "|") or first.rstrip("\r\n") == f"{NAMED}\t":
        return len(first) + 1, separator or "\t"
    tables = {}
    for one in ",;\t":
        with contextlib.suppress(Unreadable):
            tables[one] = _raggedness(rows_of(text, one))
    return 0, min(tables, key=tables.__getitem__) if tables else ","


def _raggedness(rows: list[list[str]]) -> tuple[bool, int, int, int]:
    """Smaller for the right separator: several columns, the same in most rows, few cells with quotes left in them,
    as where a quoted comma was taken for a separator; and of these the most columns.
    """
    sample = [row for row in rows[:SAMPLE] if any(row)]
    widths = Counter(map(len, sample))
    width, same = widths.most_common(1)[0] if widths else (0, 0)
    return width < 2, widths.total() - same, sum('"' in cell for row in sample for cell in row), -width


def decoded(content: bytes) -> tuple[str, str, bytes]:
    """The text, its encoding, and the mark before it: UTF-16, UTF-8, or Windows-1252, Excel's own in the west.

    Raises Unreadable.
    """
    for mark, encoding in MARKS.items():
        if content.startswith(mark):
            encodings = [encoding]
            break
    else:
        mark, encodings = b"", ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            return content[len(mark) :].decode(encoding), encoding, mark
        except UnicodeDecodeError as error:
            last = error.start + len(mark)
    raise Unreadable(f"neither UTF-8 nor Windows-1252 text (byte {last}); save it as “CSV UTF-8”")


def rows_of(text: str, separator: str) -> list[list[str]]:
    """A table's rows with their cells stripped. Raises Unreadable."""
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        return [[cell.strip() for cell in row] for row in reader]
    except csv.Error as error:
        raise Unreadable(f"not a table: {error}") from None
