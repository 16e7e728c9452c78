"""Where NumPy or PyTorch are others than those that mark, every way to run the tests says which they are."""

import json
import re
from importlib import metadata
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner
from isolation import ISOLATION
from nbformat.v4 import new_code_cell
from processes import run_python
from transports import DOUBLE

from grader import __version__, cli
from grader.course.catalogue import NOTEBOOKS, check_cell, source_of
from grader.course.finding import KIT
from grader.learner.watch import words
from grader.learner.watch.state import State
from grader.outside import versions
from grader.publishing.assembly import assembled, notebook
from grader.publishing.execution import execute

OTHERS = {"numpy": "1.99.9", "torch": "9.8.7"}


def installed(name: str) -> str:
    """A library's version, without what tells builds apart."""
    return metadata.version(name).partition("+")[0]


@pytest.mark.parametrize("name", versions.LIBRARIES)
def test_a_difference_is_told(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The sentence has what ran, and of what differs the version that marks."""
    monkeypatch.setattr(versions, "_pinned", lambda: {"numpy": installed("numpy"), name: OTHERS[name]})
    told = versions.difference()
    assert f"Run with {versions.told()}; marking has {versions.LIBRARIES[name]} {OTHERS[name]}, so" in told
    assert words.seed_and_versions(State(seed=7)) == f"Data drawn with seed 7. {told}"


def test_no_difference_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is said where the versions are the same, whatever the build, or where none are known."""
    monkeypatch.setattr(versions, "_running", lambda name: f"{installed(name)}+cpu")
    for pinned in ({name: installed(name) for name in versions.LIBRARIES}, {}):
        monkeypatch.setattr(versions, "_pinned", lambda pinned=pinned: pinned)
        assert versions.difference() == ""


def test_a_build_is_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The versions are the same before PyTorch is loaded and after, though only then it may tell its build."""
    for build in ("", "+cu130"):
        monkeypatch.setattr(torch, "__version__", f"{installed('torch')}{build}")
        assert versions.told().endswith(f"PyTorch {installed('torch')}")


def test_a_library_that_was_loaded_before_it_was_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the right version is installed, and another loaded, the sentence says to restart."""
    monkeypatch.setattr(versions, "_pinned", lambda: {"numpy": installed("numpy")})
    monkeypatch.setattr(versions, "_running", lambda name: "2.0.2")
    assert versions.difference().endswith("restart to have NumPy loaded anew.")


def test_a_check_tells_its_versions() -> None:
    """A check in a notebook says it below its report, also where all is right."""
    cells = {cell.id: cell.source for cell in notebook(NOTEBOOKS[0]).cells}
    otherwise = f"from grader.outside import versions\n\nversions._pinned = lambda: {OTHERS}"
    double = "def double(x):\n    return x + x"
    setup, given, imports, check = (
        cells[name] for name in ("setup", "pair-given", f"{DOUBLE.name}-imports", check_cell(DOUBLE, "double"))
    )
    made = assembled([new_code_cell(source) for source in (otherwise, setup, given, imports, double, check)])
    execute(made, {})
    [printed, points] = made.cells[-1].outputs
    assert points.data["text/plain"] == "4.0"
    assert "marking has NumPy 1.99.9, PyTorch 9.8.7, so a verdict may differ" in printed.text


def test_pytest_and_marking_tell_their_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pytest ends with the sentence; marking names its versions in the terminal and in each result."""
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / DOUBLE.file).write_text(source_of(DOUBLE.name), encoding="utf-8")
    start = f"from grader.outside import versions; versions._pinned = lambda: {OTHERS}; "
    options = f"['--impl', {str(tmp_path / 'ann')!r}, {str(DOUBLE.suite)!r}]"
    done = run_python("-c", f"{start}import pytest; pytest.main({options})")
    assert "marking has NumPy 1.99.9, PyTorch 9.8.7, so a verdict may differ" in " ".join(done.stdout.split())
    options = ["--out", str(tmp_path / "out"), "--isolation", ISOLATION, "--no-gradebook"]
    marked = CliRunner().invoke(cli.main, ["grade", str(tmp_path / "ann"), *options])
    assert f"with {versions.told()}" in " ".join(marked.output.split())
    [line] = (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    result = json.loads(line)
    assert (result["version"], result["versions"]) == (__version__, versions.told())


def test_the_kits_own_version(tmp_path: Path) -> None:
    """`chainrule --version` needs no course; the citation and the log of changes have the same version."""
    done = run_python("-m", "grader", "--version", cwd=tmp_path)
    assert done.stdout == f"chainrule {__version__} ({versions.told()})\n"
    log = (KIT / "CHANGELOG.md").read_text(encoding="utf-8")
    latest = re.search(r"^## \[(\d\S*)\] - (\S+)$", log, re.MULTILINE)
    assert latest is not None
    version, date = latest.groups()
    assert version == __version__
    assert f"\nversion: {version}\ndate-released: {date}\n" in (KIT / "CITATION.cff").read_text(encoding="utf-8")
