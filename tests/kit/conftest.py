"""The maintainers' tests: pytest's own output, and folders that a test may fill."""

from pathlib import Path

import hypothesis
import pytest
import sample_cohort

from grader.cohort import Outcome, mark_cohort
from grader.marking import Settings
from grader.submissions import read_cohort


def pytest_configure(config: pytest.Config) -> None:
    """Show these tests as pytest does; draw the same examples in every run, and wait for them."""
    config.option.full = True
    hypothesis.settings.register_profile("kit", deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("kit")


@pytest.fixture(scope="session")
def cohort_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample cohort on disk."""
    folder = tmp_path_factory.mktemp("sample") / "cohort"
    sample_cohort.write(folder)
    return folder


@pytest.fixture(scope="session")
def marked(cohort_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, Path]:
    """The sample cohort's results, and the folder that they were written to."""
    out = tmp_path_factory.mktemp("marked")
    return mark_cohort(read_cohort(cohort_folder), Settings(seed=20261121, time_limit=3.0), out), out
