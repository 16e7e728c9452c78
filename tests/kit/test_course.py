"""The course for nbgrader: what `chainrule course` makes, and what nbgrader makes of it."""

import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from command_line import chainrule
from nbgrader.converters import GenerateAssignment
from nbgrader.validator import Validator
from nbgrader_runs import SECOND, cell, configuration, opened, run_step
from results_by_hand import notebooks, result

from grader.course.catalogue import NOTEBOOKS, STAGES
from grader.course.finding import KIT
from grader.course.location import ASSIGNMENT
from grader.course.points import total_points
from grader.gradebook.book import Gradebook
from grader.intake.submissions import Submission
from grader.publishing.assembly import released
from grader.publishing.execution import private_kernels
from grader.publishing.nbgrader_course import CONFIG, lay_out


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course for which `nbgrader generate_assignment` was run."""
    folder = tmp_path_factory.mktemp("nbgrader") / "course"
    lay_out(folder)
    with pytest.MonkeyPatch.context() as patch:  # nbgrader starts alembic by its name
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        run_step(GenerateAssignment, folder)
    return folder


def test_release_is_what_learners_get(course: Path) -> None:
    """nbgrader releases the notebooks cell for cell as the kit does, checksums included."""
    for which in NOTEBOOKS:
        made = nbformat.read(course / "release" / ASSIGNMENT / which.file, as_version=nbformat.NO_CONVERT)
        assert made == released(which)


def test_gradebook_is_as_nbgrader_makes_it(course: Path, tmp_path: Path) -> None:
    """The gradebook that the kit makes holds the assignment as `nbgrader generate_assignment` enters it.

    The check cells, one for each task, have the course's points. The rows of a submission that the kit enters are
    those that nbgrader would.
    """
    with contextlib.closing(Gradebook(tmp_path)) as ours:
        assert _assignment(tmp_path) == _assignment(course)
        ours.write(result("a"), Submission("a", notebooks=notebooks()))
    with opened(course) as found:
        assignment = found.find_assignment(ASSIGNMENT)
        assert assignment.max_score == total_points()
        cells = [cell for notebook in assignment.notebooks for cell in notebook.grade_cells]
        assert len(cells) == sum(len(stage.tasks) for stage in STAGES)
        found.add_student("a")
        found.add_submission(ASSIGNMENT, "a")
    assert _submission(tmp_path) == _submission(course)


def test_validation(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`nbgrader validate` finds fault with the checks of tasks that are open, and with nothing else."""
    monkeypatch.setenv("PYTHONPATH", str(KIT))
    open_task = "stage2_slope-train"
    notebook = nbformat.read(course / "source" / ASSIGNMENT / SECOND.file, as_version=4)
    cell(notebook, open_task).source = cell(released(SECOND), open_task).source
    nbformat.write(notebook, tmp_path / SECOND.file)
    config = configuration(course)
    with private_kernels() as private:
        config.merge(private)
        said = Validator(config=config).validate(str(tmp_path / SECOND.file))
    [failed] = said.pop("failed")
    assert failed["source"].endswith('check_task("stage2_slope", "train")')
    assert said == {}


def test_again(tmp_path: Path) -> None:
    """A course that was edited is left alone; with --force the notebooks are made anew, not its configuration."""
    assert f"generate_assignment {ASSIGNMENT}" in chainrule("course", tmp_path)
    config, notebook = tmp_path / CONFIG, tmp_path / "source" / ASSIGNMENT / NOTEBOOKS[0].file
    original = notebook.read_bytes()
    config.write_text("# mine", encoding="utf-8")
    notebook.write_text("{}", encoding="utf-8")
    assert NOTEBOOKS[0].file in chainrule("course", tmp_path, code=1)
    assert notebook.read_text(encoding="utf-8") == "{}"
    chainrule("course", tmp_path, "--force")
    assert notebook.read_bytes() == original
    assert config.read_text(encoding="utf-8") == "# mine"


def test_a_folder_that_the_kit_did_not_make(tmp_path: Path) -> None:
    """A configuration that was there before the course is neither kept nor overwritten, unless it is adopted."""
    (tmp_path / CONFIG).write_text("raise SystemExit", encoding="utf-8")
    assert "was not made here by this kit" in chainrule("course", tmp_path, "--force", code=1)
    assert [path.name for path in tmp_path.iterdir()] == [CONFIG]
    chainrule("course", tmp_path, "--force", "--adopt")
    assert (tmp_path / CONFIG).read_text(encoding="utf-8") == "raise SystemExit"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """Where no folder can be, the sentence says so."""
    (tmp_path / "file").touch()
    said = chainrule("course", tmp_path / "file" / "course", code=1)
    assert "cannot be written to: Not a directory" in said or sys.platform == "win32"
    assert "Traceback" not in said


def _assignment(course: Path) -> dict[str, Any]:
    """All that a gradebook holds of the assignment, without its own ids."""
    kinds = ("grade_cells", "solution_cells", "task_cells", "source_cells")
    with opened(course) as found:
        assignment = found.find_assignment(ASSIGNMENT)
        cells = {
            (kind, notebook.name, cell.name): cell.to_dict() | {"id": None}
            for notebook in assignment.notebooks
            for kind in kinds
            for cell in getattr(notebook, kind)
        }
        kernels = {notebook.name: notebook.kernelspec for notebook in assignment.notebooks}
        return {"of": (assignment.course_id, assignment.duedate), "notebooks": kernels, "cells": cells}


def _submission(course: Path) -> set[tuple[str, str, str]]:
    """The grades and comments that a submission has rows for."""
    with opened(course) as found:
        return {
            (kind, notebook.name, row.name)
            for notebook in found.find_submission(ASSIGNMENT, "a").notebooks
            for kind in ("grades", "comments")
            for row in getattr(notebook, kind)
        }
