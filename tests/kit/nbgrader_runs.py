"""nbgrader on a course that the kit made: its gradebook, its steps in this process, and what its pages show."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grader.course.catalogue import NOTEBOOKS, Notebook
from grader.course.location import ASSIGNMENT
from grader.publishing.nbgrader_course import CONFIG

FIRST, SECOND = NOTEBOOKS
DOUBLE, BOTH = "stage1_double-double", "stage1_double-both"
"""The cells of the first notebook's tasks."""


@contextlib.contextmanager
def opened(course: Path) -> Iterator[Any]:
    """A course's gradebook, as nbgrader opens it."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "chainrule") as gradebook:
        yield gradebook


def configuration(course: Path) -> Config:
    """A course's configuration, as nbgrader reads it."""
    return PyFileConfigLoader(CONFIG, path=str(course)).load_config()


def run_step(step: type[Any], course: Path, **options: Any) -> None:
    """What one of nbgrader's commands does with the course's assignment; options: of the marking engine."""
    config = configuration(course)
    config.MarkingEngine.update(options)
    directory = CourseDirectory(config=config, root=str(course), assignment_id=ASSIGNMENT)
    step(coursedir=directory, config=config).start()


def grade(gradebook: Any, student: str, task: str = DOUBLE) -> Any:
    """The grade of a task in the first notebook."""
    return gradebook.find_grade(f"{task}-check", FIRST.name, ASSIGNMENT, student)


def comment(gradebook: Any, student: str, task: str = DOUBLE) -> Any:
    """The comment on a task in the first notebook."""
    return gradebook.find_comment(task, FIRST.name, ASSIGNMENT, student)


def score(course: Path, student: str) -> float:
    """What the gradebook says of a student."""
    with opened(course) as gradebook:
        return float(gradebook.find_submission(ASSIGNMENT, student).score)


def autograded(course: Path, student: str, which: Notebook = FIRST) -> NotebookNode:
    """What nbgrader's pages show of a notebook."""
    return nbformat.read(course / "autograded" / student / ASSIGNMENT / which.file, as_version=4)


def feedback_page(course: Path, student: str) -> str:
    """The page on the first notebook that `nbgrader generate_feedback` made."""
    return (course / "feedback" / student / ASSIGNMENT / f"{FIRST.name}.html").read_text(encoding="utf-8")


def cell(notebook: NotebookNode, id: str) -> NotebookNode:
    """One cell."""
    found: NotebookNode = next(one for one in notebook.cells if one.id == id)
    return found
