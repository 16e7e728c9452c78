"""Which part of a submission is which task's code, by the look of the lines: no stranger's code is parsed here."""

import re
from collections.abc import Collection, Iterator, Sequence

from grader.course.catalogue import NOTEBOOKS, Notebook, Stage, task_cell
from grader.course.notebook_layout import given_ids
from grader.intake.notebook_files import Cell
from grader.intake.submissions import Submission
from grader.intake.work import defined, own_cells

DEFINITION = re.compile(r"^(?:async ++def|def|class) ++(\w++)", re.MULTILINE)
"""Where, by the look of a line, a function or a class is written."""
_PAGE = re.compile(r'\s*+[rR]?"""(?:[^"]|"(?!""))*+"""')
"""What a module begins with, if it is a text: the page of reading."""

Code = dict[tuple[str, str], str]
"""The text of each task's code, by the names of its stage and its own."""


def code_of_tasks(submission: Submission) -> Code:
    """The code of each task of which there is any, in the course's order.

    A task's code begins with its definition and ends before the next task's. What stands between, such as a
    helper, goes with the task before it in a module, and with the task after it where it is a cell of its own;
    what a module begins with goes with the first, but for its page of reading.
    """
    found: Code = {}
    for which in NOTEBOOKS:
        cells = _of_cells(which, submission.notebooks.get(which.name, ()))
        for stage in which.stages:
            if stage.name in submission.sources:
                parts = divided(stage, without_page(submission.sources[stage.name]))
            else:
                parts = {task: cells[stage.name, task] for task in stage.tasks if (stage.name, task) in cells}
            found |= {(stage.name, task): parts[task] for task in stage.tasks if task in parts}
    return found


def without_page(source: str) -> str:
    """A module without the text that it begins with."""
    return source[page.end() :] if (page := _PAGE.match(source)) else source


def divided(stage: Stage, source: str) -> dict[str, str]:
    """A module's lines, divided among the tasks of its stage: each begins where its definition does.

    What comes first is the first one's.
    """
    return _parts(source, stage.tasks)


def places_of(which: Notebook, cells: Sequence[Cell]) -> dict[str, int]:
    """Which cell is a task's, by the ids of the tasks' cells, as far as cells tell.

    It is the last that has the id and defines the task, else the last that has the id, else that defines it.
    """
    defines = [DEFINITION.findall(cell.source) for cell in cells]
    tasks = {task_cell(stage, task): task for stage in which.stages for task in stage.tasks}
    found = {id: _place(id, task, cells, defines) for id, task in tasks.items()}
    return {id: place for id, place in found.items() if place is not None}


def _place(id: str, task: str, cells: Sequence[Cell], defines: Sequence[Collection[str]]) -> int | None:
    named = [place for place, cell in enumerate(cells) if cell.id == id]
    defining = [place for place, names in enumerate(defines) if task in names]
    best = [place for place in defining if place in named] or named or defining
    return best[-1] if best else None


def _parts(source: str, tasks: Sequence[str]) -> dict[str, str]:
    lines = source.splitlines()
    starts: dict[int, str] = {}
    for number, line in enumerate(lines):
        found = DEFINITION.match(line)
        if found and found[1] in tasks:
            starts.setdefault(number if starts else 0, found[1])
    if not starts:
        starts = {0: tasks[0]}
    ends = [*list(starts)[1:], len(lines)]
    parts: dict[str, list[str]] = {}
    for (start, task), end in zip(starts.items(), ends, strict=True):
        parts.setdefault(task, []).extend(lines[start:end])
    return {task: "\n".join(part).strip("\n") for task, part in parts.items()}


def _of_cells(which: Notebook, cells: Sequence[Cell]) -> Code:
    """The code of a notebook's tasks; a cell that holds several is divided among them."""
    places = places_of(which, cells)
    held: dict[int, list[tuple[str, str]]] = {}
    for stage in which.stages:
        for task in stage.tasks:
            if (id := task_cell(stage, task)) in places:
                held.setdefault(places[id], []).append((stage.name, task))
    found: Code = {}
    for place, before in _with_helpers(which, cells, sorted(held)):
        parts = _parts(cells[place].source, [task for _, task in held[place]])
        for stage_name, task in held[place]:
            if task in parts:
                found[stage_name, task] = "\n\n".join([*before, parts[task]])
                before = []
    return found


def _with_helpers(
    which: Notebook, cells: Sequence[Cell], places: Sequence[int]
) -> Iterator[tuple[int, list[str]]]:
    """The places of cells with tasks, each with the learner's own cells that define something before it."""
    given = {*given_ids(which)}
    start = 0
    for place in places:
        between = [cell for cell in own_cells(cells[start:place]) if cell.id not in given]
        yield place, [cell.source for cell in between if defined(cell.source)]
        start = place + 1
