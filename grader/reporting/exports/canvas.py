"""Canvas's gradebook: a CSV file that Canvas exports, and takes back with other scores.

What its importer does with a file (lib/gradebook_importer.rb in canvas-lms) decides what is written here.
Columns after `Section` are assignments, `Title (id)`; one that has no id is a new assignment. Headings that
hold `Current Score`, `Final Grade` and the like are passed over wherever they hold it. A row is a student's by
`ID`, else by `SIS User ID`, else by `SIS Login ID`, else by name. Rows `Points Possible` and `Manual Posting`
are of no student. Decimals may have a comma.
"""

import re
from collections.abc import Iterable

from grader.course.points import total_points
from grader.intake.learning_platforms import Submitter
from grader.intake.roster import NO_STUDENT
from grader.marking.scores import as_text
from grader.reporting.exports.counting import made_rows
from grader.reporting.exports.gradebooks import Column, Layout, Platform, Rows, points_in
from grader.reporting.exports.marked import ExportError, Grade, Told, number

TOTALS = tuple(
    f"{which} {what}"
    for which in ("Current", "Final", "Override")
    for what in ("Score", "Points", "Grade", "Status")
)
"""Canvas takes no column whose heading has one of these in it for an assignment's."""
PEOPLE = (
    "Student",
    "LastName",
    "FirstName",
    "ID",
    "SIS User ID",
    "SIS Login ID",
    "Integration ID",
    "Root Account",
)
_ASSIGNMENT = re.compile(r"(.*)\(\d+\)", re.DOTALL)


def layout_of(rows: Rows) -> Layout | None:
    """Which column of a gradebook is which; None where this is none of Canvas's."""
    headings = rows[0]
    if "Section" not in headings or "ID" not in headings or not {"Student", "LastName"} & {*headings}:
        return None
    worth = next((row for row in rows if row[0].casefold().startswith(NO_STUDENT)), [])
    columns = []
    for place in range(headings.index("Section") + 1, len(headings)):
        found, points = _ASSIGNMENT.fullmatch(headings[place]), worth[place] if place < len(worth) else ""
        if found and not _is_total(headings[place]) and (not points or points_in(points) is not None):
            columns.append(Column(place, headings[place], found[1].strip(), points_in(points)))
    return Layout(columns, rows)


def made(grades: Iterable[Grade], title: str, told: Told) -> Rows:
    """A gradebook of one assignment, by the ids in the names of Canvas's download, and by the marking's roster.

    Raises ExportError where Canvas would not take the title.
    """
    if title in (*PEOPLE, "Section") or _is_total(title):
        raise ExportError(f"Canvas keeps the heading {title!r} for itself: name another one with --column TITLE")
    rows = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title]]
    rows.append(["    Points Possible", "", "", "", "", number(total_points())])
    told.sentences.append(f"The import makes an assignment {title!r}; --into puts scores into one that is there.")
    return rows + made_rows(grades, _people, "an id that Canvas knows", told)


def _people(grade: Grade) -> dict[str, list[str]]:
    """Rows by ids, which stay what they are, as Canvas goes by them; names are for the eye, and no formulas.

    Where Canvas's own number is known, it is what counts, and the roster's id beside it is looked at no more.
    """
    users = {f"{who.id}": who.name or "" for who in grade.submission.submitters if _is_canvas(who)}
    rows = {user: [as_text(name), user, "", "", "", number(grade.score)] for user, name in users.items()}
    if not grade.students:
        return rows
    found = {}
    for student in grade.students:
        user = next((user for user in users if user in student.ids), "")
        if not user and len(users) == len(grade.students) == 1:
            [user] = users
        other = next((one for one in (student.id, *student.ids) if one != user), "")
        found[user or other] = [as_text(student.name), user, other, "", "", number(grade.score)]
    return found


def _is_total(heading: str) -> bool:
    return any(total in heading for total in TOTALS)


def _is_canvas(who: Submitter) -> bool:
    """Whether an id is a user's number in Canvas, which stands behind a name in small letters without spaces."""
    number_only = (who.id or "").isdecimal() and not (who.local or who.before or who.email)
    return number_only and bool(who.name) and who.name == "".join((who.name or "").split()).lower()


CANVAS = Platform("Canvas", layout_of, "make the assignment in Canvas, and export the gradebook again")
