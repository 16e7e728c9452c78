"""In Colab a notebook fetches the kit by itself; elsewhere its first cell only loads the checks."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from nbformat.v4 import new_code_cell

from grader.course.catalogue import NOTEBOOKS
from grader.course.finding import KIT, VARIABLE
from grader.course.location import ROOT
from grader.outside import versions
from grader.publishing import colab
from grader.publishing.assembly import assembled, notebook
from grader.publishing.execution import execute

PRETEND = "import sys, types\n\nsys.modules['google.colab'] = types.ModuleType('google.colab')"
"""What tells a notebook that it is in Colab."""
ADDRESS = "https://github.com/a-university/course"
PIP = """
import pathlib
import sys

with pathlib.Path(__file__).with_name("called").open("a") as called:
    print(*sys.argv[1:], file=called)
"""
"""Stands in for pip, so that a test installs nothing: keeps what it was called with."""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A repository with the kit and the course, as an address would lead to it."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(KIT / "grader", copy / "grader", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns("__pycache__"), dirs_exist_ok=True)
    shutil.copy(KIT / "constraints.txt", copy)
    author = ["-c", "user.name=kit", "-c", "user.email=kit@example.org", "-c", "commit.gpgsign=false"]
    for command in (["init", "--quiet"], ["add", "."], [*author, "commit", "--quiet", "-m", "The kit"]):
        subprocess.run(["git", *command], cwd=copy, check=True)
    return copy


@pytest.mark.skipif(sys.platform == "win32", reason="Colab is Linux, and the cell's commands are a shell's")
def test_in_colab_the_kit_is_fetched(tmp_path: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first cell clones, installs and finds the kit, twice without harm, and a check then runs."""
    monkeypatch.setattr(colab, "repository", lambda: ADDRESS)
    monkeypatch.delenv(VARIABLE)
    monkeypatch.chdir(tmp_path)
    home, pip = tmp_path / "home", tmp_path / "stand-in" / "pip"
    home.mkdir()
    pip.mkdir(parents=True)
    (pip / "__init__.py").touch()
    (pip / "__main__.py").write_text(PIP, encoding="utf-8")
    cells = {cell.id: cell.source for cell in notebook(NOTEBOOKS[0], solved=True).cells}
    task = ("stage1_double-imports", "stage1_double-double", "stage1_double-double-check")
    sources = [
        PRETEND,
        *(cells[id] for id in ("setup", "setup", "pair-given", *task)),
        "import grader\n\ngrader.__file__",
    ]
    made = assembled([new_code_cell(source, id=f"cell-{n}") for n, source in enumerate(sources)])
    environment = {
        "HOME": str(home),
        "PYTHONPATH": str(pip.parent),
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{elsewhere.as_uri()}.insteadOf",
        "GIT_CONFIG_VALUE_0": ADDRESS,
    }
    execute(made, environment)
    *_, check, where = made.cells
    assert check.outputs[-1].data["text/plain"] == "4.0"
    assert where.outputs[0].data["text/plain"] == repr(str(home / "chainrule" / "grader" / "__init__.py"))
    pinned = versions._pinned()
    called = (pip / "called").read_text(encoding="utf-8").splitlines()
    assert called == [f"install --quiet --editable {home / 'chainrule'} numpy=={pinned['numpy']}"]


def test_the_badge() -> None:
    """It opens the notebook in Colab from GitHub; there is none for a repository that Colab cannot open."""
    badge = colab.badge("https://github.com/YOUR_ORGANISATION/chainrule", "a.ipynb")
    assert badge.endswith(
        "(https://colab.research.google.com/github/YOUR_ORGANISATION/chainrule/blob/main/notebooks/a.ipynb)"
    )
    assert colab.badge("https://git.example.edu/course/chainrule", "a.ipynb") == ""


@pytest.fixture
def pyproject(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A pyproject.toml with an address, in the place of the course's."""
    path = tmp_path / "pyproject.toml"
    path.write_text('[project.urls]\n# ours\nRepository = "https://github.com/us/ours"\n', encoding="utf-8")
    monkeypatch.setattr(colab, "PYPROJECT", path)
    return path


def test_the_repository_is_set_in_one_place(pyproject: Path) -> None:
    """The address is kept in pyproject.toml, of which nothing else changes."""
    before = pyproject.read_text(encoding="utf-8")
    colab.set_repository("https://git.example.edu/course/chainrule.git")
    assert colab.repository() == "https://git.example.edu/course/chainrule"
    after = before.replace("https://github.com/us/ours", "https://git.example.edu/course/chainrule")
    assert pyproject.read_text(encoding="utf-8") == after


@pytest.mark.parametrize(
    "address",
    ["github.com/us/chainrule", "http://github.com/us/chainrule", 'https://a.b/c"; rm', "https://a.b/$(c)"],
)
def test_no_command_passes_for_an_address(pyproject: Path, address: str) -> None:
    """What is not plainly the address of a repository is refused."""
    before = pyproject.read_bytes()
    with pytest.raises(ValueError, match="is not the https address"):
        colab.set_repository(address)
    assert pyproject.read_bytes() == before
