"""The files that may count for a stage or a notebook, and which does: work before stubs, then the latest."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from grader.course.catalogue import NOTEBOOKS, Notebook, Stage
from grader.intake.archives import MAX_FILE
from grader.intake.entries import Unreadable, shown
from grader.intake.learning_platforms import MAX_DIGITS, resubmission
from grader.intake.names import Claim
from grader.intake.notebook_files import Cell
from grader.intake.source_text import Undecodable, Unread, decoded
from grader.intake.walking import Place
from grader.intake.work import is_python, notebooks_in, stages_written, written

SAME_TIME = 2.0
"""Seconds within which two files were written at the same time: what the clocks of zips and of FAT tell apart."""
MOST = 12
"""Files at the most that are read for one stage or notebook."""
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
        if which not in self._of:
            self._of[which] = stages_written(self.cells, which)
        return self._of[which]

    @cached_property
    def _of(self) -> dict[Notebook, set[Stage]]:
        return {}


def uploaded(place: Place) -> tuple[int, int, int]:
    """A number that is greater for what a platform took later; the same for all where none says."""
    upload = place.piece.upload
    number = resubmission(place.piece.file, set()) if upload and upload.platform == "Canvas" else 0
    return upload.number if upload else 0, number, _version(place.path)


def _version(path: str) -> int:
    """The number of the folder `Version 2` in which Teams keeps what was handed in; 0 where there is none."""
    for folder in path.split("/")[:-1]:
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
    most = max(map(work, candidates))
    left = [one for one in candidates if work(one) == most]
    last = max(uploaded(one.place) for one in left)
    left = [one for one in left if uploaded(one.place) == last]
    for level in range(max(len(one.place.times) for one in left)):
        times = [one.place.times[level] if level < len(one.place.times) else 0.0 for one in left]
        left = [one for one, time in zip(left, times, strict=True) if time >= max(times) - SAME_TIME]
    return min(left, key=lambda one: (one.claim.plain, one.place.depth, one.place.path))
