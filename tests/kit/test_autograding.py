"""The engine as nbgrader's step: `nbgrader autograde`, run in this process, on notebooks whole and damaged."""

import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from fixtures import Libraries
from isolation import ISOLATION
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.utils import compute_checksum
from nbgrader_runs import (
    BOTH,
    DOUBLE,
    FIRST,
    SECOND,
    autograded,
    cell,
    comment,
    feedback_page,
    grade,
    opened,
    run_step,
    score,
)
from verdicts import losses

from grader.course.catalogue import Notebook, check_cell
from grader.course.location import ASSIGNMENT
from grader.course.points import points_of
from grader.gradebook.book import Gradebook
from grader.gradebook.marks import marks_of
from grader.intake.submissions import read_cohort
from grader.marking.mark import Settings, mark
from grader.publishing.assembly import released
from grader.publishing.nbgrader_course import SOURCE

SEED = 20261121
MOST = points_of(FIRST.stages[0])
"""What the first notebook is worth."""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with an empty gradebook."""
    with contextlib.closing(Gradebook(tmp_path / "course")):
        pass
    return tmp_path / "course"


def hand_in(
    course: Path,
    student: str,
    change: Callable[[NotebookNode], None] | None = None,
    which: Notebook = FIRST,
    **sources: str,
) -> None:
    """Put a student's notebook, all solved but for a change, where nbgrader collects it.

    sources: what the cells of these tasks hold instead.
    """
    notebook = nbformat.read(course / SOURCE / ASSIGNMENT / which.file, as_version=4)
    for task, source in sources.items():
        cell(notebook, f"{which.stages[0].name}-{task}").source = source
    if change is not None:
        change(notebook)
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / which.file)


def autograde(course: Path, **options: Any) -> None:
    """What `nbgrader autograde` does."""
    run_step(Autograde, course, **{"seed": SEED, "isolation": ISOLATION} | options)


def test_grades_outputs_and_comments(course: Path) -> None:
    """Each check cell gets its points and the report that it would print, each task's cell the messages."""
    hand_in(course, "ann", double="def double(x):\n    return x * x", both=cell(released(FIRST), BOTH).source)
    hand_in(course, "ann", which=SECOND)
    autograde(course)
    notebook = autograded(course, "ann")
    report, number = cell(notebook, f"{DOUBLE}-check").outputs
    assert report.text.startswith("double: ")
    assert "expected" in report.text
    with opened(course) as gradebook:
        found = grade(gradebook, "ann")
        assert float(number.data["text/plain"]) == found.auto_score < found.max_score
        assert not found.needs_manual_grade
        assert "expected" in comment(gradebook, "ann").comment
        assert comment(gradebook, "ann", BOTH).comment == "No response."
        assert gradebook.find_comment("stage2_slope-slope", SECOND.name, ASSIGNMENT, "ann").comment is None
    shown = {one.id for one in notebook.cells if one.get("outputs")}
    assert shown == {check_cell(stage, task) for stage in FIRST.stages for task in stage.tasks}


def test_scores_are_the_engines(course: Path) -> None:
    """Autograding gives what `chainrule grade` gives for the notebooks; one not handed in has no points."""
    wrong = "def slope(x):\n    return 4 * x"
    hand_in(course, "ann", which=SECOND, slope=wrong)
    autograde(course)
    [handed_in] = read_cohort(course / "submitted" / "ann" / ASSIGNMENT)
    result = mark(handed_in, Settings(SEED, isolation=ISOLATION))
    assert losses(result) == "full but 4 for 1.double, 2 for 1.both, 2 for 2.slope"
    assert score(course, "ann") == result.score
    with opened(course) as gradebook:
        found = gradebook.find_comment("stage2_slope-slope", SECOND.name, ASSIGNMENT, "ann")
        assert found.comment == marks_of(result)["stage2_slope", "slope"].comment


def test_cells_are_restored(course: Path) -> None:
    """Given cells and checks that were deleted or changed, and metadata that got lost, cost nothing."""

    def damage(notebook: NotebookNode) -> None:
        gone = {f"{DOUBLE}-check", "pair-given", "stage1_double-imports"}
        notebook.cells = [one for one in notebook.cells if one.id not in gone]
        cell(notebook, f"{BOTH}-check").source = "5.0"
        for id in (BOTH, f"{BOTH}-check"):
            cell(notebook, id).metadata.clear()

    hand_in(course, "ann", damage)
    autograde(course)
    assert score(course, "ann") == MOST
    ids, wanted = (
        [one.metadata.get("nbgrader", {}).get("grade_id") for one in notebook.cells]
        for notebook in (autograded(course, "ann"), released(FIRST))
    )
    assert ids == wanted


def test_task_cell_gone(course: Path) -> None:
    """A task whose cell was deleted is taken from the cell that defines it, and checked after it."""

    def rewrite(notebook: NotebookNode) -> None:
        at = notebook.cells.index(cell(notebook, DOUBLE))
        own = new_code_cell(notebook.cells[at].source)
        notebook.cells[at : at + 2] = [new_code_cell("%matplotlib inline\nraise SystemExit"), own]

    hand_in(course, "ann", rewrite)
    autograde(course)
    assert score(course, "ann") == MOST
    sources = [one.source for one in autograded(course, "ann").cells]
    written = next(number for number, source in enumerate(sources) if source.startswith("def double("))
    assert sources[written + 1].endswith('check_task("stage1_double", "double")')


def test_instructors_own_cell(course: Path) -> None:
    """A check that an instructor added runs nowhere, and is not taken for passed: it is left to a grader."""
    own = new_code_cell("assert double is not None")
    about = {"grade": True, "locked": True, "solution": False, "task": False, "points": 3, "schema_version": 3}
    own.metadata["nbgrader"] = about | {"grade_id": "own-check", "cell_type": "code"}
    with opened(course) as gradebook:
        place, kind = ("own-check", FIRST.name, ASSIGNMENT), {"cell_type": "code"}
        gradebook.add_grade_cell(*place, max_score=3, **kind)
        gradebook.add_source_cell(*place, source=own.source, locked=True, checksum=compute_checksum(own), **kind)
    hand_in(course, "ann", lambda notebook: notebook.cells.append(own))
    autograde(course)
    with opened(course) as gradebook:
        found = grade(gradebook, "ann", "own")
        assert (found.auto_score, found.score, found.needs_manual_grade) == (None, 0.0, True)


def test_hostile_notebook(course: Path) -> None:
    """Code that ends its process, or never ends, costs its own points; the next notebook is marked as ever."""
    both = "def both(pair):\n    return Pair(*(2 * x for x in pair))"
    hand_in(course, "ann", double="import os\n\ndef double(x):\n    os._exit(0)", both=both)
    hand_in(course, "bob", double="def double(x):\n    while True:\n        pass", both=both)
    hand_in(course, "eve")
    autograde(course, time_limit=3.0)
    assert [score(course, student) for student in ("ann", "bob", "eve")] == [MOST - 4, MOST - 4, MOST]


def test_without_workers_the_run_ends(
    course: Path, libraries: Libraries, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no fork server starts, nbgrader ends with the reason, and leaves nothing that looks marked."""
    libraries("numpy", "raise ImportError('no such processor')")
    for student in ("ann", "bob"):
        hand_in(course, student)
    with pytest.raises(SystemExit, match="ImportError: no such processor"):
        autograde(course)
    assert not list((course / "autograded").glob("*/*"))
    assert "bob" not in caplog.text
    assert "Traceback" not in caplog.text


def test_markdown_is_no_script(course: Path) -> None:
    """Nothing that a learner writes in Markdown runs on nbgrader's pages; the kit's own reading stays as it is."""
    evil = "<script>alert(1)</script> [x](javascript:alert(1))\n\n<img src=x onerror=alert(1)>"

    def add(notebook: NotebookNode) -> None:
        next(one for one in notebook.cells if one.cell_type == "markdown").source += evil
        forged = {"grade_id": "forged", "grade": False, "solution": True, "locked": False, "schema_version": 3}
        notebook.cells += [new_markdown_cell(evil, metadata={"nbgrader": forged}), new_raw_cell(evil)]
        again = cell(notebook, f"{BOTH}-check").copy()
        notebook.cells.append(new_markdown_cell(evil, metadata=again.metadata))

    hand_in(course, "ann", add)
    autograde(course)
    run_step(GenerateFeedback, course)
    page = feedback_page(course, "ann")
    assert page.count("alert(1)") == 9
    assert score(course, "ann") == MOST
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    readings = [one.source for one in released(FIRST).cells if one.cell_type == "markdown"]
    assert set(readings[1:]) < {one.source for one in autograded(course, "ann").cells}
