"""Digests of what decides a result: two runs with the same ones give the same."""

import ast
import gc
import hashlib
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from grader.course.catalogue import GIVEN, STAGES, Stage, all_imports_of, suite_files
from grader.course.location import LIBRARIES, MISTAKES, SOLUTIONS, TESTS
from grader.outside import versions

ENGINE = Path(__file__).parents[1]
MARKING = (ENGINE / "marking" / "mark.py", *sorted((ENGINE / "inside").glob("*.py")))
"""Where marking begins: on the trusted side, and beside the learner's code."""
EXTRACTION = ENGINE / "intake" / "extraction.py"
"""The one module of its room that counts: what was read of a submission has a digest of its own."""
AT_HOME = ENGINE / "judging" / "terminal.py"
"""What pytest shows a learner, which no result holds."""
HOLDING = ("body", "orelse", "handlers", "finalbody", "cases")
"""Where a part of a module's tree may hold statements."""
LENGTH = 16
"""Hexadecimal digits of a digest of one part: two that differ are alike with probability 2**-64."""


def digest(*parts: str) -> str:
    """A digest of texts in their order; the length before each keeps one from running into the next."""
    made = hashlib.sha256()
    for part in parts:
        text = part.encode("utf-8", "surrogatepass")
        made.update(f"{len(text)}:".encode() + text)
    return made.hexdigest()


@cache
def digests_of(stage: Stage) -> dict[str, str]:
    """What decides a stage's result beside the submission and the settings, by what an author would look at.

    suite: its tests, with all that they import; mistakes: by which names its wrong answers are told, which decide
    messages and no points; course: its solution, the earlier ones that this imports, and the given modules;
    engine: the kit's modules that mark; libraries: Python, NumPy, PyTorch, pytest, and those of the course.
    """
    named = (*GIVEN, stage.name, *sorted(all_imports_of(stage.name)))
    solutions = [path for name in named if (path := SOLUTIONS / f"{name}.py").is_file()]
    return {
        "suite": _of_files(_suite_of(stage)),
        "mistakes": _of_files(_mistakes_of(stage)),
        "course": _of_files(solutions),
        "engine": _of_engine(),
        "libraries": _of_libraries(),
    }


@cache
def digest_of_kit() -> str:
    """A digest of all that decides any stage's result."""
    return digest(*(f"{stage.name} {sorted(digests_of(stage).items())}" for stage in STAGES))


@cache
def _of_engine() -> str:
    return _of_files(sorted(closure(MARKING, _module_of_engine)))


def _of_libraries() -> str:
    there = [f"{name} {find_spec(name) is not None}" for name in LIBRARIES]
    return digest(versions.told(), f"pytest {metadata.version('pytest')}", *there)[:LENGTH]


def _suite_of(stage: Stage) -> list[Path]:
    """A stage's tests with what they import, the probes, and every other file but those of another suite."""
    modules = closure([stage.suite], lambda name: _file_in(TESTS, name))
    suites = {other.suite.with_suffix("") for other in STAGES if other is not stage}
    more = {path for path in suite_files() if path.suffix != ".py" and path.parent not in suites}
    return sorted({*modules, *more, *filter(Path.is_file, [TESTS / "probes.py"])})


def _mistakes_of(stage: Stage) -> list[Path]:
    """A stage's mistakes, and what those of several stages share."""
    stages = {MISTAKES / other.file for other in STAGES if other is not stage}
    return sorted(set(MISTAKES.glob("*.py")) - stages) if MISTAKES.is_dir() else []


def closure(start: Iterable[Path], module: Callable[[str], Path | None]) -> set[Path]:
    """These modules, with those that they import anywhere in them, and that these import.

    module: the file of a module by its full name; None for one that is left out.
    """
    found: set[Path] = set()
    todo = list(start)
    is_enabled = gc.isenabled()
    gc.disable()  # a tree is gone as soon as it was looked at; to look for cycles in it takes as long as to parse
    while todo:
        path = todo.pop()
        if path not in found:
            found.add(path)
            todo += filter(None, map(module, _imported(path)))
    if is_enabled:
        gc.enable()
    return found


@cache
def _imported(path: Path) -> list[str]:
    """The full names that a module imports; of `from a import b` both `a` and `a.b`."""
    names = []
    for node in _statements(ast.parse(path.read_bytes())):
        if isinstance(node, ast.ImportFrom):
            names += [str(node.module), *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
    return names


def _statements(tree: ast.AST) -> Iterator[ast.AST]:
    """All statements of a module, and what holds some; no expression does."""
    todo = [tree]
    while todo:
        node = todo.pop()
        for name in HOLDING:
            todo += getattr(node, name, ())
        yield node


def _module_of_engine(name: str) -> Path | None:
    kit, _, within = name.partition(".")
    path = _file_in(ENGINE, within) if kit == ENGINE.name and within else None
    counts = path and path != AT_HOME and (path.parent != EXTRACTION.parent or path == EXTRACTION)
    return path if counts else None


def _file_in(folder: Path, name: str) -> Path | None:
    path = folder.joinpath(*name.split("."))
    return next((file for file in (path.with_suffix(".py"), path / "__init__.py") if file.is_file()), None)


def _of_files(paths: Iterable[Path]) -> str:
    """A digest of files by their names and contents."""
    parts = [part for path in paths for part in (path.name, hashlib.sha256(path.read_bytes()).hexdigest())]
    return digest(*parts)[:LENGTH]
