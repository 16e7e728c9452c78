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


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither process groups nor these signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_stopped_run_leaves_results_and_no_process(tmp_path: Path, number: int) -> None:
    """After Ctrl-C the results so far are there; after Ctrl-C or kill -9 no process is left behind."""
    for name in range(30):
        (tmp_path / "cohort" / f"{name}").mkdir(parents=True)
        (tmp_path / "cohort" / f"{name}" / "stage1_relu.py").write_text("while True: pass", encoding="utf-8")
    command = [sys.executable, "-m", "grader", "grade", str(tmp_path / "cohort"), "--out", str(tmp_path / "out")]
    grading = subprocess.Popen([*command, "--time-limit", "0.2"], stdout=subprocess.PIPE, start_new_session=True)
    results = tmp_path / "out" / "results.jsonl"
    while not results.exists() or not results.read_bytes().count(b"\n"):
        assert grading.poll() is None
    if number == signal.SIGINT:
        os.killpg(grading.pid, number)
    else:
        grading.kill()
    shown, _ = grading.communicate()  # ends when the last process that holds the pipe has ended
    assert grading.returncode != 0
    assert 0 < results.read_bytes().count(b"\n") < 30
    if number == signal.SIGINT:
        assert b"Stopped by Ctrl-C" in shown
        rows = (tmp_path / "out" / "scores.csv").read_bytes().count(b"\n")
        assert rows == results.read_bytes().count(b"\n") + 1
