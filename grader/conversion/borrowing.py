"""What one stage's module takes from another one, or from a library by `import *`."""

import ast
import importlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from grader.catalogue import GIVEN, SOLUTIONS, STAGES, Stage
from grader.cells.parsing import Parsed, parse
from grader.cells.statements import Statement

LIBRARIES = ("numpy", "torch", "math", "typing", "collections", "functools", "itertools", "dataclasses")
"""Libraries that may be asked which names `import *` brings."""


def uses_of(statements: Iterable[Statement]) -> set[str]:
    """Every top-level name that the statements use, now or later."""
    return {name for statement in statements for name in (*statement.uses.now, *statement.uses.later)}


def imported(
    by: Stage, statements: list[Statement], modules: Mapping[Stage, Parsed]
) -> Iterator[tuple[Stage, list[str]]]:
    """Names that a stage's statements take from each earlier stage's module."""
    for statement in statements:
        node = statement.node
        if isinstance(node, ast.ImportFrom) and (stage := stage_named(node.module, by)):
            if statement.is_star:
                yield stage, star(stage, statements, modules)
            else:
                yield stage, [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if stage := stage_named(alias.name, by):
                    yield stage, attributes(alias.asname or alias.name, stage, statements, modules)


def attributes(
    name: str, stage: Stage, statements: Iterable[Statement], modules: Mapping[Stage, Parsed]
) -> list[str]:
    """What the statements use of a module that is known by a name; all that it has where that cannot be told."""
    found: dict[str, None] = {}
    alone = False
    for statement in statements:
        of_module = set()
        for node in ast.walk(statement.node):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == name:
                found[node.attr] = None
                of_module.add(node.value)
        loads = [n for n in ast.walk(statement.node) if isinstance(n, ast.Name) and n.id == name]
        alone = alone or any(load not in of_module for load in loads)
    has = [*stage.tasks, *_names_in(stage, modules)]
    return list(dict.fromkeys(has)) if alone else [attribute for attribute in found if attribute in has]


def _names_in(stage: Stage, modules: Mapping[Stage, Parsed]) -> list[str]:
    statements = modules[stage].statements if stage in modules else []
    return [name for statement in statements for name in sorted(statement.binds) if name != "*"]


def star(stage: Stage, statements: Iterable[Statement], modules: Mapping[Stage, Parsed]) -> list[str]:
    """What `from stage import *` brings that is used; stars of its own included."""
    used = uses_of(statements) & _public(stage, uses_of(statements), modules)
    found = {name: None for name in (*stage.tasks, *_names_in(stage, modules)) if name in used}
    for statement in modules[stage].statements if stage in modules else []:
        if statement.is_star and isinstance(statement.node, ast.ImportFrom):
            inner = stage_named(statement.node.module, stage)
            names = star(inner, _using(used), modules) if inner else brought(statement.node.module, used)
            found |= dict.fromkeys(names or [])
    return list(found)


def _public(stage: Stage, used: set[str], modules: Mapping[Stage, Parsed]) -> set[str]:
    """Which of the names used a stage lets a star bring: those in its `__all__`, else without underscore."""
    for statement in modules[stage].statements if stage in modules else []:
        if "__all__" in statement.binds:
            listed = {node.value for node in ast.walk(statement.node) if isinstance(node, ast.Constant)}
            return {name for name in used if name in listed or name in stage.tasks}
    return {name for name in used if not name.startswith("_")}


def _using(names: set[str]) -> list[Statement]:
    return parse("\n".join(sorted(names))).statements


def brought(module: str | None, used: set[str]) -> list[str] | None:
    """Which of the names used a star brings from a library; None where that cannot be told."""
    if module == GIVEN:
        return sorted(used & {name for statement in _given().statements for name in statement.binds})
    if not module or module.partition(".")[0] not in LIBRARIES:
        return None
    try:
        library = importlib.import_module(module)
    except ImportError:
        return None
    public = getattr(library, "__all__", [name for name in vars(library) if not name.startswith("_")])
    return sorted(used & set(public))


def import_lines(module: str, names: Iterable[str]) -> Iterator[str]:
    """Import statements for names of a library; what the given module has itself imported comes from there."""
    plain = []
    for name in names:
        homes = [s.text for s in _given().statements if module == GIVEN and name in s.binds and _is_import(s)]
        if homes:
            yield homes[0]
        else:
            plain.append(name)
    if plain:
        yield f"from {module} import {', '.join(plain)}"


@cache
def _given() -> Parsed:
    return parse((SOLUTIONS / f"{GIVEN}.py").read_text(encoding="utf-8"))


def _is_import(statement: Statement) -> bool:
    return isinstance(statement.node, ast.Import | ast.ImportFrom)


def stage_named(module: str | None, before: Stage) -> Stage | None:
    """The stage whose module has this name, if it comes before another one."""
    return next((stage for stage in STAGES[: before.number - 1] if stage.name == module), None)
