"""Marking on a Dask cluster: the same results as on one machine, whatever becomes of its workers."""

import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from click.testing import CliRunner
from isolation import ISOLATION
from transports import DOUBLE, SLOPE

from grader import cli
from grader.course.catalogue import source_of
from grader.intake.submissions import Submission
from grader.judging.results import Result, line_of
from grader.marking import cluster, cluster_worker, dask_client
from grader.marking.cluster import Cluster
from grader.marking.cluster_worker import Marking
from grader.marking.cohort import Markers, Outcome, Watching, mark_cohort
from grader.marking.dask_client import ClusterError
from grader.marking.mark import Settings, mark
from grader.marking.processes import Processes
from grader.marking.record import Record
from grader.outside.workers import CAN_FORK, KitError

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="a cluster's workers fork, which only Linux lets them")

SETTINGS = Settings(1, time_limit=100.0, total_limit=1000.0, isolation=ISOLATION)
RIGHT = {stage.name: source_of(stage.name) for stage in (DOUBLE, SLOPE)}
MANY = 40
LONG = 100.0
"""Seconds in which everything comes to its end, on the busiest machine."""


def submissions(number: int = MANY) -> list[Submission]:
    """So many: right, wrong, not to be loaded, not written, each with a comment that is nobody else's."""
    kinds = (RIGHT[DOUBLE.name], "def double(x):\n    return x", "import nothing_of_that_name", "")
    return [Submission(f"{n:03}", {DOUBLE.name: f"# {n}\n{kinds[n % len(kinds)]}"}) for n in range(number)]


def free_port() -> int:
    """A port of this machine on which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def words(process: psutil.Process) -> str:
    """What a process was started with; nothing of one that is gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return " ".join(process.cmdline())
    return ""


class Started:
    """A scheduler and workers, as their commands start them."""

    def __init__(self, folder: Path, *options: str, protocol: str = "tcp", **environment: str) -> None:
        self.folder = folder
        self.address = f"{protocol}://127.0.0.1:{free_port()}"
        self._environment = os.environ | environment
        self._processes: list[subprocess.Popen[bytes]] = []
        self._run("scheduler", "--host", self.address, "--no-show", *options)

    def add(self, number: int, *options: str, **environment: str) -> None:
        """Add workers, each of one thread."""
        more = ("--nworkers", str(number), "--nthreads", "1", "--memory-limit", "0", "--no-dashboard")
        folder = ("--local-directory", str(self.folder))
        self._run("worker", self.address, *more, *folder, *options, **environment)

    def workers(self) -> list[psutil.Process]:
        """The workers' own processes, which their nannies have started."""
        nannies = [psutil.Process(process.pid) for process in self._processes[1:]]
        started = [child for nanny in nannies for child in nanny.children()]
        return [child for child in started if "spawn_main" in words(child)]

    def below(self) -> list[psutil.Process]:
        """What the workers have started: fork servers, marking processes, and what these have started."""
        return [child for worker in self.workers() for child in worker.children(recursive=True)]

    def end_scheduler(self) -> None:
        """Kill the scheduler."""
        self._processes[0].kill()

    def close(self) -> None:
        """End all of it."""
        everything = []
        for process in self._processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                everything += psutil.Process(process.pid).children(recursive=True)
        for process in self._processes:
            process.kill()
            process.wait()
        for one in everything:
            with contextlib.suppress(psutil.NoSuchProcess):
                one.kill()
        assert not psutil.wait_procs(everything, timeout=LONG)[1]

    def _run(self, *command: str, **environment: str) -> None:
        with (self.folder / f"{command[0]}.log").open("ab") as log:
            started = subprocess.Popen(
                [sys.executable, "-m", "dask", *command],
                cwd=self.folder,
                env=self._environment | environment,
                stdout=log,
                stderr=log,
            )
        self._processes.append(started)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    """A scheduler without workers."""
    with contextlib.closing(Started(tmp_path)) as started:
        yield started


@pytest.fixture
def said() -> list[str]:
    """What was said while marking."""
    return []


def results(path: Path) -> dict[str, str]:
    """Each submission's line, without the seconds that it took; none stands there twice."""
    lines = [json.loads(line) for line in (path / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    found = {line["submission"]: json.dumps(line | {"seconds": 0}) for line in lines}
    assert len(found) == len(lines)
    return found


def run(
    out: Path, markers: Markers, todo: list[Submission], on_done: Callable[[int], None] = lambda done: None
) -> Outcome:
    """Mark a cohort; on_done: is called with how many are done."""
    done = iter(range(1, len(todo) + 1))
    watching = Watching(on_done=lambda: on_done(next(done)))
    with contextlib.closing(Record(out)) as record:
        return mark_cohort(todo, SETTINGS, record, markers, watching=watching)


def test_results_are_those_of_one_machine(started: Started, said: list[str], tmp_path: Path) -> None:
    """One of three workers is killed in the middle and another one suspended for a while: nothing shows of it."""
    started.add(3)
    todo = submissions()
    stopped: list[psutil.Process] = []
    left: list[psutil.Process] = []

    def disturb(done: int) -> None:
        if done == MANY // 4:
            killed, suspended = started.workers()[:2]
            left.extend(killed.children(recursive=True))
            killed.kill()
            suspended.suspend()
            stopped.append(suspended)
        elif done == MANY // 2:
            stopped[0].resume()

    with contextlib.closing(Cluster(started.address, ISOLATION, said.append)) as cluster:
        assert not run(tmp_path / "cluster", cluster, todo, disturb).kit_errors
        left += started.below()
    with contextlib.closing(Processes(ISOLATION)) as processes:
        run(tmp_path / "here", processes, todo)
    assert results(tmp_path / "cluster") == results(tmp_path / "here")
    assert (tmp_path / "cluster" / "scores.csv").read_bytes() == (tmp_path / "here" / "scores.csv").read_bytes()
    assert any(re.search(r"is gone; \d submissions? (is|are) marked elsewhere", one) for one in said)
    assert left and not psutil.wait_procs(left, timeout=LONG)[1]


def test_a_worker_that_stays_suspended_is_given_up(
    started: Started, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a worker was at that says nothing any more is marked by another one."""
    monkeypatch.setattr(cluster, "SILENCE", 3.0)
    started.add(2)
    todo = submissions(12)

    def suspend(done: int) -> None:
        if done == 2:
            started.workers()[0].suspend()

    with contextlib.closing(Cluster(started.address, ISOLATION, said.append)) as there:
        outcome = run(tmp_path / "out", there, todo, suspend)
        started.workers()[0].resume()
    assert not outcome.kit_errors
    assert sorted(results(tmp_path / "out")) == [submission.name for submission in todo]
    assert any("does not answer; " in one for one in said)


def test_it_waits_for_a_worker(started: Started, said: list[str], tmp_path: Path) -> None:
    """Where there is no worker it says so, and goes on when one comes, also after the last one has gone."""
    waits = threading.Event()

    def say(text: str) -> None:
        said.append(text)
        if text.startswith("There is no worker"):
            waits.set()

    def come() -> None:
        assert waits.wait(LONG)
        started.add(1, "--no-nanny")

    coming = threading.Thread(target=come)
    coming.start()
    with contextlib.closing(Cluster(started.address, ISOLATION, say)) as there:
        assert len(run(tmp_path / "out", there, submissions(3)).marked) == 3
    coming.join()
    assert said[0].startswith("There is no worker; waiting for one")
    assert said[-1] == "Going on, with 1 worker."


def test_a_lost_worker_costs_nobody_anything(started: Started, said: list[str], tmp_path: Path) -> None:
    """However often the only worker dies, its successor goes on where it was."""
    started.add(1)

    def kill(done: int) -> None:
        if done in (2, 4):
            started.workers()[0].kill()

    with contextlib.closing(Cluster(started.address, ISOLATION, said.append)) as there:
        outcome = run(tmp_path / "out", there, submissions(6), kill)
    assert (len(results(tmp_path / "out")), outcome.kit_errors) == (6, {})


def test_a_scheduler_that_ends_ends_the_run(
    started: Started, said: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the scheduler is gone for good, that is said; what was marked is kept."""
    monkeypatch.setattr(dask_client, "CONNECT_LIMIT", 10.0)
    started.add(1)

    def end(done: int) -> None:
        if done == 2:
            started.end_scheduler()

    with (
        contextlib.closing(Cluster(started.address, ISOLATION, said.append)) as there,
        pytest.raises(ClusterError, match=r"cannot be reached any more\. What was marked is kept"),
    ):
        run(tmp_path / "out", there, submissions(8), end)
    assert 2 <= len(results(tmp_path / "out")) < 8


def test_a_worker_with_another_course_is_left_out(started: Started, said: list[str], tmp_path: Path) -> None:
    """Marking goes on with those that have what the command has; which has not, and what, is told."""
    started.add(1)
    started.add(1, CHAINRULE_COURSE=str(Path(__file__).parents[2]))
    with contextlib.closing(Cluster(started.address, ISOLATION, said.append)) as there:
        while len(there._workers) < 2 or any(worker.usable is None for worker in there._workers.values()):
            there.done(0.1)
        assert len(run(tmp_path / "out", there, submissions(4)).marked) == 4
    told = "is left out: it has another course, or another state of it: start it with the same files, named by"
    assert [one for one in said if f"{told} CHAINRULE_COURSE" in one]


def test_what_must_be_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each part that decides a result is told where it differs."""
    here = cluster_worker.installed()
    assert cluster_worker.difference(here) == ""
    for name in here:
        assert cluster_worker.difference(here | {name: "0"})
    assert cluster_worker.difference(here | {"NumPy": "9"}).startswith(
        f"it has NumPy {here['NumPy']}, this command 9"
    )


@pytest.fixture(scope="module")
def result() -> Result:
    """A result of ann's."""
    return mark(Submission("ann", {DOUBLE.name: RIGHT[DOUBLE.name]}), SETTINGS)


@pytest.mark.parametrize(
    "change",
    [
        {"submission": "bob"},
        {"digest": "0"},
        {"score": 1000.0},
        {"score": "all"},
        {"stages": None},
        {"stages": [{}]},
    ],
)
def test_a_result_is_looked_at(result: Result, change: dict[str, Any]) -> None:
    """What is no result of the submission that was sent is none at all."""
    line = line_of(result)
    assert cluster._checked("ann", result.digest, line) == result
    changed = json.dumps(json.loads(line) | change).encode()
    for wrong in (changed, line[:-1], b"[]", b"1", b"\xff"):
        assert isinstance(cluster._checked("ann", result.digest, wrong), KitError)


def test_what_is_idle_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker started for a command that was killed does not run for ever."""
    this = psutil.Process()
    before = this.children(recursive=True)
    marking = Marking(cluster_worker.installed(), ISOLATION, threads=1)
    assert marking.refusal() == ""
    monkeypatch.setattr(cluster_worker, "IDLE_LIMIT", 0.0)
    result = marking.mark(Submission("ann", {DOUBLE.name: RIGHT[DOUBLE.name]}), SETTINGS, None)
    assert isinstance(result, Result)
    left = [child for child in this.children(recursive=True) if child not in before]
    left = [child for child in left if "resource_tracker" not in words(child)]  # Python's own
    assert not psutil.wait_procs(left, timeout=LONG)[1]


def test_local_marking_knows_nothing_of_dask() -> None:
    """Without --scheduler nothing of Dask is imported."""
    imports = "import sys, grader.cli, grader.commands.grade, grader.commands.regrade"
    code = f"{imports}\nprint({{'dask', 'distributed'}} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_the_command_marks_on_a_cluster(started: Started, tmp_path: Path) -> None:
    """`grade --scheduler`, by the scheduler's file, says what is not safe, marks, and goes on where it was."""
    file = tmp_path / "scheduler.json"
    file.write_text(json.dumps({"address": started.address}), encoding="utf-8")
    started.add(1)
    for name, source in (("ann", RIGHT[DOUBLE.name]), ("bob", "")):
        folder = tmp_path / "cohort" / name
        folder.mkdir(parents=True)
        (folder / DOUBLE.file).write_text(source, encoding="utf-8")
    options = ["--out", str(tmp_path / "out"), "--isolation", ISOLATION, "--no-gradebook", "--seed", "1"]
    command = ["grade", str(tmp_path / "cohort"), "--scheduler", str(file), *options]
    done = CliRunner().invoke(cli.main, command, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert "Safe on a network that nobody else can reach" in " ".join(done.output.split())
    assert "2 submissions marked" in done.output
    started.close()
    with contextlib.closing(Started(tmp_path)) as empty:
        command[command.index(str(file))] = empty.address
        again = CliRunner().invoke(cli.main, command, catch_exceptions=False)
    assert (again.exit_code, "waiting for one" in again.output) == (0, False), again.output


@pytest.mark.parametrize(
    ("scheduler", "told"),
    [
        ("tcp://127.0.0.1:{free}", "no scheduler can be reached at tcp://127.0.0.1:"),
        ("tls://127.0.0.1:{free}", "no certificates are set for tls://127.0.0.1:"),
        ("no-such-file.json", "no scheduler can be reached at no-such-file.json: missing port"),
        (__file__, "is no scheduler file"),
        ("", "no scheduler can be reached at : missing port"),
    ],
)
def test_a_scheduler_that_is_none(
    scheduler: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is no scheduler is told in a sentence, before anybody is marked."""
    monkeypatch.setattr(dask_client, "CONNECT_LIMIT", 2.0)
    (tmp_path / "ann").mkdir()
    (tmp_path / "ann" / DOUBLE.file).write_text(RIGHT[DOUBLE.name], encoding="utf-8")
    address = scheduler.format(free=free_port()) if "{" in scheduler else scheduler
    command = ["grade", str(tmp_path / "ann"), "--out", str(tmp_path / "out"), "--scheduler", address]
    done = CliRunner().invoke(cli.main, [*command, "--isolation", ISOLATION], catch_exceptions=False)
    assert done.exit_code == 1
    assert told in done.output


def test_jobs_are_the_workers_own(tmp_path: Path) -> None:
    """How many are marked at a time is not the command's to say."""
    done = CliRunner().invoke(cli.main, ["grade", str(tmp_path), "--scheduler", "tcp://x:1", "--jobs", "2"])
    assert done.exit_code == 2
    assert "leave --jobs out" in done.output
