"""Scores put into the table that a learning platform exported: what all platforms have in common."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from grader.course.location import TITLE
from grader.intake.entries import listed, shown
from grader.intake.roster import roster_of
from grader.reporting.exports.counting import counting_grades, matching_of, named
from grader.reporting.exports.marked import ColumnError, ExportError, Grade, Told, number
from grader.reporting.exports.sheet import Sheet

Rows = list[list[str]]
NUMBER = re.compile(r"[0-9]+([.,][0-9]+)?")
EMPTY = ("", "-")
"""Cells that hold no grade."""
EXCUSED = ("ex",)
"""What Canvas writes where a student need not hand in."""


@dataclass(frozen=True)
class Column:
    """A column that can take scores.

    place: counted from 0; heading: as the platform writes it; title: the part that the instructor chose;
    points: what it is worth, None where the table does not say.
    """

    place: int
    heading: str
    title: str
    points: float | None = None


@dataclass(frozen=True)
class Layout:
    """Which column of a platform's table is which.

    columns: those that can take scores. people: the table as `roster_of` takes it, with headings that it knows and
    all rows where they were. chosen: headings that it is told. comments: the column for feedback, as HTML.
    """

    columns: Sequence[Column]
    people: Rows
    chosen: Mapping[str, str] = field(default_factory=dict)
    comments: int | None = None


@dataclass(frozen=True)
class Platform:
    """A learning platform's table. layout_of: reads it; None where the table is of another kind.

    remedy: where the instructor finds the table, and what to do where it has no column for the scores.
    """

    name: str
    layout_of: Callable[[Rows], Layout | None]
    remedy: str


def fill(sheet: Sheet, platform: Platform, layout: Layout, grades: Iterable[Grade], wanted: str | None) -> Told:
    """Put grades into a table; what to know of it.

    wanted: the heading or the title of the column that takes the scores. Raises ExportError, and Unreadable where
    the table names its students ambiguously.
    """
    told = Told()
    column = chosen_column(layout.columns, wanted, platform.remedy)
    roster = roster_of(layout.people, layout.chosen)
    values, by_name = sheet.values, {grade.submission.name: grade for grade in grades}
    matching = matching_of(roster, by_name.values())
    counting = counting_grades(roster, matching, by_name, told)
    scale = _scale(column, [*by_name.values()], told)
    is_comma = _has_commas(values)
    for student, grade in counting.items():
        for row in roster.rows[student]:
            cells = [*values[row], *[""] * (column.place + 1 - len(values[row]))]
            if cells[column.place].casefold() in EXCUSED:
                told.add("Excused, and left so", f"{shown(grade.submission.name)}: row {row + 1}")
                continue
            sheet.put(row, column.place, number(grade.score * scale, is_comma))
            if layout.comments is not None:
                before = values[row][layout.comments] if layout.comments < len(values[row]) else ""
                _put_comment(sheet, row, layout.comments, before, grade)
    for absent in matching.absent:
        told.add("Rows without a submission, left as they were", named(absent))
    students = f"{len(counting)} of {len(roster.students)} students"
    told.sentences.insert(0, f"{students} have a score in the column {shown(column.heading)}.")
    return told


def chosen_column(columns: Sequence[Column], wanted: str | None, remedy: str) -> Column:
    """The column that takes the scores: the one that is named, else that of the course's title, else the only one.

    Raises ColumnError where it must be named, or was named wrongly, ExportError where there is none.
    """
    if not columns:
        raise ExportError(f"no column of this table can take scores: {remedy}")
    title = TITLE if wanted is None else wanted
    fitting = [one for one in columns if plain(one.heading) == plain(title)]
    fitting = fitting or [one for one in columns if plain(one.title) == plain(title)]
    if not fitting and wanted is None:
        fitting = [*columns]
    if len(fitting) == 1:
        return fitting[0]
    there = listed([column.heading for column in columns], 20)
    if wanted is None:
        raise ColumnError(f"say which column takes the scores, with --column HEADING; there are {there}")
    how_many = "more than one column" if fitting else "no column that can take scores"
    raise ColumnError(f"{how_many} is headed {shown(wanted)}; there are {there}")


def as_html(grade: Grade) -> str:
    """A comment as the HTML that platforms show; nothing in it is markup that somebody handed in."""
    return "<br>".join(escape(line) for line in grade.comment)


def plain(text: str) -> str:
    """A heading as it is compared."""
    return " ".join(text.split()).casefold()


def points_in(text: str) -> float | None:
    """The number in a cell, with a point or a comma; None where there is another thing."""
    return float(text.replace(",", ".")) if NUMBER.fullmatch(text) else None


def with_headings(rows: Rows, headings: Mapping[int, str]) -> Rows:
    """A table of these columns alone, under headings that `roster_of` knows; its rows stay where they were."""
    return [[*headings.values()], *([*_at(row, headings)] for row in rows[1:])]


def _at(row: list[str], places: Iterable[int]) -> Iterable[str]:
    return (row[place] if place < len(row) else "" for place in places)


def _scale(column: Column, grades: list[Grade], told: Told) -> float:
    """What every score is multiplied by, so that all points of the course are all points of the column."""
    total = max((grade.max_score for grade in grades), default=0.0)
    if column.points is None or column.points == total or not total:
        return 1.0
    worth = f"The column is worth {number(column.points)} points and the course {number(total)}"
    if not column.points:
        told.sentences.append(f"{worth}: scores are written as they are.")
        return 1.0
    told.sentences.append(f"{worth}: every score is multiplied by {column.points / total:g}.")
    return column.points / total


def _has_commas(values: Rows) -> bool:
    """Whether the table writes decimals with a comma."""
    marks = [found[1][0] for row in values for cell in row if (found := NUMBER.fullmatch(cell)) and found[1]]
    return marks.count(",") > marks.count(".")


def _put_comment(sheet: Sheet, row: int, column: int, before: str, grade: Grade) -> None:
    """Write a comment into an empty cell, or over one of the kit's own: what a person wrote there stays."""
    if before in EMPTY or before.startswith(f"{escape(TITLE)}: "):
        text = as_html(grade)
        sheet.put(
            row, column, text if sheet.can_hold(text) else text.encode("ascii", "xmlcharrefreplace").decode()
        )
