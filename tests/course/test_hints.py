"""This course's hints and pages: short enough to be read in a terminal, and Markdown that means what it shows."""

import pytest
from command_line import chainrule
from markdown_it import MarkdownIt

from grader.course.catalogue import STAGES, Stage, source_of, task_name
from grader.course.check import contains, giveaways, problems, tokens
from grader.course.hints import LEVELS, hints
from grader.course.location import HINTS
from grader.course.pages import markdown, reading

TASKS = [(stage, task) for stage in STAGES for task in stage.tasks]
each_stage = pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)


@pytest.mark.parametrize(("stage", "task"), TASKS, ids=[task_name(*task) for task in TASKS])
def test_every_task_has_three_hints(stage: Stage, task: str) -> None:
    """Each level is there, one to eight lines, and narrow enough to be read in a terminal."""
    levels = hints(stage, task)
    assert len(levels) == LEVELS == 3
    for level in levels:
        lines = [line for line in level.splitlines() if line.strip()]
        assert 1 <= len(lines) <= 8
        assert all(len(line) <= (80 if line.startswith("    ") else 120) for line in lines)
    assert "?" in levels[0]


def test_nothing_gives_the_solution_away() -> None:
    """Each stage has hints, under the headings of its tasks; no hint and no page holds what a solution holds.

    It would be found, however it is spaced.
    """
    assert [path.stem for path in sorted(HINTS.iterdir())] == [stage.name for stage in STAGES]
    assert [*problems()] == []
    assert all(giveaways(stage) for stage in STAGES)
    for stage, line in ((STAGES[0], "np.maximum( a,0 )"), (STAGES[1], "x @ W.T"), (STAGES[5], "nn.Linear(d, h)")):
        assert any(contains(tokens(f"Try `{line}` here."), part) for part in giveaways(stage))


@each_stage
def test_the_page_of_a_stage(stage: Stage) -> None:
    """A page has each of its parts, and `chainrule read` shows its formulas as they are written."""
    page = reading(stage)
    assert page.startswith(f"# Stage {stage.number}: ")
    assert "\n## What goes wrong\n" in page
    shown = {line.rstrip() for line in chainrule("read", f"{stage.number}").splitlines()}
    assert {line for line in page.splitlines() if line.startswith("    ")} <= shown


@each_stage
def test_lines_begin_no_list_by_chance(stage: Stage) -> None:
    """Pages have headings, paragraphs, bullets and blocks alone; in hints numbered steps may be, from 1 on.

    A year at the beginning of a line, with a full stop after it, would begin a numbered list in Markdown.
    """
    plain = {"heading", "paragraph", "bullet_list", "list_item", "code_block", "inline"}
    page = source_of(stage.name).split('"""')[1]
    for text, allowed in [
        (reading(stage), plain),
        (markdown(page), plain),
        *((level, plain | {"ordered_list"}) for task in stage.tasks for level in hints(stage, task)),
    ]:
        parsed = MarkdownIt().parse(text)
        assert {token.type.removesuffix("_open").removesuffix("_close") for token in parsed} <= allowed
        assert not any(token.attrs.get("start") for token in parsed)
