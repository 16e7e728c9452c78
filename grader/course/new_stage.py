"""Writes the beginnings of a stage's four files: a task that works, its suite, a hint, and a mistake."""

import keyword
import re
from pathlib import Path

from grader.course.catalogue import STAGES
from grader.course.finding import CourseError
from grader.course.location import HINTS, MISTAKES, ROOT, SOLUTIONS, TESTS

TEMPLATES = Path(__file__).parent / "templates"

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def write_new_stage(name: str) -> list[Path]:
    """Write the files of a stage after the last one; its one task has the stage's name. Gives their paths.

    name: such as momentum, for stage7_momentum. Raises CourseError for what is no such name, or where a file is
    there.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise CourseError(f"{name!r} cannot name a stage: small letters, digits and _, such as momentum")
    number = len(STAGES) + 1
    stage = f"stage{number}_{name}"
    texts = {
        SOLUTIONS / f"{stage}.py": "solution.py.txt",
        TESTS / f"test_{stage}.py": "suite.py.txt",
        MISTAKES / f"{stage}.py": "mistakes.py.txt",
        HINTS / f"{stage}.md": "hints.md.txt",
    }
    if there := [path for path in texts if path.exists()]:
        raise CourseError(f"{there[0].relative_to(ROOT)} is there already; nothing was written")
    words = {"NUMBER": str(number), "TITLE": name.replace("_", " "), "STAGE": stage, "TASK": name}
    words |= {"CLASS": name.title().replace("_", "")}
    for path, template in texts.items():
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        path.parent.mkdir(parents=True, exist_ok=True)
        filled = re.sub(rf"\b({'|'.join(words)})\b|(?<=Test)CLASS|\bTASK(?=__)", lambda word: words[word[0]], text)
        path.write_text(filled, encoding="utf-8", newline="\n")
    return list(texts)
