"""Learners' code where tests call it: a stage in this process or in a worker, suites on any transport."""

import contextlib
import io
from collections.abc import Callable, Iterator, Mapping
from types import SimpleNamespace
from typing import Any

import pytest
from isolation import ISOLATION

from grader.course.catalogue import STAGES, Stage, source_of
from grader.course.location import ROOT
from grader.judging.naming import Names
from grader.outside.client import Client, SameProcess, Transport, load_request
from grader.outside.process import Allowance, Limits, WorkerProcess

DOUBLE, SLOPE = STAGES[:2]
"""The stages of the small course."""
LIMITS = Limits(call=100.0, memory=2**30, isolation=ISOLATION)
"""Seconds for a call that no honest one takes on the busiest machine, confined where this system can."""
TOTAL = 1000.0
"""Seconds for a submission."""


InWorker = Callable[..., Client]
"""Puts a source into a worker, where it is loaded, and gives what calls it."""


@pytest.fixture
def in_worker() -> Iterator[InWorker]:
    """Puts sources into workers, which end with the test; changes: of the request that loads one."""
    with contextlib.ExitStack() as stack:

        def put(
            source: str, stage: Stage = DOUBLE, limits: Limits = LIMITS, total: float = TOTAL, **changes: Any
        ) -> Client:
            own = {stage.name: source}
            worker = WorkerProcess(load_of(stage, own) | changes, own, limits, Allowance(total))
            stack.enter_context(contextlib.closing(worker)).load()
            return Client(worker)

        yield put


def in_this_process(stage: Stage, source: str, **changes: Any) -> SameProcess:
    """A source in this process, not loaded yet; changes: of the request that loads it."""
    own = {stage.name: source}
    return SameProcess(load_of(stage, own) | changes, own, (KeyboardInterrupt,))


def solved(stage: Stage, changed: Mapping[str, str] | None = None) -> SameProcess:
    """The solutions in this process, not loaded yet, the sources of some stages changed."""
    own = {stage.name: source_of(stage.name) for stage in STAGES} | dict(changed or {})
    return SameProcess(load_of(stage, own), own, ())


def load_of(stage: Stage, own: Mapping[str, str]) -> dict[str, Any]:
    """The request that loads a stage of these sources."""
    return load_request(stage, own, {name: f"{name}.py" for name in own})


def function(body: str) -> str:
    """A source that defines `f(a=None)` with this body."""
    return "def f(a=None):\n" + "".join(f"    {line}\n" for line in body.splitlines())


class Run:
    """A pytest plugin: a run of suites with transports of our own, which tests passed, and what others said.

    tells: whether mistakes are told by name, which takes more of a transport than calls.
    """

    def __init__(self, transport: Callable[[Stage], Transport], tells: bool = False) -> None:
        self.transport = transport
        self.names = Names(tells=tells)
        self.passed: set[str] = set()
        self.messages: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take a test's result."""
        assert not getattr(report, "kit_error", False), report.longrepr
        if report.when == "call" or report.failed:
            name = report.nodeid.partition("/")[2]
            if report.passed:
                self.passed.add(name)
            else:
                self.messages[name] = str(vars(report)["verdict"])

    def pytest_configure(self, config: pytest.Config) -> None:
        """Take the name by which the `impl` fixture asks for transports."""
        config.pluginmanager.register(
            SimpleNamespace(transport=self.transport, names=self.names), "chainrule-marking"
        )

    @property
    def failed(self) -> set[str]:
        """Which tests failed."""
        return set(self.messages)

    def of(self, seed: int, *more: str, plugins: tuple[object, ...] = ()) -> "Run":
        """Run the suites; `more`: which tests, or options."""
        arguments = [f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}", f"--seed={seed}"]
        arguments += ["--full", "-q", "-p", "no:cacheprovider", "-p", "no:faulthandler"]
        arguments += ["-W", "ignore"]  # a loss that overflows, as one test wants it, is no error of ours
        with contextlib.redirect_stdout(io.StringIO()):
            pytest.main([*arguments, *more], plugins=[self, *plugins])
        return self
