"""Systematic mutants: each one small change within a solution region, in an order that is always the same."""

import ast
import difflib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice

from grader.course.catalogue import Stage
from grader.course.location import SOLUTIONS
from mutants.expressions import EXPRESSIONS
from mutants.scopes import modules_of, scope_of
from mutants.statements import STATEMENTS, Change
from mutants.tokens import TOKENS

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


@dataclass(frozen=True)
class Mutant:
    """A module that differs from the solution in one place.

    id: stage:task:operator: the lines put in, a number where another puts in the same; line: where it begins to
    differ.
    """

    id: str
    stage: str
    task: str
    operator: str
    line: int
    source: str
    original: str

    @property
    def diff(self) -> str:
        """The lines taken away and the lines put in their place."""
        return "\n".join(f"{sign} {line}" for sign, line in self._changed())

    @property
    def changed(self) -> str:
        """The lines put in, on one line."""
        return " ⏎ ".join(line for sign, line in self._changed() if sign == "+")

    def _changed(self) -> Iterator[tuple[str, str]]:
        lines = difflib.unified_diff(self.original.splitlines(), self.source.splitlines(), n=0)
        return ((line[0], line[1:].strip()) for line in islice(lines, 2, None) if line[0] in "-+")


def solution(stage: Stage) -> str:
    """A stage's solution."""
    return (SOLUTIONS / stage.file).read_text(encoding="utf-8")


def mutants(stage: Stage, source: str | None = None) -> list[Mutant]:
    """All systematic mutants of a stage's solution, no two of them the same program."""
    source = solution(stage) if source is None else source
    tree = ast.parse(source)
    modules = list(modules_of(tree))
    tasks = [node for node in tree.body if getattr(node, "name", None) in stage.tasks]
    return [mutant for task in tasks for mutant in _mutants_of_task(stage, task, source, modules)]


def _mutants_of_task(stage: Stage, task: ast.stmt, source: str, modules: list[str]) -> Iterator[Mutant]:
    """The mutants of one definition, which is parsed by itself since each of them has to be."""
    lines = source.splitlines(keepends=True)
    before, after = "".join(lines[: task.lineno - 1]), "".join(lines[task.end_lineno :])
    piece = "".join(lines[task.lineno - 1 : task.end_lineno])
    name = getattr(task, "name", "")
    seen, numbers = {_program(piece)}, Counter[str]()
    for operator, change in _changes(piece, modules):
        made = _applied(piece, change)
        program = _program(made)
        if program is None or program in seen:
            continue
        seen.add(program)
        line = next(n for n, (one, other) in enumerate(_pairs(piece, made), task.lineno) if one != other)
        mutant = Mutant("", stage.name, name, operator, line, before + made + after, source)
        identity = f"{stage.name}:{name}:{operator}: {mutant.changed}"
        numbers[identity] += 1
        again = f" ({numbers[identity]})" if numbers[identity] > 1 else ""
        yield replace(mutant, id=identity + again)


def _regions(source: str) -> set[int]:
    """The numbers of the lines within solution regions."""
    found, inside = set(), False
    for number, line in enumerate(source.splitlines(), 1):
        inside = (inside or BEGIN in line) and END not in line
        if inside:
            found.add(number)
    return found


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """A node and all within it from top to bottom, but for annotations, which nothing runs."""
    yield node
    for field, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and field not in ("annotation", "returns"):
                yield from _in_order(child)


def _changes(source: str, modules: list[str]) -> Iterator[tuple[str, Change]]:
    """What the operators make of the solution regions of a definition, operator after operator."""
    tree, regions = ast.parse(source), _regions(source)
    scope = scope_of(tree, modules)
    nodes = [node for node in _in_order(tree) if getattr(node, "lineno", 0) in regions]
    for name, operator in EXPRESSIONS.items():
        for node in nodes:
            where = node.value if isinstance(node, ast.Return) else node
            for made in operator(node, scope):
                assert where is not None
                yield name, _in_place(where, made, source)
    for name, whole in STATEMENTS.items():
        for statement in (node for node in nodes if isinstance(node, ast.stmt)):
            yield from ((name, change) for change in whole(statement, scope, source))
    for name, slip in TOKENS.items():
        for node in nodes:
            yield from ((name, change) for change in slip(node, scope, source))


def _in_place(node: ast.AST, made: ast.expr, source: str) -> Change:
    """The new expression's text, in parentheses where it would else mean something different."""
    plain = Change(node, node, ast.unparse(made))
    if isinstance(made, ast.Name | ast.Call | ast.Attribute | ast.Subscript):  # binds closer than anything around
        return plain
    wrapped = Change(node, node, f"({plain.text})")
    with_parentheses, without = (_program(_applied(source, change)) for change in (wrapped, plain))
    return plain if without is not None and with_parentheses in (without, None) else wrapped


def _applied(source: str, change: Change) -> str:
    """The source with a change made. Positions in a syntax tree count bytes."""
    lines = [line.encode() for line in source.splitlines(keepends=True)]
    first, last = change.first, change.last
    starts = [sum(map(len, lines[: number - 1])) for number in (first.lineno, last.end_lineno)]  # type: ignore[attr-defined]
    start = starts[0] + first.col_offset - change.around  # type: ignore[attr-defined]
    end = starts[1] + last.end_col_offset + change.around  # type: ignore[attr-defined]
    whole = b"".join(lines)
    replaced = whole[start : start + change.around] + whole[end - change.around : end]
    if change.around and replaced != b"()":
        return source
    return (whole[:start] + change.text.encode() + whole[end:]).decode()


def _program(source: str) -> str | None:
    """What a source means; None where it does not parse.

    A `strict=` says nothing: what the solutions go through together is of one length.
    """
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return None
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        call.keywords = [keyword for keyword in call.keywords if keyword.arg != "strict"]
    return ast.dump(tree)


def _pairs(one: str, other: str) -> Iterator[tuple[str, str]]:
    return zip([*one.splitlines(), ""], [*other.splitlines(), ""], strict=False)
