"""The tables of the documentation hold what the code has: no less, and nothing that is gone."""

import re
import sys
import tomllib
from collections import Counter
from dataclasses import fields
from itertools import chain
from pathlib import Path
from typing import get_args

from grader.judging import results
from grader.outside.verdicts import Outcome

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MADE_HERE = {"chainrule"}
"""What extras name beside other people's libraries: the kit, with another extra."""


def page(name: str) -> str:
    """The text of a page."""
    return (DOCS / name).read_text(encoding="utf-8")


def first_cells(text: str) -> list[str]:
    """What stands as code in the first cells of the rows of a text's tables."""
    cells = [row.split("|")[1] for row in text.splitlines() if row.startswith("|")]
    return [name for cell in cells for name in re.findall(r"`([^`]+)`", cell)]


def plain(name: str) -> str:
    """A library's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_dependency_has_its_line() -> None:
    """The table of dependencies names every library that pyproject.toml asks for, and no other."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"]
    asked = [*project["project"]["dependencies"], *project["build-system"]["requires"], *chain(*extras.values())]
    wanted = {plain(re.match(r"[\w.-]+", one)[0]) for one in asked} - MADE_HERE | {"nox"}  # by which all is run
    rows = [row.split("|")[1] for row in page("reference/dependencies.md").splitlines() if row.startswith("| ")]
    told = {plain(name) for row in rows for name in re.findall(r"[\w-]+", re.sub(r"\(.*?\)|`.*?`", "", row))}
    aliases = {"torch": "pytorch", "myst-parser": "myst"}
    assert {aliases.get(name, name) for name in wanted} == told - {"dependency", "extra"}


def test_every_extra_has_its_line() -> None:
    """The table of extras names each once."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    table = page("reference/dependencies.md").partition("| extra | for |")[2]
    assert sorted(first_cells(table)) == sorted(project["optional-dependencies"])


def test_every_variable_has_its_line() -> None:
    """The table of the environment holds every variable that the engine and nbgrader's configuration read."""
    sources = [*(ROOT / "grader").rglob("*.py"), ROOT / "nbgrader_config.py"]
    read = {
        name
        for path in sources
        for name in re.findall(r"(?<!_)CHAINRULE_[A-Z]+", path.read_text(encoding="utf-8"))
    }
    told = [name for name in first_cells(page("reference/settings.md")) if name.startswith("CHAINRULE_")]
    assert sorted(told) == sorted(read)


def test_every_key_of_a_course_has_its_line() -> None:
    """The table of [tool.chainrule] holds every key that is read, and no other."""
    read = set()
    for path in (ROOT / "grader").rglob("*.py"):
        read |= set(re.findall(r"""SETTINGS(?:\.get\(|\[)["'](\w+)["']""", path.read_text(encoding="utf-8")))
    section = page("reference/settings.md").partition("## A course")[2].partition("\n## ")[0]
    assert sorted(first_cells(section)) == sorted(read)


def test_every_field_of_the_record_has_its_line() -> None:
    """The tables of the record hold the fields of results, in their order, and every outcome."""
    sections = page("reference/results.md").split("\n## ")
    for title, record in (
        ("A submission", results.Result),
        ("A stage", results.StageResult),
        ("A test", results.TestResult),
    ):
        section = next(text for text in sections if text.startswith(f"{title}\n"))
        told = first_cells(section.replace("| `passed`", "\0").partition("\0")[0])
        assert told == [field.name for field in fields(record)]
    outcomes = page("reference/results.md").partition("| outcome | means |")[2].partition("\n## ")[0]
    assert sorted(first_cells(outcomes)) == sorted(get_args(Outcome))


def test_every_family_of_attacks_has_its_line() -> None:
    """The threat model names each family of the hostile corpus, with how many attacks it has."""
    sys.path.insert(1, str(ROOT / "tests" / "course"))
    from hostile import ATTACKS

    there = Counter(attack.name.partition("-")[0] for attack in ATTACKS)
    table = page("understand/threat-model.md").partition("| family |")[2].partition("\n\n")[0]
    cells = [row.split("|")[1] for row in table.splitlines() if row.startswith("| `")]
    told = {name: int(count) for cell in cells for name, count in re.findall(r"`(\w+)` \((\d+)\)", cell)}
    assert told == there
