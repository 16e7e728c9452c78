"""Makes the modules of a submission fit for one notebook: one namespace, and no modules but the given ones.

What a stage imports of one in the same notebook is there already; what it imports of a learner's own from a stage
of another notebook comes along; and a name that means two things in one notebook is changed in one of the modules.
"""

import ast
from collections.abc import Iterable, Mapping

from grader.catalogue import SOLUTIONS, STAGES, Notebook, Stage
from grader.cells.parsing import Parsed, parse
from grader.cells.pool import Cell, Pool
from grader.cells.slices import Slice
from grader.cells.statements import Statement
from grader.conversion.borrowing import imported
from grader.conversion.renaming import renamed
from grader.conversion.rewriting import Part, Rewriter
from grader.notebooks.layout import header

MOST = 1000
"""Statements of a module at the most; the longest of the solutions has a fiftieth."""


def parts_of(which: Notebook, sources: Mapping[str, str]) -> list[Part]:
    """Each stage that the notebook needs something of, in order; those of other notebooks with that alone.

    sources: each stage's module by the stage's name. A module that cannot be parsed, or is too long, is left out.
    """
    modules = {stage: parse(sources[stage.name]) for stage in STAGES if stage.name in sources}
    modules = {s: parsed for s, parsed in modules.items() if not parsed.error and len(parsed.statements) <= MOST}
    wanted = _wanted(which, modules)
    names = _Names(which, modules.values())
    parts: list[Part] = []
    for stage in STAGES[: which.stages[-1].number]:
        if stage not in modules or (stage not in which.stages and not wanted[stage]):
            continue
        kept = [s for s in modules[stage].statements if not _is_given(s, stage)]
        if stage not in which.stages:
            kept = _needed(stage, modules[stage], wanted[stage])
        rewriter = Rewriter(which, stage, kept, modules, {part.stage: part for part in parts})
        text = "\n\n".join(rewriter.texts())
        parsed = parse(text)
        lasting = [s for s in parsed.statements if not is_script(s)]
        own = names.take(stage, lasting, stage in which.stages)
        new = {name: other for name, other in own.items() if name != other} | rewriter.elsewhere
        if new:
            parsed = parse("\n\n".join(renamed(statement, new) for statement in parsed.statements))
        parts.append(Part(stage, parsed, own))
    return parts


def _wanted(which: Notebook, modules: Mapping[Stage, Parsed]) -> dict[Stage, set[str]]:
    """Of each stage, the learner's own names that later ones in the notebook, or what they need, import."""
    wanted: dict[Stage, set[str]] = {stage: set() for stage in STAGES}
    for stage in reversed(STAGES[: which.stages[-1].number]):
        if stage not in modules:
            continue
        kept = modules[stage].statements
        if stage not in which.stages:
            kept = _needed(stage, modules[stage], wanted[stage])
        for other, names in imported(stage, kept, modules):
            if other in modules:
                wanted[other] |= set(names) - set(other.tasks)
    return wanted


def _needed(stage: Stage, parsed: Parsed, names: Iterable[str]) -> list[Statement]:
    """The statements that names of a module need, without its tasks, which are there as given."""
    cell = Cell(1, "", parsed, 0, len(parsed.statements))
    pool = Pool([cell], {}, [{"stage": stage.name, "header": "", "cells": dict.fromkeys(sorted(names), "")}])
    tasks = set(stage.tasks)
    kept = set(Slice(pool, 0, without=tasks).kept)
    return [parsed.statements[index] for index in sorted(kept)]


class _Names:
    """The notebook's namespace: what each name in it means."""

    def __init__(self, which: Notebook, modules: Iterable[Parsed]) -> None:
        self._meanings = {
            name: _meaning([statement], name)
            for stage in which.stages
            for statement in parse(header(which, stage)).statements
            for name in statement.binds
        }
        self._tasks = {task: stage for stage in which.stages for task in stage.tasks}
        texts = " ".join(statement.text for parsed in modules for statement in parsed.statements)
        self._texts = texts

    def take(self, stage: Stage, statements: list[Statement], inside: bool) -> dict[str, str]:
        """What each name that a stage's statements bind is called in the notebook."""
        own = {}
        for name in sorted({name for statement in statements for name in statement.binds} - {"*"}):
            meaning = _meaning(statements, name)
            is_task = inside and name in stage.tasks
            taken = self._tasks.get(name, stage) != stage or self._meanings.get(name, meaning) != meaning
            own[name] = f"{name}_of_{stage.name.partition('_')[0]}" if taken and not is_task else name
            while own[name] != name and own[name] in self._texts:
                own[name] += "_"
            self._meanings[own[name]] = meaning
        return own


def _meaning(statements: Iterable[Statement], name: str) -> str:
    """What statements make of a name, so that two meanings are the same exactly when their texts are."""
    told = []
    for statement in statements:
        node = statement.node
        if name in statement.binds and isinstance(node, ast.Import | ast.ImportFrom):
            module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            told += [
                f"{module}{a.name}" for a in node.names if name in (a.asname or a.name.partition(".")[0], "*")
            ]
        elif name in statement.binds:
            told.append(ast.dump(node))
    return "\n".join(dict.fromkeys(told))


def is_script(statement: Statement) -> bool:
    """Whether it is what a module does as a script."""
    test = statement.node.test if isinstance(statement.node, ast.If) else None
    return test is not None and any(isinstance(n, ast.Name) and n.id == "__name__" for n in ast.walk(test))


def _is_given(statement: Statement, stage: Stage) -> bool:
    """Whether it stands in the stage's stub as well, outside the tasks: its page at the top, and its script."""
    if not is_script(statement) and not _is_page(statement):
        return False
    body = ast.parse((SOLUTIONS / stage.file).read_text(encoding="utf-8")).body
    return any(ast.dump(statement.node) == ast.dump(node) for node in body)


def _is_page(statement: Statement) -> bool:
    return isinstance(statement.node, ast.Expr) and isinstance(statement.node.value, ast.Constant)
