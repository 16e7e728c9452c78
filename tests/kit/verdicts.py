"""Scores as tests write them: by what was lost, so that no test holds a total."""

from grader.course.catalogue import find_stage
from grader.judging.results import Result, TestResult


def losses(result: Result) -> str:
    """What a submission lost, by task: `full`, `full but 2 for 1.double, 1 for 2.train`, or `rejected`."""
    if result.status == "rejected":
        return "rejected"
    lost = {
        f"{find_stage(stage.stage).number}.{task}": points
        for stage in result.stages
        for task, points in lost_by(stage.tests).items()
    }
    return "full" + " but " * bool(lost) + ", ".join(f"{points:g} for {task}" for task, points in lost.items())


def lost_by(tests: list[TestResult]) -> dict[str, float]:
    """The points that were lost, by task, for tasks that lost any."""
    lost: dict[str, float] = {}
    for test in tests:
        if test.points < test.max_points:
            lost[test.task] = lost.get(test.task, 0.0) + test.max_points - test.points
    return lost
