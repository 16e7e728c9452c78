"""The walkthrough: a course's solutions/walkthrough.py, where it has one, as a notebook, executed."""

import tempfile

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.course.location import KIT, ROOT, SOLUTIONS, VARIABLE
from grader.course.pages import markdown
from grader.publishing import colab
from grader.publishing.assembly import assembled, text
from grader.publishing.execution import execute

SOURCE = SOLUTIONS / "walkthrough.py"
FILE = "walkthrough.ipynb"
MODULES = """\
from grader.course.location import SOLUTIONS

sys.path.insert(0, str(SOLUTIONS))  # where the stages' modules are"""
ENVIRONMENT = {"PYTHONPATH": str(KIT), VARIABLE: str(ROOT), "OMP_NUM_THREADS": "1"}
"""Of the kernel: this kit and course, and no threads, which for small networks only wait for one another."""


def notebook() -> NotebookNode:
    """The walkthrough as a notebook without outputs."""
    cells = jupytext.reads(SOURCE.read_text(encoding="utf-8"), fmt="py:percent").cells
    for n, cell in enumerate(cells):
        cell |= {"id": f"walkthrough-{n}", "metadata": {}}
        if cell.cell_type == "markdown":
            cell.source = markdown(cell.source)
    title, *others = cells
    if badge := colab.badge(colab.repository(), FILE):
        heading, _, rest = title.source.partition("\n\n")
        title.source = f"{heading}\n\n{badge}\n\n{rest}"
    setup = new_code_cell(f"{colab.install(colab.repository())}{MODULES}", id="setup")
    return assembled([title, setup, *others])


def executed() -> str:
    """The walkthrough's file, executed from top to bottom; nothing in it tells of the machine or the time.

    Raises nbclient's CellExecutionError when a cell does.
    """
    made = notebook()
    metadata = made.metadata.copy()
    with tempfile.TemporaryDirectory() as folder:
        resources = {"metadata": {"path": folder}}
        execute(made, ENVIRONMENT, record_timing=False, resources=resources)
    made.metadata = metadata  # without what the kernel says of itself
    return text(made)


def drift(got: str | None) -> str:
    """In what a file differs from an executed walkthrough: a predicate, or nothing; a course may have none."""
    if not SOURCE.is_file():
        return "" if got is None else f"has no {SOURCE.parent.name}/{SOURCE.name}"
    if got is None:
        return "is missing"
    try:
        cells = nbformat.reads(got, as_version=4).cells
    except nbformat.reader.NotJSONError:
        return "is no notebook"
    if [(cell.cell_type, cell.source) for cell in cells] != [(c.cell_type, c.source) for c in notebook().cells]:
        return f"differs from {SOURCE.parent.name}/{SOURCE.name}"
    code = [cell for cell in cells if cell.cell_type == "code"]
    if not all(cell.execution_count for cell in code) or not any(cell.outputs for cell in code):
        return "is not executed"
    return ""
