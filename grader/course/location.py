"""Where the files of the course are that this process is about, and what its pyproject.toml says."""

from typing import Any

from grader.course.finding import find_course, find_workplace, settings_of

ROOT = find_course()
WORKPLACE = find_workplace()
"""The folder in which a learner works: made by `chainrule init`, or the course itself."""
SOLUTIONS = ROOT / "solutions"
EXERCISES = WORKPLACE / "exercises"
TESTS = ROOT / "tests"
MISTAKES = TESTS / "mistakes"
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
