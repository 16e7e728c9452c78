"""Notebooks as learners hand them in, for the sample cohort: whole, in part, in disorder and broken."""

import json
from collections.abc import Callable
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_output

from grader.course.catalogue import NOTEBOOKS, STAGES, task_cell
from grader.publishing.assembly import notebook, text

Files = dict[str, bytes]
RELU = task_cell(STAGES[0], "relu")


def solved(*numbers: int) -> Callable[[], Files]:
    """The notebooks of these numbers, every task written."""
    return lambda: {NOTEBOOKS[n - 1].file: text(notebook(NOTEBOOKS[n - 1], solved=True)).encode() for n in numbers}


def changed(change: Callable[[NotebookNode], None]) -> Callable[[], Files]:
    """The first notebook, every task written, after a change."""

    def files() -> Files:
        made = nbformat.from_dict(notebook(NOTEBOOKS[0], solved=True))
        change(made)
        return {NOTEBOOKS[0].file: json.dumps(made).encode()}  # nbformat would mend it

    return files


def in_disorder(made: NotebookNode) -> None:
    """Ids as Colab leaves them, magics, experiments that fail, a task defined again, a changed given cell."""
    _cell(made, "stage1_relu-imports").source = "import numpy as np\n%matplotlib inline"
    _cell(made, "stage2_forward-affine").source += "\n\n!ls\nprint(affine(1, 2, 3))"
    made.cells.insert(0, new_code_cell("!pip install seaborn\nraise ValueError('an experiment')"))
    made.cells.append(new_code_cell("def relu(a):\n    return None  # tried out, and left"))
    for number, cell in enumerate(made.cells):
        cell.metadata.pop("nbgrader", None)
        del cell["id"]
        cell.metadata["id"] = f"x{number}"
    made.nbformat_minor = 0


def without_a_check(made: NotebookNode) -> None:
    """A task's cell twice, its check deleted, and an output of megabytes."""
    place = made.cells.index(_cell(made, RELU))
    made.cells[place + 1 : place + 2] = [nbformat.from_dict(made.cells[place])]
    _cell(made, "pictures").outputs = [new_output("stream", text="x" * 3_000_000)]


def not_parsing(made: NotebookNode) -> None:
    """A cell that does not parse, and one that is meant to break what parses it."""
    _cell(made, RELU).source = "def relu(a)\n    return np.maximum(a, 0)"
    _cell(made, "stage2_forward-accuracy").source = "accuracy = " + "(" * 100_000


def of_version_3() -> Files:
    """The first notebook in the format of 2013."""
    made = nbformat.from_dict(notebook(NOTEBOOKS[0], solved=True))
    old: Any = nbformat.convert(made, 3)
    return {NOTEBOOKS[0].file: json.dumps(old).encode()}


def _cell(made: NotebookNode, id: str) -> NotebookNode:
    cell: NotebookNode = next(cell for cell in made.cells if cell.id == id)
    return cell
