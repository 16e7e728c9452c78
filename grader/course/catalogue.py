"""The stages in their order and the notebooks that hold them, derived from the course's solutions/."""

import ast
import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from grader.course.finding import CourseError
from grader.course.location import SETTINGS, SOLUTIONS, TESTS

BEGIN = "### BEGIN SOLUTION"
"""Stands in a module of solutions/ before what a learner writes."""
END = "### END SOLUTION"
"""Stands after it."""

_STAGE = re.compile(r"stage([1-9]\d*)_[a-z0-9_]+")
_HEADING = re.compile(r"Stage \d+: ([^,;\n]+)")


@dataclass(frozen=True)
class Stage:
    """One stage: a module that a learner writes, its tasks in reading order, and its suite.

    numpy_only: whether it does without PyTorch, and so do the stages that it imports.
    """

    number: int
    name: str
    title: str
    tasks: tuple[str, ...]
    numpy_only: bool = False

    @property
    def file(self) -> str:
        """Name of the module's file, as a learner hands it in."""
        return f"{self.name}.py"

    @property
    def suite(self) -> Any:
        """The path of the suite that teaches and grades this stage."""
        return TESTS / f"test_{self.name}.py"


@cache
def source_of(name: str) -> str:
    """A module of solutions/."""
    return (SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")


@cache
def tree_of(name: str) -> ast.Module:
    """A module of solutions/, parsed. Raises CourseError where it is no Python."""
    try:
        return ast.parse(source_of(name))
    except (SyntaxError, UnicodeDecodeError) as error:
        raise CourseError(f"{SOLUTIONS.name}/{name}.py cannot be read: {error}") from None


@cache
def imports_of(name: str) -> frozenset[str]:
    """The modules that a module of solutions/ imports anywhere, each without what stands after its first dot."""
    found: set[str] = set()
    for node in ast.walk(tree_of(name)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return frozenset(found)


def all_imports_of(name: str) -> set[str]:
    """The modules that a module of solutions/ imports, and those that these import of solutions/."""
    found: set[str] = set()
    todo = {name}
    while todo:
        new = imports_of(todo.pop()) - found
        found |= new
        todo |= new & _MODULES
    return found


def tasks_of(name: str) -> tuple[str, ...]:
    """The functions and classes of a module of solutions/ that hold a solution, in their order."""
    lines = source_of(name).splitlines()
    defined = [node for node in tree_of(name).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    return tuple(
        node.name for node in defined if any(BEGIN in line for line in lines[node.lineno - 1 : node.end_lineno])
    )


def title_of(name: str) -> str:
    """A stage's title: what stands on the first line of its page after its number, up to a comma."""
    page = ast.get_docstring(tree_of(name)) or ""
    found = _HEADING.match(page)
    return found[1].strip().removesuffix(".") if found else name.partition("_")[2].replace("_", " ")


def _stages() -> tuple[Stage, ...]:
    """The stages of solutions/. Raises CourseError where their numbers are not 1, 2, 3 and so on."""
    numbers = {name: int(found[1]) for name in _MODULES if (found := _STAGE.fullmatch(name))}
    names = sorted(numbers, key=lambda name: (numbers[name], name))
    for wanted, name in enumerate(names, 1):
        if numbers[name] != wanted:
            raise CourseError(
                f"{SOLUTIONS.name}/{name}.py has the number {numbers[name]}, where {wanted} is next: stages are "
                "numbered 1, 2, 3 and so on, each number once"
            )
    return tuple(
        Stage(numbers[name], name, title_of(name), tasks_of(name), "torch" not in all_imports_of(name))
        for name in names
    )


def suite_files(folder: Path = TESTS) -> Iterator[Path]:
    """The suites and all that they and the marking use; a folder with a conftest.py holds other tests."""
    for path in sorted(folder.iterdir()):
        if path.is_dir() and path.name != "__pycache__" and not (path / "conftest.py").exists():
            yield from suite_files(path)
        elif path.is_file():
            yield path


_MODULES = {path.stem for path in SOLUTIONS.glob("*.py")}
STAGES = _stages()
_IMPORTED = {name for stage in STAGES for name in all_imports_of(stage.name)}
_UNWRITTEN = sorted((_IMPORTED & _MODULES) - {stage.name for stage in STAGES})
GIVEN: tuple[str, ...] = tuple(sorted(_UNWRITTEN, key=lambda name: len(all_imports_of(name) & _MODULES)))
"""The modules that stages import and nobody writes, each after those that it imports."""


def find_stage(text: str) -> Stage:
    """The stage that `3`, `stage3` or `stage3_backward` names. Raises ValueError with what to write instead."""
    name = text.strip().lower()
    for stage in STAGES:
        if name in (str(stage.number), f"stage{stage.number}", stage.name):
            return stage
    raise ValueError(f"there is no stage {text!r}; the stages are 1 to {len(STAGES)}")


def find_task(text: str) -> tuple[Stage, str]:
    """The task that `2.loss`, `stage2.loss` or `stage2_forward.loss` names, or `relu` where only one stage has it.

    Upper and lower case are one. Raises ValueError with what to write instead.
    """
    before, dot, name = text.strip().rpartition(".")
    if not dot and re.fullmatch(r"\d+|stage\d.*", name.lower()):
        before, dot, name = name, ".", ""  # a stage, and no task of it
    stages = (find_stage(before),) if dot else STAGES
    found = [(stage, task) for stage in stages for task in stage.tasks if task.lower() == name.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        full = " or ".join(task_name(stage, task) for stage, task in found)
        raise ValueError(f"several stages have a task {name!r}: write {full}")
    raise ValueError(_no_task(stages, name))


def task_name(stage: Stage, task: str) -> str:
    """A task as a learner writes it: `2.loss`."""
    return f"{stage.number}.{task}"


def _no_task(stages: tuple[Stage, ...], name: str) -> str:
    """That no stage has a task of this name, with those that are meant perhaps, else those that there are."""
    known = {task_name(stage, task): task for stage in stages for task in stage.tasks}
    near = difflib.get_close_matches(name.lower(), {task.lower() for task in known.values()})
    meant = [full for close in near for full, task in known.items() if task.lower() == close]
    where = f"stage {stages[0].number} has" if len(stages) == 1 else "there is"
    said = f"{where} no task {name!r}" if name else "a task's name is missing"
    if meant:
        return f"{said}; did you mean {' or '.join(meant)}?"
    return f"{said}; the tasks are {', '.join(known)}"


@dataclass(frozen=True)
class Notebook:
    """Some of the stages, as one notebook of the course."""

    name: str
    title: str
    stages: tuple[Stage, ...]

    @property
    def file(self) -> str:
        """Name of the notebook's file, as a learner hands it in."""
        return f"{self.name}.ipynb"


def _notebooks() -> tuple[Notebook, ...]:
    """The notebooks that the course's settings list, and one for each stage that stands in none of them.

    Raises CourseError where stages of a listed notebook do not follow one another.
    """
    found, left = [], list(STAGES)
    for listed in SETTINGS.get("notebooks", ()):
        stages, left = left[: len(listed["stages"])], left[len(listed["stages"]) :]
        if [stage.number for stage in stages] != listed["stages"]:
            raise CourseError(
                f"[tool.chainrule] lists the stages {listed['stages']} for the notebook {listed['name']}; "
                "notebooks hold all stages from the first on, in their order, each once"
            )
        found.append(Notebook(listed["name"], listed["title"], tuple(stages)))
    for number, stage in enumerate(left, len(found) + 1):
        title = f"{stage.title[0].upper()}{stage.title[1:]}"
        found.append(Notebook(f"{number:02}_{stage.name.partition('_')[2]}", title, (stage,)))
    return tuple(found)


NOTEBOOKS = _notebooks()


def notebook_of(stage: Stage) -> Notebook:
    """The notebook in which a stage is written."""
    return next(which for which in NOTEBOOKS if stage in which.stages)


def task_cell(stage: Stage, task: str) -> str:
    """Id of the notebook cell in which a task is written; nbgrader's grade_id of it, too."""
    return f"{stage.name}-{task}"


def check_cell(stage: Stage, task: str) -> str:
    """Id of the notebook cell that checks a task; nbgrader's grade_id of it, too."""
    return f"{stage.name}-{task}-check"
