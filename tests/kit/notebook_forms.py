"""Notebooks made of modules, so that a test has the same work in both forms."""

import ast
import subprocess
import sys
from collections.abc import Mapping
from functools import cache

from nbformat import NotebookNode

from grader.course.catalogue import Notebook, Stage, task_cell
from grader.course.notebook_layout import header
from grader.publishing.assembly import assembled, notebook


def notebook_of(which: Notebook, sources: Mapping[str, str]) -> NotebookNode:
    """A learner's notebook with the code of their modules: each task in its cell, below what stands above it.

    sources: each stage's module by the stage's name. Imports from the notebook's own stages are left out, as the
    names are there; so are the page at the top and the script at the end. A module that does not parse stands
    whole in the cell of its first task.
    """
    made = assembled([cell.copy() for cell in _released(which).cells])
    for stage in which.stages:
        if stage.name in sources:
            for task, text in _texts(which, stage, sources[stage.name]).items():
                next(cell for cell in made.cells if cell.id == task_cell(stage, task)).source = text
    return made


@cache
def _released(which: Notebook) -> NotebookNode:
    return notebook(which)


def _texts(which: Notebook, stage: Stage, source: str) -> dict[str, str]:
    """The text of each task's cell; what stands below the last task is in its cell too."""
    texts = dict.fromkeys(stage.tasks, "")
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError):
        return texts | {stage.tasks[0]: source.rstrip()}
    own = {one.name for one in which.stages}
    lines = source.split("\n")
    waiting: list[str] = []
    for node in body:
        is_page = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if is_page or isinstance(node, ast.If) or (isinstance(node, ast.ImportFrom) and node.module in own):
            continue
        decorators = getattr(node, "decorator_list", [])
        first = min([node.lineno, *(decorator.lineno for decorator in decorators)])
        waiting.append("\n".join(lines[first - 1 : node.end_lineno]))
        if (task := _name(node)) in texts:
            texts[task] += "\n".join(waiting)
            waiting.clear()
    texts[stage.tasks[-1]] += "\n".join(["", *waiting])
    return {task: text.strip("\n") for task, text in texts.items()}


def _name(node: ast.stmt) -> str:
    """What a definition, or `name = …`, defines."""
    target = node.targets[0] if isinstance(node, ast.Assign) else None
    return target.id if isinstance(target, ast.Name) else getattr(node, "name", "")


def unknown_names(which: Notebook, stage: Stage) -> str:
    """What ruff says of names that a stage's module, made of its cells in the solved notebook, uses and lacks."""
    cells = {cell.id: cell.source for cell in notebook(which, solved=True).cells}
    module = "\n\n\n".join([header(which, stage), *(cells[task_cell(stage, task)] for task in stage.tasks)])
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--select", "F821", "-"]
    done = subprocess.run(command, input=module, capture_output=True, text=True, encoding="utf-8", check=False)
    return done.stdout + done.stderr
