"""Students as the gradebook takes them: ids for folders, URLs and CSV files, names in two columns."""

import pytest

from grader.gradebook.enrolment import MAX_ID, Enrolled, enrolled, student_id, submitters
from grader.intake.learning_platforms import Submitter
from grader.intake.roster import Student

PLAIN = ("student-017", "lee_ann.2", "ann@example.org", "Zoë Müller", "Ann Lee_123456", "王小明", "a+b")
LONG = ("x" * 150, "é" * 140)
STRANGE = (  # space, path, pattern, URL, CSV, formula, option, reserved, Unicode, markup and shell
    *("", " ", " a", ".", "..", ".hidden", "a.", "a/b", "..\\a", "a:b", "a?b", "a*", "[ab]", "a#b", "100%", "a,b"),
    *('a"b', "a\nb", "=1+1", "@a", "-rf", "feedback", "{student_id}", *LONG, "e\u0301", "\ud800", "a\u202eb"),
    *("<script>", "a|b", "a&b", "a;b", "$(a)", "`a`", "'a"),
)


@pytest.mark.parametrize("text", PLAIN)
def test_plain_ids_stay(text: str) -> None:
    """An id that fits everywhere is nbgrader's id too."""
    assert student_id(text) == text


@pytest.mark.parametrize("text", STRANGE)
def test_strange_ids_are_changed(text: str) -> None:
    """An id that does not fit becomes one that does, and says whose it is by a digest."""
    made = student_id(text)
    assert made != text
    assert student_id(made) == made
    assert 0 < len(made) <= MAX_ID
    assert len(made.encode("utf-8")) < 256


def test_different_ids_stay_different() -> None:
    """No two students share an id."""
    assert len({student_id(text) for text in (*PLAIN, *STRANGE)}) == len(PLAIN) + len(STRANGE)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("Ann Lee", "Ann", "Lee"),
        ("Lee, Ann", "Ann", "Lee"),
        ("Bob van Dyk", "Bob van", "Dyk"),
        ("Madonna", "", "Madonna"),
        ('Ann "A." Lee, Jr.', "Jr.", "Ann 'A.' Lee"),
        ("=1+1", "", "'=1+1"),
    ],
)
def test_names(name: str, first: str, last: str) -> None:
    """A name is parted, and holds nothing that breaks a line of `nbgrader export` or computes in a spreadsheet."""
    assert enrolled(Student("1", name)) == Enrolled("1", first, last)


def test_email() -> None:
    """An email is the first of a student's ids that is one."""
    assert enrolled(Student("1", "A", ("1", "a@x.org", "b@x.org"))).email == "a@x.org"


def test_submitters() -> None:
    """Without a roster a student goes by the submission's name, and a group's members by what is known of them."""
    assert submitters("lee_1", ()) == [Enrolled("lee_1")]
    ann = Submitter("1", "Ann Lee", "a@x.org")
    assert submitters("lee_1", (ann,)) == [Enrolled("lee_1", "Ann", "Lee", "a@x.org")]
    group = submitters("both", (Submitter("1", "Ann"), Submitter(None, "Bob", "b@x.org")))
    assert [student.id for student in group] == ["1", "b@x.org"]
