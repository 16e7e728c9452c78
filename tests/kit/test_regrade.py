"""`chainrule regrade`: what would change, why, and that nothing is lost when it is written."""

import csv
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from isolation import ISOLATION
from processes import COPIED, run

from grader.judging import results
from grader.judging.digests import MARKING, closure
from grader.judging.digests import _module_of_engine as module_of_engine
from grader.marking.regrade import compared

COURSE = Path(__file__).parent / "course"
FIRST, MISTAKES = "tests/test_stage1_double.py", "tests/mistakes/stage1_double.py"
SUMMED = "import numpy as np\ndef double(x):\n    return x + x\ndef both(pair):\n    return pair\n"
FLOATS = "import numpy as np\ndef double(x):\n    return np.add(x, x, dtype=float)\n"
FLOATS_NAMED = '''

def double__in_float64(x):
    """You added in float64, whatever dtype came."""
    return np.add(x, x, dtype=float)
'''


class Marked:
    """A course of one's own, and the results of two submissions to it."""

    def __init__(self, folder: Path) -> None:
        self.course, self.results = folder / "course", folder / "results"
        shutil.copytree(COURSE, self.course, ignore=COPIED)
        for name, source in {"ann": SUMMED, "bob": FLOATS}.items():
            (folder / "submissions" / name).mkdir(parents=True)
            (folder / "submissions" / name / "stage1_double.py").write_text(source, encoding="utf-8")
        settings = ("--seed", "7", "--isolation", ISOLATION, "--no-gradebook")
        run(self.course, "grader", "grade", folder / "submissions", "--out", self.results, *settings)
        shutil.rmtree(folder / "submissions")

    def change(self, file: str, old: str, new: str) -> None:
        """Edit a file of the course."""
        text = (self.course / file).read_text(encoding="utf-8")
        assert old in text
        (self.course / file).write_text(text.replace(old, new, 1), encoding="utf-8")

    def regrade(self, *options: str) -> dict[str, Any]:
        """What `regrade` says."""
        said = run(self.course, "grader", "regrade", self.results, "--no-gradebook", "--json", *options)
        return dict(json.loads(said[said.index("{\n") : said.rindex("}") + 1]))

    def scores(self) -> dict[str, str]:
        """The scores in scores.csv."""
        with (self.results / "scores.csv").open(encoding="utf-8", newline="") as file:
            return {row["submission"]: row["score"] for row in csv.DictReader(file)}

    def lines(self) -> list[dict[str, Any]]:
        """The results, by the names of their submissions."""
        return _sorted(self.results / "results.jsonl")


def _sorted(path: Path) -> list[dict[str, Any]]:
    lines = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return sorted(lines, key=lambda line: str(line["submission"]))


def test_points_and_a_name_that_changed(tmp_path: Path) -> None:
    """Scores before and after, by which test and why; --write keeps them, and the old ones beside them.

    A mistake that has a name now changes a message and no score.
    """
    marked = Marked(tmp_path)
    assert marked.scores() == {"ann": "4.0", "bob": "3.0"}
    before = marked.lines()
    marked.change(FIRST, "points(1)", "points(5)")  # of the dtype
    found = marked.regrade()
    test = {"task": "1.double", "test": "TestDouble::test_dtype"}
    assert found["changes"] == {
        "ann": {
            "score": [4.0, 8.0],
            "max_score": [10.0, 14.0],
            "tests": [test | {"outcome": ["passed"] * 2, "points": [1.0, 5.0]}],
            "why": ["suite"],
        },
        "bob": {
            "score": [3.0, 3.0],
            "max_score": [10.0, 14.0],
            "tests": [test | {"outcome": ["failed"] * 2, "points": [0.0, 0.0]}],
            "why": ["suite"],
        },
    }
    assert (found["written"], marked.lines()) == (False, before)
    assert marked.regrade("--write")["written"]
    assert marked.scores() == {"ann": "8.0", "bob": "3.0"}
    assert _sorted(marked.results / "results.jsonl.old") == before
    again = {line["submission"]: line["stages"][1] for line in marked.lines()}
    assert again == {line["submission"]: line["stages"][1] for line in before}, "of a stage that did not change"
    with (marked.course / MISTAKES).open("a", encoding="utf-8") as file:
        file.write(FLOATS_NAMED)
    found = marked.regrade()
    assert (found["changes"], found["messages"]) == ({}, 1)


@pytest.mark.proof
def test_one_task_alone(tmp_path: Path) -> None:
    """What changed in other tasks stays as it was marked, until all is marked again."""
    marked = Marked(tmp_path)
    marked.change(FIRST, "Pair(2 * pair.a, 2 * pair.b))", "pair)")
    marked.change(FIRST, "points(1)", "points(5)")
    found = marked.regrade("--only", "1.both", "--write")["changes"]
    assert found["ann"]["score"] == [4.0, 6.0]
    assert [test["test"] for test in found["ann"]["tests"]] == ["TestBoth::test_values"]
    assert marked.regrade()["changes"]["ann"]["score"] == [6.0, 10.0]


def test_what_does_not_mark_decides_nothing() -> None:
    """Of the engine counts what marking imports: no report, no picture, no command, and of reading no archive."""
    rooms = {path.relative_to(MARKING[0].parents[1]).parts[0] for path in closure(MARKING, module_of_engine)}
    assert rooms == {"course", "inside", "intake", "judging", "marking", "outside", "wire"}
    names = {path.name for path in closure(MARKING, module_of_engine)}
    assert names >= {"judge.py", "worker.py", "client.py", "encoding.py", "mark.py", "extraction.py"}
    assert not names & {"cohort.py", "zips.py", "terminal.py", "doctor.py"}


def test_a_stage_of_which_nothing_says_what_decided_it() -> None:
    """That is said, where it has other results now, and a result that is the same is no change."""

    def result(points: float) -> results.Result:
        test = results.TestResult(
            "double", "TestDouble::test_values", points, 2.0, "passed" if points else "failed", ""
        )
        stage = results.StageResult("stage1_double", points, 2.0, "", [test], 1)
        return results.Result("ann", "modules", "graded", None, points, 2.0, "kernel", 1, "d", 0.1, [stage])

    change = compared(result(0.0), result(2.0))
    assert change and change.decides and change.why == ("unknown",)
    assert compared(result(2.0), result(2.0)) is None
