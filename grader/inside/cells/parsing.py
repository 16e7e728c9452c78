"""Takes a notebook's cell apart into its top-level statements.

The untrusted side of the wire: imports nothing but the standard library, and IPython for cells that are no plain
Python.
"""

import __future__

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from grader.inside.cells.shell import is_of_the_shell, without_time
from grader.inside.cells.statements import BROKEN, Statement
from grader.inside.newer_syntax import told_as_newer

MAX_CELL = 2**20
"""Characters of a cell that is read, at the most; nobody writes a thousandth of it."""
RUN_IN_PLACE = {"capture", "memit", "prun", "pyinstrument", "snakeviz", "time"}
"""Cell magics whose body is Python that binds names in the notebook; of any other the body is something else."""
RUN_ELSEWHERE = {"file", "python", "python3", "timeit", "writefile"}
"""Cell magics with Python below them that leaves nothing in the notebook, though it looks so."""
MAX_LINES = 1000
"""Lines of a broken cell at the most of which single definitions are taken."""
MAX_MAGIC = 2**21
"""Magics times characters of a cell at the most; IPython reads the whole cell for each of them."""
_MAGIC = re.compile(r"^[^\S\n]*+[%!?,;/]|= *+[%!]|\?[^\S\n]*+$", re.MULTILINE)
_FUTURE = re.compile(r"^from ++__future__ ++import ++([\w ,]++)$", re.MULTILINE)
_NAMED = re.compile(r"^(?:(?:async ++)?def|class) ++(\w++)|^(\w++) *+(?::[^=\n]*+)?+=(?!=)", re.MULTILINE)


@dataclass(frozen=True)
class Parsed:
    """A cell taken apart: its statements; or what is wrong, in which line, and names it was to bind.

    The statements of a broken cell are those that stand for themselves.
    """

    statements: list[Statement] = field(default_factory=list)
    error: str = ""
    line: int = 1
    names: frozenset[str] = frozenset()


def parse(source: str, imported: frozenset[str] = frozenset()) -> Parsed:
    """Take a cell apart, below these imported names. One that is no Python cell has no statements."""
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    if len(source) > MAX_CELL:
        return Parsed(error="too long to be read")
    try:
        source = _without_unknown_futures(_without_cell_magics(source))
        try:
            tree = ast.parse(source)
        except SyntaxError:
            plain = _without_magics(source)
            tree, source = ast.parse(plain), plain
        plain = without_time(tree, source)
        if plain != source:
            tree, source = ast.parse(plain), plain
        return Parsed([replace(found, imported=imported) for found in _statements(tree.body, source)])
    except BROKEN as error:
        names = frozenset(one or other for one, other in _NAMED.findall(source))
        line = (error.lineno if isinstance(error, SyntaxError) else None) or 1
        return Parsed(list(_whole_definitions(source)), told_as_newer(source) or told(error), line, names)


def _whole_definitions(source: str) -> Iterator[Statement]:
    """What can be parsed by itself of a cell that cannot: definitions and imports, so that others may use them."""
    lines = source.split("\n")
    starts = [number for number, line in enumerate(lines) if line[:1].isalpha() or line[:1] in ("_", "@")]
    starts = [start for n, start in enumerate(starts) if not n or not lines[starts[n - 1]].startswith("@")]
    if len(lines) > MAX_LINES or "\0" in source:
        return
    for start, end in pairwise([*starts, len(lines)]):
        try:
            # the lines above are left blank, so that lines keep their numbers
            part = "\n" * start + "\n".join(lines[start:end])
            found = list(_statements(ast.parse(part).body, part))
        except BROKEN:
            continue
        yield from (statement for statement in found if statement.is_definition)


def told(error: Exception) -> str:
    """What an error of parsing or compiling says, in characters that any terminal shows."""
    if isinstance(error, SyntaxError):
        return ascii(error.msg)[1:-1].replace("\\'", "'")
    return "nested too deeply" if isinstance(error, RecursionError | MemoryError) else "not a text of Python"


def _without_cell_magics(source: str) -> str:
    """The body of `%%time` and the like, its lines where they were; nothing where it is no such Python."""
    lines = source.split("\n")
    for number, line in enumerate(lines):
        if line.startswith("%%"):
            magic = re.split(r"\s", line[2:], maxsplit=1)[0]
            if magic in RUN_ELSEWHERE:
                raise SyntaxError(f"what stands below %%{magic} is no code of this notebook's")
            if magic not in RUN_IN_PLACE:
                return ""
            lines[number] = ""
        elif line.strip():
            break
    return "\n".join(lines)


def _without_unknown_futures(source: str) -> str:
    """The cell without imports of features that this Python does not know, for which 3.14 does not parse it."""

    def known_alone(found: re.Match[str]) -> str:
        return found[0] if {*re.findall(r"\w+", found[1])} <= {*__future__.all_feature_names} else ""

    return _FUTURE.sub(known_alone, source)


def _without_magics(source: str) -> str:
    """The cell as IPython runs it: magics, shell commands and help turned into calls, indented code moved left."""
    magics = len(_MAGIC.findall(source))
    if magics * len(source) > MAX_MAGIC:
        raise SyntaxError("more magics than are read in one cell")
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        manager: Any = TransformerManager
        transformed: str = manager().transform_cell(source)
    except RuntimeError:  # IPython's limit of what it transforms
        return source
    above = len(source) - len(source.lstrip("\n"))  # which IPython drops, and lines are counted from
    return "\n" * above + transformed.lstrip("\n")


def _statements(body: list[ast.stmt], source: str) -> Iterator[Statement]:
    lines = source.split("\n")
    end = 0
    for node in body:
        if not is_of_the_shell(node):
            yield _statement(node, lines, end)
        end = node.end_lineno or node.lineno


def _statement(node: ast.stmt, lines: list[str], above: int) -> Statement:
    """A statement's text: whole lines with the comments above, unless it shares its line with another one."""
    decorators = getattr(node, "decorator_list", [])
    start = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    end = node.end_lineno or node.lineno
    before = lines[start - 1].encode()[: node.col_offset] if start == node.lineno else b""
    after = lines[end - 1].encode()[node.end_col_offset :].decode()
    if before.strip() or after.lstrip()[:1] not in ("", "#"):
        inside = lines[start - 1 : end]
        inside[-1] = inside[-1].encode()[: node.end_col_offset].decode()
        inside[0] = inside[0].encode()[len(before) :].decode()
        return Statement(node, "\n".join(inside), start, 0)
    while end < len(lines) and lines[end][:1].isspace() and lines[end].lstrip().startswith("#"):
        end += 1  # a comment at the end of a body is no part of Python's tree
    top = start
    while top - 1 > above and lines[top - 2].startswith("#"):
        top -= 1
    return Statement(node, "\n".join(lines[top - 1 : end]), top, start - top)
