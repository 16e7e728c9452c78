"""The marking engine as nbgrader's step that runs a submitted notebook; `nbgrader_config.py` names these classes.

`nbgrader autograde` calls RestoreCells and PlainMarkdown while it sanitizes a notebook, then MarkingEngine in the
place of its own Execute, then SaveMarks in the place of SaveAutoGrades. The fork servers start with the first
notebook and end with the process.
"""

import secrets
from functools import cache
from typing import Any, cast

from nbformat import NotebookNode, from_dict
from nbgrader.preprocessors import NbGraderPreprocessor, SaveAutoGrades
from nbgrader.utils import is_grade, is_solution
from traitlets import Enum, Float, Integer

from grader.course.catalogue import NOTEBOOKS, Notebook, check_cell, task_cell
from grader.gradebook.autograded import outputs
from grader.gradebook.marks import marks_of
from grader.intake.notebook_files import Cell
from grader.intake.submissions import Submission
from grader.judging.rendering import verbatim
from grader.marking.mark import Settings, mark
from grader.outside.workers import Isolation, NoWorkersError
from grader.publishing.assembly import released

MIB = 2**20
COMMENTS = "chainrule_comments"
"""Where a notebook's comments are on their way from one step to the next."""
Resources = dict[str, Any]


class Stopped(SystemExit, KeyboardInterrupt):
    """Ends nbgrader with a sentence, where the next submission would fare no better.

    As KeyboardInterrupt it has nbgrader remove what it had begun to write; as SystemExit it brings no traceback.
    """


class RestoreCells(NbGraderPreprocessor):  # type: ignore[misc]
    """Puts back what a notebook lost: given cells, checks, and nbgrader's marks on cells that are still there.

    A task's own cell is not put back: what a learner wrote may stand in another one.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Restore the cells of one of the course's notebooks; leave others alone."""
        which = _which(resources)
        if which is None:
            return nb, resources
        frame = released(which).cells
        known = {cell.id: cell for cell in frame if "nbgrader" in cell.metadata}
        there = {_grade_id(cell) for cell in nb.cells}
        for cell in nb.cells:
            original = known.get(cell.get("id", ""))
            if original and _grade_id(cell) is None and original.id not in there:
                self.log.warning("Cell %s had lost its metadata", original.id)
                cell.metadata["nbgrader"] = from_dict(original.metadata.nbgrader)
                there.add(original.id)
        for place, cell in enumerate(frame):
            if cell.id in known.keys() - there and not is_solution(cell):
                self.log.warning("Cell %s was missing and is put back", cell.id)
                nb.cells.insert(_place(nb, frame, place), from_dict(cell))
        return nb, resources


class PlainMarkdown(NbGraderPreprocessor):  # type: ignore[misc]
    """Makes Markdown of a learner's own plain text: HTML in it would run in the browser of whoever grades.

    What an instructor added, to be graded by hand, stays as it is. Comes after OverwriteCells, which knows whose
    grade_ids are real.
    """

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Keep what the released notebook holds, and show the rest as it was typed."""
        which = _which(resources)
        given = {cell.source for cell in released(which).cells} if which else set()
        for cell in nb.cells:
            if not _grade_id(cell):
                cell.metadata.pop("nbgrader", None)  # what is left of a forged or a doubled cell's
            if cell.cell_type != "code" and not _grade_id(cell) and cell.source not in given:
                cell.cell_type, cell.source = "markdown", verbatim(cell.source)
                cell.pop("attachments", None)
        return nb, resources


class MarkingEngine(NbGraderPreprocessor):  # type: ignore[misc]
    """Marks a notebook's stages in confined workers; the check cells get the outputs that they would print."""

    seed = Integer(
        None, allow_none=True, min=0, help="Seed of the data that the suites draw; without one it is drawn."
    ).tag(config=True)
    time_limit = Float(
        Settings.time_limit, min=0.1, help="Seconds of processor time for one call of a learner's function."
    ).tag(config=True)
    total_limit = Float(Settings.total_limit, min=1, help="Seconds for all calls of a notebook.").tag(config=True)
    memory_limit = Integer(
        Settings.memory_limit // MIB, min=64, help="MiB for a learner's code, beyond Python and its libraries."
    ).tag(config=True)
    isolation = Enum(
        ("kernel", "process"),
        Settings.isolation,
        help="What keeps learners' code apart, as for `chainrule grade`.",
    ).tag(config=True)

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Mark one of the course's notebooks. Raises KitError when the kit fails, Stopped for good."""
        for cell in nb.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        which = _which(resources)
        if which is None:
            self.log.warning("%s is no notebook of the course: not marked", resources["nbgrader"]["notebook"])
            return nb, resources
        settings = self._settings()
        self.log.info("Marking with seed %s, isolation: %s", settings.seed, settings.isolation)
        cells = tuple(
            Cell(_grade_id(cell) or cell.get("id", ""), cell.source)
            for cell in nb.cells
            if cell.cell_type == "code"
        )
        handed_in = Submission(resources["nbgrader"]["student"], form="notebooks", notebooks={which.name: cells})
        try:
            result = mark(handed_in, settings)
        except NoWorkersError as error:
            raise Stopped(f"{error}\n`chainrule doctor` shows what this machine offers.") from None
        for note in result.notes:
            self.log.warning("%s", note)
        marks = marks_of(result)
        tasks = [(stage, task) for stage in which.stages for task in stage.tasks]
        shown = {check_cell(stage, task): marks[stage.name, task] for stage, task in tasks}
        for cell in nb.cells:
            found = shown.get(_grade_id(cell) or "")
            if found and cell.cell_type == "code":
                cell.outputs = outputs(found)
        resources[COMMENTS] = {task_cell(stage, task): marks[stage.name, task].comment for stage, task in tasks}
        return nb, resources

    def _settings(self) -> Settings:
        seed = _drawn_seed() if self.seed is None else self.seed
        isolation = cast(Isolation, self.isolation)
        return Settings(seed, self.time_limit, self.total_limit, self.memory_limit * MIB, isolation)


class SaveMarks(SaveAutoGrades):  # type: ignore[misc]
    """Saves grades as nbgrader does, and the engine's comments; what it did not mark is left to a grader."""

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_score(cell, resources)
        if cell.metadata.nbgrader.grade_id not in _checks(resources) and not is_solution(cell):
            place = self.notebook_id, self.assignment_id, self.student_id
            grade = self.gradebook.find_grade(cell.metadata.nbgrader.grade_id, *place)
            grade.auto_score, grade.needs_manual_grade = None, grade.manual_score is None
            self.gradebook.db.commit()

    def _add_comment(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_comment(cell, resources)
        comments = resources.get(COMMENTS, {})
        if cell.metadata.nbgrader.grade_id in comments:
            place = self.notebook_id, self.assignment_id, self.student_id
            comment = self.gradebook.find_comment(cell.metadata.nbgrader.grade_id, *place)
            comment.auto_comment = comments[cell.metadata.nbgrader.grade_id]
            self.gradebook.db.commit()


@cache
def _drawn_seed() -> int:
    """One seed for a process: nbgrader makes its steps anew for each notebook."""
    return secrets.randbelow(2**31)


def _which(resources: Resources) -> Notebook | None:
    return next((which for which in NOTEBOOKS if which.name == resources["nbgrader"]["notebook"]), None)


def _checks(resources: Resources) -> set[str]:
    which = _which(resources)
    return {check_cell(stage, task) for stage in which.stages for task in stage.tasks} if which else set()


def _grade_id(cell: NotebookNode) -> str | None:
    grade_id: str | None = cell.metadata.get("nbgrader", {}).get("grade_id")
    return grade_id


def _place(nb: NotebookNode, frame: list[NotebookNode], place: int) -> int:
    """Where in a notebook a cell of the frame belongs: a check before what follows, others after what precedes."""
    where = {_grade_id(cell) or cell.get("id"): index for index, cell in enumerate(nb.cells)}
    if is_grade(frame[place]):
        return next((where[cell.id] for cell in frame[place:] if cell.id in where), len(nb.cells))
    return next((where[cell.id] + 1 for cell in reversed(frame[:place]) if cell.id in where), 0)
