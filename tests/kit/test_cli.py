"""The command line: clear errors, a table of scores, and nothing overwritten without asking."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sample_cohort import every_function, solutions, stubs, without

from grader import cli, cohort, marking, release
from grader.marking import KitError, Settings
from grader.results import Result as Marked
from grader.submissions import Submission


def run(*arguments: str | Path) -> Result:
    """Run `chainrule`."""
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A cohort of one who wrote nothing and one whose name looks like markup."""
    for name, files in (("ann", stubs()), ("[red]bob", without(6)())):
        (tmp_path / "cohort" / name).mkdir(parents=True)
        for file, content in files.items():
            (tmp_path / "cohort" / name / file).write_bytes(content)
    return tmp_path / "cohort"


def test_grade(two: Path, tmp_path: Path) -> None:
    """A cohort is marked; the terminal shows the table and where the files are."""
    done = run("grade", two, "--out", tmp_path / "out", "--seed", "3", "--jobs", "1")
    assert done.exit_code == 0, done.output
    assert "Marking 2 submissions with seed 3" in done.output
    assert "nothing written yet" in done.output
    assert "[red]bob" in done.output
    lines = (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["submission"]: json.loads(line)["score"] for line in lines} == {
        "ann": 0,
        "[red]bob": 80,
    }
    assert (
        (tmp_path / "out" / "scores.csv")
        .read_text(encoding="utf-8")
        .startswith("submission,status,score,max_score")
    )


def test_grade_keeps_earlier_results(two: Path, tmp_path: Path) -> None:
    """The results of the run before are kept beside the new ones."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "results.jsonl").write_text("before\n", encoding="utf-8")
    assert run("grade", two / "ann", "--out", tmp_path / "out", "--seed", "3").exit_code == 0
    assert (tmp_path / "out" / "results.jsonl.old").read_text(encoding="utf-8") == "before\n"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("grade",), "Missing argument 'SUBMISSIONS'"),
        (("grade", "no/such/place"), ": there is no such folder or zip"),
        (("grade", ".", "--jobs", "0"), "--jobs"),
        (("grade", ".", "--seed", "-1"), "--seed"),
        (("grade", ".", "--time-limit", "0"), "--time-limit"),
        (("grde",), "No such command 'grde'"),
    ],
)
def test_wrong_calls(arguments: tuple[str, ...], says: str) -> None:
    """A wrong call ends with a sentence, not with a traceback."""
    done = run(*arguments)
    assert done.exit_code in (1, 2)
    assert says in done.output
    assert "Traceback" not in done.output


def test_an_error_of_the_kit_is_nobodys_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kit fails on a submission, that is said, it has no score, and the others have theirs."""

    def fails_on_ann(submissions: list[Submission], settings: Settings, jobs: int, stop: object) -> object:
        for submission in submissions:
            if submission.name == "ann":
                yield submission.name, "KitError: no disk"
            else:
                yield submission.name, marking.mark(submission, settings)

    monkeypatch.setattr(cohort, "_marked", fails_on_ann)
    for name in ("ann", "bob"):
        (tmp_path / "cohort" / name).mkdir(parents=True)
    done = run("grade", tmp_path / "cohort", "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "The kit failed on ann; it has no score. KitError: no disk" in done.output
    assert "ann" not in (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8")
    assert "bob" in (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8")


def test_a_broken_suite_is_an_error_of_the_kit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test that fails by a mistake of its own raises KitError and gives no verdict."""
    stage = marking.STAGES[0]
    suite = tmp_path / "test_broken_suite.py"
    suite.write_text("def test_relu(impl):\n    assert impl.relu(1.0) == 2.0 / 0", encoding="utf-8")
    monkeypatch.setattr(type(stage), "suite", property(lambda stage: suite))
    monkeypatch.setattr(marking, "STAGES", (stage,))
    with pytest.raises(KitError, match="did not run on ann"):
        marking.mark(Submission("ann", {"stage1_relu": "x = 1"}), Settings(seed=1))


def test_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`release` writes, `release --check` finds drift and names it, written work is not lost."""
    folder = tmp_path / "exercises"
    monkeypatch.setattr(release.write, "__defaults__", (folder, False))
    monkeypatch.setattr(release.drift, "__defaults__", (folder,))
    assert run("release", "--check").exit_code == 1
    assert "written: xor.py, stage1_relu.py" in run("release").output
    assert "exercises/ follows from solutions/" in run("release", "--check").output
    (folder / "stage1_relu.py").write_bytes(solutions()["stage1_relu.py"])
    done = run("release", "--check")
    assert done.exit_code == 1
    assert "exercises/stage1_relu.py differs from solutions/stage1_relu.py" in done.output
    done = run("release")
    assert done.exit_code == 1
    assert "nothing was changed" in done.output
    assert run("release", "--force").exit_code == 0
    assert run("release", "--check").exit_code == 0


def look_at(submission: Submission) -> str:
    """What the table says of a submission."""
    return cli._look_at(marking.mark(submission, Settings(seed=1)))


def test_what_to_look_at() -> None:
    """The table's last column names whole stages where nothing was answered, and tasks elsewhere."""
    source = every_function("raise KeyError(1)")()["stage1_relu.py"].decode()
    assert (
        look_at(Submission("ann", {"stage1_relu": source})) == "error: stage 1; not written: stages 2, 3, 4, 5, 6"
    )
    half = "def relu(a):\n    raise KeyError\ndef relu_grad(a):\n    return (a > 0).astype(a.dtype)"
    assert look_at(Submission("ann", {"stage1_relu": half})) == "error: 1.relu; not written: stages 2, 3, 4, 5, 6"
    assert look_at(Submission("ann", error="no file")) == "rejected: no file"
    assert isinstance(marking.mark(Submission("ann", error="no file"), Settings(seed=1)), Marked)


LOOP = """
import os, pathlib
pathlib.Path({path!r}).write_text(str(os.getpid()), encoding="utf-8")
while True: pass
"""

needs_signals = pytest.mark.skipif(
    sys.platform == "win32", reason="Windows has neither process groups nor these signals"
)


def gone(pid: int) -> bool:
    """Whether a process has ended."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


class Grading:
    """A `chainrule grade` of its own, on submissions whose first stage loops; waits until one is looping."""

    def __init__(self, folder: Path, count: int, limit: float) -> None:
        for number in range(count):
            (folder / "cohort" / f"{number}").mkdir(parents=True)
            stage = folder / "cohort" / f"{number}" / "stage1_relu.py"
            stage.write_text(LOOP.format(path=str(folder / "pid")), encoding="utf-8")
        out = folder / "out"
        self.results, self.scores = out / "results.jsonl", out / "scores.csv"
        command = [
            sys.executable,
            "-m",
            "grader",
            "grade",
            str(folder / "cohort"),
            "--out",
            str(out),
            "--jobs",
            "1",
        ]
        self.process = subprocess.Popen(
            [*command, "--time-limit", f"{limit}"], stdout=subprocess.PIPE, start_new_session=True
        )
        written = folder / "pid"
        while not (written.exists() and written.read_text(encoding="utf-8")):
            assert self.process.poll() is None
        self.looping = int(written.read_text(encoding="utf-8"))

    def end(self) -> str:
        """Wait for its end, that of every process that holds its output, and that of the looping worker."""
        shown, _ = self.process.communicate()
        while not gone(self.looping):
            pass
        return shown.decode("utf-8")


@needs_signals
def test_ctrl_c_finishes_what_is_being_marked(tmp_path: Path) -> None:
    """After Ctrl-C what is being marked is finished and written, and the rest is left."""
    grading = Grading(tmp_path, count=30, limit=0.5)
    os.killpg(grading.process.pid, signal.SIGINT)
    assert "Stopped by Ctrl-C" in grading.end()
    assert grading.process.returncode == 1
    marked = grading.results.read_bytes().count(b"\n")
    assert 0 < marked < 30
    assert grading.scores.read_bytes().count(b"\n") == marked + 1


@needs_signals
def test_a_killed_run_leaves_no_process(tmp_path: Path) -> None:
    """After kill -9, nothing runs on: no marking process, no fork server, no worker in an endless loop."""
    grading = Grading(tmp_path, count=1, limit=1000)
    grading.process.kill()
    grading.end()
    assert grading.process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform != "linux", reason="finds the marking process where Linux lists children")
def test_a_killed_marking_process_is_an_error_of_the_kit(tmp_path: Path) -> None:
    """When a marking process dies, its submission has no score, that is said, and nothing runs on."""
    grading = Grading(tmp_path, count=2, limit=1000)
    children = Path(f"/proc/{grading.process.pid}/task/{grading.process.pid}/children").read_text(encoding="utf-8")
    [marking] = [
        int(child) for child in children.split() if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()
    ]
    os.kill(marking, signal.SIGKILL)
    shown = grading.end()
    assert "The kit failed on 0; it has no score. BrokenProcessPool" in shown
    assert grading.process.returncode == 1
    assert grading.results.read_bytes() == b""
