"""Where the course is that this process is about, where its files are, and what its pyproject.toml says."""

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
    """Whether a folder is a course: it has solutions/, and [tool.chainrule] in its pyproject.toml."""
    return (folder / "solutions").is_dir() and "chainrule" in settings_of(folder).get("tool", {})


def find_course() -> Path:
    """The course that the environment names, else the one in which this was started, else the kit's own."""
    if named := os.environ.get(VARIABLE):
        if not is_course(Path(named)):
            raise CourseError(f"{named} is no course: no solutions/, or no [tool.chainrule] in its pyproject.toml")
        return Path(named).resolve()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if is_course(folder)), KIT)


ROOT = find_course()
SOLUTIONS = ROOT / "solutions"
EXERCISES = ROOT / "exercises"
TESTS = ROOT / "tests"
HINTS = ROOT / "hints"
PICTURES = SOLUTIONS / "pictures.py"
"""What is drawn of learners' training runs, where a course draws any."""
RELEASED_NOTEBOOKS = ROOT / "notebooks"
PYPROJECT = ROOT / "pyproject.toml"

PROJECT = settings_of(ROOT)
SETTINGS: dict[str, Any] = PROJECT.get("tool", {}).get("chainrule", {})
"""What the course cannot have derived: [tool.chainrule] in its pyproject.toml."""
LIBRARIES: tuple[str, ...] = tuple(SETTINGS.get("libraries", ()))
"""What learners' code may import beside Python's own library, NumPy and PyTorch, where the course lists it."""
TITLE: str = SETTINGS.get("title", ROOT.name)
ASSIGNMENT: str = PROJECT.get("project", {}).get("name", ROOT.name)
"""The notebooks together, as nbgrader's gradebook names them."""
