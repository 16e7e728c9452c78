"""Stubs and notebooks follow from the solutions, and nothing of a learner's is overwritten."""

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from command_line import chainrule

from grader.course import stubs
from grader.course.catalogue import NOTEBOOKS, STAGES, Stage
from grader.course.location import EXERCISES, SOLUTIONS
from grader.publishing import assembly, colab, release, walkthrough

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
STUB, SLOPE = "exercises/stage1_double.py", "exercises/stage2_slope.py"
NOTEBOOK = f"notebooks/{NOTEBOOKS[0].file}"
WALK = "executed\n"


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """The course has a walkthrough, which is executed in no time."""
    monkeypatch.setattr(walkthrough, "SOURCE", SOLUTIONS / STAGES[0].file)
    monkeypatch.setattr(walkthrough, "executed", lambda: WALK)
    monkeypatch.setattr(walkthrough, "drift", lambda got: {None: "is missing", WALK: ""}.get(got, "differs"))


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


@pytest.mark.parametrize(
    ("source", "why"),
    [
        (f"{SOLUTION}### BEGIN SOLUTION\n", "no beginning or no end"),
        (f"{SOLUTION}    ### END SOLUTION\n", "no beginning or no end"),
        ("### BEGIN SOLUTION\nx = 1\n### END SOLUTION\n", "outside a function"),
    ],
)
def test_a_region_that_is_refused(source: str, why: str) -> None:
    """A region has a beginning and an end; stubs and solutions may differ inside functions only."""
    with pytest.raises(ValueError, match=why):
        stubs.stub(source)


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


def test_drift_is_told_file_by_file(kit: Path) -> None:
    """Edited, missing and stray files are each named, stubs and notebooks alike."""
    assert release.drift(kit) == []
    edit(kit / STUB, "Stage 1", "Stage one")
    edit(kit / NOTEBOOK, "by hand", "by foot")
    (kit / SLOPE).unlink()
    (kit / release.WALKTHROUGH).unlink()
    (kit / "exercises/notes.txt").touch()
    (kit / "notebooks/Untitled.ipynb").touch()
    (kit / "notebooks/.ipynb_checkpoints").mkdir()
    stub, gone, notebook, *others = release.drift(kit)
    assert stub.startswith(f"{STUB} differs from what solutions/ gives, line 1: ")
    assert gone == f"{SLOPE} is missing"
    assert notebook.startswith(f"{NOTEBOOK} differs from what solutions/ gives, line ")
    assert others == [
        f"{release.WALKTHROUGH} is missing",
        "exercises/notes.txt does not belong there",
        "notebooks/Untitled.ipynb does not belong there",
    ]


@pytest.mark.parametrize(
    ("path", "old", "new"),
    [
        (STUB, 'raise NotImplementedError("double is not', 'return x  # ("'),
        (STUB, "def double(x", "def double(x y"),
        (NOTEBOOK, r"raise NotImplementedError(\"not written yet\")", "return x"),
        (NOTEBOOK, '"id": "stage1_double-double"', '"id": "an-experiment"'),
        (NOTEBOOK, '"cells"', "cells"),
    ],
    ids=["a function", "half a line", "a task's cell", "another cell", "half a notebook"],
)
def test_written_work_is_not_overwritten(kit: Path, path: str, old: str, new: str) -> None:
    """What a learner wrote stops the release before anything changes; force overwrites it."""
    work = edit(kit / path, old, new)
    (kit / SLOPE).unlink()
    with pytest.raises(release.EditedError, match=path):
        release.write(kit)
    assert (kit / path).read_text(encoding="utf-8") == work
    assert not (kit / SLOPE).exists()
    assert {*release.write(kit, force=True)} == {path, SLOPE}
    assert release.drift(kit) == []


def test_what_holds_no_work_is_written_anew(kit: Path) -> None:
    """An old stub, a notebook that was only run, and a walkthrough that differs follow without further ado.

    The walkthrough is executed also where that is asked for.
    """
    edit(kit / STUB, "Stage 1", "Stage one")
    edit(kit / NOTEBOOK, '"execution_count": null', '"execution_count": 1')
    edit(kit / release.WALKTHROUGH, "executed", "edited")
    assert release.write(kit) == [STUB, NOTEBOOK, release.WALKTHROUGH]
    assert release.write(kit) == []
    assert release.write(kit, walkthrough_too=True) == [release.WALKTHROUGH]


def test_windows_line_ends_are_no_drift(kit: Path) -> None:
    """A checkout with Windows line ends is as good."""
    for path in (STUB, NOTEBOOK, release.WALKTHROUGH):
        (kit / path).write_bytes((kit / path).read_bytes().replace(b"\n", b"\r\n"))
    assert release.drift(kit) == []


@pytest.fixture
def into(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder into which the command writes; the repository's address may be changed meanwhile."""
    monkeypatch.setattr(release.write, "__defaults__", (tmp_path, False, False))
    monkeypatch.setattr(release.drift, "__defaults__", (tmp_path,))
    monkeypatch.setattr(colab, "PYPROJECT", Path(shutil.copy(colab.PYPROJECT, tmp_path)))
    assembly.released.cache_clear()
    yield tmp_path
    assembly.released.cache_clear()


def test_the_command(into: Path) -> None:
    """`release` says what it writes and what does not belong there; written work is not lost."""
    assert "written: exercises/pair.py, exercises/stage1_double.py" in chainrule("release")
    (into / STUB).write_bytes((SOLUTIONS / STAGES[0].file).read_bytes())
    assert "no file was written" in chainrule("release", code=1)
    (into / "exercises/notes.txt").touch()
    assert "exercises/notes.txt does not belong there" in chainrule("release", "--force")
    assert "written: nothing, all is as it must be" in chainrule("release")


def test_release_for_a_repository(into: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`release --repository` keeps the address, and badges and first cells have it; others are refused."""
    command = ("release", "--repository", "https://github.com/a-university/course")
    assert "has no line Repository" in chainrule(*command, code=1)
    edit(into / "pyproject.toml", "[tool.", '[project.urls]\nRepository = ""\n\n[tool.')
    source = into / "walkthrough.py"
    source.write_text("# %% [markdown]\n# # A walk\n#\n# Here.\n", encoding="utf-8")
    monkeypatch.setattr(walkthrough, "SOURCE", source)
    monkeypatch.setattr(walkthrough, "executed", lambda: assembly.text(walkthrough.notebook()))
    monkeypatch.setattr(walkthrough, "drift", lambda got: "is missing" if got is None else "")
    assert "written: " in chainrule(*command)
    for name in (*(which.file for which in NOTEBOOKS), walkthrough.FILE):
        released = (into / "notebooks" / name).read_text(encoding="utf-8")
        assert f"github/a-university/course/blob/main/notebooks/{name}" in released
        assert "git clone --quiet --depth 1 https://github.com/a-university/course " in released
    refused = chainrule("release", "--repository", "a-university", code=1)
    assert "is not the https address of a repository" in refused


def test_release_without_what_maintainers_install() -> None:
    """A learner who calls `release` is told what it takes."""
    code = "import sys; sys.modules['jupytext'] = None; from grader.cli import main; main(['release'])"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 1
    assert "jupytext is missing; release needs what maintainers install: in the kit's folder: " in done.stderr
