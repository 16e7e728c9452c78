"""Reading notebooks' files: every version of the format, and a sentence for what is none."""

import json
import math
import re
from typing import Any

import pytest

from grader.course.catalogue import NOTEBOOKS, Notebook
from grader.intake.entries import Unreadable
from grader.intake.notebook_files import MAX_CELLS, MAX_CODE, Cell, read_cells
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
        (file(code("x"), {"cell_type": "raw", "attachments": {}}, code("")), [Cell("", "x"), Cell("", "")]),
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


NO_CELLS = "no notebook: it has no list of cells"
NUMBERS = ["1" * 200_000, "1e99999999999999999999", "-1E-99999999999999999999", "NaN", "-Infinity", "1e400"]


def test_what_costs_nothing() -> None:
    """Whatever stands for a number, and many megabytes of outputs, are passed over, however they nest."""
    deep: Any = 1
    for _ in range(500):
        deep = [deep]
    data = {"image/png": "A" * 20_000_000, "rows": [[0.5] * 10] * 70_000, "deep": deep}
    assert read_cells(file(code("x", id="a", outputs=[{"data": data}]))) == (Cell("a", "x"),)
    for number in NUMBERS:
        content = file(code("x", id="a", execution_count=12345)).replace(b"12345", number.encode())
        assert read_cells(content) == (Cell("a", "x"),)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        *((content, "empty, no notebook") for content in (b"", b" \n")),
        (b"hello", "no notebook: its text is no JSON"),
        *((content, "damaged or cut short") for content in (b"{", file(code("x"))[:-9], file() + file())),
        *((content, "no notebook, though it is JSON") for content in (b'"x"', b"[]")),
        *((content, NO_CELLS) for content in (b"{}", b'{"cells": 5}', b'{"worksheets": [5]}')),
        (file(5), "damaged: its cell 1 is no cell"),
        (file(code("x"), code(5)), "damaged: the source of its cell 2 is no text"),
        (file(code(["x", 5])), "damaged: the source of its cell 1 is no text"),
        (b'{"cells": ["\xff"]}', "not UTF-8 text (byte 12)"),
        ("{}".encode("utf-16"), "not UTF-8 text"),
        (file(code("#" * (MAX_CODE + 1))), "more than 1 MiB of code"),
        *((content * 100_000, "nested too deeply") for content in (b"[", b'{"a":')),
        (file(*[code("x")] * (MAX_CELLS + 1)), "more than 500 code cells"),
    ],
)
def test_what_is_no_notebook(content: bytes, sentence: str) -> None:
    """Whatever else a file is, one sentence says so."""
    with pytest.raises(Unreadable, match=rf"^{re.escape(sentence)}.*\Z"):  # in which no line ends
        read_cells(content)


FIRST, SECOND = NOTEBOOKS


@pytest.mark.parametrize(
    ("cells", "certain"),
    [
        ([Cell("stage2_slope-slope", ""), Cell("x", "def double(a): pass")], {SECOND}),
        ([Cell("stage2_slope-Doubler-check", "")], {SECOND}),
        ([Cell("", "from grader.kernel import check_task\ncheck_task('stage2_slope', 'train')")], {SECOND}),
        ([Cell("", "def double(a):\n    pass"), Cell("", "def slope(x):\n    pass")], {FIRST}),
        ([Cell("", "class Doubler:\n    pass")], {SECOND}),
        *(([Cell("", source)], set()) for source in ("def forward(x):\n    pass", "print(1)")),
        ([], set()),
    ],
)
def test_which_by_its_cells(cells: list[Cell], certain: set[Notebook]) -> None:
    """A notebook without a name is known by its cells' ids, its checks, or what it defines."""
    assert notebooks_in(cells)[0] == certain
