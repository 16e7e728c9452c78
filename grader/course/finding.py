"""Finds the course of a process, and the folder in which a learner works on it.

A course is a folder with solutions/ and, in its pyproject.toml, [tool.chainrule]. A learner's folder, made by
`chainrule init`, has no solutions: there [tool.chainrule] says with `course` which course it is of.
"""

import os
import tomllib
from pathlib import Path
from typing import Any

VARIABLE = "CHAINRULE_COURSE"
"""The environment variable that names the course's folder; so the processes that are started know it too."""
OWN = "chainrule"
"""What a learner's folder names as its course where that is the kit's own; others it names by their path."""
_PACKAGE = Path(__file__).resolve().parents[1]
_INSTALLED = _PACKAGE / "bundled"
IS_INSTALLED = _INSTALLED.is_dir()
"""Whether this is an installed package, whose course nobody changes, and no clone."""
KIT = _INSTALLED if IS_INSTALLED else _PACKAGE.parent
"""The folder of the kit's own course: the clone, or what the package brings."""


def installing(extra: str) -> str:
    """The command that installs an extra of the kit, where the kit is installed, or in its clone."""
    if IS_INSTALLED:
        return f'python -m pip install "chainrule[{extra}]"'
    return f'in the kit\'s folder: python -m pip install -e ".[{extra}]" -c constraints.txt'


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


def course_named_by(folder: Path) -> Path | None:
    """The course that a learner's folder is of; None where a folder is none.

    Raises CourseError where it names a folder that is no course.
    """
    settings = settings_of(folder).get("tool", {}).get("chainrule", {})
    named = settings.get("course") if isinstance(settings, dict) and not is_course(folder) else None
    if named is None:
        return None
    course = KIT if named == OWN else (folder / str(named)).resolve()
    if not is_course(course):
        raise CourseError(f"{folder / 'pyproject.toml'} says that the course is {course}, which is none")
    return course


def learners_folder_around(folder: Path) -> Path | None:
    """The learner's folder that a folder is, or stands in; None where there is none."""
    return next((parent for parent in (folder, *folder.parents) if course_named_by(parent)), None)


def find_course() -> Path:
    """The course that the environment names, else the one around the current folder, or of the learner's folder
    there, else the kit's own.

    Raises CourseError where the environment names another folder.
    """
    named, here = os.environ.get(VARIABLE), Path.cwd()
    if named:
        course = Path(named).resolve() if is_course(Path(named)) else course_named_by(Path(named))
        if course is None:
            raise CourseError(
                f"{named} is no course: it has no solutions/, or no [tool.chainrule] in its pyproject.toml"
            )
        return course
    own = learners_folder_around(here)
    return course_around(here) or (own and course_named_by(own)) or KIT


def find_workplace() -> Path:
    """The folder that holds exercises/ and notebooks/: the learner's, else the course; where neither is here and
    the course is an installed one, the current folder.
    """
    named, course, here = os.environ.get(VARIABLE), find_course(), Path.cwd()
    for own in (Path(named).resolve() if named else None, learners_folder_around(here)):
        if own and course_named_by(own) == course:
            return own
    return here if IS_INSTALLED and course == KIT else course
