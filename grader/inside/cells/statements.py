"""One top-level statement of a notebook's cell: what it binds, changes and uses.

The untrusted side of the wire: imports nothing but the standard library.
"""

import ast
import re
import symtable
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from grader.inside.cells.safe_statements import is_safe

BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
"""What parsing a text may raise: invalid syntax, null bytes or half characters, and nesting without end."""
COMPREHENSIONS = {"dictcomp", "genexpr", "listcomp", "setcomp"}
SETTERS = re.compile(r"set|manual_seed|seed|use_|register|filterwarnings|simplefilter")
"""How functions begin that change the state of a library, as torch.set_default_dtype does."""

Function = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)


@dataclass(frozen=True)
class Uses:
    """Names of the notebook that a statement uses: `now` when it runs, `later` when its functions are called."""

    now: frozenset[str]
    later: frozenset[str]


@dataclass(frozen=True)
class Statement:
    """One top-level statement, with the learner's own text of it and the comment above.

    line: where the text begins in its cell; first: how many of the text's lines are the comment; imported: names
    that the stage's own imports have bound before.
    """

    node: ast.stmt
    text: str
    line: int
    first: int
    imported: frozenset[str] = frozenset()

    @cached_property
    def binds(self) -> frozenset[str]:
        """Names that it binds in the notebook."""
        is_declared = isinstance(self.node, ast.AnnAssign) and self.node.value is None
        return frozenset() if is_declared else frozenset(bound(self.node))

    @cached_property
    def changes(self) -> frozenset[str]:
        """Names whose objects it changes: sets an attribute or an item, or decorates with a method of."""
        return frozenset(_changed(self.node))

    @cached_property
    def methods(self) -> frozenset[tuple[str, str]]:
        """Names with the method that is called on each as a statement of its own, as in `KINDS.append(x)`."""
        return frozenset(_methods(self.node))

    @cached_property
    def calls(self) -> frozenset[str]:
        """Names of functions that it calls for what they do: as decorators, or as the whole statement."""
        node = self.node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            called = [d.func if isinstance(d, ast.Call) else d for d in node.decorator_list]
            if isinstance(node, ast.ClassDef):
                called += [*node.bases, *(keyword.value for keyword in node.keywords)]
        else:
            called = [node.value.func] if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else []
        return frozenset(function.id for function in called if isinstance(function, ast.Name))

    @cached_property
    def effects(self) -> frozenset[str]:
        """Names whose objects its functions change, or that they bind anew, when they are called."""
        inner = [node for node in ast.walk(self.node) if isinstance(node, Function)]
        parts = [part for node in inner for part in _body(node)]
        held = {name for part in parts for name in (*_changed(part), *(root for root, _ in _methods(part)))}
        held |= {name for node in ast.walk(self.node) if isinstance(node, ast.Global) for name in node.names}
        return frozenset(held & self.uses.later)

    @cached_property
    def uses(self) -> Uses:
        """Names of the notebook that it uses. Empty where it does not compile."""
        now: set[str] = set()
        later: set[str] = set()
        try:
            _collect(symtable.symtable(self.text, "cell", "exec"), now, later, at_once=True)
        except BROKEN:
            return Uses(frozenset(), frozenset())
        for node in ast.walk(self.node):
            if isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
                later |= _in_strings(node.annotation)
        return Uses(frozenset(now), frozenset(later))

    @cached_property
    def looks_up_names(self) -> bool:
        """Whether it may find names by their text, so that no reading tells which."""
        names = {node.id for node in ast.walk(self.node) if isinstance(node, ast.Name)}
        return bool(names & {"globals", "eval", "exec", "vars", "__import__"})

    @property
    def top(self) -> int:
        """The line at which the statement itself begins, by its own count of lines."""
        decorators: list[ast.expr] = getattr(self.node, "decorator_list", [])
        return min([self.node.lineno, *(decorator.lineno for decorator in decorators)])

    @cached_property
    def may_fail(self) -> bool:
        """Whether running it may raise, as far as can be told; not for what a library's names may lack."""
        return not is_safe(self.node, self.imported)

    @property
    def is_definite(self) -> bool:
        """Whether after it nothing is left of what its names were before."""
        return not self.may_fail and not (self.binds & self.uses.now)

    @property
    def is_definition(self) -> bool:
        """Whether it defines or imports, or gives a name to something written out."""
        sure = isinstance(self.node, ast.Assign) and not any(isinstance(n, ast.Call) for n in ast.walk(self.node))
        return sure or isinstance(self.node, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom)

    def makes_a_value(self, task: str) -> bool:
        """Whether it gives a task's name to a constant, or to what is made of the task itself."""
        node = self.node
        if not isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = [node.target] if isinstance(node, ast.For) else []
            return any(isinstance(part, ast.Name) and part.id == task for part in targets)
        return isinstance(node.value, ast.Constant) or task in self.uses.now

    @property
    def is_import(self) -> bool:
        """Whether it is an import."""
        return isinstance(self.node, ast.Import | ast.ImportFrom)

    @property
    def is_star(self) -> bool:
        """Whether it is `from x import *`."""
        return isinstance(self.node, ast.ImportFrom) and self.node.names[0].name == "*"

    @property
    def is_future(self) -> bool:
        """Whether it is `from __future__ import …`."""
        return isinstance(self.node, ast.ImportFrom) and self.node.module == "__future__"

    @property
    def is_stub(self) -> bool:
        """Whether it is a function, or a class of functions, not written yet."""
        node = self.node
        if isinstance(node, ast.ClassDef):
            methods = [part for part in node.body if isinstance(part, ast.FunctionDef)]
            return bool(methods) and all(_is_stub(method) for method in methods)
        return isinstance(node, ast.FunctionDef) and _is_stub(node)


def bound(node: ast.AST) -> Iterator[str]:
    """Names that a statement binds where it stands."""
    for part in _outside_functions(node):
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
            yield part.id
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield part.name
        elif isinstance(part, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in part.names)
        elif isinstance(part, ast.ExceptHandler | ast.MatchStar | ast.MatchAs) and part.name:
            yield part.name
        elif isinstance(part, ast.MatchMapping) and part.rest:
            yield part.rest


def _changed(node: ast.AST) -> Iterator[str]:
    for part in _outside_functions(node):
        if isinstance(part, ast.Attribute | ast.Subscript) and not isinstance(part.ctx, ast.Load):
            yield from _root(part)
        elif isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            function, args = part.value.func, part.value.args
            if isinstance(function, ast.Name) and function.id in ("setattr", "delattr") and args:
                yield from _root(args[0])
        elif isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in part.decorator_list:
                function = decorator.func if isinstance(decorator, ast.Call) else decorator
                if isinstance(function, ast.Attribute):
                    yield from _root(function)


def _methods(node: ast.AST) -> Iterator[tuple[str, str]]:
    for part in _outside_functions(node):
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call):
            function = part.value.func
            if isinstance(function, ast.Attribute):
                yield from ((root, function.attr) for root in _root(function))


def _root(node: ast.AST) -> Iterator[str]:
    """The name that a chain of attributes and items begins with."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    if isinstance(node, ast.Name):
        yield node.id


def _outside_functions(node: ast.AST) -> Iterator[ast.AST]:
    """The node and what is in it, but for bodies of functions and classes, and names of comprehensions."""
    todo = [node]
    while todo:
        part = todo.pop()
        yield part
        if isinstance(part, ast.comprehension):
            todo += [part.iter, *part.ifs]
        elif not isinstance(part, (*Function, ast.ClassDef)):
            todo += ast.iter_child_nodes(part)


def _body(node: ast.AST) -> list[ast.AST]:
    body = getattr(node, "body", [])
    return body if isinstance(body, list) else [body]


def _collect(table: symtable.SymbolTable, now: set[str], later: set[str], at_once: bool) -> None:
    """Sort the names of the notebook in a scope, and in those within, by when they are used."""
    inside = table.get_type() != "module"
    for symbol in table.get_symbols():
        of_notebook = symbol.is_global() or not inside or (table.get_type() == "class" and symbol.is_referenced())
        if of_notebook and (symbol.is_referenced() or (inside and symbol.is_declared_global())):
            (now if at_once else later).add(symbol.get_name())
    for inner in table.get_children():
        is_function = inner.get_type() == "function" and inner.get_name() not in COMPREHENSIONS
        _collect(inner, now, later, at_once and not is_function)


def _in_strings(annotation: ast.AST) -> set[str]:
    """Names in an annotation that is written as a string."""
    texts = [node.value for node in ast.walk(annotation) if isinstance(node, ast.Constant)]
    return {name for text in texts if isinstance(text, str) for name in re.findall(r"[^\W\d]\w*", text[:1000])}


def _is_stub(function: ast.FunctionDef) -> bool:
    last = function.body[-1]
    raised = last.exc if isinstance(last, ast.Raise) else None
    raised = raised.func if isinstance(raised, ast.Call) else raised
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
