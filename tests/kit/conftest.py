"""The maintainers' tests: pytest's own output, and folders that a test may fill."""

import contextlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sample_cohort

from grader import workers
from grader.cohort import Outcome, mark_cohort
from grader.intake.submissions import read_cohort
from grader.marking import Settings
from grader.results import Record

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


Libraries = Callable[[str, str], None]


@pytest.fixture
def libraries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Libraries]:
    """Gives what writes a module, by name and source, that new fork servers find before the installed one."""
    folder = tmp_path / "libraries"
    folder.mkdir()
    found = workers._environment()
    monkeypatch.setattr(
        workers, "_environment", lambda: found | {"PYTHONPATH": f"{folder}{os.pathsep}{found['PYTHONPATH']}"}
    )

    def write(name: str, source: str) -> None:
        (folder / f"{name}.py").write_text(source, encoding="utf-8")

    workers.end_all()  # servers of tests before, with the libraries as they are
    yield write
    workers.end_all()


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
