"""Whose a submission is, as the report shows it: by name, or by a number that tells nobody anything."""

import random
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grader.intake.roster import Student
from grader.intake.submissions import Submission

HIDDEN = "▒▒▒"
"""What stands in an anonymous report where a text holds the name or the id of whose it is."""
LETTERS = 3
"""Letters of a part of a name at the least that is hidden by itself."""


@dataclass(frozen=True)
class Person:
    """Who handed in a submission: its place in the report, what it is called there, and whose it is.

    anonymous: whether that is to be told nowhere; hidden: finds in a text what would tell it.
    """

    number: int
    label: str
    who: tuple[str, ...]
    anonymous: bool
    hidden: re.Pattern[str]

    def hide(self, text: str) -> str:
        """A text without what would tell whose it is."""
        return self.hidden.sub(HIDDEN, text) if self.anonymous else text

    def example(self, text: str) -> str:
        """A text of an example, which tells in no report whose it is."""
        return self.hidden.sub(HIDDEN, text)


def in_order(names: Sequence[str], anonymous: bool, seed: str) -> list[str]:
    """The submissions in the report's order: by name, or in one drawn by a seed, so that places tell nothing."""
    order = sorted(names)
    if anonymous:
        random.Random(seed).shuffle(order)
    return order


def person(
    number: int, name: str, submission: Submission | None, students: Sequence[Student], anonymous: bool
) -> Person:
    """Who handed in a submission, by the roster, else by the platform.

    Of names that are hidden each part is, as a word by itself: in full whatever its case, in part as written, so
    that a learner called Max does not lose `np.max`.
    """
    submitters = submission.submitters if submission else ()
    told = [f"{student.name} ({student.id})" for student in students]
    told = told or [who.name or who.email or who.id or "" for who in submitters]
    full = {name, *(text for student in students for text in (student.name, *student.ids, student.id))}
    full |= {text for who in submitters for text in (who.name, who.email, who.id) if text}
    people = [*(student.name for student in students), *(who.name or "" for who in submitters)]
    parts = {part for one in people for part in re.findall(r"\w+", one) if len(part) >= LETTERS}
    hidden = re.compile(f"(?i:{_words(full)})|{_words(parts)}")
    if anonymous:
        return Person(number, f"Submission {number}", (), True, hidden)
    return Person(number, name, tuple(filter(None, told)), False, hidden)


def _words(texts: Iterable[str]) -> str:
    """A pattern for any of these as whole words, the longest first; for nothing where there are none."""
    kept = sorted({text for text in texts if len(text) > 1}, key=lambda text: (-len(text), text))
    return rf"(?<!\w)(?:{'|'.join(map(re.escape, kept))})(?!\w)" if kept else r"(?!)"
