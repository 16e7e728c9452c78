"""Watch mode as a learner meets it, in real pseudo-terminals: from fresh stubs to all points, and all between."""

import re
import shutil
import signal
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from conftest import COURSE
from learners_modules import DOUBLE, IGNORED, SLOPE, save, solution
from processes import run_python
from watched_terminal import PATIENCE, WatchedTerminal, fresh_settings, watching

from grader import cli
from grader.course.finding import VARIABLE

ENDLESS = "def double(x):\n    while True:\n        pass\n"
COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-7]|38;5;\d+|9[0-7])(?:;\d+)*m")
CURSOR = re.compile(rb"\x1b")


def save_by_rename(modules: Path, text: str) -> None:
    """Save stage 2 as editors do that write a new file beside the old one."""
    path = modules / SLOPE.file
    path.replace(path.with_name(f"{path.name}~"))
    beside = path.with_name(f".{path.name}.swp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def test_from_fresh_stubs_to_all_points(stubs: Path) -> None:
    """A whole session: every stage is written, with a syntax error, a loop and much else on the way."""
    with watching(stubs, "--seed", "7", "--time-limit", "100") as terminal:
        terminal.see("Stage 1 of 2: doubling", "Next: double is not written yet.", " 0 of 10 points", "seed 7")
        _stage_1(terminal, stubs)
        _stage_2(terminal, stubs)
        _keys(terminal, stubs)
        for stage in (SLOPE, DOUBLE):  # at once
            save(stubs, stage, solution(stage))
        terminal.see("All stages are complete", " 10 of 10 points", absent="Running")
        terminal.press("a", "Running")
        terminal.see(" 10 of 10 points", absent="Running")
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert COLOUR.search(terminal.sent)


def _stage_1(terminal: WatchedTerminal, modules: Path) -> None:
    """Hints, a syntax error, a mistake, a loop that a save ends, and a solution."""
    terminal.press("h", "Hint 1", absent="Hint 2")
    terminal.press("h", "Hint 1", "Hint 2")
    save(modules, DOUBLE, solution(DOUBLE, "return x + x", "return x + (x"))
    terminal.see("SyntaxError", "(stage1_double.py, line ")
    save(modules, DOUBLE, "print('here I am')\n" + solution(DOUBLE, "double(pair.b)", "pair.b"))
    terminal.see("✓ double ", "4 of 4", "✗ both", "expected", "Printed by your code", "│ here I am")
    save(modules, DOUBLE, ENDLESS)
    terminal.see("Running stage 1 …")
    save(modules, DOUBLE, solution(DOUBLE))
    terminal.see(" 6 of 10 points", "This stage is complete: n goes on", absent="Running")


def _stage_2(terminal: WatchedTerminal, modules: Path) -> None:
    """A save in two halves, and one by rename."""
    terminal.press("n", "Stage 2 of 2: slopes")
    half = solution(SLOPE).index(" x\n", solution(SLOPE).index("self.w *"))
    with (modules / SLOPE.file).open("w", encoding="utf-8") as file:
        file.write(solution(SLOPE)[:half])
        file.flush()
        terminal.see("Stage 2 of 2", "SyntaxError")
        file.write(solution(SLOPE)[half:])
    terminal.see(" 10 of 10 points")
    save_by_rename(modules, solution(SLOPE, "leaf.grad.numpy()", "leaf.grad.numpy() + 1"))
    terminal.see("✗ slope", "expected", absent="Running")
    save_by_rename(modules, solution(SLOPE))
    terminal.see(" 10 of 10 points", "All stages are complete")


def _keys(terminal: WatchedTerminal, modules: Path) -> None:
    """Other keys; a window that gets smaller, and a file that is deleted."""
    terminal.press("l", "> 2 slopes")
    terminal.press("?", "leave; so does Ctrl-C")
    terminal.press("1", "Stage 1 of 2")
    terminal.press("r", "any other key: back to the tests")
    terminal.resize(15, 60)
    terminal.see("page 1 of ")
    terminal.press(" ", "page 2 of ")
    terminal.press("1", "Stage 1 of 2")
    terminal.resize(50, 100)
    terminal.press("x", "Put the stub in the place of stage1_double.py?")
    terminal.press("n", "Nothing was reset.")
    terminal.press(
        "xy", "What you had is old/stage1_double.py.1", "Next: double is not written yet", " 4 of 10 points"
    )
    assert (modules / "old" / "stage1_double.py.1").read_text(encoding="utf-8") == solution(DOUBLE)
    (modules / DOUBLE.file).unlink()
    terminal.see("stage1_double.py is missing: x writes its stub")
    terminal.press("xy", "stage1_double.py is the stub again", "Next: double is not written yet")
    terminal.press("2xy", "stage2_slope.py is the stub again", " 0 of 10 points", absent="Running")


PICTURES = """
from grader.learner.pictures.runs import Overview

OVERVIEW, RUNS = Overview({}), {3: print}
"""


@pytest.mark.proof
def test_a_stage_that_was_added(tmp_path: Path) -> None:
    """The session of a course to which a stage was added has it, with its hint and the course's pictures of it."""
    course = Path(shutil.copytree(COURSE, tmp_path / "course", ignore=IGNORED))
    named = {VARIABLE: str(course)}
    for command in (("new", "stage", "momentum"), ("release",)):
        assert run_python("-m", "grader", *command, cwd=course, **named).returncode == 0
    (course / "solutions" / "pictures.py").write_text(PICTURES, encoding="utf-8")
    file = "stage3_momentum.py"
    with watching(course / "exercises", **named) as terminal:
        terminal.see("Stage 1 of 3", " 0 of 12 points")
        terminal.press("3", "Next: momentum is not written yet")
        terminal.press("h", "Hint 1 of 3 for momentum")
        shutil.copy(course / "solutions" / file, course / "exercises" / file)
        terminal.see("Stage 3 of 3: momentum", " 2 of 12 points", "p draws pictures of it", absent="Running")


def test_a_loop_is_stopped_at_the_time_limit(stubs: Path) -> None:
    """A call that takes too long is stopped, which is said with what to do; the session goes on."""
    save(stubs, DOUBLE, ENDLESS)
    with watching(stubs, "--time-limit", "3") as terminal:
        terminal.see("double took more than", "Is it an endless loop?", "--time-limit")
        save(stubs, DOUBLE, "import os\nos._exit(3)\n")
        terminal.see("ended its process", absent="Running")
        save(stubs, DOUBLE, solution(DOUBLE))
        terminal.see(" 6 of 10 points")


@pytest.mark.parametrize("way", ["Ctrl-C", pytest.param("SIGTERM", marks=pytest.mark.proof)])
def test_leaving_puts_the_terminal_back(stubs: Path, way: str) -> None:
    """After Ctrl-C, or when the system ends it, the terminal is as it was, and nothing that was started is left.

    That holds even while code loops. With NO_COLOR set there is no colour.
    """
    with watching(stubs, "--time-limit", "100", NO_COLOR="1") as terminal:
        before = fresh_settings()
        terminal.see("Data drawn with seed", "Next: double is not written yet")
        assert not COLOUR.search(terminal.sent)
        assert terminal.settings() != before
        save(stubs, DOUBLE, ENDLESS)
        terminal.see("Running stage 1")
        started = terminal.family()
        terminal.press("\x03") if way == "Ctrl-C" else terminal.signal(signal.SIGTERM)
        assert terminal.exit_code() == 0
        assert terminal.settings() == before
        assert psutil.wait_procs(started, timeout=PATIENCE)[1] == []


def test_plain(stubs: Path) -> None:
    """Lines of text alone: no cursor is moved, no colour set, no box drawn; but for Ctrl-C, keys need Enter."""
    with watching(stubs, "--plain", "--seed", "7") as terminal:
        terminal.hear("Stage 1 of 2, doubling", "Next: double is not written yet.", "In all 0 of 10 points.")
        keys = {"h": "Hint 1 of 3", "next": "Stage 2 of 2", "what": "q: leave", "l": "at stage 2."}
        for line, answer in keys.items():
            terminal.press(f"{line}\n")
            terminal.hear(answer)
        save(stubs, DOUBLE, solution(DOUBLE))
        terminal.hear("both: 2 of 2 points.", "In all 6 of 10 points.")
        terminal.press("\x03")
        assert terminal.exit_code() == 0
        assert not CURSOR.search(terminal.sent)
        assert not set(terminal.lines) & set("█░│─┌✓✗·")


@pytest.mark.proof
def test_poll_without_events(stubs: Path) -> None:
    """Where files are looked at instead of waiting for events, saves are seen too."""
    with watching(stubs, "--poll", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0") as terminal:
        terminal.see("Next: double is not written yet")
        save(stubs, DOUBLE, solution(DOUBLE))
        terminal.see(" 6 of 10 points")
        assert "#####....." in terminal.text  # a terminal that has no more characters than ASCII


def test_without_a_terminal() -> None:
    """In a pipe, `chainrule` alone speaks in plain lines, and ends with its input once all stages were run."""
    done = run_python("-m", "grader")
    assert done.returncode == 0, done.stderr
    assert "Stage 1 of 2, doubling, in exercises/stage1_double.py." in done.stdout
    assert "In all 0 of 10 points." in done.stdout
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        ("watch --from no/such/folder", 2, "does not exist"),
        ("watch --seed -1", 2, "--seed"),
        ("watch --time-limit 0", 2, "--time-limit"),
        ("-h", 0, "Without a command this is `chainrule watch`."),
    ],
)
def test_what_starts_nothing(arguments: str, code: int, says: str) -> None:
    """A wrong option gets a sentence; `chainrule -h` shows the commands."""
    done = CliRunner().invoke(cli.main, arguments.split())
    assert done.exit_code == code
    assert says in done.output
