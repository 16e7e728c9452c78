"""The command line: clear errors, a table of scores, and nothing overwritten without asking."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from command_line import chainrule
from handed_in import zipped
from isolation import ISOLATION
from results_by_hand import rejected
from rich.console import Console
from verdicts import losses

from grader import cli
from grader.commands import marking_run
from grader.course.catalogue import STAGES, source_of
from grader.course.location import EXERCISES
from grader.intake.submissions import Submission
from grader.judging import results
from grader.judging.results import Result as Marked
from grader.judging.results import StageResult, result_from
from grader.judging.suites import Suites
from grader.marking import mark as marking
from grader.marking.mark import Settings
from grader.outside import doctor, workers
from grader.outside.client import SameProcess, load_request
from grader.outside.workers import KitError
from grader.reporting import summary as report

FIRST = STAGES[0]
WRONG_CALL = 2
"""The exit code of a command that was called wrongly."""


def put(cohort: Path, name: str, source: str | None = None, file: str = FIRST.file) -> None:
    """Hand in a file, or an empty folder."""
    (cohort / name).mkdir(parents=True)
    if source is not None:
        (cohort / name / file).write_text(source, encoding="utf-8")


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A cohort of one who wrote nothing and one whose name looks like markup."""
    put(tmp_path / "cohort", "ann", (EXERCISES / FIRST.file).read_text(encoding="utf-8"))
    put(tmp_path / "cohort", "[red]bob", source_of(FIRST.name))
    return tmp_path / "cohort"


OPTIONS = ("--seed", "3", "--jobs", "1", "--isolation", ISOLATION)
LEAN = (*OPTIONS, "--no-gradebook")


def test_grade(two: Path, tmp_path: Path) -> None:
    """A cohort is marked; the terminal shows the table and where the files are."""
    shown = chainrule("grade", two, "--out", tmp_path / "out", *OPTIONS)
    assert "Marking 2 submissions with seed 3" in shown
    assert "nothing written yet" in shown
    assert "[red]bob" in shown
    lines = (tmp_path / "out" / "results.jsonl").read_text(encoding="utf-8").splitlines()
    told = {result.submission: losses(result) for result in map(result_from, map(json.loads, lines))}
    nothing = "full but 4 for 1.double, 2 for 1.both, 2 for 2.slope, 1 for 2.Doubler, 1 for 2.train"
    assert told == {"ann": nothing, "[red]bob": "full but 2 for 2.slope, 1 for 2.Doubler, 1 for 2.train"}
    table = (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8")
    assert table.startswith("submission,status,score,max_score")


def test_an_archive_of_a_cohort(tmp_path: Path) -> None:
    """An archive is one submission, and its rejection says how to call it a cohort; then nobody has a time."""
    path = tmp_path / "all.zip"
    path.write_bytes(zipped({f"{name}/{FIRST.file}": b"" for name in ("ann", "bob")}))
    assert "Marking 1 submission " in chainrule("grade", path, "--out", tmp_path / "one", *LEAN)
    assert "--cohort" in (tmp_path / "one" / "scores.csv").read_text(encoding="utf-8")
    two = chainrule("grade", path, "--cohort", "--out", tmp_path / "two", *LEAN)
    assert "Marking 2 submissions" in two
    assert "2 of 2 submissions (ann, bob): neither a platform" in two


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("grade",), "Missing argument 'SUBMISSIONS'"),
        (("grade", "no/such/place"), "Path 'no/such/place' does not exist"),
        (("grade", ".", "--jobs", "0"), "--jobs"),
        (("grade", ".", "--seed", "-1"), "--seed"),
        (("grade", ".", "--time-limit", "0"), "--time-limit"),
        (("grde",), "No such command 'grde'"),
    ],
)
def test_wrong_calls(arguments: tuple[str, ...], says: str) -> None:
    """A wrong call ends with a sentence, not with a traceback."""
    done = CliRunner().invoke(cli.main, [*arguments])
    assert done.exit_code in (1, 2)
    assert says in done.output
    assert "Traceback" not in done.output


def test_an_error_of_the_kit_is_nobodys_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the kit fails on a submission, that is said, it has no score, and the others have theirs."""

    class FailsOnAnn:
        def __init__(self, *options: object) -> None:
            self._done: list[tuple[str, Marked | KitError]] = []

        def has_room(self) -> bool:
            return True

        def begin(self, submission: Submission, settings: Settings, earlier: Marked | None) -> None:
            is_ann = submission.name == "ann"
            result = KitError("no disk") if is_ann else marking.mark(submission, settings)
            self._done.append((submission.name, result))

        def done(self, seconds: float) -> list[tuple[str, Marked | KitError]]:
            found, self._done = self._done, []
            return found

        def close(self) -> None:
            pass

    monkeypatch.setattr(marking_run, "Processes", FailsOnAnn)
    for name in ("ann", "bob"):
        put(tmp_path / "cohort", name)
    shown = chainrule("grade", tmp_path / "cohort", "--out", tmp_path / "out", *LEAN, code=1)
    assert "The kit failed on ann; it has no score. no disk" in shown
    scores = (tmp_path / "out" / "scores.csv").read_text(encoding="utf-8")
    assert "ann" not in scores
    assert "bob" in scores


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("class TestDouble:\n    def test_it(self, impl):\n        assert 2.0 / 0", "did not run"),
        ("import no_such_thing", r"cannot be collected[\s\S]*no_such_thing"),
    ],
)
def test_a_broken_suite_is_an_error_of_the_kit(
    source: str, says: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A suite that does not load, and a test that fails by a mistake of its own, raise KitError; no verdict."""
    suite = tmp_path / f"test_broken_suite_{len(source)}.py"  # pytest imports each name once
    suite.write_text(source, encoding="utf-8")
    monkeypatch.setattr(type(FIRST), "suite", property(lambda stage: suite))
    own = {FIRST.name: "x = 1"}
    load = load_request(FIRST, own, {FIRST.name: FIRST.file})
    with pytest.raises(KitError, match=says):
        Suites((FIRST,)).run(FIRST, lambda stage: SameProcess(load, own, ()), seed=1)


def test_doctor() -> None:
    """`doctor` shows each layer with what stopped an attempt, and ends well where all were stopped."""
    if ISOLATION != "kernel":
        pytest.skip("takes Linux with Landlock and seccomp: `chainrule doctor`")
    shown = chainrule("doctor")
    for told in ("Landlock", "seccomp", "become root", "Operation not permitted", "MemoryError"):
        assert told in shown
    for told in ("one in each fork server", "find an accelerator", "PyTorch sees none", "can be trusted here"):
        assert told in shown


def test_doctor_tells_the_accelerators(monkeypatch: pytest.MonkeyPatch) -> None:
    """`doctor` shows what PyTorch could compute on, and that workers do not see it."""
    monkeypatch.setattr("grader.inside.probes.accelerators", lambda: "cuda:0, cuda:1")
    assert "cuda:0, cuda:1: hidden from workers" in dict(doctor.offers())["accelerators"]
    monkeypatch.setattr("grader.inside.probes.accelerators", lambda: "mps:0")
    assert "mps:0: workers see it too" in dict(doctor.offers())["accelerators"]


def test_doctor_where_something_gets_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """An attempt that nothing stopped is shown, and `doctor` fails."""
    attempt = doctor.Attempt("files", "read a solution", "read", "pair.py")
    monkeypatch.setattr(doctor, "findings", lambda: iter([doctor.Finding(attempt, None)]))
    monkeypatch.setattr(doctor, "torch_works", lambda: None)
    assert "IT WAS NOT" in chainrule("doctor", code=1)


def test_without_confinement_grade_stops(two: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a layer is missing nothing is marked; the reason and the ways out are told."""
    monkeypatch.setattr(workers, "CAN_FORK", False)
    shown = chainrule("grade", two, "--out", tmp_path / "out", code=1)
    assert "confinement by the kernel is there on Linux only" in shown
    assert "--isolation process" in shown
    assert (tmp_path / "out" / "results.jsonl").read_bytes() == b""


def made(name: str, *mistakes: tuple[str, str]) -> Marked:
    """A result whose stage 1 has these mistakes, by task."""
    tests = [
        results.TestResult(task, "TestX::test", 0.0, 1.0, "failed", "", mistake) for task, mistake in mistakes
    ]
    return replace(rejected(name, ""), stages=[StageResult(FIRST.name, 0.0, 1.0, "", tests, seed=1)])


def test_common_mistakes() -> None:
    """Mistakes that several submissions share are counted, once a submission and task, the most frequent first."""
    squared, first = ("double", "squared"), ("both", "first_only")
    shared = [
        made("ann", squared, squared, first),
        made("bob", squared),
        made("eve", first, squared, ("both", "")),
    ]
    assert report.common_mistakes(shared) == ["3 × 1.double: squared", "2 × 1.both: first only"]
    assert report.common_mistakes([made("ann", squared)]) == []


RAISES = "def double(*x):\n    raise KeyError"


@pytest.mark.parametrize(
    ("source", "looks"),
    [
        (RAISES + "\nboth = double", "error: stage 1; not written: stage 2"),
        (RAISES + "\ndef both(pair):\n    return pair", "error: 1.double; failed: 1.both; not written: stage 2"),
        ("", "nothing written yet"),
    ],
)
def test_what_to_look_at(source: str, looks: str) -> None:
    """The table's last column names whole stages where nothing was answered, and tasks elsewhere."""
    marked = marking.mark(Submission("ann", {FIRST.name: source}), Settings(1, isolation=ISOLATION))
    assert report.what_to_look_at(marked) == looks


@pytest.mark.parametrize("columns", [40, 80])
def test_a_narrow_terminal_cuts_nothing_short(columns: int) -> None:
    """Names and reasons are broken where a terminal is narrow; nothing of them is left out."""
    name, reason = 30 * "z", 50 * "q"
    record = SimpleNamespace(result=lambda name: rejected(name, reason))
    console = Console(width=columns)
    with console.capture() as shown:
        report.show_scores(console, record, [name])
    assert (shown.get().count("z"), shown.get().count("q")) == (30, 50)


def test_of_a_large_cohort_what_to_look_at_is_shown(tmp_path: Path) -> None:
    """The table of many submissions holds those to look at, no more than a screenful; with --all it holds all."""
    for number in range(report.MAX_ROWS + 1):
        put(tmp_path / "cohort", f"s{number:02}", "x", "essay.txt")
    put(tmp_path / "cohort", "zoe", "")
    short, whole = (
        chainrule("grade", tmp_path / "cohort", "--out", tmp_path / "out", *LEAN, *more)
        for more in ([], ["--all"])
    )
    assert "and 2 more: scores.csv has all, and --all shows all" in short
    assert ("\nzoe" in short, "\nzoe" in whole) == (False, True)
    # with the heading "submission"
    assert (short.count("\ns"), whole.count("\ns")) == (report.MAX_ROWS + 1, report.MAX_ROWS + 2)


def test_headings_in_another_language(two: Path, tmp_path: Path) -> None:
    """A roster whose headings the kit does not know is read by those that are given."""
    roster = tmp_path / "roster.csv"
    roster.write_text('Nachname, Vorname;Matrikelnummer\n"Lee, Ann";ann\nZ, Zoe;9\n', encoding="utf-8")
    grade = ["grade", two, "--out", tmp_path / "out", *LEAN, "--roster", roster]
    for again in ([], ["--column"]):
        shown = chainrule(*grade, "--column", "id=Matrikelnummer", *again, "name=Nachname, Vorname")
        assert "Submitted nothing (1)" in shown
        assert "Z, Zoe (9)" in shown
    for wrong, what in ((["--column", "x=y"], "x"), (["oops"], "oops")):
        assert f"'{what}' is not as id=HEADING" in chainrule(*grade, *wrong, code=WRONG_CALL)
