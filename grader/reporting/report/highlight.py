"""Code as it is shown: its text in parts, each with the class by which the page colours it."""

from collections.abc import Iterable, Iterator

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Keyword, Name, Number, Operator, String, _TokenType

MOST = 50_000
"""Characters of one text that are coloured at the most; a longer one is shown plain."""
LONGEST = 1000
"""Characters of a line at the most in a text that is coloured: the lexer's time grows with the square of it."""
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
SAID = ("c", "d")
"""The classes of what is said in words: comments and docstrings."""
Part = tuple[str, str]
"""A class, "" for none, and a text."""
_lexer = PythonLexer(stripnl=False, ensurenl=False)


def highlighted(text: str) -> list[Part]:
    """The parts of a text of Python code; one part where it is too long to be coloured."""
    if len(text) > MOST or any(len(line) > LONGEST for line in text.splitlines()):
        return [("", text)]
    return _merged((_class_of(kind), value) for kind, value in _lexer.get_tokens(text))


def without_words(parts: Iterable[Part]) -> list[Part]:
    """The code alone: without comments, docstrings and empty lines."""
    lines: list[list[Part]] = [[]]
    for kind, text in parts:
        if kind in SAID:
            continue
        first, *rest = text.split("\n")
        lines[-1].append((kind, first))
        lines += [[(kind, line)] for line in rest]
    kept = [line for line in lines if "".join(text for _, text in line).strip()]
    return _merged(part for line in kept for part in (*line, ("", "\n")))


def lengths(parts: Iterable[Part]) -> list[int | str]:
    """For each part the length of its text, as JavaScript counts, and its class."""
    return [value for kind, text in parts for value in (len(text.encode("utf-16-le")) // 2, kind)]


def _class_of(kind: _TokenType) -> str:
    return next((name for known, name in CLASSES if kind in known), "")


def _merged(parts: Iterable[Part]) -> list[Part]:
    """Neighbours of one class as one part."""
    return list(_joined(parts))


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    before, texts = "", [""]
    for kind, text in parts:
        if kind != before and not text.isspace():
            if any(texts):
                yield before, "".join(texts)
            before, texts = kind, []
        texts.append(text)
    if any(texts):
        yield before, "".join(texts)
