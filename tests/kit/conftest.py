"""The engine's tests: they run on the small course in course/, so that no change of another can break them."""

import os
from pathlib import Path

COURSE = Path(__file__).parent / "course"
os.environ["CHAINRULE_COURSE"] = str(COURSE)  # before the engine looks for one

collect_ignore = [str(COURSE)]  # whose suites are run by the tests

from fixtures import (  # noqa: E402
    collect_ignore_glob,  # noqa: F401
    libraries,  # noqa: F401
    pytest_addoption,  # noqa: F401
    pytest_collection_modifyitems,  # noqa: F401
    pytest_configure,  # noqa: F401
    state,  # noqa: F401
)
from learners_modules import modules, stubs  # noqa: E402, F401
from transports import in_worker  # noqa: E402, F401
