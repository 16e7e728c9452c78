"""Whether a learner has written anything in a module or a notebook's cells, by their syntax alone."""

import ast
import re
import warnings
from collections.abc import Collection, Iterable, Iterator

from grader.course.catalogue import GIVEN, NOTEBOOKS, STAGES, Notebook, Stage, check_cell, task_cell
from grader.intake.notebook_files import Cell

BROKEN = (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError)
"""What parsing a text may raise."""
MAX_DEFINITIONS = 10_000
"""Top-level statements of a text at the most that are looked at."""
MODULES = {*GIVEN, *(stage.name for stage in STAGES)}
_BINDS = re.compile(r"^[^\S\n]*+(?:(?:async ++)?def|class) ++(\w++)|^(\w++) *+=(?!=)", re.MULTILINE)
_CHECKED = re.compile(r"""check_task\(\s*+["'](\w++)["']""")
_TASK_CELLS = {task_cell(stage, task): stage for stage in STAGES for task in stage.tasks}
_CELLS = _TASK_CELLS | {check_cell(stage, task): stage for stage in STAGES for task in stage.tasks}
"""The stages of notebooks' cells, by the cells' ids: of those in which a task is written, and of all."""
_TASKS = {one: {task for stage in one.stages for task in stage.tasks} for one in NOTEBOOKS}
_OWN_TASKS = {one: _TASKS[one].difference(*(_TASKS[o] for o in NOTEBOOKS if o != one)) for one in NOTEBOOKS}
"""The tasks of each notebook, and those that no other has."""


def written(text: str, tasks: Collection[str]) -> set[str]:
    """Those of the tasks that a text defines, or binds otherwise, with a body that is no stub's.

    Of a text that is no Python, all that it seems to define.
    """
    try:
        body = _body(text)
        if body is not None:
            return {name for node in body for name in _written_by(node) if name in tasks}
    except RecursionError:  # a chain of `elif` without end
        pass
    return defined(text) & set(tasks)


def defined(text: str) -> set[str]:
    """Names that a text seems to define, written or not."""
    return {one or other for one, other in _BINDS.findall(text)}


def is_python(text: str) -> bool:
    """Whether a text can be parsed."""
    return _body(text) is not None


def stages_written(cells: Iterable[Cell], which: Notebook) -> set[Stage]:
    """The stages of a notebook of which something is written in the cells; what is given does not count."""
    found = set()
    for cell in own_cells(cells):
        of = _TASK_CELLS.get(cell.id)
        for stage in which.stages:
            if stage not in found and of in (None, stage) and written(cell.source, stage.tasks):
                found.add(stage)
    return found


def notebooks_in(cells: Collection[Cell]) -> tuple[set[Notebook], set[Notebook]]:
    """The course's notebooks that cells are of: for certain, and perhaps.

    For certain by ids and checks; where there are none, by at least half of the tasks. Perhaps where a task is
    defined that no other notebook has.
    """
    own = list(own_cells(cells))
    known = {_CELLS[cell.id].name for cell in cells if cell.id in _CELLS}
    known |= {name for cell in own for name in _CHECKED.findall(cell.source)}
    names = {name for cell in own for name in defined(cell.source)}
    certain = {one for one in NOTEBOOKS if any(stage.name in known for stage in one.stages)}
    perhaps = {one for one in NOTEBOOKS if names & _OWN_TASKS[one]}
    if not certain:
        certain = {one for one in perhaps if 2 * len(names & _TASKS[one]) >= len(_TASKS[one])} or perhaps
    return certain, perhaps - certain


def own_cells(cells: Iterable[Cell]) -> Iterator[Cell]:
    """Cells that define something in the notebook: not those with modules that are given."""
    for cell in cells:
        if not (cell.source.lstrip().startswith("%%given") or cell.id.endswith("-given")):
            yield cell


def _body(text: str) -> list[ast.stmt] | None:
    """The top-level statements of a text, a notebook's magics left out; None where it cannot be parsed."""
    for source in (text, _without_magics(text)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return ast.parse(source).body[:MAX_DEFINITIONS]
        except BROKEN:
            continue
    return None


def _without_magics(text: str) -> str:
    lines = text.split("\n")
    magic = [line.lstrip()[:1] in ("%", "!", "?") and bool(line.strip()) for line in lines]
    return "\n".join(
        line[: len(line) - len(line.lstrip())] + "pass" if is_magic else line
        for line, is_magic in zip(lines, magic, strict=True)
    )


def _written_by(node: ast.stmt) -> Iterator[str]:
    """Names that a top-level statement binds to more than a stub."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        if not _is_stub(node):
            yield node.name
    elif isinstance(node, ast.Import | ast.ImportFrom):
        if not (isinstance(node, ast.ImportFrom) and node.module in MODULES):
            yield from (alias.asname or alias.name for alias in node.names)
    elif isinstance(node, ast.If) and _is_of_script(node):
        return
    elif isinstance(node, ast.If | ast.Try | ast.With | ast.For | ast.While):
        inner = [*node.body, *getattr(node, "orelse", []), *getattr(node, "finalbody", [])]
        inner += [part for handler in getattr(node, "handlers", []) for part in handler.body]
        for part in inner:
            yield from _written_by(part)
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and node.value is not None:
        targets: list[ast.expr] = node.targets if isinstance(node, ast.Assign) else [node.target]
        used = {part.id for part in ast.walk(node.value) if isinstance(part, ast.Name)}
        yield from (name.id for name in targets if isinstance(name, ast.Name) and name.id not in used)


def _is_of_script(node: ast.If) -> bool:
    """Whether it is `if __name__ == "__main__":`, in which nothing is handed in."""
    return (
        isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name | ast.Constant)
        and any(
            isinstance(part, ast.Name) and part.id == "__name__"
            for part in (node.test.left, *node.test.comparators)
        )
    )


def _is_stub(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether a function says only that it is not written, or a class has no more than such methods."""
    if isinstance(node, ast.ClassDef):
        methods = [part for part in node.body if isinstance(part, ast.FunctionDef | ast.AsyncFunctionDef)]
        others = [part for part in node.body if part not in methods]
        return all(map(_is_stub, methods)) and all(map(_says_nothing, others))
    return all(map(_says_nothing, node.body))


def _says_nothing(node: ast.stmt) -> bool:
    if isinstance(node, ast.Raise):
        raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        function = node.value.func  # super().__init__()
        return isinstance(function, ast.Attribute) and function.attr == "__init__"
    if isinstance(node, ast.AnnAssign):
        return node.value is None
    return isinstance(node, ast.Pass) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
