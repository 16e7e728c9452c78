"""The stages as notebooks: a cell that writes the stage's module, and a check cell that runs its suite on it."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from bench.cohort import Files
from grader.course.catalogue import NOTEBOOKS, STAGES, Stage

ONE: tuple[tuple[str, Sequence[Stage]], ...] = (("chainrule", STAGES),)
FOUR: tuple[tuple[str, Sequence[Stage]], ...] = tuple((which.name, which.stages) for which in NOTEBOOKS)
"""How a course splits the six stages."""

Check = Callable[[Stage], NotebookNode]


def title(stage: Stage) -> NotebookNode:
    """The heading over a stage's cells."""
    return new_markdown_cell(f"## Stage {stage.number}: {stage.title}", id=f"title-{stage.number}")


def solution(stage: Stage, source: str) -> NotebookNode:
    """The cell in which a learner writes a stage: its first line puts it down as the module that it is."""
    return new_code_cell(f"%%writefile {stage.file}\n{source}", id=f"solution-{stage.number}")


def write(
    cells: Callable[[Stage], Iterable[NotebookNode]],
    split: Iterable[tuple[str, Sequence[Stage]]],
    folder: Path,
    first: Sequence[NotebookNode] = (),
) -> None:
    """Write the notebooks of a split, each stage's cells as `cells` makes them."""
    folder.mkdir(parents=True, exist_ok=True)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    for name, stages in split:
        made = [*first, *(cell for stage in stages for cell in cells(stage))]
        notebook = new_notebook(cells=made, metadata={"kernelspec": kernel})
        nbformat.write(notebook, folder / f"{name}.ipynb")


def hand_in(released: Path, files: Files, folder: Path) -> None:
    """A learner's copy of the released notebooks, with the learner's sources in the cells for them."""
    folder.mkdir(parents=True)
    for path in released.glob("*.ipynb"):
        notebook = nbformat.read(path, as_version=4)
        for stage in STAGES:
            for cell in notebook.cells:
                if cell.source.startswith(f"%%writefile {stage.file}\n"):
                    cell.source = solution(stage, files[stage.file]).source
        nbformat.write(notebook, folder / path.name)
