"""What the names say that Canvas, Moodle and Gradescope give to submissions when all are downloaded at once.

Canvas downloads one flat zip of each learner's latest attempt (its content_zipper.rb makes the names):
`leeann_LATE_12345_678910_stage1_relu-1.py` is of Lee, Ann, late, user 12345, uploaded file 678910, handed in
under a name that this user had used once before. Anonymous: `anon_Ab1Cd_678910_stage1_relu.py`. A text or a
link: `leeann_12345_text.html`. Groups have their group's name. Numbers of files below 100 are not Canvas's, so
that a date in a name (`ann_2026_11_21.zip`) is none.

Moodle downloads a zip of folders (mod/assign/classes/downloader.php): `Ann Lee_123456_assignsubmission_file`,
older versions with `_` at the end, or, with "Download submissions in folders" off, one flat zip:
`Ann Lee_123456_assignsubmission_file_stage1_relu.py`. The number belongs to this learner in this assignment.
`_onlinetext` instead of `_file` is what was typed in. Groups may lack the number.

Gradescope downloads `assignment_1_export/submission_2/…` with a file that says who submitted.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from dateutil import parser, tz  # type: ignore[import-untyped]

from grader.catalogue import STAGES

METADATA = "submission_metadata.yml"
"""Gradescope's file about who submitted."""
MAX_METADATA = 2**26
"""Bytes of it at the most; it may hold what an autograder printed."""

TIMESTAMP = "timestamp.txt"
"""nbgrader's file, beside the notebooks, about when they were submitted."""
MAX_TIME = 100
"""Characters of a time at the most."""

_STAGES = "|".join(re.escape(stage.name) for stage in STAGES)
_STAGE_FILE = re.compile(rf"({_STAGES})(?:-(\d{{1,3}}))?\.py")
_ASKED_FOR = re.compile(
    rf"(?:.*_)?(?:{_STAGES})(?:-\d{{1,3}})?\.py|{re.escape(METADATA)}|{re.escape(TIMESTAMP)}|.*\.(?i:ipynb)",
    re.DOTALL,
)
_RESUBMITTED = re.compile(r"(.+)-(\d{1,3})(\.[^.]+|\.tar\.[^.]+)", re.DOTALL)
_CANVAS = re.compile(
    r"(?:(?!LATE_)(?P<who>.+?)_)?(?P<late>LATE_)?(?P<id>\d+|anon_[A-Za-z0-9]+)"
    r"_(?:(?P<number>\d{3,})_(?P<file>.+)|(?P<typed>text|link)\.html)",
    re.DOTALL,
)
_MOODLE = re.compile(
    r"(?P<who>.+?)(?:_(?P<id>\d+))?_assignsubmission_(?P<kind>[a-z0-9]+)(?:_(?P<file>.*))?", re.DOTALL
)
_GRADESCOPE = re.compile(r"submission_(\d+)")


@dataclass(frozen=True)
class Submitter:
    """A learner, or a group, as the platform knows them."""

    id: str | None = None
    name: str | None = None
    email: str | None = None


@dataclass(frozen=True)
class Upload:
    """What the name of one entry of a platform's download says.

    owner: the same for all of one submission's entries. file: the learner's own name for it, None for a folder.
    number: greater for what was uploaded later. attempt, created: None where the platform does not say.
    """

    platform: Literal["Canvas", "Moodle", "Gradescope"]
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


Metadata = dict[str, tuple[tuple[Submitter, ...], int | None, datetime | None]]
"""Gradescope's folders: who submitted each, which of their attempts it is, and when it came."""


def upload(name: str, is_folder: bool, metadata: Metadata) -> Upload | None:
    """What an entry's name says, or None when it is of no known pattern."""
    return _of_gradescope(name, metadata) or _of_moodle(name, is_folder) or _of_canvas(name, is_folder)


def stage_of(file: str) -> tuple[str, int] | None:
    """The stage whose file has this name, and the number that Canvas put behind it; None for other files."""
    found = _STAGE_FILE.fullmatch(file)
    return (found[1], int(found[2] or 0)) if found else None


def resubmission(file: str, others: set[str]) -> int:
    """The number that Canvas put behind a file's name because the name was used before; 0 when it did not.

    others: the learner's other files, among which the name without a number shows that it is Canvas's.
    """
    stage, numbered = stage_of(file), _RESUBMITTED.fullmatch(file)
    if stage:
        return stage[1]
    return int(numbered[2]) if numbered and numbered[1] + numbered[3] in others else 0


def time_of(text: str) -> datetime | None:
    """A time as platforms and nbgrader write it, in UTC where it names no zone; None for what is no time.

    nbgrader takes a time's third word for its zone: seconds east of UTC, or a name.
    """
    words = text.split()
    with suppress(ValueError, ArithmeticError, TypeError, LookupError, AttributeError):  # dateutil's, for no times
        if len(text) > MAX_TIME:
            return None
        if len(words) == 3:
            zone = int(words[2]) if words[2].lstrip("+-").isdecimal() else tz.gettz(words[2])
            words[2] = "TZ"
            found: datetime = parser.parse(" ".join(words), tzinfos={"TZ": zone})
        else:
            found = parser.parse(text)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return None


def may_be_asked_for(name: str) -> bool:
    """Whether a submission may be read from a file of this name, on any platform."""
    return _ASKED_FOR.fullmatch(name) is not None


def _of_canvas(name: str, is_folder: bool) -> Upload | None:
    found = _CANVAS.fullmatch(name)
    if not found:
        return None
    who, user = found["who"], found["id"]
    anonymous = user.startswith("anon_")
    if anonymous != (who is None) or (who or "") != (who or "").lower():
        return None  # Canvas writes every name in lower case, and none where it hides them
    return Upload(
        "Canvas",
        owner=f"{who}_{user}",
        submitters=(Submitter(user, who),),
        file=None if is_folder else found["file"] or f"{found['typed']}.html",
        number=int(found["number"] or 0),
        late=found["late"] is not None,
        typed=found["typed"] is not None,
    )


def _of_moodle(name: str, is_folder: bool) -> Upload | None:
    found = _MOODLE.fullmatch(name)
    if not found or not (is_folder or found["file"]):
        return None
    return Upload(
        "Moodle",
        owner=f"{found['who']}_{found['id'] or ''}",
        submitters=(Submitter(found["id"], found["who"]),),
        file=found["file"] or None,
        typed=found["kind"] != "file",
    )


def _of_gradescope(name: str, metadata: Metadata) -> Upload | None:
    found = _GRADESCOPE.match(name)
    if not found or name not in metadata:
        return None
    submitters, attempt, created = metadata[name]
    owner = "\n".join(sorted(s.id or s.email or s.name or "" for s in submitters)) or name
    return Upload("Gradescope", owner, submitters, number=int(found[1]), attempt=attempt, created=created)
