"""Runs of `chainrule grade` that are cut off and begun again: nothing is lost, nothing is marked twice."""

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
from isolation import ISOLATION
from results_by_hand import result

from grader import __version__
from grader.intake.submissions import Submission
from grader.judging import digests
from grader.judging.results import Result
from grader.marking import mark as marking
from grader.marking.cohort import Watching, mark_cohort
from grader.marking.mark import Settings
from grader.marking.processes import Processes
from grader.marking.record import Record
from grader.outside.private_files import OutOfPlaceError

on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="fork servers and their workers are there on Linux only"
)

TELLS_TIME = "import time\nprint(time.time_ns())\n"
"""Prints something else each time it is run, so that results found again can be told from new ones."""
LOOP = "while True: pass"
LOOPING = 0.3
"""Seconds of processor time that no worker takes to start."""
OPTIONS = ("--time-limit", "1000", "--total-limit", "1000", "--isolation", ISOLATION, "--jobs", "1")
"""A test ends the loops that it begins; no limit does before."""
LONG = 100.0
"""Seconds in which processes end that are bound to, on the busiest machine."""
A_MOMENT = 0.02
"""Seconds from one look at the processes to the next."""
DOUBLE, SLOPE = "stage1_double", "stage2_slope"


def settings(seed: int = 1) -> Settings:
    """Settings for submissions that take no time."""
    return Settings(seed, time_limit=100.0, isolation=ISOLATION)


def submission(name: str, **stages: str) -> Submission:
    """A submission whose given stages tell the time, with more code behind that."""
    return Submission(name, {stage: TELLS_TIME + source for stage, source in stages.items()})


ANN, BOB = submission("ann", stage1_double=""), submission("bob", stage1_double="")


def run(out: Path, *cohort: Submission, seed: int = 1, force: bool = False) -> int:
    """Mark a cohort into a folder; how many results were there before."""
    with (
        contextlib.closing(Record(out)) as record,
        contextlib.closing(Processes(ISOLATION, jobs=1)) as processes,
    ):
        return mark_cohort([*cohort], settings(seed), record, processes, force=force).found


def printed(out: Path, name: str) -> dict[str, str]:
    """What the stages of a submission printed when they were marked."""
    with contextlib.closing(Record(out)) as record:
        return {stage.stage: stage.output for stage in record.result(name).stages}


def lines_of(out: Path) -> list[bytes]:
    """The lines of results.jsonl, as long as there is one."""
    path = out / "results.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


def names_of(out: Path) -> list[str]:
    """Whose results results.jsonl has, line by line."""
    return [json.loads(line)["submission"] for line in lines_of(out)]


def forget_digests() -> None:
    """Have what decides results looked at anew."""
    digests.digests_of.cache_clear()
    digests.digest_of_kit.cache_clear()


def test_the_same_command_again_marks_nothing(tmp_path: Path) -> None:
    """What has a result as it is now is not marked again; another seed, or --force, marks all."""
    cohort = [ANN, Submission("bob", error="empty")]
    run(tmp_path, *cohort)
    before = lines_of(tmp_path)
    assert run(tmp_path, *cohort) == 2
    assert lines_of(tmp_path) == before
    assert run(tmp_path, *cohort, seed=2) == 0
    assert run(tmp_path, *cohort, seed=2, force=True) == 0
    assert len(lines_of(tmp_path)) == 2
    assert (tmp_path / "results.jsonl.old").read_bytes().splitlines()[:2] == before


@pytest.mark.parametrize(
    ("before", "after", "marked_again"),
    [
        pytest.param({DOUBLE: "", SLOPE: ""}, {SLOPE: "x = 1"}, {SLOPE}, marks=pytest.mark.proof),
        pytest.param({DOUBLE: "own = 1", SLOPE: ""}, {DOUBLE: "own = 2"}, {DOUBLE}, marks=pytest.mark.proof),
        ({DOUBLE: "own = 1", SLOPE: "from stage1_double import own"}, {DOUBLE: "own = 2"}, {DOUBLE, SLOPE}),
    ],
    ids=["the later", "the earlier", "one that another uses"],
)
def test_what_changed_is_marked_again(
    before: dict[str, str], after: dict[str, str], marked_again: set[str], tmp_path: Path
) -> None:
    """Of a submission only the stages that changed are marked again, and those that use something of theirs."""
    run(tmp_path, submission("ann", **before))
    first = printed(tmp_path, "ann")
    run(tmp_path, submission("ann", **before | after))
    assert {stage for stage, text in printed(tmp_path, "ann").items() if text != first[stage]} == marked_again


def test_what_a_library_was_missing_for_is_marked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the course lists a library that was installed since, what was marked without it has another digest."""
    monkeypatch.setattr(digests, "LIBRARIES", ("a_library",))
    found = []
    for spec in (None, None, object()):
        monkeypatch.setattr(digests, "find_spec", lambda name, spec=spec: spec)
        forget_digests()
        found.append(marking.digest_of(ANN, settings()))
    forget_digests()
    assert found[0] == found[1] != found[2]


def test_a_half_written_line_is_dropped(tmp_path: Path) -> None:
    """What a power cut left of a line is cut off, and its submission marked again."""
    run(tmp_path, ANN, BOB)
    first, second = lines_of(tmp_path)
    (tmp_path / "results.jsonl").write_bytes(first + b"\n" + second[:100])
    assert run(tmp_path, ANN, BOB) == 1
    assert names_of(tmp_path) == ["ann", "bob"]
    assert lines_of(tmp_path)[0] == first


class TogetherDone:
    """What marks, and is done with all that it was given at the same time."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._begun: list[str] = []

    def has_room(self) -> bool:
        """Whether it waits for one more."""
        return len(self._begun) < self._number

    def begin(self, submission: Submission, settings: Settings, earlier: Result | None) -> None:
        """Take a submission."""
        self._begun.append(submission.name)

    def done(self, seconds: float) -> list[tuple[str, Result]]:
        """A result for each."""
        names, self._begun = self._begun, []
        return [(name, result(name)) for name in names]


def test_results_done_together_share_a_wait_for_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Results are told as done once they are on the disk; those that are done together are seen to it together."""
    told: list[object] = []
    monkeypatch.setattr(os, "fsync", lambda _: told.append(names_of(tmp_path)))
    watching = Watching(on_done=lambda: told.append("done"))
    with contextlib.closing(Record(tmp_path)) as record:
        mark_cohort([ANN, BOB], settings(), record, TogetherDone(2), watching=watching)
    assert told == [["ann", "bob"], "done", "done"]


def test_results_of_before_they_said_their_version(tmp_path: Path) -> None:
    """Results that lack the kit's version are read and, while they hold, kept; new ones beside them have it."""
    run(tmp_path, ANN)
    older = json.loads(lines_of(tmp_path)[0])
    del older["version"]
    (tmp_path / "results.jsonl").write_text(f"{json.dumps(older)}\n", encoding="utf-8")
    assert run(tmp_path, ANN, BOB) == 1
    with contextlib.closing(Record(tmp_path)) as record:
        assert [record.result(name).version for name in ("ann", "bob")] == ["", __version__]


def test_results_of_others_are_kept(tmp_path: Path) -> None:
    """Results of submissions that are not of this cohort stay in results.jsonl; scores.csv is this cohort's."""
    run(tmp_path, ANN)
    run(tmp_path, BOB)
    assert names_of(tmp_path) == ["ann", "bob"]
    assert "ann" not in (tmp_path / "scores.csv").read_text(encoding="utf-8")


def test_a_record_that_cannot_be_opened(tmp_path: Path) -> None:
    """A folder to which another run writes is refused, and a file that is no record is named and left alone."""
    with contextlib.closing(Record(tmp_path)), pytest.raises(OutOfPlaceError, match="another run is writing"):
        Record(tmp_path)
    (tmp_path / "results.jsonl").write_text("important\n", encoding="utf-8")
    with pytest.raises(OutOfPlaceError, match=r"line 1 of .* is no result"):
        Record(tmp_path, adopt=True)
    assert (tmp_path / "results.jsonl").read_text(encoding="utf-8") == "important\n"


@pytest.fixture
def grading(tmp_path: Path) -> Iterator["Grading"]:
    """A run in a process of its own, ended at the latest with the test."""
    started = Grading(tmp_path)
    yield started
    started.kill_all()


class Grading:
    """`chainrule grade` in a process of its own, on submissions whose first stage is given."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.out = folder / "out"
        self._seen: list[Any] = []

    def start(self, *sources: str, most: int | None = None) -> None:
        """Begin to mark, one at a time; most: bytes of a file, where the disk is full after that."""
        for number, source in enumerate(sources):
            folder = self._folder / "cohort" / f"{number:03}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{DOUBLE}.py").write_text(TELLS_TIME + source, encoding="utf-8")
        limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({most},) * 2)" if most else ""
        command = [sys.executable, "-c", f"{limited}\nfrom grader.cli import main; main()", "grade", *OPTIONS]
        self.process = subprocess.Popen(
            [*command, str(self._folder / "cohort"), "--out", str(self.out), "--no-gradebook"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=os.environ | {"TMPDIR": str(self._folder)},  # where those that are killed leave a folder
        )

    def wait_for(self, is_there: Callable[[], Any]) -> Any:
        """Wait until something is there, and give it."""
        while not (found := is_there()):
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(A_MOMENT)
                raise AssertionError(self.process.communicate())
        return found

    def interrupt(self) -> None:
        """Press Ctrl-C, and wait until the command says that it has seen it."""
        os.killpg(self.process.pid, signal.SIGINT)
        assert self.process.stdout is not None
        shown = b""
        while b"Ctrl-C again" not in shown:
            more = self.process.stdout.read1()
            assert more, shown
            shown += more

    def processes(self, doing: str) -> list[Any]:
        """Processes of the run whose command line holds a text, oldest first."""
        found = []
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children(recursive=True):
                with contextlib.suppress(psutil.NoSuchProcess):
                    self._seen += [child] if child not in self._seen else []
                    found += [child] if doing in " ".join(child.cmdline()) else []
        return sorted(found, key=lambda child: child.create_time())

    def marking(self) -> list[Any]:
        """Its marking processes: those that Python's library started for it, but for the first, which reads."""
        started = []
        for child in self.processes("spawn_main"):
            with contextlib.suppress(psutil.NoSuchProcess):  # what the first forks comes and goes
                started += [child] if child.ppid() == self.process.pid else []
        return started[1:]

    def looping(self) -> list[Any]:
        """Its workers, the fork servers' children, that run a learner's endless loop."""
        servers, found = self.processes("grader.inside.fork_server"), []
        for worker in servers:
            with contextlib.suppress(psutil.NoSuchProcess):  # workers come and go
                if worker.parent() in servers and worker.cpu_times().user > LOOPING:
                    found.append(worker)
        return found

    def end(self, code: int = 0) -> str:
        """Wait until it has ended, with this code, and everything that it started; what it showed."""
        shown, _ = self.process.communicate()
        _, alive = psutil.wait_procs(self._seen, timeout=LONG)
        assert not alive
        assert self.process.returncode == code, shown
        return shown.decode("utf-8")

    def kill_all(self) -> None:
        """End what is left."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()

    def printed(self) -> dict[str, str]:
        """What each submission printed when it was marked."""
        results = [json.loads(line) for line in lines_of(self.out)]
        return {result["submission"]: result["stages"][0]["output"] for result in results}


@on_linux
@pytest.mark.proof
def test_ctrl_c_finishes_what_is_being_marked(grading: Grading) -> None:
    """After Ctrl-C what is being marked is finished and written, the rest is left; the same command goes on."""
    grading.start(LOOP, "", "")
    [worker] = grading.wait_for(grading.looping)
    grading.interrupt()
    worker.kill()
    assert "Stopped by Ctrl-C: 2 submissions not marked. The same command goes on." in grading.end(1)
    first = grading.printed()
    assert list(first) == ["000"]
    grading.start()
    assert "1 result found" in grading.end()
    assert grading.printed()["000"] == first["000"]
    assert names_of(grading.out) == ["000", "001", "002"]


@on_linux
@pytest.mark.proof
def test_ctrl_c_twice_stops_at_once(grading: Grading) -> None:
    """A second Ctrl-C ends everything at once, and nothing runs on."""
    grading.start(LOOP)
    grading.wait_for(grading.looping)
    grading.interrupt()
    os.killpg(grading.process.pid, signal.SIGINT)
    assert "Stopped at once" in grading.end(130)


@on_linux
def test_a_killed_run_leaves_no_process_and_goes_on(grading: Grading) -> None:
    """After kill -9 nothing runs on, and the same command marks what is missing and nothing else."""
    grading.start("", "", LOOP, "")
    grading.wait_for(lambda: len(lines_of(grading.out)) == 2 and grading.looping())
    grading.process.kill()
    grading.end(-signal.SIGKILL)
    before = grading.printed()
    grading.start("", "", "x = 1")
    grading.end()
    assert names_of(grading.out) == ["000", "001", "002", "003"]
    assert before.items() < grading.printed().items()


@on_linux
@pytest.mark.proof
def test_a_killed_marking_process_is_replaced(grading: Grading) -> None:
    """When a marking process dies, its submission is tried once more, and then an error of the kit's."""
    grading.start(LOOP, "")
    for _ in range(2):
        [marking] = grading.wait_for(lambda: grading.looping() and grading.marking())
        marking.kill()
        marking.wait()
    assert "The kit failed on 000; it has no score. the marking process died" in grading.end(1)
    assert names_of(grading.out) == ["001"]


@on_linux
@pytest.mark.proof
@pytest.mark.parametrize("whose", ["fork server", "worker"])
def test_a_killed_worker_costs_its_call_only(whose: str, grading: Grading) -> None:
    """When a worker dies, its call has failed; with its fork server, the submission is marked with another one."""
    grading.start(LOOP, "")
    [worker] = grading.wait_for(grading.looping)
    if whose == "fork server":
        worker.parent().kill()
        [worker] = grading.wait_for(lambda: [other for other in grading.looping() if other != worker])
    worker.kill()
    grading.end()
    assert names_of(grading.out) == ["000", "001"]
    assert b"killed: out of memory or of processor time" in lines_of(grading.out)[0]


@on_linux
@pytest.mark.proof
def test_a_full_disk_loses_nothing(grading: Grading) -> None:
    """Where a result cannot be written, that is said; with space again, the same command goes on."""
    grading.start("", "")
    grading.end()
    kept, _ = lines_of(grading.out)
    (grading.out / "results.jsonl").write_bytes(kept + b"\n")
    grading.start(most=len(kept) + 50)
    shown = grading.end(1)
    assert "results cannot be written" in shown
    assert "the same command goes on" in shown
    grading.start()
    grading.end()
    assert lines_of(grading.out)[0] == kept
    assert names_of(grading.out) == ["000", "001"]
