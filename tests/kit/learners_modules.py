"""A learner's modules of the small course, in a folder, for the tests of what runs there."""

import shutil
from pathlib import Path

import pytest

from grader.course.catalogue import STAGES, Stage, source_of
from grader.course.location import EXERCISES

DOUBLE, SLOPE = STAGES
IGNORED = shutil.ignore_patterns("__pycache__")


@pytest.fixture
def stubs(tmp_path: Path) -> Path:
    """Fresh stubs."""
    return Path(shutil.copytree(EXERCISES, tmp_path / "modules", ignore=IGNORED))


@pytest.fixture
def modules(stubs: Path) -> Path:
    """The solutions, as a learner's."""
    for stage in STAGES:
        save(stubs, stage, solution(stage))
    return stubs


def solution(stage: Stage, old: str = "", new: str = "") -> str:
    """The solution of a stage, or one in which another text stands in the place of what occurs once."""
    source = source_of(stage.name)
    assert not old or source.count(old) == 1
    return source.replace(old, new) if old else source


def save(folder: Path, stage: Stage, text: str) -> None:
    """Save a stage in place."""
    (folder / stage.file).write_text(text, encoding="utf-8")
