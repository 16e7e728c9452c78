"""Blackboard's grade centre: a tab-delimited UTF-16 file that it lets work offline, and takes back.

Its help ("Work offline with grade data") says that a row is a student's by the user name, and a column by the
number at the end of its heading, `Title [Total Pts: 100 Score] |123456`; a column without a number is a new
one. `up to` before the points tells what Blackboard calculates, and takes no scores. Where headings are in
another language, the first four columns are last name, first name, user name and student id.
"""

import re
from collections.abc import Iterable
from itertools import takewhile

from grader.course.points import total_points
from grader.intake.learning_platforms import Submitter
from grader.marking.scores import as_text
from grader.reporting.exports.counting import made_rows
from grader.reporting.exports.gradebooks import (
    Column,
    Layout,
    Platform,
    Rows,
    points_in,
    with_headings,
)
from grader.reporting.exports.marked import Grade, Told, number

PEOPLE = ("Last Name", "First Name", "Username", "Student ID")
_GRADED = re.compile(r"(.*) \[[^\]:]*: ?([\d.,]+) [^\]]*\] ?\|\d+", re.DOTALL)
_ANY = re.compile(r".* \[[^\]:]*:[^\]]*\] ?\|\d+", re.DOTALL)


def layout_of(rows: Rows) -> Layout | None:
    """Which column of a download is which; None where this is none of Blackboard's."""
    headings = rows[0]
    if not any(_ANY.fullmatch(heading) for heading in headings):
        return None
    found = [(place, one) for place, heading in enumerate(headings) if (one := _GRADED.fullmatch(heading))]
    columns = [Column(place, one[0], one[1], points_in(one[2])) for place, one in found]
    first = next(place for place, heading in enumerate(headings) if _ANY.fullmatch(heading))
    if {*PEOPLE[:3]} <= {*headings}:
        return Layout(columns, rows)
    return Layout(columns, with_headings(rows, dict(enumerate(PEOPLE[:first]))))


def made(grades: Iterable[Grade], title: str, told: Told) -> Rows:
    """A table of one column, by the user names that Blackboard's download names, or by the marking's roster."""
    grades = list(grades)
    words = [_words(who) for grade in grades for who in grade.submission.submitters if who.before]
    # what all names of the download begin with is the assignment's; the last word is the user's in any case
    beginnings = zip(*(one[:-1] for one in words), strict=False)
    same = sum(1 for _ in takewhile(lambda each: len({*each}) == 1, beginnings)) if len(words) > 1 else -1

    def people(grade: Grade) -> dict[str, list[str]]:
        """Rows by user names, which stay what they are, as Blackboard goes by them; names are for the eye."""
        users = {"_".join(_words(who)[same:]): who.name or "" for who in grade.submission.submitters if who.before}
        users = users or {student.id: student.name for student in grade.students}
        return {user: [as_text(name), "", user, number(grade.score)] for user, name in users.items()}

    told.sentences.append(f"The upload makes a column {title!r}; --into puts scores into one that is there.")
    head = [*PEOPLE[:3], f"{title} [Total Pts: {number(total_points())} Score]"]
    return [head, *made_rows(grades, people, "the user name", told)]


def _words(who: Submitter) -> list[str]:
    return f"{who.before}_{who.id}".split("_")


BLACKBOARD = Platform(
    "Blackboard", layout_of, "make the column in Blackboard, and download it again (Work Offline, Download)"
)
