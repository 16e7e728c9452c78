"""What the names say that learning platforms give to submissions when all are downloaded at once.

Canvas downloads one flat zip of each learner's latest attempt (its content_zipper.rb makes the names):
`leeann_LATE_12345_678910_stage1_relu-1.py` is of Lee, Ann, late, user 12345, uploaded file 678910, handed in
under a name that this user had used once before. Anonymous: `anon_Ab1Cd_678910_stage1_relu.py`. A text or a
link: `leeann_12345_text.html`. Groups have their group's name. Numbers of files below 100 are not Canvas's, so
that a date in a name (`ann_2026_11_21.zip`) is none.

Moodle downloads a zip of folders (mod/assign/classes/downloader.php): `Ann Lee_123456_assignsubmission_file`,
older versions with `_` at the end, or, with "Download submissions in folders" off, one flat zip:
`Ann Lee_123456_assignsubmission_file_stage1_relu.py`. The number belongs to this learner in this assignment.
`_onlinetext` instead of `_file` is what was typed in. Groups may lack the number.

Blackboard and Brightspace: see `attempt_names`. Gradescope downloads `assignment_1_export/submission_2/…` with a
file that says who submitted: see `gradescope`.

The beginning of a name is the platform's, its end is the learner's, who may write there what another name begins
with. So the first marks in a name count: Canvas takes `_12345_` out of people's names, Moodle every `_`. The times
in their zips are those of the download, and tell nothing. Names are read by plain string methods.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from dateutil import parser, tz  # type: ignore[import-untyped]

from grader.course.catalogue import STAGES

METADATA = "submission_metadata.yml"
"""Gradescope's file about who submitted."""
MAX_METADATA = 2**26
"""Bytes of it at the most; it may hold what an autograder printed."""

TIMESTAMP = "timestamp.txt"
"""nbgrader's file, beside the notebooks, about when they were submitted."""
MAX_TIME = 100
"""Characters of a time at the most."""

MAX_DIGITS = 20
"""Digits of a platform's number at the most."""
MOODLES = "_assignsubmission_"
_TYPED = ("text.html", "link.html")


@dataclass(frozen=True)
class Submitter:
    """A learner, or a group, as the platform knows them.

    local: whether the id is a number of this assignment's, which elsewhere may be anybody's. before: words in
    front of the id, of which the last may belong to it, as Blackboard does not part them.
    """

    id: str | None = None
    name: str | None = None
    email: str | None = None
    local: bool = False
    before: str = ""


@dataclass(frozen=True)
class PlatformName:
    """What the name of one entry of a platform's download says.

    owner: the same for all of one submission's entries. file: the learner's own name for it, None for a folder.
    number: greater for what was uploaded later. attempt, created: None where the platform does not say.
    """

    platform: Literal["Canvas", "Moodle", "Gradescope", "Blackboard", "Brightspace"]
    owner: str
    submitters: tuple[Submitter, ...]
    file: str | None = None
    number: int = 0
    attempt: int | None = None
    late: bool = False
    typed: bool = False
    created: datetime | None = None

    @property
    def name(self) -> str:
        """A name for the submission, the same for each attempt."""
        return " and ".join("_".join(filter(None, (s.name, s.id or s.email))) for s in self.submitters)


def folder_number(name: str) -> int | None:
    """The number of one of Gradescope's folders; None for any other name."""
    number = name.removeprefix("submission_")
    return int(number) if number != name and _is_number(number) else None


def is_stage_file(file: str) -> bool:
    """Whether a file has the name of a stage's, but for a number that Canvas put behind it."""
    stem, _, ending = _numbered(file)
    return ending == ".py" and any(stem == stage.name for stage in STAGES)


def resubmission(file: str, others: set[str]) -> int:
    """The number that Canvas put behind a file's name because the name was used before; 0 when it did not.

    others: the learner's other files, among which the name without a number shows that it is Canvas's.
    """
    stem, number, ending = _numbered(file)
    return number if is_stage_file(file) or stem + ending in others else 0


def time_of(text: str) -> datetime | None:
    """A time as platforms and nbgrader write it, in UTC where it names no zone; None for what is no time.

    nbgrader takes a time's third word for its zone: seconds east of UTC, or a name.
    """
    if len(text) > MAX_TIME:
        return None
    words = text.split()
    with suppress(ValueError, ArithmeticError, TypeError, LookupError, AttributeError):  # dateutil's, for no times
        if len(words) == 3:
            zone = int(words[2]) if words[2].lstrip("+-").isdecimal() else tz.gettz(words[2])
            words[2] = "TZ"
            found: datetime = parser.parse(" ".join(words), tzinfos={"TZ": zone})
        else:
            found = parser.parse(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def _numbered(file: str) -> tuple[str, int, str]:
    """A file's name without a number such as `-1` and the ending, the number, 0 for none, and the ending."""
    stem, dot, ending = file.rpartition(".")
    if stem.endswith(".tar"):
        stem, ending = stem.removesuffix(".tar"), f"tar.{ending}"
    before, _, number = stem.rpartition("-")
    if before and len(number) <= 3 and _is_number(number):
        return before, int(number), dot + ending
    return stem, 0, dot + ending


def _is_number(text: str) -> bool:
    return len(text) <= MAX_DIGITS and text.isascii() and text.isdigit()


def of_canvas(name: str, is_folder: bool) -> PlatformName | None:
    """What a name of Canvas's says; None for any other name."""
    parts = name.split("_")
    for place in range(1, len(parts) - 1):
        if _is_number(parts[place]) and (rest := _after_user(parts[place + 1 :])):
            late = parts[place - 1] == "LATE" and place > 1
            who = "_".join(parts[: place - late])  # Canvas writes every name in lower case
            user = Submitter(parts[place], who or None)
            return _canvas(user, late, rest, is_folder) if who == who.lower() else None
    return None


def of_canvas_anonymous(name: str, is_folder: bool) -> PlatformName | None:
    """What a name of Canvas's says where it hides who handed in; None for any other name."""
    anon, *parts = name.removeprefix("LATE_").split("_")
    rest = _after_user(parts[1:])
    if anon != "anon" or not rest or not (parts[0].isascii() and parts[0].isalnum()):
        return None
    return _canvas(Submitter(f"anon_{parts[0]}"), name.startswith("LATE_"), rest, is_folder)


def _canvas(user: Submitter, late: bool, rest: tuple[int, str], is_folder: bool) -> PlatformName:
    number, file = rest[0], None if is_folder else rest[1]
    return PlatformName("Canvas", f"{user.name}_{user.id}", (user,), file, number, late=late, typed=not number)


def _after_user(parts: list[str]) -> tuple[int, str] | None:
    """What follows a user in Canvas: the file's number, 0 for what was typed in, and its own name."""
    file = "_".join(parts[1:])
    if len(parts) == 1 and parts[0] in _TYPED:
        return 0, parts[0]
    return (int(parts[0]), file) if file and len(parts[0]) > 2 and _is_number(parts[0]) else None


def of_moodle(name: str, is_folder: bool) -> PlatformName | None:
    """What a name of Moodle's says; None for any other name."""
    head, mark, tail = name.partition(MOODLES)
    who, parted, number = head.partition("_")
    kind, _, file = tail.partition("_")
    if not (mark and who and kind.isascii() and kind.isalnum()) or (parted and not _is_number(number)):
        return None
    if not (is_folder or file):
        return None
    user = Submitter(number or None, who, local=True)
    return PlatformName("Moodle", f"{who}_{number}", (user,), file or None, typed=kind != "file")
