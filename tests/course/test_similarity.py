"""Near-identical submissions of this course: right solutions in several styles are none, copies of a style are."""

from pathlib import Path

from bench import cohort

from grader.course.catalogue import STAGES
from grader.intake.submissions import Submission
from grader.intake.task_code import Code, code_of_tasks
from grader.reporting.similarity import similar_pairs

GALLERY = Path(__file__).parent / "gallery"


def code(sources: dict[str, str]) -> Code:
    """The code of tasks in a submission's files, by their names."""
    return code_of_tasks(
        Submission("", {stage.name: sources[stage.file] for stage in STAGES if stage.file in sources})
    )


def gallery() -> dict[str, Code]:
    """Right solutions that were written apart from each other."""
    return {
        folder.name: code({path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")})
        for folder in GALLERY.iterdir()
    }


def test_right_in_different_ways_is_not_alike() -> None:
    """Among complete solutions in several styles no two are near-identical, nor is any like the solution."""
    assert similar_pairs(gallery() | {"solution": code(cohort.submissions()["learner-01"])}) == []


def test_the_same_style_is_the_same_code() -> None:
    """Learners of the benchmark who share the code of some stages are found, with just the tasks of these."""
    files = cohort.submissions()
    made = gallery() | {name: code(files[name]) for name in ("learner-02", "learner-04")}
    [pair] = similar_pairs(made)
    assert (pair.first, pair.second) == ("learner-02", "learner-04")
    styles = {one.name: one.styles for one in cohort.LEARNERS}
    alike = {
        stage.name
        for stage, *style in zip(STAGES, styles[pair.first], styles[pair.second], strict=True)
        if len({*style}) == 1
    }
    assert {shared.stage for shared in pair.tasks} == alike
    assert all(shared.left_lines and shared.right_lines for shared in pair.tasks)
