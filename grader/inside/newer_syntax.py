"""Tells syntax of a newer Python from a mistake: written as an older Python has it, the rest can be parsed.

The untrusted side of the wire: imports nothing but the standard library.
"""

import ast
import re
import sys
from collections.abc import Callable, Iterable

MAX_SOURCE = 2**18
"""Characters of a source at the most that is looked at."""
Version = tuple[int, int]
Rule = tuple[Version, Callable[[str], str]]

_TYPE = re.compile(r"^([^\S\n]*+)type ++(\w++)[^\S\n]*+(?:\[[^\]\n]*+\])?+[^\S\n]*+=(?!=)", re.MULTILINE)
_GENERIC = re.compile(r"\b(?:def|class) ++\w++(?=\[)")
_EXCEPT = re.compile(r"^([^\S\n]*+except\*?+) ++([^:(,\n]++),([^:(\n]++):", re.MULTILINE)
_TEMPLATE = re.compile(r"\b(?:[rR]?t|t[rR])(?=[\"'])")
_LAZY = re.compile(r"^([^\S\n]*+)lazy ++(?=import\b|from\b)", re.MULTILINE)
_UNPACKING = re.compile(r"([\[{(])[^\S\n]*+\*\*?+(?=[^\]\n]*? for )")
_FORMATTED = re.compile(r"\b(?:[rR]?[fF]|[fF][rR])(\"\"\"|'''|\"|')")


def told_as_newer(source: str) -> str:
    """A sentence on the Python that a source needs which cannot be parsed here; "" where none would do."""
    needed, here = needed_python(source), ".".join(map(str, sys.version_info[:2]))
    return f"this needs Python {needed}, and {here} runs it here" if needed else ""


def needed_python(source: str) -> str:
    """The Python that a source needs, as "3.14", where it is newer than the one that runs here; else "".

    source: one that cannot be parsed here.
    """
    if len(source) > MAX_SOURCE:
        return ""
    rules = [rule for rule in _REWRITTEN if rule[0] > sys.version_info[:2]]
    for some in [[rule] for rule in rules] + [rules[: n + 1] for n in range(1, len(rules))]:
        needed, older = _rewritten(source, some)
        if needed and _can_be_parsed(older):
            return ".".join(map(str, max(needed)))
    return ""


def _rewritten(source: str, rules: Iterable[Rule]) -> tuple[list[Version], str]:
    """The source as an older Python has it, and the versions whose syntax was in it."""
    needed = []
    for version, rewrite in rules:
        changed = rewrite(source)
        if changed != source:
            needed.append(version)
        source = changed
    return needed, source


def _can_be_parsed(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _by(pattern: re.Pattern[str], replacement: str) -> Callable[[str], str]:
    return lambda source: pattern.sub(replacement, source)


def _without_parameters(with_default: bool) -> Callable[[str], str]:
    """Take the type parameters from definitions: where one has a default (PEP 696), or where none has."""

    def older(source: str) -> str:
        parts, at = [], 0
        for found in _GENERIC.finditer(source):
            end = _closing(source, found.end())
            if ("=" in source[found.end() : end]) == with_default:
                parts.append(source[at : found.end()])
                at = end
        return "".join([*parts, source[at:]])

    return older


def _closing(source: str, start: int) -> int:
    """Behind the bracket that closes the one at `start`."""
    depth = 0
    for at in range(start, len(source)):
        depth += (source[at] == "[") - (source[at] == "]")
        if depth == 0:
            return at + 1
    return len(source)


def _without_formatted(source: str, levels: int = 3) -> str:
    """Formatted strings as empty ones, whose fields may hold their own quotes and backslashes since PEP 701."""
    parts, at = [], 0
    while found := _FORMATTED.search(source, at):
        end, fields = _fields(source, found.end(), found[1])
        if end is None:
            return source  # of all that comes behind nothing can be told
        older = [_without_formatted(field, levels - 1) if levels else field for field in fields]
        is_right = all(_can_be_parsed(f"({field}\n)") for field in older)
        parts.append(f"{source[at : found.start()]}''" if is_right else source[at:end])
        at = end
    return "".join([*parts, source[at:]])


def _fields(source: str, at: int, quotes: str) -> tuple[int | None, list[str]]:
    """Behind the quotes that end a formatted string, and the expressions in it; None where it has no end."""
    fields: list[str] = []
    depth = start = 0
    stop = None
    while at < len(source):
        one = source[at]
        if depth == 0 and source.startswith(quotes, at):
            return at + len(quotes), fields
        if depth == 0 and ((one == "\n" and len(quotes) == 1) or one == "}" != source[at + 1 : at + 2]):
            break
        if depth == 0 and (one == "\\" or source.startswith(("{{", "}}"), at)):
            at += 2
            continue
        if depth and one in "\"'":
            own = one * (3 if source.startswith(one * 3, at) else 1)
            end = source.find(own, at + len(own))
            at = len(source) if end < 0 else end + len(own)
            continue
        if one == "{" and depth == 0:
            start, stop = at + 1, None
        depth += (one in "{[(") - (one in "}])") if depth or one == "{" else 0
        if depth == 1 and stop is None and (one == ":" or (one in "!=" and source[at + 1 : at + 2] != "=")):
            stop = at
        if depth == 0 and one == "}":
            fields.append(source[start : at if stop is None else stop])
        at += 1
    return None, fields


_REWRITTEN: tuple[Rule, ...] = (
    ((3, 14), _by(_TEMPLATE, "f")),
    ((3, 12), _by(_TYPE, r"\1\2 =")),
    ((3, 12), _without_parameters(with_default=False)),
    ((3, 12), _without_formatted),
    ((3, 13), _without_parameters(with_default=True)),
    ((3, 14), _by(_EXCEPT, r"\1 (\2,\3):")),
    ((3, 15), _by(_LAZY, r"\1")),
    ((3, 15), _by(_UNPACKING, r"\1")),
)
"""Since which Python something is syntax, and how it is written without: PEP 750, 695, 701, 696, 758, 810, 798."""
