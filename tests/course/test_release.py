"""Stubs and notebooks follow from the solutions, and nothing of a learner's is overwritten."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from grader import cli
from grader.course import stubs
from grader.course.catalogue import NOTEBOOKS, STAGES, Stage
from grader.course.location import EXERCISES, RELEASED_NOTEBOOKS, SOLUTIONS
from grader.publishing import assembly as notebooks
from grader.publishing import colab, release, walkthrough

SOLUTION = '''"""A stage."""


def double(a: float) -> float:
    """Twice a."""
    ### BEGIN SOLUTION
    return 2 * a
    ### END SOLUTION


class Model:
    """A model."""

    def __init__(self) -> None:
        """Make it."""
        ### BEGIN SOLUTION
        self.a = 1
        ### END SOLUTION

    def run(self) -> int:
        """Run it."""
        ### BEGIN SOLUTION
        return self.a
        ### END SOLUTION
'''


STUB = "exercises/stage1_relu.py"
NOTEBOOK = f"notebooks/{NOTEBOOKS[0].file}"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The walkthrough is executed in a test of its own; here the committed one is at hand."""
    committed = (RELEASED_NOTEBOOKS / "walkthrough.ipynb").read_text(encoding="utf-8")
    monkeypatch.setattr(walkthrough, "executed", lambda: committed)


@pytest.fixture
def kit(tmp_path: Path) -> Path:
    """A folder with everything that is generated, fresh."""
    release.write(tmp_path)
    return tmp_path


def edit(file: Path, old: str, new: str) -> str:
    """Replace a text at its first place; returns all of the file."""
    edited = file.read_text(encoding="utf-8").replace(old, new, 1)
    file.write_text(edited, encoding="utf-8")
    return edited


def test_a_stub_keeps_all_but_the_solution() -> None:
    """Signature and docstring stay, the region becomes one raise that names the task."""
    stub = stubs.stub(SOLUTION)
    assert "return 2 * a" not in stub
    assert '"""Twice a."""\n    raise NotImplementedError("double is not written yet")\n\n\nclass' in stub
    assert 'raise NotImplementedError("Model is not written yet")' in stub
    assert stub.endswith('"""Run it."""\n        raise NotImplementedError("Model.run is not written yet")\n')


@pytest.mark.parametrize("broken", ["### BEGIN SOLUTION\n", "    ### END SOLUTION\n"])
def test_an_open_region_is_an_error(broken: str) -> None:
    """A region without a beginning or an end is refused."""
    with pytest.raises(ValueError, match="no beginning or no end"):
        stubs.stub(SOLUTION + broken)


def test_a_region_outside_a_function_is_an_error() -> None:
    """Stubs and solutions may differ inside functions only."""
    with pytest.raises(ValueError, match="outside a function"):
        stubs.stub("### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n")


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_stubs_and_solutions_differ_inside_functions_only(stage: Stage) -> None:
    """Without the bodies of their functions, a stub and its solution are the same tree."""

    def outline(path: Path) -> str:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                node.body = node.body[:1]
        return ast.dump(tree)

    assert outline(EXERCISES / stage.file) == outline(SOLUTIONS / stage.file)


def test_what_is_committed_is_fresh() -> None:
    """exercises/ and notebooks/ are what release writes."""
    assert release.drift() == []


def test_drift_is_told_file_by_file(kit: Path) -> None:
    """Edited, missing and stray files are each named, stubs and notebooks alike."""
    assert release.drift(kit) == []
    edit(kit / STUB, "Stage 1", "Stage one")
    edit(kit / NOTEBOOK, "By hand", "By foot")
    (kit / "exercises/stage2_forward.py").unlink()
    (kit / "notebooks/walkthrough.ipynb").unlink()
    (kit / "exercises/notes.txt").touch()
    (kit / "notebooks/Untitled.ipynb").touch()
    (kit / "notebooks/.ipynb_checkpoints").mkdir()
    stub, gone, notebook, walk, *strays = release.drift(kit)
    assert stub.startswith(f"{STUB} differs from what solutions/ gives, line 1: ")
    assert gone == "exercises/stage2_forward.py is missing"
    assert notebook.startswith(f"{NOTEBOOK} differs from what solutions/ gives, line ")
    assert walk == "notebooks/walkthrough.ipynb is missing"
    assert strays == [
        "exercises/notes.txt does not belong there",
        "notebooks/Untitled.ipynb does not belong there",
    ]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (STUB, 'raise NotImplementedError("relu is not', 'return a  # ("'),
        (STUB, "def relu(a", "def relu(a b"),
        (NOTEBOOK, r"raise NotImplementedError(\"not written yet\")", "return a"),
        (NOTEBOOK, '"id": "stage1_relu-relu"', '"id": "an-experiment"'),
        (NOTEBOOK, '"cells"', "cells"),
    ],
    ids=["a function", "half a line", "a task's cell", "another cell", "half a notebook"],
)
def test_written_work_is_not_overwritten(kit: Path, path: str, old: str, new: str) -> None:
    """What a learner wrote stops the release before anything changes; force overwrites it."""
    work = edit(kit / path, old, new)
    (kit / "exercises/stage2_forward.py").unlink()
    with pytest.raises(release.EditedError, match=path):
        release.write(kit)
    assert (kit / path).read_text(encoding="utf-8") == work
    assert not (kit / "exercises/stage2_forward.py").exists()
    written = release.write(kit, force=True)
    assert {*written} == {path, "exercises/stage2_forward.py", "notebooks/walkthrough.ipynb"}
    assert release.drift(kit) == []


def test_what_holds_no_work_is_written_anew(kit: Path) -> None:
    """An old stub, a notebook that was only run, and a walkthrough that differs follow without further ado."""
    edit(kit / STUB, "Stage 1", "Stage one")
    edit(kit / NOTEBOOK, '"execution_count": null', '"execution_count": 1')
    edit(kit / "notebooks/walkthrough.ipynb", "## Results", "## Figures")
    assert release.write(kit) == [STUB, NOTEBOOK, "notebooks/walkthrough.ipynb"]
    assert release.write(kit) == []


def test_windows_line_ends_are_no_drift(kit: Path) -> None:
    """A checkout with Windows line ends is as good."""
    for path in (STUB, NOTEBOOK, "notebooks/walkthrough.ipynb"):
        (kit / path).write_bytes((kit / path).read_bytes().replace(b"\n", b"\r\n"))
    assert release.drift(kit) == []


@pytest.fixture
def own_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The repository's address may be changed; no notebook that has it stays in memory."""
    monkeypatch.setattr(colab, "PYPROJECT", shutil.copy(colab.PYPROJECT, tmp_path / "pyproject.toml"))
    notebooks.released.cache_clear()
    yield
    notebooks.released.cache_clear()


@pytest.mark.usefixtures("own_address")
def test_release_for_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`release --repository` keeps the address, and badges and first cells have it; others are refused."""

    def run(address: str) -> str:
        return CliRunner().invoke(cli.main, ["release", "--repository", address]).output

    monkeypatch.setattr(release.write, "__defaults__", (tmp_path, False))
    monkeypatch.setattr(release.drift, "__defaults__", (tmp_path,))
    monkeypatch.setattr(walkthrough, "executed", lambda: notebooks.text(walkthrough.notebook()))
    assert "written: " in run("https://github.com/a-university/course")
    for name in (*(which.file for which in NOTEBOOKS), walkthrough.FILE):
        released = (tmp_path / "notebooks" / name).read_text(encoding="utf-8")
        assert f"github/a-university/course/blob/main/notebooks/{name}" in released
        assert "git clone --quiet --depth 1 https://github.com/a-university/course " in released
    assert "is not the https address of a repository" in run("a-university")


def test_release_without_what_maintainers_install() -> None:
    """A learner who calls `release` is told what it takes."""
    code = "import sys; sys.modules['jupytext'] = None; from grader.cli import main; main(['release', '--check'])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == 1
    assert "jupytext is missing; release needs what maintainers install: python -m pip" in done.stderr
