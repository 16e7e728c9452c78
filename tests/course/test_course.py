"""The course for nbgrader: what `chainrule course` makes, and what nbgrader makes of it."""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner
from nbgrader.api import Gradebook
from nbgrader.converters import GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.validator import Validator
from results_by_hand import notebooks, result
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from grader.cli import main
from grader.course.catalogue import NOTEBOOKS, STAGES
from grader.course.location import ASSIGNMENT, ROOT
from grader.course.points import total_points
from grader.gradebook import book as gradebook
from grader.intake.submissions import Submission
from grader.publishing.assembly import released
from grader.publishing.execution import private_kernels
from grader.publishing.nbgrader_course import CONFIG, lay_out


def configuration(course: Path) -> Config:
    """The course's configuration, as nbgrader reads it."""
    return PyFileConfigLoader(CONFIG, path=str(course)).load_config()


@contextlib.contextmanager
def opened(course: Path) -> Iterator[Any]:
    """The gradebook of a course."""
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}", "chainrule") as found:
        yield found


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course for which `nbgrader generate_assignment` was run."""
    folder = tmp_path_factory.mktemp("nbgrader") / "course"
    lay_out(folder)
    config = configuration(folder)
    with pytest.MonkeyPatch.context() as patch:  # nbgrader starts alembic by its name
        patch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
        directory = CourseDirectory(config=config, root=str(folder), assignment_id=ASSIGNMENT)
        GenerateAssignment(coursedir=directory, config=config).start()
    return folder


def test_release_is_what_learners_get(course: Path) -> None:
    """nbgrader releases the notebooks cell for cell as the kit does, checksums included."""
    for which in NOTEBOOKS:
        made = nbformat.read(course / "release" / ASSIGNMENT / which.file, as_version=nbformat.NO_CONVERT)
        assert made == released(which)


def test_points(course: Path) -> None:
    """The check cells' points are 100 in all, one check cell for each task."""
    with opened(course) as found:
        assert found.find_assignment(ASSIGNMENT).max_score == total_points()
        cells = [cell for notebook in found.find_assignment(ASSIGNMENT).notebooks for cell in notebook.grade_cells]
    assert len(cells) == sum(len(stage.tasks) for stage in STAGES)


def test_gradebook_is_as_nbgrader_makes_it(course: Path, tmp_path: Path) -> None:
    """The gradebook that the kit makes holds the assignment as `nbgrader generate_assignment` enters it."""
    with contextlib.closing(gradebook.Gradebook(tmp_path / "ours")):
        pass
    assert _assignment(tmp_path / "ours") == _assignment(course)


def test_submission_is_as_nbgrader_makes_it(course: Path, tmp_path: Path) -> None:
    """The rows of a submission that the kit enters are those that nbgrader would."""
    with contextlib.closing(gradebook.Gradebook(tmp_path / "ours")) as ours:
        ours.write(result("a"), Submission("a", notebooks=notebooks()))
    with opened(course) as found:
        found.add_student("a")
        found.add_submission(ASSIGNMENT, "a")
    assert _submission(tmp_path / "ours") == _submission(course)


def test_validation(course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`nbgrader validate` finds fault with the checks of tasks that are open, and with nothing else."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    which, open_task = NOTEBOOKS[1], "stage4_torch_forward-loss"
    stub = next(cell.source for cell in released(which).cells if cell.id == open_task)
    notebook = nbformat.read(course / "source" / ASSIGNMENT / which.file, as_version=4)
    next(cell for cell in notebook.cells if cell.id == open_task).source = stub
    nbformat.write(notebook, tmp_path / which.file)
    config = configuration(course)
    with private_kernels() as private:
        config.merge(private)
        said = Validator(config=config).validate(str(tmp_path / which.file))
    assert [cell["source"].splitlines()[-1] for cell in said.pop("failed")] == [
        'check_task("stage4_torch_forward", "loss")'
    ]
    assert said == {}


def test_again(tmp_path: Path) -> None:
    """A course that was edited is left alone; with --force the notebooks are made anew, not its configuration."""
    folder = tmp_path / "course"
    run = CliRunner().invoke(main, ["course", str(folder)])
    assert run.exit_code == 0
    assert "generate_assignment chainrule" in run.output
    config, notebook = folder / CONFIG, folder / "source" / ASSIGNMENT / NOTEBOOKS[0].file
    original = notebook.read_bytes()
    config.write_text("# mine", encoding="utf-8")
    notebook.write_text("{}", encoding="utf-8")
    refused = CliRunner().invoke(main, ["course", str(folder)])
    assert refused.exit_code == 1
    assert NOTEBOOKS[0].file in refused.output
    assert notebook.read_text(encoding="utf-8") == "{}"
    assert CliRunner().invoke(main, ["course", str(folder), "--force"]).exit_code == 0
    assert notebook.read_bytes() == original
    assert config.read_text(encoding="utf-8") == "# mine"


def test_a_folder_that_the_kit_did_not_make(tmp_path: Path) -> None:
    """A configuration that was there before the course is neither kept nor overwritten, unless it is adopted."""
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / CONFIG).write_text("raise SystemExit", encoding="utf-8")
    refused = CliRunner().invoke(main, ["course", str(folder), "--force"])
    assert refused.exit_code == 1
    assert "was not made here by this kit" in refused.output
    assert [path.name for path in folder.iterdir()] == [CONFIG]
    assert CliRunner().invoke(main, ["course", str(folder), "--force", "--adopt"]).exit_code == 0
    assert (folder / CONFIG).read_text(encoding="utf-8") == "raise SystemExit"


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    """Where no folder can be, the sentence says so."""
    (tmp_path / "file").touch()
    done = CliRunner().invoke(main, ["course", str(tmp_path / "file" / "course")])
    assert done.exit_code == 1
    assert "cannot be written to: Not a directory" in done.output or sys.platform == "win32"
    assert "Traceback" not in done.output


def _assignment(course: Path) -> dict[str, Any]:
    """All that a gradebook holds of the assignment, without its own ids."""
    with opened(course) as found:
        assignment = found.find_assignment(ASSIGNMENT)
        return {
            "course": assignment.course_id,
            "duedate": assignment.duedate,
            "notebooks": {notebook.name: notebook.kernelspec for notebook in assignment.notebooks},
            "cells": {
                (kind, notebook.name, cell.name): {
                    name: value for name, value in cell.to_dict().items() if name != "id"
                }
                for notebook in assignment.notebooks
                for kind in ("grade_cells", "solution_cells", "task_cells", "source_cells")
                for cell in getattr(notebook, kind)
            },
        }


def _submission(course: Path) -> set[tuple[str, str, str]]:
    """The grades and comments that a submission has rows for."""
    with opened(course) as found:
        return {
            (kind, notebook.name, row.name)
            for notebook in found.find_submission(ASSIGNMENT, "a").notebooks
            for kind in ("grades", "comments")
            for row in getattr(notebook, kind)
        }
