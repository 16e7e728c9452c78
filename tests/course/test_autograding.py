"""The engine as nbgrader's step: `nbgrader autograde`, run in this process, on notebooks whole and damaged."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from fixtures import Libraries
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_raw_cell
from nbgrader.api import Gradebook as Nbgraders
from nbgrader.converters import Autograde, GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.utils import compute_checksum
from sample_cohort import ISOLATION
from traitlets.config.loader import PyFileConfigLoader

from grader.course.catalogue import NOTEBOOKS
from grader.course.location import ASSIGNMENT
from grader.gradebook.book import Gradebook
from grader.gradebook.marks import marks_of
from grader.intake.submissions import read_cohort
from grader.marking.mark import Settings, mark
from grader.publishing.assembly import released
from grader.publishing.nbgrader_course import CONFIG, SOURCE

NUMPY, FORWARD = NOTEBOOKS[0], NOTEBOOKS[1]
SEED = 20261121
RELU, SLOPE = "stage1_relu-relu", "stage1_relu-relu_grad"
WRONG = "def relu(a):\n    return np.minimum(a, 0)"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A course with an empty gradebook."""
    with contextlib.closing(Gradebook(tmp_path / "course")):
        pass
    return tmp_path / "course"


def hand_in(course: Path, student: str, change: Callable[[NotebookNode], None], which: Any = NUMPY) -> None:
    """Put a student's notebook, all solved but for a change, where nbgrader collects it."""
    notebook = nbformat.read(course / SOURCE / ASSIGNMENT / which.file, as_version=4)
    change(notebook)
    folder = course / "submitted" / student / ASSIGNMENT
    folder.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, folder / which.file)


def autograde(course: Path, **options: Any) -> None:
    """What `nbgrader autograde chainrule` does."""
    config = PyFileConfigLoader(CONFIG, path=str(course)).load_config()
    config.MarkingEngine.update({"seed": SEED, "isolation": ISOLATION} | options)
    directory = CourseDirectory(config=config, root=str(course), assignment_id=ASSIGNMENT)
    Autograde(coursedir=directory, config=config).start()


def autograded(course: Path, student: str, which: Any = NUMPY) -> NotebookNode:
    """What nbgrader's pages show."""
    return nbformat.read(course / "autograded" / student / ASSIGNMENT / which.file, as_version=4)


@contextlib.contextmanager
def opened(course: Path) -> Iterator[Any]:
    """The gradebook."""
    with Nbgraders(f"sqlite:///{course / 'gradebook.db'}", "chainrule") as gradebook:
        yield gradebook


def score(course: Path, student: str) -> float:
    """What the gradebook says of a student."""
    with opened(course) as gradebook:
        return float(gradebook.find_submission(ASSIGNMENT, student).score)


def cell(notebook: NotebookNode, id: str) -> NotebookNode:
    """One cell."""
    return next(one for one in notebook.cells if one.id == id)


def test_grades_outputs_and_comments(course: Path) -> None:
    """Each check cell gets its points and the report that it would print, each task's cell the messages."""

    def wrong(notebook: NotebookNode) -> None:
        cell(notebook, RELU).source = WRONG
        cell(notebook, SLOPE).source = cell(released(NUMPY), SLOPE).source

    hand_in(course, "ann", wrong)
    autograde(course)
    notebook = autograded(course, "ann")
    report, number = cell(notebook, f"{RELU}-check").outputs
    assert report.text.startswith("relu: ")
    assert "expected" in report.text
    with opened(course) as gradebook:
        place = NUMPY.name, ASSIGNMENT, "ann"
        grade = gradebook.find_grade(f"{RELU}-check", *place)
        assert float(number.data["text/plain"]) == grade.auto_score < grade.max_score
        assert not grade.needs_manual_grade
        assert "expected" in gradebook.find_comment(RELU, *place).comment
        assert gradebook.find_comment(SLOPE, *place).comment == "No response."
        assert gradebook.find_comment("stage2_forward-affine", *place).comment is None
    shown = {one.id for one in notebook.cells if one.get("outputs")}
    assert shown == {one.id for one in notebook.cells if one.metadata.get("nbgrader", {}).get("grade")}


def test_scores_are_the_engines(course: Path) -> None:
    """Autograding gives what `chainrule grade` gives for the notebooks; one not handed in has no points."""

    def wrong(notebook: NotebookNode) -> None:
        loss = cell(notebook, "stage4_torch_forward-loss")
        loss.source = loss.source.replace("0.5 *", "0.25 *")

    hand_in(course, "ann", lambda notebook: None)
    hand_in(course, "ann", wrong, FORWARD)
    autograde(course)
    [handed_in] = read_cohort(course / "submitted" / "ann" / ASSIGNMENT)
    result = mark(handed_in, Settings(SEED, isolation=ISOLATION))
    assert 50 < result.score < 65
    assert score(course, "ann") == result.score
    marks = marks_of(result)
    with opened(course) as gradebook:
        comment = gradebook.find_comment("stage4_torch_forward-loss", FORWARD.name, ASSIGNMENT, "ann")
        assert comment.comment == marks["stage4_torch_forward", "loss"].comment


def test_cells_are_restored(course: Path) -> None:
    """Given cells and checks that were deleted or changed, and metadata that got lost, cost nothing."""

    def damage(notebook: NotebookNode) -> None:
        gone = {f"{RELU}-check", "xor-given", "stage2_forward-imports", "stage3_backward-train-check"}
        notebook.cells = [one for one in notebook.cells if one.id not in gone]
        cell(notebook, f"{SLOPE}-check").source = "5.0"
        for one in notebook.cells:
            if one.id.startswith("stage3"):
                one.metadata.clear()

    hand_in(course, "ann", damage)
    autograde(course)
    assert score(course, "ann") == 50.0
    ids = [one.metadata.get("nbgrader", {}).get("grade_id") for one in autograded(course, "ann").cells]
    assert ids == [one.metadata.get("nbgrader", {}).get("grade_id") for one in released(NUMPY).cells]


def test_task_cell_gone(course: Path) -> None:
    """A task whose cell was deleted is taken from the cell that defines it, and checked after it."""

    def rewrite(notebook: NotebookNode) -> None:
        at = notebook.cells.index(cell(notebook, RELU))
        own = new_code_cell(notebook.cells[at].source)
        notebook.cells[at : at + 2] = [new_code_cell("%matplotlib inline\nraise SystemExit"), own]

    hand_in(course, "ann", rewrite)
    autograde(course)
    assert score(course, "ann") == 50.0
    sources = [one.source for one in autograded(course, "ann").cells]
    written = next(number for number, source in enumerate(sources) if source.startswith("def relu("))
    assert sources[written + 1].endswith('check_task("stage1_relu", "relu")')


def test_instructors_own_cell(course: Path) -> None:
    """A check that an instructor added runs nowhere, and is not taken for passed: it is left to a grader."""

    own = new_code_cell("assert relu is not None")
    about = {"grade": True, "locked": True, "solution": False, "task": False, "points": 3, "schema_version": 3}
    own.metadata["nbgrader"] = about | {"grade_id": "own-check", "cell_type": "code"}
    checksum = compute_checksum(own)
    with opened(course) as gradebook:
        place, kind = ("own-check", NUMPY.name, ASSIGNMENT), {"cell_type": "code"}
        gradebook.add_grade_cell(*place, max_score=3, **kind)
        gradebook.add_source_cell(*place, source=own.source, locked=True, checksum=checksum, **kind)
    hand_in(course, "ann", lambda notebook: notebook.cells.append(own))
    autograde(course)
    with opened(course) as gradebook:
        grade = gradebook.find_grade("own-check", NUMPY.name, ASSIGNMENT, "ann")
        assert (grade.auto_score, grade.score, grade.needs_manual_grade) == (None, 0.0, True)


def test_hostile_notebook(course: Path) -> None:
    """Code that ends its process, or never ends, costs its own points; the next notebook is marked as ever."""

    def ends(notebook: NotebookNode) -> None:
        cell(notebook, RELU).source = "import os\n\ndef relu(a):\n    os._exit(0)"

    def hangs(notebook: NotebookNode) -> None:
        cell(notebook, RELU).source = "def relu(a):\n    while True:\n        pass"

    for student, change in {"ann": ends, "bob": hangs, "eve": lambda notebook: None}.items():
        hand_in(course, student, change)
    autograde(course, time_limit=3.0)
    assert [score(course, student) for student in ("ann", "bob", "eve")] == [45.0, 45.0, 50.0]


def test_without_workers_the_run_ends(
    course: Path, libraries: Libraries, caplog: pytest.LogCaptureFixture
) -> None:
    """Where no fork server starts, nbgrader ends with the reason, and leaves nothing that looks marked."""
    libraries("numpy", "raise ImportError('no such processor')")
    for student in ("ann", "bob"):
        hand_in(course, student, lambda notebook: None)
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
        again = cell(notebook, f"{SLOPE}-check").copy()
        notebook.cells.append(new_markdown_cell(evil, metadata=again.metadata))

    hand_in(course, "ann", add)
    autograde(course)
    config = PyFileConfigLoader(CONFIG, path=str(course)).load_config()
    directory = CourseDirectory(config=config, root=str(course), assignment_id=ASSIGNMENT)
    GenerateFeedback(coursedir=directory, config=config).start()
    page = (course / "feedback" / "ann" / ASSIGNMENT / f"{NUMPY.name}.html").read_text(encoding="utf-8")
    assert page.count("alert(1)") == 9
    assert score(course, "ann") == 50.0
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert 'href="javascript' not in page
    readings = [one.source for one in released(NUMPY).cells if one.cell_type == "markdown"]
    assert set(readings[1:]) < {one.source for one in autograded(course, "ann").cells}
