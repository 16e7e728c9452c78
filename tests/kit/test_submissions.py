"""Reading submissions: whatever an LMS exports or a learner packs is read or rejected with a reason."""

import io
import os
import sys
import tempfile
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_cohort import zipped

from grader.submissions import Submission, Unreadable, read_cohort

ONE = {"stage1_relu.py": b"one = 1\n"}
TWO = {"stage2_forward.py": b"two = 2\n"}


def put(folder: Path, files: dict[str, bytes]) -> None:
    """Write files, with the folders that they need."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def under(folder: str, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files in a folder."""
    return {f"{folder}/{name}": content for name, content in files.items()}


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
    ],
    ids=["folder", "wrapped", "zip", "wrapped zip", "zip in folder", "and more", "mac", "mac zip", "bom"],
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
    ],
    ids=["folders", "wrapped folders", "zips", "folders of zips"],
)
def test_one_zip_of_all(tmp_path: Path, files: dict[str, bytes]) -> None:
    """A zip of all submissions, as an LMS exports it, is read like a folder, also from within a folder."""
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "export.zip").write_bytes(zipped(files))
    for path in (tmp_path / "all" / "export.zip", tmp_path / "all"):
        ann, bob = read_cohort(path)
        assert (ann.name, ann.sources) == ("ann", {"stage1_relu": "one = 1\n"})
        assert (bob.name, bob.sources) == ("bob", {"stage2_forward": "two = 2\n"})


def test_one_submission_by_itself(tmp_path: Path) -> None:
    """A folder or a zip that is itself a submission is marked as one."""
    put(tmp_path / "ann", ONE)
    (tmp_path / "bob.zip").write_bytes(zipped(TWO))
    assert only(tmp_path / "ann").name == "ann"
    assert only(tmp_path / "bob.zip").name == "bob"


def test_names_that_meet(tmp_path: Path) -> None:
    """A folder and a zip of one name are two submissions."""
    put(tmp_path, under("ann", ONE) | {"ann.zip": zipped(TWO)})
    assert [(s.name, list(s.sources)) for s in read_cohort(tmp_path)] == [
        ("ann", ["stage1_relu"]),
        ("ann.zip", ["stage2_forward"]),
    ]


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
            "no stage file (stage1_relu.py, …) in it or in a folder one level down; it holds",
        ),
        (under("ann/a/b", ONE), "no stage file"),
        (under("ann/v1", ONE) | under("ann/v2", ONE), "stage files in more than one folder: v1, v2"),
        ({"ann/stage1_relu.py": b"\xff\xfe"}, "stage1_relu.py is not UTF-8 text (byte 0)"),
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
    assert list(read_cohort(tmp_path)[0].sources) == ["stage2_forward"]


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
    put(cohort, under("bob", TWO))
    (tmp_path / "secret.py").write_text("secret = 1", encoding="utf-8")
    (cohort / link).parent.mkdir(exist_ok=True)
    (cohort / link).symlink_to(tmp_path / to)
    assert reason in (read_cohort(cohort)[0].error or "")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    """A named pipe in place of a file does not stop the batch."""
    put(tmp_path, under("bob", TWO))
    (tmp_path / "ann").mkdir()
    os.mkfifo(tmp_path / "ann" / "stage1_relu.py")
    assert "not an ordinary file" in (read_cohort(tmp_path)[0].error or "")


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
    (tmp_path / "all.zip").write_bytes(packed.getvalue())
    assert [s.name for s in read_cohort(tmp_path / "all.zip")] == ["a\\x1b[2Jnn\\n", "bob"]


WHOLE = zipped(under("ann", ONE) | under("bob", TWO))


@given(st.dictionaries(st.integers(0, len(WHOLE) - 1), st.integers(0, 255), max_size=5), st.integers(0, 40))
def test_damaged_zips_are_read_or_rejected(changes: dict[int, int], cut: int) -> None:
    """A zip with some bytes changed, or cut short, never stops the batch."""
    packed = bytearray(WHOLE)
    for at, byte in changes.items():
        packed[at] = byte
    with tempfile.TemporaryDirectory() as temporary:
        path = Path(temporary) / "ann.zip"
        path.write_bytes(packed[: len(packed) - cut])
        (Path(temporary) / "bob.zip").write_bytes(WHOLE)
        assert len(read_cohort(Path(temporary))) == 2


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
