"""Reading submissions: whatever an LMS exports or a learner packs is read or rejected with a reason."""

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from conftest import COURSE
from handed_in import FIRST, ONE, READ_ONE, READ_TWO, SECOND, TWO, Files, put, read_all, tarred, under, zipped
from hypothesis import given
from hypothesis import strategies as st

from grader.course.catalogue import NOTEBOOKS, Stage, task_cell
from grader.course.finding import KIT, VARIABLE
from grader.course.location import EXERCISES
from grader.intake.learning_platforms import time_of
from grader.intake.notebook_files import Cell
from grader.intake.submissions import Submission, Unreadable, read_cohort, untimed

STAGE = FIRST.file
posix = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there, and pipes have no file")


def only(folder: Path) -> Submission:
    """The only submission there is."""
    [submission] = read_cohort(folder)
    return submission


WAYS: dict[str, Files] = {
    "folder": under("ann", ONE),
    "wrapped": under("ann/homework", ONE),
    "zip": {"ann.zip": zipped(ONE)},
    "wrapped zip": {"ann.ZIP": zipped(under("homework", ONE))},
    "zip in folder": {"ann/handed_in.zip": zipped(ONE)},
    "and more": {"ann/handed_in.zip": zipped(under("homework", ONE)), "ann/comment.txt": b"late"},
    "mac": under("ann/homework", ONE) | {f"ann/__MACOSX/{STAGE}": b"", "ann/.git/x": b"", ".DS_Store": b""},
    "mac zip": {"ann.zip": zipped(ONE | {f"__MACOSX/._{STAGE}": b"\0", ".DS_Store": b"\0"})},
    "bom": {f"ann/{STAGE}": b"\xef\xbb\xbf" + ONE[STAGE]},
    "tar": {"ann.tar": tarred(ONE, "")},
    "wrapped tar.gz": {"ann.tar.gz": tarred(under("homework", ONE))},
    "tgz": {"ann.TGZ": tarred(under("./homework", ONE))},
    "bz2": {"ann.tar.bz2": tarred(ONE, "bz2")},
    "xz": {"ann.tar.xz": tarred(ONE, "xz")},
    "zip in tar": {"ann.tar.gz": tarred({"homework.zip": zipped(ONE), "data.bin": b"\0" * 2000})},
    "tar in zip": {"ann.zip": zipped({"homework.tgz": tarred(ONE)})},
    "tar named zip": {"ann.zip": tarred(ONE)},
}


@pytest.mark.parametrize("files", WAYS.values(), ids=WAYS)
def test_ways_to_hand_in(tmp_path: Path, files: Files) -> None:
    """A folder or an archive of stage files, wrapped once or not, is a submission named after it."""
    put(tmp_path, files | under("bob", TWO))
    ann, bob = read_cohort(tmp_path)
    assert ann == Submission("ann", READ_ONE)
    assert bob == Submission("bob", READ_TWO)


@pytest.mark.parametrize("way", ["folder", "zip", "wrapped tar.gz", "tgz"])
def test_one_submission_by_itself(tmp_path: Path, way: str) -> None:
    """A folder or an archive that is itself a submission is marked as one."""
    put(tmp_path, WAYS[way])
    assert only(next(tmp_path.iterdir())) == Submission("ann", READ_ONE)


COHORTS: dict[str, Files] = {
    "folders": under("ann", ONE) | under("bob", TWO),
    "wrapped folders": under("all", under("ann", ONE) | under("bob", TWO)),
    "zips": {"ann.zip": zipped(ONE), "bob.zip": zipped(under("b", TWO))},
    "folders of zips": {"all/ann/a.zip": zipped(ONE), "all/bob/b.zip": zipped(TWO)},
    "tars": {"ann.tgz": tarred(ONE), "bob.tar": tarred(under("b", TWO), "")},
    "mixed": {"ann.tgz": tarred({"h.zip": zipped(ONE)}), "bob.zip": zipped({"b.tar": tarred(TWO, "")})},
}


@pytest.mark.parametrize("files", COHORTS.values(), ids=COHORTS)
@pytest.mark.parametrize("packed", ["zip", "tar", "tar.gz"])
def test_one_archive_of_all(tmp_path: Path, files: Files, packed: str) -> None:
    """An archive of all submissions is read like a folder where it is said to be one; else it is one learner's.

    A tar of zips is a tar, although it ends as a zip does.
    """
    cohort = read_all(tmp_path / "export", files, packed, cohort=True)
    assert [(one.name, one.sources) for one in cohort] == [("ann", READ_ONE), ("bob", READ_TWO)]
    for one in (only(tmp_path / "export"), only(tmp_path / "export" / f"all.{packed}")):
        assert (one.name, one.sources) == ("all", {})
        assert "give it to the command by itself, an archive with --cohort" in (one.error or "")


@pytest.mark.parametrize("pack", [lambda x: under("mallory", x), lambda x: {"mallory.zip": zipped(x)}, None])
def test_a_learners_folders_are_no_students(tmp_path: Path, pack: Callable[[Files], Files] | None) -> None:
    """What a learner puts into folders of whatever names is one submission, also where it is the only one."""
    inner = {**under("ann", ONE), **under("bob", TWO), f"cem_{NAMES[0]}": ALL[NAMES[0]]}
    put(tmp_path, pack(inner) if pack else {"mallory.tgz": tarred(under("x", inner))})
    assert only(tmp_path).name == "mallory"
    put(tmp_path, under("zoe", ONE))
    assert [one.name for one in read_cohort(tmp_path, cohort=True)] == ["mallory", "zoe"]


def test_a_folder_that_wraps_a_cohort(tmp_path: Path) -> None:
    """In an archive that is said to be a cohort a folder of its own name wraps it; any other is a learner's."""
    cohort = zipped(under("week3", under("mallory", under("ann", ONE) | under("bob", TWO))))
    put(tmp_path, {"week3 (1).zip": cohort, "all.zip": cohort})
    names = [[one.name for one in read_cohort(path, cohort=True)] for path in sorted(tmp_path.iterdir())]
    assert names == [["week3"], ["mallory"]]


def test_no_name_is_lost(tmp_path: Path) -> None:
    """Submissions whose names look the same once they are printable have names of their own that last.

    A folder and a zip of one name are two submissions.
    """
    put(tmp_path, under("a\\n", ONE) | under("a\n", TWO) | {"a\n.zip": zipped(ONE)} | {"a\\n.zip": zipped(TWO)})
    cohort = {submission.name: submission.sources for submission in read_cohort(tmp_path)}
    assert len(cohort) == 4
    assert (cohort.pop("a\\n"), cohort.pop("a\\n.zip")) == (READ_ONE, READ_TWO)
    shutil.rmtree(tmp_path / "a\\n")
    for name in ("a\\n.zip", "a\n.zip"):
        (tmp_path / name).unlink()
    assert only(tmp_path).name in cohort


def test_names_that_differ_in_little(tmp_path: Path) -> None:
    """Names that a file system may take for the same, by case or by ways to write a letter, are told apart."""
    labels = ("Zo\u00eb", "Zoe\u0308", "zo\u00eb", "bob")
    cohort = read_all(tmp_path, {f"{label}/{STAGE}": label.encode() for label in labels}, "zip", cohort=True)
    plain = {unicodedata.normalize("NFC", submission.name).casefold() for submission in cohort}
    assert len(plain) == len(labels)
    assert "bob" in plain


def test_names_are_short_and_printable(tmp_path: Path) -> None:
    """Longer names than a file may have are cut and stay apart; control characters reach no terminal."""
    odd = {f"a\x1b[2Jnn\n/{STAGE}": b"x = 1", f"bob/{STAGE}": b"x = 1", "cem\u202egnp.exe/\u2066readme": b""}
    long = under("n" * 500 + "1", ONE) | under("n" * 500 + "2", TWO)
    ann, bob, cem, *longer = read_all(tmp_path, odd | long, "zip", cohort=True)
    assert [ann.name[:-13], bob.name, cem.name[:-13]] == ["a\\x1b[2Jnn\\n", "bob", "cem\\u202egnp.exe"]
    assert (cem.error or "").endswith("it holds \\u2066readme")
    assert {one.name[:150] for one in longer} == {"n" * 150}
    assert len({one.name for one in longer}) == 2
    assert max(len(one.name) for one in longer) < 170


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"readme.txt": b""}, f"no stage file ({STAGE}, …) and no notebook in it; it holds readme.txt"),
        ({}, "it is empty"),
        ({STAGE: b"x = 1\n# \xe9"}, f"{STAGE} is not UTF-8 text: line 2 holds the byte 0xe9"),
        ({STAGE: b"#" * (2**20 + 1)}, f"{STAGE}: larger than the 1024 KiB"),
        ({NOTEBOOKS[0].file: b"{"}, f"{NOTEBOOKS[0].file} cannot be read: damaged or cut short"),
        ({"homework.ipynb": b""}, "homework.ipynb cannot be read: empty"),
        ({"homework.ipynb": b'{"cells": []}'}, "homework.ipynb is none of the course's notebooks"),
        (dict.fromkeys([n.file for n in NOTEBOOKS], b""), f"hand it in again; {NOTEBOOKS[1].file} cannot be read"),
    ],
)
def test_rejections(tmp_path: Path, files: Files, reason: str) -> None:
    """What cannot be read is a submission with a reason, and the others are read."""
    (tmp_path / "all.folder" / "ann").mkdir(parents=True)
    ann, bob = read_all(tmp_path, under("ann", files) | under("bob", TWO))
    assert ann.name == "ann"
    assert reason in (ann.error or "")
    assert ann.sources == {}
    assert bob.error is None


@posix
@pytest.mark.parametrize(
    ("link", "to", "reason"),
    [
        (f"ann/{STAGE}", "secret.py", f"{STAGE}: a link that leads outside the submission"),
        (f"ann/{STAGE}", f"cohort/bob/{SECOND.file}", "a link that leads outside"),
        ("ann", "cohort/bob", "a link that leads outside"),
        ("ann/homework", "cohort/bob", "it holds homework"),
    ],
)
def test_links_lead_nowhere(tmp_path: Path, link: str, to: str, reason: str) -> None:
    """A link to a file outside the submission, or to another submission, is not followed."""
    cohort = tmp_path / "cohort"
    put(cohort, under("bob", TWO) | under("cem", TWO))
    put(tmp_path, {"secret.py": b"secret = 1"})
    (cohort / link).parent.mkdir(exist_ok=True)
    (cohort / link).symlink_to(tmp_path / to)
    ann, bob, _ = read_cohort(cohort)
    assert reason in (ann.error or "")
    assert bob.error is None


@posix
def test_links_within(tmp_path: Path) -> None:
    """A link within a submission is as good as a file; links to each other, or back up, stop nothing."""
    put(tmp_path, under("ann", ONE) | under("bob/src", TWO) | under("cem", ONE))
    links = {"ann/again": "ann", "bob/again": "bob", f"bob/{STAGE}": f"bob/src/{SECOND.file}"}
    for link, to in (links | {f"cem/{SECOND.file}": "cem/other", "cem/other": f"cem/{SECOND.file}"}).items():
        (tmp_path / link).symlink_to(tmp_path / to)
    ann, bob, cem = read_cohort(tmp_path)
    assert (ann.sources, bob.sources) == (READ_ONE, {FIRST.name: READ_TWO[SECOND.name]} | READ_TWO)
    assert (cem.sources, cem.unread[SECOND.name][: len(SECOND.file) + 2]) == (READ_ONE, f"{SECOND.file}: ")


@posix
def test_huge_files_and_pipes_are_not_read(tmp_path: Path) -> None:
    """A stage file, or an archive, of many megabytes is rejected by its size alone; other files are ignored.

    A named pipe in place of a file, an archive or everything is not waited for.
    """
    put(tmp_path, under("ann", ONE) | under("bob", TWO) | {"dan/x.txt": b""})
    for name in ("ann/data.bin", f"bob/{STAGE}", "cem.zip"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2**33)
    for name in (f"dan/{STAGE}", "eve.zip"):
        os.mkfifo(tmp_path / name)
    ann, bob, *others = read_cohort(tmp_path)
    assert (ann.error, bob.error) == (None, None)
    assert bob.unread == {FIRST.name: f"{STAGE}: larger than the 1024 KiB that are read"}
    reasons = ["larger than the 128 MiB that are read", f"{STAGE}: not an ordinary file", "not an ordinary file"]
    assert [one.error for one in others] == reasons
    with pytest.raises(Unreadable, match="not an ordinary file"):
        read_cohort(tmp_path / "eve.zip")


STARTS = ("a_1_222_", "LATE_anon_A_333_", "B_1_assignsubmission_file", "submission_1/")
LIKE_PLATFORMS = [start + end for start in STARTS for end in (STAGE, f"_x/{STAGE}", "h.zip")]
FILES = under("ann", ONE) | {"bob/homework.tar": tarred(TWO, ""), "cem/homework.zip": zipped(ONE)}
WHOLE = {"zip": zipped(FILES), "tar": tarred(FILES, ""), "gz": tarred(FILES), "xz": tarred(FILES, "xz")}


@pytest.mark.parametrize("packed", WHOLE)
@given(
    changes=st.dictionaries(st.floats(0, 1, exclude_max=True), st.integers(0, 255), max_size=5),
    cut=st.integers(0, 40),
)
def test_damaged_archives_are_read_or_rejected(packed: str, changes: dict[float, int], cut: int) -> None:
    """An archive with some bytes changed, or cut short, never stops the batch."""
    content = bytearray(WHOLE[packed])
    for place, byte in changes.items():
        content[int(place * len(content))] = byte
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "ann.zip"
        path.write_bytes(content[: len(content) - cut])
        (Path(temporary) / "bob.zip").write_bytes(WHOLE["zip"])
        assert len(read_cohort(Path(temporary))) == 2
        with contextlib.suppress(Unreadable):
            read_cohort(path)


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
        | st.sampled_from(LIKE_PLATFORMS),
        st.binary(max_size=40) | st.just(WHOLE["zip"]) | st.just(WHOLE["gz"]),
        min_size=1,
        max_size=6,
    ),
    st.booleans(),
)
def test_any_names_and_bytes(files: Files, as_tar: bool) -> None:
    """Whatever an archive's entries are named and hold, its submissions have names of their own."""
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "all.zip"
        path.write_bytes(tarred(files, "") if as_tar else zipped(files))
        with contextlib.suppress(Unreadable):
            cohort = read_cohort(path, cohort=True)
            assert len({submission.name for submission in cohort}) == len(cohort)
            assert all(submission.name.isprintable() for submission in cohort)
            assert all(submission.sources or submission.error for submission in cohort)


def test_no_cohort(tmp_path: Path) -> None:
    """A path with nothing to mark says what is wrong with it."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "file").write_bytes(b"x")
    reasons = {"none": "no such folder or zip", "empty": "it is empty", "file": "neither a folder nor a zip"}
    for name, reason in reasons.items():
        with pytest.raises(Unreadable, match=reason):
            read_cohort(tmp_path / name)


WORK = "def double(a):\n    return a + a"


def cells_of(number: int, source: str = WORK) -> tuple[Cell, ...]:
    """The course's notebook of that number, as it is read: two cells, of which one is a task's."""
    stage = NOTEBOOKS[number].stages[0]
    return (Cell("setup", "%load_ext grader.kernel"), Cell(task_cell(stage, stage.tasks[0]), source))


def saved(cells: Iterable[Cell]) -> bytes:
    """A notebook of these cells, as a learner saves it."""
    held = [{"cell_type": "code", "outputs": [], "metadata": {}} | cell._asdict() for cell in cells]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": held, "metadata": {}}).encode()


NAMES = [which.file for which in NOTEBOOKS]
ALL = {name: saved(cells_of(number)) for number, name in enumerate(NAMES)}
READ = {which.name: cells_of(number) for number, which in enumerate(NOTEBOOKS)}
WAYS_OF_NOTEBOOKS: dict[str, Files] = {
    "folder": under("ann", ALL),
    "wrapped": under("ann/homework", ALL),
    "nbgrader": under("ann/chainrule", ALL | {"timestamp.txt": b"2026-11-21 10:00:00 UTC"}),
    "and more": under("ann", ALL | dict.fromkeys(["walkthrough.ipynb", ".ipynb_checkpoints/x.ipynb"], b"{}")),
    "and none": under("ann", ALL | {"data.ipynb": b"hm"}),
    "zip": {"ann.zip": zipped(ALL)},
    "tar": {"ann.tar.gz": tarred(under("homework", ALL))},
    "zip in folder": {"ann/handed_in.zip": zipped(ALL)},
    "Canvas": {f"ann_12_10{n}_{name}": ALL[name] for n, name in enumerate(NAMES)},
    "Canvas again": {f"ann_12_{n}_{name[:-6]}-{n}.ipynb": ALL[name] for n, name in enumerate(NAMES, 100)},
    "Moodle flat": {f"ann_12_assignsubmission_file_{name}": content for name, content in ALL.items()},
    "Moodle": under("ann_12_assignsubmission_file", ALL),
    "by prefix": {f"ann lee_{name}": content for name, content in ALL.items()},
    "renamed": under("ann", {f"part{n}.ipynb": content for n, content in enumerate(ALL.values())}),
    "downloaded twice": under("ann", {f"{name[:-6]} (1).ipynb": content for name, content in ALL.items()}),
}


@pytest.mark.parametrize("files", WAYS_OF_NOTEBOOKS.values(), ids=WAYS_OF_NOTEBOOKS)
def test_ways_to_hand_in_notebooks(tmp_path: Path, files: Files) -> None:
    """Notebooks come in every way in which modules come."""
    ann, bob = sorted(read_all(tmp_path, files | under("bob", ONE)), key=lambda one: one.form, reverse=True)
    assert (ann.form, ann.error, ann.notes, ann.notebooks) == ("notebooks", None, (), READ)
    assert ann.name.startswith("ann")
    assert (bob.form, bob.notebooks) == ("modules", {})


def test_single_notebooks(tmp_path: Path) -> None:
    """One of several is a submission, also as a file by itself; what is missing is mentioned."""
    put(tmp_path, {"ann.ipynb": ALL[NAMES[0]], "bob.ipynb": ALL[NAMES[1]], f"cem/{NAMES[1]}": ALL[NAMES[1]]})
    ann, bob, cem = read_cohort(tmp_path)
    assert [one.name for one in (ann, bob, cem)] == ["ann", "bob", "cem"]
    assert [list(one.notebooks) for one in (ann, bob, cem)] == [[NOTEBOOKS[n].name] for n in (0, 1, 1)]
    assert (ann.notes, cem.notes) == ((f"missing: {NAMES[1]}",), (f"missing: {NAMES[0]}",))
    assert only(tmp_path / "ann.ipynb").notebooks == ann.notebooks
    assert only(tmp_path / "cem").notebooks == cem.notebooks


STUB = (EXERCISES / STAGE).read_bytes()
BOTH_WAYS = f"{STAGE} came in {NAMES[0]} as well"


@pytest.mark.parametrize(
    ("files", "sources", "notebooks", "notes"),
    [
        ({STAGE: b"x = 1", NAMES[1]: ALL[NAMES[1]]}, [FIRST], [1], ""),
        ({STAGE: WORK.encode()} | ALL, [FIRST], [1], f"{BOTH_WAYS}: the file counts"),
        ({STAGE: b"x = 1"} | ALL, [], [0, 1], f"{BOTH_WAYS}: the notebook counts, as the file is not written"),
        ({STAGE: STUB} | ALL, [], [0, 1], f"{BOTH_WAYS}: the notebook counts, as the file is not written"),
        (ALL | {NAMES[1]: b"{"}, [], [0], f"{NAMES[1]} cannot be read: damaged .* … missing: {NAMES[1]}"),
    ],
)
def test_a_mix(tmp_path: Path, files: Files, sources: list[Stage], notebooks: list[int], notes: str) -> None:
    """Modules and notebooks may be mixed; a module counts before a notebook, but not as the unwritten stub.

    A broken notebook costs itself alone.
    """
    put(tmp_path / "ann", files)
    ann = only(tmp_path / "ann")
    assert list(ann.sources) == [stage.name for stage in sources]
    assert sorted(ann.notebooks) == [NOTEBOOKS[n].name for n in notebooks]
    assert re.fullmatch(notes, " … ".join(ann.notes))
    assert ann.form == "notebooks"


READ_THERE = """
import pathlib, sys
from grader.intake.submissions import read_cohort
for one in read_cohort(pathlib.Path(sys.argv[1])):
    print(one.name, *one.sources, *one.notebooks, *one.notes)
"""


def test_a_notebook_of_two_stages(tmp_path: Path) -> None:
    """On a course that has one: of its stages those count that were not handed in as modules, or are later."""
    shutil.copytree(COURSE, tmp_path / "course")
    toml = tmp_path / "course" / "pyproject.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("[1]", "[1, 2]"), encoding="utf-8")
    both, modules = {NAMES[0]: saved((*cells_of(0), *cells_of(1)))}, {STAGE: WORK.encode()}
    others = {"bob": both | modules | {SECOND.file: b"def slope(x):\n    return 8 * x"}, "cem": both | modules}
    for name, files in ({"ann": both | modules} | others).items():
        put(tmp_path / "cohort" / name, files)
    at(tmp_path / "cohort" / "cem" / STAGE, 1_500_000_000)
    command = [sys.executable, "-c", READ_THERE, tmp_path / "cohort"]
    environment = os.environ | {VARIABLE: str(tmp_path / "course"), "PYTHONPATH": str(KIT), "PYTHONUTF8": "1"}
    told = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=True)
    came, name = f"{STAGE} came in {NAMES[0]} as well", NOTEBOOKS[0].name
    assert told.stdout.splitlines() == [
        f"ann {FIRST.name} {name} {came}: the file counts",
        f"bob {FIRST.name} {SECOND.name} {came.replace(' came', f', {SECOND.file} came')}: the file counts",
        f"cem {name} {came}: the notebook counts, as it is later",
    ]


def test_the_latest_notebook_counts(tmp_path: Path) -> None:
    """Of a notebook uploaded twice the later upload counts, and a note says so."""
    later = cells_of(0, "def double(a):\n    return 2 * a")
    anns = {f"ann_12_100_{NAMES[0]}": ALL[NAMES[0]], f"ann_12_200_{NAMES[0]}": saved(later)}
    ann, _ = read_all(tmp_path, anns | {f"bob_13_100_{NAMES[0]}": ALL[NAMES[0]]})
    assert ann.notebooks == {NOTEBOOKS[0].name: later}
    assert f"{NAMES[0]} came more than once" in ann.notes[0]


STAMPED = {"timestamp.txt": b"2026-11-21 10:00:00.5 CET\n"}
STAMP = datetime(2026, 11, 21, 9, 0, 0, 500_000, UTC)


def at(path: Path, seconds: int) -> datetime:
    """Set the time at which the file system has a file as written."""
    os.utime(path, (seconds, seconds))
    return datetime.fromtimestamp(seconds, UTC)


def test_when_it_was_handed_in(tmp_path: Path) -> None:
    """A time is nbgrader's, where it made the folder, else the latest that the file system has of what counts."""
    put(tmp_path, under("ann/chainrule", ALL | STAMPED) | under("bob", ONE | TWO) | {"cem.ipynb": ALL[NAMES[0]]})
    bobs = at(tmp_path / "bob" / STAGE, 1_700_000_000)
    at(tmp_path / "bob" / SECOND.file, 1_600_000_000)
    cems = at(tmp_path / "cem.ipynb", 1_500_000_000)
    assert [submission.handed_in for submission in read_cohort(tmp_path)] == [STAMP, bobs, cems]


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: zipped({"h.tar": tarred(files)})])
def test_clocks_of_learners(tmp_path: Path, pack: Callable[[Files], bytes]) -> None:
    """No clock within an upload tells when it came, nor a file like nbgrader's; the archive's own time does."""
    put(tmp_path, {"ann.zip": pack(ALL | STAMPED), "bob/homework.zip": zipped(under("x", ONE | STAMPED))})
    put(tmp_path, under("cem", STAMPED | {"homework.zip": zipped(ONE)}))
    times = [at(tmp_path / "ann.zip", 1_700_000_000), at(tmp_path / "bob" / "homework.zip", 1_600_000_000), STAMP]
    assert [one.handed_in for one in read_cohort(tmp_path)] == times
    assert only(tmp_path / "ann.zip").handed_in == times[0]


def test_no_time(tmp_path: Path) -> None:
    """Where neither a platform nor nbgrader nor a file system tells, there is no time, and a sentence says so."""
    put(tmp_path, {"all.zip": zipped(under("ann", ONE) | {"bob.zip": zipped(TWO)} | under("cem", ONE | STAMPED))})
    cohort = read_cohort(tmp_path / "all.zip", cohort=True)
    assert [submission.handed_in for submission in cohort] == [None, None, STAMP]
    assert untimed(cohort).startswith("2 of 3 submissions (ann, bob): neither a platform")
    assert untimed(cohort[2:]) == ""


WHEN = "':created_at': 2026-11-21 09:00:00.500000000 Z"


@pytest.mark.parametrize(
    ("folder", "more", "time"),
    [
        *(("lee_1_2000_h", "", None), ("Lee_1_assignsubmission_file_", "", None)),
        *(("submission_1", "", None), ("submission_1", WHEN, STAMP)),
    ],
)
def test_times_in_exports(tmp_path: Path, folder: str, more: str, time: datetime | None) -> None:
    """What lies on disk of a platform's export has the times of the download, or what a learner wrote.

    The time that Gradescope tells of a submission is believed before any file's.
    """
    metadata = f"submission_1: {{':submitters': [{{':sid': a}}], {more}}}".encode()
    put(tmp_path, under(folder, ONE) | under(folder, STAMPED if not more else {}))
    put(tmp_path, {"submission_metadata.yml": metadata} if folder == "submission_1" else {})
    assert only(tmp_path).student is not None
    assert only(tmp_path).handed_in == time


def test_times() -> None:
    """Times as nbgrader and Gradescope write them; what is no time is none."""
    ten = datetime(2026, 11, 21, 10, tzinfo=UTC)
    for text in ("2026-11-21 10:00:00 UTC", "2026-11-21 10:00:00", "2026-11-21 10:00:00.000000000 Z"):
        assert time_of(text) == ten
    assert time_of("2026-11-21 10:00:00 3600") == ten - timedelta(hours=1)
    assert time_of("2026-11-21T10:00:00.25-02:00") == ten + timedelta(hours=2, milliseconds=250)
    for text in ("", "soon", "1" * 50, "9" * 500, "2026-11-21 10:00:00 99999999999", "1 2 3 4 5"):
        assert time_of(text) is None
