"""Digests of what decides a result: two runs with the same one give the same."""

import hashlib
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from grader.course.catalogue import GIVEN, STAGES
from grader.course.location import LIBRARIES, SOLUTIONS, TESTS
from grader.outside import versions


def digest(*parts: str) -> str:
    """A digest of texts in their order; the length before each keeps one from running into the next."""
    made = hashlib.sha256()
    for part in parts:
        text = part.encode("utf-8", "surrogatepass")
        made.update(f"{len(text)}:".encode() + text)
    return made.hexdigest()


@cache
def digest_of_kit() -> str:
    """A digest of the suites, the reference, the engine and the libraries."""
    engine = Path(__file__).parents[1].rglob("*.py")
    reference = [SOLUTIONS / f"{name}.py" for name in (*GIVEN, *(stage.name for stage in STAGES))]
    sources = [*_suites(TESTS), *reference, *sorted(engine)]
    made = hashlib.sha256()
    for path in sources:
        made.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    libraries = [f"{name} {find_spec(name) is not None}" for name in LIBRARIES]
    return digest(made.hexdigest(), versions.told(), f"pytest {metadata.version('pytest')}", *libraries)


def _suites(folder: Path) -> Iterator[Path]:
    """The suites and all that they may use; a folder with a conftest.py holds other tests."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != "__pycache__" and not (path / "conftest.py").exists():
            yield from _suites(path)
        elif path.is_file():
            yield path
