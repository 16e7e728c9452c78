"""What a learner wrote, stage by stage: modules as they came, and notebooks' cells put together in a worker."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from grader.course.catalogue import NOTEBOOKS, Notebook, Stage, task_cell
from grader.course.notebook_layout import given_ids, header
from grader.intake.notebook_files import Cell
from grader.intake.submissions import Submission
from grader.outside.client import Place, load_request
from grader.outside.process import Allowance, Limits, WorkerProcess
from grader.outside.verdicts import NoAnswer


@dataclass
class Written:
    """A learner's code: each stage's source, where its lines stand in a notebook, or why there is none.

    notes: sentences for the instructor.
    """

    sources: dict[str, str] = field(default_factory=dict)
    places: dict[str, list[Place]] = field(default_factory=dict)
    missing: dict[str, NoAnswer] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def load_request(self, stage: Stage) -> dict[str, Any]:
        """The request that loads a stage. Raises NoAnswer where there is none."""
        if stage.name in self.missing:
            raise self.missing[stage.name]
        return load_request(stage, self.sources, {name: f"{name}.py" for name in self.sources}, self.places)


def written(submission: Submission, limits: Limits, allowance: Allowance) -> Written:
    """What a submission holds. Its notebooks are read by a confined worker, since parsing can be made to fail."""
    found = Written(dict(submission.sources))
    found.missing |= {name: NoAnswer("error", why) for name, why in submission.unread.items()}
    for which in NOTEBOOKS:
        wanted = [stage for stage in which.stages if stage.name not in {*submission.sources, *submission.unread}]
        if not wanted:
            continue
        try:
            if which.name in submission.notebooks:
                _take(found, _read(which, submission.notebooks[which.name], limits, allowance), which, wanted)
            elif submission.notebooks:
                raise NoAnswer("not written", f"{which.file} is missing")
        except NoAnswer as answer:
            found.missing |= {stage.name: answer for stage in wanted}
    return found


def reading(which: Notebook, cells: Iterable[Cell], numbers: Iterable[int] | None = None) -> dict[str, Any]:
    """What `cells.sources_of` needs to know of a notebook; numbers: by which its cells are told, else 1, 2, …"""
    told = [[number, cell.id, cell.source] for number, cell in zip(numbers or count(1), cells, strict=False)]
    others = [other for other in NOTEBOOKS if other is not which]
    return {
        "cells": told,
        "given": sorted({id for other in NOTEBOOKS for id in given_ids(other)}),
        "stages": [_cells_of(stage) | {"header": header(which, stage)} for stage in which.stages],
        "others": [_cells_of(stage) for other in others for stage in other.stages],
    }


def _cells_of(stage: Stage) -> dict[str, Any]:
    """The ids of the cells in which a stage's tasks are written, by task."""
    return {"stage": stage.name, "cells": {task: task_cell(stage, task) for task in stage.tasks}}


def _read(which: Notebook, cells: Iterable[Cell], limits: Limits, allowance: Allowance) -> dict[str, Any]:
    """The sources that a worker makes of a notebook. Raises NoAnswer."""
    request = {
        "do": "read",
        "kind": "notebooks",
        "home": which.file,
        "name": "",
        "notebook": reading(which, cells),
    }
    worker = WorkerProcess(request, {}, limits, allowance)
    try:
        reply = worker.load()["value"]
    finally:
        worker.close()
    if isinstance(reply, dict) and all(_is_reading(reply.get(stage.name)) for stage in which.stages):
        return reply
    raise NoAnswer("crashed", f"{which.file} could not be read")


def _take(found: Written, read: Mapping[str, Any], which: Notebook, wanted: Iterable[Stage]) -> None:
    for stage in wanted:
        found.sources[stage.name] = read[stage.name]["source"]
        found.places[stage.name] = [(line, cell, first) for line, cell, first in read[stage.name]["places"]]
        found.notes += [f"{which.file}: {note}" for note in read[stage.name]["notes"]]


def _is_reading(stage: Any) -> bool:
    """Whether a worker's reply has its parts for a stage."""
    return (
        isinstance(stage, dict)
        and isinstance(stage.get("source"), str)
        and isinstance(stage.get("notes"), list)
        and all(isinstance(note, str) for note in stage["notes"])
        and isinstance(stage.get("places"), list)
        and all(isinstance(place, list) and list(map(type, place)) == [int, str, int] for place in stage["places"])
    )
