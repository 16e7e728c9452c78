"""Makes a learner's notebook from their modules, and the reverse."""

import ast
from collections.abc import Iterable, Mapping

from nbformat import NotebookNode
from nbformat.v4 import new_code_cell

from grader.catalogue import Notebook, Stage, check_cell, task_cell
from grader.cells.parsing import Parsed
from grader.cells.pool import Cell as CodeCell
from grader.cells.pool import Pool
from grader.cells.slices import Slice
from grader.cells.sources import pool_of
from grader.cells.statements import Statement
from grader.conversion.borrowing import uses_of
from grader.conversion.modular import is_script, parts_of
from grader.conversion.rewriting import Part
from grader.extraction import reading
from grader.intake.notebook_files import Cell
from grader.notebooks.assembly import notebook
from grader.notebooks.layout import header


def notebook_of(which: Notebook, sources: Mapping[str, str]) -> NotebookNode:
    """A learner's notebook with the code of their modules: each task in its cell, with what it needs above it.

    sources: each stage's module by the stage's name; a stage that is missing stays as it is released. What a stage
    needs of the learner's own from a stage of another notebook stands in a cell before the first task. A module
    that cannot be taken apart stands whole in the cell of its first task.
    """
    try:
        parts = {part.stage: part for part in parts_of(which, sources)}
        texts = {stage: _texts(which, part) for stage, part in parts.items() if stage in which.stages}
    except (RecursionError, MemoryError):  # nested as nobody writes it, though it could be parsed
        parts, texts = {}, {}
    made = notebook(which)
    for stage, part in parts.items():
        if stage not in which.stages:
            _insert(made, f"{which.stages[0].name}-imports", f"{stage.name}-own", _joined(part.parsed.statements))
    for stage in which.stages:
        if stage in texts:
            _put(made, stage, texts[stage])
            _put_script(made, parts[stage])
        elif stage.name in sources:
            elsewhere = f"# {stage.file} stands whole in the cell of {stage.tasks[0]}"
            _put(
                made, stage, dict.fromkeys(stage.tasks, elsewhere) | {stage.tasks[0]: sources[stage.name].rstrip()}
            )
    return made


def modules_of(which: Notebook, cells: Iterable[Cell]) -> dict[str, str]:
    """The modules of a notebook's stages, by the stage's name: what their tasks need, with no guard around it."""
    pool = pool_of(reading(which, cells))
    return {stage.name: _module(pool, number, which, stage) for number, stage in enumerate(which.stages)}


def _module(pool: Pool, number: int, which: Notebook, stage: Stage) -> str:
    needed = Slice(pool, number)
    kept = [pool.statements[index] for index in sorted(needed.kept)]
    futures = [statement.text for statement in kept if statement.is_future]
    kept = [statement for statement in kept if not statement.is_future]
    used = uses_of(kept) - {name for statement in kept if not statement.may_fail for name in statement.binds}
    imports = "\n".join(_trimmed(header(which, stage), used))
    title = f'"""Stage {stage.number}: {stage.title}, from {which.file}."""'
    parts = [title, "\n".join(dict.fromkeys(futures)), imports, _joined(kept)]
    for name, cell in needed.broken.items():
        message = (
            f"{pool.labels.get(cell.number, f'cell {cell.number}')}, line {cell.parsed.line}: {cell.parsed.error}"
        )
        comment = "\n".join(f"# {line}".rstrip() for line in cell.source.split("\n"))
        parts.append(f"\n{comment}\ndef {name}(*args, **kwargs):\n    raise SyntaxError({message!r})")
    return "\n\n".join(part for part in parts if part) + "\n"


def _trimmed(imports: str, used: set[str]) -> list[str]:
    """The import statements with the names that are used."""
    found = []
    for node in ast.parse(imports).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            node.names = [a for a in node.names if (a.asname or a.name.partition(".")[0]) in used]
            found += [ast.unparse(node)] if node.names else []
    return found


def _texts(which: Notebook, part: Part) -> dict[str, str]:
    """The text of each task's cell."""
    stage = part.stage
    statements = [statement for statement in part.parsed.statements if not is_script(statement)]
    slots = _slots(which, stage, statements)
    texts = {}
    for slot, task in enumerate(stage.tasks):
        held = [statement for statement, of in zip(statements, slots, strict=True) if of == slot]
        texts[task] = _joined(held)
        if not any(task in statement.binds for statement in held):
            home = next((of for s, of in zip(statements, slots, strict=True) if task in s.binds), None)
            where = "not defined" if home is None else f"defined in the cell of {stage.tasks[home]}"
            texts[task] = f"# {task} is {where}\n{texts[task]}".rstrip()
    return texts


def _put_script(made: NotebookNode, part: Part) -> None:
    """Put what a module does as a script behind the stage's last check."""
    scripts = [statement for statement in part.parsed.statements if is_script(statement)]
    if scripts:
        last = check_cell(part.stage, part.stage.tasks[-1])
        _insert(made, last, f"{part.stage.name}-script", _joined(scripts))


def _put(made: NotebookNode, stage: Stage, texts: Mapping[str, str]) -> None:
    for task, text in texts.items():
        next(cell for cell in made.cells if cell.id == task_cell(stage, task)).source = text


def _insert(made: NotebookNode, after: str, id: str, source: str) -> None:
    at = next(number for number, cell in enumerate(made.cells) if cell.id == after)
    while made.cells[at + 1].id.endswith("-own"):
        at += 1
    made.cells.insert(at + 1, new_code_cell(source, id=id))


def _slots(which: Notebook, stage: Stage, statements: list[Statement]) -> list[int]:
    """The cell of each statement, as its task's number: early enough for what uses it, not before what it uses.

    All in the first cell where a task's own cell would come too early for it.
    """
    cell = CodeCell(1, "", Parsed(statements), 0, len(statements), "")
    told = {"stage": stage.name, "header": header(which, stage), "cells": dict.fromkeys(stage.tasks, "")}
    whole = Slice(Pool([cell], {}, [told]), 0)
    fixed = {
        n: min(stage.tasks.index(t) for t in s.binds & set(stage.tasks))
        for n, s in enumerate(statements)
        if s.binds & set(stage.tasks)
    }
    slots = [_after(n, fixed) for n in range(len(statements))]
    for slot, task in reversed(list(enumerate(stage.tasks))):
        for n in Slice(Pool([cell], {}, [told | {"cells": {task: ""}}]), 0).kept:
            slots[n] = slot
    for n, slot in fixed.items():
        slots[n] = slot
    needs = [whole.before(n) | whole.same(n) for n in range(len(statements))]
    for n, before in enumerate(needs):
        if n not in fixed:
            slots[n] = max([slots[n], *(slots[other] for other in before if other < n)])
    in_order = all(slots[other] <= slots[n] for n, before in enumerate(needs) for other in before if other < n)
    return slots if in_order else [0] * len(statements)


def _after(number: int, fixed: Mapping[int, int]) -> int:
    """The cell of the task that a statement follows, for statements that no task needs."""
    return max((slot for n, slot in fixed.items() if n < number), default=0)


def _joined(statements: Iterable[Statement]) -> str:
    """The statements' texts, with two lines between definitions."""
    text = ""
    before = None
    for statement in statements:
        is_plain = not isinstance(statement.node, ast.FunctionDef | ast.ClassDef)
        gap = "\n" if before and is_plain else "\n\n\n"
        text += (gap if text else "") + statement.text
        before = is_plain
    return text
