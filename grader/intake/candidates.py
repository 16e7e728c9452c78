"""The files that may count for a stage or a notebook, and which does: work before stubs, then the latest.

Modules are told apart by their names, notebooks by what they hold.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TypeVar

from grader.course.catalogue import NOTEBOOKS, STAGES, Notebook, Stage
from grader.course.location import SOLUTIONS
from grader.intake.archives import MAX_FILE
from grader.intake.entries import Unreadable, bounded, shown
from grader.intake.learning_platforms import MAX_DIGITS, resubmission
from grader.intake.names import Claim, claim_of
from grader.intake.notebook_files import MAX_NOTEBOOK, Cell, exported_cells, is_exported, read_cells
from grader.intake.source_text import Undecodable, Unread, decoded
from grader.intake.walking import Place, Walk
from grader.intake.work import defined, is_python, notebooks_in, stages_written, written

SAME_TIME = 2.0
"""Seconds within which two files were written at the same time: what the clocks of zips and of FAT tell apart."""
MOST = 12
"""Files at the most that are read for one stage."""
MAX_NOTEBOOKS = 40
"""Files at the most that are read as notebooks."""
MAX_UNNAMED = 40
"""Modules of other names at the most into which is looked."""
TOO_MANY = "too many of its kind"
T = TypeVar("T", "Module", "NotebookFile")


@dataclass
class Module:
    """A file that may be a stage's."""

    stage: Stage
    claim: Claim
    place: Place

    @cached_property
    def source(self) -> str | Unread:
        """The text, or why there is none."""
        try:
            return decoded(self.place.entry.read(MAX_FILE))
        except Undecodable as error:
            return Unread(f"{shown(self.place.name)} {error}")
        except Unreadable as error:
            return Unread(f"{shown(self.place.name)}: {error}")

    @cached_property
    def tasks(self) -> set[str]:
        """The stage's tasks that are written in it."""
        return written(self.source, self.stage.tasks) if isinstance(self.source, str) else set()

    @property
    def work(self) -> int:
        """2 where something is written, 1 where that cannot be read, 0 where nothing is."""
        return 1 if isinstance(self.source, Unread) else 2 if self.tasks else 0

    @property
    def is_borne_out(self) -> bool:
        """Whether it is the stage's by its name, or by what it holds."""
        if self.claim.is_sure or not isinstance(self.source, str):
            return self.claim.is_sure
        return bool(self.tasks) and (self.claim.form == "module" or is_python(self.source))


@dataclass
class NotebookFile:
    """A notebook's file that was read, and of which of the course's it may be: for certain, and perhaps."""

    claim: Claim
    place: Place
    cells: tuple[Cell, ...]
    _written: dict[Notebook, set[Stage]] = field(default_factory=dict)

    @cached_property
    def certain(self) -> set[Notebook]:
        """By its name, or else by its cells."""
        return {self.claim.notebook} if self.claim.notebook else notebooks_in(self.cells)[0]

    @cached_property
    def perhaps(self) -> set[Notebook]:
        """By its cells, where its name says another, or they do not say for certain."""
        certain, perhaps = notebooks_in(self.cells)
        return (certain | perhaps) - self.certain

    @cached_property
    def stages(self) -> set[Stage]:
        """The stages of which something is written in it."""
        return {stage for one in NOTEBOOKS if one in self.certain | self.perhaps for stage in self.of(one)}

    def of(self, which: Notebook) -> set[Stage]:
        """The stages of one notebook of which something is written in it."""
        if which not in self._written:
            self._written[which] = stages_written(self.cells, which)
        return self._written[which]


@dataclass
class Files:
    """All files of a submission that may count, and what is to be said of others.

    others: those that are not taken, with the reason; problems: sentences on what cannot be read; ignored: such
    sentences that are of interest only where something is missing; room: bytes of notebooks that may yet be read.
    """

    modules: dict[Stage, list[Module]] = field(default_factory=dict)
    notebooks: list[NotebookFile] = field(default_factory=list)
    others: list[tuple[Place, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    unnamed: list[Place] = field(default_factory=list)
    room: int = MAX_NOTEBOOK

    def unwritten(self) -> set[Stage]:
        """The stages of which there is no work."""
        done = {stage for one in self.notebooks for stage in one.stages}
        done |= {stage for stage, found in self.modules.items() if any(one.work == 2 for one in found)}
        return {*STAGES} - done

    def add(self, found: Walk) -> None:
        """Tell an upload's modules from its notebooks, which are read."""
        self.others += found.others
        self.problems += found.problems
        for place in found.files:
            claim = claim_of(place.name)
            if claim is None:
                self.unnamed.append(place)
            elif claim.stage is None:
                self._read_notebook(claim, place)
            else:
                self._add_module(Module(claim.stage, claim, place))

    def _add_module(self, module: Module) -> None:
        held = self.modules.setdefault(module.stage, [])
        folders = module.place.path.split("/")[:-1]
        if SOLUTIONS.name in folders and module.source == _solution(module.stage):
            return
        if len(held) < MOST:
            held.append(module)
        else:
            self.others.append((module.place, TOO_MANY))

    def _read_notebook(self, claim: Claim, place: Place) -> None:
        """Read a notebook; one that is none of the course's is of interest only where there is nothing else."""
        notes = self.problems if claim.notebook or place.upload.is_notebook else self.ignored
        if len(self.notebooks) >= MAX_NOTEBOOKS:
            self.others.append((place, TOO_MANY))
            return
        try:
            content = place.entry.read(min(MAX_NOTEBOOK, self.room))
            self.room -= len(content)
            one = NotebookFile(claim, place, _cells_of(claim, content))
        except (Unreadable, Undecodable) as error:
            notes.append(f"{shown(place.full_path)} cannot be read: {error}")
            return
        if one.certain or one.perhaps:
            self.notebooks.append(one)
        else:
            notes.append(f"{shown(place.full_path)} is none of the course's notebooks ({NOTEBOOKS[0].file}, …)")

    def look_into_unnamed(self) -> None:
        """Take modules of whatever names by what they hold, for stages of which there is no work."""
        for place in self.unnamed[:MAX_UNNAMED]:
            missing = self.unwritten()
            if not missing:
                return
            try:
                text = decoded(place.entry.read(MAX_FILE))
            except (Unreadable, Undecodable):
                continue
            claim = Claim("module", is_sure=False, plain=(True, len(place.name)))
            if is_exported(text):
                self._read_notebook(claim, place)
                continue
            names = defined(text)
            stages = [stage for stage in STAGES if 2 * len(names & {*stage.tasks}) >= len(stage.tasks)]
            if len(stages) == 1 and stages[0] in missing:
                self.modules.setdefault(stages[0], []).append(Module(stages[0], claim, place))
            elif stages:
                of = ", ".join(stage.file for stage in stages)
                self.ignored.append(
                    f"{shown(place.full_path)} was not taken: it has tasks of several stages ({of})"
                )


@cache
def _solution(stage: Stage) -> str:
    """The solution of a stage as it was released, which is nobody's work."""
    return (SOLUTIONS / stage.file).read_text(encoding="utf-8")


def _cells_of(claim: Claim, content: bytes) -> tuple[Cell, ...]:
    """The cells of a notebook's file, or of a Python file made of one. Raises Unreadable or Undecodable."""
    if claim.form == "module" and not content.lstrip().startswith(b"{"):
        return exported_cells(decoded(bounded(content, MAX_FILE)))
    return read_cells(content)


def uploaded(place: Place) -> tuple[int, int, int]:
    """A number that is greater for what a platform took later; the same for all where none says."""
    named = place.upload.named
    number = resubmission(place.upload.file, set()) if named and named.platform == "Canvas" else 0
    return named.number if named else 0, number, _version(place.folder)


def _version(folders: str) -> int:
    """The number of the folder `Version 2` in which Teams keeps what was handed in; 0 where there is none."""
    for folder in folders.split("/"):
        word, _, number = folder.partition(" ")
        if word == "Version" and number.isascii() and number.isdigit() and len(number) < MAX_DIGITS:
            return int(number)
    return 0


def later(one: Place, other: Place) -> int:
    """1 where one file came later than the other, by the platform or else by the files' times; -1 for earlier."""
    if uploaded(one) != uploaded(other):
        return 1 if uploaded(one) > uploaded(other) else -1
    for mine, others in zip(one.times, other.times, strict=False):
        if abs(mine - others) > SAME_TIME:
            return 1 if mine > others else -1
    return 0


def best(candidates: Sequence[T], work: Callable[[T], int]) -> T:
    """The one that counts: with most work, then the latest, then by the plainest name."""
    if len(candidates) == 1:
        return candidates[0]
    most = max((work(one), uploaded(one.place)) for one in candidates)
    left = [one for one in candidates if (work(one), uploaded(one.place)) == most]
    for level in range(max(len(one.place.times) for one in left)):
        times = [one.place.times[level] if level < len(one.place.times) else 0.0 for one in left]
        left = [one for one, time in zip(left, times, strict=True) if time >= max(times) - SAME_TIME]
    return min(left, key=lambda one: (one.claim.plain, one.place.depth, one.place.path))
