"""Time: what a call takes is counted from outside, and what took too long is not tried without end."""

import socket
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from forgers import bench
from sample_cohort import ISOLATION

from grader.course.catalogue import STAGES, Stage
from grader.judging import results
from grader.judging.suites import suites
from grader.outside.client import Client, Transport, load_request
from grader.outside.process import TOTAL_IS_UP, Allowance, CallTime, Limits, WorkerProcess
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


@pytest.mark.parametrize(
    ("spent", "is_up"),
    [
        (Times(ran=1.9), False),
        (Times(ran=1.9, waited=1e6), False),
        (Times(ran=2.1), True),
        (Times(ran=2.1, waited=1e6), True),
    ],
)
def test_a_call_has_processor_time(spent: Times, is_up: bool) -> None:
    """A call's time is up when it has run for so long; while it waits for a processor, it is not."""
    worker = Told()
    call = CallTime(worker, limit=2.0, allowance=Allowance(1000.0))
    worker.spent = spent
    assert (call.until() <= time.monotonic()) == is_up


def test_a_submission_has_the_time_of_its_calls() -> None:
    """What a call ran is taken from what the submission has in all; what it waited for a processor is not."""
    worker, allowance = Told(), Allowance(5.0)
    for ran, left in ((1.0, 4.0), (3.0, 2.0), (5.5, -0.5)):
        call = CallTime(worker, limit=10.0, allowance=allowance)
        worker.spent = Times(ran, waited=1e6 * ran)
        told = call.end()
        assert allowance.left == pytest.approx(left)
    assert told == TOTAL_IS_UP


@pytest.fixture
def impl() -> Iterator[Callable[[str], Client]]:
    """Puts sources of stage 1 where a call has LIMIT seconds."""
    opened: list[WorkerProcess] = []

    def start(source: str) -> Client:
        load = load_request(STAGES[0], {"stage1_relu": source}, {"stage1_relu": "stage1_relu.py"})
        opened.append(WorkerProcess(load, {}, Limits(LIMIT, 2**30, ISOLATION), Allowance(1000.0)))
        return Client(opened[-1])

    yield start
    for process in opened:
        process.close()


def test_a_call_that_waits_is_answered(impl: Callable[[str], Client]) -> None:
    """A call that takes longer than its processor time without running is answered."""
    assert impl(f"import time\ndef relu(a):\n    time.sleep({LIMIT + 0.1})\n    return a").relu(1.0) == 1.0


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
def test_a_call_that_runs_is_stopped_by_its_processor_time(impl: Callable[[str], Client], before: str) -> None:
    """Whatever a worker says or does meanwhile, its processor time is the kernel's word."""
    source = f"import contextlib, os, signal, time\ndef relu(a):\n    {before}\n    while True: pass"
    with pytest.raises(NoAnswer, match=r"relu took more than 0\.5 s of processor time and was stopped") as raised:
        impl(source).relu(1.0)
    assert raised.value.outcome == "timeout"


class Slow:
    """The solutions of a stage, some functions of which take too long."""

    life = 0
    home = "the module"

    def __init__(self, stage: Stage, slow: set[str]) -> None:
        self._honest = bench(stage)
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
    waited_for, tests = run(STAGES[0], "relu")
    assert waited_for == ["relu"]
    first, *others = [test for test in tests if test.task == "relu"]
    assert first.message == "relu took more than 2 s"
    assert {(test.outcome, test.message) for test in others} == {
        ("timeout", "not tried: relu took too long before")
    }
    assert {test.outcome for test in tests if test.task == "relu_grad"} == {"passed"}


def test_a_stage_of_slow_tasks_is_not_tried_to_its_end() -> None:
    """After three time-outs the rest of the stage is not tried, and says so."""
    stage = STAGES[1]
    waited_for, tests = run(stage, *stage.tasks)
    assert waited_for == ["affine", "forward", "loss"]
    assert {test.outcome for test in tests} == {"timeout"}
    rest = {test.message for test in tests if test.task in ("accuracy", "check_shapes")}
    assert rest == {"not tried: affine, forward and loss took too long before"}


def test_a_stage_may_have_two_slow_tasks() -> None:
    """Two time-outs cost their own tasks only."""
    waited_for, tests = run(STAGES[1], "affine", "loss")
    assert waited_for == ["affine", "loss"]
    assert {test.task for test in tests if test.outcome != "passed"} == {"affine", "loss"}
