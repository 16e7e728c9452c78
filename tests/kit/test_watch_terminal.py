"""Watch mode as a learner meets it, in real pseudo-terminals: from fresh stubs to 100 points, and all between."""

import os
import re
import shutil
import signal
import subprocess
import sys
from itertools import accumulate
from pathlib import Path

import psutil
import pytest
from click.testing import CliRunner
from watched_terminal import PATIENCE, WatchedTerminal, fresh_settings, watching

from grader import cli
from grader.course.catalogue import STAGES
from grader.course.location import EXERCISES, ROOT, SOLUTIONS
from grader.course.points import points_of
from grader.learner.watch.state import PLOTTED

SUMS = tuple(accumulate(map(points_of, STAGES)))
ENDLESS = "def relu(a):\n    while True:\n        pass\n"
COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-7]|38;5;\d+|9[0-7])(?:;\d+)*m")
CURSOR = re.compile(rb"\x1b")


@pytest.fixture
def modules(tmp_path: Path) -> Path:
    """Fresh stubs."""
    return Path(shutil.copytree(EXERCISES, tmp_path / "modules", ignore=shutil.ignore_patterns("__pycache__")))


def solution(number: int) -> str:
    """The solution of a stage."""
    return (SOLUTIONS / STAGES[number - 1].file).read_text(encoding="utf-8")


def save(modules: Path, number: int, text: str) -> None:
    """Save a stage in place."""
    (modules / STAGES[number - 1].file).write_text(text, encoding="utf-8")


def save_by_rename(modules: Path, number: int, text: str) -> None:
    """Save a stage as editors do that write a new file beside the old one."""
    path = modules / STAGES[number - 1].file
    path.replace(path.with_name(f"{path.name}~"))
    beside = path.with_name(f".{path.name}.swp")
    beside.write_text(text, encoding="utf-8")
    beside.replace(path)


def test_from_fresh_stubs_to_100_points(modules: Path) -> None:
    """A whole session: every stage is written, with a syntax error, a loop and much else on the way."""
    with watching(modules, "--seed", "7", "--time-limit", "100") as terminal:
        terminal.see("Stage 1 of 6: ReLU", "Next: relu is not written yet.", " 0 of 100 points")
        terminal.see("Data drawn with seed 7")
        _stage_1(terminal, modules)
        _stage_2(terminal, modules)
        _keys(terminal, modules)
        _stages_3_to_6(terminal, modules)
        terminal.press("q")
        assert terminal.exit_code() == 0
        assert COLOUR.search(terminal.sent)


def _stage_1(terminal: WatchedTerminal, modules: Path) -> None:
    """A syntax error, a mistake, a loop that a save ends, and a solution."""
    save(modules, 1, solution(1).replace("return np.maximum", "return np.maximum(("))
    terminal.see("SyntaxError", "(stage1_relu.py, line ")
    save(modules, 1, "print('here I am')\n" + solution(1).replace("(a > 0)", "(a >= 0)"))
    terminal.see("✓ relu ", "5 of 5", "✗ relu_grad", "expected", "Printed by your code", "│ here I am")
    save(modules, 1, ENDLESS)
    terminal.see("Running stage 1 …")
    save(modules, 1, solution(1))
    terminal.see(" 10 of 100 points", "This stage is complete: n goes on", absent="Running")


def _stage_2(terminal: WatchedTerminal, modules: Path) -> None:
    """Keys between, a save in two halves, and one by rename."""
    terminal.press("n")
    terminal.see("Stage 2 of 6: forward pass")
    half = solution(2).index(" @ W.T")
    with (modules / STAGES[1].file).open("w", encoding="utf-8") as file:
        file.write(f"{solution(2)[:half]} @")
        file.flush()
        terminal.see("Stage 2 of 6", "SyntaxError")
        file.write(solution(2)[half + 2 :])
    terminal.see(" 25 of 100 points")
    save_by_rename(modules, 2, solution(2).replace("x @ W.T + b", "x @ W.T - b"))
    terminal.see("✗ affine", "expected", absent="Running")
    save_by_rename(modules, 2, solution(2))
    terminal.see(" 25 of 100 points", "This stage is complete")


def _keys(terminal: WatchedTerminal, modules: Path) -> None:
    """Every key but plots and quit; a window that gets smaller, and a file that is deleted."""
    for key, shows, absent in (
        ("3", "Stage 3 of 6", ""),
        ("l", "> 3 backward pass", ""),
        ("?", "leave; so does Ctrl-C", ""),
        ("h", "Hint 1", "Hint 2"),
        ("h", "Hint 2", ""),
        ("r", "any other key: back to the tests", ""),
    ):
        terminal.press(key)
        terminal.see(shows, absent=absent)
    terminal.resize(14, 60)
    terminal.see("page 1 of ")
    for key, shows in ((" ", "page 2 of "), ("1", "Stage 1 of 6")):
        terminal.press(key)
        terminal.see(shows)
    terminal.resize(50, 100)
    for key, shows in (("x", "Put the stub in the place of stage1_relu.py?"), ("n", "Nothing was reset.")):
        terminal.press(key)
        terminal.see(shows)
    terminal.press("xy")
    terminal.see("What you had is old/stage1_relu.py.1", "Next: relu is not written yet", " 15 of 100 points")
    assert (modules / "old" / "stage1_relu.py.1").read_text(encoding="utf-8") == solution(1)
    (modules / STAGES[0].file).unlink()
    terminal.see("stage1_relu.py is missing: x writes its stub")
    terminal.press("xy")
    terminal.see("stage1_relu.py is the stub again", "Next: relu is not written yet")


def _stages_3_to_6(terminal: WatchedTerminal, modules: Path) -> None:
    """Several saves at once, then one stage after the other, and all of them again."""
    save(modules, 3, solution(3))
    save(modules, 1, solution(1))
    terminal.see(" 50 of 100 points")
    for number in (4, 5, 6):
        save(modules, number, solution(number))
        terminal.see(f"Stage {number} of 6", f" {SUMS[number - 1]:g} of 100 points", absent="Running")
    terminal.see("All stages are complete", *(["p draws pictures of it"] if PLOTTED else []))
    terminal.press("a")
    terminal.see("Running")
    terminal.see(" 100 of 100 points", absent="Running")


def test_a_loop_is_stopped_at_the_time_limit(modules: Path) -> None:
    """A call that takes too long is stopped, which is said with what to do; the session goes on."""
    save(modules, 1, ENDLESS)
    with watching(modules, "--time-limit", "3") as terminal:
        terminal.see("relu took more than", "Is it an endless loop?", "--time-limit")
        save(modules, 1, "import os\nos._exit(3)\n")
        terminal.see("ended its process", absent="Running")
        save(modules, 1, solution(1))
        terminal.see(" 10 of 100 points")


@pytest.mark.parametrize("way", ["Ctrl-C", "SIGTERM"])
def test_leaving_puts_the_terminal_back(modules: Path, way: str) -> None:
    """After Ctrl-C, or when the system ends it, the terminal is as it was, and nothing that was started is left.

    That holds even while code loops. With NO_COLOR set there is no colour.
    """
    with watching(modules, "--time-limit", "100", NO_COLOR="1") as terminal:
        before = fresh_settings()
        terminal.see("Data drawn with seed", "Next: relu is not written yet")
        assert not COLOUR.search(terminal.sent)
        assert terminal.settings() != before
        save(modules, 1, ENDLESS)
        terminal.see("Running stage 1")
        started = terminal.family()
        terminal.press("\x03") if way == "Ctrl-C" else terminal.signal(signal.SIGTERM)
        assert terminal.exit_code() == 0
        assert terminal.settings() == before
        assert psutil.wait_procs(started, timeout=PATIENCE)[1] == []


def test_plain(modules: Path) -> None:
    """Lines of text alone: no cursor is moved, no colour set, no box drawn; but for Ctrl-C, keys need Enter."""
    with watching(modules, "--plain", "--seed", "7") as terminal:
        terminal.hear("Stage 1 of 6, ReLU", "Next: relu is not written yet.", "In all 0 of 100 points.")
        save(modules, 1, solution(1))
        heard = terminal.hear("relu_grad: 5 of 5 points.", "In all 10 of 100 points.")
        for line, answer in (
            ("next", "Stage 2 of 6"),
            ("h", "Hint 1 of 3"),
            ("what", "q: leave"),
            ("l", "at stage 2."),
        ):
            terminal.press(f"{line}\n")
            heard = terminal.hear(answer, after=len(heard)) and terminal.lines
        terminal.press("\x03")
        assert terminal.exit_code() == 0
        assert not CURSOR.search(terminal.sent)
        assert not set(terminal.lines) & set("█░│─┌✓✗·")


def test_poll_without_events(modules: Path) -> None:
    """Where files are looked at instead of waiting for events, saves are seen too."""
    with watching(modules, "--poll", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0") as terminal:
        terminal.see("Next: relu is not written yet")
        save(modules, 1, solution(1))
        terminal.see(" 10 of 100 points")
        assert "#####....." in terminal.text  # a terminal that has no more characters than ASCII


def test_without_a_terminal() -> None:
    """In a pipe, `chainrule` alone speaks in plain lines, and ends with its input once all stages were run."""
    done = subprocess.run(
        [sys.executable, "-m", "grader"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=PATIENCE,
        cwd=ROOT,
        env=os.environ | {"PYTHONUTF8": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert "Stage 1 of 6, ReLU, in exercises/stage1_relu.py." in done.stdout
    assert "In all 0 of 100 points." in done.stdout
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
