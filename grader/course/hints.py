"""Hints: for each task three texts in Markdown, from a question to think about to the steps in words.

They stand in hints/<stage>.md: a heading `## task` for each task of the stage, and under it one `### ` heading for
each level, in the order of `TITLES`. What each level may say:

1. A question: something to think about or to try on paper; no answer.
2. The rule: what holds, as a formula with shapes, or in a sentence where there is no formula.
3. In steps: the way in words. It may say what to look up, and name a function or an attribute, but no hint calls
   one: an expression that would stand in a solution stands in no hint.
"""

import re
from functools import cache

from grader.course.catalogue import Stage
from grader.course.location import HINTS

TITLES = ("A question", "The rule", "In steps")
"""What each level's heading says."""
LEVELS = len(TITLES)

_TASK = re.compile(r"^## (.+)$", re.MULTILINE)
_LEVEL = re.compile(r"^### (.+)$", re.MULTILINE)


def hints(stage: Stage, task: str) -> tuple[str, str, str]:
    """The three hints of a task, each in Markdown. Raises ValueError when the stage's file does not hold them."""
    found = _read(stage).get(task, {})
    if tuple(found) != TITLES:
        raise ValueError(f"{HINTS.name}/{stage.name}.md has for {task} not the three levels {', '.join(TITLES)}")
    first, second, third = found.values()
    return first, second, third


@cache
def _read(stage: Stage) -> dict[str, dict[str, str]]:
    """A stage's file: task → title of the level → text."""
    path = HINTS / f"{stage.name}.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return {task: _sections(_LEVEL, part) for task, part in _sections(_TASK, text).items()}


def _sections(heading: re.Pattern[str], text: str) -> dict[str, str]:
    """What stands under each heading."""
    _, *parts = heading.split(text)
    return {title.strip(): part.strip("\n") for title, part in zip(parts[::2], parts[1::2], strict=True)}
