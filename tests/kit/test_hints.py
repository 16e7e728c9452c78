"""The commands that show hints and pages: how a task is named, which one comes next, and what is shown."""

import ast
import re
import shutil
from pathlib import Path

import pytest
from command_line import chainrule
from notebook_forms import notebook_of

from grader.course import catalogue, pages
from grader.course.catalogue import NOTEBOOKS, STAGES, Stage, find_stage, find_task, source_of, task_name
from grader.course.hints import hints
from grader.course.location import EXERCISES, SOLUTIONS
from grader.course.pages import reading
from grader.learner import tutor, unfinished
from grader.publishing import assembly

FIRST, SECOND = STAGES
TASKS = [(stage, task) for stage in STAGES for task in stage.tasks]
NEXT = "The first task that is not finished is"


def test_missing_hints_are_told() -> None:
    """A task without its three levels is an error that names the file."""
    with pytest.raises(ValueError, match=r"hints/stage1_double.md has for slope not the three levels"):
        hints(FIRST, "slope")
    assert "hints/stage2_slope.md has for slope not the three levels" in chainrule("hint", "2.slope", code=1)


def test_a_task_is_found() -> None:
    """A task is named by its stage's number or name and its own, or by that alone, in small or capital letters."""
    for text in ("1.both", "stage1.both", "stage1_double.both", " 1.BOTH ", "both"):
        assert find_task(text) == (FIRST, "both")
    assert find_task("doubler") == (SECOND, "Doubler")
    assert [find_task(task_name(*task)) for task in TASKS] == TASKS
    assert [find_stage(text) for text in ("2", "stage2", "stage2_slope")] == [SECOND] * 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("double", "several stages have a task 'double': write 1.double or 3.double"),
        ("2.slop", "stage 2 has no task 'slop'; did you mean 2.slope?"),
        ("trian", "there is no task 'trian'; did you mean 2.train?"),
        ("1.x", "stage 1 has no task 'x'; the tasks are 1.double, 1.both"),
        ("1", "a task's name is missing; the tasks are 1.double, 1.both"),
        ("9.double", "there is no stage '9'; the stages are 1 to 3"),
        ("stage7", "there is no stage 'stage7'; the stages are 1 to 3"),
    ],
)
def test_what_to_write_instead(text: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that fits no task, or several, is answered with those that there are."""
    third = Stage(3, "stage3_again", "doubling again", ("double",))
    monkeypatch.setattr(catalogue, "STAGES", (*STAGES, third))
    with pytest.raises(ValueError, match=re.escape(says)):
        find_task(text)
    assert f"Error: {says}" in chainrule("hint", text, code=2)


def test_without_a_terminal_one_level_is_shown() -> None:
    """A pipe gets the question and how to see more; `--level` shows that level alone; nothing is coloured."""
    first, second = chainrule("hint", "1.both"), chainrule("hint", "1.both", "--level", "2")
    assert "1.both, hint 1 of 3: A question" in first
    assert first.rstrip().endswith("The next one: chainrule hint 1.both --level 2")
    assert "    both(a, b) = (2 a, 2 b)" in second
    assert "hint 1" not in second
    assert "\x1b" not in first + second


@pytest.mark.parametrize(("answers", "shown"), [("n\n", 1), ("y\nn\n", 2), ("y\ny\n", 3)])
def test_on_a_terminal_each_level_is_asked_for(monkeypatch: pytest.MonkeyPatch, answers: str, shown: int) -> None:
    """The next hint comes when it is asked for, and not before."""
    monkeypatch.setattr(tutor, "is_terminal", lambda: True)
    told = chainrule("hint", "1.double", answers=answers)
    assert [level for level in (1, 2, 3) if f"1.double, hint {level} of 3" in told] == [*range(1, shown + 1)]


def test_the_task_that_comes_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a task the first that is not finished has the hint: not written, wrong, or its file missing.

    Where every task passes there is no hint to give, and it says so.
    """
    shutil.copytree(EXERCISES, tmp_path, dirs_exist_ok=True)
    assert f"{NEXT} 1.double." in chainrule("hint", "--from", tmp_path)
    (tmp_path / FIRST.file).write_text(source_of(FIRST.name).replace("double(pair.b)", "pair.b"), encoding="utf-8")
    told = chainrule("hint", "--from", tmp_path)
    assert f"{NEXT} 1.both." in told
    assert "1.both, hint 1 of 3" in told
    (tmp_path / FIRST.file).unlink()
    assert unfinished.first_unfinished(tmp_path) == (FIRST, "double")
    monkeypatch.setattr(unfinished, "STAGES", (FIRST,))
    shutil.copy(SOLUTIONS / FIRST.file, tmp_path)
    assert chainrule("hint", "--from", tmp_path).startswith("Every task is finished.")


def test_the_task_that_comes_next_in_a_notebook(tmp_path: Path) -> None:
    """A notebook's tasks are found as a module's are."""
    half = {FIRST.name: source_of(FIRST.name).partition("def both")[0]}
    made = assembly.text(notebook_of(NOTEBOOKS[0], half))
    (tmp_path / NOTEBOOKS[0].file).write_text(made, encoding="utf-8")
    assert f"{NEXT} 1.both." in chainrule("hint", "--from", tmp_path)


def test_a_folder_without_stages(tmp_path: Path) -> None:
    """A folder that holds nothing of the course is told apart from one that holds stubs."""
    (tmp_path / "essay.py").write_text("x = 1", encoding="utf-8")
    told = chainrule("hint", "--from", tmp_path, code=1)
    assert "Error: " in told and "essay.py" in told


def test_the_page_of_a_stage() -> None:
    """`chainrule read` shows the whole page: headings, formulas as they are written."""
    page = reading(FIRST)
    assert page.startswith("# Stage 1: doubling")
    assert "\n## By hand\n" in page
    told = chainrule("read", "1")
    shown = {line.rstrip() for line in told.splitlines()}
    assert {line for line in page.splitlines() if line.startswith("    ")} <= shown
    assert "\x1b" not in told


def test_a_page_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unknown stage, and a module without a page, are told."""
    assert "Error: there is no stage '7'; the stages are 1 to 2" in chainrule("read", "7", code=2)
    monkeypatch.setattr(pages, "tree_of", lambda name: ast.parse("x = 1"))
    with pytest.raises(ValueError, match=r"stage1_double\.py does not begin with a page"):
        reading(FIRST)
