"""Writes the folder in which a learner starts: stubs, suites, settings; notebooks on request; no solutions."""

import os
import re
from pathlib import Path
from string import Template

from grader import __version__
from grader.course.catalogue import GIVEN, NOTEBOOKS, STAGES
from grader.course.copies import copied
from grader.course.finding import KIT, OWN, CourseError, course_around, course_named_by, learners_folder_around
from grader.course.location import (
    ASSIGNMENT,
    EXERCISES,
    RELEASED_NOTEBOOKS,
    ROOT,
    SETTINGS,
    TESTS,
    TITLE,
)
from grader.course.points import points_of
from grader.course.stubs import stubs

TEMPLATES = Path(__file__).parent / "templates"
SETTLED = {
    "README.md": "README.md.txt",
    "pyproject.toml": "pyproject.toml.txt",
    ".gitignore": "gitignore.txt",
    ".vscode/settings.json": "settings.json.txt",
    ".vscode/extensions.json": "extensions.json.txt",
}
"""What the folder has beside the course's files, and the template of each."""
TAKEN = (EXERCISES.name, TESTS.name, RELEASED_NOTEBOOKS.name, "pyproject.toml")
"""What a folder that is not the kit's may not hold, since it would be mixed with what is written."""


def check_place(folder: Path) -> None:
    """Raise CourseError where no learner's folder can be made, or brought up to date, at a place."""
    if folder.exists() and not folder.is_dir():
        raise CourseError(f"{folder} is a file: name a folder that is new or empty")
    around = learners_folder_around(folder.resolve().parent)
    if around is not None:
        raise CourseError(
            f"{folder} stands in {around}, a learner's folder: name one beside it; to bring that one up to date, "
            f"chainrule init {around}"
        )
    course = course_around(folder.resolve())
    if course == folder.resolve():
        raise CourseError(f"{folder} is a course, with its solutions: name another folder")
    if course_named_by(folder) is None and (there := [name for name in TAKEN if (folder / name).exists()]):
        raise CourseError(
            f"{folder} holds {there[0]} of something else already: name a folder that is new or empty"
        )


def write_starter(folder: Path, notebooks: bool = False) -> list[Path]:
    """Write what a learner's folder lacks, and what of it the kit has anew; what a learner wrote stays.

    Gives the paths of what was written, in the folder. Raises CourseError where there is no place for it, or where
    the course has no notebooks yet; OSError where nothing can be written.
    """
    check_place(folder)
    ours = {name: path.read_bytes() for name, path in copied().items()}
    made = {f"{EXERCISES.name}/{name}": text.encode() for name, text in stubs().items()}
    ours |= {name: text for name, text in made.items() if Path(name).stem in GIVEN}
    once = made | {name: _filled(template, folder, notebooks) for name, template in SETTLED.items()}
    if notebooks:
        once |= _notebooks()
    written = []
    for name, content in {**once, **ours}.items():
        path = folder / name
        if not path.exists() or (name in ours and path.read_bytes() != content):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            written.append(Path(name))
    return written


def _notebooks() -> dict[str, bytes]:
    """The course's notebooks, as `chainrule release` made them. Raises CourseError where it has not."""
    home = RELEASED_NOTEBOOKS
    if missing := [which.file for which in NOTEBOOKS if not (home / which.file).is_file()]:
        raise CourseError(
            f"the course has no {home.name}/{missing[0]}: its author makes it by `chainrule release`"
        )
    return {f"{home.name}/{which.file}": (home / which.file).read_bytes() for which in NOTEBOOKS}


def _filled(template: str, folder: Path, notebooks: bool) -> bytes:
    """A template, filled with what the course says of itself."""
    stages = [f"| {stage.number} `{stage.file}` | {stage.title} | {points_of(stage):g} |" for stage in STAGES]
    torch = [stage.number for stage in STAGES if not stage.numpy_only]
    given = ", ".join(f"`{EXERCISES.name}/{name}.py`" for name in GIVEN)
    more = [f"- Given, and not to be changed: {given}."] if given else []
    more += ["- In `notebooks/` are the same stages for JupyterLab. Hand in either."] if notebooks else []
    more += [f"- From stage {torch[0]} on PyTorch is needed; until then you do without."] if torch else []
    words = {
        "title": TITLE,
        "name": re.sub(r"[^a-z0-9]+", "-", folder.resolve().name.lower()).strip("-") or ASSIGNMENT,
        "course": OWN if ROOT == KIT else _path_to(ROOT, folder),
        "version": __version__,
        "introduction": f"{SETTINGS.get('introduction', '')}\n",
        "stages": "\n".join(stages),
        "first": STAGES[0].file,
        "more": "".join(f"{line}\n" for line in more),
    }
    text = Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(words)
    return re.sub(r"[ \t]+$", "", text, flags=re.MULTILINE).encode()


def _path_to(course: Path, folder: Path) -> str:
    """How a learner's folder names a course: from where it stands, so that both can be moved together."""
    try:
        return Path(os.path.relpath(course, folder.resolve())).as_posix()
    except ValueError:  # on another drive of Windows
        return course.as_posix()
