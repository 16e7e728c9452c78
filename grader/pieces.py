"""Reads one submission from its pieces: the folders, archives and files that a learner handed in."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from grader.archives import MAX_FILE, contents, is_archive
from grader.catalogue import STAGES, Stage
from grader.entries import Entry, Folder, Unreadable, listed, shown
from grader.learning_platforms import Upload, resubmission, stage_of


@dataclass(frozen=True)
class Piece:
    """One entry that a submission consists of; `upload` is None for a folder or an archive of no pattern."""

    label: str
    entry: Entry
    upload: Upload | None = None

    @property
    def file(self) -> str:
        """The name that the learner gave it, as far as it is known."""
        return (self.upload and self.upload.file) or self.label

    @property
    def platform(self) -> str | None:
        """The learning platform whose export it comes from."""
        return self.upload.platform if self.upload else None

    @property
    def holds_files(self) -> bool:
        """Whether it is to be looked into: a folder, an archive, or whatever stands alone for a submission."""
        return self.upload is None or self.entry.is_folder or is_archive(self.file)


class _NoStageFile(Unreadable):
    """There is no stage file, which elsewhere may be no fault."""


@dataclass
class Gathered:
    """What was read of a submission's pieces, and from which: each stage's source, and the piece that it is of."""

    sources: dict[str, str] = field(default_factory=dict)
    pieces: dict[str, Piece] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def resubmissions(pieces: list[Piece]) -> dict[str, int]:
    """How often each piece's name had been used before, by its label, as Canvas's numbers say."""
    files = {piece.file for piece in pieces}
    return {p.label: resubmission(p.file, files) if p.platform == "Canvas" else 0 for p in pieces}


def gather(pieces: list[Piece]) -> Gathered:
    """The stages' sources, each from the piece that was handed in last of those that hold it.

    Raises Unreadable when no piece holds one, or one that is to be read cannot be.
    """
    gathered, reasons = Gathered(), []
    again: dict[str, list[str]] = {}
    left = []
    for piece in pieces:
        if len(gathered.sources) == len(STAGES):
            left += [piece] if piece.holds_files or stage_of(piece.file) else []
            continue
        try:
            found = _stage_files(piece)
        except _NoStageFile as error:
            reasons += [] if piece.upload and piece.upload.typed else [str(error)]
            continue
        except Unreadable as error:
            raise Unreadable(f"{shown(piece.file)}: {error}" if len(pieces) > 1 else str(error)) from None
        for stage in STAGES:
            if stage.name in gathered.sources and stage.name in found:
                again.setdefault(stage.name, []).append(piece.file)
            elif stage.name in found:
                _take(gathered, stage, found[stage.name], piece)
    if not gathered.pieces:
        raise Unreadable(reasons[0] if len(reasons) == 1 else _nothing_in(piece.file for piece in pieces))
    for name, others in again.items():
        gathered.notes.append(
            f"{name}.py came more than once: {shown(gathered.pieces[name].file)} counts, not {listed(others)}"
        )
    if left:
        gathered.notes.append(f"not looked at, as every stage was handed in later: {files_of(left)}")
    return gathered


def _take(gathered: Gathered, stage: Stage, entry: Entry, piece: Piece) -> None:
    if entry.is_folder:
        gathered.notes.append(f"{stage.file} is a folder, not a file, and was not read")
        return
    gathered.sources[stage.name] = _text(stage.file, entry)
    gathered.pieces[stage.name] = piece


def _stage_files(piece: Piece) -> Folder:
    """What is in the place of each stage's file in a piece, by the stage's name. Raises Unreadable."""
    if piece.holds_files:
        home = _home(contents(piece.entry))
        return {stage.name: home[stage.file] for stage in STAGES if stage.file in home}
    found = stage_of(piece.file)
    if not found or (found[1] and piece.platform != "Canvas"):
        raise _NoStageFile(_nothing_in([piece.file]))
    return {found[0]: piece.entry}


def _nothing_in(names: Iterable[str]) -> str:
    held = listed(names)
    what = f"it holds {held}" if held else "it is empty"
    return f"no stage file ({STAGES[0].file}, …) in it or in a folder one level down; {what}"


def files_of(pieces: Iterable[Piece]) -> str:
    """The names of some pieces, for a sentence."""
    return listed(piece.file for piece in pieces)


def _home(inner: Folder, inside_archive: bool = False) -> Folder:
    """The folder with the stage files: this one, one wrapping folder down, or in the only archive."""
    if has_stage_files(inner):
        return inner
    wrapped = {
        name: held for name, entry in inner.items() if entry.is_folder and has_stage_files(held := _look(entry))
    }
    if len(wrapped) == 1:
        return next(iter(wrapped.values()))
    if wrapped:
        raise Unreadable(f"stage files in more than one folder: {listed(wrapped)}; only one can be marked")
    archives = [entry for name, entry in inner.items() if is_archive(name) and not entry.is_folder]
    if len(archives) == 1 and not inside_archive:
        return _home(contents(archives[0]), inside_archive=True)
    raise _NoStageFile(_nothing_in(f"{name}/" if entry.is_folder else name for name, entry in inner.items()))


def _look(entry: Entry) -> Folder:
    """What is in a folder, nothing where that cannot be read."""
    try:
        return contents(entry)
    except Unreadable:
        return {}


def has_stage_files(inner: Folder) -> bool:
    """Whether at least one of the stages' files is in a folder."""
    return any(stage.file in inner and not inner[stage.file].is_folder for stage in STAGES)


def _text(name: str, entry: Entry) -> str:
    try:
        return entry.read(MAX_FILE).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(f"{name} is not UTF-8 text (byte {error.start})") from None
    except Unreadable as error:
        raise Unreadable(f"{name}: {error}") from None
