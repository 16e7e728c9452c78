"""Adds a mistake to a file of mistakes: what of a wrong module makes a task wrong, under a name and a sentence."""

import ast
import keyword
import re

from grader.course.catalogue import Stage
from grader.course.finding import CourseError
from grader.course.mistakes import (
    Definition,
    bound_by,
    first_line,
    imports_for,
    is_mistake,
    lines_of,
    mistakes_in,
    used_by,
)

HEADER = '"""Known mistakes, of each a wrong definition: what was done, and what to look at."""\n'
SAYS, LOOK = "\ue000", "\ue001"
"""Where the sentences come, which are no code to be renamed."""
MOST_WORDS = 6
"""Of a sentence in a name that is made of it."""
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def with_mistake(text: str, stage: Stage, task: str, source: str, name: str, says: str, look: str) -> str:
    """The text of a file of mistakes with one more: a task as a wrong module defines it, and what that uses.

    text: empty where there is no such file yet; look: may be empty.
    Raises CourseError where the module cannot be understood, or the name cannot be had.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise CourseError(
            f"{name!r} cannot name a mistake: small letters, digits and _, such as --name bias_forgotten"
        )
    if not says.strip():
        raise CourseError("a mistake needs a sentence: what was done")
    if any((known.task, known.name) == (task, name) for known in mistakes_in(stage, text)):
        raise CourseError(f"there is a mistake {name} of {task} already")
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise CourseError(f"the wrong code is no Python: {error}") from None
    found = [node for node in tree.body if isinstance(node, Definition) and node.name == task]
    if not found:
        raise CourseError(f"the wrong code defines no {task}")
    helpers = used_by(found[-1], tree, but=stage.tasks.__contains__)
    lines = source.splitlines()
    own = re.sub(rf"\b{task}\b", f"{task}__{name}", "\n".join(_documented(found[-1], lines)))
    written = "\n\n\n".join([*("\n".join(lines_of(helper, lines)) for helper in helpers), own])
    for old, new in _renamed(helpers, text, name).items():
        written = re.sub(rf"\b{old}\b", new, written)
    if not look.strip():
        written = re.sub(rf"\n\n[ \t]*{LOOK}", "", written)
    written = written.replace(SAYS, _in_docstring(says)).replace(LOOK, _in_docstring(look))
    imports = imports_for([found[-1], *helpers], source, stage)
    return _appended(text or HEADER, [line for line in imports if line not in text.splitlines()], written)


def name_from(says: str) -> str:
    """A name for a mistake, made of the first words of the sentence that says what was done."""
    words = re.findall(r"[a-z0-9]+", says.lower().partition(".")[0])
    return re.sub(r"^[0-9_]+", "", "_".join(words[:MOST_WORDS]))


def _documented(node: Definition, lines: list[str]) -> list[str]:
    """The lines of a definition, with a docstring of two sentences that stand there later."""
    if node.body[0].lineno == node.lineno:  # `def f(x): return x`, on a line
        lines = ast.unparse(node).splitlines()
        node = next(again for again in ast.parse("\n".join(lines)).body if isinstance(again, Definition))
    own = lines_of(node, lines)
    begins = (node.end_lineno or 0) - len(own)
    at = first_line(node.body[0]) - 1 - begins
    indent = own[at][: len(own[at]) - len(own[at].lstrip())]
    body = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
    rest = own[first_line(body[0]) - 1 - begins :] if body else [f"{indent}pass"]
    return [*own[:at], f'{indent}"""{SAYS}', "", f"{indent}{LOOK}", f'{indent}"""', *rest]


def _in_docstring(sentence: str) -> str:
    return " ".join(sentence.split()).replace("\\", "\\\\").replace('"""', "'''")


def _renamed(helpers: list[ast.stmt], text: str, name: str) -> dict[str, str]:
    """New names for helpers whose own is taken in the file, or reads as that of a mistake."""
    named = [name for helper in helpers for name in bound_by(helper)]
    taken = {getattr(node, "name", getattr(node, "id", None)) for node in ast.walk(ast.parse(text))}
    clash = [own for own in named if own in taken or is_mistake(own)]
    return {own: f"{name}_{re.sub('_+', '_', own).strip('_')}" for own in clash}


def _appended(text: str, imports: list[str], written: str) -> str:
    """A module's text with imports after its own, and definitions at its end."""
    body = ast.parse(text).body
    before = [n.end_lineno or 0 for n in body if isinstance(n, ast.Import | ast.ImportFrom)]
    docstring = [body[0].end_lineno or 0] if body and isinstance(body[0], ast.Expr) else []
    at = max(before or docstring, default=0)
    lines = text.splitlines()
    gap = [""] if imports and not before else []
    return "\n".join([*lines[:at], *gap, *imports, *lines[at:]]).rstrip() + f"\n\n\n{written}\n"
