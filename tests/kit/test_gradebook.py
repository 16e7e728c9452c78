"""nbgrader's gradebook, written from results, and read back by nbgrader."""

import contextlib
import csv
import os
import sqlite3
import stat
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbgrader import api, utils
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.plugins import CsvExportPlugin
from results_by_hand import notebooks, rejected, result
from traitlets.config.loader import PyFileConfigLoader

from grader.course.catalogue import NOTEBOOKS, STAGES
from grader.course.location import ASSIGNMENT, SOLUTIONS
from grader.gradebook import database, grade_rows
from grader.gradebook.book import DatabaseError, Gradebook
from grader.intake.learning_platforms import Submitter
from grader.intake.matching import Matching
from grader.intake.notebook_files import Cell
from grader.intake.roster import Student
from grader.intake.submissions import Submission
from grader.judging.results import Result
from grader.marking.scores import write_scores
from grader.publishing.nbgrader_course import lay_out
from grader.publishing.private_files import OutOfPlaceError, own_folder

RELU = ("stage1_relu", "relu")
NUMPY = NOTEBOOKS[0]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
on_posix = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has other modes, and links by privilege only"
)
WRONG = "relu is max(0, a)\n  relu(a) with a = -1.0\n    expected: 0.0\n    got:      -1.0"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for results, not there yet."""
    return tmp_path / "results"


def written(out: Path, *pairs: tuple[Result, Submission]) -> None:
    """Write these results."""
    with contextlib.closing(Gradebook(out)) as gradebook:
        for one, handed_in in pairs:
            gradebook.write(one, handed_in)


@contextlib.contextmanager
def nbgraders(out: Path) -> Iterator[Any]:
    """The gradebook as nbgrader opens it."""
    with api.Gradebook(f"sqlite:///{out / 'gradebook.db'}", "chainrule") as gradebook:
        yield gradebook


def exported(out: Path) -> list[dict[str, str]]:
    """What `nbgrader export` writes."""
    plugin = CsvExportPlugin()
    plugin.to = str(out / "grades.csv")
    with nbgraders(out) as gradebook:
        plugin.export(gradebook)
    with (out / "grades.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rows(out: Path) -> list[str]:
    """Everything in the gradebook."""
    with contextlib.closing(sqlite3.connect(out / "gradebook.db")) as connection:
        return list(connection.iterdump())


def feedback(out: Path) -> None:
    """What `nbgrader generate_feedback` does."""
    config = PyFileConfigLoader("nbgrader_config.py", path=str(out)).load_config()
    course = CourseDirectory(config=config, root=str(out), assignment_id=ASSIGNMENT)
    GenerateFeedback(coursedir=course, config=config).start()


def grade(gradebook: Any, student: str, task: tuple[str, str] = RELU) -> Any:
    """The grade of a task in the first notebook."""
    return gradebook.find_grade(f"{task[0]}-{task[1]}-check", NUMPY.name, ASSIGNMENT, student)


def comment(gradebook: Any, student: str, task: tuple[str, str] = RELU) -> Any:
    """The comment on a task in the first notebook."""
    return gradebook.find_comment(f"{task[0]}-{task[1]}", NUMPY.name, ASSIGNMENT, student)


def test_export_equals_scores(out: Path) -> None:
    """`nbgrader export` gives each submission the score of scores.csv, out of 100."""
    results = [
        result("all"),
        result("some", {RELU: WRONG, ("stage6_module", "train"): "no"}),
        rejected("none", "?"),
    ]
    handed_in = [
        Submission("all", notebooks=notebooks()),
        Submission("some", {"stage1_relu": "x"}),
        Submission("none", error="?"),
    ]
    written(out, *zip(results, handed_in, strict=True))
    write_scores(results, out / "scores.csv")
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        scores = {
            row["submission"]: (float(row["score"]), float(row["max_score"])) for row in csv.DictReader(file)
        }
    assert {row["student_id"]: (float(row["score"]), float(row["max_score"])) for row in exported(out)} == scores
    assert scores == {"all": (100.0, 100.0), "some": (89.0, 100.0), "none": (0.0, 100.0)}


def test_export_equals_scores_with_a_roster(out: Path) -> None:
    """With a roster the export has ids, names and emails: of each member of a group, and of who was absent."""
    ann = Student("a1", "Lee, Ann", ("a1", "ann@example.org"))
    bob, eve = Student("b2", "Bob van Dyk"), Student("e3", "=Eve")
    matching = Matching({"team": (ann, bob)}, absent=(eve,))
    results = [result("team", {RELU: WRONG})]
    with contextlib.closing(Gradebook(out)) as gradebook:
        gradebook.write(results[0], Submission("team", notebooks=notebooks()), matching.students["team"])
        gradebook.enrol(matching.absent)
    write_scores(results, out / "scores.csv", matching)
    with (out / "scores.csv").open(encoding="utf-8", newline="") as file:
        scores = {row["student"]: float(row["score"]) for row in csv.DictReader(file)}
    table = exported(out)
    assert {row["student_id"]: float(row["score"]) for row in table} == scores
    known = {(row["first_name"], row["last_name"], row["email"]) for row in table}
    assert known == {("Ann", "Lee", "ann@example.org"), ("Bob van", "Dyk", ""), ("", "'=Eve", "")}


def test_group_without_a_roster(out: Path) -> None:
    """Without a roster each member whom the platform names has the submission."""
    team = (Submitter("7", "Ann Lee", "ann@example.org"), Submitter(None, "Bob"))
    written(out, (result("ann and bob"), Submission("ann and bob", submitters=team, notebooks=notebooks())))
    assert {(row["student_id"], row["score"], row["email"]) for row in exported(out)} == {
        ("7", "100.0", "ann@example.org"),
        ("Bob", "100.0", ""),
    }


def test_comments(out: Path) -> None:
    """A comment holds the failing tests' messages, each once, and the seed; where all passed there is none."""
    failing = result("a", {RELU: WRONG})
    nothing = result("b", {RELU: "relu is not written yet"}, outcome="not written")
    written(
        out, (failing, Submission("a", notebooks=notebooks())), (nothing, Submission("b", notebooks=notebooks()))
    )
    with nbgraders(out) as gradebook:
        told = comment(gradebook, "a").auto_comment
        again = 'The data were drawn: check_task("stage1_relu", "relu", seed=1) draws the same.'
        assert [line.removeprefix("    ") for line in told.splitlines()] == [*WRONG.splitlines(), again]
        assert comment(gradebook, "a", ("stage1_relu", "relu_grad")).auto_comment is None
        assert comment(gradebook, "b").auto_comment == "No response."


def test_grade_by_hand_is_kept(out: Path) -> None:
    """What an instructor gave stays when marked again, to be looked at once the automatic grade changes."""
    handed_in = Submission("a", notebooks=notebooks())
    written(out, (result("a", {RELU: WRONG}), handed_in))
    with nbgraders(out) as gradebook:
        one = grade(gradebook, "a")
        one.manual_score, one.extra_credit = 4.0, 0.5
        comment(gradebook, "a").manual_comment = "nearly"
        gradebook.find_submission_notebook(NUMPY.name, ASSIGNMENT, "a").flagged = True
        gradebook.db.commit()
    written(out, (result("a", {RELU: WRONG}), handed_in))
    with nbgraders(out) as gradebook:
        assert not grade(gradebook, "a").needs_manual_grade
    for _ in range(2):
        written(out, (result("a"), handed_in))
    with nbgraders(out) as gradebook:
        one = grade(gradebook, "a")
        assert (one.auto_score, one.manual_score, one.score) == (5.0, 4.0, 4.5)
        assert one.needs_manual_grade
        assert comment(gradebook, "a").comment == "nearly"
        assert gradebook.find_submission_notebook(NUMPY.name, ASSIGNMENT, "a").flagged
    assert exported(out)[0]["score"] == "99.5"


def test_writing_again_changes_nothing(out: Path) -> None:
    """The same results written again leave every row, and every file, as they are."""
    pairs = [
        (result("a", {RELU: WRONG}), Submission("a", notebooks=notebooks(), handed_in=NOON)),
        (rejected("b", "no stage file"), Submission("b", error="no stage file")),
    ]
    written(out, *pairs)
    before, files = rows(out), {path: path.stat().st_mtime_ns for path in out.rglob("*.ipynb")}
    written(out, *pairs)
    assert rows(out) == before
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.ipynb")} == files


def test_one_transaction(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What ends in the middle of a submission leaves the gradebook as it was."""
    handed_in = Submission("a", notebooks=notebooks())
    written(out, (result("a"), handed_in))
    before = rows(out)

    def dies(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(grade_rows, "_seconds_late", dies)
    with pytest.raises(KeyboardInterrupt):
        written(out, (result("a", {RELU: WRONG}), handed_in))
    with pytest.raises(KeyboardInterrupt):
        written(out, (result("new"), Submission("new", notebooks=notebooks())))
    assert rows(out) == before


@pytest.mark.parametrize(("extension", "penalty"), [(timedelta(0), 50.0), (timedelta(hours=2), 0.0)])
def test_late_penalty(out: Path, extension: timedelta, penalty: float) -> None:
    """Lateness costs what the course's configuration says, by the gradebook's due date and its extensions."""
    late = Submission("a", notebooks=notebooks(), handed_in=NOON + timedelta(hours=1))
    written(out, (result("a"), late))
    assert exported(out)[0]["late_submission_penalty"] == "0.0"
    with nbgraders(out) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-22 12:00 UTC")
        gradebook.grant_extension(ASSIGNMENT, "a", hours=extension.total_seconds() / 3600)
    config = out / "nbgrader_config.py"
    config.write_text(
        config.read_text(encoding="utf-8").replace('method = "none"', 'method = "zero"'), encoding="utf-8"
    )
    written(out, (result("a"), late))
    with nbgraders(out) as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "a")
        assert submission.timestamp == datetime(2026, 11, 22, 13)
        assert gradebook.find_submission_notebook(NUMPY.name, ASSIGNMENT, "a").late_submission_penalty == (
            penalty or None
        )
    assert float(exported(out)[0]["score"]) == (0.0 if penalty else 100.0)


def test_autograded_notebook(out: Path) -> None:
    """nbgrader's pages get the learner's cells in the released frame, with outputs that give the same grade."""
    cells = notebooks({"stage1_relu-relu": "def relu(a):\n    return a"})[NUMPY.name]
    place = next(number for number, cell in enumerate(cells) if cell.id == "stage1_relu-relu") + 1
    own = (*cells[:place], Cell("mine", "print(relu(1))"), Cell("", "%matplotlib inline"), *cells[place:])
    written(out, (result("a", {RELU: WRONG}), Submission("a", notebooks={NUMPY.name: own}, handed_in=NOON)))
    folder = out / "autograded" / "a" / ASSIGNMENT
    assert {path.name for path in folder.iterdir()} == {NUMPY.file, "timestamp.txt"}
    made = nbformat.read(folder / NUMPY.file, as_version=4)
    nbformat.validate(made)
    sources = [cell.source for cell in made.cells]
    at = sources.index("def relu(a):\n    return a")
    assert sources[at + 1 : at + 3] == ["print(relu(1))", "%matplotlib inline"]
    with nbgraders(out) as gradebook:
        for cell in made.cells:
            if utils.is_grade(cell):
                found = gradebook.find_grade(cell.id, NUMPY.name, ASSIGNMENT, "a")
                assert utils.determine_grade(cell) == (found.auto_score, found.max_score)
                assert cell.metadata.nbgrader.checksum == utils.compute_checksum(cell)
    assert "expected: 0.0" in next(c for c in made.cells if c.id == "stage1_relu-relu-check").outputs[0].text


def test_modules_become_notebooks(out: Path) -> None:
    """Modules are shown in the notebooks that have their stages; one that is no Python is shown all the same."""
    modules = {
        "stage1_relu": "def relu(a:\n",
        "stage4_torch_forward": (SOLUTIONS / STAGES[3].file).read_text(encoding="utf-8"),
    }
    written(out, (result("a"), Submission("a", modules)))
    made = {
        path.name: path.read_text(encoding="utf-8") for path in (out / "autograded" / "a" / ASSIGNMENT).iterdir()
    }
    assert set(made) == {NOTEBOOKS[0].file, NOTEBOOKS[1].file}
    assert "def relu(a:" in made[NOTEBOOKS[0].file]


def test_notebook_that_is_gone(out: Path) -> None:
    """A notebook of an earlier attempt that the later one lacks is shown no longer."""
    written(out, (result("a"), Submission("a", notebooks=notebooks(), handed_in=NOON)))
    written(out, (result("a"), Submission("a", notebooks={NUMPY.name: notebooks()[NUMPY.name]})))
    for step in ("submitted", "autograded"):
        assert [path.name for path in (out / step / "a" / ASSIGNMENT).glob("*.ipynb")] == [NUMPY.file]


def test_what_was_collected_stays(out: Path) -> None:
    """Where nbgrader collected submissions, what learners handed in is not replaced by what was read of it."""
    lay_out(out)
    handed_in = out / "submitted" / "a" / ASSIGNMENT / NUMPY.file
    handed_in.parent.mkdir(parents=True)
    handed_in.write_text("as it came", encoding="utf-8")
    written(out, (result("a"), Submission("a", notebooks=notebooks())))
    assert handed_in.read_text(encoding="utf-8") == "as it came"
    assert [path.name for path in handed_in.parent.iterdir()] == [NUMPY.file]


def test_feedback_runs_nothing_of_a_learners(out: Path) -> None:
    """Whatever a learner writes is text on the pages that nbgrader makes: no markup, no script."""
    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>\n\n$$<script>alert(1)</script>$$\n</pre></code>"
    changes = {"stage1_relu-relu": f"relu = '''{evil}'''"}
    own = notebooks(changes)
    own[NUMPY.name] = (Cell("<script>", f"# {evil}"), *own[NUMPY.name])
    pairs = [
        (result("a", {RELU: evil}), Submission("a", notebooks=own)),
        (rejected("b", evil), Submission("b", error=evil)),
    ]
    written(out, *pairs)
    feedback(out)
    for student in "ab":
        page = (out / "feedback" / student / ASSIGNMENT / f"{NUMPY.name}.html").read_text(encoding="utf-8")
        assert "alert(1)" in page
        assert "<script>alert" not in page
        assert "<img src=x" not in page


def test_rejected(out: Path) -> None:
    """A submission that cannot be read has no points anywhere, and each task says why."""
    written(out, (rejected("a", "no stage file"), Submission("a", error="no stage file")))
    with nbgraders(out) as gradebook:
        submission = gradebook.find_submission(ASSIGNMENT, "a")
        assert (submission.score, submission.needs_manual_grade) == (0.0, False)
        assert "no stage file" in comment(gradebook, "a").comment
    assert len(list((out / "autograded" / "a" / ASSIGNMENT).glob("*.ipynb"))) == len(NOTEBOOKS)


def test_locked(out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another program keeps writing to the gradebook, that is said; nothing is lost."""
    monkeypatch.setattr(database, "LOCK_LIMIT", 0.05)
    handed_in = Submission("a", notebooks=notebooks())
    with contextlib.closing(Gradebook(out)) as gradebook:
        with contextlib.closing(sqlite3.connect(out / "gradebook.db")) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(DatabaseError, match="another program has been writing"):
                gradebook.write(result("a"), handed_in)
        gradebook.write(result("a"), handed_in)
    assert exported(out)[0]["score"] == "100.0"


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
    written(out, (result("a"), Submission("a")))
    with contextlib.closing(sqlite3.connect(out / "gradebook.db")) as connection:
        connection.execute("UPDATE alembic_version SET version_num = 'old'")
        connection.commit()
    with pytest.raises(DatabaseError, match="nbgrader db upgrade"):
        Gradebook(out)


def test_instructors_own_cell(out: Path) -> None:
    """A cell that an instructor added is left to be graded by hand, and its grade stays."""
    written(out, (result("a"), Submission("a", notebooks=notebooks())))
    with nbgraders(out) as gradebook:
        gradebook.add_grade_cell("why", NUMPY.name, ASSIGNMENT, max_score=3, cell_type="markdown")
    written(out, (result("b"), Submission("b", notebooks=notebooks())))
    with nbgraders(out) as gradebook:
        own = gradebook.find_grade("why", NUMPY.name, ASSIGNMENT, "b")
        assert own.needs_manual_grade
        own.manual_score, own.needs_manual_grade = 2.0, False
        gradebook.db.commit()
    written(out, (replace(result("b"), seed=2), Submission("b", notebooks=notebooks())))
    with nbgraders(out) as gradebook:
        own = gradebook.find_grade("why", NUMPY.name, ASSIGNMENT, "b")
        assert (own.score, own.needs_manual_grade) == (2.0, False)


def test_several_submissions_of_a_student(out: Path) -> None:
    """Of a student who handed in twice, what was handed in last counts, in whatever order it is written."""
    ann = (Student("a1", "Ann Lee"),)
    first = (result("first", {RELU: WRONG}), Submission("first", notebooks=notebooks(), handed_in=NOON))
    second = (result("second"), Submission("second", notebooks=notebooks(), handed_in=NOON + timedelta(days=1)))
    for pairs in ((first, second), (second, first)):
        with contextlib.closing(Gradebook(out)) as gradebook:
            for one, submission in pairs:
                gradebook.write(one, submission, ann)
        assert [row["score"] for row in exported(out)] == ["100.0"]


def test_configuration_that_fails(out: Path) -> None:
    """A mistake in a course's own configuration is named."""
    written(out, (result("a"), Submission("a")))
    (out / "nbgrader_config.py").write_text("c = get_config()\nc.x = y", encoding="utf-8")
    with pytest.raises(DatabaseError, match=r"nbgrader_config\.py cannot be used: NameError: name 'y'"):
        Gradebook(out)


def test_configuration_that_was_there_first(out: Path) -> None:
    """A configuration that is in a folder before the kit made it is not executed."""
    out.mkdir()
    (out / "nbgrader_config.py").write_text("raise SystemExit", encoding="utf-8")
    with pytest.raises(OutOfPlaceError, match="was not made here by this kit"):
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
        written(out, (result("a"), Submission("a")))
    assert (out.parent / "elsewhere").read_bytes() == before


@on_posix
def test_nobody_else_reads_the_course(out: Path) -> None:
    """Whatever the umask, all that is written there is its owner's alone; so is what is written over a link."""
    handed_in = Submission("a", {"stage1_relu": "x"}, notebooks=notebooks(), handed_in=NOON)
    victim = out.parent / "victim"
    victim.write_text("precious", encoding="utf-8")
    before = os.umask(0)
    try:
        written(out)
        place = out / "autograded" / "a" / ASSIGNMENT
        own_folder(place)
        (place / NUMPY.file).symlink_to(victim)
        written(out, (result("a"), handed_in))
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
    written(out, (result("a"), Submission("a")))
    assert stat.S_IMODE((out / "gradebook.db").stat().st_mode) == 0o600
    assert stat.S_IMODE((out / "nbgrader_config.py").stat().st_mode) == 0o400


def test_penalty_of_the_courses_own(out: Path) -> None:
    """A course may bring a plug-in of its own for late submissions, in a file beside its configuration."""
    late = Submission("a", notebooks=notebooks(), handed_in=NOON + timedelta(hours=1))
    written(out, (result("a"), late))
    plugin = "from nbgrader.plugins import BasePlugin\n\n\nclass Tenth(BasePlugin):\n"
    plugin += (
        "    def late_submission_penalty(self, student_id, score, late):\n        return score * late / 36000\n"
    )
    (out / "our_late_penalty.py").write_text(plugin, encoding="utf-8")
    config = out / "nbgrader_config.py"
    own = "\nc.AssignLatePenalties.plugin_class = 'our_late_penalty.Tenth'\n"
    config.write_text(config.read_text(encoding="utf-8") + own, encoding="utf-8")
    with nbgraders(out) as gradebook:
        gradebook.update_or_create_assignment(ASSIGNMENT, duedate="2026-11-22 12:00 UTC")
    written(out, (result("a"), late))
    assert float(exported(out)[0]["score"]) == pytest.approx(90.0, abs=1e-9)  # a tenth off, summed over notebooks


def test_ids_lost(out: Path) -> None:
    """Where a notebook has no ids, a task's code is shown in its cell all the same; of two the last."""
    own = (
        Cell("", "import numpy as np"),
        Cell("", "def relu(a):\n    return 1"),
        Cell("", "def relu(a):\n    return 2"),
    )
    written(out, (result("a"), Submission("a", notebooks={NUMPY.name: own})))
    made = nbformat.read(out / "autograded" / "a" / ASSIGNMENT / NUMPY.file, as_version=4)
    assert next(cell.source for cell in made.cells if cell.id == "stage1_relu-relu") == own[2].source
    assert {own[0].source, own[1].source} < {cell.source for cell in made.cells}
