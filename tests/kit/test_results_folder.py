"""The folder of results: the kit's own alone is believed, no link is written through, nobody else reads it."""

import contextlib
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import chainrule
from results_by_hand import rejected

from grader.intake.matching import Matching
from grader.intake.roster import Student
from grader.intake.submissions import Submission
from grader.marking.record import Cohort, Record, opened_record
from grader.marking.scores import write_scores
from grader.outside.private_files import OutOfPlaceError, holds, own_file, own_folder, replaced, write_whole
from grader.publishing import results_folder
from grader.publishing.results_folder import MARK, STATE, claim

on_posix = pytest.mark.skipif(
    sys.platform == "win32",
    reason="Windows has other modes and owners, no pipes in folders, and links by privilege",
)
NOT_OURS = "was not made here by this kit for you"


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """A folder of one submission."""
    (tmp_path / "cohort" / "ann").mkdir(parents=True)
    (tmp_path / "cohort" / "ann" / "stage1_double.py").touch()
    return tmp_path / "cohort"


@pytest.fixture
def no_mask() -> Iterator[None]:
    """Let whatever is made be everybody's, where it does not say otherwise."""
    before = os.umask(0)
    yield
    os.umask(before)


def kept(out: Path, *names: str, adopt: bool = False) -> list[str]:
    """Add results of these submissions to a folder; whose results it holds then."""
    with contextlib.closing(Record(out, adopt)) as record:
        for name in names:
            record.append(rejected(name, "no stage file"), Submission(name, error="no stage file"))
        write_scores([record.result(name) for name in names], record.scores)
        record.keep_cohort(Cohort(names))
        record.tidy()
        return [name for name in ("ann", "bob") if record.digest(name)]


def open_to_others(folder: Path) -> list[Path]:
    """What in a folder, itself included, others may do anything with."""
    return [path for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & 0o077]


@pytest.mark.parametrize("file", ["results.jsonl", "nbgrader_config.py", "gradebook.db", MARK, "anything"])
def test_a_folder_that_was_handed_in_is_not_believed(file: str, cohort: Path, tmp_path: Path) -> None:
    """A filled folder that the kit did not make is refused and left as it is, one with another's mark too."""
    kept(tmp_path / "mine", "ann")
    planted = tmp_path / "results"
    planted.mkdir(mode=0o755)
    (planted / file).write_bytes((tmp_path / "mine" / MARK).read_bytes())
    before = planted.stat()
    says = chainrule("grade", cohort, "--out", planted, code=1)
    assert NOT_OURS in says
    assert "--adopt" in says
    assert [path.name for path in planted.iterdir()] == [file]
    assert planted.stat().st_mode == before.st_mode


def test_results_that_were_moved_or_copied_are_adopted(tmp_path: Path) -> None:
    """A folder that is elsewhere than it was made is refused, and taken with all results once it is adopted."""
    kept(tmp_path / "old", "ann")
    shutil.copytree(tmp_path / "old", tmp_path / "copy")
    (tmp_path / "old").rename(tmp_path / "new")
    for name in ("copy", "new"):
        with pytest.raises(OutOfPlaceError, match=NOT_OURS):
            Record(tmp_path / name)
        assert kept(tmp_path / name, "bob", adopt=True) == ["ann", "bob"]
        assert kept(tmp_path / name) == ["ann", "bob"]


def test_results_of_before_there_was_a_mark(tmp_path: Path) -> None:
    """An empty folder is taken; results without a mark, of an earlier version, are told apart, and not lost."""
    (tmp_path / "out").mkdir()
    assert kept(tmp_path / "out", "ann") == ["ann"]
    (tmp_path / "out" / MARK).unlink()
    with pytest.raises(OutOfPlaceError, match="of an earlier version"):
        Record(tmp_path / "out")
    assert kept(tmp_path / "out", adopt=True) == ["ann"]


def test_marks_are_one_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has another secret can make no mark that holds here."""
    monkeypatch.setenv(STATE, str(tmp_path / "theirs"))
    claim(tmp_path / "out")
    monkeypatch.setenv(STATE, str(tmp_path / "mine"))
    (tmp_path / "out" / "results.jsonl").touch()
    with pytest.raises(OutOfPlaceError, match=NOT_OURS):
        claim(tmp_path / "out")


def test_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The secret is drawn once, and again where less than one was left of it."""
    monkeypatch.setenv(STATE, str(tmp_path / "deep" / "state"))
    first = results_folder._secret()
    assert results_folder._secret() == first
    (tmp_path / "deep" / "state" / "secret").write_bytes(first[:5])
    assert len(results_folder._secret()) == len(first) == 32
    assert results_folder._secret() != first


@pytest.mark.parametrize("place", ["relative/folder", "file/folder"])
def test_a_secret_that_cannot_be_kept(
    place: str, cohort: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there is no place for the secret, nothing is made, and the way out is told."""
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    monkeypatch.setenv(STATE, place if place.startswith("relative") else str(tmp_path / place))
    told = chainrule("grade", cohort, "--out", "out", code=1)
    assert f"name a folder of your own in the environment variable {STATE}" in told
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cohort", "file"]


@pytest.mark.parametrize(
    ("submissions", "out", "says"),
    [
        (".", "results", f"choose another place, --out {Path('..', 'results')}"),
        ("../cohort", "results", f"choose another place, --out {Path('..', 'results')}"),
        ("ann", "ann/deep/results", "choose another place, --out results"),
        (".", ".", f"choose another place, --out {Path('..', 'results')}"),
        ("ann", ".", "where results would go"),
        ("ann", "../cohort", "where results would go"),
    ],
)
def test_results_and_submissions_apart(
    submissions: str, out: str, says: str, cohort: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither lie results among submissions nor submissions among results; nothing is made, a place is named."""
    monkeypatch.chdir(cohort)
    told = chainrule("grade", submissions, "--out", out, code=1)
    assert says in told
    assert "earlier run" not in told or Path(out).exists()
    assert [path.name for path in cohort.rglob("*")] == ["ann", "stage1_double.py"]


@on_posix
def test_results_and_submissions_apart_whatever_their_names(cohort: Path, tmp_path: Path) -> None:
    """A link hides nothing: neither around the results, nor in their place."""
    (tmp_path / "other").symlink_to(cohort)
    assert "lies in" in chainrule("grade", cohort, "--out", tmp_path / "other" / "results", code=1)
    kept(tmp_path / "mine", "ann")
    (tmp_path / "results").symlink_to(tmp_path / "mine")
    assert "is a link" in chainrule("grade", cohort, "--out", tmp_path / "results", code=1)


def test_results_of_an_earlier_run_among_submissions(cohort: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who kept results among the submissions reads how to go on with them."""
    kept(cohort / "results", "ann")
    monkeypatch.chdir(cohort)
    assert "move it there, and add --adopt once" in chainrule("grade", ".", code=1)


def test_whom_a_run_was_about(tmp_path: Path) -> None:
    """The folder knows whose submissions its last run marked, and by which further mistakes."""
    ann, bob = Student("s1", "Ann Lee", ("s1", "ann@example.org")), Student("s2", "Bob Ray")
    matching = Matching({"ann": (ann,)}, (bob,), {"eve": "nobody fits"}, {"s1": ("ann", "ann-2")})
    cohort = Cohort(("ann",), matching, (("stage1_double", "def double__wrong(x): ..."),))
    kept(tmp_path / "out", "ann", "eve")
    with opened_record(tmp_path / "out") as record:
        assert record.cohort() == Cohort(("ann", "eve"))
        record.keep_cohort(cohort)
        assert record.cohort() == cohort
        (tmp_path / "out" / "cohort.json").write_text("{}", encoding="utf-8")
        with pytest.raises(OutOfPlaceError, match=r"cohort.json is none of this version's"):
            record.cohort()
    with pytest.raises(OutOfPlaceError, match="holds no results"), opened_record(tmp_path):
        pass


@on_posix
def test_nobody_else_reads_results(tmp_path: Path, no_mask: None, state: Path) -> None:
    """Whatever the umask, the folder and all in it are their owner's alone, once it is used; so is the secret."""
    out = tmp_path / "deep" / "out"
    for _ in range(2):
        kept(out, "ann")
    names = {path.name for path in out.iterdir()}
    derived = {"cohort.json", "scores.csv"}
    assert names == {MARK, ".lock", "results.jsonl", "results.jsonl.old", "submissions.jsonl"} | derived
    assert open_to_others(tmp_path / "deep") == open_to_others(state) == []
    for path in (out, *out.iterdir()):
        path.chmod(0o755 if path.is_dir() else 0o644)
    kept(out, "ann")
    assert open_to_others(out) == []


@on_posix
@pytest.mark.parametrize("name", ["results.jsonl", "results.jsonl.old", "submissions.jsonl", ".lock"])
def test_no_link_in_the_folder_is_followed(name: str, tmp_path: Path) -> None:
    """What a link in the folder leads to is neither read nor written to."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    kept(tmp_path / "out", "ann")
    (tmp_path / "out" / name).unlink(missing_ok=True)
    (tmp_path / "out" / name).symlink_to(victim)
    with pytest.raises(OutOfPlaceError, match=f"{name} is a link"):
        kept(tmp_path / "out", "ann", "ann")
    assert victim.read_bytes() == b"precious"


@on_posix
def test_only_ones_own_ordinary_files_are_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A pipe is not waited at, and neither a file with a second name nor one of another user's is opened."""
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "file").touch()
    (tmp_path / "named").touch()
    (tmp_path / "again").hardlink_to(tmp_path / "named")
    (tmp_path / "nowhere").symlink_to(tmp_path / "new")
    wrong = {"pipe": "no ordinary file", ".": "no ordinary file", "named": "a second name", "nowhere": "is a link"}
    for name, why in wrong.items():
        with pytest.raises(OutOfPlaceError, match=why):
            own_file(str(tmp_path / name), os.O_RDWR | os.O_CREAT)
        assert not holds(tmp_path / name, b"")
    assert not (tmp_path / "new").exists()
    assert holds(tmp_path / "file", b"")
    somebody = os.geteuid() + 1
    monkeypatch.setattr(os, "geteuid", lambda: somebody)
    for opened in (lambda: own_file(str(tmp_path / "file"), os.O_RDWR), lambda: own_folder(tmp_path)):
        with pytest.raises(OutOfPlaceError, match="belongs to another user"):
            opened()


@on_posix
def test_a_file_takes_the_place_of_a_link(tmp_path: Path) -> None:
    """Writing a file anew replaces a link and leaves alone what it leads to."""
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    for name in ("scores.csv", "scores.csv.new", ".scores.csv.new"):
        (tmp_path / name).symlink_to(victim)
    write_scores([], tmp_path / "scores.csv")
    write_whole(tmp_path / "scores.csv.new", b"x")
    assert victim.read_bytes() == b"precious"
    assert stat.S_ISREG((tmp_path / "scores.csv").lstat().st_mode)
    assert (tmp_path / ".scores.csv.new").is_symlink()


def test_a_file_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """What ends in the middle leaves the file that was there, and nothing beside it."""
    write_whole(tmp_path / "file", b"before")
    with pytest.raises(KeyboardInterrupt), replaced(tmp_path / "file") as file:
        file.write(b"half")
        raise KeyboardInterrupt
    assert (tmp_path / "file").read_bytes() == b"before"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
