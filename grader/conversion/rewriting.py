"""Writes a stage's statements anew where they import a stage, so that they work in a notebook."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from grader.catalogue import Notebook, Stage
from grader.cells.parsing import Parsed
from grader.cells.statements import Statement
from grader.conversion.borrowing import attributes, brought, import_lines, stage_named, star, uses_of

NAMESPACE = "SimpleNamespace"


@dataclass
class Part:
    """A stage's statements as they may stand in the notebook; own: what its names are called there."""

    stage: Stage
    parsed: Parsed
    own: dict[str, str]


class Rewriter:
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
        """Names in the texts that are called something else in the notebook."""

    def texts(self) -> list[str]:
        """The statements' texts."""
        found = [text for statement in self._statements for text in self._texts(statement)]
        if self._stage not in self._which.stages:
            used = uses_of(self._statements) & set(self._stage.tasks)
            found[:0] = [f"from {self._stage.name} import {', '.join(sorted(used))}"] if used else []
        return found

    def _texts(self, statement: Statement) -> Iterator[str]:
        node = statement.node
        if isinstance(node, ast.Import) and any(stage_named(alias.name, self._stage) for alias in node.names):
            for alias in node.names:
                stage = stage_named(alias.name, self._stage)
                name = alias.asname or alias.name
                yield from self._module(name, stage) if stage else [ast.unparse(ast.Import([alias]))]
        elif isinstance(node, ast.ImportFrom) and (stage := stage_named(node.module, self._stage)):
            yield from self._names(statement, node, stage)
        elif isinstance(node, ast.ImportFrom) and statement.is_star:
            names = brought(node.module, uses_of(self._statements))
            if names is None:
                yield statement.text
            else:
                yield from import_lines(str(node.module), names)
        else:
            yield statement.text

    def _names(self, statement: Statement, node: ast.ImportFrom, stage: Stage) -> Iterator[str]:
        if statement.is_star:
            names = [(name, name) for name in star(stage, self._statements, self._modules)]
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
            yield from import_lines(library, found)

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
                yield f"{as_name} = {self._marked(there)}"

    def _marked(self, there: str) -> str:
        """A name of another stage's, so that it is not taken for the same name of this one."""
        self.elsewhere[f"__{there}__"] = there
        return f"__{there}__"

    def _there(self, stage: Stage, name: str) -> str | None:
        """What another stage's own name is called in the notebook, whatever stage it came to that one from."""
        part = self._parts.get(stage)
        if part and name in part.own:
            return part.own[name]
        for statement in self._modules[stage].statements if stage in self._modules else []:
            node = statement.node
            if isinstance(node, ast.ImportFrom) and (other := stage_named(node.module, stage)):
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
                other = stage_named(node.module, stage)
                found = (
                    self._library(other, name) if other else node.module if brought(node.module, {name}) else None
                )
                if found:
                    return found
        return None

    def _module(self, name: str, stage: Stage) -> Iterator[str]:
        """A stage under a name: as it is given, with the learner's own names put to it, or what is used of it."""
        used = attributes(name, stage, self._statements, self._modules)
        there = {own: own if own in stage.tasks else self._there(stage, own) for own in used}
        if stage in self._which.stages:
            held = ", ".join(f"{own}={self._marked(other)}" for own, other in there.items() if other)
            yield f"from types import {NAMESPACE}"
            yield f"{name} = {NAMESPACE}({held})"
            return
        yield f"import {stage.name}" + (f" as {name}" if name != stage.name else "")
        for own, other in there.items():
            if other and own not in stage.tasks:
                yield f"{name}.{own} = {self._marked(other)}"
