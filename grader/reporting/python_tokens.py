"""The tokens of Python code, for comparing: without names that are anybody's to choose, comments and layout.

A stranger's code is neither parsed nor compiled. One pattern takes any text apart, in a time that grows as the
text does: each of its alternatives either takes what it has seen for good or fails at once.
"""

import builtins
import keyword
import re
from collections.abc import Collection, Iterator
from itertools import islice
from typing import NamedTuple

MAX_CHARACTERS = 2**16
"""Characters of a text at the most that are looked at; a task of the course's longest has two thousand."""
MAX_TOKENS = 4000
"""Tokens of it at the most."""
NAME, TEXT = "a name", "a text"
"""What stands for any name that a learner chose, and for any string."""
_SAME = frozenset({*keyword.kwlist, *dir(builtins)})
_PATTERN = re.compile(
    r"""
    (?P<layout> [^\S\n]++ | \\\n | \#[^\n]*+ | ; )
  | (?P<line> \n )
  | (?P<text> [rRbBuUfF]{0,2}+ (?:
        \"{3} (?: [^"\\] | \\.?+ | "(?!"") )*+ (?: \"{3} | \Z )
      | '{3} (?: [^'\\] | \\.?+ | '(?!'') )*+ (?: '{3} | \Z )
      | " (?: [^"\\\n] | \\.?+ )*+ "?
      | ' (?: [^'\\\n] | \\.?+ )*+ '? ) )
  | (?P<number> \.?[0-9] (?: [\w.] | (?<=[eE])[+-](?=[0-9]) )*+ )
  | (?P<name> \w++ )
  | (?P<sign> -> | := | \*\*=? | //=? | [-+*/%&|^@=<>!]= | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_PARENTHESES, _CLOSING = ("(", ")"), (")", "]")
_NO_FRACTION = re.compile(r"([0-9]++)\.0*+")


class Token(NamedTuple):
    """A token as it is compared, and the line that it begins on, counted from 0, of those that `\\n` ends."""

    text: str
    line: int


def tokens(code: str, kept: Collection[str] = ()) -> list[Token]:
    """The tokens of a task's code, as far as they are looked at.

    All names are one but Python's own, those in `kept` where they are used, and attributes, unless of `self`. All
    strings are one; a string on lines of its own, such as a docstring, is none, and so are parentheses that call
    nothing. `1.0`, `1.` and `1` are one number.
    """
    return list(islice(_tokens(code[:MAX_CHARACTERS], kept), MAX_TOKENS))


def _tokens(code: str, kept: Collection[str]) -> Iterator[Token]:
    line, begins, before, of = 0, True, "", ""  # whether a line begins; the last token, and the one before it
    alone: Token | None = None
    calls: list[bool] = []  # of each parenthesis that is open, whether it calls
    for found in _PATTERN.finditer(code):
        kind, text = found.lastgroup, found[0]
        if kind == "line":
            line, begins, alone = line + 1, True, None
            continue
        if kind == "layout":
            line += text.count("\n")
            continue
        if alone:
            yield alone
            alone = None
        made = text
        if kind == "text":
            made = TEXT
        elif kind == "number":
            made = whole[1] if (whole := _NO_FRACTION.fullmatch(text)) else text
        elif kind == "name" and not _is_kept(text, kept, before, of):
            made = NAME
        if text == "(":
            calls.append(before in _CLOSING or (before.isidentifier() and not keyword.iskeyword(before)))
        if kind == "text" and begins:
            alone = Token(made, line)
        elif text not in _PARENTHESES or (calls and (calls[-1] if text == "(" else calls.pop())):
            yield Token(made, line)
        line += text.count("\n") if kind == "text" else 0
        before, of, begins = text, before, False


def _is_kept(name: str, kept: Collection[str], before: str, of: str) -> bool:
    if before == ".":
        return of != "self"
    return name in _SAME or (name in kept and before not in ("def", "class"))
