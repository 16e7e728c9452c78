"""Describes what a learner's code raised: the exception's classes, its text, and the learner's line passed last.

The untrusted side of the wire.
"""

import builtins
import linecache
import re
import traceback
from typing import Any

from grader.inside import probes
from grader.inside.newer_syntax import told_as_newer

MAX_TEXT = 20_000
"""Characters of an exception's message that are passed on: a right one may quote whole arrays."""
_UNCALLABLE = re.compile(r"(\w{1,50})\.(train|eval)\(\) (?:missing|takes)\b")
"""What Python says of a method `train` or `eval` that cannot be called as PyTorch's is."""


class Sources:
    """A learner's files, and where in a notebook their lines were written.

    files: what messages call each, by the name that tracebacks have; places: for files put together from cells,
    from which line on they are of which cell, and of which line there; "" where they are the kit's own.
    """

    def __init__(self, files: dict[str, str], places: dict[str, list[Any]]) -> None:
        self._files = files
        self._places = places

    def described(self, error: BaseException) -> dict[str, Any]:
        """An exception as data; one whose class or text raises in turn is told without them."""
        try:
            return self._description(error)
        except BaseException:  # a learner's class may raise anything when it is looked at
            return _told("an exception", "it cannot be shown")

    def _description(self, error: BaseException) -> dict[str, Any]:
        if told := self._own_mode(error):
            return _told(probes.Unfit.__name__, told)
        places = [(f.f_code.co_filename, line) for f, line in traceback.walk_tb(error.__traceback__)]
        if isinstance(error, SyntaxError):
            places.append((error.filename or "", error.lineno or 1))
        own = [place for file, line in places if file in self._files and (place := self._place(file, line))]
        return {
            "type": type(error).__name__,
            "kinds": [kind.__name__ for kind in type(error).__mro__ if vars(builtins).get(kind.__name__) is kind],
            "text": (_syntax(error) if isinstance(error, SyntaxError) else str(error))[:MAX_TEXT],
            "where": own[-1] if own else "",
            "hidden": getattr(error, "name", None) if isinstance(error, ImportError) else None,
        }

    def _place(self, file: str, line: int) -> str:
        """A line of the learner's own, told by its cell where there is one; empty for what is not theirs."""
        for start, cell, first in reversed(self._places.get(file, [])):
            if line >= start:
                return f"{cell}, line {first + line - start}" if cell else ""
        return f"{self._files[file]}, line {line}"

    def _own_mode(self, error: BaseException) -> str:
        """A sentence where a model's own `train` or `eval` failed that was called to switch its mode; else ""."""
        before = ""
        for frame, _ in traceback.walk_tb(error.__traceback__):
            file, name = frame.f_code.co_filename, frame.f_code.co_name
            is_own = file in self._files and before not in self._files
            model = frame.f_locals.get("self") if is_own and name in ("train", "eval") else None
            if hasattr(model, "named_parameters"):
                return probes.own_mode(type(model).__name__, name)
            before = file
        found = _UNCALLABLE.match(str(error)) if isinstance(error, TypeError) else None
        return probes.own_mode(*found.groups()) if found else ""


def _syntax(error: SyntaxError) -> str:
    """What is wrong with a text that is no Python, or none of this version."""
    return told_as_newer("".join(linecache.getlines(error.filename or ""))) or error.msg


def _told(kind: str, text: str) -> dict[str, Any]:
    return {"type": kind, "kinds": [], "text": text, "where": "", "hidden": None}
