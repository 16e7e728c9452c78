"""Makes the course's notebooks from solutions/: reading, given code, a cell for each task, and its check."""

import ast
from collections.abc import Iterator
from functools import cache

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from grader.course.catalogue import GIVEN, STAGES, Notebook, Stage, check_cell, source_of, task_cell, tree_of
from grader.course.location import PICTURES, SETTINGS
from grader.course.notebook_layout import imports, modules_given, segment, without
from grader.course.pages import markdown
from grader.course.points import points, points_of
from grader.course.stubs import cleared, unmarked
from grader.publishing import colab

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
FOLDED = {"jupyter": {"source_hidden": True}}
"""Metadata of a cell whose code JupyterLab shows on a click."""
INTRODUCTION = """\
# {title}

{badge}{introduction}In this notebook you write {stages}.

1. Run the cells from the top, one after the other (Shift + Enter).
2. In a cell that raises `NotImplementedError`, put your code in place of that line, and run the cell.
3. Run the check below it: it says what is right, the first thing to fix, and the points. Check as often as you
   like.

The checks draw fresh data each time. They take your code from the cells that you ran, so run a cell again when you
have changed it. {pictures}Hand in the notebook itself, saved; cells that you add for experiments may stay."""
IN_PICTURES = "At the end the notebook shows pictures of what you made.\n"
EARLIER = """\
## Given: {stages}

The reference code of what the earlier notebooks asked for, so that nothing left open there stops you here. The
cells are folded: run them, and open them to read."""


def notebook(which: Notebook, solved: bool = False) -> NotebookNode:
    """A notebook for learners, or `solved`: with the marked solutions, as nbgrader's source."""
    cells = [_title(which), _setup(), *_given(which)]
    for stage in which.stages:
        cells += _stage(which, stage, solved)
    if PICTURES.is_file():
        cells += _pictures()
    return assembled(cells)


@cache
def released(which: Notebook) -> NotebookNode:
    """A notebook as `nbgrader generate_assignment` makes it of the solved one. Not to be changed."""
    return with_checksums(notebook(which))


def with_checksums(made: NotebookNode) -> NotebookNode:
    """The notebook itself, with what nbgrader writes beside a cell's grade_id."""
    from nbgrader.utils import compute_checksum  # of the extra `grading`, which learners do not have

    for cell in made.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader |= {"checksum": compute_checksum(cell), "cell_type": cell.cell_type}
    return made


def assembled(cells: list[NotebookNode]) -> NotebookNode:
    """A notebook of these cells, with the metadata that does not depend on a machine."""
    metadata = {"kernelspec": dict(KERNEL), "language_info": {"name": "python"}}
    made: NotebookNode = nbformat.from_dict(new_notebook(cells=cells, metadata=metadata))
    return made


def text(made: NotebookNode) -> str:
    """A notebook as its file holds it; the same notebook gives the same bytes."""
    return f"{nbformat.writes(made)}\n"


def _title(which: Notebook) -> NotebookNode:
    badge = colab.badge(colab.repository(), which.file)
    introduction = INTRODUCTION.format(
        title=which.title,
        badge=f"{badge}\n\n" if badge else "",
        introduction=f"{SETTINGS['introduction']}\n" if "introduction" in SETTINGS else "",
        stages=_listed([stage.number for stage in which.stages]),
        pictures=IN_PICTURES if PICTURES.is_file() else "",
    )
    cell: NotebookNode = new_markdown_cell(introduction, id="title")
    return cell


def _setup() -> NotebookNode:
    source = f"{colab.install(colab.repository())}%load_ext grader.kernel"
    return _locked(new_code_cell(source, id="setup"))


def _given(which: Notebook) -> Iterator[NotebookNode]:
    """The given modules, and the reference of the stages that come before the notebook's own."""
    for name in modules_given(which):
        if name in GIVEN:
            yield new_markdown_cell(f"## Given: {_topic(name)}\n\n{_reading(name)}", id=f"{name}-reading")
        if name == STAGES[0].name:
            numbers = [stage.number for stage in STAGES if stage.number < which.stages[0].number]
            yield new_markdown_cell(EARLIER.format(stages=_listed(numbers)), id="earlier-reading")
        cell = new_code_cell(f"%%given {name}\n{_reference(name)}", id=f"{name}-given")
        if name not in GIVEN or which.stages[0] != STAGES[0]:
            cell.metadata |= FOLDED
        yield _locked(cell)


def _stage(which: Notebook, stage: Stage, solved: bool) -> Iterator[NotebookNode]:
    """The reading of a stage, its imports, and each task with its check."""
    heading = f"## Stage {stage.number}: {stage.title} · {points_of(stage):g} points"
    yield new_markdown_cell(f"{heading}\n\n{_reading(stage.name)}", id=f"{stage.name}-reading")
    yield _locked(new_code_cell(imports(which, stage), id=f"{stage.name}-imports"))
    source = source_of(stage.name)
    tasks = {getattr(node, "name", ""): segment(source, node) for node in ast.parse(source).body}
    for task in stage.tasks:
        cell = new_code_cell(tasks[task] if solved else cleared(tasks[task]), id=task_cell(stage, task))
        cell.metadata |= {"deletable": False, "nbgrader": _metadata(cell.id, solution=True)}
        yield cell
        check = f'from grader.kernel import check_task\n\ncheck_task("{stage.name}", "{task}")'
        yield _locked(
            new_code_cell(check, id=check_cell(stage, task)), grade=True, points=points()[stage.name, task]
        )


def _pictures() -> Iterator[NotebookNode]:
    yield new_markdown_cell("## What you made\n\nIn pictures, as far as it is written.", id="pictures-reading")
    source = "from grader.kernel import show_pictures\n\nshow_pictures()"
    yield _locked(new_code_cell(source, id="pictures"))


def _topic(name: str) -> str:
    """What a given module's docstring begins with, up to its first colon: what the module is about."""
    topic = (ast.get_docstring(tree_of(name)) or name).partition(":")[0]
    return f"{topic[0].lower()}{topic[1:]}"


def _reading(name: str) -> str:
    """A module's docstring as Markdown, without what stands before its first colon: that is in the heading."""
    _, _, reading = (ast.get_docstring(tree_of(name)) or "").partition(": ")
    return markdown(f"{reading[0].upper()}{reading[1:]}")


def _reference(name: str) -> str:
    """A module of solutions/ without its reading, the solutions' marks and what it shows as a script."""
    source = unmarked(source_of(name))
    body = ast.parse(source).body
    return without(source, [body[0], *(node for node in body if isinstance(node, ast.If))])


def _listed(numbers: list[int]) -> str:
    """The stages of these consecutive numbers, in words."""
    return f"stage {numbers[0]}" if len(numbers) == 1 else f"stages {numbers[0]} to {numbers[-1]}"


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
