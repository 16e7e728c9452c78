"""Puts a learner's notebook cells together as the modules of its stages: of each no more than its tasks need.

The untrusted side of the wire: imports nothing of the trusted side, runs nothing of what it reads, and gives
plain data. Marking a notebook and checking a task in it both go through here, so that they see the same modules.

A stage's module has what a kernel would have that ran the cells from top to bottom, but for this: a task is what
its own cell makes it, whatever is tried elsewhere; tasks of earlier stages are imported; what no task needs is
left out; and a cell or a statement that fails costs only what needs it.
"""

import warnings
from dataclasses import replace
from typing import Any

from grader.inside.cells.combined import CHECK, combined
from grader.inside.cells.dependencies import Slice
from grader.inside.cells.modules import Module
from grader.inside.cells.parsing import Parsed, parse
from grader.inside.cells.pool import Cell, Checks, Pool
from grader.inside.cells.shell import OF_THE_SHELL, SHELL

Reply = dict[str, dict[str, Any]]


def sources_of(notebook: dict[str, Any]) -> Reply:
    """The module of each stage of a notebook.

    notebook: {"cells": [[number, id, source], …], code cells in their order, with the number by which each is told
    and the id "" where it is not known, "given": [ids of the kit's own cells], "stages": [{"stage": name,
    "header": source of its imports, "cells": {task: id of its cell}}, …], "others": stages of the course's other
    notebooks, told without headers, of which this one may hold cells too}.
    Returns {stage: {"source": …, "places": [[line, cell, line of the cell], …], "notes": [sentence, …]}}: from
    which line of the source on the text is of which cell and line, with the cell "" for the kit's own text.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what a learner wrote; it is told when it runs
        cells, checks = _cells(notebook)
        pool = Pool(cells, checks, notebook["stages"])
        return {stage["stage"]: _module(pool, number) for number, stage in enumerate(notebook["stages"])}


def _cells(notebook: dict[str, Any]) -> tuple[list[Cell], Checks]:
    """The cells that may hold the learner's code, and before which statement each task's check comes."""
    given, count = set(notebook["given"]), 0
    headers = [parse(stage["header"]).statements for stage in notebook["stages"]]
    imported = frozenset(name for statements in headers for s in statements for name in s.binds)
    read = [Parsed() if id in given else parse(source, imported) for _, id, source in notebook["cells"]]
    bound = {name for parsed in read if not parsed.error for s in parsed.statements for name in s.binds}
    bound |= {task for stage in notebook["stages"] for task in stage["cells"]}
    cells: list[Cell] = []
    checks: Checks = {}
    official: Checks = {}
    binds = [{name for s in parsed.statements for name in s.binds} | parsed.names for parsed in read]
    defined = [{name for s in parsed.statements if not s.is_import for name in s.binds} for parsed in read]
    whose = combined(notebook, defined)
    for place, ((number, id, source), parsed) in enumerate(zip(notebook["cells"], read, strict=True)):
        for stage, task in CHECK.findall(source):
            (official if id in given else checks)[stage, task] = count
        if id not in given:
            kept = _salvaged(parsed, bound) if parsed.error else parsed
            others = frozenset(name for name in binds[place] if whose.hides(place, name))
            cells.append(Cell(number, id, kept, count, count + len(kept.statements), source, others))
            count += len(kept.statements)
    return cells, checks | official


def _salvaged(parsed: Parsed, bound: set[str]) -> Parsed:
    """A broken cell with what nothing else binds: it costs its own task, not those that use its helpers."""
    return replace(parsed, statements=[s for s in parsed.statements if s.binds and not s.binds & bound])


def _module(pool: Pool, number: int) -> dict[str, Any]:
    """One stage's module, put together."""
    stage = pool.stages[number]
    needed = Slice(pool, number)
    labels = pool.labels
    uses = [pool.statements[index].uses for index in needed.kept]
    used = {name for found in uses for name in found.now | found.later}
    shell = SHELL if used & set(OF_THE_SHELL) else ""
    module = Module(stage["header"] + shell)
    for name, cell in needed.broken.items():
        label = labels.get(cell.number, f"cell {cell.number}")
        module.put_broken(name, f"{label}, line {cell.parsed.line}: {cell.parsed.error}")
    for index in sorted(needed.kept):
        cell = pool.homes[index]
        if index in needed.settled:
            module.settle(needed.settled[index])
        module.put(pool.statements[index], labels.get(cell.number, f"cell {cell.number}"))
    return {"source": module.source(), "places": module.places(), "notes": needed.chosen.notes}
