"""Reads one submission: of its pieces what was handed in last, as modules, as notebooks, or both."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from grader.catalogue import NOTEBOOKS, STAGES, Stage
from grader.intake.archives import MAX_FILE
from grader.intake.entries import Entry, Unreadable, listed, shown
from grader.intake.learning_platforms import MAX_TIME, stage_of, time_of
from grader.intake.notebook_files import MAX_NOTEBOOK, Cell, is_named, read_cells, which_by_cells, which_by_name
from grader.intake.pieces import Found, NothingFound, Piece, files_of, find, nothing_in
from grader.stubs import stubs


@dataclass
class Gathered:
    """What was read of a submission's pieces, and from which: by the name of a stage, or of a notebook."""

    sources: dict[str, str] = field(default_factory=dict)
    notebooks: dict[str, tuple[Cell, ...]] = field(default_factory=dict)
    pieces: dict[str, Piece] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    times: dict[str, datetime | None] = field(default_factory=dict)
    stamps: list[datetime] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    again: dict[str, list[str]] = field(default_factory=dict)

    @property
    def handed_in(self) -> datetime | None:
        """When: by nbgrader's record, else when the last of what counts was written to disk, by itself or in an
        archive; None where nothing tells.
        """
        counts = [time for name, time in self.times.items() if name in self.sources or name in self.notebooks]
        return max(self.stamps or filter(None, counts), default=None)

    @property
    def is_whole(self) -> bool:
        """Whether each stage has been found."""
        of_notebooks = {stage.name for one in NOTEBOOKS if one.name in self.notebooks for stage in one.stages}
        return len({*self.sources, *of_notebooks}) == len(STAGES)


def gather(pieces: list[Piece], settled: bool = True) -> Gathered:
    """The stages' sources and the notebooks, each from the piece that was handed in last of those that hold it.

    settled: where a stage came as a module and in a notebook, one of them is left out, as it is in marking.
    Raises Unreadable when no piece holds one, or one that is to be read cannot be; of a notebook that cannot be
    read a note says so, unless there is nothing else.
    """
    gathered, reasons = Gathered(), []
    left = []
    for piece in pieces:
        if gathered.is_whole:
            left += [piece] if piece.holds_files or piece.is_notebook or stage_of(piece.file) else []
            continue
        try:
            found = find(piece)
        except NothingFound as error:
            reasons += [] if piece.upload and piece.upload.typed else [str(error)]
            continue
        except Unreadable as error:
            raise Unreadable(f"{shown(piece.file)}: {error}" if len(pieces) > 1 else str(error)) from None
        for stage in STAGES:
            if stage.name in found.stages:
                _take_stage(gathered, stage, found, piece)
        for name, entry in sorted(found.notebooks.items(), key=lambda named: (not is_named(named[0]), named[0])):
            _take_notebook(gathered, name, entry, piece, found.packed)
        _take_timestamp(gathered, found)
    if not gathered.pieces:
        reasons = (
            ["; ".join(gathered.problems or gathered.ignored)]
            if gathered.problems or gathered.ignored
            else reasons
        )
        raise Unreadable(reasons[0] if len(reasons) == 1 else nothing_in(piece.file for piece in pieces))
    _tell(gathered, left)
    if settled:
        _settle(gathered)
    return gathered


def _settle(gathered: Gathered) -> None:
    """Let one form count where a stage came in both: the module, unless it is the stub as it was released."""
    notebooks = [one for one in NOTEBOOKS if one.name in gathered.notebooks]
    for which in notebooks:
        both = [stage for stage in which.stages if stage.name in gathered.sources]
        unwritten = [stage for stage in both if _is_stub(stage, gathered.sources[stage.name])]
        written = [stage for stage in both if stage not in unwritten]
        for stage in unwritten:
            del gathered.sources[stage.name]
        for stages, counts in (
            (unwritten, "the notebook counts, as the file is not written"),
            (written, "the file counts"),
        ):
            files = ", ".join(stage.file for stage in stages)
            gathered.notes += [f"{files} came in {which.file} as well: {counts}"] if files else []
        if len(written) == len(which.stages):
            del gathered.notebooks[which.name]
    missing = [
        one.file
        for one in NOTEBOOKS
        if one.name not in gathered.notebooks and not any(stage.name in gathered.sources for stage in one.stages)
    ]
    if gathered.notebooks and missing:
        gathered.notes.append(f"missing: {', '.join(missing)}")


@cache
def _stubs() -> dict[str, str]:
    return stubs()


def _is_stub(stage: Stage, source: str) -> bool:
    return source.replace("\r\n", "\n").strip() == _stubs()[stage.file].strip()


def _tell(gathered: Gathered, left: list[Piece]) -> None:
    """Notes on what came more than once, what cannot be read, and what was not looked at."""
    for name, others in gathered.again.items():
        counts = gathered.files[name] if name in gathered.notebooks else gathered.pieces[name].file
        gathered.notes.append(f"{_file(name)} came more than once: {shown(counts)} counts, not {listed(others)}")
    gathered.notes += gathered.problems
    if left:
        gathered.notes.append(f"not looked at, as every stage was handed in later: {files_of(left)}")


def _file(name: str) -> str:
    return next((one.file for one in (*STAGES, *NOTEBOOKS) if one.name == name), name)


def _take_stage(gathered: Gathered, stage: Stage, found: Found, piece: Piece) -> None:
    entry = found.stages[stage.name]
    if stage.name in gathered.sources:
        gathered.again.setdefault(stage.name, []).append(piece.file)
        return
    if entry.is_folder:
        gathered.notes.append(f"{stage.file} is a folder, not a file, and was not read")
        return
    gathered.sources[stage.name] = _text(stage.file, entry)
    gathered.pieces[stage.name] = piece
    gathered.times[stage.name] = entry.changed() or found.packed()


def _take_notebook(
    gathered: Gathered, name: str, entry: Entry, piece: Piece, packed: Callable[[], datetime | None]
) -> None:
    """Read a notebook; one that is none of the course's is of interest only where there is nothing else."""
    try:
        cells = read_cells(entry.read(MAX_NOTEBOOK))
    except Unreadable as error:
        told = gathered.problems if which_by_name(name) or piece.is_notebook else gathered.ignored
        told.append(f"{shown(name)} cannot be read: {error}")
        return
    which = which_by_cells(cells) or which_by_name(name)
    if which is None:
        told = gathered.problems if piece.is_notebook else gathered.ignored
        told.append(f"{shown(name)} is none of the course's notebooks ({NOTEBOOKS[0].file}, …)")
    elif which.name in gathered.notebooks:
        gathered.again.setdefault(which.name, []).append(name)
    else:
        gathered.notebooks[which.name] = cells
        gathered.pieces[which.name], gathered.files[which.name] = piece, name
        gathered.times[which.name] = entry.changed() or packed()


def _take_timestamp(gathered: Gathered, found: Found) -> None:
    if found.timestamp:
        try:
            stamp = time_of(found.timestamp.read(MAX_TIME).decode("utf-8", "replace").strip())
        except Unreadable:
            stamp = None
        gathered.stamps += [stamp] if stamp else []


def _text(name: str, entry: Entry) -> str:
    try:
        return entry.read(MAX_FILE).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is not UTF-8 text (byte {error.start})") from None
    except Unreadable as error:
        raise Unreadable(f"{name}: {error}") from None
