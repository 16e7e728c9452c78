"""Reading notebooks' files: every version of the format, and a sentence for what is none."""

import json
import math
from typing import Any

import pytest

from grader.course.catalogue import NOTEBOOKS
from grader.intake.entries import Unreadable
from grader.intake.names import claim_of
from grader.intake.notebook_files import MAX_CELLS, MAX_CODE, Cell, is_named, read_cells
from grader.intake.work import notebooks_in


def code(source: Any, **more: Any) -> dict[str, Any]:
    """A code cell as a file holds it."""
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": []} | more


def file(*cells: Any, **more: Any) -> bytes:
    """A notebook's file; of nbformat 2 or 3 where it has worksheets."""
    return json.dumps({"nbformat": 4, "metadata": {}} | (more or {"cells": cells})).encode()


OLD_CELL = {"cell_type": "code", "input": "x", "outputs": []}


OUTPUT = {"output_type": "display_data", "data": {"image/png": "iVBO" * 1000, "x": {"source": "y", "cells": [1]}}}


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        (file(), []),
        (file(code("x = 1", id="a"), {"cell_type": "markdown", "source": "# T"}), [Cell("a", "x = 1")]),
        (file(code(["x = 1\n", "y = 2"], id="a", outputs=[OUTPUT] * 5)), [Cell("a", "x = 1\ny = 2")]),
        (file(code("x", metadata={"nbgrader": {"grade_id": "g"}, "id": "c"})), [Cell("g", "x")]),
        (file(code("x", metadata={"id": "colab"})), [Cell("colab", "x")]),
        (file(code("x", id="", metadata={"id": 5, "nbgrader": 1})), [Cell("", "x")]),
        (
            file(code("x"), {"cell_type": "raw", "attachments": {}}, code("")),
            [Cell("", "x"), Cell("", "")],
        ),
        (b"\xef\xbb\xbf" + file(code("é", id="a")), [Cell("a", "é")]),
        (file(code("x", outputs=[{"data": [math.nan, -math.inf, '"NaN\\"']}])), [Cell("", "x")]),
        (b'{"cells": [{"cell_type": "code", "source": "a \\ud800 b"}]}', [Cell("", "a ? b")]),
        (file(worksheets=[{"cells": [OLD_CELL | {"input": ["x\n", "y"]}]}]), [Cell("", "x\ny")]),
        (file(worksheets=[{"cells": [OLD_CELL]}] * 2), [Cell("", "x"), Cell("", "x")]),
    ],
)
def test_code_cells(content: bytes, cells: list[Cell]) -> None:
    """The code cells of any version of the format, each with the best id that it has."""
    assert list(read_cells(content)) == cells


@pytest.mark.parametrize(
    "number", ["1" * 200_000, "1e99999999999999999999", "-1E-99999999999999999999", "NaN", "-Infinity", "1e400"]
)
def test_numbers_are_passed_over(number: str) -> None:
    """Whatever stands for a number in a notebook's file costs nothing: none of them is asked for."""
    content = file(code("x", id="a", execution_count=12345)).replace(b"12345", number.encode())
    assert read_cells(content) == (Cell("a", "x"),)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "empty, no notebook"),
        (b" \n", "empty, no notebook"),
        (b"hello", "no notebook: its text is no JSON"),
        (b"{", "damaged or cut short"),
        (file(code("x"))[:-9], "damaged or cut short"),
        (file() + file(), "damaged or cut short"),
        (b'"x"', "no notebook, though it is JSON"),
        (b"[]", "no notebook, though it is JSON"),
        (b"{}", "no notebook: it has no list of cells"),
        (b'{"cells": 5}', "no notebook: it has no list of cells"),
        (b'{"worksheets": [5]}', "no notebook: it has no list of cells"),
        (file(5), "damaged: its cell 1 is no cell"),
        (file(code("x"), code(5)), "damaged: the source of its cell 2 is no text"),
        (file(code(["x", 5])), "damaged: the source of its cell 1 is no text"),
        (b'{"cells": ["\xff"]}', "not UTF-8 text (byte 12)"),
        ("{}".encode("utf-16"), "not UTF-8 text"),
        (file(code("#" * (MAX_CODE + 1))), "more than 1 MiB of code"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"a":' * 100_000, "nested too deeply"),
        (file(*[code("x")] * (MAX_CELLS + 1)), "more than 500 code cells"),
    ],
)
def test_what_is_no_notebook(content: bytes, sentence: str) -> None:
    """Whatever else a file is, one sentence says so."""
    with pytest.raises(Unreadable) as caught:
        read_cells(content)
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)


def test_outputs_cost_nothing() -> None:
    """Many megabytes of outputs are passed over, however they nest."""
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    data = {"image/png": "A" * 20_000_000, "rows": [[0.5] * 10] * 70_000, "deep": deep}
    content = file(code("x", id="a", outputs=[{"data": data}]))
    assert read_cells(content) == (Cell("a", "x"),)


@pytest.mark.parametrize(
    ("name", "notebook", "exact"),
    [
        ("01_doubling.ipynb", 0, True),
        ("02_slope (1).ipynb", 1, True),
        ("02_slope-Copy1.ipynb", 1, True),
        ("02_Slope.IPYNB", 1, True),
        ("ann_01_doubling.ipynb", 0, False),
        ("01-doubling_final.ipynb", 0, False),
        ("homework.ipynb", None, False),
    ],
)
def test_which_by_its_name(name: str, notebook: int | None, exact: bool) -> None:
    """A notebook is known by its name, whatever browsers, Jupyter and platforms make of that."""
    claim = claim_of(name)
    assert claim is not None
    assert claim.notebook == (None if notebook is None else NOTEBOOKS[notebook])
    assert is_named(name) == exact


@pytest.mark.parametrize(
    ("cells", "notebook"),
    [
        ([Cell("stage2_slope-slope", ""), Cell("x", "def double(a): pass")], 1),
        ([Cell("stage2_slope-Doubler-check", "")], 1),
        ([Cell("", "from grader.kernel import check_task\ncheck_task('stage2_slope', 'train')")], 1),
        ([Cell("", "def double(a):\n    pass"), Cell("", "def slope(x):\n    pass")], 0),
        ([Cell("", "class Doubler:\n    pass")], 1),
        ([Cell("", "def forward(x):\n    pass")], None),
        ([Cell("", "print(1)")], None),
        ([], None),
    ],
)
def test_which_by_its_cells(cells: list[Cell], notebook: int | None) -> None:
    """A notebook without a name is known by its cells' ids, its checks, or what it defines."""
    certain, _ = notebooks_in(cells)
    assert certain == (set() if notebook is None else {NOTEBOOKS[notebook]})
