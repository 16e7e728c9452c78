"""`chainrule export`: from a folder of results, by the command line."""

import contextlib
import csv
import io
import json
from pathlib import Path

import pytest
from command_line import chainrule
from marked_by_hand import scored

from grader.commands.export import export
from grader.intake.learning_platforms import Submitter
from grader.intake.matching import Matching
from grader.intake.roster import Student
from grader.marking.record import Cohort, Record
from grader.marking.scores import write_scores
from grader.reporting.exports.formats import FORMATS

DOCS = Path(__file__).parents[2] / "docs"
CANVAS = 'Student,ID,SIS User ID,SIS Login ID,Section,Doubling (8)\r\n"Lee, Ann",101,s1,,A,\r\n'


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """A folder of results: of Ann, who is on the roster, of somebody who is not, and of an earlier run."""
    ann = scored(87.5, "leeann_101", Submitter("101", "leeann"))
    students = {"leeann_101": (Student("s1", "Ann Lee", ("s1",)),), "stray": ()}
    with contextlib.closing(Record(tmp_path / "results")) as record:
        for one in (ann, scored(5, "stray"), scored(9, "of an earlier run")):
            record.append(one.result, one.submission)
        matching = Matching(students, absent=(Student("e3", "Eve"),), unmatched={"stray": "fits nobody"})
        record.keep_cohort(Cohort(("leeann_101", "stray"), matching))
        write_scores(record.results(), record.scores, matching)
    return tmp_path / "results"


@pytest.mark.parametrize("form", [name for name in FORMATS if name not in ("json", "moodle")])
def test_each_format_has_its_file(form: str, results: Path) -> None:
    """Each format is written into the results, unless another file is named."""
    shown = chainrule("export", form, results)
    path = results / FORMATS[form].file
    assert f"Written: {path}" in shown and path.stat().st_size
    chainrule("export", form, results, "--out", results.parent / "other")
    assert (results.parent / "other").read_bytes() == path.read_bytes()


def test_what_is_lacking(results: Path) -> None:
    """Where nobody has an id for the platform nothing is written, and what is lacking is said."""
    shown = chainrule("export", "moodle", results, code=1)
    assert "nothing tells the number in Moodle's assignment: give the platform's own table" in shown
    assert not (results / "moodle.csv").exists()


def test_into(results: Path, tmp_path: Path) -> None:
    """The platform's table is left as it is; the copy has the scores, and what fits nobody is listed."""
    (tmp_path / "canvas.csv").write_text(CANVAS, encoding="utf-8", newline="")
    shown = chainrule("export", "canvas", results, "--into", tmp_path / "canvas.csv")
    assert (tmp_path / "canvas.csv").read_bytes() == CANVAS.encode()
    assert (results / "canvas.csv").read_bytes() == CANVAS.replace(",A,", ",A,87.5").encode()
    assert "Submissions without a row (1):\n  stray: nobody in the roster fits stray" in shown
    assert "1 of 1 students have a score in the column Doubling (8)." in shown


def test_the_given_table_is_not_written_over(results: Path, tmp_path: Path) -> None:
    """The platform's own file is refused as the file to write, by whatever name."""
    (tmp_path / "canvas.csv").write_text(CANVAS, encoding="utf-8", newline="")
    for out in (tmp_path / "canvas.csv", results / ".." / "canvas.csv"):
        given = ("--into", tmp_path / "canvas.csv", "--out", out)
        assert "is not written over: choose another --out" in chainrule(
            "export", "canvas", results, *given, code=2
        )
    assert (tmp_path / "canvas.csv").read_bytes() == CANVAS.encode()


def test_standard_output(results: Path) -> None:
    """JSON comes on standard output, anything else with `--out -`; nothing but the file does."""
    made = json.loads(chainrule("export", "json", results))
    assert [one["submission"] for one in made["submissions"]] == ["leeann_101", "stray"]
    assert made["absent"] == [{"id": "e3", "name": "Eve"}]
    shown = chainrule("export", "csv", results, "--out", "-").removeprefix("\ufeff")
    assert next(csv.reader(io.StringIO(shown)))[0] == "submission"


@pytest.mark.parametrize(
    ("arguments", "code", "why"),
    [
        (
            ("junit", "--column", "x"),
            2,
            "junit is no learning platform's table: --into and --column are for those",
        ),
        (("canvas", "--column", "Final Grade"), 1, "Canvas keeps the heading 'Final Grade' for itself"),
        (("canvas", "--out", "nowhere/x.csv"), 1, "cannot be written: No such file or directory"),
        (("nothing",), 2, "'nothing' is not one of 'canvas'"),
    ],
)
def test_called_wrongly(arguments: tuple[str, ...], code: int, why: str, results: Path) -> None:
    """What is wrong is said in one sentence."""
    assert why in chainrule("export", *arguments, results, code=code)


def test_a_column_that_is_not_there(results: Path, tmp_path: Path) -> None:
    """A heading that the table has not is an error of use, and those that it has are named."""
    (tmp_path / "canvas.csv").write_text(CANVAS, encoding="utf-8", newline="")
    given = ("--into", tmp_path / "canvas.csv", "--column", "Essay")
    shown = chainrule("export", "canvas", results, *given, code=2)
    assert "no column that can take scores is headed Essay; there are Doubling (8)" in shown


def test_no_results(tmp_path: Path) -> None:
    """A folder without results says so."""
    assert "holds no results" in chainrule("export", "json", tmp_path, code=1)


def test_formats_are_told() -> None:
    """Help and the documentation's table name each format, and say of it the same."""
    page = (DOCS / "mark" / "exports.md").read_text(encoding="utf-8")
    rows = [row.split("|")[1:3] for row in page.splitlines() if row.startswith("| `")]
    assert [(name.strip(" `"), what.strip()) for name, what in rows] == [
        (one.name, one.what) for one in FORMATS.values()
    ]
    assert all(one.what in (export.epilog or "") for one in FORMATS.values())
