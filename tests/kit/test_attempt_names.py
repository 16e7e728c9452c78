"""Downloads of Blackboard, Brightspace and ILIAS: whose a file is, which attempt counts, and when it came."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from handed_in import ONE, put, tarred, under
from sample_cohort import zipped

from grader.course.catalogue import EXERCISES
from grader.intake.attempt_names import of_blackboard, of_brightspace
from grader.intake.learning_platforms import Submitter
from grader.intake.matching import match
from grader.intake.roster import Roster, Student
from grader.intake.submissions import Submission, read_cohort

COURSE = Roster(
    (Student("cd77", "Cleo Day", ("cd77",)), Student("b_o", "Bo Oz", ("b_o",)), Student("o", "Ona Uy", ("o",)))
)
CLEO = "Home_work 1_cd77_attempt_"
DAY = "77-88 - Cleo Day - "


def read(path: Path, files: dict[str, bytes], packed: str = "folder") -> list[Submission]:
    """The cohort that these files are, as a folder or as an archive of everything."""
    if packed == "folder":
        put(path / "all", files)
        return read_cohort(path / "all")
    (path / f"all.{packed}").write_bytes(zipped(files) if packed == "zip" else tarred(files))
    return read_cohort(path / f"all.{packed}")


@pytest.mark.parametrize("packed", ["folder", "zip", "tgz"])
@pytest.mark.parametrize(
    "files",
    [
        {
            f"{CLEO}2025-03-01-10-00-00_stage1_relu.py": b"one = 0\n",
            f"{CLEO}2025-03-01-10-00-00.txt": b"Name: Bo Oz (b_o)\n",
            f"{CLEO}2025-03-02-09-30-00_stage1_relu.py": b"one = 1\n",
            f"{CLEO}2025-03-02-09-30-00.txt": b"",
        },
        {
            f"{CLEO}2025-03-01-10-00-00_stage1_relu.py": b"one = 0\n",
            f"{CLEO}2025-03-02-09-30-00_x.zip": zipped(ONE),
        },
        under(f"{DAY}Mar 1, 2025 1000 AM", {"stage1_relu.py": b"one = 0\n"})
        | under(f"{DAY}Mar 2, 2025 930 AM", ONE)
        | {"index.html": b"<p>"},
        {
            f"{DAY}1 März 2025 1000 - stage1_relu.py": b"one = 0\n",
            f"{DAY}2 März 2025 0930 - stage1_relu.py": b"one = 1\n",
            "index.html": b"<p>",
        },
    ],
    ids=["Blackboard", "Blackboard's zip", "Brightspace", "Brightspace, flat"],
)
def test_attempts(tmp_path: Path, files: dict[str, bytes], packed: str) -> None:
    """All attempts of one learner are one submission; the latest by the platform's time counts, and is when."""
    [cleo] = read(tmp_path, files, packed)
    assert (cleo.error, cleo.sources, cleo.attempt) == (None, {"stage1_relu": "one = 1\n"}, 2)
    assert cleo.handed_in == datetime(2025, 3, 2, 9, 30, tzinfo=UTC)
    assert cleo.notes[0] == "handed in 2 times, last at 2025-03-02 09:30"
    assert [student.id for student in match(COURSE, [cleo]).students[cleo.name]] == ["cd77"]


def test_a_stub_that_came_last(tmp_path: Path) -> None:
    """An earlier attempt with work counts before a later one without, and it is when that one came."""
    stub = (EXERCISES / "stage1_relu.py").read_bytes()
    files = {f"{CLEO}2025-03-01-10-00-00_stage1_relu.py": b"def relu(a): return a\n"}
    files |= {f"{CLEO}2025-03-02-10-00-00_stage1_relu.py": stub}
    [cleo] = read(tmp_path, files)
    assert cleo.sources == {"stage1_relu": "def relu(a): return a\n"}
    assert cleo.handed_in == datetime(2025, 3, 1, 10, tzinfo=UTC)


def test_an_attempt_without_a_file(tmp_path: Path) -> None:
    """Who only wrote a comment is rejected, and not missing."""
    files = {
        f"{CLEO}2025-03-01-10-00-00.txt": b"",
        "Home_work 1_o_attempt_2025-03-01-10-00-00_stage1_relu.py": b"1",
    }
    by_name = {one.name: one for one in read(tmp_path, files)}
    assert by_name["cd77"].error
    assert by_name["o"].error is None


def test_a_user_whose_name_has_an_underscore(tmp_path: Path) -> None:
    """Where two ids of the roster end a name, it is nobody's, and both are told."""
    [bo] = read(tmp_path, under("", {"Home_b_o_attempt_2025-03-01-10-00-00_stage1_relu.py": b"1"}), "zip")
    assert match(COURSE, [bo]).unmatched == {"o": "may be of Bo Oz (b_o), Ona Uy (o)"}


def test_the_assignments_name_is_what_all_begin_with(tmp_path: Path) -> None:
    """What is left behind the words that all names share is the user's, whose last word may be another's id."""
    files = {
        f"Home_{user}_attempt_2025-03-01-10-00-00_stage1_relu.py": b"1" for user in ("b_o", "x_o", "cd77", "o")
    }
    matching = match(COURSE, read(tmp_path, files))
    found = {student.id for students in matching.students.values() for student in students}
    assert found == {"b_o", "cd77", "o"}
    assert len(matching.unmatched) == 1


@pytest.mark.parametrize(
    "file",
    [
        "x_attempt_2025-03-09-10-00-00_stage1_relu.py",
        "o_4711_99999_stage1_relu.py",
        "Ona Uy_4711_assignsubmission_file_stage1_relu.py",
        "x - Mar 9, 2025 0900 AM - stage1_relu.py",
    ],
)
@pytest.mark.parametrize(
    ("before", "who"),
    [
        (f"{CLEO}2025-03-01-10-00-00_", "cd77"),
        (f"{DAY}Mar 1, 2025 1000 AM - ", "Cleo Day_77-88"),
        ("cleo_666_90000_", "cleo_666"),
        ("anon_C1e0_90000_", "anon_C1e0"),
        ("Cleo Day_666_assignsubmission_file_", "Cleo Day_666"),
    ],
)
def test_a_files_own_name_tells_nothing(tmp_path: Path, before: str, who: str, file: str) -> None:
    """Whatever a learner calls a file, it is of whom the platform names, as the only one there is."""
    assert [one.name for one in read(tmp_path, {before + file: b"one = 1\n"}, "zip")] == [who]


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        *(("Nov 22, 2025 0900 AM", 9), ("Nov 22, 2025 900 PM", 21), ("22 November, 2025 1400", 14)),
        *(("22 novembre 2025 1400", 14), ("22. Nov. 2025 14:00", 14), ("22 de noviembre de 2025 1400", 14)),
    ],
)
def test_brightspaces_times(written: str, hour: int) -> None:
    """Times are read in the languages of courses, with or without the colon."""
    found = of_brightspace(f"1-2 - May - Ann 2 - {written}", True)
    assert found
    assert (found.submitters[0].name, found.created) == ("May - Ann 2", datetime(2025, 11, 22, hour, tzinfo=UTC))


@pytest.mark.parametrize(
    "name",
    [
        *("a_attempt_2025-03-01-10-00-00_x.py", "a_b_attempt_2025-03-01_x.py", "a_b_attempt_2025-03-01-10-00-00"),
        *("a_b_attempt_2025-13-01-10-00-00_x.py", "1-2 - Ann", "1 - Ann - Nov 22, 2025 0900 AM"),
        *("1-2 - Ann - Nov 2025", "_attempt_" * 10**4, "1-2" + " - " * 10**4, "1-2 - " + "9" * 10**5),
    ],
)
def test_other_names(name: str) -> None:
    """Names that fit no pattern are of neither platform."""
    assert of_blackboard(name, True) is None
    assert of_brightspace(name, True) is None


@pytest.mark.parametrize(
    ("name", "ids"),
    [("Day_Cleo_cd77_123", ["cd77"]), ("Oz_Bo_cd77_123", []), ("Oz_Bo_b_o_1", []), ("Day_Cleo_cd77_x", [])],
)
def test_ilias(name: str, ids: list[str]) -> None:
    """ILIAS's folder is of who has both the name and the login in it."""
    assert [student.id for student in match(COURSE, [Submission(name)]).students[name]] == ids


def test_a_folders_number_is_no_id() -> None:
    """Brightspace's numbers are not the ids of a roster."""
    roster = Roster((Student("77-88", "Bo Oz", ("77-88",)),))
    who = Submission("x", submitters=(Submitter("77-88", "Cleo Day", local=True),))
    assert match(roster, [who]).unmatched.keys() == {"x"}
