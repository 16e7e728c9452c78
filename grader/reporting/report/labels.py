"""What each test of the suites checks, by its docstring, read off the suites without running them."""

import ast
from functools import cache

from grader.course.catalogue import Stage
from grader.course.points import task_of_class


@cache
def labels(stage: Stage) -> dict[str, str]:
    """What each test of a stage checks, by its name in a result, on one line."""
    try:
        tree = ast.parse(stage.suite.read_text(encoding="utf-8"))
    except (OSError, SyntaxError, UnicodeDecodeError):
        return {}
    return {
        f"{group.name}::{test.name}": " ".join((ast.get_docstring(test) or "").split())
        for group in tree.body
        if isinstance(group, ast.ClassDef) and task_of_class(stage, group.name)
        for test in group.body
        if isinstance(test, ast.FunctionDef) and ast.get_docstring(test)
    }


def label(stage: Stage, test: str) -> str:
    """What a test checks; its name where that is not told; behind it a set of arguments, as pytest writes it."""
    name, bracket, arguments = test.partition("[")
    told = labels(stage).get(name)
    return f"{told} [{arguments}" if told and bracket else told or test
