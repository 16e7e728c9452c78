"""Reports and tables of all tests, each opened by a reader that is not the kit's."""

import csv
import io
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml
from marked_by_hand import HOSTILE, NOON, scored, unreadable, with_tests, written

from grader.intake.learning_platforms import Submitter
from grader.intake.roster import Student
from grader.judging import results
from grader.reporting.exports.marked import ExportError
from grader.reporting.exports.tables import COLUMNS

PASSED = results.TestResult("double", "TestDouble::test_values", 2.0, 2.0, "passed", "")
FAILED = results.TestResult(
    "double", "TestDouble::test_zero", 0.0, 1.0, "failed", "You tripled.\nexpected 0", "tripled"
)
CRASHED = results.TestResult("double", "TestDouble::test_large", 0.0, 1.0, "crashed", "double ended its process")
UNWRITTEN = results.TestResult(
    "halve", "TestHalve::test_values", 0.0, 3.0, "not written", "halve is not written yet"
)
ANN = with_tests("ann", PASSED, FAILED, CRASHED, UNWRITTEN, output="hello")
BOB = unreadable("bob", "a broken archive")


def hostile(text: str) -> Any:
    """A submission whose name, message, mistake and output are this text."""
    return with_tests(text, results.TestResult("double", "test", 0.0, 1.0, "failed", text, text), output=text)


def test_junit(tmp_path: Path) -> None:
    """junitparser finds each test with its outcome, its suite's points, and what was printed."""
    (tmp_path / "junit.xml").write_bytes(written("junit", ANN, BOB)[0])
    ann, bob = JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    assert (ann.name, ann.tests, ann.failures, ann.errors, ann.skipped) == ("ann.stage1_double", 4, 2, 1, 0)
    assert {one.name: one.value for one in ann.properties()} == {"points": "2", "max_points": "7", "seed": "7"}
    assert ann._elem.findtext("system-out") == "hello"  # which junitparser reads of tests alone
    passed, failed, crashed, unwritten = ann
    assert passed.is_passed and passed.classname == "ann.stage1_double.double"
    [why] = failed.result
    assert (type(why), why.type, why.message, why.text) == (
        Failure,
        "tripled",
        "You tripled.",
        "You tripled.\nexpected 0",
    )
    assert [type(crashed.result[0]), type(unwritten.result[0])] == [Error, Failure]
    assert (bob.name, bob.errors, next(iter(bob)).result[0].message) == ("bob", 1, "a broken archive")


ELEMENTS = {
    "testsuites": ({"name"}, {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped"}, {"properties", "testcase", "system-out"}),
    "properties": (set(), {"property"}),
    "property": ({"name", "value"}, set()),
    "testcase": ({"name", "classname"}, {"failure", "error"}),
    "failure": ({"message", "type"}, set()),
    "error": ({"message", "type"}, set()),
    "system-out": (set(), set()),
}
"""Of what is written, what Jenkins's junit-4.xsd has: attributes, and what may stand within."""


def test_junit_is_what_the_schemas_have() -> None:
    """No element and no attribute stands where the schemas have none."""
    root = ET.fromstring(written("junit", ANN, BOB, hostile("x"))[0])
    for element in root.iter():
        attributes, within = ELEMENTS[element.tag]
        assert {*element.attrib} == attributes
        assert {child.tag for child in element} <= within


NUMBER, TEXT = {"type": "integer"}, {"type": "string"}
STATUSES = ("passed", "failed", "skipped", "pending", "other")
SUMMARY = ("tests", *STATUSES, "start", "stop", "suites")
CTRF = {
    "type": "object",
    "required": ["reportFormat", "specVersion", "results"],
    "properties": {
        "reportFormat": {"const": "CTRF"},
        "specVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "results": {
            "type": "object",
            "required": ["tool", "summary", "tests"],
            "properties": {
                "tool": {"required": ["name"], "properties": {"name": TEXT, "version": TEXT}},
                "summary": {
                    "required": [*SUMMARY[:-1]],
                    "properties": dict.fromkeys(SUMMARY, NUMBER),
                    "additionalProperties": False,
                },
                "tests": {
                    "type": "array",
                    "items": {
                        "required": ["name", "status", "duration"],
                        "properties": {
                            "name": {"type": "string", "minLength": 1},
                            "status": {"enum": [*STATUSES]},
                            "duration": NUMBER,
                            "suite": {"type": "array", "minItems": 1, "items": TEXT},
                            "message": TEXT,
                            "rawStatus": TEXT,
                            "extra": {"type": "object"},
                        },
                        "additionalProperties": False,
                    },
                },
            },
            "additionalProperties": False,
        },
        "generatedBy": TEXT,
        "extra": {"type": "object"},
    },
    "additionalProperties": False,
}
"""What the description of CTRF (ctrf.io, Specification) asks of the fields that are written."""


def test_ctrf() -> None:
    """The report is as CTRF describes it: its counts are those of its tests, whose points stand in `extra`."""
    report = json.loads(written("ctrf", ANN, BOB)[0])
    jsonschema.Draft202012Validator(CTRF).validate(report)
    tests, summary = report["results"]["tests"], report["results"]["summary"]
    counts = Counter(test["status"] for test in tests)
    assert {status: counts[status] for status in STATUSES} == {status: summary[status] for status in STATUSES}
    assert (summary["tests"], summary["suites"], summary["stop"]) == (5, 2, NOON.timestamp() * 1000)
    assert sum(test["extra"]["points"] for test in tests) == 2.0
    assert [test["rawStatus"] for test in tests] == ["passed", "failed", "crashed", "not written", "rejected"]
    assert tests[1]["suite"] == ["ann", "stage1_double", "double"]


def test_csv() -> None:
    """A spreadsheet's reader finds a row for each test, and one for what could not be read."""
    content, _ = written("csv", ANN, BOB)
    rows = [*csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""))]
    assert [row["outcome"] for row in rows] == ["passed", "failed", "crashed", "not written", ""]
    assert sum(float(row["points"]) for row in rows) == 2.0
    assert (rows[4]["status"], rows[4]["message"]) == ("rejected", "a broken archive")


def test_parquet(tmp_path: Path) -> None:
    """DuckDB, which shares no code with pyarrow, finds the same table as the CSV file has, with its types."""
    group = scored(0, "team", students=(Student("s1", "Ann"), Student("s2", "Bob")))
    team = type(group)(ANN.result, group.submission, group.students)
    (tmp_path / "t.parquet").write_bytes(written("parquet", team, BOB)[0])
    (tmp_path / "t.csv").write_bytes(written("csv", team, BOB)[0])
    with duckdb.connect() as database:
        parquet = database.read_parquet(str(tmp_path / "t.parquet"))
        assert parquet.columns == [*COLUMNS]
        kinds = {"string": "VARCHAR", "double": "DOUBLE", "int64": "BIGINT"}
        assert [str(kind) for kind in parquet.types] == [kinds[kind] for kind in COLUMNS.values()]
        rows = parquet.fetchall()
    table = [*csv.reader(io.StringIO((tmp_path / "t.csv").read_text("utf-8-sig"), newline=""))]
    assert [[str(cell) for cell in row] for row in rows] == [*table[1:]]
    assert rows[0][1:3] == ("s1; s2", "Ann; Bob")


def test_parquet_of_nobody(tmp_path: Path) -> None:
    """A table without rows has its columns."""
    (tmp_path / "t.parquet").write_bytes(written("parquet")[0])
    with duckdb.connect() as database:
        assert database.read_parquet(str(tmp_path / "t.parquet")).fetchall() == []


def test_parquet_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pyarrow is not installed a sentence says how to get it."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(ExportError, match=r"pyarrow, which is not installed: .*\[parquet\]"):
        written("parquet", ANN)


def test_json() -> None:
    """The document has every submission with all of its result, whose it is, and who is absent."""
    ann = type(ANN)(
        ANN.result, scored(0, "x", Submitter("101", "leeann"), hour=9).submission, (Student("s1", "Ann"),)
    )
    made = json.loads(written("json", ann, BOB)[0])
    assert made["absent"] == [{"id": "e3", "name": "Eve"}]
    one, other = made["submissions"]
    assert (one["submission"], one["score"], other["status"]) == ("ann", 2.0, "rejected")
    assert (one["students"], one["submitters"][0]["id"]) == ([{"id": "s1", "name": "Ann"}], "101")
    assert one["handed_in"] == "2026-11-22T09:00:00+00:00"
    assert one["stages"][0]["tests"][1]["mistake"] == "tripled"


@pytest.mark.parametrize("text", HOSTILE)
def test_any_text(text: str, tmp_path: Path) -> None:
    """Whatever texts hold, each format is read, and has them as they are, but for what it cannot hold."""
    one = hostile(text)
    [suite] = JUnitXml.fromstring(written("junit", one)[0])
    [case] = suite
    plain = text.isprintable() or text == "\tx"
    if plain:
        assert case.result[0].text == text
    assert json.loads(written("ctrf", one)[0])["results"]["tests"][0]["message"] == text
    assert json.loads(written("json", one)[0])["submissions"][0]["submission"] == text
    if "\ud800" in text:
        return  # reading has made it printable; UTF-8 has no such character
    rows = [*csv.reader(io.StringIO(written("csv", one)[0].decode("utf-8-sig"), newline=""))]
    assert rows[1][0] in (text, f"'{text}") and rows[1][11] == rows[1][0]
    assert not rows[1][0].startswith(("=", "+", "-", "@", "\t"))
    (tmp_path / "t.parquet").write_bytes(written("parquet", one)[0])
    with duckdb.connect() as database:
        assert database.read_parquet(str(tmp_path / "t.parquet")).fetchall()[0][11] == text
