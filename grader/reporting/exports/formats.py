"""The formats to which results are exported, each with what it is for and what it is made by."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from grader.course.location import TITLE
from grader.intake.entries import Unreadable
from grader.reporting.exports import blackboard, brightspace, canvas, ctrf, document, junit, moodle, tables
from grader.reporting.exports.gradebooks import Platform, Rows, fill
from grader.reporting.exports.marked import ColumnError, ExportError, Grade, Marking, Told, grades
from grader.reporting.exports.sheet import sheet_of

Writer = Callable[[Marking], Iterator[bytes]]
Maker = Callable[[Iterable[Grade], str, Told], Rows]


@dataclass(frozen=True)
class Gradebook:
    """A table of a learning platform's: filled where it is given, and made where it is not."""

    platform: Platform
    made: Maker
    encoding: str = "utf-8"
    separator: str = ","


@dataclass(frozen=True)
class Format:
    """A format. what: it is, for help; file: it is called so in the results, `-` is standard output."""

    name: str
    what: str
    file: str
    by: Gradebook | Writer


FORMATS = {
    one.name: one
    for one in (
        Format("canvas", "Canvas's gradebook (CSV)", "canvas.csv", Gradebook(canvas.CANVAS, canvas.made)),
        Format(
            "moodle",
            "Moodle's grading worksheet, with comments (CSV)",
            "moodle.csv",
            Gradebook(moodle.WORKSHEET, moodle.made_worksheet),
        ),
        Format(
            "moodle-gradebook",
            "Moodle's gradebook (CSV)",
            "moodle-gradebook.csv",
            Gradebook(moodle.GRADEBOOK, moodle.made_gradebook),
        ),
        Format(
            "blackboard",
            "Blackboard's grade centre (tabs, UTF-16)",
            "blackboard.xls",
            Gradebook(blackboard.BLACKBOARD, blackboard.made, "utf-16", "\t"),
        ),
        Format(
            "brightspace",
            "Brightspace's grades (CSV)",
            "brightspace.csv",
            Gradebook(brightspace.BRIGHTSPACE, brightspace.made),
        ),
        Format("csv", "every test, a row for each, for spreadsheets", "tests.csv", tables.write_csv),
        Format("parquet", "the same table, for programs", "tests.parquet", tables.write_parquet),
        Format("junit", "JUnit XML, a suite for each submission and stage", "junit.xml", junit.write),
        Format("ctrf", "CTRF JSON, with points", "ctrf.json", ctrf.write),
        Format("json", "all that is known, on standard output", "-", document.write),
    )
}
"""All formats, by name."""


def export(
    form: Format, marking: Marking, into: Path | None = None, column: str | None = None
) -> tuple[Iterator[bytes], Told]:
    """A cohort's results in a format, in pieces, and what to know of it.

    into: a learning platform's own table, which is filled. column: the heading in it that takes the scores, or the
    title of the column in one that is made. Raises ExportError and Unreadable.
    """
    if not isinstance(form.by, Gradebook):
        return form.by(marking), Told()
    told = Told()
    if into is None:
        return iter([_table(form.by.made(grades(marking.marked), column or TITLE, told), form.by)]), told
    sheet = sheet_of(into)
    rows = sheet.values
    if not rows or not any(map(any, rows)):
        raise Unreadable(f"{into}: the file is empty")
    layout = form.by.platform.layout_of(rows)
    if layout is None:
        raise ExportError(f"{into} is not {form.by.platform.name}'s; {_looks_like(rows, form)}")
    try:
        told = fill(sheet, form.by.platform, layout, grades(marking.marked), column)
    except (Unreadable, ColumnError) as error:
        raise type(error)(f"{into}: {error}") from None
    return iter([sheet.content()]), told


def _table(rows: Rows, by: Gradebook) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=by.separator).writerows(rows)
    return text.getvalue().encode(by.encoding)


def _looks_like(rows: Rows, form: Format) -> str:
    """What a table is, that is not of this format."""
    for other in FORMATS.values():
        if other is not form and isinstance(other.by, Gradebook) and other.by.platform.layout_of(rows):
            return f"it looks like {other.what}: chainrule export {other.name}"
    return "its headings are those of no platform that the kit knows"
