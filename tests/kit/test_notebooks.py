"""A course's notebooks: complete, valid, the same every time, and as nbgrader would release them."""

import ast

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
from notebook_forms import unknown_names
from traitlets.config import Config

from grader.course.catalogue import GIVEN, NOTEBOOKS, STAGES, Notebook, check_cell, task_cell
from grader.course.location import RELEASED_NOTEBOOKS
from grader.course.notebook_layout import given_ids, header
from grader.course.points import points, points_of
from grader.course.stubs import NOT_WRITTEN
from grader.publishing.assembly import notebook, released, text, with_checksums

RELEASING = (LockCells, ClearSolutions, ClearOutput, ComputeChecksums, ClearHiddenTests, ClearMarkScheme)
"""Of nbgrader's steps in generate_assignment those that change a cell."""

TOGETHER = Notebook("together", "Both stages", STAGES)
"""A notebook that holds them all."""

each = pytest.mark.parametrize("which", NOTEBOOKS, ids=lambda which: which.name)


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
def test_the_cells(which: Notebook) -> None:
    """Cells are known by what they are for, and nbgrader knows them by the same names.

    Each task's cell is followed by its check, which has the task's points; each stage's heading says its share.
    """
    cells = {cell.id: cell for cell in notebook(which).cells}
    code = [cell for cell in cells.values() if cell.cell_type == "code"]
    assert len(cells) == len(notebook(which).cells)
    assert all(cell.metadata.nbgrader.grade_id == cell.id for cell in code)
    assert all(cell.metadata.nbgrader.locked != cell.metadata.nbgrader.solution for cell in code)
    tasks = {task_cell(stage, task): (stage, task) for stage in which.stages for task in stage.tasks}
    assert [cell.id for cell in code if cell.metadata.nbgrader.solution] == [*tasks]
    assert [cell.id for cell in code if not cell.metadata.nbgrader.solution] == given_ids(which)
    for cell, (stage, task) in tasks.items():
        assert [*cells][[*cells].index(cell) + 1] == check_cell(stage, task)
        assert cells[check_cell(stage, task)].metadata.nbgrader.points == points()[stage.name, task]
    for stage in which.stages:
        heading = f"## Stage {stage.number}: {stage.title} · {points_of(stage):g} points\n"
        assert cells[f"{stage.name}-reading"].source.startswith(heading)


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
            assert {ast.unparse(function.body[-1]) for function in functions} == {
                ast.unparse(ast.parse(NOT_WRITTEN))
            }


@each
def test_earlier_stages_are_given(which: Notebook) -> None:
    """Their reference is there in the order of the stages, marked as given and folded in JupyterLab."""
    cells = notebook(which).cells
    earlier = [stage.name for stage in STAGES if stage.number < which.stages[0].number]
    folded = [cell for cell in cells if cell.metadata.get("jupyter", {}).get("source_hidden")]
    wanted = [*GIVEN, *earlier] if earlier else []
    assert [cell.source.partition("\n")[0] for cell in folded] == [f"%%given {name}" for name in wanted]
    heading = [cell.source.partition("\n")[0] for cell in cells if cell.id == "earlier-reading"]
    assert heading == (["## Given: stage 1"] if earlier else [])
    for cell in cells:
        if cell.source.startswith("%%given"):
            ast.parse(cell.source.partition("\n")[2])


@pytest.mark.parametrize("which", [*NOTEBOOKS, TOGETHER], ids=lambda which: which.name)
def test_the_header_has_every_name(which: Notebook) -> None:
    """Header and cells together are a module that uses no name which it does not know."""
    assert {stage.name: unknown_names(which, stage) for stage in which.stages} == dict.fromkeys(
        (stage.name for stage in which.stages), ""
    )


def test_imports_leave_out_what_the_notebook_holds() -> None:
    """The imports cell brings nothing of a stage that is written in the same notebook; the header does."""
    first, second = STAGES
    imports = {cell.id: cell.source for cell in notebook(TOGETHER).cells}[f"{second.name}-imports"]
    assert first.name not in imports
    assert f"from {first.name} import {', '.join(first.tasks)}" in header(TOGETHER, second)


@each
def test_it_is_made_the_same_every_time(which: Notebook) -> None:
    """The committed file is what is made now, byte by byte."""
    made, again = (text(with_checksums(notebook(which))) for _ in range(2))
    assert made == again == (RELEASED_NOTEBOOKS / which.file).read_text(encoding="utf-8")
