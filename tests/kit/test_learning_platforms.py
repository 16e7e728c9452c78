"""Exports of Canvas, Moodle and Gradescope: whose a file is, and which of them counts."""

import json
import os
import shutil
from pathlib import Path

import pytest
from handed_in import ONE, TWO, put, tarred, under
from sample_cohort import zipped

from grader.course.catalogue import STAGES
from grader.intake.entries import Unreadable, within_bounds
from grader.intake.gradescope import read_metadata
from grader.intake.learning_platforms import Submitter
from grader.intake.platform_exports import platform_of
from grader.intake.submissions import Submission, read_cohort

BOB = {"bobray_77_4000_stage2_forward.py": b"two = 2\n"}
"""A learner's file in a download of Canvas's."""


def read(tmp_path: Path, files: dict[str, bytes], packed: str = "folder") -> list[Submission]:
    """The cohort that these files are, as a folder or as an archive of everything."""
    path = tmp_path / f"all.{packed}"
    if packed == "folder":
        put(path, files)
    else:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(zipped(files) if packed == "zip" else tarred(files))
    return read_cohort(path)


@pytest.mark.parametrize("packed", ["folder", "zip", "tgz"])
@pytest.mark.parametrize(
    "files",
    [
        {
            "leeann_12345_678910_stage1_relu.py": b"one = 1\n",
            "leeann_12345_678911_stage2_forward.py": b"two = 2\n",
        },
        {"leeann_12345_678910_homework.zip": zipped(ONE | TWO)},
        {
            "leeann_12345_678910_homework.zip": zipped(under("homework", ONE | TWO)),
            "leeann_12345_67899_a.pdf": b"",
        },
        {"leeann_12345_678910_one.zip": zipped(ONE), "leeann_12345_678911_two.tar.gz": tarred(TWO)},
        {"leeann_12345_678910_one.zip": zipped(ONE), "leeann_12345_678911_stage2_forward.py": b"two = 2\n"},
        under("leeann_12345_678910_homework", ONE | TWO),
        {"leeann_12345_678910_part-1.zip": zipped(ONE), "leeann_12345_678911_part-2.zip": zipped(TWO)},
    ],
    ids=["files", "zip", "zip and more", "two archives", "zip and file", "unpacked", "parts"],
)
def test_canvas(tmp_path: Path, files: dict[str, bytes], packed: str) -> None:
    """All files of one learner in Canvas's download are one submission, named after the learner."""
    bob, ann = read(tmp_path, files | BOB, packed)
    assert (ann.name, ann.student, bob.name) == ("leeann_12345", "12345", "bobray_77")
    assert ann.sources == {"stage1_relu": "one = 1\n", "stage2_forward": "two = 2\n"}
    assert (ann.submitters, ann.attempt, ann.notes) == ((Submitter("12345", "leeann"),), 1, ())


def test_canvas_in_a_folder(tmp_path: Path) -> None:
    """Canvas's zip may lie alone in a folder."""
    put(tmp_path, {"submissions.zip": zipped({"leeann_12345_678910_stage1_relu.py": b"one = 1\n"})})
    assert [submission.name for submission in read_cohort(tmp_path)] == ["leeann_12345"]


@pytest.mark.parametrize(
    ("names", "used", "attempt"),
    [
        (["678910_stage1_relu.py", "678999_stage1_relu-1.py"], "stage1_relu-1.py", 2),
        (["678999_stage1_relu-2.py", "678910_stage1_relu.py", "678950_stage1_relu-1.py"], "stage1_relu-2.py", 3),
        (["678999_stage1_relu.py", "678910_stage1_relu.py"], "stage1_relu.py", 1),
        (["99999_stage1_relu-9.py", "100000_stage1_relu-10.py"], "stage1_relu-10.py", 11),
    ],
)
def test_the_latest_upload_counts(tmp_path: Path, names: list[str], used: str, attempt: int) -> None:
    """Of a stage that was handed in more than once, what was uploaded last counts, and the rest is mentioned."""
    numbers = {name: int(name.partition("_")[0]) for name in names}
    bob, ann = read(tmp_path, {f"leeann_12345_{name}": b"# %d" % numbers[name] for name in names} | BOB)
    assert ann.sources == {"stage1_relu": f"# {max(numbers.values())}"}
    assert ann.attempt == attempt
    assert ann.notes[0].startswith(f"stage1_relu.py came more than once: {used} counts, not ")
    assert bob.notes == ()


def test_an_earlier_archive(tmp_path: Path) -> None:
    """A later archive counts before an earlier one, which still gives what the later lacks, if it can be read."""
    older, newer = {**ONE, **TWO}, {"stage1_relu.py": b"newer = 1\n"}
    files = {"leeann_1_1000_hw.zip": zipped(older), "leeann_1_1001_hw-1.zip": zipped(newer)}
    [ann] = [s for s in read(tmp_path, files | BOB) if s.student == "1"]
    assert ann.sources == {"stage1_relu": "newer = 1\n", "stage2_forward": "two = 2\n"}
    told = "stage1_relu.py came more than once: hw-1.zip/stage1_relu.py counts, not hw.zip/stage1_relu.py"
    assert (ann.attempt, ann.notes) == (2, (told,))


def test_an_earlier_archive_that_is_not_needed(tmp_path: Path) -> None:
    """Once every stage is there and written, an earlier archive is not opened, and only mentioned."""
    stages = {stage.file: f"def {stage.tasks[0]}(): return 1".encode() for stage in STAGES}
    files = {"leeann_1_1000_hw.zip": b"damaged", "leeann_1_1001_hw-1.zip": zipped(stages)}
    [ann] = [s for s in read(tmp_path, files | BOB) if s.student == "1"]
    assert len(ann.sources) == 6
    assert ann.notes == ("not looked at, as every stage was handed in later: hw.zip",)


def test_an_archive_that_cannot_be_read(tmp_path: Path) -> None:
    """When one of a learner's archives is damaged, a note names it, and what else there is counts."""
    files = {"leeann_1_1000_one.zip": zipped(ONE), "leeann_1_1001_two.zip": b"damaged"}
    [ann] = [s for s in read(tmp_path, files | BOB) if s.student == "1"]
    assert (ann.error, list(ann.sources)) == (None, ["stage1_relu"])
    assert ann.notes[0].startswith("two.zip: neither a folder nor a zip")


def test_late(tmp_path: Path) -> None:
    """What Canvas has as late is marked under the same name, and mentioned."""
    _, ann = read(tmp_path, {"leeann_LATE_12345_678910_stage1_relu.py": b"one = 1\n"} | BOB)
    assert (ann.name, ann.notes) == ("leeann_12345", ("late, by what Canvas says",))


def test_anonymous(tmp_path: Path) -> None:
    """Where Canvas hides names, its own marks for the learners stand for them."""
    files = {"anon_Ab1Cd_678910_stage1_relu.py": b"one = 1\n", "LATE_anon_Xy2Zw_678911_h.zip": zipped(TWO)}
    ann, bob = read(tmp_path, files)
    assert [ann.name, bob.name] == ["anon_Ab1Cd", "anon_Xy2Zw"]
    assert (ann.submitters, bob.notes) == ((Submitter("anon_Ab1Cd"),), ("late, by what Canvas says",))


@pytest.mark.parametrize(
    ("files", "held"),
    [
        ({"leeann_12345_text.html": b"<p>"}, "text.html"),
        ({"leeann_12345_678910_report.pdf": b""}, "report.pdf"),
        ({"leeann_12345_678910_a.pdf": b"", "leeann_12345_678911_b.zip": zipped({"x": b""})}, "a.pdf, b.zip"),
    ],
)
def test_no_stage_file(tmp_path: Path, files: dict[str, bytes], held: str) -> None:
    """A learner who handed in something else is rejected, with what it was."""
    _, ann = read(tmp_path, files | BOB)
    assert (ann.error or "").startswith("no stage file")
    assert held in (ann.error or "")


@pytest.mark.parametrize("packed", ["folder", "zip", "tgz"])
@pytest.mark.parametrize(
    "files",
    [
        under("Ann Lee_123456_assignsubmission_file_", ONE | TWO),
        under("Ann Lee_123456_assignsubmission_file", ONE | TWO),
        {"Ann Lee_123456_assignsubmission_file_/homework.zip": zipped(ONE | TWO)},
        under("Ann Lee_123456_assignsubmission_file/homework", ONE | TWO)
        | {"Ann Lee_123456_assignsubmission_onlinetext/onlinetext.html": b"<p>"},
        under("Ann Lee_123456_assignsubmission_file_", ONE | TWO)
        | {"Ann Lee_123456_assignsubmission_onlinetext_/onlinetext.html": b"<p>"},
        {f"Ann Lee_123456_assignsubmission_file_{name}": text for name, text in (ONE | TWO).items()}
        | {"Ann Lee_123456_assignsubmission_onlinetext_onlinetext.html": b"<p>"},
        {"Ann Lee_123456_assignsubmission_file_homework.tar.gz": tarred(ONE | TWO)},
        under("Ann Lee_123456_assignsubmission_file_homework", ONE | TWO),
    ],
    ids=["folder", "new folder", "zip", "text too", "text too, older", "flat", "flat archive", "flat unpacked"],
)
def test_moodle(tmp_path: Path, files: dict[str, bytes], packed: str) -> None:
    """All that Moodle has of one learner is one submission, whether in folders or not."""
    ann, zoe = read(tmp_path, files | under("Zoë Ray_9_assignsubmission_file", TWO), packed)
    assert (ann.name, ann.error, zoe.name) == ("Ann Lee_123456", None, "Zoë Ray_9")
    assert ann.sources == {"stage1_relu": "one = 1\n", "stage2_forward": "two = 2\n"}
    assert (ann.submitters, ann.attempt, ann.notes) == ((Submitter("123456", "Ann Lee", local=True),), None, ())


def test_one_learner_in_moodle(tmp_path: Path) -> None:
    """A download of one learner only is read as one of many is."""
    [ann] = read(tmp_path, under("Ann Lee_123456_assignsubmission_file", ONE), "zip")
    assert (ann.name, ann.student) == ("Ann Lee_123456", "123456")


def test_only_a_text_in_moodle(tmp_path: Path) -> None:
    """A learner who only typed a text in is rejected, and not missing."""
    [ann] = read(tmp_path, {"Ann Lee_1_assignsubmission_onlinetext/onlinetext.html": b"<p>"}, "zip")
    assert (ann.name, ann.sources) == ("Ann Lee_1", {})
    assert (ann.error or "").startswith("no stage file")


def test_a_group_in_moodle(tmp_path: Path) -> None:
    """A group's submission, which may have no number, has the group's name."""
    ann, _ = read(tmp_path, under("Group A_assignsubmission_file", ONE) | under("B_2_assignsubmission_file", TWO))
    assert [ann.name, ann.submitters] == ["B_2", (Submitter("2", "B", local=True),)]
    assert read(tmp_path, {})[1].submitters == (Submitter(None, "Group A", local=True),)


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


@pytest.mark.parametrize("packed", ["folder", "zip", "tgz"])
@pytest.mark.parametrize("wrapped", ["assignment_1_export/", ""])
def test_gradescope(tmp_path: Path, wrapped: str, packed: str) -> None:
    """Gradescope's file says who submitted each folder, alone or as a group, and how often before."""
    files = {
        f"{wrapped}submission_metadata.yml": METADATA,
        **under(f"{wrapped}submission_456", ONE),
        f"{wrapped}submission_457/h.zip": zipped(TWO),
        **under(f"{wrapped}submission_458", ONE),
    }
    ann, bob, other = read(tmp_path, files, packed)
    assert [ann.name, bob.name, other.name] == [
        "Ann Lee_00123",
        "Bob Ray_bob@example.org and Cem_77",
        "submission_458",
    ]
    assert (ann.submitters, ann.attempt) == ((Submitter("00123", "Ann Lee", "ann@example.org"),), 3)
    assert bob.submitters == (
        Submitter(None, "Bob Ray", "bob@example.org"),
        Submitter("77", "Cem", "bob@example.org"),
    )
    assert ann.error is bob.error is other.error is None


def test_gradescope_attempts(tmp_path: Path) -> None:
    """Of a stage in two folders of the same learner that of the greater number counts; a stub never does."""
    metadata = b"".join(
        b"submission_%d:\n  :submitters:\n  - :name: Ann\n    :sid: '1'\n" % number for number in (9, 10)
    )
    one = {"stage1_relu.py": b"def relu(a): return 9", "stage2_forward.py": b"def loss(f, y): return 9"}
    two = {"stage1_relu.py": b"def relu(a): pass", "stage2_forward.py": b"def loss(f, y): return 10"}
    handed_in = under("submission_9", one) | under("submission_10", two)
    [ann] = read(tmp_path, {"submission_metadata.yml": metadata, **handed_in})
    sources = {"stage1_relu": "def relu(a): return 9", "stage2_forward": "def loss(f, y): return 10"}
    assert ann.sources == sources
    assert [note.partition(" counts")[0] for note in ann.notes] == [
        "stage1_relu.py came more than once: submission_9/stage1_relu.py",
        "stage2_forward.py came more than once: submission_10/stage2_forward.py",
    ]


@pytest.mark.parametrize("content", [b"\xff", b"a: [", b"\t:", b"? " * 10**5, b"[" * 10**6])
def test_gradescope_metadata_that_cannot_be_read(tmp_path: Path, content: bytes) -> None:
    """Without a file that can be read the folders' own names stay, and what is wrong is reported."""
    files = {"submission_metadata.yml": content, **under("submission_9", ONE), **under("submission_10", TWO)}
    cohort = read(tmp_path, files)
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


@pytest.mark.parametrize(
    "name",
    [
        *(
            "ann",
            "ann.zip",
            "student-017",
            "ann_lee",
            "ann_2026_11_21.zip",
            "ann_12345_678910",
            "hw_1_2_stage1.py",
        ),
        *("Ann_12345_678910_stage1_relu.py", "12345_678910_stage1_relu.py", "_assignsubmission_file_x"),
        *("ann_assignsubmission_", "submission_456", "ann_text.html", "LATE_1_678910_x.py", "a" * 10**5 + "_1_2"),
    ],
)
def test_other_names_stay(name: str) -> None:
    """Names that fit no platform's pattern are left as they are."""
    assert platform_of({name: False}) is None


MIMICRY = (
    "4711_assignsubmission_file_sub.zip",
    "Ann Lee_4711_assignsubmission_file_stage1_relu.py",
    "leeann_4711_99999_stage1_relu.py",
    "LATE_4711_99999_stage1_relu.py",
    "anon_Ab1Cd_99999_stage1_relu.py",
    "4711_text.html",
    "submission_4711",
    "submission_metadata.yml",
    "ann_01_numpy_manual.ipynb",
)
"""Names that learners may give to their files, each made like a platform's."""


@pytest.mark.parametrize("packed", ["folder", "zip"])
@pytest.mark.parametrize("mimicry", MIMICRY)
@pytest.mark.parametrize(
    ("before", "ann", "name"),
    [
        ("mo_666_90000_", "leeann_4711_90001_stage1_relu.py", "mo_666"),
        ("mo_LATE_666_90000_", "leeann_4711_90001_stage1_relu.py", "mo_666"),
        ("anon_M0m0m_90000_", "anon_Ab1Cd_90001_stage1_relu.py", "anon_M0m0m"),
        ("mo_666_assignsubmission_file_", "Ann Lee_4711_assignsubmission_file_stage1_relu.py", "mo_666"),
        ("Mo_666_assignsubmission_file_/", "Ann Lee_4711_assignsubmission_file_/stage1_relu.py", "Mo_666"),
    ],
)
def test_a_files_own_name_tells_nothing(
    tmp_path: Path, before: str, ann: str, name: str, mimicry: str, packed: str
) -> None:
    """Whatever a learner calls a file, it is this learner's, beside others and as the only one there is."""
    mo = {before + mimicry: b"mo = 1\n"}
    assert {one.name for one in read(tmp_path / "one", mo, packed)} == {name}
    found = {one.name: one for one in read(tmp_path / "two", mo | {ann: b"ann = 1\n"}, packed)}
    assert len(found) == 2
    assert name in found
    del found[name]
    assert [one.sources for one in found.values()] == [{"stage1_relu": "ann = 1\n"}]


def test_an_upload_named_as_a_whole_export(tmp_path: Path) -> None:
    """An archive of a learner's that holds what looks like an export is that learner's, wherever it lies alone."""
    names = ("leeann_4711_90001_stage1_relu.py", "leeann_4711_90002_report.pdf")
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


def test_gradescopes_learners_of_one_name(tmp_path: Path) -> None:
    """Who has no id and no email is not taken for another of the same name, nor for a group."""
    people = {1: ["Ann"], 2: ["Ann"], 3: ["Ann", "Bob"], 4: ["Ann and Bob"]}
    metadata = {f"submission_{n}": {":submitters": [{":name": one} for one in who]} for n, who in people.items()}
    files = {"submission_metadata.yml": json.dumps(metadata).encode()}
    for number in people:
        files |= under(f"submission_{number}", {"stage1_relu.py": b"# %d" % number})
    cohort = read(tmp_path, files)
    assert sorted(one.sources["stage1_relu"] for one in cohort) == ["# 1", "# 2", "# 3", "# 4"]
    assert len({one.name for one in cohort}) == 4


def test_a_name_that_canvas_leaves_nothing_of(tmp_path: Path) -> None:
    """Canvas writes a name of nothing but signs as no name."""
    bob, ann = sorted(read(tmp_path, {"_12_3000_stage1_relu.py": b"x"} | BOB), key=lambda one: one.student or "")
    assert {ann.submitters, bob.submitters} == {(Submitter("12"),), (Submitter("77", "bobray"),)}


def test_long_names_in_an_export(tmp_path: Path) -> None:
    """A name of more than 255 bytes is cut before anything looks at it; its beginning still tells whose it is."""
    long = "mo_666_90000_" + "(1)" * 20_000 + ".zip"
    ann, mo = read(tmp_path, {long: zipped(TWO), "leeann_4711_90001_stage1_relu.py": b"x"}, "zip")
    assert (ann.name, mo.name, list(mo.sources)) == ("leeann_4711", "mo_666", ["stage2_forward"])
    assert len(within_bounds("é" * 200).encode()) <= 255
    assert within_bounds("é" * 200) != within_bounds("é" * 201)


def test_a_platforms_files_beside_others(tmp_path: Path) -> None:
    """Files of a platform and folders of another kind may lie side by side; a note tells of these."""
    ann, bob, cem = read(tmp_path, under("ann", ONE) | BOB | {"cem.zip": zipped(TWO)})
    assert [(s.name, s.student) for s in (ann, bob, cem)] == [("ann", None), ("bobray_77", "77"), ("cem", None)]
    assert ann.notes == cem.notes == ("of nobody whom Canvas names, so it goes by its own name",)
    assert bob.notes == ()


def of_teams(folder: Path) -> Path:
    """What Teams keeps of an assignment: two learners' versions, the first newer on disk, and unfinished work."""
    for path, source in {
        "Submitted files/Ann Lee/XOR/Version 2/stage1_relu.py": "def relu(a): return 2",
        "Submitted files/Ann Lee/XOR/Version 10/stage1_relu.py": "def relu(a): return 10",
        "Submitted files/Bo Chen/XOR/Version 1/stage1_relu.py": "def relu(a): return 1",
        "Working files/Ann Lee/XOR/stage1_relu.py": "def relu(a): return 0",
    }.items():
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(source, encoding="utf-8")
    os.utime(folder / "Submitted files/Ann Lee/XOR/Version 2/stage1_relu.py", (2e9, 2e9))
    return folder


@pytest.mark.parametrize("packed", [False, True])
def test_teams(tmp_path: Path, packed: bool) -> None:
    """Of Teams' folders those of submitted files count, a learner each, and of these the latest version."""
    given = of_teams(tmp_path / "XOR")
    if packed:
        given = Path(shutil.make_archive(str(tmp_path / "download"), "zip", given))
    cohort = {one.name: one.sources for one in read_cohort(given)}
    assert cohort == {
        "Ann Lee": {"stage1_relu": "def relu(a): return 10"},
        "Bo Chen": {"stage1_relu": "def relu(a): return 1"},
    }
