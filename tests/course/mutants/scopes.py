"""What an operator of mutation knows of a place in a solution: what is around it, and the names known there."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scope:
    """One task's definition within its module."""

    modules: frozenset[str]
    """Names that the module's `import` statements bind: np, torch, nn."""
    parents: dict[ast.AST, ast.AST] = field(repr=False)
    locals: dict[ast.AST, tuple[str, ...]] = field(repr=False)
    """Each function's own names in the order in which they are bound, arguments first."""

    def parent(self, node: ast.AST) -> ast.AST:
        """The node that this one stands in."""
        return self.parents[node]

    def around(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes that this one stands in, from the inside out."""
        while node in self.parents:
            node = self.parents[node]
            yield node

    def names(self, node: ast.AST) -> tuple[str, ...]:
        """The names of the function, or method, that a node stands in, and of the comprehensions around it."""
        function = self.function_of(node)
        inner = [
            outer
            for outer in self.around(node)
            if isinstance(outer, ast.GeneratorExp | ast.ListComp | ast.DictComp)
        ]
        targets = [generator.target for comprehension in inner for generator in comprehension.generators]
        own = [name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)]
        return tuple(dict.fromkeys([*(self.locals[function] if function else ()), *own]))

    def is_module(self, node: ast.AST) -> bool:
        """Whether an expression is an imported module, or a part of one: `torch.optim`."""
        while isinstance(node, ast.Attribute):
            node = node.value
        return isinstance(node, ast.Name) and node.id in self.modules

    def is_within_raise(self, node: ast.AST) -> bool:
        """Whether an expression makes an error: its words are the learner's own."""
        return any(isinstance(outer, ast.Raise) for outer in self.around(node))

    def function_of(self, node: ast.AST) -> ast.FunctionDef | None:
        """The innermost function that a node stands in."""
        return next((outer for outer in self.around(node) if isinstance(outer, ast.FunctionDef)), None)


def scope_of(tree: ast.Module, modules: Iterable[str]) -> Scope:
    """The scope of a piece of a module; modules: names that are modules there."""
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return Scope(frozenset(modules), parents, {function: tuple(_bound(function)) for function in functions})


def modules_of(tree: ast.Module) -> Iterator[str]:
    """The names that a module's imports bind to modules."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (alias.name for alias in node.names if alias.name == "nn")


def _bound(function: ast.FunctionDef) -> list[str]:
    """Arguments and assigned names, each once; those of comprehensions are not the function's."""
    inner = {
        id(name)
        for node in ast.walk(function)
        if isinstance(node, ast.comprehension)
        for name in ast.walk(node.target)
    }
    found = [argument.arg for argument in function.args.args if argument.arg != "self"]
    stores = [n for n in ast.walk(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]
    stores = sorted((n for n in stores if id(n) not in inner), key=lambda n: (n.lineno, n.col_offset))
    found += [name.id for name in stores]
    return list(dict.fromkeys(found))
