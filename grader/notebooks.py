"""Makes the course's four notebooks from solutions/: reading, given code, a cell for each task, and its check."""

import ast
from collections.abc import Iterator

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.catalogue import (
    GIVEN,
    SOLUTIONS,
    STAGES,
    Notebook,
    Stage,
    check_cell,
    task_cell,
)
from grader.release import stub
from grader.suites import suites

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}


def notebook(which: Notebook, solved: bool = False) -> NotebookNode:
    """One of the four, as it is released, or `solved`: with the solutions, as the instructor's source."""
    cells = [_title(which), _setup(), *_given(which)]
    for stage in which.stages:
        cells += _stage(which, stage, solved)
    cells.append(_pictures())
    made: NotebookNode = new_notebook(
        cells=cells, metadata={"kernelspec": dict(KERNEL), "language_info": {"name": "python"}}
    )
    return made


def text(made: NotebookNode) -> str:
    """A notebook as its file holds it; the same notebook gives the same bytes."""
    return f"{nbformat.writes(made)}\n"


def given_ids(which: Notebook) -> list[str]:
    """Ids of the code cells that a learner does not write: setup, given code, imports, checks, pictures."""
    own = {task_cell(stage, task) for stage in which.stages for task in stage.tasks}
    return [cell.id for cell in notebook(which).cells if cell.cell_type == "code" and cell.id not in own]


def header(which: Notebook, stage: Stage) -> str:
    """What a cell of `stage` finds in the notebook that its module has to import: one import statement a line.

    That is what the imports cells of the notebook brought so far, and the tasks of its earlier stages.
    """
    plain: dict[str, None] = {}
    names: dict[str, dict[str, None]] = {}
    for other in which.stages[: which.stages.index(stage) + 1]:
        for node in ast.parse(_imports(which, other)).body:
            if isinstance(node, ast.ImportFrom):
                assert node.module is not None
                names.setdefault(node.module, {}).update(dict.fromkeys(map(ast.unparse, node.names)))
            else:
                plain[ast.unparse(node)] = None
    names |= {other.name: dict.fromkeys(other.tasks) for other in which.stages if other.number < stage.number}
    return "\n".join([*plain, *(f"from {module} import {', '.join(names[module])}" for module in sorted(names))])


def _title(which: Notebook) -> NotebookNode:
    cell: NotebookNode = new_markdown_cell(f"# {which.title}", id="title")
    return cell


def _setup() -> NotebookNode:
    source = "%load_ext grader.kernel"
    return _locked(new_code_cell(source, id="setup"))


def _given(which: Notebook) -> Iterator[NotebookNode]:
    """The given module, and the reference of the stages that the notebook does not hold itself."""
    earlier = STAGES[: which.stages[0].number - 1]
    for name in (GIVEN, *(stage.name for stage in earlier)):
        yield _locked(new_code_cell(f"%%given {name}\n{_reference(name)}", id=f"{name}-given"))


def _reference(name: str) -> str:
    """A module of solutions/ without its reading, the solutions' marks and what it shows as a script."""
    source = (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")
    kept = "\n\n\n".join(_segment(source, node) for node in _statements(source))
    return "\n".join(line for line in kept.splitlines() if line.strip()[:4] != "### ")


def _stage(which: Notebook, stage: Stage, solved: bool) -> Iterator[NotebookNode]:
    source = (SOLUTIONS / stage.file).read_text(encoding="utf-8")
    source = source if solved else stub(source)
    yield new_markdown_cell(ast.get_docstring(ast.parse(source)), id=f"{stage.name}-reading")
    tasks = {
        node.name: _segment(source, node)
        for node in _statements(source)
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
    }
    yield _locked(new_code_cell(_imports(which, stage), id=f"{stage.name}-imports"))
    for task in stage.tasks:
        cell = new_code_cell(tasks[task], id=task_cell(stage, task))
        cell.metadata["nbgrader"] = _metadata(cell.id, solution=True)
        yield cell
        check = f'from grader.kernel import check_task\n\ncheck_task("{stage.name}", "{task}")'
        cell = new_code_cell(check, id=check_cell(stage, task))
        yield _locked(cell, grade=True, points=suites().points()[stage.name, task])


def _imports(which: Notebook, stage: Stage) -> str:
    """What a stage imports, without what it imports of stages in the same notebook."""
    source = (SOLUTIONS / stage.file).read_text(encoding="utf-8")
    inside = {other.name for other in which.stages}
    kept = [
        node
        for node in _statements(source)
        if isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module not in inside)
    ]
    return "\n".join(_segment(source, node) for node in kept)


def _statements(source: str) -> list[ast.stmt]:
    """The top-level statements without the docstring and the part that runs as a script."""
    body = ast.parse(source).body
    return [node for node in body[1:] if not isinstance(node, ast.If)]


def _segment(source: str, node: ast.stmt) -> str:
    return "\n".join(source.splitlines()[node.lineno - 1 : node.end_lineno])


def _locked(cell: NotebookNode, **flags: bool | float) -> NotebookNode:
    """A cell that nbgrader restores when a learner has changed it."""
    cell.metadata |= {"deletable": False, "editable": False, "nbgrader": _metadata(cell.id, locked=True, **flags)}
    return cell


def _metadata(grade_id: str, **flags: bool | float) -> dict[str, bool | float | str | int]:
    """What nbgrader wants to know of a cell."""
    plain: dict[str, bool | float | str | int] = {
        "grade": False,
        "locked": False,
        "solution": False,
        "task": False,
    }
    return plain | {"grade_id": grade_id, "schema_version": 3} | flags


def _pictures() -> NotebookNode:
    cell: NotebookNode = new_code_cell("from grader.kernel import show_pictures\n\nshow_pictures()", id="pictures")
    return cell
