"""The roster: who is in the course, and whose submission is whose.

A submission is matched to a student by the first of these that fits:

1. the id or the email of a submitter that the learning platform names is one of the student's ids; a number that
   Moodle gives out for one assignment is so only where the roster has it as `Participant 678`;
2. the name that the platform gives is the student's, whatever its case, accents and punctuation: `ann lee`,
   `Lee, Ann` and `Ann Lee` are one;
3. the same with the words in another order around, or run together, as Canvas writes `leeann`.

Where no platform names anybody, the submission's own name stands for id and name.
Where a rule fits two students, the submission matches nobody, and the reason says whom it could be of.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import takewhile
from pathlib import Path

from grader.intake.entries import Unreadable, listed, shown
from grader.intake.learning_platforms import Submitter
from grader.intake.submissions import Submission
from grader.intake.tables import rows_of
from grader.plain_text import plain_text

MAX_ROSTER = 2**24
"""Bytes of a roster at the most."""
IDS = (
    *(
        "orgdefinedid",
        "id",
        "student id",
        "studentid",
        "student number",
        "sid",
        "sis user id",
        "id number",
        "identifier",
    ),
    *("sis login id", "login id", "username", "user name", "login", "email", "email address", "e-mail"),
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


def read_roster(path: Path, columns: Mapping[str, str] | None = None) -> Roster:
    """The roster in a CSV file, as Excel, Canvas, Moodle, Gradescope and Brightspace write them.

    Its columns are found by their headings: one or more of IDS, and one of NAMES, or one each of LAST and FIRST.
    columns: other headings, by what of CHOICES they hold.
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
        return Roster(tuple(_students(rows_of(content), columns or {})))
    except Unreadable as error:
        raise Unreadable(f"{path}: {error}") from None


def match(roster: Roster, cohort: Iterable[Submission]) -> Matching:
    """Find each submission's student, by the rules at the top of this module."""
    cohort = list(cohort)
    rules = _rules(roster, _assignment([who for one in cohort for who in one.submitters]))
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


def _rules(roster: Roster, assignment: int) -> list[Rule]:
    """The rules in their order, each with the students that fit a submitter and a submission's name."""
    by_id = _index((key, s) for s in roster.students for key in {_plain_id(i) for i in s.ids})
    by_name = _index((_plain(s.name), s) for s in roster.students)
    by_turn = _index((key, s) for s in roster.students for key in _turns(s.name))

    by_participant = _index((_participant(i), s) for s in roster.students for i in s.ids)

    def ids(who: Submitter, name: str | None) -> list[Student]:
        if who.local:
            return _in(by_participant, [who.id or ""])
        if who.before and who.id:
            return _ending(by_id, f"{who.before}_{who.id}".split("_"), assignment)
        return _in(by_id, (_plain_id(text) for text in (name, who.id, who.email) if text))

    def ilias(who: Submitter, name: str | None) -> list[Student]:
        """Who has both the login and the name in `Lee_Ann_alee_123`, as ILIAS calls a learner's folder."""
        words, login, number = ["", "", *(name or "").rsplit("_", 2)][-3:]
        fitting = by_id.get(_plain_id(login), []) if number.isdecimal() else []
        return [student for student in fitting if _plain(words).replace(" ", "") in _turns(student.name)]

    def names(who: Submitter, name: str | None) -> list[Student]:
        return _in(by_name, (_plain(text) for text in (who.name, name) if text))

    def turns(who: Submitter, name: str | None) -> list[Student]:
        return _in(by_turn, (_plain(text).replace(" ", "") for text in (who.name, name) if text))

    return [ids, ilias, names, turns]


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


def _assignment(submitters: list[Submitter]) -> int:
    """Words at the most that may be an assignment's name in Blackboard: all submissions begin with the same."""
    beginnings = [f"{who.before}_{who.id}".split("_")[:-1] for who in submitters if who.before]
    shared = takewhile(lambda words: len(set(words)) == 1, zip(*beginnings, strict=False))
    return sum(1 for _ in shared)


def _ending(index: dict[str, list[Student]], words: list[str], most: int) -> list[Student]:
    """Who have an id of the words' last, all but one to `most` of the first."""
    keys = (_plain_id("_".join(words[n:])) for n in range(1, most + 1))
    return list({student.id: student for key in keys for student in index.get(key, [])}.values())


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


def _students(rows: list[list[str]], chosen: Mapping[str, str]) -> Iterable[Student]:
    """Each student once, in the order of their first rows: who is in two sections has two, with the same name."""
    top = 1 if len(rows) > 1 and not rows[0] else 0  # below a line that names the separator
    headings = [heading.casefold() for heading in rows[top]] if rows else []
    ids, columns = _columns_of(rows[top] if rows else [], headings, chosen)
    seen: dict[str, tuple[int, Student]] = {}
    for number, row in enumerate(rows[top + 1 :], top + 2):
        cells = row + [""] * (len(headings) - len(row))
        name = " ".join(" ".join(cells[column] for column in columns).split())
        # Brightspace puts # before each id, which keeps spreadsheets from taking it for a number
        found = [text for column in ids if (text := cells[column].removeprefix("#"))]
        if not (name or found) or _is_no_student(name, dict(zip(headings, cells, strict=False))):
            continue
        if not found or not name:
            raise Unreadable(f"row {number} has no {'name' if found else 'id'}")
        student = Student(plain_text(found[0]), plain_text(name), tuple(dict.fromkeys(found)))
        key = _plain_id(found[0])
        first, known = seen.setdefault(key, (number, student))
        if _plain(known.name) != _plain(student.name):
            raise Unreadable(
                f"rows {first} and {number} have the same id: {shown(found[0])}, of {shown(known.name)} and of "
                f"{shown(name)}"
            )
        seen[key] = (first, replace(known, ids=tuple(dict.fromkeys([*known.ids, *found]))))
    return [student for _, student in seen.values()]


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
            f"no column is headed as {missing}; it has {listed(row, MAX_LISTED)}. Say which it is with --column, "
            "as in --column id=Matrikelnummer"
        )
    return list(dict.fromkeys(ids)), [column for column in columns if column is not None]


def _first(headings: list[str], wanted: tuple[str, ...]) -> int | None:
    return next((headings.index(heading) for heading in wanted if heading in headings), None)


def _participant(text: str) -> str:
    """The number in `Participant 678`, as Moodle's grading worksheet writes it; "" in any other text."""
    before, _, number = text.rpartition(" ")
    return number if number.isdecimal() and before and not any(c.isdecimal() for c in before) else ""
