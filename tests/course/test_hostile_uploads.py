"""What learners hand in, made to break what is around the marking: the command goes on, and tells each of them."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from handed_in import Files, put, tarred, under
from sample_cohort import ISOLATION, zipped

from grader.course.catalogue import NOTEBOOKS, STAGES
from grader.course.location import ROOT

RELU, FIRST = STAGES[0].file, NOTEBOOKS[0].file
RIGHT = (
    "import numpy as np\n\n\ndef relu(a):\n    return np.maximum(a, 0)\n\n\n"
    "def relu_grad(a):\n    return np.asarray(a > 0, dtype=a.dtype)\n"
)


def cell(source: str) -> str:
    """A notebook's code cell."""
    return json.dumps(
        {"cell_type": "code", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    )


def notebook(cells: list[str], more: str = '"metadata": {}') -> bytes:
    """A notebook's file."""
    return f'{{"nbformat": 4, "nbformat_minor": 4, {more}, "cells": [{", ".join(cells)}]}}'.encode()


def bomb() -> bytes:
    """A tar of a few kilobytes that unpacks to hundreds of megabytes."""
    return tarred({RELU: bytes(2**28)}, "xz")


UPLOADS: dict[str, Files] = {
    "number-of-many-digits": {FIRST: notebook([cell("x = 1")], f'"metadata": {{"n": {"9" * 200_000}}}')},
    "number-without-end": {FIRST: notebook([cell("x = 1")], '"metadata": {"n": 1e99999999999999999999}')},
    "text-without-end": {FIRST: b'{"cells": ["' + b'\\"' * 30_000},
    "deep": {FIRST: b"[" * 1_000_000},
    "many-cells": {FIRST: notebook([cell("x")] * 20_000)},
    "many-objects": {FIRST: notebook([], '"metadata": [' + "{}," * 20_000_000 + "{}]")},
    "many-magics": {FIRST: notebook([cell("%x\n" * 20_000)])},
    "long-output": {RELU: b"print('x' * 10**7)\nraise ValueError('y' * 10**7)\n"},
    "bomb": {"a.tar.xz": bomb()},
    "other-students": {"ann/" + RELU: RIGHT.encode(), "bob/" + RELU: RIGHT.encode()},
    "platform's-name": {"4711_assignsubmission_file_x.zip": zipped({RELU: b"x = 1"})},
    "own-results": {
        RELU: b"def relu(a):\n    return a\n",
        "results/results.jsonl": b'{"submission": "ann", "score": 100.0}\n',
        "results/nbgrader_config.py": b"raise SystemExit('executed')\n",
    },
    "own-clock": {RELU: RIGHT.encode(), "timestamp.txt": b"1999-01-01 00:00:00 UTC\n"},
    "[bold]x[/bold]\\": {RELU: RIGHT.encode()},
    "[/]": {"x": b""},
    "=1+1": {"=cmd.py": b""},
    "-n\n@a": {"notes": b""},
    "ann": {RELU: RIGHT.encode()},
}
"""Uploads by name; some are innocent but for their name. `ann` is innocent."""
RIGHT_ONES = ("own-clock", "ann")


@pytest.fixture(scope="module")
def marked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.CompletedProcess[str], Path]]:
    """What the command says of the cohort, and the results folder."""
    home = tmp_path_factory.mktemp("uploads")
    for name, files in UPLOADS.items():
        put(home / "cohort", under(name, files))
    (home / "cohort" / "ann" / "link.py").symlink_to("/etc/passwd")
    command = [sys.executable, "-m", "grader", "grade", str(home / "cohort"), "--out", str(home / "results")]
    done = subprocess.run(
        [*command, "--seed", "1", "--isolation", ISOLATION],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "300"},
    )
    yield done, home / "results"


def results(folder: Path) -> list[dict[str, Any]]:
    """The results, by line."""
    return [json.loads(line) for line in (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_command_comes_to_its_end(marked: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """Every upload has a result, the table and the gradebook are there, and no error is the kit's."""
    done, folder = marked
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    assert "The kit failed" not in done.stdout
    assert f"{len(UPLOADS)} submissions marked" in done.stdout
    assert (folder / "gradebook.db").stat().st_size > 0
    assert len({result["submission"] for result in results(folder)}) == len(UPLOADS)


def test_the_innocent_have_their_points(marked: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """A right submission among them gets every point, and nobody else's upload makes a student."""
    scores = {result["submission"]: result["score"] for result in results(marked[1])}
    assert [scores[name] for name in RIGHT_ONES] == [10.0, 10.0]
    assert "bob" not in scores
    assert scores["own-results"] < 10.0


def test_what_is_kept_is_short_and_plain(marked: tuple[subprocess.CompletedProcess[str], Path]) -> None:
    """No upload fills the results, the table or the terminal; no cell of the table is a formula."""
    done, folder = marked
    for result in results(folder):
        assert len(json.dumps(result)) < 200_000
        for text in (result["submission"], result["error"] or "", *result["notes"]):
            assert text.isprintable() and len(text) < 1000
    assert len(done.stdout) < 50_000
    assert all(line.isprintable() for line in done.stdout.splitlines())
    with (folder / "scores.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert len(rows) == len(UPLOADS) + 1
    assert not [text for row in rows for text in row if text.startswith(("=", "+", "-", "@", "\t", "\r"))]
