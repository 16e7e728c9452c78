"""Reads the code cells of notebooks' files, whatever Jupyter or Colab wrote them; nothing in them is run."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from grader.course.catalogue import NOTEBOOKS, Notebook, check_cell, task_cell
from grader.intake.entries import Unreadable

ENDING = ".ipynb"
MAX_NOTEBOOK = 2**28
"""Bytes of a notebook's file at the most; pictures and tables may take nearly all of it."""
MAX_CODE = 2**20
"""Characters of code in a notebook at the most; the longest of the four has a hundredth of that."""
MAX_CELLS = 500
"""Code cells of a notebook at the most; the longest of the four has thirty."""
AGAIN = "open it in Jupyter, save it, and hand it in again"
_PATTERNS = {one: re.compile(r"[\W_]++".join(one.name.split("_")), re.IGNORECASE) for one in NOTEBOOKS}
_COPIED = re.compile(r"(?:-copy\d++| ?\(\d++\))*+")
"""What a browser or Jupyter puts behind a name."""


class Cell(NamedTuple):
    """A code cell: its id, "" where it has none, and its source."""

    id: str
    source: str


def read_cells(content: bytes) -> tuple[Cell, ...]:
    """The code cells of a notebook's file in their order; of nbformat 2, 3 or 4.

    Raises Unreadable with a sentence on what is wrong.
    """
    document = _document(content)
    if not isinstance(document, dict):
        raise Unreadable(f"no notebook, though it is JSON; {AGAIN}")
    cells = tuple(_code_cells(_listed(document)))
    if len(cells) > MAX_CELLS:
        raise Unreadable(f"more than {MAX_CELLS} code cells, which nobody writes; remove those that are not yours")
    if sum(len(cell.source) for cell in cells) > MAX_CODE:
        raise Unreadable(
            f"more than {MAX_CODE >> 20} MiB of code, which nobody writes; remove data from its cells"
        )
    return cells


def put_before(file: str) -> str:
    """What was put before the name of one of the course's notebooks, as the learner's name; "" for none."""
    found = [match for pattern in _PATTERNS.values() if (match := pattern.search(file))]
    return file[: found[0].start()].rstrip("-_ .") if found and file.lower().endswith(ENDING) else ""


def is_named(file: str) -> bool:
    """Whether a file has the name of one of the course's notebooks, but for what a browser or Jupyter adds."""
    stem, dot, ending = file.lower().rpartition(".")
    known = [one for one in NOTEBOOKS if dot + ending == ENDING and stem.startswith(one.name)]
    return any(_COPIED.fullmatch(stem, len(one.name)) for one in known)


def ids_of(which: Notebook) -> set[str]:
    """Ids of a notebook's task cells and check cells."""
    tasks = [(stage, task) for stage in which.stages for task in stage.tasks]
    return {make(stage, task) for stage, task in tasks for make in (task_cell, check_cell)}


def _document(content: bytes) -> Any:
    """What the file holds; numbers, of which none is asked for, as None, however many digits they have."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise Unreadable(f"empty, no notebook; {AGAIN}")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as wrong:
        raise Unreadable(f"not UTF-8 text (byte {wrong.start}), as notebooks are; {AGAIN}") from None
    try:
        return json.loads(text, parse_int=_passed_over, parse_float=_passed_over, parse_constant=_passed_over)
    except RecursionError:
        raise Unreadable("nested too deeply to be one of the course's notebooks") from None
    except ValueError:
        if text.lstrip()[:1] not in ("{", "["):
            raise Unreadable(f"no notebook: its text is no JSON; {AGAIN}") from None
        raise Unreadable(f"damaged or cut short: its text is no whole JSON; {AGAIN}") from None


def _passed_over(number: str) -> None:
    return None


def _listed(document: Mapping[str, Any]) -> list[Any]:
    """A notebook's cells; up to nbformat 3 they are in worksheets."""
    sheets = document.get("worksheets", [])
    parts = [document] if "cells" in document else sheets if isinstance(sheets, list) else []
    lists = [part.get("cells", []) for part in parts if isinstance(part, dict)]
    if not lists or not all(isinstance(cells, list) for cells in lists):
        raise Unreadable(f"no notebook: it has no list of cells; {AGAIN}")
    return [cell for cells in lists for cell in cells]


def _code_cells(cells: list[Any]) -> Iterator[Cell]:
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            raise Unreadable(f"damaged: its cell {number} is no cell; {AGAIN}")
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source", cell.get("input", ""))
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise Unreadable(f"damaged: the source of its cell {number} is no text; {AGAIN}")
        yield Cell(id_of(cell), source.encode("utf-8", "replace").decode())


def id_of(cell: Mapping[str, Any]) -> str:
    """A cell's id: its own, else nbgrader's, else Colab's; "" where it has none."""
    metadata = cell.get("metadata")
    metadata = metadata if isinstance(metadata, dict) else {}
    nbgrader = metadata.get("nbgrader")
    ids = [cell.get("id"), nbgrader.get("grade_id") if isinstance(nbgrader, dict) else None, metadata.get("id")]
    return next((found for found in ids if isinstance(found, str) and found), "")
