"""Reads one submission: of all files in it those that count, as modules, as notebooks, or both."""

from dataclasses import dataclass, field
from datetime import datetime

from grader.course.catalogue import NOTEBOOKS, STAGES, Notebook
from grader.intake.archives import is_archive, told_of_others
from grader.intake.candidates import NotebookFile, best, later
from grader.intake.entries import Unreadable, listed, shown
from grader.intake.learning_platforms import MAX_TIME, is_export, stage_of, time_of
from grader.intake.names import claim_of, looks_like
from grader.intake.notebook_files import Cell
from grader.intake.sorting import Files, look_into_unnamed, sort
from grader.intake.source_text import Unread
from grader.intake.uploads import RELEASED, Piece, files_of, nothing_in
from grader.intake.walking import Place, Walk, walk


@dataclass
class Gathered:
    """What counts of a submission's pieces, and from which: by the name of a stage, or of a notebook.

    unread: why a stage's file could not be read, where nothing else counts for it.
    """

    sources: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    notebooks: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    stamps: list[datetime] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def handed_in(self) -> datetime | None:
        """When: by nbgrader's record, else when the last of what counts was written to disk, by itself or in an
        archive; None where nothing tells.
        """
        counts = [place.changed() for place in self._counting()]
        return max(self.stamps or filter(None, counts), default=None)

    @property
    def pieces(self) -> list[Piece]:
        """The pieces from which something counts."""
        return [place.piece for place in self._counting()]

    def _counting(self) -> list[Place]:
        return [place for name, place in self.places.items() if name not in self.unread]


def gather(pieces: list[Piece], alone: bool = False) -> Gathered:
    """The stages' sources and the notebooks that count, of all files in all pieces.

    alone: whether the submission may be a folder of submissions. Raises Unreadable when nothing can be read.
    """
    files, gathered, reasons, left = Files(), Gathered(), [], []
    for number, piece in enumerate(pieces):
        if number and files.is_whole():
            left += [piece] if piece.holds_files or piece.is_notebook or stage_of(piece.file) else []
            continue
        try:
            found = walk(piece)
        except Unreadable as error:
            files.problems.append(f"{shown(piece.file)}: {error}" if len(pieces) > 1 else str(error))
            continue
        if alone:
            _check_alone(found, piece)
        if not (piece.upload and piece.upload.typed):
            reasons.append(nothing_in(found.top))
        sort(files, found)
        _take_timestamp(gathered, found)
    look_into_unnamed(files)
    notebooks = _notebooks(gathered, files)
    _modules(gathered, files)
    _settle(gathered, files, notebooks)
    if not (gathered.sources or gathered.notebooks):
        told = [*gathered.unread.values(), *files.problems] or files.ignored or reasons
        told = told if len(told) < 2 or told is not reasons else [nothing_in(piece.file for piece in pieces)]
        raise Unreadable("; ".join(told[:5]) or nothing_in(piece.file for piece in pieces))
    gathered.notes = [*files.problems, *gathered.notes, *_missing(gathered, files)]
    if left:
        gathered.notes.append(f"not looked at, as every stage was handed in later: {files_of(left)}")
    return gathered


def _check_alone(found: Walk, piece: Piece) -> None:
    """Raise Unreadable where what may be several learners' work lies in as many folders, archives or uploads."""
    if piece.holds_files and is_export({name.rstrip("/"): name.endswith("/") for name in found.top}):
        raise Unreadable(f"it holds what a learning platform's export does: {listed(found.top)}")
    paths = [place.path.split("/") for place in found.files if claim_of(place.name)]
    paths += [[*place.path.split("/"), ""] for place, _ in found.others if place.path.endswith(".zip")]
    while paths and all(len(path) > 1 for path in paths) and len({path[0] for path in paths}) == 1:
        paths = [path[1:] for path in paths]
    folders = {path[0] for path in paths}
    is_one = found.is_clone or folders <= RELEASED or any(len(path) == 1 for path in paths)
    if len(folders) > 1 and not is_one:
        raise Unreadable(f"stage files in more than one folder: {listed(folders)}; only one can be marked")


def _notebooks(gathered: Gathered, files: Files) -> dict[Notebook, NotebookFile]:
    """Choose the file that counts for each notebook."""
    chosen = {}
    for which in NOTEBOOKS:
        certain = [one for one in files.notebooks if which in one.certain]
        perhaps = [one for one in files.notebooks if which in one.perhaps and one.of(which)]
        several = len(certain) + len(perhaps) > 1
        if perhaps and not any(one.of(which) for one in certain):
            certain = perhaps
        if not certain:
            continue
        counts = best(certain, lambda one: 2 * bool(one.of(which)))  # noqa: B023 -- called here and now
        chosen[which] = counts
        gathered.notebooks[which.name] = counts.cells
        gathered.places[which.name] = counts.place
        others = [one for one in certain if one is not counts and one.cells != counts.cells]
        if counts.claim.form == "module":
            gathered.notes.append(f"{shown(counts.place.told)} counts as {which.file}")
        if several and others:
            empty = [not one.of(which) for one in others] if counts.of(which) else []
            gathered.notes.append(_again(which.file, counts.place, [one.place for one in others], empty))
    return chosen


def _modules(gathered: Gathered, files: Files) -> None:
    """Choose the file that counts for each stage."""
    for stage, found in sorted(files.modules.items(), key=lambda named: named[0].number):
        sure = [one for one in found if one.is_borne_out]
        files.others += [(one.place, "its name is not the stage's") for one in found if one not in sure]
        if not sure:
            continue
        counts = best(sure, lambda one: one.work)
        gathered.places[stage.name] = counts.place
        if isinstance(counts.source, Unread):
            gathered.unread[stage.name] = counts.source.why
        else:
            gathered.sources[stage.name] = counts.source
        others = [one for one in sure if one is not counts and one.source != counts.source]
        if others:
            empty = [one.work == 0 for one in others] if counts.work else []
            gathered.notes.append(_again(stage.file, counts.place, [one.place for one in others], empty))
        elif counts.claim.plain[0] and not (counts.place.piece.upload and stage_of(counts.place.name)):
            gathered.notes.append(f"{shown(counts.place.told)} counts as {stage.file}")


def _again(file: str, counts: Place, others: list[Place], empty: list[bool]) -> str:
    """That something came more than once; empty: in which of the others nothing is written."""
    why = ", in which nothing is written" if empty and all(empty) else ""
    paths = [place.told for place in others]
    return f"{file} came more than once: {shown(counts.told)} counts, not {listed(paths)}{why}"


def _settle(gathered: Gathered, files: Files, chosen: dict[Notebook, NotebookFile]) -> None:
    """Let one form count where a stage came in both: that with work; of two with work the later, or the module."""
    for which, notebook in chosen.items():
        both = [stage for stage in which.stages if stage.name in gathered.places]
        modules = {
            stage: next(m for m in files.modules[stage] if m.place is gathered.places[stage.name])
            for stage in both
        }
        written = notebook.of(which) if both or notebook.place.in_clone else set()
        lost = [
            stage
            for stage, module in modules.items()
            if stage in written and (module.work < 2 or later(notebook.place, module.place) > 0)
        ]
        kept = [stage for stage in both if stage not in lost]
        why = [stage for stage in lost if modules[stage].work == 2]
        for stage in lost:
            gathered.notes += filter(None, [gathered.unread.pop(stage.name, None)])
            del gathered.places[stage.name]
            gathered.sources.pop(stage.name, None)
        is_released = not written and notebook.place.in_clone
        for stages, counts in (
            ([stage for stage in lost if stage not in why], "the notebook counts, as the file is not written"),
            (why, "the notebook counts, as it is later"),
            ([] if is_released else kept, "the file counts"),
        ):
            names = ", ".join(stage.file for stage in stages)
            gathered.notes += [f"{names} came in {which.file} as well: {counts}"] if names else []
        if len(kept) == len(which.stages):
            del gathered.notebooks[which.name], gathered.places[which.name]
    missing = [
        one.file
        for one in NOTEBOOKS
        if one.name not in gathered.notebooks and not any(stage.name in gathered.places for stage in one.stages)
    ]
    if gathered.notebooks and missing:
        gathered.notes.append(f"missing: {', '.join(missing)}")


def _missing(gathered: Gathered, files: Files) -> list[str]:
    """What looks like a stage that is missing, and was not taken."""
    there = {stage for one in NOTEBOOKS if one.name in gathered.notebooks for stage in one.stages}
    missing = [s for s in STAGES if s not in there and s.name not in gathered.places]
    unwritten = files.unwritten() if files.others else set()
    notes = []
    for place, why in files.others:
        claimed = looks_like(place.name)
        stages = [stage for stage in claimed if stage in unwritten]
        other = told_of_others([place.name])
        if stages:
            lacks = "which is missing" if stages[0] in missing else "in which nothing is written"
            named = ", ".join(stage.file for stage in stages)
            notes.append(f"{shown(place.told)} was not taken for {named}, {lacks}: {why}")
        elif (is_archive(place.name) or other) and missing and not claimed:
            notes.append(other or f"{shown(place.told)} was not opened: {why}")
    return notes + (files.ignored if missing else [])


def _take_timestamp(gathered: Gathered, found: Walk) -> None:
    """nbgrader's time, which stands beside what a learner packed; within, it would be the learner's."""
    trusted = {home: one for home, one in found.stamps.items() if home in {"", *found.homes}}
    pieces = {place.piece for place in found.files}
    if not trusted or any(piece.upload or not piece.entry.is_folder for piece in pieces):
        return
    try:
        stamp = time_of(trusted[max(trusted)].read(MAX_TIME).decode("utf-8", "replace").strip())
    except Unreadable:
        return
    gathered.stamps += [stamp] if stamp else []
