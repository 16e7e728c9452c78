"""Time: what a call takes is counted from outside, and what took too long is not tried without end."""

import socket
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
from isolation import ISOLATION
from transports import DOUBLE, SLOPE, InWorker, solved

from grader.course.catalogue import Stage
from grader.judging import results
from grader.judging import suites as suites_module
from grader.judging.suites import suites
from grader.outside import process
from grader.outside.client import Transport
from grader.outside.process import TOTAL_IS_UP, Allowance, CallTime, Limits
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import Times

LIMIT = 0.5
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="no other system is asked for processor times")


class Told:
    """A worker of which only is told how it spends its time."""

    connection = socket.socket()
    spent = Times()

    def times(self) -> Times:
        """What the test says."""
        return self.spent

    def wait(self, seconds: float) -> None:
        """It says nothing."""

    def exit_code(self, timeout: float) -> int | None:
        """It does not end."""

    kill = end = lambda self: None


@pytest.mark.parametrize("waited", [0.0, 1e6])
@pytest.mark.parametrize(("ran", "is_up"), [(1.9, False), (2.1, True)])
def test_a_call_has_processor_time(
    ran: float, waited: float, is_up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A call's time is up when it has run for so long; while it waits for a processor, it is not."""
    worker = Told()
    call = CallTime(worker, limit=2.0, allowance=Allowance(1000.0))
    worker.spent, now = Times(ran, waited), time.monotonic() + ran + waited
    monkeypatch.setattr(process, "time", SimpleNamespace(monotonic=lambda: now))
    assert (call.until() <= now) == is_up


def test_a_submission_has_the_time_of_its_calls() -> None:
    """What a call ran is taken from what the submission has in all; what it waited for a processor is not."""
    worker, allowance = Told(), Allowance(5.0)
    for ran, left in ((1.0, 4.0), (3.0, 2.0), (5.5, -0.5)):
        call = CallTime(worker, limit=10.0, allowance=allowance)
        worker.spent = Times(ran, waited=1e6 * ran)
        told = call.end()
        assert allowance.left == pytest.approx(left)
    assert told == TOTAL_IS_UP


LIMITS = Limits(LIMIT, 2**30, ISOLATION)


def test_a_call_that_waits_is_answered(in_worker: InWorker) -> None:
    """A call that takes longer than its processor time without running is answered."""
    source = f"import time\ndef double(a):\n    time.sleep({LIMIT + 0.1})\n    return a"
    assert in_worker(source, limits=LIMITS).double(1.0) == 1.0


@on_linux
@pytest.mark.parametrize(
    "before",
    [
        "",
        "for fd in range(3, 64):\n        with contextlib.suppress(OSError): os.write(fd, b'x')",
        "[signal.signal(s, lambda *_: None) for s in (signal.SIGXCPU, signal.SIGPROF, signal.SIGVTALRM)]",
        "time.process_time = lambda: 0.0",
    ],
)
def test_a_call_that_runs_is_stopped_by_its_processor_time(in_worker: InWorker, before: str) -> None:
    """Whatever a worker says or does meanwhile, its processor time is the kernel's word."""
    source = f"import contextlib, os, signal, time\ndef double(a):\n    {before}\n    while True: pass"
    with pytest.raises(
        NoAnswer, match=r"double took more than 0\.5 s of processor time and was stopped"
    ) as raised:
        in_worker(source, limits=LIMITS).double(1.0)
    assert raised.value.outcome == "timeout"


class Slow:
    """The solutions of a stage, some functions of which take too long."""

    life = 0
    home = "the module"

    def __init__(self, stage: Stage, slow: set[str]) -> None:
        self._honest = solved(stage)
        self._slow = slow
        self.waited_for: list[str] = []

    def load(self) -> None:
        """Put the solutions there."""
        self._honest.load()

    def exchange(self, request: dict[str, Any], patience: float) -> dict[str, Any]:
        """The solution's answer, or none."""
        if request["name"] in self._slow:
            self.waited_for.append(request["name"])
            raise NoAnswer("timeout", f"{request['name']} took more than 2 s")
        return self._honest.exchange(request, patience)

    def close(self) -> None:
        """Put the replaced modules back."""
        self._honest.close()


def run(stage: Stage, *slow: str) -> tuple[list[str], list[results.TestResult]]:
    """How often each slow function was waited for, and what became of the stage's tests."""
    transport = Slow(stage, set(slow))

    def start(stage: Stage) -> Transport:
        return transport

    return transport.waited_for, suites().run(stage, start, seed=3)


def test_a_task_that_took_too_long_is_not_tried_again() -> None:
    """After a time-out the other tests of the task are not tried, and say so; other tasks are."""
    waited_for, tests = run(DOUBLE, "double")
    assert waited_for == ["double"]
    first, *others = [test for test in tests if test.task == "double"]
    assert first.message == "double took more than 2 s"
    told = ("timeout", "not tried: double took too long before")
    assert {(test.outcome, test.message) for test in others} == {told}
    assert {test.outcome for test in tests if test.task == "both"} == {"passed"}


@pytest.mark.parametrize(
    ("slow", "most", "left_out"),
    [
        (("slope", "train"), suites_module.MOST_SLOW, {}),
        (("slope", "Doubler"), 2, {"train": "not tried: slope and Doubler took too long before"}),
    ],
)
def test_a_stage_of_slow_tasks_is_not_tried_to_its_end(
    slow: tuple[str, ...], most: int, left_out: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Slow tasks cost their own tests; after so many of them the rest of the stage is not tried, and says so."""
    monkeypatch.setattr(suites_module, "MOST_SLOW", most)
    waited_for, tests = run(SLOPE, *slow)
    assert waited_for == [*slow]
    assert {test.task for test in tests if test.outcome != "passed"} == {*slow, *left_out}
    assert {test.task: test.message for test in tests if test.message.startswith("not tried")} == left_out


def test_slow_tasks_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a stage that is not tried to its end every slow task is named, however many it has."""
    slow = [SimpleNamespace(when="call", task=task, verdict=NoAnswer("timeout", "slow")) for task in "abc"]
    monkeypatch.setattr(suites(), "_reports", slow)
    with pytest.raises(NoAnswer, match="not tried: a, b and c took too long before"):
        suites().pytest_runtest_setup(suites()._session.items[0])
