"""`chainrule check`: each thing that a course lacks, or that has drifted, is told in a sentence."""

import shutil
from pathlib import Path

import pytest
from conftest import COURSE
from fixtures import with_proofs
from processes import COPIED, run

SUITE, SOLUTION, HINTS = "tests/test_stage1_double.py", "solutions/stage1_double.py", "hints/stage1_double.md"
MISTAKES = "tests/mistakes/stage1_double.py"
Change = tuple[str, str, str, str]
"""A file, a text in it, what stands in its place, and what is said of that."""
FILES: list[Change] = [
    (SUITE, "@pytest.mark.points(1)\n    def test_dtype", "def test_dtype", "no points"),
    (SUITE, "class TestBoth", "class TestBth", "TestBth is named like no task"),
    (HINTS, "y = 2 x", "y = x + x", "gives the solution away: x + x"),
    (HINTS, "## both", "## booth", "must have the headings"),
    (SOLUTION, "if __name__", "FOUR = double(2.0)\nif __name__", "before double is written"),
    (SOLUTION, "if __name__", "for n in (): pass\nif __name__", "kind (for)"),
    (SOLUTION, "Stage 1: doubling", "Stage 2: doubling", "whose first line is `Stage 1: …`"),
]
"""What is read off the files, all at once."""
GENERATED: list[Change] = [
    (
        "exercises/stage1_double.py",
        "is not written yet",
        "is not yet written",
        "differs from what solutions/ gives",
    ),
    ("notebooks/02_slope.ipynb", "Stage 2", "Stage two", "differs from what solutions/ gives"),
]


CHANGES: dict[str, list[Change]] = {
    "files": FILES,
    "generated": GENERATED,
    "suite": [(SUITE, "2 * x)\n\n    @pytest", "3 * x)\n\n    @pytest", "the solution fails")],
    "no mistake": [(MISTAKES, "return x * x", "return 2 * x", "double__squared loses no points")],
    "no name": [(MISTAKES, "def both__", "def bth__", "bth__first_only is not named <task>__")],
    "no Python": [("solutions/stage2_slope.py", "class Doubler", "class Doubler(", "cannot be read")],
}
"""What one run of `check` finds, as it ends at the first kind of problem."""


@pytest.mark.parametrize("kind", with_proofs(CHANGES, ["files", "no mistake"]))
def test_what_check_says(tmp_path: Path, kind: str) -> None:
    """There is a sentence on each, which names the file."""
    changes = CHANGES[kind]
    course = tmp_path / "course"
    shutil.copytree(COURSE, course, ignore=COPIED)
    for file, old, new, _ in changes:
        text = (course / file).read_text(encoding="utf-8")
        assert old in text
        (course / file).write_text(text.replace(old, new), encoding="utf-8")
    lines = run(course, "grader", "check", code=1).splitlines()
    for file, _, _, told in changes:
        assert [line for line in lines if told in line and Path(file).name in line], (told, lines)


def test_check_before_release(tmp_path: Path) -> None:
    """Where nothing was released yet, check says so in sentences."""
    course = tmp_path / "course"
    shutil.copytree(COURSE, course, ignore=shutil.ignore_patterns("exercises", "notebooks", "__pycache__"))
    said = run(course, "grader", "check", code=1)
    assert "exercises/stage1_double.py is missing" in said and "Traceback" not in said
