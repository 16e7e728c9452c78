"""Every file of a piece that may be a stage or a notebook, wherever in it that lies; none is read yet."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from grader.course.catalogue import GIVEN, STAGES
from grader.intake.archives import INNER, SUBMISSION, Bounds, contents, is_archive, told_of_others
from grader.intake.entries import MAX_LEVELS, Entry, Folder, Unreadable, shown
from grader.intake.learning_platforms import TIMESTAMP
from grader.intake.names import claim_of, form_of, looks_like
from grader.intake.uploads import KIT, Piece, is_kit

MAX_ENTRIES = 20_000
"""Files and folders of a submission at the most that are looked at."""
MAX_INNER = 3
"""Archives within a submission's folder, or its archive, at the most that are opened."""
VIRTUAL = "pyvenv.cfg"
"""The file by which a virtual environment is known."""
STRANGERS = {"node_modules", "site-packages", "venv", "env"}
"""Folders of installed libraries."""


@dataclass(frozen=True)
class Place:
    """A file of a piece. path: within the piece, for a sentence; times: by which it is told from others later.

    packed: the archives that it lies in, the innermost first. A clone's files may be as they were released.
    """

    path: str
    entry: Entry
    piece: Piece
    times: tuple[float, ...] = ()
    packed: tuple[Entry, ...] = ()
    in_clone: bool = False

    @property
    def name(self) -> str:
        """The file's own name."""
        return self.path.rpartition("/")[2]

    @property
    def told(self) -> str:
        """Where it is, for a sentence."""
        is_inner = self.piece.upload is not None and self.piece.holds_files
        return f"{self.piece.file}/{self.path}" if is_inner else self.path

    @property
    def depth(self) -> int:
        """How many folders and archives it is in, within its piece."""
        return self.path.count("/")

    def changed(self) -> datetime | None:
        """When it, or the archive that it is in, was written to disk."""
        return next((time for one in (self.entry, *self.packed) if (time := one.changed())), None)


@dataclass
class Walk:
    """What a piece holds.

    files: those that may be of the course; others: those that look so, and why each is not taken; stamps: files of
    nbgrader's with a time, by their folders; homes: the folders of files that are of the course by name; top: what
    is in the piece itself; room: entries that may still be looked at; archives: how many in it were opened.
    """

    files: list[Place] = field(default_factory=list)
    others: list[tuple[Place, str]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    stamps: dict[str, Entry] = field(default_factory=dict)
    top: list[str] = field(default_factory=list)
    homes: set[str] = field(default_factory=set)
    is_clone: bool = False
    room: int = MAX_ENTRIES
    archives: int = 0


@dataclass(frozen=True)
class _Open:
    """A folder to be looked through: of an archive in the piece, or of the piece itself."""

    path: str
    held: Folder
    times: tuple[float, ...]
    packed: tuple[Entry, ...]
    inner: bool
    in_clone: bool


def walk(piece: Piece) -> Walk:
    """All that a piece holds. Raises Unreadable where it cannot be opened."""
    found = Walk()
    if not piece.holds_files:
        if claim_of(piece.file) or form_of(piece.file) == "module":
            found.files.append(Place(piece.file, piece.entry, piece, _times(piece, piece.entry)))
        elif looks_like(piece.file):
            found.others.append((Place(piece.file, piece.entry, piece), _why(piece.file)))
        found.top = [piece.file]
        return found
    held = contents(piece.entry)
    found.top = [f"{name}/" if entry.is_folder else name for name, entry in held.items()]
    times = () if piece.entry.is_folder else _times(piece, piece.entry)
    packed = () if piece.entry.is_folder else (piece.entry,)
    todo = deque([_Open("", held, times, packed, False, False)])
    places = {str(piece.entry.place.resolve())} if piece.entry.place else set()
    while todo and found.room > 0:
        todo += _look_through(found, todo.popleft(), piece, places)
    if found.room <= 0:
        found.problems.append(f"more than {MAX_ENTRIES} files and folders, of which the rest was not read")
    return found


def _look_through(found: Walk, at: _Open, piece: Piece, places: set[str]) -> Iterator[_Open]:
    """Keep what is in a folder by its name; the folders and archives in it, opened."""
    is_clone = is_kit(at.held)
    found.is_clone = found.is_clone or is_clone
    for name, entry in sorted(at.held.items())[: found.room]:
        times = (*at.times, *_times(piece, entry, bool(at.packed)))
        place = Place(f"{at.path}{name}", entry, piece, times, at.packed, at.in_clone or is_clone)
        if entry.is_folder:
            if place.depth < MAX_LEVELS and not _is_passed_over(name, entry, is_clone, places):
                yield from _opened(found, place, at.inner)
        elif not is_archive(name):
            _take(found, place, bool(at.packed))
        elif at.inner:
            found.others.append((place, "an archive in an archive"))
        elif found.archives == MAX_INNER:
            found.others.append((place, f"more than {MAX_INNER} archives"))
        else:
            found.archives += 1
            yield from _opened(found, place, True, SUBMISSION if len(at.held) == 1 else INNER)
    found.room -= len(at.held)


def _opened(found: Walk, place: Place, inner: bool, bounds: Bounds = INNER) -> Iterator[_Open]:
    """A folder or an archive, opened; a note where it cannot be."""
    if place.entry.is_folder and any(place.name == stage.file for stage in STAGES):
        found.problems.append(f"{place.name} is a folder, not a file, and was not read")
        return
    is_archive = not place.entry.is_folder
    try:
        held = contents(place.entry, bounds)
    except Unreadable as error:
        found.problems.append(f"{shown(place.path)} cannot be read: {error}")
        return
    if VIRTUAL in held:
        return
    packed = (place.entry, *place.packed) if is_archive else place.packed
    times = place.times if is_archive else place.times[:-1]
    yield _Open(f"{place.path}/", held, times, packed, inner, place.in_clone)


def _is_passed_over(name: str, entry: Entry, is_clone: bool, places: set[str]) -> bool:
    """Whether a folder holds nobody's work, or was looked through before."""
    if name.lower() in STRANGERS or (is_clone and (name in KIT or name == "results")):
        return True
    if entry.place is not None:
        real = str(entry.place.resolve())
        if real in places:
            return True
        places.add(real)
    return False


def _take(found: Walk, place: Place, in_archive: bool) -> None:
    """Keep a file by its name."""
    claim = claim_of(place.name)
    if place.name.removesuffix(".py") in GIVEN:
        return
    if claim is not None or form_of(place.name) == "module":
        found.files.append(place)
        if claim is not None:
            found.homes.add(place.path.rpartition("/")[0])
    elif place.name == TIMESTAMP and not in_archive and place.depth < 2:
        found.stamps[place.path.rpartition("/")[0]] = place.entry
    elif looks_like(place.name) or told_of_others([place.name]):
        found.others.append((place, _why(place.name)))


def _why(name: str) -> str:
    if other := told_of_others([name]):
        return other
    ending = name.rpartition(".")[2]
    return f"a file that ends in .{shown(ending)} is not read" if ending != name else "its name has no ending"


def _times(piece: Piece, entry: Entry, in_archive: bool = False) -> tuple[float, ...]:
    """When a file was written, to tell which of two is later: by the disk, or by the archive's own clock.

    What a platform exports has the time of the download.
    """
    if in_archive:
        return (entry.stamp,)
    if piece.upload:
        return (0.0,)
    time = entry.changed()
    return (time.timestamp() if time else entry.stamp,)
