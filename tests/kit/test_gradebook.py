"""nbgrader's gradebook, written from results, and read back by nbgrader."""

import contextlib
import csv
import os
import sqlite3
import stat
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader import utils
from nbgrader.converters import GenerateFeedback
from nbgrader.plugins import CsvExportPlugin
from nbgrader_runs import (
    BOTH,
    DOUBLE,
    FIRST,
    SECOND,
    autograded,
    cell,
    comment,
    feedback_page,
    grade,
    opened,
    run_step,
)
from results_by_hand import notebooks, rejected, result

from grader.course.catalogue import NOTEBOOKS, source_of
from grader.course.location import ASSIGNMENT
from grader.course.points import total_points
from grader.gradebook import database, grade_rows
from grader.gradebook.book import DatabaseError, Gradebook
from grader.gradebook.enrolment import Person
from grader.intake.learning_platforms import Submitter
from grader.intake.matching import Matching
from grader.intake.notebook_files import Cell
from grader.intake.roster import Student
from grader.intake.submissions import Submission
from grader.judging.results import Result
from grader.marking.scores import write_scores
from grader.outside.private_files import OutOfPlaceError, own_folder
from grader.publishing.nbgrader_course import lay_out

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
TOTAL = total_points()
on_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has other modes, and links by privilege only"
)
TASK = ("stage1_double", "double")
MESSAGE = "double(x) is 2·x\n  double(x) with x = 3.0\n    expected: 6.0\n    got:      9.0"
WRONG = {TASK: MESSAGE}
"""What fails where `double`, worth 4 points, is wrong."""


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for results, not there yet."""
    return tmp_path / "results"


def handed_in(name: str, **more: Any) -> Submission:
    """A submission of both notebooks, solved."""
    return Submission(name, notebooks=notebooks(), **more)


def written(out: Path, *marked: Result | tuple[Result, Submission], students: Sequence[Person] = ()) -> None:
    """Write these results, of what is given beside them, or of solved notebooks, or of what could not be read."""
    with contextlib.closing(Gradebook(out)) as gradebook:
        for one in marked:
            if isinstance(one, Result):
                name = one.submission
                one = one, Submission(name, error=one.error) if one.error else handed_in(name)
            gradebook.write(*one, students)


def table(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def exported(out: Path) -> list[dict[str, str]]:
    """What `nbgrader export` writes."""
    plugin = CsvExportPlugin()
    plugin.to = str(out / "grades.csv")
    with opened(out) as gradebook:
        plugin.export(gradebook)
    return table(out / "grades.csv")


def scores(out: Path) -> list[float]:
    """The scores that `nbgrader export` writes."""
    return [float(row["score"]) for row in exported(out)]


def rows(out: Path) -> list[str]:
    """Everything in the gradebook."""
    with contextlib.closing(sqlite3.connect(out / "gradebook.db")) as connection:
        return list(connection.iterdump())


def test_export_equals_scores(out: Path) -> None:
    """`nbgrader export` gives each submission the score of scores.csv, out of all points."""
    results = [result("all"), result("some", WRONG | {("stage2_slope", "train"): "no"}), rejected("none", "?")]
    written(out, results[0], (results[1], Submission("some", {"stage1_double": "x"})), results[2])
    write_scores(results, out / "scores.csv")
    expected = {
        row["submission"]: (float(row["score"]), float(row["max_score"])) for row in table(out / "scores.csv")
    }
    assert {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in exported(out)} == expected
    assert expected == {"all": (TOTAL, TOTAL), "some": (TOTAL - 5, TOTAL), "none": (0.0, TOTAL)}


def test_export_equals_scores_with_a_roster(out: Path) -> None:
    """With a roster the export has ids, names and emails: of each member of a group, and of who was absent."""
    ann = Student("a1", "Lee, Ann", ("a1", "ann@example.org"))
    bob, eve = Student("b2", "Bob van Dyk"), Student("e3", "=Eve")
    team = result("team", WRONG)
    written(out, team, students=(ann, bob))
    with contextlib.closing(Gradebook(out)) as gradebook:
        gradebook.enrol((eve,))
    write_scores([team], out / "scores.csv", Matching({"team": (ann, bob)}, absent=(eve,)))
    expected = {row["student"]: float(row["score"]) for row in table(out / "scores.csv")}
    assert {row["student_id"]: float(row["score"]) for row in exported(out)} == expected
    known = {(row["first_name"], row["last_name"], row["email"]) for row in exported(out)}
    assert known == {("Ann", "Lee", "ann@example.org"), ("Bob van", "Dyk", ""), ("", "'=Eve", "")}


def test_group_without_a_roster(out: Path) -> None:
    """Without a roster each member whom the platform names has the submission."""
    team = (Submitter("7", "Ann Lee", "ann@example.org"), Submitter(None, "Bob"))
    written(out, (result("ann and bob"), handed_in("ann and bob", submitters=team)))
    assert {(row["student_id"], float(row["score"]), row["email"]) for row in exported(out)} == {
        ("7", TOTAL, "ann@example.org"),
        ("Bob", TOTAL, ""),
    }


def test_comments(out: Path) -> None:
    """A comment holds the failing tests' messages, each once, and the seed; where all passed there is none."""
    written(out, result("a", WRONG), result("b", {TASK: "double is not written yet"}, outcome="not written"))
    with opened(out) as gradebook:
        told = comment(gradebook, "a").auto_comment
        again = 'The data were drawn: check_task("stage1_double", "double", seed=1) draws the same.'
        assert [line.removeprefix("    ") for line in told.splitlines()] == [*MESSAGE.splitlines(), again]
        assert comment(gradebook, "a", BOTH).auto_comment is None
        assert comment(gradebook, "b").auto_comment == "No response."


def test_grade_by_hand_is_kept(out: Path) -> None:
    """What an instructor gave stays when marked again, to be looked at once the automatic grade changes."""
    written(out, result("a", WRONG))
    with opened(out) as gradebook:
        one = grade(gradebook, "a")
        one.manual_score, one.extra_credit = 3.0, 0.5
        comment(gradebook, "a").manual_comment = "nearly"
        gradebook.find_submission_notebook(FIRST.name, ASSIGNMENT, "a").flagged = True
        gradebook.db.commit()
    written(out, result("a", WRONG))
    with opened(out) as gradebook:
        assert not grade(gradebook, "a").needs_manual_grade
    for _ in range(2):
        written(out, result("a"))
    with opened(out) as gradebook:
        one = grade(gradebook, "a")
        assert (one.auto_score, one.manual_score, one.score) == (4.0, 3.0, 3.5)
        assert one.needs_manual_grade
        assert comment(gradebook, "a").comment == "nearly"
        assert gradebook.find_submission_notebook(FIRST.name, ASSIGNMENT, "a").flagged
    assert scores(out) == [TOTAL - 0.5]


def test_writing_again_changes_nothing(out: Path) -> None:
    """The same results written again leave every row, and every file, as they are."""
    pairs = [(result("a", WRONG), handed_in("a", handed_in=NOON)), rejected("b", "no stage file")]
    written(out, *pairs)
    before, files = rows(out), {path: path.stat().st_mtime_ns for path in out.rglob("*.ipynb")}
    written(out, *pairs)
    assert rows(out) == before
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.ipynb")} == files


def test_one_transaction(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends in the middle of a submission leaves the gradebook as it was."""
    written(out, result("a"))
    before = rows(out)

    def dies(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(grade_rows, "_seconds_late", dies)
    for one in (result("a", WRONG), result("new")):
        with pytest.raises(KeyboardInterrupt):
            written(out, one)
    assert rows(out) == before


ZERO = "c.LateSubmissionPlugin.penalty_method = 'zero'"
TENTH = "c.AssignLatePenalties.plugin_class = 'our_late_penalty.Tenth'"
PLUGIN = """
from nbgrader.plugins import BasePlugin


class Tenth(BasePlugin):
    def late_submission_penalty(self, student_id, score, late):
        return score * late / 36000
"""


@pytest.mark.parametrize(
    ("setting", "extension", "cost"),
    [(ZERO, 0, 1.0), (ZERO, 2, 0.0), (TENTH, 0, 0.1)],
    ids=["zero", "extended", "own"],
)
def test_late_penalty(out: Path, setting: str, extension: int, cost: float) -> None:
    """An hour costs what the course's configuration says, by the gradebook's due date and its extensions in hours.

    The plug-in may be the course's own, in a file beside its configuration.
    """
    late = result("a"), handed_in("a", handed_in=NOON + timedelta(hours=1))
    written(out, late)
    assert exported(out)[0]["late_submission_penalty"] == "0.0"
    with opened(out) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-22 12:00 UTC")
        gradebook.grant_extension(ASSIGNMENT, "a", hours=extension)
    (out / "our_late_penalty.py").write_text(PLUGIN, encoding="utf-8")
    with (out / "nbgrader_config.py").open("a", encoding="utf-8") as config:
        config.write(f"\n{setting}\n")
    written(out, late)
    with opened(out) as gradebook:
        assert gradebook.find_submission(ASSIGNMENT, "a").timestamp == datetime(2026, 11, 22, 13)
        penalty = gradebook.find_submission_notebook(FIRST.name, ASSIGNMENT, "a").late_submission_penalty
    assert penalty == (pytest.approx(cost * 6.0, abs=1e-9) if cost else None)  # of its 6 points, in float64
    assert scores(out) == pytest.approx([(1 - cost) * TOTAL], abs=1e-9)  # summed over notebooks


def test_autograded_notebook(out: Path) -> None:
    """nbgrader's pages get the learner's cells in the released frame, with outputs that give the same grade."""
    wrong = "def double(x):\n    return x * x"
    cells = notebooks({DOUBLE: wrong})[FIRST.name]
    place = next(number for number, one in enumerate(cells) if one.id == DOUBLE) + 1
    own = (*cells[:place], Cell("mine", "print(double(1))"), Cell("", "%matplotlib inline"), *cells[place:])
    written(out, (result("a", WRONG), Submission("a", notebooks={FIRST.name: own}, handed_in=NOON)))
    folder = out / "autograded" / "a" / ASSIGNMENT
    assert {path.name for path in folder.iterdir()} == {FIRST.file, "timestamp.txt"}
    made = autograded(out, "a")
    nbformat.validate(made)
    sources = [one.source for one in made.cells]
    at = sources.index(wrong)
    assert sources[at + 1 : at + 3] == ["print(double(1))", "%matplotlib inline"]
    with opened(out) as gradebook:
        for one in filter(utils.is_grade, made.cells):
            found = gradebook.find_grade(one.id, FIRST.name, ASSIGNMENT, "a")
            assert utils.determine_grade(one) == (found.auto_score, found.max_score)
            assert one.metadata.nbgrader.checksum == utils.compute_checksum(one)
    assert "expected: 6.0" in cell(made, f"{DOUBLE}-check").outputs[0].text


def test_modules_become_notebooks(out: Path) -> None:
    """Modules are shown in the notebooks that have their stages; one that is no Python is shown all the same."""
    broken = Submission("a", {"stage1_double": "def double(x:\n"})
    written(
        out, (result("a"), broken), (result("b"), Submission("b", {"stage2_slope": source_of("stage2_slope")}))
    )
    for student, which in (("a", FIRST), ("b", SECOND)):
        assert [path.name for path in (out / "autograded" / student / ASSIGNMENT).iterdir()] == [which.file]
    assert "def double(x:" in {one.source.strip() for one in autograded(out, "a").cells}


def test_ids_lost(out: Path) -> None:
    """Where a notebook has no ids, a task's code is shown in its cell all the same; of two the last."""
    sources = ("import numpy as np", "def double(x):\n    return 1", "def double(x):\n    return 2")
    own = tuple(Cell("", source) for source in sources)
    written(out, (result("a"), Submission("a", notebooks={FIRST.name: own})))
    made = autograded(out, "a")
    assert cell(made, DOUBLE).source == sources[2]
    assert {*sources[:2]} < {one.source for one in made.cells}


def test_notebook_that_is_gone(out: Path) -> None:
    """A notebook of an earlier attempt that the later one lacks is shown no longer."""
    written(out, (result("a"), handed_in("a", handed_in=NOON)))
    written(out, (result("a"), Submission("a", notebooks={FIRST.name: notebooks()[FIRST.name]})))
    for step in ("submitted", "autograded"):
        assert [path.name for path in (out / step / "a" / ASSIGNMENT).glob("*.ipynb")] == [FIRST.file]


def test_what_was_collected_stays(out: Path) -> None:
    """Where nbgrader collected submissions, what learners handed in is not replaced by what was read of it."""
    lay_out(out)
    collected = out / "submitted" / "a" / ASSIGNMENT / FIRST.file
    collected.parent.mkdir(parents=True)
    collected.write_text("as it came", encoding="utf-8")
    written(out, result("a"))
    assert collected.read_text(encoding="utf-8") == "as it came"
    assert [path.name for path in collected.parent.iterdir()] == [FIRST.file]


def test_feedback_runs_nothing_of_a_learners(out: Path) -> None:
    """Whatever a learner writes is text on the pages that nbgrader makes: no markup, no script."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\n\n$$<script>alert(1)</script>$$\n</pre></code>"
    own = notebooks({DOUBLE: f"double = '''{evil}'''"})
    own[FIRST.name] = (Cell("<script>", f"# {evil}"), *own[FIRST.name])
    written(out, (result("a", {TASK: evil}), Submission("a", notebooks=own)), rejected("b", evil))
    run_step(GenerateFeedback, out)
    for student in "ab":
        page = feedback_page(out, student)
        assert "alert(1)" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_rejected(out: Path) -> None:
    """A submission that cannot be read has no points anywhere, and each task says why."""
    written(out, rejected("a", "no stage file"))
    with opened(out) as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "a")
        assert (submission.score, submission.needs_manual_grade) == (0.0, False)
        assert "no stage file" in comment(gradebook, "a").comment
    assert len(list((out / "autograded" / "a" / ASSIGNMENT).glob("*.ipynb"))) == len(NOTEBOOKS)


def test_locked(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another program keeps writing to the gradebook, that is said; nothing is lost."""
    monkeypatch.setattr(database, "LOCK_LIMIT", 0.05)
    with contextlib.closing(Gradebook(out)) as gradebook:
        with contextlib.closing(sqlite3.connect(out / "gradebook.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseError, match="another program has been writing"):
                gradebook.write(result("a"), handed_in("a"))
        gradebook.write(result("a"), handed_in("a"))
    assert scores(out) == [TOTAL]


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("no url, s3cret", "URL is none"),
        ("sqlite:////nowhere/s3cret-not/gradebook.db", "unable to open"),
        ("mysql+nodriver://me:s3cret@localhost/grades", "no such kind"),
        ("mysql+pymysql://me:s3cret@localhost/grades?password=s3cret", "pip install pymysql"),
    ],
)
def test_unusable_database(out: Path, url: str, why: str) -> None:
    """Why a database cannot be used is said, and no password."""
    with pytest.raises(DatabaseError, match=why) as caught:
        Gradebook(out, url)
    assert "s3cret" not in str(caught.value).replace("s3cret-not", "")


def test_other_version(out: Path) -> None:
    """A gradebook of another nbgrader is left alone, and nbgrader's own remedy named."""
    written(out)
    with contextlib.closing(sqlite3.connect(out / "gradebook.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'old'")
        connection.commit()
    with pytest.raises(DatabaseError, match="nbgrader db upgrade"):
        Gradebook(out)


def test_instructors_own_cell(out: Path) -> None:
    """A cell that an instructor added is left to be graded by hand, and its grade stays."""
    written(out, result("a"))
    with opened(out) as gradebook:
        gradebook.add_grade_cell("why-check", FIRST.name, ASSIGNMENT, max_score=3, cell_type="markdown")
    written(out, result("b"))
    with opened(out) as gradebook:
        own = grade(gradebook, "b", "why")
        assert own.needs_manual_grade
        own.manual_score, own.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    written(out, replace(result("b"), seed=2))
    with opened(out) as gradebook:
        own = grade(gradebook, "b", "why")
        assert (own.score, own.needs_manual_grade) == (2.0, False)


def test_several_submissions_of_a_student(out: Path) -> None:
    """Of a student who handed in twice, what was handed in last counts, in whatever order it is written."""
    first = (result("first", WRONG), handed_in("first", handed_in=NOON))
    second = (result("second"), handed_in("second", handed_in=NOON + timedelta(days=1)))
    for pairs in ((first, second), (second, first)):
        written(out, *pairs, students=(Student("a1", "Ann Lee"),))
        assert scores(out) == [TOTAL]


def test_configuration_that_is_not_used(out: Path) -> None:
    """A configuration that was there before the kit is not executed; a mistake in a course's own is named."""
    out.mkdir()
    (out / "nbgrader_config.py").write_text("raise SystemExit", encoding="utf-8")
    with pytest.raises(OutOfPlaceError, match="was not made here by this kit"):
        Gradebook(out)
    (out / "nbgrader_config.py").unlink()
    written(out)
    (out / "nbgrader_config.py").write_text("c = get_config()\nc.x = y", encoding="utf-8")
    with pytest.raises(DatabaseError, match=r"nbgrader_config\.py cannot be used: NameError: name 'y'"):
        Gradebook(out)


@on_posix
@pytest.mark.parametrize("name", ["nbgrader_config.py", "gradebook.db"])
def test_links_in_place_of_files(name: str, out: Path) -> None:
    """No configuration is executed, and no gradebook written to, that a link leads to."""
    written(out)
    (out / name).rename(out.parent / "elsewhere")
    (out / name).symlink_to(out.parent / "elsewhere")
    before = (out.parent / "elsewhere").read_bytes()
    with pytest.raises(OutOfPlaceError, match=f"{name} is a link"):
        written(out, result("a"))
    assert (out.parent / "elsewhere").read_bytes() == before


@on_posix
def test_nobody_else_reads_the_course(out: Path) -> None:
    """Whatever the umask, all that is written there is its owner's alone; so is what is written over a link."""
    victim = out.parent / "victim"
    victim.write_text("precious", encoding="utf-8")
    before = os.umask(0)
    try:
        written(out)
        place = out / "autograded" / "a" / ASSIGNMENT
        own_folder(place)
        (place / FIRST.file).symlink_to(victim)
        more = Submission("a", {"stage1_double": "x"}, notebooks=notebooks(), handed_in=NOON)
        written(out, (result("a"), more))
    finally:
        os.umask(before)
    assert victim.read_text(encoding="utf-8") == "precious"
    assert [path for path in (out, *out.rglob("*")) if path.lstat().st_mode & 0o077] == []


@on_posix
def test_gradebook_of_before_is_tightened(out: Path) -> None:
    """A gradebook that others could read is its owner's alone once it is written to."""
    written(out)
    (out / "gradebook.db").chmod(0o644)
    (out / "nbgrader_config.py").chmod(0o444)
    written(out, result("a"))
    assert stat.S_IMODE((out / "gradebook.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((out / "nbgrader_config.py").stat().st_mode) == 0o400
