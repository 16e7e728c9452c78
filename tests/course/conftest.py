"""The tests of this course: its solutions are right, its suites catch mistakes, and what is made of it works."""

import sys
from pathlib import Path

import pytest

sys.path.insert(1, str(Path(__file__).parents[1] / "kit"))  # helpers that the engine's tests have, too

from fixtures import (
    arrange,
    collect_ignore_glob,  # noqa: F401
    libraries,  # noqa: F401
    pytest_addoption,  # noqa: F401
    pytest_configure,  # noqa: F401
    state,  # noqa: F401
)


def pytest_collection(session: pytest.Session) -> None:
    """Stop where the engine's tests, which run on another course, were asked for in the same run."""
    from grader.course.location import ROOT

    if Path(__file__).parents[2] != ROOT:
        raise pytest.UsageError("tests/kit and tests/course run on two courses: give pytest one of them at a time")


LONGEST = (
    "test_sample_cohort",
    "test_equal_scores",
    "test_hostile",
    "test_mutants",
    "test_notebooks",
    "test_suites",
)
"""The first and the third need what known mistakes give: the one keeps it for the other."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out proofs, and begin with what takes longest."""
    arrange(config, items, LONGEST)
