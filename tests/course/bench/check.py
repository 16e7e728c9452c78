"""A suite run in this process on modules in a folder, and its points: what the peers' check cells call.

Also a pytest plugin: with `-p bench.check`, the points are written where CHAINRULE_POINTS names a file.
"""

import contextlib
import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from grader.course.catalogue import STAGES
from grader.course.location import ROOT

SEED = 1
"""The seed of the data in every way of marking, so that scores can be compared."""
IN_PROCESS = (f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}", "-p", "no:cacheprovider")

_passed: dict[str, bool] = {}


class Points:
    """A pytest plugin that takes down which of the suites' tests passed, and what they are worth."""

    def __init__(self) -> None:
        self.passed: dict[str, bool] = {}
        self.points: dict[str, float] = {}

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Take down a test once it is decided."""
        if hasattr(report, "points") and (report.when == "call" or report.failed):
            self.passed[report.nodeid.rpartition("/")[2]] = report.passed
            self.points[report.nodeid.rpartition("/")[2]] = report.points

    @property
    def score(self) -> float:
        """The points earned."""
        return sum(points for test, points in self.points.items() if self.passed[test])


def run(name: str) -> tuple[Points, str]:
    """Run the suite of the stage `name` on the modules in the working directory; also what a learner sees."""
    stage = next(stage for stage in STAGES if stage.name == name)
    points, shown = Points(), io.StringIO()
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        pytest.main([*IN_PROCESS, "--impl=.", f"--seed={SEED}", str(stage.suite)], plugins=[points])
    return points, shown.getvalue()


def score(name: str) -> float:
    """The points of a stage whose module lies in the working directory, as nbgrader's partial credit."""
    points, shown = run(name)
    print(shown)
    return points.score


def passed(name: str, test: str) -> bool:
    """Whether a test of a stage passes, as otter's test cases ask; the suite runs once for all of them."""
    if not any(known.startswith(f"test_{name}.py::") for known in _passed):
        _passed.update(run(name)[0].passed)
    return _passed[test]


def worth() -> dict[str, dict[str, float]]:
    """What each test is worth, by the stage's name and the test's."""
    found: dict[str, dict[str, float]] = {}

    class Collected:
        def pytest_collection_finish(self, session: pytest.Session) -> None:
            for item in session.items:
                (points,) = item.iter_markers("points")
                stage = found.setdefault(item.path.stem.removeprefix("test_"), {})
                stage[item.nodeid.rpartition("/")[2]] = float(points.args[0])

    with contextlib.redirect_stdout(io.StringIO()):
        suites = [str(stage.suite) for stage in STAGES]
        pytest.main([*IN_PROCESS, "--collect-only", "-qq", *suites], plugins=[Collected()])
    return found


def pytest_configure(config: pytest.Config) -> None:
    """As a plugin of `pytest` itself: write the points at the end."""
    if "CHAINRULE_POINTS" in os.environ:
        config.pluginmanager.register(_Written(Path(os.environ["CHAINRULE_POINTS"])), "bench-points")


class _Written(Points):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def pytest_sessionfinish(self) -> None:
        """Write the score."""
        self._path.write_text(json.dumps(self.score), encoding="utf-8")
