"""All tests of all submissions as one table, a row for each: as CSV for spreadsheets, as Parquet for programs."""

import codecs
import csv
import io
import tempfile
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from grader.course.finding import installing
from grader.marking.scores import as_text
from grader.reporting.exports.marked import ExportError, Marked, Marking

COLUMNS = {
    "submission": "string",
    "students": "string",
    "names": "string",
    "status": "string",
    "stage": "string",
    "task": "string",
    "test": "string",
    "outcome": "string",
    "points": "double",
    "max_points": "double",
    "mistake": "string",
    "message": "string",
    "seed": "int64",
}
"""The columns, and of which of Arrow's types they are. students and names: of a group several, parted by `; `."""
ROWS = 10_000
"""Rows that are put together at a time: some megabytes."""


def write_csv(marking: Marking) -> Iterator[bytes]:
    """The table in UTF-8, with the mark by which spreadsheets know it; texts are never formulas."""
    yield codecs.BOM_UTF8
    yield _lines([[*COLUMNS]])
    for one in marking.marked:
        yield _lines([[as_text(cell) if isinstance(cell, str) else cell for cell in row] for row in rows(one)])


def write_parquet(marking: Marking) -> Iterator[bytes]:
    """The table in Parquet, texts as they are. Raises ExportError where pyarrow is not installed."""
    try:
        import pyarrow as pa  # 150 MB, and an extra
        from pyarrow import parquet
    except ModuleNotFoundError:
        raise ExportError(
            f"Parquet is written by pyarrow, which is not installed: {installing('parquet')}"
        ) from None
    kinds = {"string": pa.string(), "double": pa.float64(), "int64": pa.int64()}
    schema = pa.schema({name: kinds[kind] for name, kind in COLUMNS.items()})
    with tempfile.TemporaryFile() as file:
        with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
            table = (row for one in marking.marked for row in rows(one))
            while part := [*islice(table, ROWS)]:
                columns = [[*column] for column in zip(*part, strict=True)]
                writer.write_table(pa.table(dict(zip(COLUMNS, columns, strict=True)), schema))
        file.seek(0)
        while block := file.read(2**20):
            yield block


def rows(one: Marked) -> Iterator[list[Any]]:
    """A row for each test of a submission; one for a submission that could not be read, with the reason."""
    result = one.result
    students = [student.id for student in one.students], [student.name for student in one.students]
    who = [result.submission, *map("; ".join, students), result.status]
    if result.error is not None:
        yield [*who, "", "", "", "", 0.0, float(result.max_score), "", result.error, result.seed]
    for stage in result.stages:
        for test in stage.tests:
            points = [float(test.points), float(test.max_points)]
            where = [stage.stage, test.task, test.test, test.outcome]
            yield [*who, *where, *points, test.mistake, test.message, stage.seed]


def _lines(table: Iterable[list[Any]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(table)
    return text.getvalue().encode()
