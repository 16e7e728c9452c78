"""Brightspace's grades: a CSV file that it exports, and takes back with other scores.

Its help ("Importing grades") names the columns: `OrgDefinedId` or `Username` or both, `<item> Points Grade`,
and `End-of-Line Indicator`, `#` in each row. What is exported has `#` before each id, which keeps spreadsheets
from taking it for a number, and after `Points Grade` what the item is worth: `<Numeric MaxPoints:100
Weight:10>`. An item that is not there is made.
"""

import re
from collections.abc import Iterable

from grader.intake.roster import FIRST, LAST
from grader.reporting.exports.counting import made_rows
from grader.reporting.exports.gradebooks import Column, Layout, Platform, Rows, points_in
from grader.reporting.exports.marked import ExportError, Grade, Told, number

ID, USERNAME, END = "OrgDefinedId", "Username", "End-of-Line Indicator"
REFUSED = '/"*<>+=|,%'
"""Characters that no grade item's name may have in Brightspace."""
_ITEM = re.compile(r"(.*) Points Grade(?: <(.*)>)?", re.DOTALL)
_WORTH = re.compile(r"MaxPoints:([\d.,]+)")


def layout_of(rows: Rows) -> Layout | None:
    """Which column of an export is which; None where this is none of Brightspace's."""
    headings = rows[0]
    plain = [heading.casefold() for heading in headings]
    if END.casefold() not in plain and ID.casefold() not in plain:
        return None
    columns = []
    for place, heading in enumerate(headings):
        if found := _ITEM.fullmatch(heading):
            worth = _WORTH.search(found[2] or "")
            columns.append(Column(place, heading, found[1], points_in(worth[1]) if worth else None))
    has_names = any(name in plain for name in LAST) and any(name in plain for name in FIRST)
    shown = next((name for name in (USERNAME, ID) if name.casefold() in plain), None)
    return Layout(columns, rows, {} if has_names or shown is None else {"name": shown})


def made(grades: Iterable[Grade], title: str, told: Told) -> Rows:
    """Grades of one item, by the ids of the marking's roster: Brightspace's download names nobody by them.

    Raises ExportError where Brightspace would not take the title.
    """
    if any(c in REFUSED for c in title):
        refused = " ".join(REFUSED)
        raise ExportError(f"Brightspace takes no {refused} in a grade item's name: choose another, --column TITLE")
    told.sentences.append(f"{ID} is the first id of the roster with which the cohort was marked.")
    rows = made_rows(grades, _people, f"the {ID} (the download does not, a roster of the marking's would)", told)
    return [[ID, f"{title} Points Grade", END], *rows]


def _people(grade: Grade) -> dict[str, list[str]]:
    """Rows by ids, which stay what they are; what stands before them keeps them from being formulas."""
    return {student.id: [f"#{student.id}", number(grade.score), "#"] for student in grade.students}


BRIGHTSPACE = Platform(
    "Brightspace", layout_of, "make the grade item in Brightspace, and export it with its points grade"
)
