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
    inside = {other.name for other in which.stages}
    tasks = {}
    given = []
    for node in _statements(source):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name in stage.tasks:
            tasks[node.name] = _segment(source, node)
        elif not (isinstance(node, ast.ImportFrom) and node.module in inside):
            given.append(_segment(source, node))
    yield _locked(new_code_cell("\n".join(given), id=f"{stage.name}-imports"))
    for task in stage.tasks:
        cell = new_code_cell(tasks[task], id=task_cell(stage, task))
        cell.metadata["nbgrader"] = _metadata(cell.id, solution=True)
        yield cell
        check = f'from grader.kernel import check_task\n\ncheck_task("{stage.name}", "{task}")'
        cell = new_code_cell(check, id=check_cell(stage, task))
        yield _locked(cell, grade=True, points=suites().points()[stage.name, task])


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
