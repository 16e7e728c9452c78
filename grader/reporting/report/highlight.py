"""Code as it is shown: its text in parts, each with the class by which the page colours it."""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

from grader.outside.plain_text import LAYOUT, plain_text

MOST = 30_000
"""Characters of one text that are coloured at the most; a longer one is shown plain."""
LONGEST = 500
"""Characters of a line at the most in a text that is coloured."""
CLASSES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "c"),
    (String.Doc, "d"),
    (String, "s"),
    (Keyword, "k"),
    (Operator.Word, "k"),
    (Number, "m"),
    (Name.Function, "f"),
    (Name.Class, "f"),
    (Name.Decorator, "f"),
    (Name.Builtin, "b"),
)
"""Pygments' kinds of tokens, and the classes of the page; what is none of them has none."""
BLANKS = re.compile(r"[ \t]++$", re.MULTILINE)
TOO_ODD = "Too long, or with lines too long, to be shown without its comments."
"""What stands in the place of code whose comments cannot be left out."""
SAID = ("c", "d")
"""The classes of what is said in words: comments and docstrings."""
Part = tuple[str, str]
"""A class, "" for none, and a text."""
_lexer = PythonLexer(stripnl=False, ensurenl=False)


def code_text(source: str, most: int) -> str:
    """Code that learners wrote, of any characters, as text that can be shown; of `most` characters."""
    encodable = source[: most + 1].encode("utf-8", "backslashreplace").decode("utf-8")  # a half of a pair is not
    return plain_text(encodable.replace("\r\n", "\n"), most, keep=LAYOUT)


def highlighted(text: str) -> list[Part]:
    """The parts of a text of Python code; one part where it is too long to be coloured.

    Blanks at the ends of lines are left out. The lexer looks for a line's first sign again from each of many blank
    lines, which are the more to it if they hold blanks: its time grows with the square of these.
    """
    text = BLANKS.sub("", text)
    if not _can_be_coloured(text):
        return [("", text)]
    return _merged((_class_of(kind), value) for kind, value in _lexer.get_tokens(text))


def without_words(text: str) -> list[Part]:
    """Code alone: without comments, docstrings and empty lines. Where these cannot be told, a sentence says so."""
    if not _can_be_coloured(BLANKS.sub("", text)):
        return [("c", TOO_ODD)]
    lines: list[list[Part]] = [[]]
    for kind, part in highlighted(text):
        first, *rest = ("\n" * part.count("\n") if kind in SAID else part).split("\n")
        lines[-1].append((kind, first))
        lines += [[(kind, line)] for line in rest]
    kept = [line for line in lines if any(part.strip() for _, part in line)]
    return _merged(part for line in kept for part in (*line, ("", "\n")))


def blanked(text: str) -> str:
    """Code without comments and docstrings, its lines where they were. Where these cannot be told, a sentence."""
    if not _can_be_coloured(BLANKS.sub("", text)):
        return TOO_ODD
    return "".join("\n" * part.count("\n") if kind in SAID else part for kind, part in highlighted(text))


def lengths(parts: Iterable[Part]) -> list[int | str]:
    """For each part the length of its text, as JavaScript counts, and its class."""
    return [value for kind, text in parts for value in (len(text.encode("utf-16-le")) // 2, kind)]


def _can_be_coloured(text: str) -> bool:
    return len(text) <= MOST and all(len(line) <= LONGEST for line in text.splitlines())


@cache
def _class_of(kind: _TokenType) -> str:
    return next((name for known, name in CLASSES if kind in known), "")


def _merged(parts: Iterable[Part]) -> list[Part]:
    """Neighbours of one class as one part, with the blanks after it unless it is said in words."""
    return list(_joined(parts))


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    before, texts = "", [""]
    for kind, text in parts:
        if kind != before and (before in SAID or not text.isspace()):
            if any(texts):
                yield before, "".join(texts)
            before, texts = kind, []
        texts.append(text)
    if any(texts):
        yield before, "".join(texts)
