"""Tables of which single cells are changed: every other byte stays, and the cells are those that others read."""

import csv
import io
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.intake.entries import Unreadable
from grader.reporting.exports.sheet import Sheet, sheet_of

TEXT = st.text(st.sampled_from('a",;\t\r\n =é'), max_size=40)


def sheet(content: bytes) -> Sheet:
    """The table that a file of this content is."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "table.csv").write_bytes(content)
        return sheet_of(Path(folder) / "table.csv")


@given(TEXT, st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))
def test_every_byte_stays(text: str, encoding: str) -> None:
    """A table of which nothing is changed is the file's, in any encoding, with any separator and ends of lines."""
    content = text.encode(encoding)
    try:
        table = sheet(content)
    except Unreadable as error:
        assert "a quote that is not closed" in str(error)
        return
    assert table.content() == content


@given(TEXT)
def test_cells_are_those_that_python_reads(text: str) -> None:
    """Cells are parted and unquoted as Python's csv module does."""
    try:
        table = sheet(text.encode())
    except Unreadable:
        return
    read = csv.reader(io.StringIO(text, newline=""), delimiter=table.separator)
    assert table.values == [[cell.strip() for cell in row] or [""] for row in read]


@given(st.lists(st.lists(TEXT, min_size=2, max_size=3), min_size=1, max_size=4), TEXT, st.booleans())
def test_a_changed_cell_is_read_as_it_was_meant(rows: list[list[str]], new: str, all_quoted: bool) -> None:
    """Where one cell of a table is changed, a reader finds it, and all others as they were."""
    text = io.StringIO(newline="")
    csv.writer(text, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL).writerows(
        [["a", "b", "c"], *rows]
    )
    table = sheet(text.getvalue().encode())
    if table.separator != ",":
        return
    table.put(1, 1, new)
    read = [*csv.reader(io.StringIO(table.content().decode(), newline=""))]
    expected = [["a", "b", "c"], *rows]
    expected[1] = [rows[0][0], new, *rows[0][2:]]
    assert read == expected


@pytest.mark.parametrize(
    ("row", "new"),
    [(b"x,1,z", b"x,9,z"), (b'x,"1",z', b'x,"9",z'), (b'"x","",z', b'"x","9",z'), (b"x", b"x,9"), (b"x,", b"x,9")],
)
def test_quotes_stay(row: bytes, new: bytes) -> None:
    """A cell that was quoted is quoted, another is not; a row that is too short gets its cell."""
    table = sheet(b"a,b,c\r\n" + row + b"\r\n")
    table.put(1, 1, "9")
    assert table.content() == b"a,b,c\r\n" + new + b"\r\n"


def test_a_line_that_names_the_separator() -> None:
    """Excel's line about the separator stays, and is no row."""
    table = sheet(b"sep=;\r\na;b\r\n1;2\r\n")
    assert table.values == [["a", "b"], ["1", "2"]]
    table.put(1, 1, "9")
    assert table.content() == b"sep=;\r\na;b\r\n1;9\r\n"


def test_no_table(tmp_path: Path) -> None:
    """What cannot be read says why, and where."""
    for content, why in ((b'a,b\n1,"2\n', "row 2 has a quote that is not closed"), (b"a\x81", "neither UTF-8")):
        (tmp_path / "x.csv").write_bytes(content)
        with pytest.raises(Unreadable, match=f"x.csv: {why}"):
            sheet_of(tmp_path / "x.csv")
