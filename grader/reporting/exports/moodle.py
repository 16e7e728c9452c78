"""Moodle's two tables: an assignment's grading worksheet, and the gradebook's export.

The worksheet (mod/assign/feedback/offline) is taken back by three columns, `Identifier`, `Grade` and `Last
modified (grade)`, under the headings of the site's language. A row is a student's by the number at the end of
the identifier: `Participant 678`, in German `Teilnehmer/in678`. A grade above the maximum is passed over, and
so is one that was changed in Moodle after the worksheet was downloaded. Comments are HTML. Decimals may have
the language's own mark. Columns stand in the same order in every language, so that they are found by it and by
what they hold.

The gradebook's export (grade/export/txt) has a row by first name, last name and the fields that the site shows,
and columns such as `Assignment: Title (Real)`. Its import asks which column is which.
"""

import re
from collections.abc import Iterable, Iterator

from grader.course.location import TITLE
from grader.course.points import total_points
from grader.marking.scores import as_text
from grader.reporting.exports.counting import made_rows
from grader.reporting.exports.gradebooks import (
    EMPTY,
    Column,
    Layout,
    Platform,
    Rows,
    as_html,
    plain,
    points_in,
    with_headings,
)
from grader.reporting.exports.marked import ColumnError, Grade, Told, number

IDS = ("ID number", "Username", "Login", "Email", "Email address", "E-mail")
"""Headings for columns that hold ids, whichever; as a roster knows them."""
_COMMENTS = re.compile(r"[ck]om+ent", re.IGNORECASE)
"""In the heading of the column for comments, in most languages: Kommentar, commentaires, comentarios."""
_PARTICIPANT = re.compile(r"([^\W\d_]{3}\D*)(\d+)")
"""A word, in any script, and a number: three letters tell it from most ids."""
_ITEM = re.compile(r"([^:]+): ?(.*?) ?\(([^()]*)\)", re.DOTALL)


def worksheet_of(rows: Rows) -> Layout | None:
    """Which column of a grading worksheet is which; None where this is none."""
    columns = [*_columns(rows)]
    identifiers = [_PARTICIPANT.fullmatch(cell) for cell in columns[0]]
    if not identifiers or None in identifiers or len({found[1] for found in identifiers if found}) > 1:
        return None
    grade = next((place for place in range(1, len(columns) - 1) if _are_grades(columns, place)), None)
    if grade is None:
        return Layout((), rows)
    has_names = grade > 1 and 2 * len({*columns[1]}) > len(columns[1]) and plain(rows[0][1]) != "status"
    headings = {0: "Identifier", **({1: "Full name"} if has_names else {})}
    headings |= _ids(columns, 1 + has_names, grade)
    people = with_headings(rows, headings)
    for row, found in zip(_filled(people[1:]), identifiers, strict=True):
        row[0] = f"Participant {found[2]}" if found else ""
    comments = [place for place in range(grade + 2, len(columns)) if _COMMENTS.search(rows[0][place])]
    column = Column(grade, rows[0][grade], rows[0][grade], points_in(columns[grade + 1][0]))
    chosen = {} if has_names else {"name": "Identifier"}
    return Layout([column], people, chosen, comments[-1] if comments else None)


def gradebook_of(rows: Rows) -> Layout | None:
    """Which column of a gradebook's export is which; None where this is none."""
    columns, found = [*_columns(rows)], dict[str, Column]()
    for place, heading in enumerate(rows[0]):
        if (one := _ITEM.fullmatch(heading)) and all(_is_grade(cell) for cell in columns[place]):
            # of an item's columns the first has its points, others its letters and its comments
            found.setdefault(one[1] + one[2], Column(place, heading, one[2]))
    if not found or worksheet_of(rows):
        return None
    first = min(column.place for column in found.values())
    headings = {0: "First name", 1: "Last name"} | _ids(columns, 2, first)
    return Layout([*found.values()], with_headings(rows, headings))


def made_worksheet(grades: Iterable[Grade], title: str, told: Told) -> Rows:
    """A grading worksheet in English, by the numbers in the names of Moodle's download.

    Raises ColumnError where its one column for grades is to be called otherwise.
    """
    if title != TITLE:
        raise ColumnError("a grading worksheet has one column for grades, called Grade: leave out --column")
    told.sentences.append(
        "Moodle takes it where its language is English and the assignment is worth as many points; else: --into."
    )
    head = ["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)", "Feedback comments"]
    return [head, *made_rows(grades, _participants, "the number in Moodle's assignment", told)]


def made_gradebook(grades: Iterable[Grade], title: str, told: Told) -> Rows:
    """A table for the gradebook's import, by emails that the download names, or by the marking's roster."""
    told.sentences.append(f"All points are {number(total_points())}. The import asks what each column is.")
    return [["Name", "ID number", "Email address", title], *made_rows(grades, _people, "an id or an email", told)]


def _participants(grade: Grade) -> dict[str, list[str]]:
    """Rows by identifiers; the names beside them are for the eye, and comments begin with the course's title."""
    numbers = [who for who in grade.submission.submitters if who.local and (who.id or "").isdecimal()]
    told = [number(grade.score), number(grade.max_score), "-", as_html(grade)]
    return {f"{who.id}": [f"Participant {who.id}", as_text(who.name or ""), *told] for who in numbers}


def _people(grade: Grade) -> dict[str, list[str]]:
    """Rows by ids of the marking's roster, which stay what they are, or by emails."""
    score = number(grade.score)
    if grade.students:
        return {student.id: [as_text(student.name), student.id, "", score] for student in grade.students}
    known = [who for who in grade.submission.submitters if who.email]
    return {f"{who.email}": [as_text(who.name or ""), "", f"{who.email}", score] for who in known}


def _columns(rows: Rows) -> Iterator[list[str]]:
    """What each column holds, below its heading, in rows that are not blank."""
    filled = [*_filled(rows[1:])]
    for place in range(len(rows[0])):
        yield [row[place] if place < len(row) else "" for row in filled]


def _filled(rows: Rows) -> Iterator[list[str]]:
    return (row for row in rows if any(row))


def _are_grades(columns: list[list[str]], place: int) -> bool:
    """Whether a column holds grades, as one does that stands before the maximum, which is the same in all rows."""
    most = {points_in(cell) for cell in columns[place + 1]}
    return len(most) == 1 and None not in most and 0 not in most and all(map(_is_grade, columns[place]))


def _is_grade(cell: str) -> bool:
    return cell in EMPTY or points_in(cell) is not None


def _ids(columns: list[list[str]], start: int, end: int) -> dict[int, str]:
    """Headings for the columns that hold ids: words without spaces, no two of them the same."""
    places = [place for place in range(start, end) if _are_ids([cell for cell in columns[place] if cell])]
    return dict(zip(places, IDS, strict=False))


def _are_ids(cells: list[str]) -> bool:
    return bool(cells) and len({*cells}) == len(cells) and not any(cell.split()[1:] for cell in cells)


WORKSHEET = Platform(
    "Moodle's grading worksheet",
    worksheet_of,
    "the assignment must give points, not a scale, by simple grading",
)
GRADEBOOK = Platform(
    "Moodle's gradebook", gradebook_of, "make the grade item in Moodle, and export it with its points (Real)"
)
