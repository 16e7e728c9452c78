"""Reading in processes that may die: who breaks what reads it is rejected, and the others are read."""

import contextlib
import gzip
import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
from handed_in import FIRST, put, under, zipped
from isolation import ISOLATION

from grader.course.catalogue import NOTEBOOKS
from grader.course.finding import KIT
from grader.intake.entries import Unreadable
from grader.intake.reader import Budget
from grader.intake.readers import Process, Readers
from grader.intake.serialization import submission_from
from grader.intake.submissions import Submission, read_cohort
from grader.publishing.assembly import notebook, text

GOOD = {FIRST.file: b"def double(x):\n    return x\n"}
SMALL = Budget(processor=1, memory=2**27)
"""Enough for what learners hand in, and soon used up."""


def many_entries() -> bytes:
    """A tar whose entries take seconds to walk through: each has a header of its own for a long name."""
    entry = tarfile.TarInfo("n" * 200).tobuf(tarfile.PAX_FORMAT)
    return gzip.compress(entry * 99_000 + bytes(1024), 1)


def many_objects() -> bytes:
    """A notebook that takes many times its own size in memory."""
    return b'{"cells": [], "metadata": [' + b"{}," * 3_000_000 + b"{}]}"


@pytest.fixture
def cohort(tmp_path: Path) -> Path:
    """A folder with two innocent submissions, a module and a zip of one."""
    put(tmp_path / "cohort", under("ann", GOOD) | {"zoe.zip": zipped(GOOD)})
    return tmp_path / "cohort"


def read(path: Path, budget: Budget | None = None, jobs: int = 1) -> dict[str, Submission]:
    """The submissions at a path by name."""
    with contextlib.closing(Readers(path, ISOLATION, jobs, budget=budget)) as readers:
        found = {submission.name: submission for submission in readers.submissions()}
        assert len(found) == readers.count
    return found


@pytest.mark.parametrize("jobs", [1, 3])
def test_they_read_what_is_read_here(cohort: Path, jobs: int) -> None:
    """In however many processes, submissions come with what they hold, as modules and as notebooks."""
    put(cohort, {f"bob/{NOTEBOOKS[0].file}": text(notebook(NOTEBOOKS[0])).encode()})
    (cohort / "carl").mkdir()
    assert sorted(read(cohort, jobs=jobs).values(), key=lambda one: one.name) == read_cohort(cohort)


def test_what_its_owner_alone_may_read(cohort: Path) -> None:
    """What nobody but its owner may read, who marks, is read."""
    (cohort / "ann" / FIRST.file).chmod(0o600)
    for folder in (cohort / "ann", cohort):
        folder.chmod(0o700)
    assert read(cohort)["ann"].sources
    with contextlib.closing(Readers(cohort, ISOLATION, 2)) as readers:
        assert sorted(submission.name for submission in readers.submissions()) == ["ann", "zoe"]


def test_a_process_that_ends_is_nobodys_fault(cohort: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where reading processes end by themselves, that is the kit's failure, and costs no points."""
    with contextlib.closing(Readers(cohort, ISOLATION, 1)) as readers:
        monkeypatch.setattr(Process, "answer", lambda process: (_forget(process), None))
        found = list(readers.submissions())
    assert [(one.error, one.failed) for one in found] == [(None, "the process that was to read it ended")] * 2


def _forget(process: Process) -> int:
    """What a process was asked for, which it does not answer."""
    number, process.asked = process.asked, None
    assert number is not None
    for _ in ("head", "content"):
        process.connection.recv_bytes()
    return number


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("mallory.tar.gz", many_entries, "takes more than reading may take"),
        (NOTEBOOKS[0].file, many_objects, "takes more than the 128 MiB of memory that reading may take"),
    ],
)
def test_who_breaks_the_budget_is_rejected(
    cohort: Path, name: str, content: Callable[[], bytes], says: str
) -> None:
    """One that takes too much has an error that says so, and the others are read."""
    put(cohort, {f"mallory/{name}": content()})
    found = read(cohort, SMALL)
    assert says in (found["mallory"].error or "")
    assert found["ann"].sources and found["zoe"].sources


def test_what_cannot_be_read(cohort: Path) -> None:
    """Where there is nothing to read one sentence says so.

    Processes that see other submissions than each other stop the run, rather than read one twice or none.
    """
    with pytest.raises(Unreadable, match="no such folder"):
        Readers(cohort / "nothing", ISOLATION)
    readers = Readers(cohort, ISOLATION, 1)
    (cohort / "bob.zip").write_bytes(zipped(GOOD))
    with contextlib.closing(readers), pytest.raises(Unreadable, match="changes while it is read"):
        readers._replace(readers._processes[0])


PLAIN = {"sources": {}, "notebooks": {}, "error": None, "failed": "", "form": "modules", "attempt": None}
PLAIN |= {"handed_in": None, "notes": [], "unread": {}}
WRONG: dict[str, list[object]] = {
    "sources": [{"stage9_other": "x"}, {FIRST.name: 5}, [1]],
    "notebooks": [{NOTEBOOKS[0].name: [["a"]]}, {"pair": []}],
    "unread": [{"pair": "x"}, {FIRST.name: 5}],
    **{"form": ["graded"], "handed_in": ["yesterday"], "notes": [5], "error": [["x"]], "attempt": ["x"]},
}


@pytest.mark.parametrize("changed", [{key: value} for key, values in WRONG.items() for value in values])
def test_what_a_child_says_is_looked_at(changed: dict[str, object]) -> None:
    """A reply that is none is an error of that submission, under the name that the listing has."""
    head = {"name": "ann", "submitters": [], "labels": ["ann_1_234_a.py"], "ended": ""}
    plain = submission_from(head, json.dumps(PLAIN | {"name": "bob", "labels": ["bob_2_345_a.py"]}).encode())
    assert plain == Submission("ann") and plain.labels == ("ann_1_234_a.py",)
    for content in (json.dumps(PLAIN | changed).encode(), b"[" * 10_000, b"{}", b"\xff", b""):
        found = submission_from(head, content)
        assert found.name == "ann" and not found.sources
        assert "reading it fails" in (found.error or "")


def test_a_reader_has_one_thread() -> None:
    """What reads uploads imports no library that starts threads: Landlock would bind the first alone."""
    code = "import sys, grader.intake.reader; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(KIT)}).returncode == 0
