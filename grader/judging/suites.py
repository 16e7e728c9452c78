"""The suites, collected once in a process and run on stage after stage of submission after submission."""

import gc
import tempfile
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
from _pytest.config import _prepareconfig  # as pytest-xdist's workers do: a session that somebody else drives

from grader.course.catalogue import STAGES, Stage
from grader.course.location import ROOT, SOLUTIONS
from grader.judging.naming import Names
from grader.judging.pytest_plugin import SEED, label_of, points_of, stage_of, task_of
from grader.judging.results import TestResult, name_of, result_of
from grader.outside.client import Transport
from grader.outside.process import TOTAL_IS_UP
from grader.outside.verdicts import NoAnswer, Verdict
from grader.outside.workers import KitError

MOST_SLOW = 3
"""Tasks of a stage that may take too long before the rest of it is not tried."""
Code = Callable[[Stage], Transport]
"""Puts a learner's stage where it can be called. Raises NoAnswer when there is none."""


class Suites:
    """A pytest session that stays open. Raises KitError where the suites cannot be collected."""

    def __init__(self, stages: tuple[Stage, ...]) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix="chainrule-")
        self._reports: list[Any] = []
        config = _prepareconfig([*self._options(), *(str(stage.suite) for stage in stages)])
        config._do_configure()
        config.pluginmanager.register(self, "chainrule-marking")
        config.pluginmanager.unregister(name="terminalreporter")  # it would keep every report of the whole run
        self._session = pytest.Session.from_config(config)
        config.hook.pytest_sessionstart(session=self._session)
        config.hook.pytest_collection(session=self._session)
        if self._session.testsfailed or not self._session.items:
            raise KitError(f"the suites cannot be collected:\n{self._told()}")
        gc.freeze()  # all of this stays; no collection has to look at it again
        self._code: Code | None = None
        self._until_lost = False
        self.names = Names()
        """How mistakes are told in the run under way."""

    def run(
        self,
        stage: Stage,
        code: Code,
        seed: int,
        task: str | None = None,
        names: Names | None = None,
        until_lost: bool = False,
    ) -> list[TestResult]:
        """Run one suite, or what of it tests one task, on a learner's code; seed: of the data drawn.

        names: how mistakes are told; without, the course's are, however long that takes; until_lost:
        try no more tests once one has failed.

        Raises KitError when a test fails by anything but a verdict.
        """
        self._code, self._reports, self.names = code, [], names or Names()
        self._until_lost = until_lost
        self._session.config.stash[SEED] = seed
        items = [item for item in self._session.items if stage_of(item) == stage]
        items = [item for item in items if task is None or task_of(item) == task]
        for item, following in zip(items, [*items[1:], None], strict=True):
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        for report in self._reports:
            if not report.passed and getattr(report, "verdict", None) is None:
                own = getattr(report, "kit_error", None)
                raise own if isinstance(own, KitError) else KitError(f"the suites did not run:\n{self._told()}")
        return [result_of(report) for report in self._reports if report.when == "call" or report.failed]

    def labels(self, stage: Stage) -> dict[str, str]:
        """What each test of a stage checks, by its name in a result."""
        return {name_of(item.nodeid): label_of(item) for item in self._session.items if stage_of(item) == stage}

    def worth(self, stage: Stage) -> dict[str, float]:
        """The points of each test of a stage, by its name in a result."""
        return {name_of(item.nodeid): points_of(item) for item in self._session.items if stage_of(item) == stage}

    def transport(self, stage: Stage) -> Transport:
        """For the `impl` fixture: where the learner's code runs. Raises NoAnswer when there is none."""
        assert self._code is not None
        return self._code(stage)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Try no more of a task that took too long, nor of a stage with several such tasks. Raises NoAnswer."""
        if self._until_lost and any(report.failed for report in self._reports):
            raise NoAnswer("failed", "not tried: points are lost already")
        slow = list(dict.fromkeys(report.task for report in self._reports if _took_too_long(report)))
        if task_of(item) in slow:
            raise NoAnswer("timeout", f"not tried: {task_of(item)} took too long before")
        if len(slow) >= MOST_SLOW:
            named = f"{', '.join(slow[:-1])} and {slow[-1]}"
            raise NoAnswer("timeout", f"not tried: {named} took too long before")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> pytest.TestReport | None:
        """The report of a test that a verdict ended, without the traceback: it is of the kit's own, and long."""
        verdict = call.excinfo.value if call.excinfo else None
        if not isinstance(verdict, Verdict) or call.when == "collect":
            return None
        return pytest.TestReport(item.nodeid, item.location, {}, "failed", str(verdict), call.when)

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Keep what a test's phases report until its stage is done."""
        self._reports.append(report)

    def pytest_collectreport(self, report: Any) -> None:
        """Keep why a suite could not be collected."""
        if report.failed:
            self._reports.append(report)

    def _options(self) -> list[str]:
        own = [f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}", "--full", "--tb=native"]
        own += ["-p", "grader.judging.pytest_plugin", f"--impl={SOLUTIONS}"]  # not used; stubs may be missing
        plugins = ("cacheprovider", "faulthandler", "logging", "unraisableexception", "threadexception", "anyio")
        lean = [f"-pno:{plugin}" for plugin in plugins]
        lean += ["--capture=no", "-W", "ignore", "-o", "tmp_path_retention_policy=none"]
        return [*own, *lean, f"--basetemp={self._temporary.name}/pytest"]

    def _told(self) -> str:
        return "\n".join(str(report.longrepr) for report in self._reports if report.failed)


@cache
def suites(stages: tuple[Stage, ...] = STAGES) -> Suites:
    """This process's suites."""
    return Suites(stages)


def _took_too_long(report: Any) -> bool:
    """Whether a call of the learner's did, in a test that was tried, for which there was time."""
    verdict = report.verdict if report.when == "call" else None
    return verdict is not None and verdict.outcome == "timeout" and not str(verdict).endswith(TOTAL_IS_UP)
