"""All files of a submission that may count, told apart: modules by their names, notebooks by what they hold."""

from dataclasses import dataclass, field
from functools import cache

from grader.course.catalogue import NOTEBOOKS, STAGES, Stage
from grader.course.location import SOLUTIONS
from grader.intake.archives import MAX_FILE
from grader.intake.candidates import MOST, Module, NotebookFile
from grader.intake.entries import Unreadable, bounded, shown
from grader.intake.exports import exported_cells
from grader.intake.exports import is_export as is_exported
from grader.intake.names import Claim, claim_of
from grader.intake.notebook_files import MAX_NOTEBOOK, Cell, read_cells
from grader.intake.source_text import Undecodable, decoded
from grader.intake.walking import Place, Walk
from grader.intake.work import defined

MAX_UNNAMED = 40
"""Modules of other names at the most into which is looked."""
MAX_NOTEBOOKS = 40
"""Files at the most that are read as notebooks."""


@dataclass
class Files:
    """All files of a submission that may count, and what is to be said of others."""

    modules: dict[Stage, list[Module]] = field(default_factory=dict)
    notebooks: list[NotebookFile] = field(default_factory=list)
    others: list[tuple[Place, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    unnamed: list[Place] = field(default_factory=list)
    room: int = MAX_NOTEBOOK

    def is_whole(self) -> bool:
        """Whether there is work for each stage."""
        return not self.unwritten()

    def unwritten(self) -> set[Stage]:
        """The stages of which there is no work."""
        by_notebooks = {stage for one in self.notebooks for stage in one.stages}
        return {
            stage
            for stage in STAGES
            if stage not in by_notebooks and all(one.work < 2 for one in self.modules.get(stage, ()))
        }


def sort(files: Files, found: Walk) -> None:
    """Tell modules from notebooks, which are read."""
    files.others += found.others
    files.problems += found.problems
    for place in found.files:
        claim = claim_of(place.name)
        if claim is None:
            files.unnamed.append(place)
            continue
        if claim.stage is None:
            _read_notebook(files, claim, place)
            continue
        held = files.modules.setdefault(claim.stage, [])
        module = Module(claim.stage, claim, place)
        if SOLUTIONS.name in place.path.split("/")[:-1] and module.source == _solution(claim.stage):
            continue
        if len(held) < MOST:
            held.append(module)
        else:
            files.others.append((place, "too many of its kind"))


@cache
def _solution(stage: Stage) -> str:
    """The solution of a stage as it was released, which is nobody's work."""
    return (SOLUTIONS / stage.file).read_text(encoding="utf-8")


def _read_notebook(files: Files, claim: Claim, place: Place) -> None:
    """Read a notebook; one that is none of the course's is of interest only where there is nothing else."""
    told = files.problems if claim.notebook or place.piece.is_notebook else files.ignored
    if len(files.notebooks) >= MAX_NOTEBOOKS:
        files.others.append((place, "too many of its kind"))
        return
    try:
        content = place.entry.read(min(MAX_NOTEBOOK, files.room))
        files.room -= len(content)
        one = NotebookFile(claim, place, _cells_of(claim, content))
    except (Unreadable, Undecodable) as error:
        told.append(f"{shown(place.told)} cannot be read: {error}")
        return
    if one.certain or one.perhaps:
        files.notebooks.append(one)
    else:
        told.append(f"{shown(place.told)} is none of the course's notebooks ({NOTEBOOKS[0].file}, …)")


def _cells_of(claim: Claim, content: bytes) -> tuple[Cell, ...]:
    """The cells of a notebook's file, or of a Python file made of one. Raises Unreadable or Undecodable."""
    if claim.form == "module" and not content.lstrip().startswith(b"{"):
        return exported_cells(decoded(bounded(content, MAX_FILE)))
    return read_cells(content)


def look_into_unnamed(files: Files) -> None:
    """Take modules of whatever names by what they hold, for stages of which there is no work."""
    for place in files.unnamed[:MAX_UNNAMED]:
        missing = files.unwritten()
        if not missing:
            return
        try:
            text = decoded(place.entry.read(MAX_FILE))
        except (Unreadable, Undecodable):
            continue
        claim = Claim("module", is_sure=False, plain=(True, len(place.name)))
        if is_exported(text):
            _read_notebook(files, claim, place)
            continue
        names = defined(text)
        held = {stage: names & set(stage.tasks) for stage in STAGES}
        stages = [stage for stage in STAGES if 2 * len(held[stage]) >= len(stage.tasks)]
        if len(stages) == 1 and stages[0] in missing:
            files.modules.setdefault(stages[0], []).append(Module(stages[0], claim, place))
        elif stages:
            held_by = ", ".join(stage.file for stage in stages)
            files.ignored.append(f"{shown(place.told)} was not taken: it has tasks of several stages ({held_by})")
