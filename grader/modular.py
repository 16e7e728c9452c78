"""Makes the modules of a submission fit for one notebook: one namespace, and no modules but the given ones.

What a stage imports of one in the same notebook is there already; what it imports of a learner's own from a stage
of another notebook comes along; and a name that means two things in one notebook is changed in one of the modules.
"""

import ast
import importlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from grader.catalogue import GIVEN, SOLUTIONS, STAGES, Notebook, Stage
from grader.layout import header
from grader.parsing import Parsed, parse
from grader.pool import Cell, Pool
from grader.renaming import renamed
from grader.slices import Slice
from grader.statements import Statement

LIBRARIES = ("numpy", "torch", "math", "typing", "collections", "functools", "itertools", "dataclasses")
"""Libraries that may be asked which names `import *` brings."""
NAMESPACE = "SimpleNamespace"


@dataclass
class Part:
    """A stage's statements as they may stand in the notebook; own: what its names are called there."""

    stage: Stage
    parsed: Parsed
    own: dict[str, str]


def parts_of(which: Notebook, sources: Mapping[str, str]) -> list[Part]:
    """Each stage that the notebook needs something of, in order; those of other notebooks with that alone.

    sources: each stage's module by the stage's name. A module that cannot be parsed is left out.
    """
    modules = {stage: parse(sources[stage.name]) for stage in STAGES if stage.name in sources}
    modules = {stage: parsed for stage, parsed in modules.items() if not parsed.error}
    wanted = _wanted(which, modules)
    names = _Names(which, modules.values())
    parts: list[Part] = []
    for stage in STAGES[: which.stages[-1].number]:
        if stage not in modules or (stage not in which.stages and not wanted[stage]):
            continue
        kept = modules[stage].statements
        if stage not in which.stages:
            kept = _needed(stage, modules[stage], wanted[stage])
        rewriter = _Rewriter(which, stage, kept, modules, {part.stage: part for part in parts})
        text = "\n\n".join(rewriter.texts())
        parsed = parse(text)
        own = names.take(stage, parsed.statements, stage in which.stages)
        new = {name: other for name, other in own.items() if name != other} | rewriter.elsewhere
        if new:
            parsed = parse("\n\n".join(renamed(statement, new) for statement in parsed.statements))
        parts.append(Part(stage, parsed, own))
    return parts


def uses_of(statements: Iterable[Statement]) -> set[str]:
    """Every top-level name that the statements use, now or later."""
    return {name for statement in statements for name in (*statement.uses.now, *statement.uses.later)}


def _wanted(which: Notebook, modules: Mapping[Stage, Parsed]) -> dict[Stage, set[str]]:
    """Of each stage, the learner's own names that later ones in the notebook, or what they need, import."""
    wanted: dict[Stage, set[str]] = {stage: set() for stage in STAGES}
    for stage in reversed(STAGES[: which.stages[-1].number]):
        if stage not in modules:
            continue
        kept = modules[stage].statements
        if stage not in which.stages:
            kept = _needed(stage, modules[stage], wanted[stage])
        for other, names in _imported(kept, modules):
            if other.number < stage.number and other in modules:
                wanted[other] |= set(names) - set(other.tasks)
    return wanted


def _imported(statements: list[Statement], modules: Mapping[Stage, Parsed]) -> Iterator[tuple[Stage, list[str]]]:
    """Names that the statements take from each stage's module."""
    for statement in statements:
        node = statement.node
        if isinstance(node, ast.ImportFrom) and (stage := _stage_named(node.module)):
            if statement.is_star:
                yield stage, _star(stage, statements, modules)
            else:
                yield stage, [alias.name for alias in node.names]
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if stage := _stage_named(alias.name):
                    yield stage, _attributes(alias.asname or alias.name, stage, statements, modules)


def _attributes(
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


def _star(stage: Stage, statements: Iterable[Statement], modules: Mapping[Stage, Parsed]) -> list[str]:
    """What `from stage import *` brings that is used; stars of its own included."""
    used = uses_of(statements)
    found = {name: None for name in (*stage.tasks, *_names_in(stage, modules)) if name in used}
    for statement in modules[stage].statements if stage in modules else []:
        if statement.is_star and isinstance(statement.node, ast.ImportFrom):
            inner = _stage_named(statement.node.module)
            brought = _star(inner, _using(used), modules) if inner else _brought(statement.node.module, used)
            found |= dict.fromkeys(brought or [])
    return list(found)


def _using(names: set[str]) -> list[Statement]:
    return parse("\n".join(sorted(names))).statements


def _brought(module: str | None, used: set[str]) -> list[str] | None:
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


def _import_lines(module: str, names: Iterable[str]) -> Iterator[str]:
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


def _stage_named(module: str | None) -> Stage | None:
    return next((stage for stage in STAGES if stage.name == module), None)


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


class _Rewriter:
    """Writes a stage's statements anew where they import a stage."""

    def __init__(
        self,
        which: Notebook,
        stage: Stage,
        statements: list[Statement],
        modules: Mapping[Stage, Parsed],
        parts: Mapping[Stage, Part],
    ) -> None:
        self._which = which
        self._stage = stage
        self._statements = statements
        self._modules = modules
        self._parts = parts
        self.elsewhere: dict[str, str] = {}

    def texts(self) -> list[str]:
        """The statements' texts."""
        found = [text for statement in self._statements for text in self._texts(statement)]
        if self._stage not in self._which.stages:
            used = uses_of(self._statements) & set(self._stage.tasks)
            found[:0] = [f"from {self._stage.name} import {', '.join(sorted(used))}"] if used else []
        return found

    def _texts(self, statement: Statement) -> Iterator[str]:
        node = statement.node
        if isinstance(node, ast.Import) and any(_stage_named(alias.name) for alias in node.names):
            for alias in node.names:
                stage = _stage_named(alias.name)
                name = alias.asname or alias.name
                yield from self._module(name, stage) if stage else [ast.unparse(ast.Import([alias]))]
        elif isinstance(node, ast.ImportFrom) and (stage := _stage_named(node.module)):
            yield from self._names(statement, node, stage)
        elif isinstance(node, ast.ImportFrom) and statement.is_star:
            brought = _brought(node.module, uses_of(self._statements))
            if brought is None:
                yield statement.text
            else:
                yield from _import_lines(str(node.module), brought)
        else:
            yield statement.text

    def _names(self, statement: Statement, node: ast.ImportFrom, stage: Stage) -> Iterator[str]:
        if statement.is_star:
            names = [(name, name) for name in _star(stage, self._statements, self._modules)]
            bound = {name for other in self._statements if other is not statement for name in other.binds}
            names = [(name, other) for name, other in names if name not in bound]
        else:
            names = [(alias.name, alias.asname or alias.name) for alias in node.names]
        lacking: dict[str, list[str]] = {}
        for name, as_name in names:
            library = self._library(stage, name) if self._there(stage, name) is None else None
            if library and name not in stage.tasks and name == as_name:
                lacking.setdefault(library, []).append(name)
            else:
                yield from self._name(stage, name, as_name)
        for library, found in lacking.items():
            yield from _import_lines(library, found)

    def _name(self, stage: Stage, name: str, as_name: str) -> Iterator[str]:
        if name in stage.tasks and stage not in self._which.stages:
            yield ast.unparse(
                ast.ImportFrom(stage.name, [ast.alias(name, as_name if as_name != name else None)], 0)
            )
            return
        there = name if name in stage.tasks else self._there(stage, name)
        if there is None:
            module = self._library(stage, name) or stage.name
            yield ast.unparse(ast.ImportFrom(module, [ast.alias(name, as_name if as_name != name else None)], 0))
        elif there != as_name:
            rebound = sum(as_name in statement.binds for statement in self._statements) > 1
            if as_name == name and not rebound:
                self.elsewhere[as_name] = there
            else:
                yield f"{as_name} = {there}"

    def _there(self, stage: Stage, name: str) -> str | None:
        """What another stage's own name is called in the notebook, whatever stage it came to that one from."""
        part = self._parts.get(stage)
        if part and name in part.own:
            return part.own[name]
        for statement in self._modules[stage].statements if stage in self._modules else []:
            node = statement.node
            if isinstance(node, ast.ImportFrom) and (other := _stage_named(node.module)):
                for alias in node.names:
                    if alias.name == "*" or (alias.asname or alias.name) == name:
                        inner = name if alias.name == "*" else alias.name
                        found = inner if inner in other.tasks else self._there(other, inner)
                        if found:
                            return found
        return None

    def _library(self, stage: Stage, name: str) -> str | None:
        """The library from which another stage's star brings a name."""
        for statement in self._modules[stage].statements if stage in self._modules else []:
            node = statement.node
            if statement.is_star and isinstance(node, ast.ImportFrom):
                other = _stage_named(node.module)
                found = (
                    self._library(other, name) if other else node.module if _brought(node.module, {name}) else None
                )
                if found:
                    return found
        return None

    def _module(self, name: str, stage: Stage) -> Iterator[str]:
        """A stage under a name: as it is given, with the learner's own names put to it, or what is used of it."""
        used = _attributes(name, stage, self._statements, self._modules)
        there = {own: own if own in stage.tasks else self._there(stage, own) for own in used}
        if stage in self._which.stages:
            held = ", ".join(f"{own}={other}" for own, other in there.items() if other)
            yield f"from types import {NAMESPACE}"
            yield f"{name} = {NAMESPACE}({held})"
            return
        yield f"import {stage.name}" + (f" as {name}" if name != stage.name else "")
        for own, other in there.items():
            if other and own not in stage.tasks:
                yield f"{name}.{own} = {other}"
