"""The roster: who is in the course, and whose submission is whose.

A submission is matched to a student by the first of these that fits:

1. the id or the email of a submitter that the learning platform names is one of the student's ids;
2. the name that the platform gives is the student's, whatever its case, accents and punctuation: `ann lee`,
   `Lee, Ann` and `Ann Lee` are one;
3. the same with the words in another order around, or run together, as Canvas writes `leeann`.

Where no platform names anybody, the submission's own name stands for id and name.
Where a rule fits two students, the submission matches nobody, and the reason says whom it could be of.
"""

import csv
import io
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from grader.intake.entries import Unreadable, listed, shown
from grader.intake.learning_platforms import Submitter
from grader.intake.submissions import Submission
from grader.plain_text import plain_text

MAX_ROSTER = 2**24
"""Bytes of a roster at the most."""
IDS = (
    *("id", "student id", "studentid", "student number", "sid", "sis user id", "id number", "identifier"),
    *("sis login id", "login id", "username", "user name", "login", "email", "email address", "e-mail"),
)
"""Headings of columns with ids; a student is shown by the first of them that is there, and matched by all."""
NAMES = ("name", "full name", "student name", "student")
LAST = ("last name", "surname", "family name", "lastname")
FIRST = ("first name", "given name", "firstname", "given names")
NO_STUDENT = ("points possible",)
"""What stands in the place of a name in a row of Canvas's gradebook that is of no student."""
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
    """The students of a course, in the roster's order."""

    students: tuple[Student, ...]


@dataclass(frozen=True)
class Matching:
    """Whose submission is whose.

    students: of each submission, by its name; several for a group, none where it matches nobody.
    absent: who submitted nothing. unmatched: submissions that match nobody, by name, with the reason.
    several: by the student's id, the submissions of who has more than one.
    """

    students: dict[str, tuple[Student, ...]] = field(default_factory=dict)
    absent: tuple[Student, ...] = ()
    unmatched: dict[str, str] = field(default_factory=dict)
    several: dict[str, tuple[str, ...]] = field(default_factory=dict)


def read_roster(path: Path) -> Roster:
    """The roster in a CSV file, as Excel, Canvas, Moodle and Gradescope write them.

    Its columns are found by their headings: one or more of IDS, and one of NAMES, or one each of LAST and FIRST.
    Raises Unreadable with what is wrong, and in which row.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_ROSTER + 1)
    except OSError as error:
        raise Unreadable(f"{path}: {error.strerror}") from None
    try:
        if len(content) > MAX_ROSTER:
            raise Unreadable(f"larger than the {MAX_ROSTER >> 20} MiB that are read")
        return Roster(tuple(_students(_rows(_decoded(content)))))
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from None


def match(roster: Roster, cohort: Iterable[Submission]) -> Matching:
    """Find each submission's student, by the rules at the top of this module."""
    rules = _rules(roster)
    matching = Matching()
    handed_in: dict[str, list[str]] = {}
    for submission in cohort:
        found: dict[str, Student] = {}
        reasons = []
        for who in submission.submitters or (Submitter(),):
            fitting = _fitting(rules, who, None if submission.submitters else submission.name)
            if len(fitting) == 1:
                found[fitting[0].id] = fitting[0]
            elif fitting:
                reasons.append(f"may be of {listed(f'{s.name} ({s.id})' for s in fitting)}")
            else:
                reasons.append(f"nobody in the roster fits {shown(who.name or who.id or submission.name)}")
        matching.students[submission.name] = tuple(found.values())
        if reasons:
            matching.unmatched[submission.name] = "; ".join(reasons)
        for student in found:
            handed_in.setdefault(student, []).append(submission.name)
    return Matching(
        matching.students,
        tuple(student for student in roster.students if student.id not in handed_in),
        matching.unmatched,
        {student: tuple(names) for student, names in handed_in.items() if len(names) > 1},
    )


Rule = Callable[[Submitter, str | None], list[Student]]


def _rules(roster: Roster) -> list[Rule]:
    """The rules in their order, each with the students that fit a submitter and a submission's name."""
    by_id = _index((key, s) for s in roster.students for key in {_plain_id(i) for i in s.ids})
    by_name = _index((_plain(s.name), s) for s in roster.students)
    by_turn = _index((key, s) for s in roster.students for key in _turns(s.name))

    def ids(who: Submitter, name: str | None) -> list[Student]:
        return _in(by_id, (_plain_id(text) for text in (name, who.id, who.email) if text))

    def names(who: Submitter, name: str | None) -> list[Student]:
        return _in(by_name, (_plain(text) for text in (who.name, name) if text))

    def turns(who: Submitter, name: str | None) -> list[Student]:
        return _in(by_turn, (_plain(text).replace(" ", "") for text in (who.name, name) if text))

    return [ids, names, turns]


def _fitting(rules: list[Rule], who: Submitter, name: str | None) -> list[Student]:
    return next((fitting for rule in rules if (fitting := rule(who, name))), [])


def _index(pairs: Iterable[tuple[str, Student]]) -> dict[str, list[Student]]:
    index: dict[str, list[Student]] = {}
    for key, student in pairs:
        if key:
            index.setdefault(key, []).append(student)
    return index


def _in(index: dict[str, list[Student]], keys: Iterable[str]) -> list[Student]:
    """Who is found under the first of the keys that finds anybody."""
    return next((index[key] for key in keys if key in index), [])


def _plain_id(text: str) -> str:
    return text.strip().casefold()


def _plain(name: str) -> str:
    """A name's words in lower case without accents and punctuation, the first names first."""
    last, comma, first = name.partition(",")
    name = f"{first} {last}" if comma else name
    letters = unicodedata.normalize("NFKD", name.casefold().translate(LETTERS))
    text = "".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c))
    return " ".join(text.split())


def _turns(name: str) -> set[str]:
    """A name's words run together, starting with each: wherever the last name begins, one puts it in front."""
    words = _plain(name).split()
    return {"".join(words[n:] + words[:n]) for n in range(len(words))}


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"not UTF-8 text (byte {error.start}); save it as “CSV UTF-8”") from None


def _rows(text: str) -> list[list[str]]:
    """The table's rows, blank ones too, so that their numbers are those that a spreadsheet shows."""
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text.partition("\n")[0], delimiters=",;\t")
    except csv.Error:
        dialect = csv.excel
    try:
        return [
            [cell.strip() for cell in row]
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=dialect.delimiter)
        ]
    except csv.Error as error:
        raise Unreadable(f"not a table: {error}") from None


def _students(rows: list[list[str]]) -> Iterable[Student]:
    headings = [heading.casefold() for heading in rows[0]] if rows else []
    ids = [headings.index(heading) for heading in IDS if heading in headings]
    names = [_columns(headings, [NAMES]), _columns(headings, [FIRST, LAST])]
    columns = next((found for found in names if found), None)
    if not ids or not columns:
        missing = "an id (id, SID, student number …)" if not ids else "a name (name, or first name and last name)"
        raise Unreadable(f"no column is headed as {missing}; it has {listed(rows[0] if rows else [])}")
    seen: dict[str, int] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = row + [""] * (len(headings) - len(row))
        name = " ".join(" ".join(cells[column] for column in columns).split())
        if not any(cells) or name.casefold() in NO_STUDENT:
            continue
        found = [cells[column] for column in ids if cells[column]]
        if not found or not name:
            raise Unreadable(f"row {number} has no {'name' if found else 'id'}")
        key = _plain_id(found[0])
        if key in seen:
            raise Unreadable(f"rows {seen[key]} and {number} have the same id: {shown(found[0])}")
        seen[key] = number
        numbers = filter(None, map(_participant, found))
        yield Student(plain_text(found[0]), plain_text(name), tuple(dict.fromkeys([*found, *numbers])))


def _participant(text: str) -> str:
    """The number in `Participant 678`, as Moodle's grading worksheet writes it; "" in any other text."""
    before, _, number = text.rpartition(" ")
    return number if number.isdecimal() and before and not any(c.isdecimal() for c in before) else ""


def _columns(headings: list[str], wanted: list[tuple[str, ...]]) -> list[int]:
    """Where one heading of each kind is; nothing unless all are there."""
    found = [next((headings.index(h) for h in kind if h in headings), None) for kind in wanted]
    return [column for column in found if column is not None] if None not in found else []
