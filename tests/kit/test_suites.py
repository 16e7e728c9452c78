"""Suites run alike wherever they run: a learner's own pytest gives the score and the words that marking gives."""

from pathlib import Path

import pytest
from isolation import ISOLATION
from processes import run_python
from transports import DOUBLE, SLOPE
from verdicts import losses

from grader.course.catalogue import STAGES, source_of
from grader.course.location import EXERCISES
from grader.course.points import total_points
from grader.intake.submissions import Submission, read_cohort
from grader.marking.mark import Settings, mark

SQUARED = source_of(DOUBLE.name).replace("x + x", "x * x")
BUT_DOUBLE = "2 for 1.both, 2 for 2.slope, 1 for 2.Doubler, 1 for 2.train"
EVERY_TASK = f"4 for 1.double, {BUT_DOUBLE}"


@pytest.mark.parametrize(
    ("changes", "lost"),
    [
        pytest.param({}, "full", marks=pytest.mark.proof),
        ({stage.file: (EXERCISES / stage.file).read_text(encoding="utf-8") for stage in STAGES}, EVERY_TASK),
        pytest.param({DOUBLE.file: SQUARED}, "4 for 1.double, 2 for 1.both", marks=pytest.mark.proof),
        ({DOUBLE.file: "def double(x):\n    return x + x", SLOPE.file: "raise SystemExit"}, BUT_DOUBLE),
    ],
    ids=["solutions", "stubs", "squared", "half of it"],
)
def test_a_learner_and_the_grader_agree(changes: dict[str, str], lost: str, tmp_path: Path) -> None:
    """A learner's own pytest gives the score that marking gives."""
    for file, source in ({stage.file: source_of(stage.name) for stage in STAGES} | changes).items():
        (tmp_path / file).write_text(source, encoding="utf-8")
    [submission] = read_cohort(tmp_path)
    result = mark(submission, Settings(11, isolation=ISOLATION))
    assert losses(result).removeprefix("full but ") == lost
    done = run_python("-m", "pytest", "--impl", tmp_path, "--seed", "11")
    assert f"{result.score:g} of {total_points():g} points" in done.stdout.splitlines()


def test_the_same_seed_gives_the_same_scores_and_messages() -> None:
    """Marking a wrong submission twice with one seed gives one record; another seed draws other data."""
    wrong = Submission("wrong", {DOUBLE.name: SQUARED})
    first, again, other = (mark(wrong, Settings(seed, isolation=ISOLATION)) for seed in (7, 7, 8))
    assert first.stages == again.stages
    assert first.digest == again.digest != other.digest
    assert first.score == other.score
    assert first.stages != other.stages
