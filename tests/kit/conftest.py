"""The engine's tests: they run on the small course in course/, so that no change of another can break them."""

import os
from pathlib import Path

COURSE = Path(__file__).parent / "course"
os.environ["CHAINRULE_COURSE"] = str(COURSE)  # before the engine looks for one

collect_ignore = [str(COURSE)]  # whose suites are run by the tests

import pytest  # noqa: E402
from fixtures import (  # noqa: E402
    arrange,
    collect_ignore_glob,  # noqa: F401
    libraries,  # noqa: F401
    pytest_addoption,  # noqa: F401
    pytest_configure,  # noqa: F401
    state,  # noqa: F401
)
from learners_modules import modules, stubs  # noqa: E402, F401
from transports import in_worker  # noqa: E402, F401

LONGEST = (
    "test_equal_scores",
    "test_courses",
    "test_runs",
    "test_terminal",
    "test_four_ways",
    "test_watch_terminal",
)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out proofs, and begin with what takes longest."""
    arrange(config, items, LONGEST)
