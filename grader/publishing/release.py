"""Writes what follows from solutions/, the stubs and the notebooks, and finds where they have drifted apart."""

import ast
from pathlib import Path

import nbformat

from grader.course.catalogue import NOTEBOOKS, task_cell
from grader.course.location import EXERCISES, RELEASED_NOTEBOOKS, ROOT
from grader.course.notebook_layout import given_ids
from grader.course.stubs import stubs
from grader.publishing import walkthrough
from grader.publishing.assembly import released, text

WALKTHROUGH = f"{RELEASED_NOTEBOOKS.name}/walkthrough.ipynb"
SCRATCH = {"__pycache__", ".ipynb_checkpoints", "old"}
"""What Python and Jupyter leave in a folder, and where watch mode keeps files that were reset."""


class EditedError(Exception):
    """A learner's work would be overwritten."""


def wanted() -> dict[str, str]:
    """What follows from solutions/ to the byte, stubs and notebooks: path in the course → text."""
    files = {f"{EXERCISES.name}/{name}": stub for name, stub in stubs().items()}
    return files | {f"{RELEASED_NOTEBOOKS.name}/{which.file}": text(released(which)) for which in NOTEBOOKS}


def write(root: Path = ROOT, force: bool = False, walkthrough_too: bool = False) -> list[str]:
    """Write the stubs and the notebooks, the walkthrough executed; returns the paths of those that changed.

    Raises EditedError, before anything is written, when a file that would change holds what a learner wrote;
    `force` overwrites it. The walkthrough is executed where it has changed, or `walkthrough_too`.
    """
    changed = {path: made for path, made in wanted().items() if _read(root / path) != made}
    edited = [path for path, made in changed.items() if _is_edited(path, _read(root / path), made)]
    if edited and not force:
        raise EditedError(f"{', '.join(edited)} would lose what was written there")
    if walkthrough.SOURCE.is_file() and (walkthrough_too or walkthrough.drift(_read(root / WALKTHROUGH))):
        changed[WALKTHROUGH] = walkthrough.executed()
    for path, made in changed.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(made, encoding="utf-8", newline="\n")
    return list(changed)


def drift(root: Path = ROOT) -> list[str]:
    """What differs from what `write` writes: a line for each file missing, edited or stray."""
    files = wanted()
    problems = []
    for path, made in files.items():
        got = _read(root / path)
        if got is None:
            problems.append(f"{path} is missing")
        elif got != made:
            problems.append(f"{path} differs from what solutions/ gives, {_first_difference(got, made)}")
    if problem := walkthrough.drift(_read(root / WALKTHROUGH)):
        problems.append(f"{WALKTHROUGH} {problem}")
    for folder in (EXERCISES.name, RELEASED_NOTEBOOKS.name):
        there = {f"{folder}/{path.name}" for path in (root / folder).glob("*") if path.name not in SCRATCH}
        problems += [f"{path} does not belong there" for path in sorted(there - {*files, WALKTHROUGH})]
    return problems


def _read(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n") if path.is_file() else None


def _is_edited(path: str, got: str | None, made: str) -> bool:
    """Whether a generated file holds anything but stubs and what is made of the solutions now."""
    if got is None:
        return False
    which = next((which for which in NOTEBOOKS if which.file == Path(path).name), None)
    if which is None:
        return _is_written(got, made)
    given = {*given_ids(which), *(cell.id for cell in released(which).cells if cell.cell_type == "markdown")}
    try:
        own = [cell for cell in nbformat.reads(got, as_version=4).cells if cell.get("id") not in given]
    except nbformat.reader.NotJSONError:
        return True
    tasks = {task_cell(stage, task) for stage in which.stages for task in stage.tasks}
    return any(cell.source.strip() and (cell.get("id") not in tasks or _is_written(cell.source)) for cell in own)


def _is_written(source: str, made: str = "") -> bool:
    """Whether a function in it holds anything but `raise NotImplementedError`, and is none of those made now."""
    try:
        functions, now = _functions(source), _functions(made)
    except SyntaxError:
        return True
    return any(
        not isinstance(function.body[-1], ast.Raise) and ast.dump(function) not in map(ast.dump, now)
        for function in functions
    )


def _functions(source: str) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]


def _first_difference(got: str, wanted: str) -> str:
    """Where two texts differ first."""
    pairs = zip([*got.splitlines(), ""], [*wanted.splitlines(), ""], strict=False)
    return next(
        (f"line {n}: {one.strip()[:60]!r}" for n, (one, two) in enumerate(pairs, 1) if one != two), "at its end"
    )
