"""Which cells a notebook has, and what of solutions/ stands in which: all that marking needs to know of it."""

import ast
from collections.abc import Collection

from grader.course.catalogue import GIVEN, STAGES, Notebook, Stage, check_cell, source_of
from grader.course.location import PICTURES


def given_ids(which: Notebook) -> list[str]:
    """Ids of the code cells that a learner does not write: setup, given code, imports, checks, pictures."""
    ids = ["setup", *(f"{name}-given" for name in modules_given(which))]
    for stage in which.stages:
        ids += [f"{stage.name}-imports", *(check_cell(stage, task) for task in stage.tasks)]
    return [*ids, "pictures"] if PICTURES.is_file() else ids


def header(which: Notebook, stage: Stage) -> str:
    """What a cell of `stage` finds in the notebook that its module has to import: one import statement a line.

    That is what the imports cells of the notebook brought so far, and the tasks of its earlier stages.
    """
    plain: dict[str, None] = {}
    names: dict[str, dict[str, None]] = {}
    earlier = which.stages[: which.stages.index(stage)]
    for node in ast.parse("\n".join(imports(which, other) for other in (*earlier, stage))).body:
        if isinstance(node, ast.ImportFrom):
            names.setdefault(str(node.module), {}).update(dict.fromkeys(map(ast.unparse, node.names)))
        else:
            plain[ast.unparse(node)] = None
    names |= {other.name: dict.fromkeys(other.tasks) for other in earlier}
    return "\n".join([*plain, *(f"from {module} import {', '.join(names[module])}" for module in sorted(names))])


def modules_given(which: Notebook) -> list[str]:
    """The modules that stand in a notebook whole: the given ones, and the stages before its own."""
    return [*GIVEN, *(stage.name for stage in STAGES if stage.number < which.stages[0].number)]


def imports(which: Notebook, stage: Stage) -> str:
    """What stands beside the tasks of a stage, without what is imported of stages in the same notebook."""
    source = source_of(stage.name)
    inside = {other.name for other in which.stages}
    body = ast.parse(source).body
    elsewhere = [node for node in body if isinstance(node, ast.ImportFrom) and node.module in inside]
    tasks = [node for node in body if getattr(node, "name", "") in stage.tasks]
    shown = [node for node in body if isinstance(node, ast.If)]
    return without(source, [body[0], *elsewhere, *tasks, *shown])


def without(source: str, nodes: Collection[ast.stmt]) -> str:
    """The source without these statements."""
    lines = source.splitlines()
    dropped = {n for node in nodes for n in _extent(lines, node)}
    return "\n".join(line for n, line in enumerate(lines) if n not in dropped).strip()


def segment(source: str, node: ast.stmt) -> str:
    """A top-level statement of the source, with the lines that belong to it."""
    lines = source.splitlines()
    return "\n".join(lines[n] for n in _extent(lines, node)).rstrip()


def _extent(lines: list[str], node: ast.stmt) -> range:
    """Indices of a statement's lines, decorators included, and of what is blank or indented after them."""
    first = min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])
    after = node.end_lineno or node.lineno
    while after < len(lines) and (not lines[after] or lines[after][0].isspace()):
        after += 1
    return range(first - 1, after)
