"""Text that came from learners, as it is kept and shown: bounded, and nothing in it moves, hides or turns.

It is made where it enters. What shows it needs no more than its own format does: quotes in CSV, escapes in HTML.
"""

from typing import NewType

PlainText = NewType("PlainText", str)
"""Text that `plain_text` has made, or that the kit has written by itself."""
MAX_SENTENCE = 600
"""Characters of a sentence at the most that may quote learners: an error, a note."""
MAX_NOTES = 30
"""Sentences on one submission at the most."""
LAYOUT = "\n\t"
"""What stays of control characters where learners' texts are kept to be shown."""


def plain_text(text: str, most: int = MAX_SENTENCE, keep: str = "") -> PlainText:
    """Text that any terminal and any file can take, of `most` characters; of control characters `keep` stays."""
    made = text[:most]
    if not made.translate(dict.fromkeys(map(ord, keep))).isprintable():
        made = "".join(c if c.isprintable() or c in keep else _escaped(c) for c in made)
    return PlainText(made if len(made) <= most and len(text) <= most else f"{made[: most - 1]}…")


def _escaped(character: str) -> str:
    """A character by its number; a byte that was no UTF-8, as Python keeps it (PEP 383), by that of the byte."""
    if "\udc80" <= character <= "\udcff":
        return f"\\x{ord(character) - 0xDC00:02x}"
    return character.encode("unicode_escape").decode()


def notes(sentences: list[str]) -> tuple[PlainText, ...]:
    """Sentences on one submission; of too many the first, and how many more there are."""
    most = MAX_NOTES if len(sentences) > MAX_NOTES + 1 else len(sentences)  # the last may say how many more
    kept = [plain_text(sentence) for sentence in sentences[:most]]
    more = len(sentences) - len(kept)
    return (*kept, PlainText(f"and {more} more notes")) if more else tuple(kept)
