"""Hints: three for every task, none of which is the solution; and the commands that show hints and pages."""

import ast
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from markdown_it import MarkdownIt
from notebook_forms import notebook_of
from sample_cohort import solutions, stubs

from grader import cli
from grader.course.catalogue import NOTEBOOKS, STAGES, Stage, find_stage, find_task, task_name
from grader.course.hints import LEVELS, TITLES, hints
from grader.course.location import EXERCISES, HINTS, SOLUTIONS
from grader.course.pages import markdown
from grader.course.reading import reading
from grader.learner import tutor, unfinished
from grader.publishing import assembly

TASKS = [(stage, task) for stage in STAGES for task in stage.tasks]
each_task = pytest.mark.parametrize(("stage", "task"), TASKS, ids=[task_name(*task) for task in TASKS])
each_stage = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)


def run(*arguments: str | Path) -> Result:
    """Run `chainrule`, without a terminal."""
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


def tokens(text: str) -> list[str]:
    """The words and signs of a text, code or prose."""
    return re.findall(r"\w+|[^\w\s]", text)


def contains(text: list[str], part: list[str]) -> bool:
    """Whether a part stands in a text."""
    return any(text[n : n + len(part)] == part for n in range(len(text) - len(part) + 1))


def giveaways(stage: Stage) -> list[list[str]]:
    """Every expression of the stage's solutions, of three tokens or more, that its stub does not show.

    A chain of attributes alone, such as params.W1, is a name, and so is a row of names: neither solves anything.
    """
    source = (SOLUTIONS / stage.file).read_text(encoding="utf-8")
    given = tokens((EXERCISES / stage.file).read_text(encoding="utf-8").rpartition('"""\n\nimport')[2])
    found = []
    for region in re.findall(r"### BEGIN SOLUTION\n(.*?)### END SOLUTION", source, re.DOTALL):
        lines = region.splitlines()
        indent = len(lines[0]) - len(lines[0].lstrip())
        tree = ast.parse("def f():\n" + "\n".join(" " + line[indent:] for line in lines))
        for node in ast.walk(tree):
            telling = isinstance(node, ast.expr) and not isinstance(
                node, ast.Name | ast.Attribute | ast.Constant | ast.Tuple | ast.JoinedStr
            )
            if telling and len(part := tokens(ast.unparse(node))) >= 3 and not contains(given, part):
                found.append(part)
    return found


@each_task
def test_every_task_has_three_hints(stage: Stage, task: str) -> None:
    """Each level is there, one to eight lines, and narrow enough to be read in a terminal."""
    levels = hints(stage, task)
    assert len(levels) == LEVELS == len(TITLES) == 3
    for level in levels:
        lines = [line for line in level.splitlines() if line.strip()]
        assert 1 <= len(lines) <= 8
        assert all(len(line) <= (80 if line.startswith("    ") else 120) for line in lines)
    assert "?" in levels[0]


@each_stage
def test_hints_are_for_tasks(stage: Stage) -> None:
    """A stage's file has its tasks in their order, and no other headings."""
    text = (HINTS / f"{stage.name}.md").read_text(encoding="utf-8")
    wanted = [line for task in stage.tasks for line in (f"## {task}", *(f"### {title}" for title in TITLES))]
    assert re.findall(r"^##+ .+$", text, re.MULTILINE) == wanted
    assert [path.stem for path in sorted(HINTS.iterdir())] == [stage.name for stage in STAGES]


@each_stage
def test_nothing_gives_the_solution_away(stage: Stage) -> None:
    """No hint, and not the page of reading either, holds an expression of the stage's solutions."""
    telling = giveaways(stage)
    assert telling
    for text in (reading(stage), *(level for task in stage.tasks for level in hints(stage, task))):
        assert [part for part in telling if contains(tokens(text), part)] == []


def test_what_would_be_found() -> None:
    """Lines of solutions are found in a text, however they are spaced."""
    for stage, line in ((STAGES[0], "np.maximum( a,0 )"), (STAGES[1], "x @ W.T"), (STAGES[5], "nn.Linear(d, h)")):
        assert any(contains(tokens(f"Try `{line}` here."), part) for part in giveaways(stage))


def test_missing_hints_are_told() -> None:
    """A task without its three levels is an error that names the file."""
    with pytest.raises(ValueError, match=r"hints/stage1_relu.md has for loss not the three levels"):
        hints(STAGES[0], "loss")


@pytest.mark.parametrize("text", ["2.loss", "stage2.loss", "stage2_forward.loss", " 2.LOSS "])
def test_a_task_is_found(text: str) -> None:
    """A task is named by its stage's number or name and its own."""
    assert find_task(text) == (STAGES[1], "loss")


def test_a_task_is_found_by_its_name() -> None:
    """Where only one stage has such a task, its name is enough; each task's full name finds it."""
    assert find_task("tinymlp") == (STAGES[5], "TinyMLP")
    assert [find_task(task_name(*task)) for task in TASKS] == TASKS
    assert [find_stage(text) for text in ("3", "stage3", "stage3_backward")] == [STAGES[2]] * 3


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("loss", "several stages have a task 'loss': write 2.loss or 4.loss"),
        ("2.los", "stage 2 has no task 'los'; did you mean 2.loss?"),
        ("bakward", "there is no task 'bakward'; did you mean 3.backward?"),
        ("1.x", "stage 1 has no task 'x'; the tasks are 1.relu, 1.relu_grad"),
        ("1", "a task's name is missing; the tasks are 1.relu, 1.relu_grad"),
        ("9.relu", "there is no stage '9'; the stages are 1 to 6"),
        ("stage7", "there is no stage 'stage7'; the stages are 1 to 6"),
    ],
)
def test_what_to_write_instead(text: str, says: str) -> None:
    """A name that fits no task, or several, is answered with those that there are."""
    with pytest.raises(ValueError, match=re.escape(says)):
        find_task(text)
    done = run("hint", text)
    assert done.exit_code == 1
    assert f"Error: {says}" in done.output


def test_without_a_terminal_one_level_is_shown() -> None:
    """A pipe gets the question and how to see more; `--level` shows that level alone; nothing is coloured."""
    first, second = run("hint", "1.relu_grad"), run("hint", "1.relu_grad", "--level", "2")
    assert first.exit_code == second.exit_code == 0
    assert "1.relu_grad, hint 1 of 3: A question" in first.output
    assert first.output.rstrip().endswith("The next one: chainrule hint 1.relu_grad --level 2")
    assert "    ReLU′(a) = 1 where a > 0, else 0" in second.output
    assert "hint 1" not in second.output
    assert "\x1b" not in first.output + second.output


@pytest.mark.parametrize(("answers", "shown"), [("n\n", 1), ("y\nn\n", 2), ("y\ny\n", 3)])
def test_on_a_terminal_each_level_is_asked_for(monkeypatch: pytest.MonkeyPatch, answers: str, shown: int) -> None:
    """The next hint comes when it is asked for, and not before."""
    monkeypatch.setattr(tutor, "is_terminal", lambda: True)
    done = CliRunner().invoke(cli.main, ["hint", "3.backward"], input=answers)
    assert done.exit_code == 0, done.output
    assert [level for level in (1, 2, 3) if f"3.backward, hint {level} of 3" in done.output] == [
        *range(1, shown + 1)
    ]


def folder_of(files: dict[str, bytes], folder: Path) -> Path:
    """A learner's folder."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def test_the_task_that_comes_next(tmp_path: Path) -> None:
    """Without a task the first that is not finished has the hint: not written, wrong, or its file missing."""
    folder = folder_of(stubs(), tmp_path)
    assert "The first task that is not finished is 1.relu." in run("hint", "--from", folder).output
    relu = (SOLUTIONS / "stage1_relu.py").read_text(encoding="utf-8").replace("(a > 0)", "(a >= 0)")
    (folder / "stage1_relu.py").write_text(relu, encoding="utf-8")
    done = run("hint", "--from", folder)
    assert "The first task that is not finished is 1.relu_grad." in done.output
    assert "1.relu_grad, hint 1 of 3" in done.output
    (folder / "stage1_relu.py").unlink()
    assert unfinished.first_unfinished(folder) == (STAGES[0], "relu")


def test_all_is_finished(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where every task passes there is no hint to give, and it says so."""
    monkeypatch.setattr(unfinished, "STAGES", STAGES[:2])
    done = run("hint", "--from", folder_of(solutions(), tmp_path))
    assert done.exit_code == 0
    assert done.output.startswith("Every task is finished.")


def test_the_task_that_comes_next_in_a_notebook(tmp_path: Path) -> None:
    """A notebook's tasks are found as a module's are."""
    name = NOTEBOOKS[0].file
    solved = {STAGES[0].name: (SOLUTIONS / STAGES[0].file).read_text(encoding="utf-8")}
    (tmp_path / name).write_text(assembly.text(notebook_of(NOTEBOOKS[0], solved)), encoding="utf-8")
    assert "The first task that is not finished is 2.affine." in run("hint", "--from", tmp_path).output


def test_a_folder_without_stages(tmp_path: Path) -> None:
    """A folder that holds nothing of the course is told apart from one that holds stubs."""
    (tmp_path / "essay.py").write_text("x = 1", encoding="utf-8")
    done = run("hint", "--from", tmp_path)
    assert done.exit_code == 1
    assert "Error: " in done.output and "essay.py" in done.output


@each_stage
def test_the_page_of_a_stage(stage: Stage) -> None:
    """`chainrule read` shows the whole page: headings, formulas as they are written, references."""
    page = reading(stage)
    assert page.startswith(f"# Stage {stage.number}: ")
    assert [
        part
        for part in ("The idea", "By hand", "What goes wrong", "What it is for")
        if f"\n## {part}\n" not in page
    ] == []
    done = run("read", stage.number)
    assert done.exit_code == 0, done.output
    shown = [line.rstrip() for line in done.output.splitlines()]
    assert [line for line in page.splitlines() if line.startswith("    ") and line not in shown] == []
    assert "\x1b" not in done.output


def test_a_page_that_is_not_there(tmp_path: Path) -> None:
    """An unknown stage, and a module without a page, are told."""
    assert "Error: there is no stage '7'; the stages are 1 to 6" in run("read", "7").output
    (tmp_path / STAGES[0].file).write_text("x = 1\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"stage1_relu\.py does not begin with a page"):
        reading(STAGES[0], tmp_path)


@each_stage
def test_lines_begin_no_list_by_chance(stage: Stage) -> None:
    """Pages have headings, paragraphs, bullets and blocks alone; in hints numbered steps may be, from 1 on.

    A year at the beginning of a line, with a full stop after it, would begin a numbered list in Markdown.
    """
    plain = {"heading", "paragraph", "bullet_list", "list_item", "code_block", "inline"}
    page = (SOLUTIONS / stage.file).read_text(encoding="utf-8").split('"""')[1]
    for text, allowed in [
        (reading(stage), plain),
        (markdown(page), plain),
        *((level, plain | {"ordered_list"}) for task in stage.tasks for level in hints(stage, task)),
    ]:
        parsed = MarkdownIt().parse(text)
        assert {token.type.removesuffix("_open").removesuffix("_close") for token in parsed} <= allowed
        assert not any(token.attrs.get("start") for token in parsed)
