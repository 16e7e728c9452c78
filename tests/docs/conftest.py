"""The documentation's tests: what its pages show is run, and its tables hold what the code has."""

import sys
from pathlib import Path

sys.path.insert(1, str(Path(__file__).parents[1] / "kit"))  # helpers that the engine's tests have, too

from fixtures import collect_ignore_glob, pytest_configure  # noqa: F401
