"""Courses of other people: a stage is added by its four files, and the kit works on a course in any folder."""

import json
import shutil
from pathlib import Path

import pytest
from conftest import COURSE
from processes import COPIED, run

from grader.course.finding import KIT, VARIABLE


def results_in(folder: Path) -> dict[str, tuple[float, float]]:
    """The scores in a folder of results, with those that could be, by submission."""
    lines = (folder / "results.jsonl").read_text(encoding="utf-8").splitlines()
    return {line["submission"]: (line["score"], line["max_score"]) for line in map(json.loads, lines)}


@pytest.fixture(scope="module", params=["fixture", pytest.param("kit", marks=pytest.mark.proof)])
def grown(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of a course, the fixture's or this one, to which a stage "momentum" was added by its four files."""
    course = tmp_path_factory.mktemp(request.param) / "course"
    if request.param == "fixture":
        shutil.copytree(COURSE, course, ignore=COPIED)
    else:
        course.mkdir()
        for name in ("exercises", "solutions", "tests", "hints", "notebooks"):
            shutil.copytree(KIT / name, course / name, ignore=COPIED)
        shutil.copy(KIT / "pyproject.toml", course)
    before = {path for path in course.rglob("*") if path.is_file()}
    told = run(course, "grader", "new", "stage", "momentum")
    new = {path for path in course.rglob("*") if path.is_file() and "__pycache__" not in path.parts} - before
    assert len(new) == 4 == told.count("written: ")
    assert "exercises/stage" in run(course, "grader", "release")
    return course


@pytest.fixture
def stage(grown: Path) -> str:
    """The name of the stage that was added."""
    (path,) = (grown / "solutions").glob("*_momentum.py")
    return path.stem


def number(stage: str) -> str:
    """The number in a stage's name."""
    return stage.partition("_")[0].removeprefix("stage")


def test_four_files_are_a_stage(grown: Path, stage: str, request: pytest.FixtureRequest) -> None:
    """check finds nothing to say, and the suites give the solutions all points and the stubs none."""
    if "fixture" in request.node.name:  # this course itself is checked before any test
        assert f"{number(stage)} stages" in run(grown, "grader", "check")
    right = run(grown, "pytest", "--impl", "solutions", f"tests/test_{stage}.py")
    assert f"{number(stage)} momentum " in right and "2 of 2 points" in right
    fresh = run(grown, "pytest", f"tests/test_{stage}.py", code=1)
    assert "not written yet" in fresh and "0 of 2 points" in fresh


def test_a_mistake_is_named(grown: Path, stage: str, tmp_path: Path) -> None:
    """A wrong answer is told by the mistake whose wrong code gives the same."""
    wrong = "def momentum(x):\n    return x.copy()\n"
    (tmp_path / f"{stage}.py").write_text(wrong, encoding="utf-8")
    told = run(grown, "pytest", "--impl", tmp_path, f"tests/test_{stage}.py", code=1)
    assert "The numbers came back as they were. What is to become of a 0?" in told


def test_hints_and_pages(grown: Path, stage: str) -> None:
    """A hint and the page of reading are shown as those of other stages are."""
    assert f"{number(stage)}.momentum, hint 1 of 3" in run(grown, "grader", "hint", "momentum")
    assert "momentum" in run(grown, "grader", "read", number(stage))


def test_it_is_graded_in_modules_and_in_notebooks(grown: Path, stage: str, tmp_path: Path) -> None:
    """Both forms get the stage's points; nbgrader's course has its notebook too."""
    run(grown, "grader", "course", tmp_path / "course")
    (notebook,) = (tmp_path / "course").rglob("*_momentum.ipynb")
    for name, source in {"modules": grown / "solutions" / f"{stage}.py", "notebook": notebook}.items():
        (tmp_path / "cohort" / name).mkdir(parents=True)
        shutil.copy(source, tmp_path / "cohort" / name)
    run(grown, "grader", "grade", tmp_path / "cohort", "--out", tmp_path / "results", "--jobs", "1")
    scores = results_in(tmp_path / "results")
    assert {name: score for name, (score, _) in scores.items()} == {"modules": 2.0, "notebook": 2.0}
    assert (tmp_path / "results" / "gradebook.db").exists()
    configuration = (tmp_path / "results" / "nbgrader_config.py").read_text(encoding="utf-8")
    assert f'os.environ.setdefault("{VARIABLE}", {str(grown)!r})' in configuration


FIXTURE = """
@pytest.fixture
def times() -> int:
    return 2


class TestDouble:
"""


def test_fixtures_and_parameters_of_the_authors(tmp_path: Path) -> None:
    """A suite's tests may take whatever pytest gives them, and mistakes are named all the same."""
    course = tmp_path / "course"
    shutil.copytree(COURSE, course, ignore=COPIED)
    suite = course / "tests" / "test_stage1_double.py"
    text = suite.read_text(encoding="utf-8").replace("\nclass TestDouble:\n", FIXTURE, 1)
    text = text.replace("def test_dtype(self,", "def test_dtype(self, times: int,", 1)
    given = '@pytest.mark.parametrize("size", [2, 3])\n    def test_values(self, size: int, seed: int,'
    suite.write_text(text.replace("def test_values(self,", given, 1), encoding="utf-8")
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / "stage1_double.py").write_text("def double(x):\n    return x * x\n", encoding="utf-8")
    run(course, "grader", "grade", tmp_path / "ann", "--out", tmp_path / "results", "--no-gradebook")
    line = json.loads((tmp_path / "results" / "results.jsonl").read_text(encoding="utf-8"))
    told = {test["test"]: test["mistake"] for test in line["stages"][0]["tests"]}
    tests = ("test_values[2]", "test_values[3]", "test_dtype")
    assert [told[f"TestDouble::{test}"] for test in tests] == ["squared"] * 3


def test_a_course_is_named_or_found(tmp_path: Path) -> None:
    """--course names it, wherever it stands; without it the one around the current folder counts."""
    for words in (("--course", COURSE, "read", "1"), ("read", "1", "--course", COURSE)):
        assert "doubling" in run(tmp_path, "grader", *words)
    assert "2 stages, 10 points: all is as it must be" in run(tmp_path, "grader", "check", f"--course={COURSE}")
    assert "2.slope" in run(COURSE / "solutions", "grader", "hint", "x", code=2)


def test_no_course(tmp_path: Path) -> None:
    """A folder that is no course is told apart."""
    assert "is no course" in run(tmp_path, "grader", "--course", tmp_path, "check", code=2)


def test_a_course_that_cannot_be_read(tmp_path: Path) -> None:
    """Commands and pytest say in one sentence which file it is."""
    course = tmp_path / "course"
    shutil.copytree(COURSE, course, ignore=COPIED)
    (course / "solutions" / "stage1_double.py").write_text("def (", encoding="utf-8")
    for words, code in ((("grader", "read", "1"), 1), (("pytest",), 4)):
        said = run(course, *words, code=code)
        assert "solutions/stage1_double.py cannot be read: invalid syntax" in said
        assert "Traceback" not in said


def test_a_course_that_was_handed_in_marks_nobody(tmp_path: Path) -> None:
    """Whoever starts within a learner's clone does not have its suites decide; naming the course is consent."""
    clone = tmp_path / "cohort" / "ann"
    shutil.copytree(COURSE, clone, ignore=COPIED)
    for submissions in (clone, clone.parent, clone / "exercises"):
        told = run(clone, "grader", "grade", submissions, "--out", tmp_path / "results", code=1)
        assert "is a course, and among what is to be marked" in " ".join(told.split())
    assert not (tmp_path / "results").exists()
    apart = ("grade", clone / "solutions", "--out", tmp_path / "results", "--no-gradebook")
    run(clone, "grader", *apart, "--course", clone)
    assert [*results_in(tmp_path / "results").values()] == [(10.0, 10.0)]
