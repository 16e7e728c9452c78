"""The pytest plugin behind the suites: the `impl` and `rng` fixtures, points, and a verdict for each test."""

import secrets
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from grader.course.catalogue import STAGES, Stage
from grader.course.finding import CourseError
from grader.course.location import EXERCISES, TESTS, WORKPLACE
from grader.course.points import task_of_class
from grader.intake.learners_folder import modules_in, parted
from grader.judging.naming import Names, Search, stream, waiting
from grader.judging.terminal import Terminal
from grader.outside import pytorch
from grader.outside.client import Client, SameProcess, Transport, load_request
from grader.outside.verdicts import Verdict

SEED = pytest.StashKey[int]()
STAGE = pytest.StashKey[Stage | None]()
NAMES = pytest.StashKey[dict[Stage, Names]]()


def pytest_configure(config: pytest.Config) -> None:
    """Settle the seed and the folder, and choose the terminal's output."""
    config.addinivalue_line("markers", "points(n): what a test of a suite is worth")
    seed = config.option.seed
    config.stash[SEED] = secrets.randbelow(2**31) if seed is None else seed
    config.stash[NAMES] = {}
    if config.stash[SEED] < 0:
        raise pytest.UsageError("--seed must be 0 or more")
    is_default = config.option.impl is None
    if is_default:
        config.option.impl = EXERCISES
    if not config.option.impl.is_dir() and (config.rootpath == WORKPLACE or not is_default):
        raise pytest.UsageError(f"--impl {config.option.impl}: there is no such folder")
    own_output = (
        config.option.full or config.option.verbose > 0 or config.option.usepdb or config.option.collectonly
    )
    if config.rootpath == WORKPLACE and not own_output:
        config.pluginmanager.register(Terminal(config, config.stash[SEED]), "chainrule-terminal")


def pytest_report_header(config: pytest.Config) -> str:
    """Show the seed in pytest's own header."""
    return f"chainrule: --seed {config.stash[SEED]} --impl {config.option.impl}"


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """Let a test of a suite that fails begin with the mistake that was made, where it is known."""
    client, stage = pyfuncitem.funcargs.get("impl"), stage_of(pyfuncitem)
    if not isinstance(client, Client) or stage is None:
        return (yield)
    marking = pyfuncitem.config.pluginmanager.get_plugin("chainrule-marking")
    names: Names = marking.names if marking else pyfuncitem.config.stash[NAMES].setdefault(stage, Names(waiting()))
    names.take(pyfuncitem)
    try:
        result = yield
    except Verdict as verdict:
        names.tell(verdict, Search(pyfuncitem, stage, task_of(pyfuncitem), client, names))
        raise
    names.passed.append(pyfuncitem)
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Give the report of a suite's test its task, label, points and verdict."""
    report = yield
    stage = stage_of(item)
    if stage is not None:
        report.stage = stage
        report.points = points_of(item)
        report.label = label_of(item)
        report.task = task_of(item)
        error = call.excinfo.value if call.excinfo else None
        report.verdict = error if isinstance(error, Verdict) else None
        report.kit_error = error if report.verdict is None else None
    return report


def stage_of(item: pytest.Item) -> Stage | None:
    """The stage whose suite the test belongs to; None outside the suites."""
    if STAGE not in item.stash:
        item.stash[STAGE] = stage_at(item.path)
    return item.stash[STAGE]


def stage_at(path: Path) -> Stage | None:
    """The stage whose suite, the course's or its copy in a learner's folder, is at a path; None for others."""
    copies = WORKPLACE / TESTS.name
    return next((stage for stage in STAGES if path in (stage.suite, copies / stage.suite.name)), None)


def label_of(item: pytest.Item) -> str:
    """What the test checks, from its docstring, on one line."""
    function: Any = getattr(item, "function", None)
    return " ".join((function.__doc__ or item.name).split())


def points_of(item: pytest.Item) -> float:
    """What the test is worth."""
    marker = item.get_closest_marker("points")
    return float(marker.args[0]) if marker else 0.0


def task_of(item: pytest.Item) -> str:
    """The task that a test belongs to: its class's name without `Test`, as the contract writes it."""
    stage, parent = stage_of(item), item.parent
    assert stage is not None and parent is not None
    task = task_of_class(stage, parent.name)
    if task is None:
        raise CourseError(f"{stage.suite.name}: {parent.name} is named like no task of the stage")
    return task


def same_process(stage: Stage, folder: Path) -> Transport:
    """A learner's modules from a folder, run in this process."""
    found = modules_in(folder)
    own, unread = parted({name: one.source for name, one in found.items()})
    pytorch.check(stage, own.get(stage.name))
    load = load_request(stage, own, {name: str(one.path) for name, one in found.items()}, unread=unread)
    return SameProcess(load, own, to_raise=(KeyboardInterrupt, pytest.exit.Exception))


@pytest.fixture(scope="module")
def impl(request: pytest.FixtureRequest) -> Iterator[Client]:
    """The stage under test: a learner's own module here, or in a worker when it is marked."""
    stage = stage_at(request.path)
    assert stage is not None
    marking = request.config.pluginmanager.get_plugin("chainrule-marking")
    if marking is not None:
        transport: Transport = marking.transport(stage)
    else:
        transport = same_process(stage, request.config.option.impl.resolve())
    try:
        transport.load()
        yield Client(transport)
    finally:
        transport.close()


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> int:
    """The seed of the data that the stage's tests draw."""
    return request.config.stash[SEED]


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """The test's own stream of random numbers, from the run's seed and the test's name."""
    return stream(request.node, request.config.stash[SEED])
