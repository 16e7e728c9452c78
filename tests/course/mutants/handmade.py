"""Hand-made mutants: for each named mistake of a task, the task as one who makes that mistake writes it.

`by_hand/<stage>.py` holds definitions named `<task>__<mistake>`. A mutant is the stage's solution with the
definition of the task replaced by this one, under the task's name. What the file imports is added where the
definition uses it and the solution does not have it; imports of the stage itself are for the linter alone.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from grader.course.catalogue import Stage
from mutants.systematic import END, solution

BY_HAND = Path(__file__).parent / "by_hand"
Definition = ast.FunctionDef | ast.ClassDef


@dataclass(frozen=True)
class HandMade:
    """A stage's solution with one mistake in one of its tasks."""

    stage: str
    task: str
    mistake: str
    source: str

    @property
    def id(self) -> str:
        """stage:task:mistake."""
        return f"{self.stage}:{self.task}:{self.mistake}"


def hand_made(stage: Stage, folder: Path = BY_HAND) -> list[HandMade]:
    """A stage's hand-made mutants. Raises ValueError where the file holds what is none."""
    path = folder / stage.file
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    made = [_made(stage, node, text, f"{path.name}, line {node.lineno}") for node in _definitions(text, path)]
    ids = [mutant.id for mutant in made]
    again = sorted({name for name in ids if ids.count(name) > 1})
    if again:
        raise ValueError(f"{path.name} defines twice: {', '.join(again)}")
    return made


def _definitions(text: str, path: Path) -> Iterator[Definition]:
    """The top-level definitions. Raises ValueError for anything else but imports and a docstring."""
    for node in ast.parse(text).body:
        if isinstance(node, Definition):
            yield node
        elif not isinstance(node, ast.Import | ast.ImportFrom | ast.Expr):
            raise ValueError(
                f"{path.name}, line {node.lineno}: only imports and definitions named <task>__<mistake> may stand "
                "here; put what a definition needs into it"
            )


def _made(stage: Stage, node: Definition, text: str, place: str) -> HandMade:
    task, parted, mistake = node.name.partition("__")
    if not parted or task not in stage.tasks or not mistake:
        tasks = ", ".join(stage.tasks)
        raise ValueError(f"{place}: {node.name} is not named <task>__<mistake>, with one of the tasks {tasks}")
    lines = text.splitlines()[_first_line(node) - 1 : node.end_lineno]
    written = [re.sub(rf"\b{node.name}\b", task, line) for line in lines]
    return HandMade(
        stage.name, task, mistake, _replaced(solution(stage), task, written, _imports(stage, node, text))
    )


def _replaced(source: str, task: str, written: list[str], imports: list[str]) -> str:
    """A solution with the definition of a task replaced, and imports added before its own."""
    tree, lines = _parsed(source), source.splitlines()
    [old] = [node for node in tree.body if isinstance(node, Definition) and node.name == task]
    end = old.end_lineno or old.lineno
    end += lines[end].strip() == END  # a comment, which no syntax tree holds
    lines[_first_line(old) - 1 : end] = written
    first = next(node.lineno for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom))
    lines[first - 1 : first - 1] = imports
    return "\n".join(lines) + "\n"


def _imports(stage: Stage, node: Definition, text: str) -> list[str]:
    """The file's imports of names that the definition uses and the solution lacks."""
    used = {name.id for name in ast.walk(node) if isinstance(name, ast.Name)}
    known = {bound for _, bound in _imported(solution(stage))} | set(stage.tasks)
    return [statement for statement, bound in _imported(text) if bound in used - known]


@cache
def _imported(text: str) -> tuple[tuple[str, str], ...]:
    """For each name that a module imports a statement that imports it alone, and the name."""
    return tuple(_statements(text))


def _statements(text: str) -> Iterator[tuple[str, str]]:
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield ast.unparse(ast.Import([alias])), alias.asname or alias.name.partition(".")[0]
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield ast.unparse(ast.ImportFrom(node.module, [alias], node.level)), alias.asname or alias.name


@cache
def _parsed(source: str) -> ast.Module:
    return ast.parse(source)


def _first_line(node: Definition) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
