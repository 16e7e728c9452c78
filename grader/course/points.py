"""What each task is worth, read off the course's suites: the points beside each test, a class for each task."""

import ast
from functools import cache

from grader.course.catalogue import STAGES, Stage
from grader.course.finding import CourseError

CLASS = "Test"
"""How the name of a task's class begins in a suite."""


def task_of_class(stage: Stage, name: str) -> str | None:
    """The task that a suite's class tests, by its name: TestReluGrad is of relu_grad. None where there is none."""
    plain = name.removeprefix(CLASS).lower()
    return next((task for task in stage.tasks if task.replace("_", "").lower() == plain), None)


@cache
def points() -> dict[tuple[str, str], float]:
    """What each task is worth, by the names of its stage and its own; 0 where a suite is missing.

    Raises CourseError where a suite is no Python, or where its points cannot be read off it.
    """
    worth = {(stage.name, task): 0.0 for stage in STAGES for task in stage.tasks}
    for stage in STAGES:
        for node in _suite(stage).body:
            task = task_of_class(stage, node.name) if isinstance(node, ast.ClassDef) else None
            if isinstance(node, ast.ClassDef) and task:
                worth[stage.name, task] += sum(_points(stage, test) for test in node.body)
    return worth


def points_of(stage: Stage) -> float:
    """What a stage is worth."""
    return sum(points()[stage.name, task] for task in stage.tasks)


@cache
def total_points() -> float:
    """What all stages are worth together."""
    return sum(points().values())


def _suite(stage: Stage) -> ast.Module:
    try:
        return ast.parse(stage.suite.read_text(encoding="utf-8") if stage.suite.is_file() else "")
    except SyntaxError as error:
        raise CourseError(f"{stage.suite.name} is no Python: {error}") from None


def _points(stage: Stage, test: ast.stmt) -> float:
    """A test's points, once for each set of arguments with which it runs."""
    worth, times = 0.0, 1
    for mark in test.decorator_list if isinstance(test, ast.FunctionDef) else ():
        if isinstance(mark, ast.Call):
            match ast.unparse(mark.func), mark.args:
                case "pytest.mark.points", [ast.Constant(value=int() | float() as value)]:
                    worth = float(value)
                case "pytest.mark.parametrize", [_, ast.List() | ast.Tuple() as sets, *_]:
                    times *= len(sets.elts)
                case "pytest.mark.points" | "pytest.mark.parametrize", _:
                    what = f"{ast.unparse(mark)}: write numbers and lists there, no names"
                    raise CourseError(f"{stage.suite.name}, line {mark.lineno}: cannot count {what}")
    return worth * times
