"""Writes a stage's module from a learner's statements, so that one that fails costs no more than what uses it.

The untrusted side of the wire.
"""

import ast
import textwrap
from typing import Any

from grader.inside.cells.parsing import told
from grader.inside.cells.statements import BROKEN, Statement

UNMADE = '''
def __unmade__(error, *names):
    """Stand for what a statement that failed was to make: whoever uses it meets the same error."""

    def again(*args, **kwargs):
        raise error.with_traceback(trace)

    trace = error.__traceback__
    ways = "call getattr getitem setitem iter next len contains bool float int index enter array mro_entries neg"
    ways += " add radd sub rsub mul rmul matmul rmatmul truediv rtruediv pow rpow lt le gt ge"
    kind = type("unmade", (), {f"__{way}__": again for way in ways.split()})
    for name in names:
        globals().setdefault(name, kind())
'''
"""A name that was bound before stays what it was, as in a kernel."""

SETTLE = '''
def __settle__(*tasks):
    """Keep of these functions one that goes on with what all names are now, whatever is given them below."""

    class Now(dict):
        def __missing__(self, name):
            return below[name]

    def settled(value):
        if type(value) is not type(__settle__) or value.__globals__ is not below:
            return value
        made = type(value)(value.__code__, now, value.__name__, value.__defaults__, value.__closure__)
        made.__kwdefaults__, made.__doc__ = value.__kwdefaults__, value.__doc__
        made.__dict__.update(value.__dict__)
        return made

    below = globals()
    now = Now(below)
    now.update({name: settled(value) for name, value in below.items()})
    below.setdefault("__settled__", {}).update({task: now[task] for task in tasks if task in now})
'''
"""A task's check sees names as they stand there, as in a kernel; code below has the task as it is then."""

SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.Import, ast.ImportFrom, ast.Delete)

Part = tuple[str, str, int]
"""A text, the cell that it is of, and the line there; "" for the kit's own."""


class Module:
    """The text of a module as it grows, and of which cell each part is."""

    def __init__(self, header: str) -> None:
        self._header = header.strip("\n").split("\n")
        self._futures: list[Part] = []
        self._parts: list[Part] = []
        self._is_guarded = False
        self._is_settled = False

    def settle(self, tasks: list[str]) -> None:
        """Have tasks use what their names mean here, and not what they are given below."""
        self._put_kit(f"\n__settle__({', '.join(map(repr, tasks))})")
        self._is_settled = True

    def put_broken(self, name: str, message: str) -> None:
        """Put a function that raises SyntaxError in the place of what a broken cell was to define."""
        raised = f"def {name}(*args, **kwargs):\n    raise SyntaxError({message!r})\n"
        self._parts.append((f"\n\n{raised}", "", 1))

    def put(self, statement: Statement, cell: str) -> None:
        """Put a statement, and where it may fail a guard around it."""
        if statement.is_future:
            part = (statement.text, cell, statement.line)
            self._futures += [part] if _compile_error(statement.text) is None else []
            return
        if isinstance(statement.node, ast.FunctionDef | ast.ClassDef):
            self._put_kit("\n")
        lines = statement.text.split("\n")
        bare = [(statement.text, cell, statement.line)]
        guarded = _guarded(statement, lines[: statement.first], lines[statement.first :], cell)
        parts = (
            [bare] if not statement.may_fail else [guarded, bare]
        )  # too deep a nesting leaves no room for a guard
        error = None
        for held in parts:
            error = _compile_error("\n".join(text for text, _, _ in held))
            if error is None:
                self._parts += held
                self._is_guarded = self._is_guarded or held is guarded
                return
        line = statement.line + (getattr(error, "lineno", 1) or 1) - 1
        message = f"{cell}, line {line}: {told(error or ValueError())}"
        self._put_kit(_unmade(f"SyntaxError({message!r})", statement))
        self._is_guarded = True

    def _put_kit(self, text: str) -> None:
        self._parts.append((text, "", 1))

    def _all(self) -> list[Part]:
        guard = [(UNMADE, "", 1)] if self._is_guarded else []
        guard += [(SETTLE, "", 1)] if self._is_settled else []
        return [*self._futures, ("\n".join(self._header), "", 1), *guard, *self._parts]

    def source(self) -> str:
        """The module's text."""
        return "\n".join(text for text, _, _ in self._all()) + "\n"

    def places(self) -> list[list[Any]]:
        """From which line on the text is of which cell, and of which line there; "" where it is the kit's own."""
        places: list[list[Any]] = []
        at = 1
        for text, cell, line in self._all():
            if cell or not places or places[-1][1]:
                places.append([at, cell, line])
            at += text.count("\n") + 1
        return places


def _guarded(statement: Statement, comment: list[str], lines: list[str], cell: str) -> list[Part]:
    """A statement that leaves stand-ins for its names where it fails."""
    found = [("\n".join(comment), cell, statement.line)] if comment else []
    if isinstance(statement.node, SIMPLE):
        lines = [f"try: {lines[0]}", *lines[1:]]
    else:
        found.append(("try:", "", 1))
        lines = _indented(lines, statement)
    caught = f"except Exception as __error__: {_unmade('__error__', statement)}"
    return [*found, ("\n".join(lines), cell, statement.line + len(comment)), (caught, "", 1)]


def _compile_error(text: str) -> Exception | None:
    """Why a statement that could be parsed cannot be run, as `return` outside a function."""
    try:
        compile(text, "cell", "exec", dont_inherit=True)
    except BROKEN as error:
        return error
    return None


def _unmade(error: str, statement: Statement) -> str:
    return f"__unmade__({', '.join([error, *(repr(name) for name in sorted(statement.binds) if name != '*')])})"


def _indented(lines: list[str], statement: Statement) -> list[str]:
    """The lines moved right, but for those that begin within a string, whose text would change."""
    top = statement.top
    within: set[int] = set()
    for node in ast.walk(statement.node):
        if isinstance(node, ast.Constant | ast.JoinedStr):
            within.update(range(node.lineno + 1, (node.end_lineno or node.lineno) + 1))
    return [text if top + n in within else textwrap.indent(text, "    ") for n, text in enumerate(lines)]
