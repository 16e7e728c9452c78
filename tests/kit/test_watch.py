"""A session of watch mode as data: what an event makes of it, and how it reads; no process, file or terminal.

The session has six stages here, the small course's two and four more like the second.
"""

import contextlib
import io
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from click.testing import CliRunner
from learners_modules import DOUBLE, SLOPE
from rich.console import Console

from grader.course.catalogue import Stage
from grader.course.pages import Page
from grader.judging.rendering import ASCII, Signs
from grader.judging.results import TestResult as Ended
from grader.learner import tutor
from grader.learner.watch import lines, screen, session, state, words
from grader.learner.watch.screen import page
from grader.learner.watch.session import Command, Ending, Event, FilesRead, Finished, Notice, Pressed, update
from grader.learner.watch.state import Run, State
from grader.outside.verdicts import Outcome

STAGES = (DOUBLE, SLOPE, *(replace(SLOPE, number=n, name=f"stage{n}_x") for n in range(3, 7)))
STUBS = {stage.name: "stub" for stage in STAGES}
BEGIN = State(7, "exercises")
LAST = len(STAGES)
START = Command.START


@pytest.fixture(autouse=True)
def put_stages(monkeypatch: pytest.MonkeyPatch) -> Callable[[Sequence[Stage]], None]:
    """Gives what puts other stages into the session; it has the six."""

    def put(stages: Sequence[Stage]) -> None:
        for module in (session, state, words, lines, screen):
            monkeypatch.setattr(module, "STAGES", stages)
        monkeypatch.setattr(session, "NUMBERS", {str(stage.number): stage for stage in stages})

    put(STAGES)
    return put


def run(stage: Stage, *outcomes: Outcome, uses: tuple[str, ...] = (), printed: str = "") -> Run:
    """A run in which the first tests, one a task, end in these ways; the rest passes."""
    ends = [*outcomes, *["passed"] * len(stage.tasks)]
    tests = tuple(
        Ended(task, f"Test::{task}", 5.0 * (end == "passed"), 5.0, end, f"{task} is {end}")
        for task, end in zip(stage.tasks, ends, strict=False)
    )
    return Run(tests, {test.test: f"The rule of {test.task}." for test in tests}, printed, frozenset(uses))


def after(state: State, *events: Event) -> tuple[State, list[Command]]:
    """The state after events, and every command on the way."""
    commands: list[Command] = []
    for event in events:
        state, more = update(state, event)
        commands += more
    return state, commands


def at_rest(done: int = 0) -> State:
    """A session in which every stage was run: so many complete, the others not written."""
    state, _ = after(BEGIN, FilesRead(STUBS))
    for stage in STAGES:
        ends: list[Outcome] = [] if stage.number <= done else ["not written"] * len(stage.tasks)
        state, _ = after(state, Finished(run(stage, *ends)))
    assert state.running is None
    return state


def pressed(state: State, keys: Sequence[str]) -> State:
    """The state after these keys."""
    return after(state, *map(Pressed, keys))[0]


def saved(state: State, *numbers: int) -> tuple[State, list[Command]]:
    """What comes of saving these stages at once, each as a text that it never was before."""
    new = {STAGES[n - 1].name: f"{state.sources[STAGES[n - 1].name]}+" for n in numbers}
    return after(state, FilesRead({**state.sources, **new}))


def ended(state: State, ended: Run | None) -> State:
    """The state after its first stage was saved and run, with this result."""
    return after(saved(state, 1)[0], Finished(ended))[0]


def order(state: State) -> list[int]:
    """The stages that are run now and after that, by their numbers."""
    found = []
    while state.running:
        found.append(state.running.number)
        state, _ = after(state, Finished(None if state.stopping else run(state.running)))
    return found


def test_at_first_every_stage_is_run_in_order() -> None:
    """What is there decides where the learner is: the first stage that is not complete. Stages unlock in order."""
    state, commands = after(BEGIN, FilesRead(STUBS))
    assert (state.running, commands) == (STAGES[0], [START])
    for stage in STAGES[:2]:
        state, commands = after(state, Finished(run(stage)))
        assert state.running == state.current == STAGES[stage.number]
        assert commands == [START]
    for done, current in ((1, 2), (2, 3), (LAST, LAST)):
        state = at_rest(done)
        assert state.current.number == current
        assert [stage.number for stage in STAGES if state.is_unlocked(stage)][-1] == current


@pytest.mark.parametrize(
    ("key", "saves", "runs", "current"),
    [
        ("1", [[1]], [1], 1),
        ("1", [[4]], [4], 4),
        ("3", [[1, 3, 2]], [3, 1, 2], 3),
        ("1", [[1], [1]], [1, 1], 1),
        ("1", [[6], [1]], [6, 1, 6], 1),
        ("1", [[]], [], 1),
    ],
)
def test_what_a_save_runs(key: str, saves: list[list[int]], runs: list[int], current: int) -> None:
    """What changed is run, and no more: the current stage first. The learner is where they save.

    A save while something runs ends that, and it is run again.
    """
    state = pressed(at_rest(), key)
    for number, stages in enumerate(saves):
        state, commands = saved(state, *stages)
        assert commands == ([] if not stages else [START] if number == 0 else [Command.STOP])
    assert state.current == STAGES[current - 1]
    assert order(state) == runs


def test_a_run_that_was_stopped_does_not_count() -> None:
    """What the run says no longer counts, and it begins anew, on what was saved last."""
    state, commands = after(saved(saved(at_rest(), 1)[0], 1)[0], Finished(run(DOUBLE)))
    assert not state.run.complete
    assert (state.running, commands) == (DOUBLE, [START])
    assert after(state, Finished(run(DOUBLE)))[0].run.complete


def test_stages_that_use_what_was_saved_are_run_after_it() -> None:
    """A later stage that takes a helper of the learner's own from a saved one runs too, so the bar is right."""
    state, _ = saved(at_rest(done=LAST), 3)
    state, _ = saved(after(state, Finished(run(STAGES[2], uses=(DOUBLE.name,))))[0], 1)
    assert state.current == DOUBLE
    assert order(state) == [1, 3]


def test_the_task_to_work_at(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is wrong comes before what is not written; hints are for that task."""
    monkeypatch.setattr(session, "hints", lambda stage, task: ())
    state = pressed(at_rest(), "2")
    assert state.to_fix is not None and state.to_fix.task == "slope"
    wrong = run(SLOPE, "passed", "not written", "failed")
    assert pressed(replace(state, runs={SLOPE.name: wrong}), "h").hints == {(SLOPE.name, "train"): 1}


def test_hints_come_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each press shows one level more, three in all, and they stay until the task is done."""
    monkeypatch.setattr(words, "hints_of", lambda stage, task: (f"1 {task}", f"2 {task}", f"3 {task}"))
    state = at_rest()
    for level in range(1, 4):
        state = pressed(state, "h")
        shown = list(words.hints(state))
        assert [text for _, text in shown] == [f"{number} double" for number in range(1, level + 1)]
        assert shown[0][0] == "Hint 1 of 3 for double: A question"
    state = pressed(state, "h")
    assert "all the hints for double" in state.notice
    assert list(words.hints(ended(state, run(DOUBLE, "passed", "failed")))) == []
    assert pressed(ended(state, run(DOUBLE)), "h").notice == "This stage is complete."


@pytest.mark.parametrize(
    ("key", "says"), [("h", "There are no hints for double: none."), ("r", "There is no reading here: none.")]
)
def test_a_course_may_lack_hints_and_pages(key: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """That there is none is said in a sentence, and nothing else changes."""

    def none(*_: object) -> None:
        raise ValueError("none")

    for module, name in ((session, "hints"), (session, "reading"), (tutor, "hints")):
        monkeypatch.setattr(module, name, none)
    assert pressed(at_rest(), key) == replace(at_rest(), notice=says)
    assert "Error: there are no hints for 1.double: none" in CliRunner().invoke(tutor.hint, ["1.double"]).output


DONE = {"q": [Command.LEAVE], "xy": [Command.RESET]}
"""Keys that have something done."""
KEYS: list[tuple[int, tuple[str, ...], dict[str, Any]]] = [
    # next skips complete stages, and begins again at the first; when all is done it says so
    (2, ("n",), {"current": STAGES[3]}),
    (2, ("n" * (LAST - 2),), {}),
    (LAST - 1, ("n",), {"notice": "Every other stage is complete."}),
    (LAST, ("n",), {"notice": "Every stage is complete."}),
    # a digit goes to any stage, locked or not, also from the list, which other keys close
    (1, ("5", "l5"), {"current": STAGES[4]}),
    (1, ("l", "r l"), {"view": "stages"}),
    (1, (f"l{LAST + 1}", "l0", "l\r", "lz", "ll"), {}),
    # reset asks first: any key but y, also a command's, does nothing
    (0, ("x",), {"view": "reset"}),
    (0, ("xn", "xq", "x ", "xx"), {"notice": "Nothing was reset."}),
    # space and b turn pages, of which there are two here; another key closes them and does its own
    (0, ("r", "r  b", "r bb"), {"view": "reading"}),
    (0, ("r ", "r  "), {"view": "reading", "page": 1}),
    (0, ("r r", "p", *DONE), {}),
    # the solution is shown of a stage that is complete, and of no other
    (0, ("s", "rs"), {"notice": "The solution is shown when the stage is complete."}),
    (LAST, ("s", "s b"), {"view": "solution"}),
    (LAST, ("ss",), {}),
]
"""Stages that are complete, keys, and what each of these changes."""
EACH = [(done, keys, changes) for done, several, changes in KEYS for keys in several]


@pytest.mark.parametrize(("done", "keys", "changes"), EACH)
def test_keys(done: int, keys: str, changes: dict[str, Any]) -> None:
    """Each key changes what it is for, and nothing else."""
    state, commands = after(at_rest(done), *(Pressed(key, last_page=1) for key in keys))
    assert (state, commands) == (replace(at_rest(done), **changes), DONE.get(keys, []))


def test_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the course draws a stage's training, p draws; a complete one of these stages offers it, no other."""
    for module in (session, state):
        monkeypatch.setattr(module, "PLOTTED", (3, 6))
    assert after(at_rest(), Pressed("p"))[1] == [Command.PLOT]
    offering = [n for n in range(1, LAST + 1) if "p draws" in on_screen(pressed(at_rest(done=LAST), str(n)))]
    assert offering == [3, 6]
    assert "p draws" not in on_screen(pressed(at_rest(done=2), "3"))


BEYOND_NINE = {"l 1 2": 12, "l 2": 2, "l 1 \r": 1, "l 1 ": 1, "1": 1, "l 12": 12, "11": 11, "l 1 l 2": 2}
BEYOND_NINE |= dict.fromkeys(("l 1 3", "l x", "l 0"), 5)


@pytest.mark.parametrize(("keys", "stage"), BEYOND_NINE.items())
def test_stages_beyond_nine(keys: str, stage: int, put_stages: Callable[[Sequence[Stage]], None]) -> None:
    """In the list a number may have two digits: what it may go on to is waited for, or Enter."""
    state = pressed(at_rest(), "5")
    put_stages([replace(DOUBLE, number=n, name=f"stage{n}_x") for n in range(1, 13)])
    assert pressed(state, keys.split(" ")).current.number == stage
    assert pressed(state, "l1").notice == "Stage 1: Enter goes there, or another digit."


def test_run_all() -> None:
    """All are run again, the current one first."""
    state, commands = after(pressed(at_rest(), "4"), Pressed("a"))
    assert commands == [START]
    assert order(state) == [4, 1, 2, 3, 5, 6]


def test_the_end_of_input_waits_for_runs() -> None:
    """Without more keys, what is to be run is run, then the session ends; Ctrl-C ends it at once."""
    assert after(BEGIN, Ending.INTERRUPTED)[1] == [Command.LEAVE]
    state, commands = after(BEGIN, Ending.INPUT_ENDED)
    assert commands == []
    _, commands = after(state, FilesRead(STUBS), *(Finished(run(stage)) for stage in STAGES))
    assert commands == [START] * LAST + [Command.LEAVE]


def test_notices_go_with_the_next_key_or_save() -> None:
    """What was said stays until something else is done."""
    state, _ = after(at_rest(), Notice("a picture"))
    assert state.notice == "a picture"
    assert pressed(state, "l").notice == saved(state, 1)[0].notice == ""


def on_screen(state: State, signs: Signs = ASCII, columns: int = 100, brief: bool = False) -> str:
    """What the terminal shows, without colours."""
    console = Console(width=columns, record=True, file=None, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(page(state, signs, columns, brief))
    return captured.get()


def half_right() -> State:
    """Stage 1 with a wrong second task, which printed much."""
    return ended(at_rest(), run(DOUBLE, "passed", "failed", printed="\n".join(map(str, range(20)))))


def no_file() -> State:
    """Stage 1 without its file."""
    tests = tuple(Ended(task, task, 0.0, 5.0, "not written", "no file") for task in DOUBLE.tasks)
    return after(at_rest(), FilesRead({**STUBS, DOUBLE.name: None}), Finished(Run(tests)))[0]


@pytest.mark.parametrize(
    ("state", "texts"),
    [
        (half_right, ("Stage 1 of 6: doubling", "exercises/stage1_double.py")),
        (half_right, ("✗ both ", "0 of 5", "✓ double ", "5 of 5")),
        (half_right, (" both: The rule of both.\n", "   both is failed\n")),
        (half_right, ("█░", " 5 of 10 points", "Data drawn with seed 7.")),
        (half_right, ("12 lines before", "│ 19")),
        (no_file, ("no file: x writes its stub.",)),
        (lambda: pressed(no_file(), "x"), ("stage1_double.py is missing. Write the stub there?",)),
        (lambda: ended(at_rest(), Run(failure="no suites")), ("The kit itself failed", "\n   no suites")),
        (lambda: at_rest(done=LAST), ("All stages are complete.",)),
        (lambda: pressed(at_rest(), "?"), (" 1-2  the stage of this number",)),
    ],
)
def test_the_screen(state: Callable[[], State], texts: tuple[str, ...]) -> None:
    """What is shown: tests, the first failure by its rule and message, the bar of all points, what to do next."""
    text = "\n".join(line.rstrip() for line in on_screen(state(), Signs()).splitlines())
    assert [each for each in texts if each not in text] == []


def test_other_terminals() -> None:
    """A terminal may lack the characters, room for a list of single tests, or width."""
    whole = on_screen(half_right())
    assert whole.replace("…", "").isascii()
    assert len(on_screen(half_right(), brief=True).splitlines()) < len(whole.splitlines())
    assert all(len(line) <= 30 for line in on_screen(half_right(), columns=30).splitlines())


@pytest.mark.parametrize("columns", [40, 80])
def test_the_bar_fits(columns: int) -> None:
    """The points stand beside the bar, on however narrow a terminal."""
    [bar] = [line for line in on_screen(half_right(), columns=columns).splitlines() if line.startswith("##")]
    assert bar.rstrip().endswith(". 5 of 10 points") and len(bar) <= columns


@pytest.mark.parametrize("state", [half_right, no_file, *(lambda k=k: pressed(half_right(), k) for k in "hlx?n")])
def test_every_background_bears_the_colours(state: Callable[[], State]) -> None:
    """Signs alone are coloured, red or green; all else is plain, bold, dim or underlined."""
    drawn = "\n".join(screen._lines_of(page(state(), Signs(), 80), 80))
    codes = {code for run in re.findall(r"\x1b\[([\d;]*)m", drawn) for code in run.split(";")}
    assert codes <= {"0", "1", "2", "4", "31", "32"}
    assert all(set(text) <= set("✓✗█ ") for text in re.findall(r"\x1b\[(?:1;)?3[12]m([^\x1b]*)", drawn))


def test_a_page_of_reading_bears_every_background() -> None:
    """The same holds for a page of reading and for hints, as far as rich's Markdown has colours."""
    text = "# A\n\n## B\n\n### C\n\n1. `code`\n\n- a [link](https://example.org)\n\n    block\n"
    drawn = "\n".join(screen._lines_of(Page(text), 80))
    codes = {code for run in re.findall(r"\x1b\[([\d;]*)m", drawn) for code in run.split(";")}
    assert {"1"} < codes <= {"0", "1", "2", "3", "4"}


def test_a_complete_stage_beside_its_solution() -> None:
    """Task by task the learner's code and the solution's, as text; what was made in another way is not shown."""
    own = "import numpy as np\n\n\ndef double(x):\n    # mine\n    return 2 * x\n\n\nboth = lambda x: x\n"
    state = after(at_rest(done=LAST), FilesRead({**STUBS, DOUBLE.name: own}), Finished(run(DOUBLE)))[0]
    shown = lines.view_lines(pressed(state, "1s"))
    at = shown.index("## double")
    assert shown[at + 2] == "Yours:" and "    # mine" in shown[at:] and "### BEGIN SOLUTION" not in shown
    assert shown.index("    return 2 * x") < shown.index("    return x + x") < shown.index("## both")
    assert "It has another name, or is made in another way." in shown[shown.index("## both") :]


def test_plain_lines_use_words_alone() -> None:
    """Lines for a screen reader say in words what the screen shows by signs."""
    shown = lines.view_lines(half_right())
    assert {"double: 5 of 5 points.", "both: 0 of 5 points."} <= set(shown)
    assert not set("✓✗█░│·") & set("".join(shown))
    listed = lines.view_lines(pressed(half_right(), "l"))
    assert "Stage 3, slopes: not written yet, comes later." in listed


def test_lines_come_while_known_mistakes_are_run(capsys: pytest.CaptureFixture[str]) -> None:
    """What these print goes nowhere, and takes nothing along that the session says."""
    terminal = lines.Lines()
    with contextlib.redirect_stdout(io.StringIO()):
        terminal.show(half_right())
    assert "both: 0 of 5 points." in capsys.readouterr().out


def test_a_hint_is_all_that_is_new(capsys: pytest.CaptureFixture[str]) -> None:
    """Asked for a hint, lines hold the hint and nothing that was read out before it."""
    terminal = lines.Lines()
    terminal.show(half_right())
    assert "both: 0 of 5 points." in capsys.readouterr().out
    terminal.show(pressed(half_right(), "h"))
    title, *rest = capsys.readouterr().out.splitlines()
    assert title == "Hint 1 of 3 for both: A question." and rest
    assert not any("points" in line for line in rest)


def test_warnings_of_the_reference_are_not_the_learners_output() -> None:
    """What the reference's own lines warn of is left out of what the learner's code printed."""
    printed = "mine\nreference stage1_double.py:28: RuntimeWarning: overflow\n  return x\nmine too\n"
    assert words.printed(Run(printed=printed)) == ["mine", "mine too"]
