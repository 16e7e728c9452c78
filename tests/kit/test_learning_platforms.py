"""Exports of learning platforms: whose a file is, which of them counts, and when it came."""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from handed_in import FIRST, ONE, READ_ONE, READ_TWO, SECOND, TWO, Files, put, read_all, tarred, under, zipped

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
ANN = Submitter("123456", "Ann Lee", local=True)
OF_BOB = {"bobray_77_4000_stage2_slope.py": b"two = 2\n"}
OF_ZOE = under("Zoë Ray_9_assignsubmission_file", TWO)
"""A learner's file in a download of Canvas's, and in one of Moodle's."""
PACKED = pytest.mark.parametrize("packed", ["folder", "zip", "tgz"])
FROM_CANVAS: dict[str, Files] = {
    "files": {f"leeann_12345_67891{n}_{name}": text for n, (name, text) in enumerate((ONE | TWO).items())},
    "zip": {"leeann_12345_678910_homework.zip": zipped(ONE | TWO)},
    "zip and more": {"leeann_12345_678910_h.zip": zipped(under("h", ONE | TWO)), "leeann_12345_67899_a.pdf": b""},
    "two archives": {"leeann_12345_678910_one.zip": zipped(ONE), "leeann_12345_678911_two.tar.gz": tarred(TWO)},
    "zip and file": {"leeann_12345_678910_h.zip": zipped(ONE), f"leeann_12345_678911_{SECOND.file}": b"two = 2\n"},
    "unpacked": under("leeann_12345_678910_homework", ONE | TWO),
    "parts": {"leeann_12345_678910_part-1.zip": zipped(ONE), "leeann_12345_678911_part-2.zip": zipped(TWO)},
}
FROM_MOODLE: dict[str, Files] = {
    "folder": under(f"{MOODLE}file_", ONE | TWO),
    "new folder": under(f"{MOODLE}file", ONE | TWO),
    "zip": {f"{MOODLE}file_/homework.zip": zipped(ONE | TWO)},
    "text too": under(f"{MOODLE}file/h", ONE | TWO) | {f"{MOODLE}onlinetext/onlinetext.html": b"<p>"},
    "text too, older": under(f"{MOODLE}file_", ONE | TWO) | {f"{MOODLE}onlinetext_/onlinetext.html": b"<p>"},
    "flat": {f"{MOODLE}file_{name}": text for name, text in (ONE | TWO | {"onlinetext.html": b"<p>"}).items()},
    "flat archive": {f"{MOODLE}file_homework.tar.gz": tarred(ONE | TWO)},
    "flat unpacked": under(f"{MOODLE}file_homework", ONE | TWO),
}
EXPORTS = [(files, OF_BOB, LEE, 1) for files in FROM_CANVAS.values()]
EXPORTS += [(files, OF_ZOE, ANN, None) for files in FROM_MOODLE.values()]


@PACKED
@pytest.mark.parametrize(("files", "beside", "who", "attempt"), EXPORTS, ids=[*FROM_CANVAS, *FROM_MOODLE])
def test_exports(
    tmp_path: Path, files: Files, beside: Files, who: Submitter, attempt: int | None, packed: str
) -> None:
    """All that an export has of one learner, in folders or not, is one submission, named after the learner."""
    cohort = {one.name: one for one in read_all(tmp_path, files | beside, packed)}
    ann = cohort.pop(f"{who.name}_{who.id}")
    assert [*cohort] == ["bobray_77" if beside == OF_BOB else "Zoë Ray_9"]
    assert (ann.error, ann.student, ann.sources) == (None, who.id, READ_ONE | READ_TWO)
    assert (ann.submitters, ann.attempt, ann.notes) == ((who,), attempt, ())


@pytest.mark.parametrize(
    ("uploads", "attempt"),
    [
        *(({678910: "", 678999: "-1"}, 2), ({678999: "-2", 678910: "", 678950: "-1"}, 3)),
        *(({678999: "", 678910: ""}, 1), ({99999: "-9", 100000: "-10"}, 11)),
    ],
)
def test_the_latest_upload_counts(tmp_path: Path, uploads: dict[int, str], attempt: int) -> None:
    """Of a stage that was handed in more than once, what was uploaded last counts, and the rest is mentioned."""
    files = {f"leeann_12345_{number}_{FIRST.name}{copy}.py": b"# %d" % number for number, copy in uploads.items()}
    bob, ann = read_all(tmp_path, files | OF_BOB)
    assert (ann.sources, ann.attempt) == ({FIRST.name: f"# {max(uploads)}"}, attempt)
    used = f"{FIRST.name}{uploads[max(uploads)]}.py"
    assert ann.notes[0].startswith(f"{STAGE} came more than once: {used} counts, not ")
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
        ({"submissions.zip": zipped({f"leeann_12345_678910_{STAGE}": b"1"})}, {"leeann_12345": (LEE,)}),
        ({f"leeann_LATE_12345_678910_{STAGE}": b"1"}, {"leeann_12345": (LEE, LATE)}),
        ({f"anon_Ab1Cd_678910_{STAGE}": b"1"} | HIDDEN, {"anon_Ab1Cd": (ANON,), **LATE_ANON}),
        ({f"_12_3000_{STAGE}": b"x"} | OF_BOB, {"12": (Submitter("12"),)}),
        (under("ann", ONE) | OF_BOB | {"cem.zip": zipped(TWO)}, {"ann": (None, NOBODYS), "cem": (None, NOBODYS)}),
        (under(f"{MOODLE}file", ONE), {"Ann Lee_123456": (ANN,)}),
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
    files = {"submission_metadata.yml": METADATA, "submission_457/h.zip": zipped(TWO)}
    files |= under("submission_456", ONE) | under("submission_458", ONE)
    cohort = read_all(tmp_path, {f"{wrapped}{name}": content for name, content in files.items()}, packed)
    assert [(one.name, one.error) for one in cohort] == [
        *(("Ann Lee_00123", None), ("Bob Ray_bob@example.org and Cem_77", None), ("submission_458", None))
    ]
    anns = (Submitter("00123", "Ann Lee", "ann@example.org"),)
    bobs = (Submitter(None, "Bob Ray", "bob@example.org"), Submitter("77", "Cem", "bob@example.org"))
    assert [(one.submitters, one.attempt) for one in cohort[:2]] == [(anns, 3), (bobs, None)]


def by_gradescope(people: Mapping[int, Sequence[dict[str, str]]]) -> Files:
    """Gradescope's file, of who handed in the submissions of these numbers."""
    said = {f"submission_{number}": {":submitters": submitters} for number, submitters in people.items()}
    return {"submission_metadata.yml": json.dumps(said).encode()}


def test_gradescope_attempts(tmp_path: Path) -> None:
    """Of a stage in two folders of the same learner that of the greater number counts; a stub never does."""
    one = {STAGE: b"def double(x): return 9", SECOND.file: b"def slope(x): return 9"}
    two = {STAGE: b"def double(x): pass", SECOND.file: b"def slope(x): return 10"}
    handed_in = under("submission_9", one) | under("submission_10", two)
    [ann] = read_all(tmp_path, handed_in | by_gradescope(dict.fromkeys((9, 10), ({":name": "Ann", ":sid": "1"},))))
    assert ann.sources == {FIRST.name: one[STAGE].decode(), SECOND.name: two[SECOND.file].decode()}
    assert [note.partition(" counts")[0] for note in ann.notes] == [
        f"{STAGE} came more than once: submission_9/{STAGE}",
        f"{SECOND.file} came more than once: submission_10/{SECOND.file}",
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
    files = {f"submission_{number}/{STAGE}": b"# %d" % number for number in people}
    metadata = by_gradescope({number: [{":name": one} for one in who] for number, who in people.items()})
    cohort = {one.name: one.sources[FIRST.name] for one in read_all(tmp_path, files | metadata)}
    assert sorted(cohort.values()) == ["# 1", "# 2", "# 3", "# 4"]


OTHERS = ["ann", "ann.zip", "student-017", "ann_lee", "ann_2026_11_21.zip", "ann_12345_678910", "hw_1_2_stage1.py"]
OTHERS += [f"Ann_12345_678910_{STAGE}", f"12345_678910_{STAGE}", "_assignsubmission_file_x"]
OTHERS += ["ann_assignsubmission_", "submission_456", "ann_text.html", "LATE_1_678910_x.py", "a" * 10**5 + "_1_2"]
OTHERS += ["a_attempt_2025-03-01-10-00-00_x.py", "a_b_attempt_2025-03-01_x.py", "a_b_attempt_2025-03-01-10-00-00"]
OTHERS += ["a_b_attempt_2025-13-01-10-00-00_x.py", "1-2 - Ann", "1 - Ann - Nov 22, 2025 0900 AM"]
OTHERS += ["1-2 - Ann - Nov 2025", "_attempt_" * 10**4, "1-2" + " - " * 10**4, "1-2 - " + "9" * 10**5]


@pytest.mark.parametrize("name", OTHERS, ids=lambda name: name[:50])
def test_other_names_stay(name: str) -> None:
    """Names that fit no platform's pattern are left as they are."""
    assert platform_of({name: False}) is of_blackboard(name, True) is of_brightspace(name, True) is None


MIMICRY = ["4711_assignsubmission_file_sub.zip", f"Ann Lee_4711_assignsubmission_file_{STAGE}", "submission_4711"]
MIMICRY += [f"{start}_99999_{STAGE}" for start in ("leeann_4711", "LATE_4711", "anon_Ab1Cd")]
MIMICRY += ["submission_metadata.yml", "ann_01_doubling.ipynb", f"x_attempt_2025-03-09-10-00-00_{STAGE}"]
MIMICRY += [f"x - Mar 9, 2025 0900 AM - {STAGE}", "4711_text.html"]
"""Names that learners may give to their files, each made like a platform's."""
CLEO = "Home_work 1_cd77_attempt_"
DAY = "77-88 - Cleo Day - "


@pytest.mark.parametrize("packed", ["folder", "zip"])
@pytest.mark.parametrize("mimicry", MIMICRY)
@pytest.mark.parametrize(
    ("before", "ann", "name"),
    [
        ("mo_666_90000_", f"leeann_4711_90001_{STAGE}", "mo_666"),
        ("mo_LATE_666_90000_", f"leeann_4711_90001_{STAGE}", "mo_666"),
        ("anon_M0m0m_90000_", f"anon_Ab1Cd_90001_{STAGE}", "anon_M0m0m"),
        ("mo_666_assignsubmission_file_", f"Ann Lee_4711_assignsubmission_file_{STAGE}", "mo_666"),
        ("Mo_666_assignsubmission_file_/", f"Ann Lee_4711_assignsubmission_file_/{STAGE}", "Mo_666"),
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
        found = {one.name: one.sources for one in read_all(tmp_path / "two", mo | {ann: ONE[STAGE]}, packed)}
        found.pop(name)
        assert [*found.values()] == [READ_ONE]


def test_an_upload_named_as_a_whole_export(tmp_path: Path) -> None:
    """An archive of a learner's that holds what looks like an export is that learner's, wherever it lies alone."""
    names = (f"leeann_4711_90001_{STAGE}", "leeann_4711_90002_report.pdf")
    inner = zipped(dict.fromkeys(names, b"mo = 1\n"))
    of_moodle, of_canvas = "Mo_666_assignsubmission_file_submissions.zip", "mo_666_90000_submissions.zip"
    for label, name in {of_canvas: "mo_666", of_moodle: "Mo_666", "mallory.zip": "mallory"}.items():
        put(tmp_path / label, {label: inner})
        assert [one.name for one in read_cohort(tmp_path / label)] == [name]
    [one] = read_cohort(tmp_path / of_canvas / of_canvas)
    assert one.student is None
    assert "--cohort" in (one.error or "")
    [ann] = read_cohort(tmp_path / of_canvas / of_canvas, cohort=True)
    assert ann.student == "4711"


def test_long_names_in_an_export(tmp_path: Path) -> None:
    """A name of more than 255 bytes is cut before anything looks at it; its beginning still tells whose it is."""
    long = "mo_666_90000_" + "(1)" * 20_000 + ".zip"
    ann, mo = read_all(tmp_path, {long: zipped(TWO), f"leeann_4711_90001_{STAGE}": b"x"}, "zip")
    assert (ann.name, mo.name, list(mo.sources)) == ("leeann_4711", "mo_666", ["stage2_slope"])
    assert len(within_bounds("é" * 200).encode()) <= 255
    assert within_bounds("é" * 200) != within_bounds("é" * 201)


def test_teams(tmp_path: Path) -> None:
    """Of Teams' folders those of submitted files count, a learner each, and of these the latest version."""
    given = tmp_path / "Doubling"
    places = ["Submitted files/Ann Lee/Doubling/Version 2", "Submitted files/Ann Lee/Doubling/Version 10"]
    places += ["Submitted files/Bo Chen/Doubling/Version 1", "Working files/Ann Lee/Doubling"]
    sources = [f"def {FIRST.tasks[0]}(a): return {number}" for number in range(len(places))]
    put(given, {f"{place}/{STAGE}": source.encode() for place, source in zip(places, sources, strict=True)})
    os.utime(given / places[0] / STAGE, (2e9, 2e9))  # the earlier version is newer on disk
    for path in (given, Path(shutil.make_archive(str(tmp_path / "download"), "zip", given))):
        cohort = {one.name: one.sources for one in read_cohort(path)}
        assert cohort == {"Ann Lee": {FIRST.name: sources[1]}, "Bo Chen": {FIRST.name: sources[2]}}


PEOPLE = {"cd77": "Cleo Day", "b_o": "Bo Oz", "o": "Ona Uy"}
COURSE = Roster(tuple(Student(id, name, (id,)) for id, name in PEOPLE.items()))
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
    work, stub = "def double(x): return x\n", (EXERCISES / STAGE).read_bytes()
    [cleo] = read_all(tmp_path, {f"{EARLIER}_{STAGE}": work.encode(), f"{LATER}_{STAGE}": stub})
    assert (cleo.sources, cleo.handed_in) == ({FIRST.name: work}, datetime(2025, 3, 1, 10, tzinfo=UTC))


def test_an_attempt_without_a_file(tmp_path: Path) -> None:
    """Who only wrote a comment is rejected, and not missing."""
    cohort = read_all(tmp_path, {f"{EARLIER}.txt": b"", f"{EARLIER.replace('cd77', 'o')}_{STAGE}": b"1"})
    assert {one.name: bool(one.error) for one in cohort} == {"cd77": True, "o": False}


def test_a_user_whose_name_has_an_underscore(tmp_path: Path) -> None:
    """What is left behind the words that all names share is the user's, whose last word may be another's id.

    Of a name alone, where two ids of the roster end it, it is nobody's, and both are told.
    """
    files = {f"Home_{user}_attempt_2025-03-01-10-00-00_{STAGE}": b"1" for user in ("b_o", "x_o", "cd77", "o")}
    [bo] = read_all(tmp_path / "alone", dict([*files.items()][:1]), "zip")
    assert match(COURSE, [bo]).unmatched == {"o": "may be of Bo Oz (b_o), Ona Uy (o)"}
    matching = match(COURSE, read_all(tmp_path / "all", files))
    found = {student.id for students in matching.students.values() for student in students}
    assert found == {"b_o", "cd77", "o"}
    assert len(matching.unmatched) == 1


def test_brightspaces_times() -> None:
    """Times are read in the languages of courses, with or without the colon."""
    at_two = [
        "22 November, 2025 1400",
        "22 novembre 2025 1400",
        "22. Nov. 2025 14:00",
        "22 de noviembre de 2025 1400",
    ]
    for written, hour in {
        "Nov 22, 2025 0900 AM": 9,
        "Nov 22, 2025 900 PM": 21,
        **dict.fromkeys(at_two, 14),
    }.items():
        found = of_brightspace(f"1-2 - May - Ann 2 - {written}", True)
        assert found and found.submitters[0].name == "May - Ann 2"
        assert found.created == datetime(2025, 11, 22, hour, tzinfo=UTC)


def test_ids_in_folders() -> None:
    """ILIAS's folder is of who has both the name and the login in it; Brightspace's numbers are not a roster's."""
    ids_of = {"Day_Cleo_cd77_123": ["cd77"], "Oz_Bo_cd77_123": [], "Oz_Bo_b_o_1": [], "Day_Cleo_cd77_x": []}
    for name, ids in ids_of.items():
        assert [student.id for student in match(COURSE, [Submission(name)]).students[name]] == ids
    roster = Roster((Student("77-88", "Bo Oz", ("77-88",)),))
    who = Submission("x", submitters=(Submitter("77-88", "Cleo Day", local=True),))
    assert match(roster, [who]).unmatched.keys() == {"x"}
