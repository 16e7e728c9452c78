"""A learner's folder, as `chainrule init` makes it: what is in it, and what works there."""

import json
import os
import shutil
import tomllib
from pathlib import Path

import pytest
from command_line import chainrule
from conftest import COURSE
from processes import run_python

from grader.course import finding
from grader.course.catalogue import GIVEN, NOTEBOOKS, STAGES, source_of
from grader.course.finding import VARIABLE
from grader.course.stubs import stubs

FIRST = STAGES[0]


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A learner's folder."""
    chainrule("init", tmp_path / "mine")
    return tmp_path / "mine"


def at(folder: Path, *arguments: str, given: str = "") -> tuple[int, str]:
    """How Python ends that is started in a folder, with nothing that names a course; and what it prints."""
    done = run_python(*arguments, cwd=folder, given=given, **{VARIABLE: ""})
    return done.returncode, " ".join((done.stdout + done.stderr).split())


def test_what_is_in_it(own: Path) -> None:
    """Stubs, given modules, suites and settings; no solution, no mistake, no notebook."""
    files = {path.relative_to(own).as_posix() for path in own.rglob("*") if path.is_file()}
    assert {f"exercises/{name}" for name in stubs()} == {name for name in files if name.startswith("exercises")}
    assert {f"tests/{stage.suite.name}" for stage in STAGES} <= files
    assert {"README.md", "pyproject.toml", ".gitignore"} < files
    assert not [name for name in files if "mistakes" in name or "solutions" in name or name.endswith(".ipynb")]
    for name in (".vscode/settings.json", ".vscode/extensions.json"):
        json.loads((own / name).read_text(encoding="utf-8"))
    text = "".join((own / name).read_text("utf-8") for name in files if not name.endswith((".npz", ".csv")))
    assert "BEGIN SOLUTION" not in text and "$" not in (own / "README.md").read_text("utf-8")
    settings = tomllib.loads((own / "pyproject.toml").read_text("utf-8"))
    assert (own / settings["tool"]["chainrule"]["course"]).resolve() == COURSE


def test_the_commands_work_in_it(own: Path) -> None:
    """pytest, also from above and below, watch mode and hints take the modules of this folder."""
    (own / "exercises" / FIRST.file).write_text(source_of(FIRST.name), encoding="utf-8")
    suite = f"tests/{FIRST.suite.name}"
    for folder, path in ((own / "exercises", f"../{suite}"), (own.parent, f"mine/{suite}")):
        code, told = at(folder, "-m", "pytest", path)
        assert code == 0 and "points The data were drawn" in told
    code, told = at(own, "-m", "grader", "watch", "--plain", given="1\n")
    assert code == 0 and "watching exercises." in told and "This stage is complete" in told
    assert f"The first task that is not finished is {STAGES[1].number}." in at(own, "-m", "grader", "hint")[1]


def test_old_suites_are_mentioned(own: Path) -> None:
    """pytest says where its tests are not those of the kit; init brings them up to date, and keeps the rest."""
    suite, module = own / "tests" / FIRST.suite.name, own / "exercises" / FIRST.file
    suite.write_text(f"{suite.read_text('utf-8')}\n# of yesterday\n", encoding="utf-8")
    module.write_text("mine = 1\n", encoding="utf-8")
    given = [own / "exercises" / f"{name}.py" for name in GIVEN]
    for path in given:
        path.write_text("changed = 1\n", encoding="utf-8")
    assert f"The tests in tests/{suite.name} are not those of the kit" in at(own, "-m", "pytest")[1]
    told = chainrule("init", own)
    assert f"tests/{suite.name}" in told and f"exercises/{FIRST.file}" not in told
    assert module.read_text("utf-8") == "mine = 1\n"
    assert [path.read_text("utf-8") for path in given] == [source_of(name) for name in GIVEN]
    assert "written: nothing" in chainrule("init", own)


def test_none_in_another(own: Path) -> None:
    """Within a learner's folder no other is made; it is said how to bring that one up to date."""
    for name in ("exercises", "new"):
        told = " ".join(chainrule("init", own / name, code=1).split())
        assert "a learner's folder: name one beside it" in told and f"chainrule init {own}" in told
    assert not (own / "new").exists() and not (own / "exercises" / "exercises").exists()


def test_notebooks_on_request(own: Path) -> None:
    """--notebooks adds them, to a folder that is there too; those that are there stay."""
    path = own / "notebooks" / NOTEBOOKS[0].file
    assert NOTEBOOKS[0].file in chainrule("init", own, "--notebooks")
    path.write_text("mine", encoding="utf-8")
    chainrule("init", own, "--notebooks")
    assert path.read_text("utf-8") == "mine"


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("file", "is a file"),
        ("other", "holds pyproject.toml of something else already"),
        ("course", "is a course, with its solutions"),
    ],
)
def test_where_none_is_made(name: str, says: str, tmp_path: Path) -> None:
    """A file, a folder of something else, and a course are left as they are."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    shutil.copytree(COURSE, tmp_path / "course")
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    assert says in chainrule("init", tmp_path / name, code=1)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_a_course_of_a_learners_choice_runs_for_learners_only(own: Path) -> None:
    """Who marks in a learner's folder names the course: its suites would run as whoever marks."""
    for command in ("grade exercises", "check", "release", "course x", "mistakes list"):
        code, told = at(own, "-m", "grader", *command.split())
        assert code == 1 and "this is a learner's folder" in told and "--course" in told
    (own / "pyproject.toml").write_text('[tool.chainrule]\ncourse = "../nowhere"\n', encoding="utf-8")
    assert "which is none" in at(own, "-m", "grader", "watch")[1]


def test_what_an_installed_kit_does_without_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kit is a package its course is not written to, and pytest leaves other people's tests alone."""
    monkeypatch.setattr(finding, "IS_INSTALLED", True)
    monkeypatch.setattr(finding, "KIT", COURSE)
    monkeypatch.delenv(VARIABLE)
    monkeypatch.chdir(tmp_path)
    assert finding.find_course() == COURSE and finding.find_workplace() == tmp_path
    assert finding.installing("torch") == 'python -m pip install "chainrule[torch]"'
    os.environ[VARIABLE] = str(COURSE)  # monkeypatch puts back what was there
