"""otter-grader without Docker: `otter run` with an autograder zip, a process for each submission."""

import json
from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from bench import check, cohort, measure, notebooks
from bench.measure import Usage
from bench.way import Marked, Setup, environment
from grader.course.catalogue import STAGES, Stage
from grader.course.location import SOLUTIONS

FIRST_CELL = 'import otter\n\ngrader = otter.Notebook(tests_dir="tests")'


def test_file(stage: Stage, tests: dict[str, float]) -> str:
    """A stage's test file in otter's default format: a case for each test of the suite, with its points."""
    code = ">>> from bench.check import passed\n>>> passed({!r}, {!r})\nTrue\n"
    cases = [
        {"code": code.format(stage.name, test), "points": points, "hidden": False}
        for test, points in tests.items()
    ]
    suite = {"cases": cases, "scored": True, "setup": "", "teardown": "", "type": "doctest"}
    spec = {"name": stage.name, "points": None, "suites": [suite]}
    return f"OK_FORMAT = True\n\ntest = {spec!r}\n"


def cells(stage: Stage) -> Iterable[NotebookNode]:
    """A stage in the released notebook: heading, solution cell, check cell."""
    source = (SOLUTIONS / stage.file).read_text(encoding="utf-8")
    checked = new_code_cell(f'grader.check("{stage.name}")', id=f"check-{stage.number}")
    return notebooks.title(stage), notebooks.solution(stage, source), checked


class Otter:
    """An autograder zip made once by otter's own command, and a notebook of each learner."""

    def __init__(self, setup: Setup, course: Path) -> None:
        self._setup = setup
        self._course = course
        self._home = course.parent / "home"
        worth = check.worth()
        (course / "tests").mkdir(parents=True)
        for stage in STAGES:
            text = test_file(stage, worth[stage.name])
            (course / "tests" / f"{stage.name}.py").write_text(text, encoding="utf-8")
        first = [new_code_cell(FIRST_CELL, id="first")]
        notebooks.write(cells, notebooks.ONE, course / "release", first)
        for name, files in cohort.submissions(setup.learners).items():
            notebooks.hand_in(course / "release", files, course / "submitted" / name)
        self._otter(course, "generate", "--tests-dir", "tests", "--output-path", "autograder.zip")

    def _otter(self, folder: Path, *arguments: str | Path) -> Usage:
        command = [self._setup.peer("otter"), *arguments]
        return measure.run(command, folder, environment(self._setup.peers, self._home))

    def mark(self, folder: Path) -> Marked:
        """Mark the cohort."""
        usages, scores = [], {}
        for submission in sorted((self._course / "submitted").iterdir()):
            out = folder / submission.name
            out.mkdir()
            notebook = next(submission.glob("*.ipynb"))
            zipped = self._course / "autograder.zip"
            usages.append(self._otter(out, "run", "-a", zipped, "-o", ".", notebook))
            results = json.loads((out / "results.json").read_text(encoding="utf-8"))
            scores[submission.name] = sum(test.get("score", 0.0) for test in results["tests"])
        return Marked(Usage(sum(u.wall for u in usages), sum(u.cpu for u in usages)), scores)
