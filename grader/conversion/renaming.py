"""Renames top-level names in a module's statements, and leaves the text as it is else."""

import ast
import re
from collections.abc import Iterator, Mapping
from typing import Any

from grader.cells.statements import Statement, bound

Edit = tuple[int, int, int, int, str]
"""Line and byte where a text begins and ends, and what stands there instead."""
Scope = tuple[bool, frozenset[str]]
"""Whether a scope is a class's, which functions within do not look into, and its own names."""


def renamed(statement: Statement, names: Mapping[str, str]) -> str:
    """The statement's text with its top-level names changed; without its comments where the text resists."""
    if not names:
        return statement.text
    tree = ast.parse(statement.text)
    renamer = _Renamer(names, statement.text)
    wanted = renamer.visit(tree)
    text = _edited(statement.text, renamer.edits)
    try:
        if ast.dump(ast.parse(text)) == ast.dump(wanted):
            return text
    except SyntaxError:
        pass  # an edit in an f-string, whose places Python 3.11 does not know
    return ast.unparse(wanted)


def _edited(text: str, edits: list[Edit]) -> str:
    lines = [line.encode() for line in text.split("\n")]
    for first, start, last, end, new in sorted(edits, reverse=True):
        lines[first - 1 : last] = [lines[first - 1][:start] + new.encode() + lines[last - 1][end:]]
    return b"\n".join(lines).decode("utf-8", "replace")


class _Renamer(ast.NodeTransformer):
    def __init__(self, names: Mapping[str, str], text: str) -> None:
        self._names = names
        self._lines = text.split("\n")
        self._scopes: list[Scope] = []
        self.edits: list[Edit] = []

    def visit_Name(self, node: ast.Name) -> ast.Name:
        if node.id in self._names and not self._is_local(node.id):
            self._edit(node, self._names[node.id])
            return ast.Name(self._names[node.id], node.ctx)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef:
        node.decorator_list = [self.visit(part) for part in node.decorator_list]
        self._visit_signature(node.args)
        node.returns = self.visit(node.returns) if node.returns else None
        node.name = self._defined(node, "def", node.name)
        with_names = _parameters(node.args) | _of_body(node.body)
        node.body = self._within((False, frozenset(with_names)), node.body)
        return node

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self.visit_FunctionDef(node)  # type: ignore[arg-type]

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        for part in ("decorator_list", "bases", "keywords"):
            setattr(node, part, [self.visit(inner) for inner in getattr(node, part)])
        node.name = self._defined(node, "class", node.name)
        node.body = self._within((True, frozenset(_of_body(node.body))), node.body)
        return node

    def visit_Lambda(self, node: ast.Lambda) -> ast.Lambda:
        self._visit_signature(node.args)
        [node.body] = self._within((False, frozenset(_parameters(node.args))), [node.body])
        return node

    def visit_ListComp(self, node: ast.ListComp) -> ast.AST:
        return self._comprehension(node)

    def visit_SetComp(self, node: ast.SetComp) -> ast.AST:
        return self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> ast.AST:
        return self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> ast.AST:
        return self._comprehension(node)

    def visit_Global(self, node: ast.Global) -> Any:
        return self._replaced(node, ast.Global([self._names.get(name, name) for name in node.names]))

    def visit_Import(self, node: ast.Import) -> Any:
        return self._import(node)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> Any:
        return self._import(node)

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> ast.AST:
        if node.name and not self._is_local(node.name):
            node.name = self._names.get(node.name, node.name)
        return self.generic_visit(node)

    def _import(self, node: ast.Import | ast.ImportFrom) -> Any:
        if self._scopes or not any((alias.asname or alias.name) in self._names for alias in node.names):
            return node
        aliases = [
            ast.alias(alias.name, self._names.get(alias.asname or alias.name, alias.asname))
            for alias in node.names
        ]
        if isinstance(node, ast.Import):
            return self._replaced(node, ast.Import(aliases))
        return self._replaced(node, ast.ImportFrom(node.module, aliases, node.level))

    def _replaced(self, node: ast.stmt, new: Any) -> Any:
        self._edit(node, ast.unparse(new))
        return new

    def _visit_signature(self, args: ast.arguments) -> None:
        args.defaults = [self.visit(part) for part in args.defaults]
        args.kw_defaults = [part and self.visit(part) for part in args.kw_defaults]
        for arg in ast.walk(args):
            if isinstance(arg, ast.arg) and arg.annotation:
                arg.annotation = self.visit(arg.annotation)

    def _comprehension(self, node: ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp) -> ast.AST:
        first = node.generators[0]
        first.iter = self.visit(first.iter)
        outer, first.iter = first.iter, ast.Constant(None)
        targets = [part for generator in node.generators for part in ast.walk(generator.target)]
        self._scopes.append((False, frozenset(part.id for part in targets if isinstance(part, ast.Name))))
        self.generic_visit(node)
        self._scopes.pop()
        first.iter = outer
        return node

    def _within(self, scope: Scope, body: list[Any]) -> list[Any]:
        self._scopes.append(scope)
        made = [self.visit(part) for part in body]
        self._scopes.pop()
        return made

    def _defined(self, node: ast.stmt, keyword: str, name: str) -> str:
        if self._scopes or name not in self._names:
            return name
        found = re.compile(rf"{keyword}\s+{name}\b").search(self._lines[node.lineno - 1])
        if found:
            start, end = (len(found.string[:at].encode()) for at in found.span())
            self.edits.append((node.lineno, start, node.lineno, end, f"{keyword} {self._names[name]}"))
        return self._names[name]

    def _is_local(self, name: str) -> bool:
        inner = len(self._scopes) - 1
        return any(name in own for n, (is_class, own) in enumerate(self._scopes) if n == inner or not is_class)

    def _edit(self, node: ast.expr | ast.stmt, new: str) -> None:
        end, column = node.end_lineno or node.lineno, node.end_col_offset or 0
        self.edits.append((node.lineno, node.col_offset, end, column, new))


def _parameters(args: ast.arguments) -> set[str]:
    return {arg.arg for arg in ast.walk(args) if isinstance(arg, ast.arg)}


def _of_body(body: list[ast.stmt]) -> set[str]:
    """Names of a function's or class's own: what its body binds and does not declare global."""
    own = {name for part in body for name in bound(part)}
    return own - set(_declared_global(body))


def _declared_global(body: list[ast.stmt]) -> Iterator[str]:
    for part in body:
        for node in ast.walk(part):
            if isinstance(node, ast.Global):
                yield from node.names
