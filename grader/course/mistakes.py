"""The mistakes that a course knows: of each a sentence, what to look at, and a piece of wrong code.

A stage's stand in `tests/mistakes/<stage>.py`, which is read and never imported. There a wrong definition of a
task is named `<task>__<mistake>`, and its docstring says what was done and, below an empty line, what to look at:

    def affine__weights_not_transposed(x, W, b):
        \"""W was used without its transpose.

        Its rows belong to the outputs. Which axis of x meets which of W?
        \"""
        return x @ W + b

Other definitions, and imports, are there for those that use them. A mistake that is a slip in the solution may
be an edit of the task's definition instead, as text, or several edits that each make it:

    affine__bias_forgotten = Edit("The bias is missing.", "What is added to x Wᵀ?", {" + b": ""})

A mistake that is made in several ways has a definition for each; after the first they are named
`<task>__<mistake>__<way>` and need no docstring.
"""

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from grader.course.catalogue import Stage, source_of
from grader.course.finding import CourseError
from grader.course.location import MISTAKES

END = "### END SOLUTION"
Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Mistake:
    """A mistake that people make in a task.

    name: as results hold it; says: what was done, in a plain sentence; look: what to look at, which is never the
    line that solves the task; ways: the stage's solution with the mistake in it, for each way in which it is made.
    """

    task: str
    name: str
    says: str
    look: str
    ways: tuple[str, ...]


class Edit:
    """A mistake that is a change of the solution's text: what stands there, and what stands there instead.

    changes: each a way to make it, of texts within the task's definition and their replacements.
    """

    def __init__(self, says: str, look: str, *changes: dict[str, str]) -> None:
        self.says = says
        self.look = look
        self.changes = changes


@cache
def mistakes_of(stage: Stage, folder: Path = MISTAKES) -> tuple[Mistake, ...]:
    """The mistakes that the course knows of a stage. Raises CourseError where their file cannot be understood."""
    path = folder / stage.file
    return mistakes_in(stage, path.read_text(encoding="utf-8"), path.name) if path.is_file() else ()


@cache
def mistakes_in(stage: Stage, text: str, name: str = "mistakes") -> tuple[Mistake, ...]:
    """A stage's mistakes, in the order of a text. Raises CourseError where it cannot be understood."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise CourseError(f"{name}, line {error.lineno}: {error.msg}") from None
    found: dict[tuple[str, str], Mistake] = {}
    file = _File(stage, name, text, tree)
    for node in tree.body:
        for mistake in file.read(node):
            key = mistake.task, mistake.name
            known = found.get(key)
            found[key] = replace(known, ways=(*known.ways, *mistake.ways)) if known else mistake
    return tuple(found.values())


@dataclass(frozen=True)
class _File:
    """A file of mistakes."""

    stage: Stage
    name: str
    text: str
    tree: ast.Module

    def read(self, node: ast.stmt) -> Iterator[Mistake]:
        """The mistake that a statement holds, if it holds one."""
        if isinstance(node, Definition) and is_mistake(node.name):
            task, name, way = self._parted(node.name, node.lineno)
            says, _, look = (ast.get_docstring(node) or "").partition("\n\n")
            if not way and not says:
                raise self._error(node.lineno, f"{node.name} needs a docstring: what was done")
            yield Mistake(task, name, _one_line(says), _one_line(look), (self._with_definition(node, task),))
        elif any(map(is_mistake, names := bound_by(node))):
            task, name, _ = self._parted(names[0], node.lineno)
            try:
                edit = Edit(*(ast.literal_eval(argument) for argument in node.value.args))  # type: ignore[attr-defined]
                ways = tuple(self._edited(task, change, node.lineno) for change in edit.changes)
            except (AttributeError, TypeError, ValueError):
                raise self._error(node.lineno, f"{names[0]} is no Edit(says, look, {{old: new}}, …)") from None
            yield Mistake(task, name, edit.says, edit.look, ways)

    def _parted(self, name: str, line: int) -> tuple[str, str, str]:
        task, _, rest = name.partition("__")
        mistake, _, way = rest.partition("__")
        if task not in self.stage.tasks or not mistake:
            tasks = ", ".join(self.stage.tasks)
            raise self._error(line, f"{name} is not named <task>__<mistake>, with one of the tasks {tasks}")
        return task, mistake, way

    def _error(self, line: int, what: str) -> CourseError:
        return CourseError(f"{self.name}, line {line}: {what}")

    def _edited(self, task: str, change: dict[str, str], line: int) -> str:
        """The solution with texts of the task's definition replaced."""
        source = source_of(self.stage.name)
        first, end = _place(source, task)
        lines = source.splitlines(keepends=True)
        definition = "".join(lines[first:end])
        for old, new in change.items():
            if old not in definition:
                raise self._error(line, f"the solution's {task} holds no {old!r}")
            definition = definition.replace(old, new)
        return "".join([*lines[:first], definition, *lines[end:]])

    def _with_definition(self, node: Definition, task: str) -> str:
        """The solution with the task's definition replaced by this one, and what that uses before it."""
        lines, source = self.text.splitlines(), source_of(self.stage.name)
        helpers = used_by(node, self.tree)
        written = [re.sub(rf"\b{node.name}\b", task, line) for line in lines_of(node, lines)]
        needed = [line for helper in helpers for line in [*lines_of(helper, lines), "", ""]]
        first, end = _place(source, task)
        whole = source.splitlines()
        whole[first:end] = [*needed, *written]
        at = min(n.lineno for n in ast.parse(source).body if isinstance(n, ast.Import | ast.ImportFrom)) - 1
        whole[at:at] = imports_for([node, *helpers], self.text, self.stage)
        return "\n".join(whole) + "\n"


def is_mistake(name: str) -> bool:
    """Whether a definition of this name is a mistake's: `<task>__<mistake>`."""
    return "__" in name.strip("_")


def bound_by(node: ast.stmt) -> list[str]:
    """The names that a definition or an assignment gives something, also one that is tried."""
    if isinstance(node, Definition):
        return [node.name]
    if isinstance(node, ast.Try):
        return [name for tried in node.body for name in bound_by(tried)]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def used_by(node: Definition, tree: ast.Module, but: Callable[[str], bool] = is_mistake) -> list[ast.stmt]:
    """A module's other definitions and constants that one uses, directly or through another, in their order.

    but: which of them are left out, by their names.
    """
    own: dict[str, ast.stmt] = {}
    for other in tree.body:
        own |= {name: other for name in bound_by(other) if not but(name)}
    wanted: list[ast.stmt] = [node]
    found: list[ast.stmt] = []
    while wanted:
        for name in _names_in(wanted.pop()):
            if name in own and own[name] is not node and own[name] not in found:
                found.append(own[name])
                wanted.append(own[name])
    return sorted(found, key=lambda helper: helper.lineno)


def imports_for(nodes: Iterable[ast.stmt], text: str, stage: Stage) -> list[str]:
    """A module's imports of names that these use and the stage's solution lacks, one a line."""
    used = {name for node in nodes for name in _names_in(node)}
    known = {bound for _, bound in _imported(source_of(stage.name))} | {*stage.tasks}
    return [statement for statement, bound in _imported(text) if bound in used - known]


def _names_in(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}


def lines_of(node: ast.stmt, lines: list[str]) -> list[str]:
    """The lines of a definition, with its decorators."""
    return lines[first_line(node) - 1 : node.end_lineno]


def first_line(node: ast.stmt) -> int:
    """The line on which a statement begins, with its decorators, from 1."""
    lines: list[int] = [decorator.lineno for decorator in getattr(node, "decorator_list", [])]
    return min([node.lineno, *lines])


@cache
def _place(source: str, task: str) -> tuple[int, int]:
    """The lines of a task's definition, from 0, with the comment that ends its region, and the one after."""
    [node] = [n for n in ast.parse(source).body if isinstance(n, Definition) and n.name == task]
    end = node.end_lineno or node.lineno
    end += source.splitlines()[end].strip() == END
    return first_line(node) - 1, end


@cache
def _imported(text: str) -> tuple[tuple[str, str], ...]:
    """For each name that a module imports a statement that imports it alone, and the name."""
    found = []
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                bound = alias.asname or alias.name.partition(".")[0]
                found.append((ast.unparse(ast.Import([alias])), bound))
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                statement = ast.unparse(ast.ImportFrom(node.module, [alias], node.level))
                found.append((statement, alias.asname or alias.name))
    return tuple(found)


def _one_line(text: str) -> str:
    return " ".join(text.split())
