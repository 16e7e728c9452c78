"""The walkthrough: solutions/walkthrough.py as a notebook, executed, with the figures that it must show."""

import re
import tempfile

import jupytext
import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.course.finding import KIT
from grader.course.location import SOLUTIONS
from grader.course.pages import markdown
from grader.publishing import colab
from grader.publishing.assembly import assembled, text
from grader.publishing.execution import execute

SOURCE = SOLUTIONS / "walkthrough.py"
FILE = "walkthrough.ipynb"
MODULES = """\
from grader.course.location import SOLUTIONS

sys.path.insert(0, str(SOLUTIONS))  # where the stages' modules are"""
ENVIRONMENT = {"PYTHONPATH": str(KIT), "OMP_NUM_THREADS": "1"}
"""Of the kernel: this kit, and no threads, which for so small a network only wait for one another."""

_RESULT = re.compile(r"^\| ([^|]+?) +\| ([\d.]+) +\| (\d+) % +\|", re.MULTILINE)


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
    """In what a file differs from an executed walkthrough: a predicate, or nothing."""
    if got is None:
        return "is missing"
    try:
        cells = nbformat.reads(got, as_version=4).cells
    except nbformat.reader.NotJSONError:
        return "is no notebook"
    if [(cell.cell_type, cell.source) for cell in cells] != [(c.cell_type, c.source) for c in notebook().cells]:
        return f"differs from {SOURCE.parent.name}/{SOURCE.name}"
    if not results(got) or any(cell.cell_type == "code" and not cell.execution_count for cell in cells):
        return "is not executed"
    return ""


def results(got: str) -> dict[str, tuple[float, float]]:
    """The results table of an executed walkthrough: model → loss, accuracy as a fraction."""
    outputs = [output for cell in nbformat.reads(got, as_version=4).cells for output in cell.get("outputs", ())]
    tables = [output.data["text/markdown"] for output in outputs if "text/markdown" in output.get("data", {})]
    return {name: (float(loss), int(percent) / 100) for name, loss, percent in _RESULT.findall("\n".join(tables))}
