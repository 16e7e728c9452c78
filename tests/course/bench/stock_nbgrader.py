"""Stock `nbgrader autograde` on the same stages, in one notebook or in four."""

import csv
import shutil
from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from bench import check, cohort, measure, notebooks
from bench.way import Marked, Setup, environment
from grader.course.catalogue import Stage
from grader.course.location import SOLUTIONS

ASSIGNMENT = "chainrule"
CONFIG = """c = get_config()
c.CourseDirectory.course_id = "chainrule"
c.Execute.timeout = 300
"""
"""A time limit that no ordinary submission meets; all else is nbgrader's default."""


def cells(stage: Stage, points: float) -> Iterable[NotebookNode]:
    """A stage in an instructor's source notebook: heading, solution cell, locked check cell with points."""
    solution = notebooks.solution(stage, (SOLUTIONS / stage.file).read_text(encoding="utf-8"))
    checked = new_code_cell(f"from bench.check import score\n\nscore({stage.name!r})", id=f"check-{stage.number}")
    solution.metadata["nbgrader"] = _metadata(f"{stage.name}", solution=True)
    checked.metadata["nbgrader"] = _metadata(f"check_{stage.name}", grade=True, points=points)
    return notebooks.title(stage), solution, checked


def _metadata(grade_id: str, **flags: bool | float) -> dict[str, bool | float | str]:
    kind: dict[str, bool | float | str] = {"grade": False, "solution": False, "locked": not flags.get("solution")}
    return kind | {"grade_id": grade_id, "schema_version": 3, "task": False} | flags


class Nbgrader:
    """A course made once by nbgrader's own commands; each marking starts from a copy of it."""

    def __init__(self, setup: Setup, course: Path, four: bool) -> None:
        self._setup = setup
        self._course = course
        self._home = course.parent / "home"
        split = notebooks.FOUR if four else notebooks.ONE
        points = {name: sum(tests.values()) for name, tests in check.worth().items()}
        notebooks.write(lambda stage: cells(stage, points[stage.name]), split, course / "source" / ASSIGNMENT)
        (course / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        self._nbgrader(course, "generate_assignment", ASSIGNMENT)
        for name, files in cohort.submissions(setup.learners).items():
            notebooks.hand_in(course / "release" / ASSIGNMENT, files, course / "submitted" / name / ASSIGNMENT)

    def _nbgrader(self, folder: Path, *arguments: str) -> measure.Usage:
        command = [self._setup.peer("nbgrader"), *arguments]
        return measure.run(command, folder, environment(self._setup.peers, self._home))

    def mark(self, folder: Path) -> Marked:
        """Mark the cohort."""
        course = folder / "course"
        shutil.copytree(self._course, course)
        usage = self._nbgrader(course, "autograde", ASSIGNMENT)
        self._nbgrader(course, "export")
        with (course / "grades.csv").open(encoding="utf-8", newline="") as file:
            return Marked(usage, {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)})
