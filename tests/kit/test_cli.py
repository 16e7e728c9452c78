"""The command line: clear errors, a table of scores, and nothing overwritten without asking."""

import json
from collections.abc import Generator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sample_cohort import ISOLATION, every_function, solutions, stubs, without, zipped

from grader import cli
from grader.course.catalogue import STAGES
from grader.intake.submissions import Submission
from grader.judging import results
from grader.judging.results import Result as Marked
from grader.judging.results import StageResult
from grader.judging.suites import Suites
from grader.marking import cohort
from grader.marking import mark as marking
from grader.marking.mark import Settings
from grader.outside import doctor, workers
from grader.outside.client import SameProcess, load_request
from grader.outside.workers import KitError
from grader.publishing import release
from grader.reporting import summary as report


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
    done = run("grade", two, "--out", tmp_path / "out", "--seed", "3", "--jobs", "1", "--isolation", ISOLATION)
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


def test_an_archive_of_a_cohort(tmp_path: Path) -> None:
    """An archive is one submission, and its rejection says how to call it a cohort; then nobody has a time."""
    path = tmp_path / "all.zip"
    path.write_bytes(zipped({f"{name}/{STAGES[0].file}": b"" for name in ("ann", "bob")}))
    options = ("--seed", "1", "--jobs", "1", "--no-gradebook", "--isolation", ISOLATION)
    one = run("grade", path, "--out", tmp_path / "one", *options)
    assert "Marking 1 submission " in one.output
    assert "--cohort" in (tmp_path / "one" / "scores.csv").read_text(encoding="utf-8")
    two = run("grade", path, "--cohort", "--out", tmp_path / "two", *options)
    assert "Marking 2 submissions" in two.output
    assert "2 of 2 submissions (ann, bob): neither a platform" in two.output


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

    def fails_on_ann(run: cohort._Run, slots: int, addresses: object) -> Generator[tuple[str, object]]:
        for submission in run._waiting:
            if submission.name == "ann":
                yield submission.name, KitError("no disk")
            else:
                yield submission.name, marking.mark(submission, run._settings)

    monkeypatch.setattr(cohort._Run, "results", fails_on_ann)
    for name in ("ann", "bob"):
        (tmp_path / "cohort" / name).mkdir(parents=True)
    done = run("grade", tmp_path / "cohort", "--out", tmp_path / "out", "--isolation", ISOLATION)
    assert done.exit_code == 1
    assert "The kit failed on ann; it has no score. no disk" in done.output
    assert "ann" not in (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8")
    assert "bob" in (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8")


def test_a_broken_suite_is_an_error_of_the_kit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A test that fails by a mistake of its own raises KitError and gives no verdict."""
    stage = marking.STAGES[0]
    suite = tmp_path / "test_broken_suite.py"
    suite.write_text("def test_relu(impl):\n    assert impl.relu(1.0) == 2.0 / 0", encoding="utf-8")
    monkeypatch.setattr(type(stage), "suite", property(lambda stage: suite))
    own = {"stage1_relu": "x = 1"}
    load = load_request(stage, own, {"stage1_relu": "stage1_relu.py"})
    with pytest.raises(KitError, match="did not run"):
        Suites((stage,)).run(stage, lambda stage: SameProcess(load, own, ()), seed=1)


def test_a_suite_that_cannot_be_collected_is_an_error_of_the_kit(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A suite that does not even load is told, and nothing is marked."""
    suite = tmp_path / "test_unloadable_suite.py"
    suite.write_text("import no_such_thing", encoding="utf-8")
    monkeypatch.setattr(type(marking.STAGES[0]), "suite", property(lambda stage: suite))
    with pytest.raises(KitError, match=r"cannot be collected[\s\S]*no_such_thing"):
        Suites((marking.STAGES[0],))


def test_doctor() -> None:
    """`doctor` shows each layer with what stopped an attempt, and ends well where all were stopped."""
    if ISOLATION != "kernel":
        pytest.skip("takes Linux with Landlock and seccomp: `chainrule doctor`")
    done = run("doctor")
    assert done.exit_code == 0, done.output
    for told in ("Landlock", "seccomp", "become root", "Operation not permitted", "MemoryError"):
        assert told in done.output
    for told in ("one in each fork server", "find an accelerator", "PyTorch sees none"):
        assert told in done.output
    assert "can be trusted here" in done.output


def test_doctor_tells_the_accelerators(monkeypatch: pytest.MonkeyPatch) -> None:
    """`doctor` shows what PyTorch could compute on, and that workers do not see it."""
    monkeypatch.setattr("grader.inside.probes.accelerators", lambda: "cuda:0, cuda:1")
    assert "cuda:0, cuda:1: hidden from workers" in dict(doctor.offers())["accelerators"]
    monkeypatch.setattr("grader.inside.probes.accelerators", lambda: "mps:0")
    assert "mps:0: workers see it too" in dict(doctor.offers())["accelerators"]


def test_doctor_where_something_gets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt that nothing stopped is shown, and `doctor` fails."""
    attempt = doctor.Attempt("files", "read a solution", "read", "xor.py")
    monkeypatch.setattr(doctor, "findings", lambda: iter([doctor.Finding(attempt, None)]))
    monkeypatch.setattr(doctor, "torch_works", lambda: None)
    done = run("doctor")
    assert done.exit_code == 1
    assert "IT WAS NOT" in done.output


def test_without_confinement_grade_stops(two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a layer is missing nothing is marked; the reason and the ways out are told."""
    monkeypatch.setattr(workers, "CAN_FORK", False)
    done = run("grade", two, "--out", tmp_path / "out")
    assert done.exit_code == 1
    assert "confinement by the kernel is there on Linux only" in done.output
    assert "--isolation process" in done.output
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == b""


def test_release(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`release` writes, `release --check` finds drift and names it, written work is not lost."""
    monkeypatch.setattr(release.write, "__defaults__", (tmp_path, False))
    monkeypatch.setattr(release.drift, "__defaults__", (tmp_path,))
    committed = (release.ROOT / release.WALKTHROUGH).read_text(encoding="utf-8")
    monkeypatch.setattr(
        "grader.publishing.walkthrough.executed", lambda: committed
    )  # takes ten seconds, and has its own test
    assert run("release", "--check").exit_code == 1
    assert "written: exercises/xor.py, exercises/stage1_relu.py" in run("release").output
    assert "exercises/ and notebooks/ follow from solutions/" in run("release", "--check").output
    (tmp_path / "exercises" / "stage1_relu.py").write_bytes(solutions()["stage1_relu.py"])
    done = run("release", "--check")
    assert done.exit_code == 1
    assert "exercises/stage1_relu.py differs from what solutions/ gives" in done.output
    done = run("release")
    assert done.exit_code == 1
    assert "no file was written" in done.output
    assert run("release", "--force").exit_code == 0
    assert run("release", "--check").exit_code == 0


def made(name: str, *mistakes: tuple[str, str]) -> Marked:
    """A result whose stage 3 has these mistakes, by task."""
    tests = [
        results.TestResult(task, "TestX::test", 0.0, 1.0, "failed", "", mistake) for task, mistake in mistakes
    ]
    stages = [StageResult(stage.name, 0.0, 1.0, "", [], seed=1) for stage in STAGES]
    stages[2] = StageResult("stage3_backward", 0.0, 1.0, "", tests, seed=1)
    return Marked(name, "modules", "graded", None, 0.0, 100.0, "kernel", 1, "", 0.1, stages)


def test_common_mistakes() -> None:
    """Mistakes that several submissions share are counted, once a submission and task, the most frequent first."""
    summed, step = ("backward", "summed_not_averaged"), ("train", "lr_ignored")
    shared = [made("ann", summed, summed, step), made("bob", summed), made("eve", step, summed, ("train", ""))]
    assert report.common_mistakes(shared) == ["3 × 3.backward: summed not averaged", "2 × 3.train: lr ignored"]
    assert report.common_mistakes([made("ann", summed)]) == []


def look_at(submission: Submission) -> str:
    """What the table says of a submission."""
    return report.what_to_look_at(marking.mark(submission, Settings(1, isolation=ISOLATION)))


def test_what_to_look_at() -> None:
    """The table's last column names whole stages where nothing was answered, and tasks elsewhere."""
    source = every_function("raise KeyError(1)")()["stage1_relu.py"].decode()
    assert (
        look_at(Submission("ann", {"stage1_relu": source})) == "error: stage 1; not written: stages 2, 3, 4, 5, 6"
    )
    half = "def relu(a):\n    raise KeyError\ndef relu_grad(a):\n    return (a > 0).astype(a.dtype)"
    assert look_at(Submission("ann", {"stage1_relu": half})) == "error: 1.relu; not written: stages 2, 3, 4, 5, 6"
    assert look_at(Submission("ann", error="no file")) == "rejected: no file"
    assert isinstance(marking.mark(Submission("ann", error="no file"), Settings(1, isolation=ISOLATION)), Marked)


def test_of_a_large_cohort_what_to_look_at_is_shown(tmp_path: Path) -> None:
    """The table of many submissions holds those to look at, no more than a screenful; with --all it holds all."""
    for number in range(report.MAX_ROWS + 1):
        (tmp_path / "cohort" / f"s{number:02}").mkdir(parents=True)
        (tmp_path / "cohort" / f"s{number:02}" / "essay.txt").write_text("x", encoding="utf-8")
    (tmp_path / "cohort" / "zoe").mkdir()
    (tmp_path / "cohort" / "zoe" / STAGES[0].file).write_bytes(stubs()[STAGES[0].file])
    options = ["--out", tmp_path / "out", "--isolation", ISOLATION, "--no-gradebook"]
    short, whole = (run("grade", tmp_path / "cohort", *options, *more) for more in ([], ["--all"]))
    assert short.exit_code == whole.exit_code == 0, short.output
    assert "and 2 more: scores.csv has all, and --all shows all" in short.output
    assert ("\nzoe" in short.output, "\nzoe" in whole.output) == (False, True)
    # with the heading "submission"
    assert (short.output.count("\ns"), whole.output.count("\ns")) == (report.MAX_ROWS + 1, report.MAX_ROWS + 2)


@pytest.mark.parametrize(
    "columns",
    [
        ["--column", "id=Matrikelnummer", "--column", "name=Nachname, Vorname"],
        ["--column", "id=Matrikelnummer", "name=Nachname, Vorname"],
    ],
)
def test_headings_in_another_language(two: Path, tmp_path: Path, columns: list[str]) -> None:
    """A roster whose headings the kit does not know is read by those that are given."""
    roster = tmp_path / "roster.csv"
    roster.write_text('Nachname, Vorname;Matrikelnummer\n"Lee, Ann";ann\nZ, Zoe;9\n', encoding="utf-8")
    options = ["--out", tmp_path / "out", "--isolation", ISOLATION, "--no-gradebook", "--roster", roster]
    done = run("grade", two, *options, *columns)
    assert done.exit_code == 0, done.output
    assert "Submitted nothing (1)" in done.output
    assert "Z, Zoe (9)" in done.output
    for wrong, what in ((["--column", "x=y"], "x"), (["oops"], "oops")):
        assert f"'{what}' is not as id=HEADING" in run("grade", two, *options, *wrong).output
