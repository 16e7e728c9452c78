"""The pictures of the README and the documentation are those that `nox -s pictures` draws."""

import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from grader.course.finding import KIT
from grader.outside.versions import CONSTRAINTS, difference

PICTURES = KIT / "docs" / "pictures"
MOST = 200_000
"""Bytes of a picture: a page on a slow line shows it at once."""
AGAIN = "is not what the kit draws now: run `nox -s pictures`, look at it, and commit it"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of pictures that were drawn now."""
    pinned = CONSTRAINTS.read_text(encoding="utf-8").splitlines()
    others = [name for name in ("matplotlib", "rich") if f"{name}=={metadata.version(name)}" not in pinned]
    if others or difference():
        pytest.skip(f"other versions draw other lines: {difference() or others}")
    folder = tmp_path_factory.mktemp("drawn")
    command = [sys.executable, str(PICTURES / "draw.py"), str(folder)]
    subprocess.run(command, check=True, cwd=KIT, capture_output=True)
    return folder


def text_of(path: Path) -> str:
    """What a picture's file holds."""
    return path.read_text(encoding="utf-8")


@pytest.mark.proof
@pytest.mark.parametrize("name", ["watch-light.svg", "watch-dark.svg"])
def test_watch_mode(drawn: Path, name: str) -> None:
    """The screen of watch mode is drawn as it is now, to the letter."""
    assert text_of(drawn / name) == text_of(PICTURES / name), f"{PICTURES / name} {AGAIN}"


@pytest.mark.proof
@pytest.mark.parametrize("name", ["networks-light.svg", "networks-dark.svg"])
def test_networks(drawn: Path, name: str) -> None:
    """The networks have these names and take as many points wrongly; lines may differ in their last digits."""
    now, kept = (re.findall(r"<text [^>]*>([^<]*)</text>", text_of(folder / name)) for folder in (drawn, PICTURES))
    assert now == kept, f"{PICTURES / name} {AGAIN}"
    assert any("wrong" in text for text in kept)


@pytest.mark.parametrize("path", sorted(PICTURES.glob("*.svg")), ids=lambda path: path.name)
def test_pictures_stand_alone(path: Path) -> None:
    """A picture is small, and fetches nothing: addresses in it are names alone."""
    assert path.stat().st_size < MOST
    assert not re.search(r"@font-face|@import|href=\"(?!#)|url\((?!#)", text_of(path))
