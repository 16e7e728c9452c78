"""Where watch mode meets files, workers and other processes."""

import asyncio
import contextlib
import select
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from learners_modules import DOUBLE, save, solution
from transports import load_of

from grader.course.location import EXERCISES
from grader.intake.submissions import read_cohort
from grader.learner.watch import files, loop, running, session
from grader.learner.watch.loop import Watch
from grader.learner.watch.running import Runner
from grader.learner.watch.session import Emit, Ending, Event, Pressed
from grader.learner.watch.state import State
from grader.outside import workers
from grader.outside.client import Client
from grader.publishing import release

PATIENCE = 300.0
"""Seconds within which everything must have come, on the busiest machine."""
STUB = (EXERCISES / DOUBLE.file).read_text(encoding="utf-8")


def test_reset_keeps_every_file(modules: Path) -> None:
    """What was there is kept under a number of its own; a stub, or a missing file, leaves nothing to keep."""
    path, old = modules / DOUBLE.file, modules / files.KEPT
    for number, text in ((1, "first = 1\n"), (2, "second = 2\n")):
        save(modules, DOUBLE, text)
        assert f"What you had is {Path('old', f'{DOUBLE.file}.{number}')}." in files.reset(modules, DOUBLE)
        assert path.read_text(encoding="utf-8") == STUB
        assert (old / f"{DOUBLE.file}.{number}").read_text(encoding="utf-8") == text
    assert "is the stub already" in files.reset(modules, DOUBLE)
    path.unlink()
    assert files.reset(modules, DOUBLE) == f"{DOUBLE.file} is the stub again."
    assert len(list(old.glob("stage*"))) == 2


def test_nothing_minds_the_kept_files(modules: Path) -> None:
    """git ignores them, the check of exercises/ passes over them, and so does who reads a submission."""
    whole = read_cohort(modules)[0].sources
    assert whole[DOUBLE.name] != STUB
    files.reset(modules, DOUBLE)
    assert files.KEPT in release.SCRATCH
    subprocess.run(["git", "init", "--quiet"], cwd=modules, check=True)
    status = subprocess.run(["git", "status", "--short"], cwd=modules, check=True, capture_output=True, text=True)
    assert DOUBLE.file in status.stdout and files.KEPT not in status.stdout
    submission = read_cohort(modules)[0]
    assert (submission.error, submission.sources) == (None, whole | {DOUBLE.name: STUB})


@pytest.mark.parametrize(
    ("source", "whole"), [(None, False), ("", False), ("def f(:", False), ("\0", False), ("x = 1\n", True)]
)
def test_half_written_files(source: str | None, whole: bool) -> None:
    """A file that is missing, empty or no Python is looked at again before it is believed."""
    assert files.is_whole(source) is whole


@pytest.mark.parametrize("poll", [False, pytest.param(True, marks=pytest.mark.proof)])
def test_changes_are_seen(modules: Path, poll: bool) -> None:
    """A file that is changed, deleted, or made again, and a folder that is replaced as a whole."""
    path, copy = modules / DOUBLE.file, modules.with_name("copy")

    async def follow() -> None:
        async with asyncio.timeout(PATIENCE), contextlib.aclosing(files.watched(modules, poll)) as states:

            async def seen(source: str | None, patient: bool = False) -> None:
                while (found := (await anext(states))[DOUBLE.name]) != source:
                    assert patient, found

            await seen(solution(DOUBLE))
            save(modules, DOUBLE, "one = 1\n")
            await seen("one = 1\n")
            path.unlink()
            await seen(None)
            (modules / "other.py").write_text("no stage\n", encoding="utf-8")
            path.write_bytes(b"\xef\xbb\xbftwo = 2\n")
            await seen("two = 2\n")
            shutil.copytree(modules, copy)
            shutil.rmtree(modules)
            while any(source is not None for source in (await anext(states)).values()):
                pass
            copy.rename(modules)
            await seen("two = 2\n", patient=True)
            save(modules, DOUBLE, "three = 3\n")
            await seen("three = 3\n")

    asyncio.run(follow())


@pytest.mark.parametrize(
    "forks", [pytest.param(True, marks=pytest.mark.skipif(not workers.CAN_FORK, reason="no fork")), False]
)
def test_the_next_worker_waits(forks: bool, modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It starts before it is needed, forked or not, is replaced where it has ended, and ends with the session."""
    monkeypatch.setattr(workers, "CAN_FORK", forks)
    monkeypatch.setattr(running, "KINDS", ("numpy",))
    runner = Runner(seed=1, time_limit=PATIENCE)

    def run_and_next() -> workers.Worker:
        run = runner.start(DOUBLE, files.read(modules)).result(timeout=PATIENCE)
        assert run is not None and run.complete, run
        return workers._spare["numpy"]

    try:
        first = workers._spare["numpy"]
        second = run_and_next()
        assert second is not first and first.connection.fileno() < 0 <= second.connection.fileno()
        second.kill()
        if isinstance(second, workers.ForkedWorker):  # its exit code can be read once, which is the runner's
            select.select([second._life], [], [], PATIENCE)
        else:
            second.exit_code(timeout=PATIENCE)
        third = run_and_next()
    finally:
        runner.close()
    assert third.connection.fileno() < 0 and not workers._spare


def test_no_run_waits_for_known_mistakes(modules: Path) -> None:
    """One that is run meanwhile, so that it is known the next time, ends with the next save, and tells nothing."""
    endless = "def double(x):\n    while True:\n        pass\n"
    sources = files.read(modules)
    with contextlib.closing(Runner(seed=1, time_limit=PATIENCE)) as runner:
        aside = runner._started(DOUBLE, sources).beside(load_of(DOUBLE, {DOUBLE.name: endless}), {})
        under_way = runner._thread.submit(Client(aside).call, "double", 1.0)
        run = runner.start(DOUBLE, sources).result(timeout=PATIENCE)
        assert run is not None and run.complete
        assert isinstance(under_way.exception(timeout=PATIENCE), workers.KitError)


class Recorder:
    """A terminal that keeps what it shows, and answers to notices that begin as is expected."""

    patience = 0.01

    def __init__(self, answers: dict[str, Event]) -> None:
        self.state = State()
        self._answers = [*answers.items()]
        self._emit: Emit = print

    def size(self) -> tuple[int, int]:
        """Always the same."""
        return 24, 80

    def show(self, state: State) -> None:
        """Keep the state, and give the next answer where its time has come."""
        self.state = state
        if state.sources and self._answers and state.notice.startswith(self._answers[0][0]):
            self._emit(self._answers.pop(0)[1])

    @contextlib.contextmanager
    def keys(self, state: State, emit: Emit) -> Iterator[None]:
        """No keys but the answers."""
        self._emit = emit
        yield


def test_plots_are_drawn_beside_the_session(modules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command for pictures runs in a process of its own; what it says is told, and leaving ends it."""
    script = "import os, sys, threading; print('written:', os.getpid(), *sys.argv[1:], flush=True)"
    monkeypatch.setattr(session, "PLOTTED", (DOUBLE.number,))
    monkeypatch.setattr(loop, "PLOT", (sys.executable, "-c", f"{script}; threading.Event().wait()"))
    terminal = Recorder({"": Pressed("p"), "written: ": Ending.INTERRUPTED})
    with contextlib.closing(Runner(seed=1, time_limit=PATIENCE)) as runner:
        asyncio.run(asyncio.wait_for(Watch(modules, runner, terminal, State(), poll=False).run(), PATIENCE))
    _, process, *options = terminal.state.notice.split(maxsplit=2)
    assert options == [f"--from {modules}"]
    assert not psutil.pid_exists(int(process))
