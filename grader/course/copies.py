"""The copies of the course's suites that a learner's folder holds, to be read there and run by pytest."""

from pathlib import Path

from grader.course.catalogue import suite_files
from grader.course.location import MISTAKES, ROOT, TESTS, WORKPLACE
from grader.course.probes import PATH as PROBES

OUTDATED = "are not those of the kit that is installed: `chainrule init .` in this folder brings them up to date."


def copied() -> dict[str, Path]:
    """The files of the suites and what they use, by their path in a learner's folder; no known mistakes."""
    files = [path for path in suite_files() if path != PROBES and MISTAKES not in path.parents]
    return {f"{TESTS.name}/{path.relative_to(TESTS).as_posix()}": path for path in files}


def outdated() -> str:
    """A sentence where the learner's folder has other suites than the course; "" elsewhere."""
    if WORKPLACE == ROOT or not (WORKPLACE / TESTS.name).is_dir():
        return ""
    others = [name for name, path in copied().items() if not _is_same(WORKPLACE / name, path)]
    return f"The tests in {others[0]}{' and others' * (len(others) > 1)} {OUTDATED}" if others else ""


def _is_same(copy: Path, path: Path) -> bool:
    return copy.is_file() and copy.read_bytes() == path.read_bytes()
