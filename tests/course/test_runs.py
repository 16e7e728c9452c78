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
from sample_cohort import ISOLATION

from grader.intake.submissions import Submission
from grader.marking import mark as marking
from grader.marking.cohort import Outcome, mark_cohort
from grader.marking.mark import Settings
from grader.marking.record import Record
from grader.publishing.private_files import OutOfPlaceError

on_linux = pytest.mark.skipif(
    sys.platform != "linux", reason="fork servers and their workers are there on Linux only"
)

TELLS_TIME = "import time\nprint(time.time_ns())\n"
"""Prints something else each time it is run, so that results found again can be told from new ones."""
LOOP = "while True: pass"
LOOPING = 0.3
"""Seconds of processor time that no worker takes to start."""
OPTIONS = ("--time-limit", "1000", "--total-limit", "1000", "--isolation", ISOLATION)
"""A test ends the loops that it begins; no limit does before."""
LONG = 100.0
"""Seconds in which processes end that are bound to, on the busiest machine."""
A_MOMENT = 0.02
"""Seconds from one look at the processes to the next."""


def settings(seed: int = 1, **more: Any) -> Settings:
    """Settings for submissions that take no time."""
    return Settings(seed, time_limit=100.0, isolation=ISOLATION, **more)


def submission(name: str, **stages: str) -> Submission:
    """A submission whose given stages tell the time, with more code behind that."""
    return Submission(name, {stage: TELLS_TIME + source for stage, source in stages.items()})


def run(out: Path, cohort: list[Submission], how: Settings, force: bool = False) -> Outcome:
    """Mark a cohort into a folder."""
    with contextlib.closing(Record(out)) as record:
        return mark_cohort(cohort, how, record, jobs=1, force=force)


def printed(out: Path, name: str) -> dict[str, str]:
    """What the stages of a submission printed when they were marked."""
    with contextlib.closing(Record(out)) as record:
        return {stage.stage: stage.output for stage in record.result(name).stages}


def lines_of(out: Path) -> list[bytes]:
    """The lines of results.jsonl, as long as there is one."""
    path = out / "results.jsonl"
    return path.read_bytes().splitlines() if path.exists() else []


def test_the_same_command_again_marks_nothing(tmp_path: Path) -> None:
    """What has a result as it is now is not marked again; another seed, or --force, marks all."""
    cohort = [submission("ann", stage1_relu=""), Submission("bob", error="empty")]
    run(tmp_path, cohort, settings())
    before = lines_of(tmp_path)
    assert run(tmp_path, cohort, settings()).found == 2
    assert lines_of(tmp_path) == before
    assert run(tmp_path, cohort, settings(seed=2)).found == 0
    assert run(tmp_path, cohort, settings(seed=2), force=True).found == 0
    assert len(lines_of(tmp_path)) == 2
    assert (tmp_path / "results.jsonl.old").read_bytes().splitlines()[:2] == before


def test_only_the_stage_that_changed_is_marked_again(tmp_path: Path) -> None:
    """Of a submission with one stage changed, the results of the others are kept."""
    run(tmp_path, [submission("ann", stage1_relu="", stage2_forward="", stage4_torch_forward="")], settings())
    before = printed(tmp_path, "ann")
    again = submission("ann", stage1_relu="", stage2_forward="x = 1", stage4_torch_forward="")
    run(tmp_path, [again], settings())
    after = printed(tmp_path, "ann")
    assert {stage for stage in after if after[stage] != before[stage]} == {"stage2_forward"}


def test_a_stage_that_uses_anothers_helper_is_marked_again_with_it(tmp_path: Path) -> None:
    """A stage that takes something of its own from an earlier one depends on that one too."""
    uses = "from stage1_relu import helper\n"
    run(
        tmp_path,
        [submission("ann", stage1_relu="helper = 1", stage2_forward=uses, stage3_backward="")],
        settings(),
    )
    before = printed(tmp_path, "ann")
    changed = submission("ann", stage1_relu="helper = 2", stage2_forward=uses, stage3_backward="")
    run(tmp_path, [changed], settings())
    after = printed(tmp_path, "ann")
    assert {stage for stage in after if after[stage] != before[stage]} == {"stage1_relu", "stage2_forward"}


def test_what_a_library_was_missing_for_is_marked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the course lists a library that was installed since, what was marked without it has another digest."""
    monkeypatch.setattr(marking, "LIBRARIES", ("a_library",))
    digests = []
    for spec in (None, None, object()):
        monkeypatch.setattr(marking, "find_spec", lambda name, spec=spec: spec)
        marking._digest_of_kit.cache_clear()
        digests.append(marking.digest_of(submission("ann", stage1_relu=""), settings()))
    marking._digest_of_kit.cache_clear()
    assert digests[0] == digests[1] != digests[2]


def test_a_half_written_line_is_dropped(tmp_path: Path) -> None:
    """What a power cut left of a line is cut off, and its submission marked again."""
    cohort = [submission("ann", stage1_relu=""), submission("bob", stage1_relu="")]
    run(tmp_path, cohort, settings())
    first, second = lines_of(tmp_path)
    (tmp_path / "results.jsonl").write_bytes(first + b"\n" + second[:100])
    outcome = run(tmp_path, cohort, settings())
    assert outcome.found == 1
    assert [json.loads(line)["submission"] for line in lines_of(tmp_path)] == ["ann", "bob"]
    assert lines_of(tmp_path)[0] == first


def test_results_of_others_are_kept(tmp_path: Path) -> None:
    """Results of submissions that are not of this cohort stay in results.jsonl; scores.csv is this cohort's."""
    run(tmp_path, [submission("ann", stage1_relu="")], settings())
    run(tmp_path, [submission("bob", stage1_relu="")], settings())
    assert [json.loads(line)["submission"] for line in lines_of(tmp_path)] == ["ann", "bob"]
    assert "ann" not in (tmp_path / "scores.csv").read_text(encoding="utf-8")


def test_two_runs_do_not_share_a_folder(tmp_path: Path) -> None:
    """A second run into the same folder is refused while the first one goes on."""
    with contextlib.closing(Record(tmp_path)), pytest.raises(OutOfPlaceError, match="another run is writing"):
        Record(tmp_path)
    Record(tmp_path).close()


def test_a_file_that_is_no_record_is_left_alone(tmp_path: Path) -> None:
    """A results.jsonl that is something else is named, with its line, and not touched."""
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

    def start(self, sources: list[str]) -> None:
        """Begin to mark, one at a time."""
        for number, source in enumerate(sources):
            (self._folder / "cohort" / f"{number:03}").mkdir(parents=True, exist_ok=True)
            stage = self._folder / "cohort" / f"{number:03}" / "stage1_relu.py"
            stage.write_text(TELLS_TIME + source, encoding="utf-8")
        command = [sys.executable, "-m", "grader", "grade", str(self._folder / "cohort"), "--out", str(self.out)]
        command += ["--no-gradebook", "--jobs", "1", "--seed", "1", *OPTIONS]
        environment = os.environ | {"TMPDIR": str(self._folder)}  # where those that are killed leave a folder
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True, env=environment
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

    def end(self) -> str:
        """Wait until it has ended, and everything that it started; what it showed."""
        shown, _ = self.process.communicate()
        _, alive = psutil.wait_procs(self._seen, timeout=LONG)
        assert not alive
        return shown.decode("utf-8")

    def kill_all(self) -> None:
        """End what is left."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.communicate()

    def scores(self) -> dict[str, tuple[float, str]]:
        """Each submission's score, and what it printed."""
        results = [json.loads(line) for line in lines_of(self.out)]
        return {result["submission"]: (result["score"], result["stages"][0]["output"]) for result in results}


@on_linux
def test_ctrl_c_finishes_what_is_being_marked(grading: Grading) -> None:
    """After Ctrl-C what is being marked is finished and written, the rest is left; the same command goes on."""
    grading.start([LOOP, "", ""])
    [worker] = grading.wait_for(grading.looping)
    grading.interrupt()
    worker.kill()
    assert "Stopped by Ctrl-C: 2 submissions not marked. The same command goes on." in grading.end()
    assert grading.process.returncode == 1
    first = grading.scores()
    assert list(first) == ["000"]
    grading.start([LOOP, "", ""])
    assert "1 result found" in grading.end()
    assert grading.scores()["000"] == first["000"]
    assert len(grading.scores()) == 3


@on_linux
def test_ctrl_c_twice_stops_at_once(grading: Grading) -> None:
    """A second Ctrl-C ends everything at once, and nothing runs on."""
    grading.start([LOOP])
    grading.wait_for(grading.looping)
    grading.interrupt()
    os.killpg(grading.process.pid, signal.SIGINT)
    assert "Stopped at once" in grading.end()
    assert grading.process.returncode == 130


@on_linux
def test_a_killed_run_leaves_no_process_and_goes_on(grading: Grading) -> None:
    """After kill -9 nothing runs on, and the same command marks what is missing and nothing else."""
    sources = ["", "", LOOP, ""]
    grading.start(sources)
    grading.wait_for(lambda: len(lines_of(grading.out)) == 2 and grading.looping())
    grading.process.kill()
    grading.end()
    before = grading.scores()
    grading.start(["", "", "x = 1", ""])
    grading.end()
    assert grading.process.returncode == 0
    after = grading.scores()
    assert list(after) == ["000", "001", "002", "003"]
    assert {name: after[name] for name in before} == before


@on_linux
def test_a_killed_marking_process_is_replaced(grading: Grading) -> None:
    """When a marking process dies, its submission is tried once more, and then an error of the kit's."""
    grading.start([LOOP, ""])
    for _ in range(2):
        [marking] = grading.wait_for(lambda: grading.looping() and grading.marking())
        marking.kill()
        marking.wait()
    shown = grading.end()
    assert "The kit failed on 000; it has no score. the marking process died" in shown
    assert grading.process.returncode == 1
    assert list(grading.scores()) == ["001"]


@on_linux
def test_a_killed_fork_server_is_nobodys_fault(grading: Grading) -> None:
    """When a fork server dies, the submission is marked again with another one."""
    grading.start([LOOP, ""])
    [worker] = grading.wait_for(grading.looping)
    worker.parent().kill()
    [again] = grading.wait_for(lambda: [other for other in grading.looping() if other != worker])
    again.kill()
    shown = grading.end()
    assert grading.process.returncode == 0, shown
    assert list(grading.scores()) == ["000", "001"]


@on_linux
def test_a_killed_worker_costs_its_call_only(grading: Grading) -> None:
    """When a worker dies, its call has failed, and the marking goes on."""
    grading.start([LOOP, ""])
    [worker] = grading.wait_for(grading.looping)
    worker.kill()
    grading.end()
    assert grading.process.returncode == 0
    assert list(grading.scores()) == ["000", "001"]
    assert b"killed: out of memory or of processor time" in lines_of(grading.out)[0]


@on_linux
def test_a_full_disk_loses_nothing(grading: Grading) -> None:
    """Where a result cannot be written, that is said; with space again, the same command goes on."""
    grading.start(["", ""])
    grading.end()
    kept = lines_of(grading.out)
    (grading.out / "results.jsonl").write_bytes(kept[0] + b"\n")
    limited = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({len(kept[0]) + 50},) * 2)"
    grade = "from grader.cli import main; main()"
    command = [sys.executable, "-c", f"{limited}; {grade}", "grade", str(grading.out.parent / "cohort")]
    done = subprocess.run(
        [*command, "--out", str(grading.out), *OPTIONS],
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 1
    assert "results cannot be written" in done.stderr
    assert "the same command goes on" in done.stderr
    grading.start(["", ""])
    grading.end()
    assert lines_of(grading.out)[0] == kept[0]
    assert len(lines_of(grading.out)) == 2
