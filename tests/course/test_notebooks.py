"""The four notebooks: complete, valid, the same every time, and as nbgrader would release them."""

import ast
import subprocess
import sys

import nbformat
import pytest
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import (
    CheckCellMetadata,
    ClearHiddenTests,
    ClearMarkScheme,
    ClearOutput,
    ClearSolutions,
    ComputeChecksums,
    LockCells,
)
from traitlets.config import Config

from grader.course.catalogue import GIVEN, NOTEBOOKS, STAGES, Notebook, Stage, check_cell, task_cell
from grader.course.location import RELEASED_NOTEBOOKS
from grader.course.notebook_layout import given_ids, header
from grader.course.stubs import NOT_WRITTEN
from grader.publishing.assembly import notebook, released, text, with_checksums

RELEASING = (LockCells, ClearSolutions, ClearOutput, ComputeChecksums, ClearHiddenTests, ClearMarkScheme)
"""Of nbgrader's steps in generate_assignment those that change a cell."""

each = pytest.mark.parametrize("which", NOTEBOOKS, ids=lambda which: which.name)
each_stage = pytest.mark.parametrize(
    ("which", "stage"), [(which, stage) for which in NOTEBOOKS for stage in which.stages], ids=str
)


@each
@pytest.mark.parametrize("solved", [False, True])
def test_they_are_valid(which: Notebook, solved: bool) -> None:
    """nbformat and nbgrader accept them; nothing was run, and nothing tells of a machine."""
    made = notebook(which, solved)
    nbformat.validate(made, relax_add_props=False)
    MetadataValidator().validate_nb(made)
    assert nbformat.reads(text(made), as_version=4) == made
    assert set(made.metadata) == {"kernelspec", "language_info"}
    assert made.metadata.language_info == {"name": "python"}
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in made.cells)


@each
def test_ids_are_stable(which: Notebook) -> None:
    """Cells are known by what they are for, and nbgrader knows them by the same names."""
    cells = notebook(which).cells
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert len({cell.id for cell in cells}) == len(cells)
    assert all(cell.metadata.nbgrader.grade_id == cell.id for cell in code)
    tasks = [task_cell(stage, task) for stage in which.stages for task in stage.tasks]
    assert [cell.id for cell in code if cell.metadata.nbgrader.solution] == tasks
    assert [cell.id for cell in code if not cell.metadata.nbgrader.solution] == given_ids(which)
    assert all(cell.metadata.nbgrader.locked == (cell.id not in tasks) for cell in code)


@each
def test_a_check_follows_its_task(which: Notebook) -> None:
    """Each task's cell is followed by its check."""
    ids = [cell.id for cell in notebook(which).cells]
    for stage in which.stages:
        for task in stage.tasks:
            assert ids[ids.index(task_cell(stage, task)) + 1] == check_cell(stage, task)


def test_the_points() -> None:
    """The checks of all notebooks are worth 100 points, and each stage's heading says its share."""
    worth = {}
    for which in NOTEBOOKS:
        cells = {cell.id: cell for cell in notebook(which).cells}
        for stage in which.stages:
            worth[stage] = sum(cells[check_cell(stage, task)].metadata.nbgrader.points for task in stage.tasks)
            heading = f"## Stage {stage.number}: {stage.title} · {worth[stage]:g} points\n"
            assert cells[f"{stage.name}-reading"].source.startswith(heading)
    assert [*worth] == [*STAGES]
    assert sum(worth.values()) == 100


@each
def test_released_as_by_nbgrader(which: Notebook) -> None:
    """nbgrader's own release of the solved notebook is ours, cell by cell, checksums included."""
    config = Config({"ClearSolutions": {"code_stub": {"python": NOT_WRITTEN}}})
    made, resources = notebook(which, solved=True), {}
    for step in (*RELEASING, CheckCellMetadata):
        made, resources = step(config=config).preprocess(made, resources)
    for theirs, ours in zip(made.cells, released(which).cells, strict=True):
        assert theirs == ours
    assert made.metadata == released(which).metadata


@each
def test_no_solution_is_left(which: Notebook) -> None:
    """A task's cell holds a stub and no more; the earlier stages' code has no marks of solutions."""
    for cell in notebook(which).cells:
        assert "SOLUTION" not in cell.source
        if cell.cell_type == "code" and cell.metadata.nbgrader.solution:
            functions = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.FunctionDef)]
            assert functions
            assert all(
                ast.unparse(function.body[-1]) == ast.unparse(ast.parse(NOT_WRITTEN)) for function in functions
            )


@each
def test_earlier_stages_are_given(which: Notebook) -> None:
    """Their reference is there in the order of the stages, marked as given and folded in JupyterLab."""
    cells = notebook(which).cells
    earlier = [stage.name for stage in STAGES if stage.number < which.stages[0].number]
    folded = [cell for cell in cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
    wanted = [GIVEN, *earlier] if earlier else []
    assert [cell.source.partition("\n")[0] for cell in folded] == [f"%%given {name}" for name in wanted]
    heading = [cell.source.partition("\n")[0] for cell in cells if cell.id == "earlier-reading"]
    assert heading == ([f"## Given: stages 1 to {len(earlier)}"] if earlier else [])
    for cell in cells:
        if cell.source.startswith("%%given"):
            ast.parse(cell.source.partition("\n")[2])


@each_stage
def test_the_header_has_every_name(which: Notebook, stage: Stage) -> None:
    """Header and cells together are a module that uses no name which it does not know."""
    cells = {cell.id: cell.source for cell in notebook(which, solved=True).cells}
    module = "\n\n\n".join([header(which, stage), *(cells[task_cell(stage, task)] for task in stage.tasks)])
    command = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F821,F401",
        "--ignore",
        "F401",
        "-",
    ]
    done = subprocess.run(command, input=module, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout


@each_stage
def test_imports_leave_out_what_the_notebook_holds(which: Notebook, stage: Stage) -> None:
    """The imports cell brings nothing of a stage that is written in the same notebook; the header does."""
    imports = next(cell.source for cell in notebook(which).cells if cell.id == f"{stage.name}-imports")
    for other in which.stages:
        assert other.name not in imports
        if other.number < stage.number:
            assert f"from {other.name} import {', '.join(other.tasks)}" in header(which, stage)


@each
def test_it_is_made_the_same_every_time(which: Notebook) -> None:
    """The committed file is what is made now, byte by byte."""
    made, again = (text(with_checksums(notebook(which))) for _ in range(2))
    assert made == again == (RELEASED_NOTEBOOKS / which.file).read_text(encoding="utf-8")
