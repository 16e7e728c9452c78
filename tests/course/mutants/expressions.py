"""The operators of mutation that put a wrong expression in the place of a right one."""

import ast
from collections.abc import Callable, Iterator

from mutants import calls, operations
from mutants.scopes import Scope

Operator = Callable[[ast.AST, Scope], Iterator[ast.expr]]

EXPRESSIONS: dict[str, Operator] = {
    operator.__name__: operator
    for operator in (
        *(operations.binary, operations.unary, operations.comparison, operations.condition, operations.constant),
        *(operations.index, calls.axis, calls.argument, calls.call, calls.attribute, calls.transpose),
        *(calls.name, calls.returned, calls.repetition),
    )
}
"""By name, in the order in which their mutants are numbered."""
