"""Reading submissions: whatever an LMS exports or a learner packs is read or rejected with a reason."""

import contextlib
import io
import json
import os
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from handed_in import ONE, TWO, put, tarred, under
from hypothesis import given
from hypothesis import strategies as st
from sample_cohort import zipped

from grader.course.catalogue import NOTEBOOKS, task_cell
from grader.course.location import EXERCISES
from grader.intake.learning_platforms import time_of
from grader.intake.notebook_files import Cell
from grader.intake.submissions import Submission, Unreadable, read_cohort, untimed


def only(folder: Path) -> Submission:
    """The only submission there is."""
    [submission] = read_cohort(folder)
    return submission


@pytest.mark.parametrize(
    "files",
    [
        under("ann", ONE),
        under("ann/homework", ONE),
        {"ann.zip": zipped(ONE)},
        {"ann.ZIP": zipped(under("homework", ONE))},
        {"ann/handed_in.zip": zipped(ONE)},
        {"ann/handed_in.zip": zipped(under("homework", ONE)), "ann/comment.txt": b"late"},
        under("ann/homework", ONE) | {"ann/__MACOSX/stage1_relu.py": b"", "ann/.git/x": b"", ".DS_Store": b""},
        {"ann.zip": zipped(ONE | {"__MACOSX/._stage1_relu.py": b"\0", ".DS_Store": b"\0"})},
        {"ann/stage1_relu.py": b"\xef\xbb\xbfone = 1\n"},
        {"ann.tar": tarred(ONE, "")},
        {"ann.tar.gz": tarred(under("homework", ONE))},
        {"ann.TGZ": tarred(under("./homework", ONE))},
        {"ann.tar.bz2": tarred(ONE, "bz2")},
        {"ann.tar.xz": tarred(ONE, "xz")},
        {"ann.tar.gz": tarred({"homework.zip": zipped(ONE), "data.bin": b"\0" * 2000})},
        {"ann.zip": zipped({"homework.tgz": tarred(ONE)})},
        {"ann.zip": tarred(ONE)},
    ],
    ids=[
        *("folder", "wrapped", "zip", "wrapped zip", "zip in folder", "and more", "mac", "mac zip", "bom"),
        *("tar", "wrapped tar.gz", "tgz", "bz2", "xz", "zip in tar", "tar in zip", "tar named zip"),
    ],
)
def test_ways_to_hand_in(tmp_path: Path, files: dict[str, bytes]) -> None:
    """A folder or a zip of stage files, wrapped once or not, is a submission named after it."""
    put(tmp_path, files | under("bob", TWO))
    ann, bob = read_cohort(tmp_path)
    assert ann == Submission("ann", {"stage1_relu": "one = 1\n"})
    assert bob == Submission("bob", {"stage2_forward": "two = 2\n"})


@pytest.mark.parametrize(
    "files",
    [
        under("ann", ONE) | under("bob", TWO),
        under("export", under("ann", ONE) | under("bob", TWO)),
        {"ann.zip": zipped(ONE), "bob.zip": zipped(under("b", TWO))},
        {"export/ann/a.zip": zipped(ONE), "export/bob/b.zip": zipped(TWO)},
        {"ann.tgz": tarred(ONE), "bob.tar": tarred(under("b", TWO), "")},
        {"ann.tgz": tarred({"h.zip": zipped(ONE)}), "bob.zip": zipped({"b.tar": tarred(TWO, "")})},
    ],
    ids=["folders", "wrapped folders", "zips", "folders of zips", "tars", "mixed"],
)
@pytest.mark.parametrize("packed", ["zip", "tar", "tar.gz"])
def test_one_archive_of_all(tmp_path: Path, files: dict[str, bytes], packed: str) -> None:
    """An archive of all submissions is read like a folder where it is said to be one; else it is one learner's."""
    content = zipped(files) if packed == "zip" else tarred(files, "gz" if packed == "tar.gz" else "")
    put(tmp_path, {f"all/export.{packed}": content})
    ann, bob = read_cohort(tmp_path / "all" / f"export.{packed}", cohort=True)
    assert (ann.name, ann.sources) == ("ann", {"stage1_relu": "one = 1\n"})
    assert (bob.name, bob.sources) == ("bob", {"stage2_forward": "two = 2\n"})
    for path in (tmp_path / "all" / f"export.{packed}", tmp_path / "all"):
        one = only(path)
        assert (one.name, one.sources) == ("export", {})
        assert "give it to the command by itself, an archive with --cohort" in (one.error or "")


@pytest.mark.parametrize("packed", ["folder", "zip", "tgz"])
def test_a_learners_folders_are_no_students(tmp_path: Path, packed: str) -> None:
    """What a learner puts into folders of whatever names is one submission, also where it is the only one."""
    inner = {**under("ann", ONE), **under("bob", TWO), f"cem_{NAMES[0]}": ALL[NAMES[0]]}
    files = {
        "folder": under("mallory", inner),
        "zip": {"mallory.zip": zipped(inner)},
        "tgz": {"mallory.tgz": tarred(under("x", inner))},
    }
    put(tmp_path / "cohort", files[packed])
    assert [one.name for one in read_cohort(tmp_path / "cohort")] == ["mallory"]
    put(tmp_path / "cohort", under("zoe", ONE))
    assert [one.name for one in read_cohort(tmp_path / "cohort", cohort=True)] == ["mallory", "zoe"]


def test_a_folder_that_wraps_a_cohort(tmp_path: Path) -> None:
    """In an archive that is said to be a cohort a folder of its own name wraps it; any other is a learner's."""
    cohort = under("week3", under("mallory", under("ann", ONE) | under("bob", TWO)))
    put(tmp_path, {"week3 (1).zip": zipped(cohort), "all.zip": zipped(cohort)})
    assert [one.name for one in read_cohort(tmp_path / "week3 (1).zip", cohort=True)] == ["mallory"]
    assert [one.name for one in read_cohort(tmp_path / "all.zip", cohort=True)] == ["week3"]


def test_one_submission_by_itself(tmp_path: Path) -> None:
    """A folder or a zip that is itself a submission is marked as one."""
    put(tmp_path / "ann", ONE)
    (tmp_path / "bob.zip").write_bytes(zipped(TWO))
    (tmp_path / "cem.tar.gz").write_bytes(tarred(ONE))
    assert only(tmp_path / "ann").name == "ann"
    assert only(tmp_path / "bob.zip").name == "bob"
    assert only(tmp_path / "cem.tar.gz").name == "cem"


def test_names_that_meet(tmp_path: Path) -> None:
    """A folder and a zip of one name are two submissions."""
    put(tmp_path, under("ann", ONE) | {"ann.zip": zipped(TWO)})
    assert [(s.name, list(s.sources)) for s in read_cohort(tmp_path)] == [
        ("ann", ["stage1_relu"]),
        ("ann.zip", ["stage2_forward"]),
    ]


def test_no_name_is_lost(tmp_path: Path) -> None:
    """Submissions whose names look the same once they are printable have names of their own that last."""
    put(tmp_path, under("a\\n", ONE) | under("a\n", TWO) | {"a\n.zip": zipped(ONE)} | {"a\\n.zip": zipped(TWO)})
    names = {submission.name for submission in read_cohort(tmp_path)}
    assert len(names) == 4
    assert {"a\\n", "a\\n.zip"} < names
    (tmp_path / "a\\n" / "stage1_relu.py").unlink()
    (tmp_path / "a\\n").rmdir()
    (tmp_path / "a\\n.zip").unlink()
    (tmp_path / "a\n.zip").unlink()
    assert only(tmp_path).name in names - {"a\\n", "a\\n.zip"}


def test_names_that_differ_in_little(tmp_path: Path) -> None:
    """Names that a file system may take for the same, by case or by ways to write a letter, are told apart."""
    labels = ("Zo\u00eb", "Zoe\u0308", "zo\u00eb", "bob")
    packed = zipped({f"{label}/stage1_relu.py": label.encode() for label in labels})
    (tmp_path / "all.zip").write_bytes(packed)
    cohort = read_cohort(tmp_path / "all.zip", cohort=True)
    plain = {unicodedata.normalize("NFC", submission.name).casefold() for submission in cohort}
    assert len(plain) == len(labels)
    assert "bob" in plain


def test_long_names_are_cut(tmp_path: Path) -> None:
    """Names longer than any file may have on disk, as an archive can hold them, are cut and stay apart."""
    (tmp_path / "all.zip").write_bytes(zipped(under("n" * 500 + "1", ONE) | under("n" * 500 + "2", TWO)))
    ann, bob = read_cohort(tmp_path / "all.zip", cohort=True)
    assert ann.name != bob.name
    assert ann.name[:150] == bob.name[:150] == "n" * 150
    assert max(len(ann.name), len(bob.name)) < 170


def test_windows_line_ends(tmp_path: Path) -> None:
    """A byte order mark goes, and Windows' line ends are as good as any."""
    put(tmp_path, {"ann/stage1_relu.py": b"\xef\xbb\xbfone = (\r\n    1\r\n)\r\n"} | under("bob", TWO))
    source = read_cohort(tmp_path)[0].sources["stage1_relu"]
    assert eval(compile(source, "stage1_relu.py", "exec")) is None


def encrypted() -> bytes:
    """A zip whose only file claims to be encrypted."""
    packed = bytearray(zipped(ONE))
    packed[packed.index(b"PK\x01\x02") + 8] |= 1
    packed[6] |= 1
    return bytes(packed)


def bomb() -> bytes:
    """A small zip of a large file."""
    return zipped({"stage1_relu.py": b" " * (50 * 2**20)})


def damaged() -> bytes:
    """A zip whose file's bytes were changed."""
    packed = bytearray(zipped(under("ann", {"stage1_relu.py": os.urandom(1000)})))
    packed[200] ^= 255
    return bytes(packed)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (
            {"ann/readme.txt": b""},
            "no stage file (stage1_relu.py, …) and no notebook in it; it holds readme.txt",
        ),
        ({"ann/stage1_relu.py": b"x = 1\n# \xe9"}, "stage1_relu.py is not UTF-8 text: line 2 holds the byte 0xe9"),
        ({"ann/stage1_relu.py": b"#" * (2**20 + 1)}, "stage1_relu.py: larger than the 1024 KiB"),
        ({"ann.zip": b"no zip"}, "neither a folder nor a zip that can be opened"),
        ({"ann.zip": encrypted()}, "the zip is encrypted"),
        ({"ann.zip": bomb()}, "larger than the 1024 KiB"),
        ({"ann.zip": damaged()}, "the zip is damaged"),
        ({"ann.tar.gz": b""}, "neither a folder nor a zip"),
        ({"ann.py": b"x = 1"}, "neither a folder nor a zip"),
        ({"ann.zip": zipped({"deep.zip": zipped({"deeper.zip": zipped(ONE)})})}, "no stage file"),
    ],
)
def test_rejections(tmp_path: Path, files: dict[str, bytes], reason: str) -> None:
    """What cannot be read is a submission with a reason, and the others are read."""
    put(tmp_path, files | under("bob", TWO))
    ann, bob = read_cohort(tmp_path)
    assert ann.name.startswith("ann")
    assert reason in (ann.error or "")
    assert ann.sources == {}
    assert bob.error is None


def test_an_empty_folder_is_rejected(tmp_path: Path) -> None:
    """A submission without a file is reported."""
    put(tmp_path, under("bob", TWO))
    (tmp_path / "ann").mkdir()
    assert "it is empty" in (read_cohort(tmp_path)[0].error or "")


def test_a_stage_file_that_is_a_folder_is_missing(tmp_path: Path) -> None:
    """A folder with a stage's name is no stage file."""
    put(tmp_path, under("ann", TWO) | {"ann/stage1_relu.py/x": b""} | under("bob", TWO))
    ann = read_cohort(tmp_path)[0]
    assert list(ann.sources) == ["stage2_forward"]
    assert ann.notes == ("stage1_relu.py is a folder, not a file, and was not read",)


@pytest.mark.skipif(sys.platform == "win32", reason="making a link needs a privilege on Windows")
@pytest.mark.parametrize(
    ("link", "to", "reason"),
    [
        ("ann/stage1_relu.py", "secret.py", "stage1_relu.py: a link that leads outside the submission"),
        ("ann/stage1_relu.py", "cohort/bob/stage2_forward.py", "a link that leads outside"),
        ("ann", "cohort/bob", "a link that leads outside"),
        ("ann/homework", "cohort/bob", "it holds homework"),
    ],
)
def test_links_lead_nowhere(tmp_path: Path, link: str, to: str, reason: str) -> None:
    """A link to a file outside the submission, or to another submission, is not followed."""
    cohort = tmp_path / "cohort"
    put(cohort, under("bob", TWO) | under("cem", TWO))
    (tmp_path / "secret.py").write_text("secret = 1", encoding="utf-8")
    (cohort / link).parent.mkdir(exist_ok=True)
    (cohort / link).symlink_to(tmp_path / to)
    ann, bob, _ = read_cohort(cohort)
    assert reason in (ann.error or "")
    assert bob.error is None


@pytest.mark.skipif(sys.platform == "win32", reason="making a link needs a privilege on Windows")
def test_links_in_circles(tmp_path: Path) -> None:
    """Links that lead to each other, or back up, stop nothing."""
    put(tmp_path, under("ann", ONE) | under("bob/src", TWO) | under("cem", ONE))
    (tmp_path / "ann" / "again").symlink_to(tmp_path / "ann")
    (tmp_path / "bob" / "again").symlink_to(tmp_path / "bob")
    (tmp_path / "cem" / "stage2_forward.py").symlink_to(tmp_path / "cem" / "other")
    (tmp_path / "cem" / "other").symlink_to(tmp_path / "cem" / "stage2_forward.py")
    ann, bob, cem = read_cohort(tmp_path)
    assert (list(ann.sources), list(bob.sources)) == (["stage1_relu"], ["stage2_forward"])
    assert (list(cem.sources), cem.unread["stage2_forward"][:19]) == (["stage1_relu"], "stage2_forward.py: ")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows fills sparse files")
def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    """A stage file, or an archive, of many megabytes is rejected by its size alone; other files are ignored."""
    put(tmp_path, under("ann", ONE) | under("bob", TWO))
    for name in ("ann/data.bin", "bob/stage1_relu.py", "cem.zip"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(2**33)
    ann, bob, cem = read_cohort(tmp_path)
    assert ann.error is None
    assert bob.error is None
    assert bob.unread == {"stage1_relu": "stage1_relu.py: larger than the 1024 KiB that are read"}
    assert cem.error == "larger than the 128 MiB that are read"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe in place of a file, an archive or everything does not stop the batch."""
    put(tmp_path, under("cem", TWO))
    (tmp_path / "ann").mkdir()
    os.mkfifo(tmp_path / "ann" / "stage1_relu.py")
    os.mkfifo(tmp_path / "bob.zip")
    ann, bob, _ = read_cohort(tmp_path)
    assert ann.error == "stage1_relu.py: not an ordinary file"
    assert bob.error == "not an ordinary file"
    with pytest.raises(Unreadable, match="not an ordinary file"):
        read_cohort(tmp_path / "bob.zip")


def test_a_link_inside_a_submission_is_followed(tmp_path: Path) -> None:
    """A link within the submission is as good as the file."""
    put(tmp_path, {"ann/src/stage1_relu.py": b"one = 1\n"} | under("bob", TWO))
    try:
        (tmp_path / "ann" / "stage1_relu.py").symlink_to(tmp_path / "ann" / "src" / "stage1_relu.py")
    except OSError:
        pytest.skip("links cannot be made here")
    assert read_cohort(tmp_path)[0].sources == {"stage1_relu": "one = 1\n"}


def test_names_are_printable(tmp_path: Path) -> None:
    """A name with control characters cannot write to the terminal or break a table."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a\x1b[2Jnn\n/stage1_relu.py", b"x = 1")
        archive.writestr("bob/stage1_relu.py", b"x = 1")
        archive.writestr("cem\u202egnp.exe/\u2066readme", b"")
    (tmp_path / "all.zip").write_bytes(packed.getvalue())
    ann, bob, cem = read_cohort(tmp_path / "all.zip", cohort=True)
    assert [ann.name[:-13], bob.name, cem.name[:-13]] == ["a\\x1b[2Jnn\\n", "bob", "cem\\u202egnp.exe"]
    assert (cem.error or "").endswith("it holds \\u2066readme")


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
        | st.sampled_from(["a_1_222_", "LATE_anon_A_333_", "B_1_assignsubmission_file", "submission_1/"]).flatmap(
            lambda start: st.sampled_from([f"{start}stage1_relu.py", f"{start}_x/stage1_relu.py", f"{start}h.zip"])
        ),
        st.binary(max_size=40) | st.just(WHOLE["zip"]) | st.just(WHOLE["gz"]),
        min_size=1,
        max_size=6,
    ),
    st.booleans(),
)
def test_any_names_and_bytes(files: dict[str, bytes], as_tar: bool) -> None:
    """Whatever an archive's entries are named and hold, its submissions have names of their own."""
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "all.zip"
        path.write_bytes(tarred(files, "") if as_tar else zipped(files))
        with contextlib.suppress(Unreadable):
            cohort = read_cohort(path, cohort=True)
            assert len({submission.name for submission in cohort}) == len(cohort)
            assert all(submission.name.isprintable() for submission in cohort)
            assert all(submission.sources or submission.error for submission in cohort)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda path: None, "there is no such folder or zip"),
        (lambda path: path.mkdir(), "it is empty"),
        (lambda path: path.write_text("x", encoding="utf-8"), "neither a folder nor a zip"),
    ],
)
def test_no_cohort(tmp_path: Path, make: object, reason: str) -> None:
    """A path with nothing to mark says what is wrong with it."""
    assert callable(make)
    make(tmp_path / "cohort")
    with pytest.raises(Unreadable, match=reason):
        read_cohort(tmp_path / "cohort")


RELU = "def relu(a):\n    return a * (a > 0)"
LATER = "def relu(a):\n    return 2 * a"


def notebook(number: int, source: str = RELU) -> bytes:
    """The course's notebook of that number, as a learner saves it: two cells, of which one is a task's."""
    stage = NOTEBOOKS[number].stages[0]
    cells = [
        {"cell_type": "code", "id": "setup", "source": "%load_ext grader.kernel", "outputs": [], "metadata": {}},
        {"cell_type": "code", "id": task_cell(stage, stage.tasks[0]), "source": source, "outputs": []},
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": {}}).encode()


def cells_of(number: int, source: str = RELU) -> tuple[Cell, ...]:
    """What is read of that notebook."""
    stage = NOTEBOOKS[number].stages[0]
    return (Cell("setup", "%load_ext grader.kernel"), Cell(task_cell(stage, stage.tasks[0]), source))


NAMES = [which.file for which in NOTEBOOKS]
ALL = {name: notebook(number) for number, name in enumerate(NAMES)}
READ = {which.name: cells_of(number) for number, which in enumerate(NOTEBOOKS)}


@pytest.mark.parametrize(
    "files",
    [
        under("ann", ALL),
        under("ann/homework", ALL),
        under("ann/chainrule", ALL | {"timestamp.txt": b"2026-11-21 10:00:00 UTC"}),
        under("ann", ALL | {"walkthrough.ipynb": b"{}", ".ipynb_checkpoints/x.ipynb": b"", "data.ipynb": b"hm"}),
        {"ann.zip": zipped(ALL)},
        {"ann.tar.gz": tarred(under("homework", ALL))},
        {"ann/handed_in.zip": zipped(ALL)},
        {f"ann_12_{n}_{name}": content for n, (name, content) in enumerate(ALL.items(), 100)},
        {f"ann_12_{n}_{name[:-6]}-{n}.ipynb": content for n, (name, content) in enumerate(ALL.items(), 100)},
        {f"ann_12_assignsubmission_file_{name}": content for name, content in ALL.items()},
        under("ann_12_assignsubmission_file", ALL),
        {f"ann lee_{name}": content for name, content in ALL.items()},
        under("ann", {f"part{n}.ipynb": content for n, content in enumerate(ALL.values())}),
        under("ann", {f"{name[:-6]} (1).ipynb": content for name, content in ALL.items()}),
    ],
    ids=[
        *("folder", "wrapped", "nbgrader", "and more", "zip", "tar", "zip in folder", "Canvas", "Canvas again"),
        *("Moodle flat", "Moodle", "by prefix", "renamed", "downloaded twice"),
    ],
)
def test_ways_to_hand_in_notebooks(tmp_path: Path, files: dict[str, bytes]) -> None:
    """Notebooks come in every way in which modules come."""
    put(tmp_path, files | under("bob", ONE))
    ann, bob = sorted(read_cohort(tmp_path), key=lambda submission: submission.form, reverse=True)
    assert (ann.form, ann.error, ann.notes, ann.notebooks) == ("notebooks", None, (), READ)
    assert ann.name.startswith("ann")
    assert (bob.form, bob.notebooks) == ("modules", {})


def test_single_notebooks(tmp_path: Path) -> None:
    """One of the four is a submission, also as a file by itself; what is missing is mentioned."""
    put(
        tmp_path,
        {"ann.ipynb": ALL[NAMES[0]], "bob.ipynb": ALL[NAMES[3]]} | under("cem", {NAMES[1]: ALL[NAMES[1]]}),
    )
    ann, bob, cem = read_cohort(tmp_path)
    assert [ann.name, bob.name, cem.name] == ["ann", "bob", "cem"]
    assert [list(one.notebooks) for one in (ann, bob, cem)] == [[NAMES[n][:-6]] for n in (0, 3, 1)]
    assert ann.notes == (f"missing: {', '.join(NAMES[1:])}",)
    assert only(tmp_path / "ann.ipynb").notebooks == ann.notebooks
    assert only(tmp_path / "cem").notebooks == cem.notebooks


@pytest.mark.parametrize(
    ("files", "sources", "notebooks", "notes"),
    [
        ({"stage1_relu.py": b"x = 1", NAMES[1]: ALL[NAMES[1]]}, ["stage1_relu"], [1], "missing: 03"),
        (
            {"stage4_torch_forward.py": b"def to_torch(params):\n    return 1"} | ALL,
            ["stage4_torch_forward"],
            [0, 2, 3],
            "the file counts",
        ),
        ({"stage1_relu.py": RELU.encode()} | ALL, ["stage1_relu"], [0, 1, 2, 3], "the file counts"),
        ({"stage1_relu.py": b"x = 1"} | ALL, [], [0, 1, 2, 3], "the notebook counts, as the file is not written"),
        (
            {"stage1_relu.py": (EXERCISES / "stage1_relu.py").read_bytes()} | ALL,
            *([], [0, 1, 2, 3], "stage1_relu.py came in 01_numpy_manual.ipynb as well: the notebook counts"),
        ),
    ],
)
def test_a_mix(
    tmp_path: Path, files: dict[str, bytes], sources: list[str], notebooks: list[int], notes: str
) -> None:
    """Modules and notebooks may be mixed; a module counts before a notebook, but not as the unwritten stub."""
    put(tmp_path / "ann", files)
    ann = only(tmp_path / "ann")
    assert list(ann.sources) == sources
    assert sorted(ann.notebooks) == [NAMES[n][:-6] for n in notebooks]
    assert notes in " ".join(ann.notes)
    assert ann.form == "notebooks"


@pytest.mark.parametrize(
    ("files", "error"),
    [
        ({NAMES[0]: b"{"}, "01_numpy_manual.ipynb cannot be read: damaged or cut short"),
        ({"homework.ipynb": b""}, "homework.ipynb cannot be read: empty"),
        ({"homework.ipynb": b'{"cells": []}'}, "homework.ipynb is none of the course's notebooks"),
        (dict.fromkeys(NAMES[:2], b""), "hand it in again; 02_pytorch_no_autograd.ipynb cannot be read: empty"),
    ],
)
def test_rejected_notebooks(tmp_path: Path, files: dict[str, bytes], error: str) -> None:
    """Where no notebook can be read a sentence says why, and the cohort goes on."""
    put(tmp_path, under("ann", files) | under("bob", ONE))
    ann, bob = read_cohort(tmp_path)
    assert error in (ann.error or "")
    assert bob.error is None


def test_a_broken_notebook_costs_itself_alone(tmp_path: Path) -> None:
    """The learner's other notebooks count, and a note tells of the broken one."""
    put(tmp_path, under("ann", ALL | {NAMES[2]: b"{"}) | under("bob", ONE))
    ann = read_cohort(tmp_path)[0]
    assert sorted(ann.notebooks) == [NAMES[n][:-6] for n in (0, 1, 3)]
    assert ann.notes[0].startswith(f"{NAMES[2]} cannot be read: damaged")


def test_the_latest_notebook_counts(tmp_path: Path) -> None:
    """Of a notebook uploaded twice the later upload counts, and a note says so."""
    put(tmp_path, {f"ann_12_100_{NAMES[0]}": ALL[NAMES[0]], f"ann_12_200_{NAMES[0]}": notebook(0, LATER)})
    put(tmp_path, {f"bob_13_100_{NAMES[0]}": ALL[NAMES[0]]})
    ann = read_cohort(tmp_path)[0]
    assert ann.notebooks == {NAMES[0][:-6]: cells_of(0, LATER)}
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
    bobs = at(tmp_path / "bob" / "stage1_relu.py", 1_700_000_000)
    at(tmp_path / "bob" / "stage2_forward.py", 1_600_000_000)
    cems = at(tmp_path / "cem.ipynb", 1_500_000_000)
    assert [submission.handed_in for submission in read_cohort(tmp_path)] == [STAMP, bobs, cems]


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: zipped({"h.tar": tarred(files)})])
def test_clocks_of_learners(tmp_path: Path, pack: Callable[[dict[str, bytes]], bytes]) -> None:
    """No clock within an upload tells when it came, nor a file like nbgrader's; the archive's own time does."""
    put(tmp_path, {"ann.zip": pack(ALL | STAMPED), "bob/homework.zip": zipped(under("x", ONE | STAMPED))})
    put(tmp_path, {"cem/homework.zip": zipped(ONE)} | under("cem", STAMPED))
    anns = at(tmp_path / "ann.zip", 1_700_000_000)
    bobs = at(tmp_path / "bob" / "homework.zip", 1_600_000_000)
    ann, bob, cem = read_cohort(tmp_path)
    assert (ann.handed_in, bob.handed_in, cem.handed_in) == (anns, bobs, STAMP)
    assert only(tmp_path / "ann.zip").handed_in == anns


def test_no_time(tmp_path: Path) -> None:
    """Where neither a platform nor nbgrader nor a file system tells, there is no time, and a sentence says so."""
    put(tmp_path, {"all.zip": zipped(under("ann", ONE) | {"bob.zip": zipped(TWO)} | under("cem", ONE | STAMPED))})
    cohort = read_cohort(tmp_path / "all.zip", cohort=True)
    assert [submission.handed_in for submission in cohort] == [None, None, STAMP]
    assert untimed(cohort).startswith("2 of 3 submissions (ann, bob): neither a platform")
    assert untimed(cohort[2:]) == ""


@pytest.mark.parametrize("folder", ["lee_1_2000_h", "Lee_1_assignsubmission_file_", "submission_1"])
def test_times_in_exports(tmp_path: Path, folder: str) -> None:
    """What lies on disk of a platform's export has the times of the download, or what a learner wrote."""
    metadata = {"submission_metadata.yml": b"submission_1: {':submitters': [{':sid': a}]}"}
    put(tmp_path, under(folder, ONE | STAMPED) | (metadata if folder == "submission_1" else {}))
    assert only(tmp_path).student is not None
    assert only(tmp_path).handed_in is None


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-21 10:00:00 UTC", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        ("2026-11-21 10:00:00 3600", datetime(2026, 11, 21, 9, tzinfo=UTC)),
        ("2026-11-21 10:00:00", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        ("2026-11-21T10:00:00.25-02:00", datetime(2026, 11, 21, 12, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-11-21 10:00:00.000000000 Z", datetime(2026, 11, 21, 10, tzinfo=UTC)),
        *[
            (text, None)
            for text in ("", "soon", "1" * 50, "9" * 500, "2026-11-21 10:00:00 99999999999", "1 2 3 4 5")
        ],
    ],
)
def test_times(text: str, time: datetime | None) -> None:
    """Times as nbgrader and Gradescope write them; what is no time is none."""
    assert time_of(text) == time


def test_gradescope_says_when(tmp_path: Path) -> None:
    """The time that Gradescope tells of a submission is believed before any file's."""
    told = "submission_1:\n  :submitters:\n  - :name: Ann\n  :created_at: 2026-11-21 10:00:00.000000000 Z\n"
    put(tmp_path, under("submission_1", ONE) | {"submission_metadata.yml": told.encode()})
    assert only(tmp_path).handed_in == datetime(2026, 11, 21, 10, tzinfo=UTC)
