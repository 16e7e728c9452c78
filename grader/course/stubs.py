"""Solution regions: what a learner writes, and what stands there until they do."""

import ast
import re
from collections.abc import Callable

from grader.course.catalogue import BEGIN, END, GIVEN, STAGES, source_of

NOT_WRITTEN = 'raise NotImplementedError("not written yet")'
"""What stands in a notebook's cell for every solution; nbgrader's ClearSolutions knows one text for all cells."""

_REGION = re.compile(rf"^( *){BEGIN}\n.*?^ *{END}$", re.MULTILINE | re.DOTALL)
_MARK = re.compile(rf"^ *({BEGIN}|{END})\n", re.MULTILINE)


def stubs() -> dict[str, str]:
    """The files of exercises/ as they must be: file name → text."""
    return {f"{name}.py": stub(source_of(name)) for name in (*GIVEN, *(stage.name for stage in STAGES))}


def stub(solution: str) -> str:
    """A solution whose regions are replaced by a NotImplementedError that names what is to be written.

    Raises ValueError when a region is left open or stands outside a function.
    """

    def statement(region: re.Match[str]) -> str:
        line = solution.count("\n", 0, region.start()) + 1
        return f'raise NotImplementedError("{_function_around(solution, line)} is not written yet")'

    return _replaced(solution, statement)


def cleared(solution: str) -> str:
    """A cell's solution whose regions are replaced by NOT_WRITTEN, as nbgrader's ClearSolutions does it.

    Raises ValueError when a region is left open.
    """
    return _replaced(solution, lambda region: NOT_WRITTEN)


def unmarked(solution: str) -> str:
    """A solution without the marks of its regions, to be read."""
    return _MARK.sub("", solution)


def _replaced(solution: str, statement: Callable[[re.Match[str]], str]) -> str:
    released = _REGION.sub(lambda region: f"{region[1]}{statement(region)}", solution)
    if BEGIN in released or END in released:
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
