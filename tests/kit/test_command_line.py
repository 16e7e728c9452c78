"""The command line as people and scripts use it: help that fits, wrong calls, JSON, and a shell's completion."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.shell_completion import CompletionItem, ShellComplete
from click.testing import CliRunner
from command_line import chainrule
from isolation import ISOLATION

from grader import cli
from grader.course.catalogue import STAGES, source_of
from grader.course.finding import VARIABLE
from grader.course.location import ROOT
from grader.outside import doctor

WIDTH = 80
"""Columns of a terminal that nobody has made wider."""
WRONG_CALL = 2
FIRST = STAGES[0]


def all_commands() -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command, and every command of a command, by the words that call it."""
    context = click.Context(cli.main)
    for name in cli.COMMANDS:
        command = cli.main.get_command(context, name)
        assert command is not None
        yield (name,), command
        if isinstance(command, click.Group):
            yield from (((name, below), under) for below, under in command.commands.items())


@pytest.mark.parametrize("words", [(), *(words for words, _ in all_commands())], ids=" ".join)
def test_help_fits_a_terminal(words: tuple[str, ...]) -> None:
    """No line of a help is broken by a terminal of 80 columns, and no summary is cut short."""
    done = CliRunner().invoke(cli.main, [*words, "--help"], terminal_width=WIDTH, prog_name="chainrule")
    assert done.exit_code == 0
    usage, *lines = done.output.splitlines()
    assert usage.startswith("Usage: chainrule")
    assert [line for line in lines if len(line) > WIDTH or line.endswith("...")] == []


@pytest.mark.parametrize(
    "command", [pytest.param(command, id=" ".join(words)) for words, command in all_commands()]
)
def test_help_says_all(command: click.Command) -> None:
    """A command has a summary of a line, then a paragraph, all options, and an example or exit codes."""
    first, _, rest = (command.help or "").partition("\n\n")
    assert first.endswith(".") and "\n" not in first
    if not isinstance(command, click.Group):
        assert rest and command.epilog
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert [option.name for option in options if not option.help] == []


def test_commands_are_grouped() -> None:
    """Help names those whom commands are for, and takes each command's line from its own docstring."""
    shown = chainrule("--help")
    places = [shown.index(f"\n{reader}:\n") for reader in cli.READERS]
    assert places == sorted(places)
    lines = [line.split(None, 1) for line in shown.splitlines() if line.startswith("  ")]
    for (name, *below), command in all_commands():
        if not below:
            assert [name, (command.help or "").partition("\n")[0]] in lines


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("grde", "No such command 'grde'. Did you mean 'grade'?"),
        ("xyzzy", "No such command 'xyzzy'. There are init, watch, hint, read, plot, grade,"),
        ("--curse x", "--curse"),
        ("--course nowhere watch", "Directory 'nowhere' does not exist"),
        ("check --course", "'--course' requires a folder after it"),
        ("--course EMPTY check", "is no course: it has no solutions/"),
        ("watch exercises", "unexpected extra argument (exercises)"),
        ("watch --plian", "--plain"),
        ("watch --from nowhere", "Directory 'nowhere' does not exist"),
        ("watch --time-limit inf", "inf is not in the range"),
        ("watch --time-limit nan", "'nan' is no number of seconds"),
        ("plot --out a.jpg", "Invalid value for '--out': a.jpg: the picture is a PNG"),
        ("plot --time-limit nan", "'nan' is no number of seconds"),
        ("hint 9.double", "there is no stage '9'; the stages are 1 to 2"),
        ("hint 1.doubel", "stage 1 has no task 'doubel'; did you mean 1.double?"),
        ("hint 1.double --level 4", "4 is not in the range 1<=x<=3"),
        ("read", "Missing argument 'STAGE'"),
        ("read 7", "there is no stage '7'; the stages are 1 to 2"),
        ("grade nowhere", "Path 'nowhere' does not exist"),
        ("grade EMPTY EMPTY", "SUBMISSIONS is one folder or archive; "),
        ("grade EMPTY --column id=ID", "give the roster too, --roster FILE.csv"),
        ("grade EMPTY --roster nowhere.csv", "File 'nowhere.csv' does not exist"),
        ("grade EMPTY --db sqlite:// --no-gradebook", "--db and --no-gradebook exclude each other"),
        ("grade EMPTY --time-limit nan", "'nan' is no number of seconds"),
        ("grade EMPTY --memory-limit 1", "1 is not in the range"),
        ("doctor --jsn", "--jsn"),
        ("course", "Missing argument 'DIR'"),
        ("new stge", "No such command 'stge'"),
        ("new stage 7up", "'7up' cannot name a stage: small letters, digits and _"),
        ("mistakes list 3.x", "there is no stage '3'"),
        ("mistakes add 1.double nowhere.py says", "File 'nowhere.py' does not exist"),
        ("check now", "unexpected extra argument (now)"),
        ("release --forse", "--forse"),
    ],
)
def test_wrong_calls(call: str, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each ends with the code of a wrong call, and a sentence that says what to write instead."""
    monkeypatch.setenv(VARIABLE, str(ROOT))  # which --course changes, for this process
    said = chainrule(*(str(tmp_path) if word == "EMPTY" else word for word in call.split()), code=WRONG_CALL)
    assert says in said
    assert "Traceback" not in said


def printed(capsys: pytest.CaptureFixture[str], *arguments: str | Path, code: int = 0) -> tuple[str, str]:
    """What a command prints on standard output, and on standard error."""
    with pytest.raises(SystemExit) as ending:
        cli.main([str(argument) for argument in arguments])
    assert ending.value.code == code
    return capsys.readouterr()


def test_two_lists_as_json(tmp_path: Path) -> None:
    """`check` and `mistakes list` print the same as one document."""
    assert json.loads(chainrule("check", "--json")) == {
        "course": str(ROOT),
        "stages": 2,
        "points": 10,
        "problems": [],
    }
    listed = json.loads(chainrule("mistakes", "list", "1.double", "--json"))
    lines = [f"{one['task']} {one['name']}: {one['says']}" for one in listed]
    assert lines and lines == chainrule("mistakes", "list", "1.double").splitlines()
    assert all(one["look"] for one in listed)


def test_problems_as_json(monkeypatch: pytest.MonkeyPatch) -> None:
    """What `check` finds stands in its document, and the exit code says so too."""
    monkeypatch.setattr("grader.course.check.problems", lambda: iter(["a stage is missing"]))
    found = json.loads(chainrule("check", "--json", code=1))
    assert (found["problems"], found["points"]) == (["a stage is missing"], None)


@pytest.mark.parametrize(("refused", "trusted"), [("Operation not permitted", True), (None, False)])
def test_doctor_as_json(
    refused: str | None, trusted: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`doctor` gives what it found, and one word on whether that is enough; standard output holds nothing else."""
    attempt = doctor.Attempt("files", "read a solution", "read", "pair.py")
    monkeypatch.setattr(doctor, "offers", lambda: iter([("Landlock", "version 5")]))
    monkeypatch.setattr(doctor, "findings", lambda: iter([doctor.Finding(attempt, refused)]))
    monkeypatch.setattr(doctor, "torch_works", lambda: None)
    said, _ = printed(capsys, "doctor", "--json", code=0 if trusted else 1)
    assert json.loads(said) == {
        "machine": doctor.machine(),
        "layers": {"Landlock": "version 5"},
        "attempts": [{"layer": "files", "tried": "read a solution", "refused": refused}],
        "error": None,
        "trusted": trusted,
    }


def test_grade_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A marking's summary is one document on standard output; progress, table and lists go to standard error."""
    for name, text in (("ann", source_of(FIRST.name)), ("bob", "def double(x):\n    return x")):
        (tmp_path / "cohort" / name).mkdir(parents=True)
        (tmp_path / "cohort" / name / FIRST.file).write_text(text, encoding="utf-8")
    (tmp_path / "roster.csv").write_text("id,name\nann,Ann\nzoe,Zoe\n", encoding="utf-8")
    options = ("--roster", tmp_path / "roster.csv", "--seed", "3", "--jobs", "1", "--isolation", ISOLATION)
    call = ("grade", tmp_path / "cohort", "--out", tmp_path / "out", "--no-gradebook", "--json", *options)
    said, told_meanwhile = printed(capsys, *call)
    found = json.loads(said)
    assert "Marking 2 submissions with seed 3" in told_meanwhile
    counts = {key: found[key] for key in ("submissions", "marked", "found", "rejected", "seed", "isolation")}
    assert list(counts.values()) == [2, 2, 0, 0, 3, ISOLATION]
    assert found["look_at"]["bob"].startswith("failed: 1.double")
    assert (found["absent"], list(found["unmatched"]), found["kit_errors"]) == (["zoe"], ["bob"], {})
    assert found["gradebook"] is None
    assert {Path(found[key]).name for key in ("scores", "results")} == {"scores.csv", "results.jsonl"}
    told = chainrule("grade", "--help").partition("--json prints these fields:")[2].partition("Options:")[0]
    assert [field for field in found if f" {field} " not in f"{told} ".replace(",", " ")] == []


def completed(*words: str, begun: str = "") -> list[CompletionItem]:
    """What a shell offers after these words."""
    return ShellComplete(cli.main, {}, "chainrule", "_CHAINRULE_COMPLETE").get_completions([*words], begun)


@pytest.mark.parametrize(
    ("words", "begun", "offered"),
    [
        ("", "c", ["course", "classroom50", "check"]),
        ("", "--c", ["--course"]),
        ("hint", "1.", ["1.double", "1.both"]),
        ("hint --level 2", "2.s", ["2.slope"]),
        ("hint", "--l", ["--level"]),
        ("read", "", ["1", "2"]),
        ("read", "stage2", ["stage2_slope"]),
        ("mistakes", "l", ["list"]),
        ("mistakes list", "2.D", ["2.Doubler"]),
        ("mistakes add", "1.b", ["1.both"]),
        ("grade --isolation", "", ["kernel", "process"]),
        ("grade cohort", "--no", ["--no-gradebook"]),
    ],
)
def test_completion(words: str, begun: str, offered: list[str]) -> None:
    """A shell offers commands, options, stages and tasks."""
    assert [item.value for item in completed(*words.split(), begun=begun)] == offered


def test_completion_explains() -> None:
    """Shells that show it have a sentence by each command, and the stage's title by each task."""
    assert [(item.value, item.help) for item in completed(begun="wat")] == [("watch", cli.summary("watch"))]
    assert [item.help for item in completed("hint", begun="1.d")] == [FIRST.title]


@pytest.mark.parametrize("words", [("hint", "--course"), ("--course",), ("watch", "--from")])
def test_completion_of_folders(words: tuple[str, ...]) -> None:
    """Where a folder is due the shell completes folders."""
    assert [item.type for item in completed(*words)] == ["dir"]


@pytest.mark.parametrize("words", ["", "hint 1.", "read ", "mistakes list ", "watch --"])
def test_completion_is_quick(words: str) -> None:
    """The Tab key waits for no library: of the large ones none is imported for what it offers."""
    large = {"IPython", "matplotlib", "nbformat", "numpy", "pytest", "torch"}
    code = (
        "import sys; from click.shell_completion import ShellComplete; from grader.cli import main\n"
        "*words, begun = sys.argv[1].split(' ')\n"
        "found = ShellComplete(main, {}, 'chainrule', '').get_completions(words, begun)\n"
        f"print(len(found), *({large} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code, words], capture_output=True, text=True, check=True)
    offered, *imported = done.stdout.split()
    assert int(offered) > 0 and imported == []


def test_a_shell_is_told_to_complete() -> None:
    """What help says to put into a shell's file prints a script for it."""
    for shell in ("bash", "zsh", "fish"):
        assert f"_CHAINRULE_COMPLETE={shell}_source chainrule" in chainrule("--help")
        done = CliRunner().invoke(cli.main, prog_name="chainrule", env={"_CHAINRULE_COMPLETE": f"{shell}_source"})
        assert "_CHAINRULE_COMPLETE" in done.output
