"""What the tests of the engine and of the course share: the same examples each time, and a state of their own."""

import importlib.util
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from grader.judging.naming import WAIT_VARIABLE
from grader.outside import workers
from grader.publishing.results_folder import STATE

FOR_MAINTAINERS = importlib.util.find_spec("hypothesis") is not None
"""In a learner's environment `pytest tests` runs the suites alone."""

collect_ignore_glob = [] if FOR_MAINTAINERS else ["*"]


@pytest.hookimpl(tryfirst=True)  # before the kit's plugin chooses its output
def pytest_configure(config: pytest.Config) -> None:
    """Show these tests as pytest does; draw the same examples in every run, and wait for them."""
    if not FOR_MAINTAINERS:
        return
    import hypothesis

    os.environ[WAIT_VARIABLE] = "20"  # names are the same however busy the machine
    os.environ["OMP_NUM_THREADS"] = "1"  # several would wait for one another, the longer the busier the machine
    config.option.full = True
    slow = hypothesis.HealthCheck.too_slow
    hypothesis.settings.register_profile(
        "kit", deadline=None, derandomize=True, database=None, suppress_health_check=[slow]
    )
    hypothesis.settings.load_profile("kit")


@pytest.fixture(scope="session", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the kit keeps its secret: not in the home of whoever tests, for processes that tests start too."""
    folder = tmp_path_factory.mktemp("state") / "chainrule"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STATE, str(folder))
        yield folder


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
