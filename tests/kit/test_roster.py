"""Rosters: read as spreadsheets and platforms write them, and matched to submissions by rules that can be told."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake.entries import Unreadable
from grader.intake.learning_platforms import Submitter
from grader.intake.matching import match
from grader.intake.roster import Roster, Student, read_roster
from grader.intake.submissions import Submission


def roster(path: Path, content: str | bytes, **columns: str) -> Roster:
    """The roster that a file of this content is."""
    (path / "roster.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_roster(path / "roster.csv", columns)


ANN, BOB = Student("s1", "Ann Lee", ("s1",)), Student("s2", "Bob Ray", ("s2",))
PLAIN = "id,name\ns1,Ann Lee\ns2,Bob Ray\n"


WAYS: dict[str, str | bytes] = {
    "plain": PLAIN,
    "BOM": PLAIN.encode("utf-8-sig"),
    "semicolons": PLAIN.replace(",", ";").replace("\n", "\r\n"),
    "tabs, UTF-16": PLAIN.replace(",", "\t").encode("utf-16"),
    "more columns": "Name,Section,ID,Comment\nAnn Lee,A,s1,\nBob Ray,B,s2,\n",
    "Moodle": "Surname;First name;ID number;City\nLee;Ann;s1;Bonn\n Ray ;Bob; s2 ;Ulm\n",
    "quotes, blanks": 'ID,"Full name"\n"s1","Ann  Lee"\n\n,\ns2,Bob Ray\n',
    "ragged": "id,name\ns1,Ann Lee,and,more\ns2,Bob Ray",
    "sep=;": "sep=;\r\nid;name\r\ns1;Ann Lee\r\ns2;Bob Ray\r\n",
    "sep=tab": "sep=\t\nid\tname\ns1\tAnn Lee\ns2\tBob Ray\n",
    "two sections": 'id,name,section\ns1,Ann Lee,A\ns2,Bob Ray,A\ns1,"Lee, Ann",B\n',
    "Gradescope": "Name,SID,Role\nAnn Lee,s1,Student\nX,s8,Instructor\nY,,TA\nBob Ray,s2,\nZ,s9,Reader\n",
    "Brightspace": "OrgDefinedId,Last Name,First Name,End-of-Line Indicator\n#s1,Lee,Ann,#\n#s2,Ray,Bob,#\n",
    "Canvas": "Student,ID,Section,HW (1)\n,,,Manual Posting\n    Points Possible,,,9\nAnn Lee,s1,A,\n"
    'Bob Ray,s2,A,\n"Student, Test",s9,A,\n',
}


@pytest.mark.parametrize("content", WAYS.values(), ids=WAYS)
def test_ways_to_write_a_roster(tmp_path: Path, content: str | bytes) -> None:
    """Columns are found by their headings, whatever the spreadsheet's way of writing; others are ignored."""
    assert roster(tmp_path, content).students == (ANN, BOB)


def test_a_quoted_comma_parts_no_columns(tmp_path: Path) -> None:
    """Two columns between semicolons are two, though a quoted comma in every row would make two as well."""
    content = 'Nummer;"Nachname, Vorname"\ns1;"Lee, Ann"\ns2;"Ray, Bob"\n'
    found = roster(tmp_path, content, id="Nummer", name="Nachname, Vorname").students
    assert [(student.id, student.name) for student in found] == [("s1", "Lee, Ann"), ("s2", "Ray, Bob")]


CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,HW (9)\n    Points Possible,,,,,100\n"
MOODLE = "Identifier,Full name,ID number,Email address\nParticipant 678,Ann Lee,s1,a@x.org\n"


@pytest.mark.parametrize(
    ("content", "name", "ids"),
    [
        (f'{CANVAS}"Lee, Ann",12345,s1,alee,A,50\n', "Lee, Ann", ("12345", "s1", "alee")),
        (MOODLE, "Ann Lee", ("s1", "Participant 678", "a@x.org")),
        ("First Name,Last Name,SID,Email,Role\nAnn,Lee,s1,a@x.org,Student\n", "Ann Lee", ("s1", "a@x.org")),
        ("id,name\ns1,Zoë Müller\n".encode("cp1252"), "Zoë Müller", ("s1",)),
        ('id,name\ns1,"Student, Test"\n', "Student, Test", ("s1",)),
    ],
    ids=["Canvas", "Moodle", "Gradescope", "Windows-1252", "a test student elsewhere"],
)
def test_platforms_tables(tmp_path: Path, content: str | bytes, name: str, ids: tuple[str, ...]) -> None:
    """The tables that Canvas, Moodle and Gradescope export are rosters, with all the ids that they have.

    What is not UTF-8 is Excel's own encoding. Only in Canvas's table is `Student, Test` nobody.
    """
    assert roster(tmp_path, content).students == (Student(ids[0], name, ids),)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no column is headed as an id"),
        ("number,name\n1,Ann\n", "no column is headed as an id .*; it has name, number"),
        ("id,last name\n1,Lee\n", "no column is headed as a name"),
        ("id,name\ns1,Ann\nS1 ,Bob\n", "rows 2 and 3 have the same id: S1"),
        ("id,name\ns1,Ann\n\n,Bob\n", "row 4 has no id"),
        ("id,name\ns1,\n", "row 2 has no name"),
        (b"id,name\ns1,Zo\x81\n", "neither UTF-8 nor Windows-1252 text .*; save it as “CSV UTF-8”"),
        (b"id,name\n" + b"x" * 2**24, "larger than the 16 MiB"),
        ("id,name\ns1," + "x" * 2**18, "not a table"),
    ],
)
def test_what_is_no_roster(tmp_path: Path, content: str | bytes, reason: str) -> None:
    """A roster that cannot be read, or not without a doubt, says what is wrong and where."""
    with pytest.raises(Unreadable, match=reason):
        roster(tmp_path, content)


def test_what_is_not_there(tmp_path: Path) -> None:
    """A path without a file says so; where no column has a heading that is told, all that there are are named."""
    for path, reason in ((tmp_path / "roster.csv", "No such file"), (tmp_path, "directory")):
        with pytest.raises(Unreadable, match=reason):
            read_roster(path)
    with pytest.raises(Unreadable, match="no column is headed Nummer; it has a, b, c, d, id, name, z"):
        roster(tmp_path, "id,name,a,b,c,d,z\ns1,Ann,,,,,\n", id="Nummer")


IN_GERMAN = 'Kurs,Matrikelnummer,"Nachname, Vorname",E\nA,s1,"Lee, Ann",a@x.org\n'
IN_PARTS = "Vorname;Nachname;Mail\nAnn;Lee;a@x.org\n"


@pytest.mark.parametrize(
    ("content", "columns", "student"),
    [
        (IN_GERMAN, {"id": "Matrikelnummer", "name": "Nachname, Vorname"}, ("s1", "Lee, Ann")),
        (IN_GERMAN, {"id": " matrikelnummer", "name": "nachname, vorname"}, ("s1", "Lee, Ann")),
        ("ID,Matrikelnummer,name\nA,s1,Ann\n", {"id": "Matrikelnummer"}, ("s1", "Ann")),
        (IN_PARTS, {"first": "Vorname", "last": "Nachname", "email": "Mail"}, ("a@x.org", "Ann Lee")),
    ],
)
def test_headings_that_are_told(
    tmp_path: Path, content: str, columns: dict[str, str], student: tuple[str, str]
) -> None:
    """A heading in another language, or of a part of a name, is found when it is told, and comes first."""
    [ann] = roster(tmp_path, content, **columns).students
    assert (ann.id, ann.name) == student


def test_a_participants_number_is_no_id(tmp_path: Path) -> None:
    """Moodle's number of a participant is not the id of somebody who happens to have the same."""
    moodle = "Identifier,Full name,ID number\nParticipant 678,Ann Lee,1\nParticipant 1,Bob Ray,678\n"
    who = submission("x", Submitter("678", "Somebody", local=True))
    assert [s.name for s in match(roster(tmp_path, moodle), [who]).students["x"]] == ["Ann Lee"]
    plain = roster(tmp_path, "id,name\n678,Bob Ray\n5,Ann Lee\n")
    assert match(plain, [who]).unmatched.keys() == {"x"}
    other = submission("x", Submitter("678", "Ann Lee", local=True))
    assert [s.name for s in match(plain, [other]).students["x"]] == ["Ann Lee"]


@given(st.binary(max_size=200) | st.text(st.sampled_from('id,name;\t"\n\r1x'), max_size=80).map(str.encode))
def test_any_bytes(content: bytes) -> None:
    """Any bytes are a roster or say why they are none."""
    with tempfile.TemporaryDirectory() as temporary:
        try:
            found = roster(Path(temporary), content)
        except Unreadable:
            return
        assert match(found, []).absent == found.students


def submission(name: str, *submitters: Submitter) -> Submission:
    """A submission of whom a platform names."""
    return Submission(name, submitters=submitters)


def named(*who: str | None) -> Submission:
    """A submission of whom a platform names by an id, a name, an email."""
    return submission("x", Submitter(*who))


NAMES = {"s2": "Søren O'Neil-Müller", "s3": "van der Berg, Zoë Mia", "s4": "Lee Ann", "s5": "王小明"}
OTHERS = (Student(id, name, (id,)) for id, name in NAMES.items())
COURSE = Roster((Student("s1", "Ann Lee", ("s1", "ann@example.org", "12345")), *OTHERS))


ANNS = [submission("s1"), submission("S1"), named("12345", "somebody"), named(None, None, "Ann@Example.org")]
ANNS += [submission("ann lee"), submission("Lee, Ann"), named("77", "Ann Lee")]
FITS: dict[str, list[Submission]] = {
    "s1": ANNS,
    "s4": [named("77", "lee ann")],
    "s2": [submission("soren_o'neil_muller"), named("8", "oneilmüllersøren")],
    "s3": [named("8", "Zoe\u0308 Mia van der Berg"), named("8", "vanderbergzoëmia")],
    "s5": [named("8", "王小明")],
    "s1 s2": [submission("x", Submitter("s1"), Submitter("s2"))],
    "s2 s3": [submission("s1", Submitter("s2"), Submitter("s3"))],
    "": [named("8", "leeann"), submission("nobody"), submission(""), submission("!?", Submitter(None, "…"))],
}


@pytest.mark.parametrize(("ids", "handed_in"), [(ids, one) for ids, several in FITS.items() for one in several])
def test_rules(ids: str, handed_in: Submission) -> None:
    """An id comes before a name, a name as it stands before one turned around; what fits two fits nobody."""
    matching = match(COURSE, [handed_in])
    assert [student.id for student in matching.students[handed_in.name]] == ids.split()
    assert [student.id for student in matching.absent] == [
        s.id for s in COURSE.students if s.id not in ids.split()
    ]
    assert (handed_in.name in matching.unmatched) == (not ids)


BOTH = Roster((Student("1", "Ann", ("1", "77")), Student("77", "Bob", ("77",))))
"""Two students with one id, as different platforms give them."""


@pytest.mark.parametrize(
    ("handed_in", "ids", "unmatched", "course"),
    [
        (named("8", "leeann"), [], "may be of Ann Lee (s1), Lee Ann (s4)", COURSE),
        (named("9", "x\u202ey"), [], "nobody in the roster fits x\\u202ey", COURSE),
        (submission("c"), [], "nobody in the roster fits c", COURSE),
        (
            submission("x", Submitter("s1"), Submitter(None, "Eve")),
            ["s1"],
            "nobody in the roster fits Eve",
            COURSE,
        ),
        (named("77"), [], "may be of Ann (1), Bob (77)", BOTH),
    ],
)
def test_reasons(handed_in: Submission, ids: list[str], unmatched: str, course: Roster) -> None:
    """Whom a submission could be of, or that it is of nobody, is said, of a group too; names are shown safely."""
    matching = match(course, [handed_in])
    assert [student.id for student in matching.students[handed_in.name]] == ids
    assert matching.unmatched == {handed_in.name: unmatched}


def test_names_of_submissions() -> None:
    """Where a platform names who handed in, the submission's name, made of what people choose, is no id.

    A student with more than one submission is pointed out.
    """
    matching = match(COURSE, [submission("s1", Submitter("77", "s1")), submission("s2", Submitter(None, "s2"))])
    assert matching.unmatched.keys() == {"s1", "s2"}
    matching = match(COURSE, [submission("s1"), submission("Ann Lee"), submission("s2")])
    assert matching.several == {"s1": ("s1", "Ann Lee")}
