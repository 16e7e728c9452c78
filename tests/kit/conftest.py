"""The maintainers' tests: pytest's own output, and folders that a test may fill."""

import contextlib
import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
import sample_cohort

from grader.cohort import Outcome, mark_cohort
from grader.intake.submissions import read_cohort
from grader.marking import Settings
from grader.results import Record
from grader.results_folder import STATE

FOR_MAINTAINERS = importlib.util.find_spec("hypothesis") is not None
"""In a learner's environment `pytest tests` runs the suites alone."""

collect_ignore_glob = [] if FOR_MAINTAINERS else ["*"]


def pytest_configure(config: pytest.Config) -> None:
    """Show these tests as pytest does; draw the same examples in every run, and wait for them."""
    if not FOR_MAINTAINERS:
        return
    import hypothesis

    config.option.full = True
    hypothesis.settings.register_profile("kit", deadline=None, derandomize=True, database=None)
    hypothesis.settings.load_profile("kit")


@pytest.fixture(scope="session", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the kit keeps its secret: not in the home of whoever tests, for processes that tests start too."""
    folder = tmp_path_factory.mktemp("state") / "chainrule"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STATE, str(folder))
        yield folder


@pytest.fixture(scope="session")
def cohort_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample cohort on disk."""
    folder = tmp_path_factory.mktemp("sample") / "cohort"
    sample_cohort.write(folder)
    return folder


@pytest.fixture(scope="session")
def marked(cohort_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Outcome, Record]]:
    """What came of marking the sample cohort, and the record of it."""
    settings = Settings(seed=20261121, time_limit=3.0, isolation=sample_cohort.ISOLATION)
    with contextlib.closing(Record(tmp_path_factory.mktemp("marked"))) as record:
        yield mark_cohort(read_cohort(cohort_folder), settings, record), record
