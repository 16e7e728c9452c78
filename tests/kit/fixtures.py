"""What the tests of the engine and of the course share: the same examples each time, and a state of their own."""

import contextlib
import importlib.util
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from grader.judging.kept_runs import CACHE
from grader.judging.naming import WAIT_VARIABLE
from grader.outside import workers
from grader.publishing.results_folder import STATE

FOR_MAINTAINERS = importlib.util.find_spec("hypothesis") is not None
"""In a learner's environment `pytest tests` runs the suites alone."""

collect_ignore_glob = [] if FOR_MAINTAINERS else ["*"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let whoever runs the tests choose the long ones."""
    with contextlib.suppress(ValueError):  # another folder's conftest was asked first; both at a time are refused
        how = "with the other tests, or alone (default: leave out the proofs, which take long)"
        parser.addoption("--proofs", choices=["with", "alone"], help=how)


@pytest.hookimpl(tryfirst=True)  # before the kit's plugin chooses its output
def pytest_configure(config: pytest.Config) -> None:
    """Show these tests as pytest does; draw the same examples in every run, and wait for them."""
    config.addinivalue_line(
        "markers", "proof: takes long, and is run with --proofs=alone, or --proofs=with the others"
    )
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


def arrange(config: pytest.Config, items: list[pytest.Item], longest: Sequence[str]) -> None:
    """Leave out proofs, or all else, as --proofs says; begin with the modules that take longest.

    Else one that is begun late has the other cores wait for it.
    """
    kept = {None: (False,), "alone": (True,), "with": (False, True)}[config.getoption("proofs", default=None)]
    parted: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        parted[(item.get_closest_marker("proof") is not None) in kept].append(item)
    config.hook.pytest_deselected(items=parted[False])
    order = {name: place for place, name in enumerate(longest)}
    items[:] = sorted(parted[True], key=lambda item: order.get(item.path.stem, len(order)))


def with_proofs(values: Iterable[Any], part: Collection[Any]) -> list[Any]:
    """Parameters, by their names where they have any, of which those outside a part make a test a proof."""
    marks = {False: pytest.mark.proof, True: ()}
    return [pytest.param(value, marks=marks[value in part], id=getattr(value, "name", value)) for value in values]


def selected(request: pytest.FixtureRequest, name: str) -> list[Any]:
    """What tests of this run, of any module, have for the parameter of this name, in their order."""
    parameters = [item.callspec.params for item in request.session.items if hasattr(item, "callspec")]
    return [given[name] for given in parameters if name in given]


@pytest.fixture(scope="session", autouse=True)
def state(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Path]:
    """Where the kit keeps its secret, and beside it what it has once run, which all processes of a run share.

    Neither is in the home of whoever tests, nor in that of processes that tests start.
    """
    folder = tmp_path_factory.mktemp("state") / "chainrule"
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STATE, str(folder))
        patch.setenv(CACHE, os.environ.get(CACHE) or str(shared / "cache"))
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
