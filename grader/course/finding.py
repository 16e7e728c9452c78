"""Finds the course of a process: a folder with solutions/ and, in its pyproject.toml, [tool.chainrule]."""

import os
import tomllib
from pathlib import Path
from typing import Any

VARIABLE = "CHAINRULE_COURSE"
"""The environment variable that names the course's folder; so the processes that are started know it too."""
KIT = Path(__file__).resolve().parents[2]
"""The folder in which grader/ stands: a clone of the kit, which holds a course too, or where it is installed."""


class CourseError(Exception):
    """A course whose files do not say what the engine needs; the text says which, and what is missing."""


def settings_of(folder: Path) -> dict[str, Any]:
    """What a folder's pyproject.toml holds; empty where there is none. Raises CourseError where it is no TOML."""
    path = folder / "pyproject.toml"
    try:
        return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CourseError(f"{path} cannot be read: {error}") from None


def is_course(folder: Path) -> bool:
    """Whether a folder is a course."""
    return (folder / "solutions").is_dir() and "chainrule" in settings_of(folder).get("tool", {})


def course_around(folder: Path) -> Path | None:
    """The course that a folder is, or stands in; None where there is none."""
    return next((parent for parent in (folder, *folder.parents) if is_course(parent)), None)


def find_course() -> Path:
    """The course that the environment names, else the one around the current folder, else the kit's own.

    Raises CourseError where the environment names another folder.
    """
    named = os.environ.get(VARIABLE)
    if not named:
        return course_around(Path.cwd()) or KIT
    if not is_course(Path(named)):
        raise CourseError(
            f"{named} is no course: it has no solutions/, or no [tool.chainrule] in its pyproject.toml"
        )
    return Path(named).resolve()
