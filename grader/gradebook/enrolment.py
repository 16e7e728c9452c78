"""Students as nbgrader's gradebook takes them: ids that fit a folder, a URL and a CSV file, and names apart."""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from grader.intake.learning_platforms import Submitter

MAX_ID = 128
"""Characters of each of a student's columns in nbgrader's tables."""
MAX_BYTES = 200
"""Bytes of an id at the most, of the 255 that file systems allow a folder's name."""
DIGEST = 8
"""Characters of the digest in an id that was changed."""
REFUSED = re.compile(r"[^\w .@+~-]|^[-.+=@~ ]|[. ]$")
"""What an id may not hold: what parts paths, URLs and CSV files, what shells and globs read, what hides files."""
TAKEN = ("feedback", "__pycache__")
"""Folder names that nbgrader passes over."""


class Person(Protocol):
    """A student as a roster names one: an id, a name, and all ids, an email possibly among them."""

    @property
    def id(self) -> str:
        """What a course knows the student by."""

    @property
    def name(self) -> str:
        """In one piece."""

    @property
    def ids(self) -> tuple[str, ...]:
        """All ids."""


@dataclass(frozen=True)
class Enrolled:
    """A row of the gradebook's table of students; names and email where they are known."""

    id: str
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None


def enrolled(person: Person) -> Enrolled:
    """A student of the roster."""
    email = next((text for text in (person.id, *person.ids) if "@" in text), None)
    return Enrolled(student_id(person.id), *_names(person.name), _field(email))


def submitters(name: str, known: Sequence[Submitter]) -> list[Enrolled]:
    """Whom a submission is of where no roster tells: what the platform says of each, else by the submission."""
    if len(known) < 2:
        who = known[0] if known else Submitter()
        return [Enrolled(student_id(name), *_names(who.name), _field(who.email))]
    return [
        Enrolled(student_id(who.id or who.email or who.name or name), *_names(who.name), _field(who.email))
        for who in known
    ]


def student_id(text: str) -> str:
    """The id under which nbgrader keeps a student; the text itself wherever a folder, a URL and a CSV can take it.

    Else what they cannot take becomes `_`, and a digest of the text follows, so that two students stay two.
    """
    plain = unicodedata.normalize("NFC", text)
    fits = len(plain) <= MAX_ID and len(plain.encode("utf-8", "replace")) <= MAX_BYTES
    if plain == text and fits and plain not in TAKEN and plain and not REFUSED.search(plain):
        return plain
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:DIGEST]
    kept = re.sub(r"[^\w .@+~-]", "_", plain).strip("-.+=@~ ")[: MAX_ID - DIGEST - 1]
    while len(kept.encode("utf-8", "replace")) > MAX_BYTES - DIGEST - 1:
        kept = kept[:-1]
    return f"{kept}-{digest}" if kept else f"student-{digest}"


def _names(name: str | None) -> tuple[str | None, str | None]:
    """First and last name: parted at the comma of `Lee, Ann`, else before the last word."""
    if not name:
        return None, None
    last, comma, first = name.partition(",")
    if not comma:
        first, _, last = name.strip().rpartition(" ")
    return _field(first), _field(last)


def _field(text: str | None) -> str | None:
    """A text for `nbgrader export`, which quotes nothing: a comma would shift the columns after it."""
    if text is None:
        return None
    text = " ".join(text.replace(",", " ").replace('"', "'").split())
    return f"'{text}"[:MAX_ID] if text.startswith(("=", "+", "-", "@")) else text[:MAX_ID]
