"""What learners hand in, made to break what is around the marking: the command goes on, and tells each of them."""

import csv
import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest
from handed_in import Files, put, tarred, under, zipped
from isolation import ISOLATION
from verdicts import losses

from grader.course.catalogue import NOTEBOOKS, STAGES
from grader.course.finding import KIT
from grader.course.location import SOLUTIONS
from grader.judging.results import Result, result_from
from grader.outside.plain_text import plain_text

MODULE, NOTEBOOK = STAGES[0].file, NOTEBOOKS[0].file
RIGHT = {stage.file: (SOLUTIONS / stage.file).read_bytes() for stage in STAGES}


def notebook(source: str = "x", number: int = 1, metadata: str = "{}") -> bytes:
    """The file of a notebook with a number of cells of this source."""
    cell = json.dumps({"cell_type": "code", "metadata": {}, "source": source, "outputs": []})
    cells = ", ".join([cell] * number)
    return f'{{"nbformat": 4, "nbformat_minor": 4, "metadata": {metadata}, "cells": [{cells}]}}'.encode()


@cache
def uploads() -> dict[str, Files]:
    """Uploads by name; some are innocent but for their name. `ann` is innocent."""
    return {
        "number-of-many-digits": {NOTEBOOK: notebook(metadata=f'{{"n": {"9" * 200_000}}}')},
        "number-without-end": {NOTEBOOK: notebook(metadata='{"n": 1e99999999999999999999}')},
        "text-without-end": {NOTEBOOK: b'{"cells": ["' + b'\\"' * 30_000},
        "deep": {NOTEBOOK: b"[" * 1_000_000},
        "many-cells": {NOTEBOOK: notebook(number=20_000)},
        "many-objects": {NOTEBOOK: notebook(metadata="[" + "{}," * 20_000_000 + "{}]")},
        "many-magics": {NOTEBOOK: notebook("%x\n" * 20_000)},
        "long-output": {MODULE: b"print('x' * 10**7)\nraise ValueError('y' * 10**7)\n"},
        "bomb": {"a.tar.xz": tarred({MODULE: bytes(2**26)}, "xz")},
        "other-students": under("ann", RIGHT) | under("bob", RIGHT),
        "platform's-name": {"4711_assignsubmission_file_x.zip": zipped({MODULE: b"x = 1"})},
        "own-results": {
            MODULE: b"def double(a):\n    return a\n",
            "results/results.jsonl": b'{"submission": "ann", "score": 100.0}\n',
            "results/nbgrader_config.py": b"raise SystemExit('executed')\n",
        },
        "own-clock": RIGHT | {"timestamp.txt": b"1999-01-01 00:00:00 UTC\n"},
        "[bold]x[/bold]\\": RIGHT,
        "[/]": {"x": b""},
        "=1+1": {"=cmd.py": b""},
        "-n\n@a": {"notes": b""},
        "ann": RIGHT,
    }


RIGHT_ONES = ("own-clock", "ann")


Marked = tuple[subprocess.CompletedProcess[str], Path]


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Marked:
    """What the command says of the cohort, and the results folder."""
    home = tmp_path_factory.mktemp("uploads")
    for name, files in uploads().items():
        put(home / "cohort", under(name, files))
    (home / "cohort" / "ann" / "link.py").symlink_to("/etc/passwd")
    command = ["grade", str(home / "cohort"), "--out", str(home / "results"), "--isolation", ISOLATION]
    done = subprocess.run(
        [sys.executable, "-m", "grader", *command, "--seed", "1"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=os.environ | {"PYTHONPATH": str(KIT), "COLUMNS": "300"},
    )
    return done, home / "results"


def results(folder: Path) -> list[Result]:
    """The results, by line."""
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return [result_from(json.loads(line)) for line in lines]


def test_the_command_comes_to_its_end(marked: Marked) -> None:
    """Every upload has a result, the table and the gradebook are there, and no error is the kit's."""
    done, folder = marked
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    assert "The kit failed" not in done.stdout
    assert f"{len(uploads())} submissions marked" in done.stdout
    assert (folder / "gradebook.db").stat().st_size > 0
    assert len({result.submission for result in results(folder)}) == len(uploads())


def test_the_innocent_have_their_points(marked: Marked) -> None:
    """A right submission among them gets every point, and nobody else's upload makes a student."""
    found = {result.submission: losses(result) for result in results(marked[1])}
    assert [found[name] for name in RIGHT_ONES] == ["full", "full"]
    assert "bob" not in found
    assert found["own-results"].startswith("full but 4 for 1.double, 2 for 1.both")


def test_what_is_kept_is_short_and_plain(marked: Marked) -> None:
    """No upload fills the results, the table or the terminal; no cell of the table is a formula."""
    done, folder = marked
    assert max(map(len, (folder / "results.jsonl").read_text(encoding="utf-8").splitlines())) < 200_000
    for result in results(folder):
        for text in (result.submission, result.error or "", *result.notes):
            assert text.isprintable() and len(text) < 1000
    assert len(done.stdout) < 50_000
    assert all(line.isprintable() for line in done.stdout.splitlines())
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == len(uploads()) + 1
    assert not [text for row in rows for text in row if text.startswith(("=", "+", "-", "@", "\t", "\r"))]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("two\nlines\x1b[2J\u202e", "two\\nlines\\x1b[2J\\u202e"),
        ("half \ud83d of a sign", "half \\ud83d of a sign"),
        ("a byte \udcff of a name", "a byte \\xff of a name"),
        ("x" * 12, "xxxxxxxxx…"),
    ],
)
def test_plain_text(text: str, shown: str) -> None:
    """Whatever a text holds, what is kept of it is bounded and printable, and can be written in UTF-8."""
    assert plain_text(text, most=30 if len(text) != 12 else 10) == shown
    assert shown.encode("utf-8")
