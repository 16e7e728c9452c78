"""This course's files are told apart when they are handed in, by their names and by what is in them."""

import pytest

from grader.course.catalogue import NOTEBOOKS, STAGES, Notebook, Stage
from grader.course.location import EXERCISES, SOLUTIONS
from grader.intake.names import claim_of
from grader.intake.notebook_files import Cell, read_cells
from grader.intake.work import notebooks_in, written
from grader.publishing.assembly import notebook, text


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_stages(stage: Stage) -> None:
    """A stage is known by its file's name; nothing is written in its stub, and everything in its solution."""
    for name in (stage.file, f"{stage.name} (1).py", f"ann_{stage.name.upper()}-final.py"):
        claim = claim_of(name)
        assert claim is not None and claim.stage == stage
    for folder, tasks in ((EXERCISES, set()), (SOLUTIONS, {*stage.tasks})):
        assert written((folder / stage.file).read_text(encoding="utf-8"), stage.tasks) == tasks


@pytest.mark.parametrize("which", NOTEBOOKS, ids=lambda which: which.name)
def test_notebooks(which: Notebook) -> None:
    """A notebook is known by its file's name, by its cells' ids, and without them by the tasks that it defines."""
    claim = claim_of(f"Copy of {which.file}")
    assert claim is not None and claim.notebook == which
    cells = read_cells(text(notebook(which, solved=True)).encode())
    assert notebooks_in(cells)[0] == {which}
    assert notebooks_in([Cell("", cell.source) for cell in cells])[0] == {which}


def test_a_task_that_several_notebooks_have_decides_nothing() -> None:
    """A definition whose name is a task's in more than one notebook is no sign of either."""
    tasks = [{task for stage in which.stages for task in stage.tasks} for which in NOTEBOOKS]
    shared = {task for own in tasks for task in own if sum(task in others for others in tasks) > 1}
    for task in shared:
        assert notebooks_in([Cell("", f"def {task}(x):\n    return x")]) == (set(), set())
