"""Stubs follow from the solutions, and nothing of a learner's is overwritten."""

import ast
from pathlib import Path

import pytest

from grader import release, stubs
from grader.catalogue import EXERCISES, SOLUTIONS, STAGES, Stage

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


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of fresh stubs."""
    folder = tmp_path / "exercises"
    release.write(folder)
    return folder


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


def test_the_committed_stubs_are_fresh() -> None:
    """exercises/ is what release writes."""
    assert release.drift() == []


def test_drift_is_told_file_by_file(folder: Path) -> None:
    """An edited, a missing and a stray file are each named."""
    assert release.drift(folder) == []
    stub = folder / "stage1_relu.py"
    stub.write_text(stub.read_text(encoding="utf-8").replace("Stage 1", "Stage one"), encoding="utf-8")
    (folder / "stage2_forward.py").unlink()
    (folder / "notes.txt").touch()
    edited, missing, stray = release.drift(folder)
    assert edited.startswith("exercises/stage1_relu.py differs from solutions/stage1_relu.py, line 1: ")
    assert missing == "exercises/stage2_forward.py is missing"
    assert stray == "exercises/notes.txt does not belong there"


def test_written_work_is_not_overwritten(folder: Path) -> None:
    """A function that a learner wrote stops the release before anything changes; force overwrites it."""
    stub = folder / "stage1_relu.py"
    work = stub.read_text(encoding="utf-8").replace('raise NotImplementedError("relu is not', 'return a  # ("', 1)
    stub.write_text(work, encoding="utf-8")
    (folder / "stage2_forward.py").unlink()
    with pytest.raises(release.EditedError, match=r"stage1_relu\.py in exercises/"):
        release.write(folder)
    assert stub.read_text(encoding="utf-8") == work
    assert not (folder / "stage2_forward.py").exists()
    assert release.write(folder, force=True) == ["stage1_relu.py", "stage2_forward.py"]
    assert release.drift(folder) == []


def test_a_file_that_is_no_python_is_work_too(folder: Path) -> None:
    """A half-written line is not overwritten either."""
    (folder / "stage1_relu.py").write_text("def relu(a", encoding="utf-8")
    with pytest.raises(release.EditedError):
        release.write(folder)


def test_an_old_stub_is_written_anew(folder: Path) -> None:
    """A stub that holds nobody's work follows its solution without further ado."""
    stub = folder / "stage1_relu.py"
    stub.write_text(stub.read_text(encoding="utf-8").replace("Stage 1", "Stage one"), encoding="utf-8")
    assert release.write(folder) == ["stage1_relu.py"]


def test_windows_line_ends_are_no_drift(folder: Path) -> None:
    """A checkout with Windows line ends is as good."""
    stub = folder / "stage1_relu.py"
    stub.write_bytes(stub.read_bytes().replace(b"\n", b"\r\n"))
    assert release.drift(folder) == []
