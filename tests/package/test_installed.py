"""The kit from a wheel, outside the repository: without PyTorch, as a learner begins, then as whoever marks."""

import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

SOLUTIONS = Path(__file__).parents[2] / "solutions"
ENVIRONMENT = Path(os.environ["CHAINRULE_INSTALLED"])
"""A virtual environment with the wheel and what it depends on, and no more."""
BIN = ENVIRONMENT / ("Scripts" if sys.platform == "win32" else "bin")
NEEDS_PYTORCH = 'PyTorch, which is not installed here. python -m pip install "chainrule[torch]" brings it'


def run(where: Path, command: str, *arguments: str, code: int = 0, given: str = "") -> str:
    """What a command of the environment prints that is started in a folder and ends with this code."""
    own = {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "300", "PYTHONUTF8": "1"}
    own |= {"HOME": str(where), "CHAINRULE_STATE": str(where / "state")}
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "CHAINRULE"))}
    done = subprocess.run(
        [shutil.which(command, path=own["PATH"]) or command, *arguments],
        cwd=where,
        env=kept | own,
        input=given,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that `chainrule init` made, with a solved stage 1."""
    home = tmp_path_factory.mktemp("home")
    assert "open exercises/stage1_relu.py" in run(home, "chainrule", "init", "mine")
    shutil.copy(SOLUTIONS / "stage1_relu.py", home / "mine" / "exercises")
    return home / "mine"


@pytest.fixture
def with_pytorch() -> Iterator[None]:
    """Lends the environment PyTorch and nbgrader from that of the developers."""
    lent = next(ENVIRONMENT.rglob("site-packages")) / "lent.pth"
    lent.write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    yield
    lent.unlink()


def test_a_learner_begins_without_pytorch(learner: Path) -> None:
    """Stages 1 to 3 work; what needs PyTorch says so, and how to get it."""
    assert "10 of 10 points" in run(learner, "pytest", "tests/test_stage1_relu.py")
    assert "10 of 100 points" in run(learner, "pytest", code=1)
    seen = run(learner, "chainrule", "watch", "--plain", given="4\n")
    assert f"stage 4 needs {NEEDS_PYTORCH}" in seen and "In all 10 of 100 points." in seen
    shutil.copy(SOLUTIONS / "stage4_torch_forward.py", learner / "exercises")
    assert f"stage 4 needs {NEEDS_PYTORCH}" in run(learner, "pytest", "tests/test_stage4_torch_forward.py", code=1)
    assert "The first task that is not finished is 2.affine." in run(learner, "chainrule", "hint")
    assert "Stage 3" in run(learner, "chainrule", "read", "3")
    assert "stage 6 needs PyTorch" in run(learner, "chainrule", "plot", "--no-show", code=1)


def test_other_peoples_tests_are_left_alone(tmp_path: Path) -> None:
    """In a project that is none of the kit's, pytest is as it was."""
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n", encoding="utf-8")
    assert "1 passed" in run(tmp_path, "pytest")


@pytest.mark.parametrize("command", ["", "watch", "hint", "plot"])
def test_where_there_is_no_folder_to_work_in(command: str, tmp_path: Path) -> None:
    """A learner who started elsewhere reads how to begin."""
    assert "`chainrule init` makes a folder to work in" in run(tmp_path, "chainrule", *command.split(), code=1)


def test_a_hint_for_a_task_that_is_named(tmp_path: Path) -> None:
    """It needs no modules, and so no folder."""
    assert "1.relu, hint 1 of 3" in run(tmp_path, "chainrule", "hint", "1.relu", "--level", "1")


def test_the_course_in_the_package_is_not_changed(tmp_path: Path) -> None:
    """What writes into a course says where it can; what reads it works."""
    for command in ("release", "new stage more"):
        told = run(tmp_path, "chainrule", *command.split(), code=1)
        assert "the course that is installed with the kit is not changed" in told
    wrong = ("mistakes", "add", "1.relu", str(SOLUTIONS / "stage1_relu.py"), "It is right.")
    assert "--mistakes DIR" in run(tmp_path, "chainrule", *wrong, code=2)
    assert "1.relu " in run(tmp_path, "chainrule", "mistakes", "list")
    assert run(tmp_path, "chainrule", "grade", str(SOLUTIONS), code=1).count("PyTorch is not installed") == 1


@pytest.mark.usefixtures("with_pytorch")
def test_whoever_marks(learner: Path, tmp_path: Path) -> None:
    """A learner's folder and a solution are marked, and a course for nbgrader is made."""
    shutil.copytree(learner, tmp_path / "submissions" / "ann")
    shutil.copytree(SOLUTIONS, tmp_path / "submissions" / "bob")
    apart = [] if sys.platform == "linux" else ["--isolation", "process"]
    told = run(tmp_path, "chainrule", "grade", "submissions", "--out", "results", *apart)
    assert "2 submissions marked" in told and "Gradebook: " in told
    scores = (tmp_path / "results" / "scores.csv").read_text(encoding="utf-8")
    assert "\nann,graded," in scores and "\nbob,graded,100.0," in scores
    assert "written: nbgrader_config.py, source/" in run(tmp_path, "chainrule", "course", "course")


@pytest.mark.usefixtures("with_pytorch")
def test_a_package_for_a_host(tmp_path: Path) -> None:
    """It holds a wheel that is made of what is installed, with all that marking needs and what installers read."""
    run(tmp_path, "chainrule", "classroom50", "package")
    [made] = (tmp_path / "package" / "chainrule").glob("*.whl")
    with zipfile.ZipFile(made) as wheel:
        names = {Path(name).name if ".dist-info/" in name else name for name in wheel.namelist()}
    [libraries] = [path for path in ENVIRONMENT.rglob("site-packages") if (path / "grader").is_dir()]
    installed = {path.relative_to(libraries).as_posix() for path in (libraries / "grader").rglob("*.py")}
    in_course = {name for name in installed if name.startswith("grader/bundled/")}
    marking = {name for name in in_course if name.split("/")[2] in ("solutions", "tests")}
    assert installed - in_course | marking | {"grader/bundled/pyproject.toml"} <= names
    assert {"METADATA", "entry_points.txt", "LICENSE", "WHEEL", "RECORD"} <= names
