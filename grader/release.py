"""Writes the stubs in exercises/ from solutions/, and finds where they have drifted apart."""

import ast
import re
from pathlib import Path

from grader.catalogue import EXERCISES, GIVEN, SOLUTIONS, STAGES

_REGION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?^ *### END SOLUTION\n", re.MULTILINE | re.DOTALL)


class EditedError(Exception):
    """A learner's work would be overwritten."""


def stubs() -> dict[str, str]:
    """The files of exercises/ as they must be: file name → text."""
    files = [f"{GIVEN}.py", *(stage.file for stage in STAGES)]
    return {name: stub((SOLUTIONS / name).read_text(encoding="utf-8")) for name in files}


def stub(solution: str) -> str:
    """A solution whose solution regions are replaced by `raise NotImplementedError`.

    Raises ValueError when a region is left open or stands outside a function.
    """

    def replacement(region: re.Match[str]) -> str:
        line = solution.count("\n", 0, region.start()) + 1
        task = _function_around(solution, line)
        return f'{region[1]}raise NotImplementedError("{task} is not written yet")\n'

    released = _REGION.sub(replacement, solution)
    if "### BEGIN SOLUTION" in released or "### END SOLUTION" in released:
        raise ValueError("a solution region has no beginning or no end")
    return released


def _function_around(source: str, line: int) -> str:
    """The function, or the class whose method, a line belongs to."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.lineno < line <= (node.end_lineno or 0):
            inner = [n for n in node.body if isinstance(n, ast.FunctionDef) and n.lineno < line]
            method = inner[-1].name if isinstance(node, ast.ClassDef) and inner else ""
            return f"{node.name}.{method}" if method and method != "__init__" else node.name
    raise ValueError(f"the solution region at line {line} stands outside a function")


def write(folder: Path = EXERCISES, force: bool = False) -> list[str]:
    """Write the stubs; returns the names of those that changed.

    Raises EditedError, before anything is written, when a file that would change holds written functions;
    `force` overwrites it.
    """
    wanted = {name: text for name, text in stubs().items() if _read(folder / name) != text}
    edited = [name for name in wanted if _is_edited(_read(folder / name))]
    if edited and not force:
        raise EditedError(f"{', '.join(edited)} in {folder.name}/ would lose what was written there")
    folder.mkdir(exist_ok=True)
    for name, text in wanted.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return list(wanted)


def drift(folder: Path = EXERCISES) -> list[str]:
    """What in `folder` differs from what `write` writes: a line for each file missing, edited or stray."""
    wanted = stubs()
    problems = []
    for name, text in wanted.items():
        got = _read(folder / name)
        if got is None:
            problems.append(f"{folder.name}/{name} is missing")
        elif got != text:
            problems.append(f"{folder.name}/{name} differs from solutions/{name}, {_first_difference(got, text)}")
    strays = {path.name for path in folder.iterdir()} - set(wanted) - {"__pycache__"} if folder.is_dir() else set()
    return problems + [f"{folder.name}/{name} does not belong there" for name in sorted(strays)]


def _read(path: Path) -> str | None:
    return path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n") if path.is_file() else None


def _is_edited(text: str | None) -> bool:
    """Whether a function in it holds anything but `raise NotImplementedError`."""
    if text is None:
        return False
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return True
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return not all(isinstance(function.body[-1], ast.Raise) for function in functions)


def _first_difference(got: str, wanted: str) -> str:
    """Where two texts differ first."""
    pairs = zip([*got.splitlines(), ""], [*wanted.splitlines(), ""], strict=False)
    return next(
        (f"line {n}: {one.strip()[:60]!r}" for n, (one, two) in enumerate(pairs, 1) if one != two), "at its end"
    )
