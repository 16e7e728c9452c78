"""Exports of learning platforms: whose a file is, which of them counts, and when it came."""

import json
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest
from handed_in import FIRST, ONE, READ_ONE, READ_TWO, TWO, Files, put, read_all, tarred, under, zipped

from grader.course.catalogue import STAGES
from grader.course.location import EXERCISES
from grader.intake.attempt_names import of_blackboard, of_brightspace
from grader.intake.entries import Unreadable, within_bounds
from grader.intake.gradescope import read_metadata
from grader.intake.learning_platforms import Submitter
from grader.intake.matching import match
from grader.intake.platform_exports import platform_of
from grader.intake.roster import Roster, Student
from grader.intake.submissions import Submission, read_cohort

STAGE = FIRST.file
MOODLE = "Ann Lee_123456_assignsubmission_"
LEE, BOB = Submitter("12345", "leeann"), Submitter("77", "bobray")
OF_BOB = {"bobray_77_4000_stage2_slope.py": b"two = 2\n"}
"""A learner's file in a download of Canvas's."""
PACKED = pytest.mark.parametrize("packed", ["folder", "zip", "tgz"])
FROM_CANVAS: dict[str, Files] = {
    "files": {f"leeann_12345_67891{n}_{name}": text for n, (name, text) in enumerate((ONE | TWO).items())},
    "zip": {"leeann_12345_678910_homework.zip": zipped(ONE | TWO)},
    "zip and more": {"leeann_12345_678910_h.zip": zipped(under("h", ONE | TWO)), "leeann_12345_67899_a.pdf": b""},
    "two archives": {"leeann_12345_678910_one.zip": zipped(ONE), "leeann_12345_678911_two.tar.gz": tarred(TWO)},
    "zip and file": {
        "leeann_12345_678910_h.zip": zipped(ONE),
        "leeann_12345_678911_stage2_slope.py": b"two = 2\n",
    },
    "unpacked": under("leeann_12345_678910_homework", ONE | TWO),
    "parts": {"leeann_12345_678910_part-1.zip": zipped(ONE), "leeann_12345_678911_part-2.zip": zipped(TWO)},
}


@PACKED
@pytest.mark.parametrize("files", FROM_CANVAS.values(), ids=FROM_CANVAS)
def test_canvas(tmp_path: Path, files: Files, packed: str) -> None:
    """All files of one learner in Canvas's download are one submission, named after the learner."""
    bob, ann = read_all(tmp_path, files | OF_BOB, packed)
    assert (ann.name, ann.student, bob.name) == ("leeann_12345", "12345", "bobray_77")
    assert ann.sources == READ_ONE | READ_TWO
    assert (ann.submitters, ann.attempt, ann.notes) == ((LEE,), 1, ())


@pytest.mark.parametrize(
    ("names", "used", "attempt"),
    [
        (["678910_stage1_double.py", "678999_stage1_double-1.py"], "stage1_double-1.py", 2),
        (
            ["678999_stage1_double-2.py", "678910_stage1_double.py", "678950_stage1_double-1.py"],
            "stage1_double-2.py",
            3,
        ),
        (["678999_stage1_double.py", "678910_stage1_double.py"], "stage1_double.py", 1),
        (["99999_stage1_double-9.py", "100000_stage1_double-10.py"], "stage1_double-10.py", 11),
    ],
)
def test_the_latest_upload_counts(tmp_path: Path, names: list[str], used: str, attempt: int) -> None:
    """Of a stage that was handed in more than once, what was uploaded last counts, and the rest is mentioned."""
    numbers = {name: int(name.partition("_")[0]) for name in names}
    bob, ann = read_all(tmp_path, {f"leeann_12345_{name}": b"# %d" % numbers[name] for name in names} | OF_BOB)
    assert ann.sources == {"stage1_double": f"# {max(numbers.values())}"}
    assert ann.attempt == attempt
    assert ann.notes[0].startswith(f"stage1_double.py came more than once: {used} counts, not ")
    assert bob.notes == ()


NEWER = {STAGE: b"newer = 1\n"}
READ_NEWER = {FIRST.name: "newer = 1\n"} | READ_TWO
AGAIN = f"{STAGE} came more than once: hw-1.zip/{STAGE} counts, not hw.zip/{STAGE}"
UNSEEN = "not looked at, as every stage was handed in later: hw.zip"
ALL = {stage.file: f"def {stage.tasks[0]}(): return 1".encode() for stage in STAGES}
READ_ALL = {stage.name: ALL[stage.file].decode() for stage in STAGES}


@pytest.mark.parametrize(
    ("files", "sources", "attempt", "note"),
    [
        ({"hw.zip": zipped(ONE | TWO), "hw-1.zip": zipped(NEWER)}, READ_NEWER, 2, AGAIN),
        ({"hw.zip": b"damaged", "hw-1.zip": zipped(ALL)}, READ_ALL, 2, UNSEEN),
        ({"one.zip": zipped(ONE), "two.zip": b"damaged"}, READ_ONE, 1, "two.zip: neither a folder nor a zip"),
    ],
    ids=["an earlier one", "an earlier one that is not needed", "one that cannot be read"],
)
def test_several_archives(tmp_path: Path, files: Files, sources: dict[str, str], attempt: int, note: str) -> None:
    """A later archive counts before an earlier one, which still gives what the later lacks, if it can be read."""
    named = {f"leeann_1_{1000 + n}_{name}": content for n, (name, content) in enumerate(files.items())}
    _, ann = read_all(tmp_path, named | OF_BOB)
    assert (ann.error, ann.sources, ann.attempt) == (None, sources, attempt)
    assert [text.startswith(note) for text in ann.notes] == [True]


LATE, NOBODYS = "late, by what Canvas says", "of nobody whom Canvas names, so it goes by its own name"
ANON, HIDDEN = Submitter("anon_Ab1Cd"), {"LATE_anon_Xy2Zw_678911_h.zip": zipped(TWO)}
LATE_ANON = {"anon_Xy2Zw": (Submitter("anon_Xy2Zw"), LATE)}


@pytest.mark.parametrize(
    ("files", "found"),
    [
        ({"submissions.zip": zipped({"leeann_12345_678910_stage1_double.py": b"1"})}, {"leeann_12345": (LEE,)}),
        ({"leeann_LATE_12345_678910_stage1_double.py": b"1"}, {"leeann_12345": (LEE, LATE)}),
        ({"anon_Ab1Cd_678910_stage1_double.py": b"1"} | HIDDEN, {"anon_Ab1Cd": (ANON,), **LATE_ANON}),
        ({"_12_3000_stage1_double.py": b"x"} | OF_BOB, {"12": (Submitter("12"),)}),
        (under("ann", ONE) | OF_BOB | {"cem.zip": zipped(TWO)}, {"ann": (None, NOBODYS), "cem": (None, NOBODYS)}),
        (under(f"{MOODLE}file", ONE), {"Ann Lee_123456": (Submitter("123456", "Ann Lee", local=True),)}),
        (under("Group A_assignsubmission_file", ONE), {"Group A": (Submitter(None, "Group A", local=True),)}),
        (under("B_2_assignsubmission_file", TWO), {"B_2": (Submitter("2", "B", local=True),)}),
    ],
    ids=[
        *("an export alone in a folder", "late", "anonymous", "a name of nothing but signs"),
        *("others beside", "Moodle, one learner", "Moodle, a group without a number", "Moodle, a group"),
    ],
)
def test_whose(tmp_path: Path, files: Files, found: dict[str, tuple[Submitter | str | None, ...]]) -> None:
    """Submissions have the names and marks that the platform has for learners; what else it says is mentioned."""
    cohort = read_all(tmp_path, files)
    bob = {"bobray_77": (BOB,)} if OF_BOB.keys() <= files.keys() else {}
    assert {one.name: (*(one.submitters or (None,)), *one.notes) for one in cohort} == found | bob


@pytest.mark.parametrize(
    ("files", "held"),
    [
        ({"leeann_12345_text.html": b"<p>"}, "text.html"),
        ({"leeann_12345_678910_report.pdf": b""}, "report.pdf"),
        ({"leeann_12345_678910_a.pdf": b"", "leeann_12345_678911_b.zip": zipped({"x": b""})}, "a.pdf, b.zip"),
        ({f"{MOODLE}onlinetext/onlinetext.html": b"<p>"}, ""),
    ],
)
def test_no_stage_file(tmp_path: Path, files: Files, held: str) -> None:
    """A learner who handed in something else, or only typed in a text, is rejected, with what it was."""
    [ann] = read_all(tmp_path, files, "zip")
    assert (ann.error or "").startswith("no stage file")
    assert held in (ann.error or "")
    assert ann.name in ("leeann_12345", "Ann Lee_123456")


FROM_MOODLE: dict[str, Files] = {
    "folder": under(f"{MOODLE}file_", ONE | TWO),
    "new folder": under(f"{MOODLE}file", ONE | TWO),
    "zip": {f"{MOODLE}file_/homework.zip": zipped(ONE | TWO)},
    "text too": under(f"{MOODLE}file/h", ONE | TWO) | {f"{MOODLE}onlinetext/onlinetext.html": b"<p>"},
    "text too, older": under(f"{MOODLE}file_", ONE | TWO) | {f"{MOODLE}onlinetext_/onlinetext.html": b"<p>"},
    "flat": {f"{MOODLE}file_{name}": text for name, text in (ONE | TWO).items()}
    | {f"{MOODLE}onlinetext_onlinetext.html": b"<p>"},
    "flat archive": {f"{MOODLE}file_homework.tar.gz": tarred(ONE | TWO)},
    "flat unpacked": under(f"{MOODLE}file_homework", ONE | TWO),
}


@PACKED
@pytest.mark.parametrize("files", FROM_MOODLE.values(), ids=FROM_MOODLE)
def test_moodle(tmp_path: Path, files: Files, packed: str) -> None:
    """All that Moodle has of one learner is one submission, whether in folders or not."""
    ann, zoe = read_all(tmp_path, files | under("Zoë Ray_9_assignsubmission_file", TWO), packed)
    assert (ann.name, ann.student, ann.error, zoe.name) == ("Ann Lee_123456", "123456", None, "Zoë Ray_9")
    assert ann.sources == READ_ONE | READ_TWO
    assert (ann.submitters, ann.attempt, ann.notes) == ((Submitter("123456", "Ann Lee", local=True),), None, ())


METADATA = b"""---
submission_456:
  :submitters:
  - :name: Ann Lee
    :sid: 00123
    :email: ann@example.org
  :created_at: 2026-11-21 12:00:00.000000000 Z
  :score: 0.0
  :results: !ruby/hash:Anything
    tests: [{name: a, output: ":submitters:"}]
  :history:
  - :id: 1
    :created_at: 2026-11-20 12:00:00.000000000 Z
  - :id: 2
submission_457:
  :submitters:
  - :name: "Bob Ray"
    :sid:
    :email: &b bob@example.org
  - :name: Cem
    :sid: '77'
    :email: *b
"""


@PACKED
@pytest.mark.parametrize("wrapped", ["assignment_1_export/", ""])
def test_gradescope(tmp_path: Path, wrapped: str, packed: str) -> None:
    """Gradescope's file says who submitted each folder, alone or as a group, and how often before."""
    files = {
        f"{wrapped}submission_metadata.yml": METADATA,
        **under(f"{wrapped}submission_456", ONE),
        f"{wrapped}submission_457/h.zip": zipped(TWO),
        **under(f"{wrapped}submission_458", ONE),
    }
    ann, bob, other = read_all(tmp_path, files, packed)
    names = ["Ann Lee_00123", "Bob Ray_bob@example.org and Cem_77", "submission_458"]
    assert [ann.name, bob.name, other.name] == names
    assert (ann.submitters, ann.attempt) == ((Submitter("00123", "Ann Lee", "ann@example.org"),), 3)
    bobs = [(None, "Bob Ray", "bob@example.org"), ("77", "Cem", "bob@example.org")]
    assert bob.submitters == tuple(Submitter(*who) for who in bobs)
    assert ann.error is bob.error is other.error is None


def test_gradescope_attempts(tmp_path: Path) -> None:
    """Of a stage in two folders of the same learner that of the greater number counts; a stub never does."""
    metadata = b"".join(
        b"submission_%d:\n  :submitters:\n  - :name: Ann\n    :sid: '1'\n" % number for number in (9, 10)
    )
    one = {"stage1_double.py": b"def double(a): return 9", "stage2_slope.py": b"def loss(f, y): return 9"}
    two = {"stage1_double.py": b"def double(a): pass", "stage2_slope.py": b"def loss(f, y): return 10"}
    handed_in = under("submission_9", one) | under("submission_10", two)
    [ann] = read_all(tmp_path, {"submission_metadata.yml": metadata, **handed_in})
    assert ann.sources == {"stage1_double": "def double(a): return 9", "stage2_slope": "def loss(f, y): return 10"}
    assert [note.partition(" counts")[0] for note in ann.notes] == [
        "stage1_double.py came more than once: submission_9/stage1_double.py",
        "stage2_slope.py came more than once: submission_10/stage2_slope.py",
    ]


@pytest.mark.parametrize("content", [b"\xff", b"a: [", b"\t:", b"? " * 10**5, b"[" * 10**6])
def test_gradescope_metadata_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    """Without a file that can be read the folders' own names stay, and what is wrong is reported."""
    files = {"submission_metadata.yml": content, **under("submission_9", ONE), **under("submission_10", TWO)}
    cohort = read_all(tmp_path, files)
    assert [s.name for s in cohort] == ["submission_10", "submission_9", "submission_metadata.yml"]
    assert (cohort[2].error or "").startswith("submission_metadata.yml is n")
    with pytest.raises(Unreadable):
        read_metadata(content)


def test_gradescope_metadata_cannot_grow() -> None:
    """References that would multiply are not followed, and what is nested is no name."""
    laughs = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
        b"%c: &%c [%s]\n" % (98 + n, 98 + n, b",".join([b"*%c" % (97 + n)] * 9)) for n in range(20)
    )
    assert read_metadata(laughs + b"submission_1: {':submitters': *u}\n") == {}
    assert read_metadata(b"submission_1: {':submitters': [{':name': " + b"[" * 50 + b"]" * 50 + b"}]}") == {}


def test_gradescopes_learners_of_one_name(tmp_path: Path) -> None:
    """Who has no id and no email is not taken for another of the same name, nor for a group."""
    people = {1: ["Ann"], 2: ["Ann"], 3: ["Ann", "Bob"], 4: ["Ann and Bob"]}
    metadata = {f"submission_{n}": {":submitters": [{":name": one} for one in who]} for n, who in people.items()}
    files = {"submission_metadata.yml": json.dumps(metadata).encode()}
    for number in people:
        files |= under(f"submission_{number}", {"stage1_double.py": b"# %d" % number})
    cohort = read_all(tmp_path, files)
    assert sorted(one.sources["stage1_double"] for one in cohort) == ["# 1", "# 2", "# 3", "# 4"]
    assert len({one.name for one in cohort}) == 4


OTHERS = ["ann", "ann.zip", "student-017", "ann_lee", "ann_2026_11_21.zip", "ann_12345_678910", "hw_1_2_stage1.py"]
OTHERS += ["Ann_12345_678910_stage1_double.py", "12345_678910_stage1_double.py", "_assignsubmission_file_x"]
OTHERS += ["ann_assignsubmission_", "submission_456", "ann_text.html", "LATE_1_678910_x.py", "a" * 10**5 + "_1_2"]
OTHERS += ["a_attempt_2025-03-01-10-00-00_x.py", "a_b_attempt_2025-03-01_x.py", "a_b_attempt_2025-03-01-10-00-00"]
OTHERS += ["a_b_attempt_2025-13-01-10-00-00_x.py", "1-2 - Ann", "1 - Ann - Nov 22, 2025 0900 AM"]
OTHERS += ["1-2 - Ann - Nov 2025", "_attempt_" * 10**4, "1-2" + " - " * 10**4, "1-2 - " + "9" * 10**5]


@pytest.mark.parametrize("name", OTHERS, ids=lambda name: name[:50])
def test_other_names_stay(name: str) -> None:
    """Names that fit no platform's pattern are left as they are."""
    assert platform_of({name: False}) is of_blackboard(name, True) is of_brightspace(name, True) is None


MIMICRY = (
    *("4711_assignsubmission_file_sub.zip", "Ann Lee_4711_assignsubmission_file_stage1_double.py"),
    *(
        "leeann_4711_99999_stage1_double.py",
        "LATE_4711_99999_stage1_double.py",
        "anon_Ab1Cd_99999_stage1_double.py",
    ),
    *("4711_text.html", "submission_4711", "submission_metadata.yml", "ann_01_doubling.ipynb"),
    *("x_attempt_2025-03-09-10-00-00_stage1_double.py", "x - Mar 9, 2025 0900 AM - stage1_double.py"),
)
"""Names that learners may give to their files, each made like a platform's."""
CLEO = "Home_work 1_cd77_attempt_"
DAY = "77-88 - Cleo Day - "


@pytest.mark.parametrize("packed", ["folder", "zip"])
@pytest.mark.parametrize("mimicry", MIMICRY)
@pytest.mark.parametrize(
    ("before", "ann", "name"),
    [
        ("mo_666_90000_", "leeann_4711_90001_stage1_double.py", "mo_666"),
        ("mo_LATE_666_90000_", "leeann_4711_90001_stage1_double.py", "mo_666"),
        ("anon_M0m0m_90000_", "anon_Ab1Cd_90001_stage1_double.py", "anon_M0m0m"),
        ("mo_666_assignsubmission_file_", "Ann Lee_4711_assignsubmission_file_stage1_double.py", "mo_666"),
        ("Mo_666_assignsubmission_file_/", "Ann Lee_4711_assignsubmission_file_/stage1_double.py", "Mo_666"),
        (f"{CLEO}2025-03-01-10-00-00_", "", "cd77"),
        (f"{DAY}Mar 1, 2025 1000 AM - ", "", "Cleo Day_77-88"),
    ],
)
def test_a_files_own_name_tells_nothing(
    tmp_path: Path, before: str, ann: str, name: str, mimicry: str, packed: str
) -> None:
    """Whatever a learner calls a file, it is this learner's, beside others and as the only one there is."""
    mo = {before + mimicry: b"mo = 1\n"}
    assert [one.name for one in read_all(tmp_path / "one", mo, packed)] == [name]
    if ann:
        found = {one.name: one.sources for one in read_all(tmp_path / "two", mo | {ann: b"ann = 1\n"}, packed)}
        assert name in found
        del found[name]
        assert [*found.values()] == [{"stage1_double": "ann = 1\n"}]


def test_an_upload_named_as_a_whole_export(tmp_path: Path) -> None:
    """An archive of a learner's that holds what looks like an export is that learner's, wherever it lies alone."""
    names = ("leeann_4711_90001_stage1_double.py", "leeann_4711_90002_report.pdf")
    inner = zipped(dict.fromkeys(names, b"mo = 1\n"))
    for label, name in [
        ("mo_666_90000_submissions.zip", "mo_666"),
        ("Mo_666_assignsubmission_file_submissions.zip", "Mo_666"),
        ("mallory.zip", "mallory"),
    ]:
        put(tmp_path / label, {label: inner})
        assert [one.name for one in read_cohort(tmp_path / label)] == [name]
    [one] = read_cohort(tmp_path / "mo_666_90000_submissions.zip" / "mo_666_90000_submissions.zip")
    assert one.student is None
    assert "--cohort" in (one.error or "")
    [ann] = read_cohort(tmp_path / "mo_666_90000_submissions.zip" / "mo_666_90000_submissions.zip", cohort=True)
    assert ann.student == "4711"


def test_long_names_in_an_export(tmp_path: Path) -> None:
    """A name of more than 255 bytes is cut before anything looks at it; its beginning still tells whose it is."""
    long = "mo_666_90000_" + "(1)" * 20_000 + ".zip"
    ann, mo = read_all(tmp_path, {long: zipped(TWO), "leeann_4711_90001_stage1_double.py": b"x"}, "zip")
    assert (ann.name, mo.name, list(mo.sources)) == ("leeann_4711", "mo_666", ["stage2_slope"])
    assert len(within_bounds("é" * 200).encode()) <= 255
    assert within_bounds("é" * 200) != within_bounds("é" * 201)


@pytest.mark.parametrize("packed", [False, True])
def test_teams(tmp_path: Path, packed: bool) -> None:
    """Of Teams' folders those of submitted files count, a learner each, and of these the latest version."""
    given = tmp_path / "Doubling"
    places = ["Submitted files/Ann Lee/Doubling/Version 2", "Submitted files/Ann Lee/Doubling/Version 10"]
    places += ["Submitted files/Bo Chen/Doubling/Version 1", "Working files/Ann Lee/Doubling"]
    sources = [f"def {FIRST.tasks[0]}(a): return {number}" for number in range(len(places))]
    put(given, {f"{place}/{STAGE}": source.encode() for place, source in zip(places, sources, strict=True)})
    os.utime(given / places[0] / STAGE, (2e9, 2e9))  # the earlier version is newer on disk
    if packed:
        given = Path(shutil.make_archive(str(tmp_path / "download"), "zip", given))
    cohort = {one.name: one.sources for one in read_cohort(given)}
    assert cohort == {"Ann Lee": {FIRST.name: sources[1]}, "Bo Chen": {FIRST.name: sources[2]}}


COURSE = Roster(
    (Student("cd77", "Cleo Day", ("cd77",)), Student("b_o", "Bo Oz", ("b_o",)), Student("o", "Ona Uy", ("o",)))
)
OLD, NEW = b"one = 0\n", ONE[STAGE]
EARLIER, LATER = f"{CLEO}2025-03-01-10-00-00", f"{CLEO}2025-03-02-09-30-00"
FLAT = {f"{DAY}1 März 2025 1000 - {STAGE}": OLD, f"{DAY}2 März 2025 0930 - {STAGE}": NEW}
FOLDERS = {f"{DAY}Mar 1, 2025 1000 AM/{STAGE}": OLD, f"{DAY}Mar 2, 2025 930 AM/{STAGE}": NEW}
COMMENTS = {f"{EARLIER}.txt": b"Name: Bo Oz (b_o)\n", f"{LATER}.txt": b""}
ATTEMPTS: dict[str, Files] = {
    "Blackboard": {f"{EARLIER}_{STAGE}": OLD, f"{LATER}_{STAGE}": NEW} | COMMENTS,
    "Blackboard's zip": {f"{EARLIER}_{STAGE}": OLD, f"{LATER}_x.zip": zipped(ONE)},
    "Brightspace": FOLDERS | {"index.html": b"<p>"},
    "Brightspace, flat": FLAT | {"index.html": b"<p>"},
}


@PACKED
@pytest.mark.parametrize("files", ATTEMPTS.values(), ids=ATTEMPTS)
def test_attempts(tmp_path: Path, files: Files, packed: str) -> None:
    """All attempts of one learner are one submission; the latest by the platform's time counts, and is when."""
    [cleo] = read_all(tmp_path, files, packed)
    assert (cleo.error, cleo.sources, cleo.attempt) == (None, READ_ONE, 2)
    assert cleo.handed_in == datetime(2025, 3, 2, 9, 30, tzinfo=UTC)
    assert cleo.notes[0] == "handed in 2 times, last at 2025-03-02 09:30"
    assert [student.id for student in match(COURSE, [cleo]).students[cleo.name]] == ["cd77"]


def test_a_stub_that_came_last(tmp_path: Path) -> None:
    """An earlier attempt with work counts before a later one without, and it is when that one came."""
    work, stub = f"def {FIRST.tasks[0]}(a): return a\n", (EXERCISES / STAGE).read_bytes()
    files = {f"{CLEO}2025-03-01-10-00-00_{STAGE}": work.encode(), f"{CLEO}2025-03-02-10-00-00_{STAGE}": stub}
    [cleo] = read_all(tmp_path, files)
    assert cleo.sources == {FIRST.name: work}
    assert cleo.handed_in == datetime(2025, 3, 1, 10, tzinfo=UTC)


def test_an_attempt_without_a_file(tmp_path: Path) -> None:
    """Who only wrote a comment is rejected, and not missing."""
    time = "2025-03-01-10-00-00"
    cohort = read_all(tmp_path, {f"{CLEO}{time}.txt": b"", f"Home_work 1_o_attempt_{time}_{STAGE}": b"1"})
    assert {one.name: bool(one.error) for one in cohort} == {"cd77": True, "o": False}


def test_a_user_whose_name_has_an_underscore(tmp_path: Path) -> None:
    """Where two ids of the roster end a name, it is nobody's, and both are told."""
    [bo] = read_all(tmp_path, {"Home_b_o_attempt_2025-03-01-10-00-00_stage1_double.py": b"1"}, "zip")
    assert match(COURSE, [bo]).unmatched == {"o": "may be of Bo Oz (b_o), Ona Uy (o)"}


def test_the_assignments_name_is_what_all_begin_with(tmp_path: Path) -> None:
    """What is left behind the words that all names share is the user's, whose last word may be another's id."""
    files = {
        f"Home_{user}_attempt_2025-03-01-10-00-00_stage1_double.py": b"1" for user in ("b_o", "x_o", "cd77", "o")
    }
    matching = match(COURSE, read_all(tmp_path, files))
    found = {student.id for students in matching.students.values() for student in students}
    assert found == {"b_o", "cd77", "o"}
    assert len(matching.unmatched) == 1


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
