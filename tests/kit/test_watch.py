"""A session of watch mode as data: what an event makes of it, and how it reads; no process, file or terminal."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from click.testing import CliRunner
from rich.console import Console

from grader.course.catalogue import STAGES, Stage
from grader.judging.rendering import ASCII, Signs
from grader.judging.results import TestResult as Ended
from grader.learner import tutor
from grader.learner.watch import lines, session, state, words
from grader.learner.watch.screen import page
from grader.learner.watch.session import Command, Ending, Event, FilesRead, Finished, Notice, Pressed, update
from grader.learner.watch.state import Run, State
from grader.outside.verdicts import Outcome

STUBS = {stage.name: "stub" for stage in STAGES}
BEGIN = State(7, "exercises")
LAST = len(STAGES)
START = Command.START


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
    """What is there decides where the learner is: the first stage that is not complete."""
    state, commands = after(BEGIN, FilesRead(STUBS))
    assert (state.running, commands) == (STAGES[0], [START])
    for stage in STAGES[:2]:
        state, commands = after(state, Finished(run(stage)))
        assert state.running == state.current == STAGES[stage.number]
        assert commands == [START]
    assert at_rest(done=2).current == STAGES[2]
    assert at_rest(done=LAST).current == STAGES[-1]


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
    state, _ = saved(saved(at_rest(), 1)[0], 1)
    state, commands = after(state, Finished(run(STAGES[0])))
    assert not state.run.complete
    assert (state.running, commands) == (STAGES[0], [START])
    assert after(state, Finished(run(STAGES[0])))[0].run.complete


def test_stages_that_use_what_was_saved_are_run_after_it() -> None:
    """A later stage that takes a helper of the learner's own from a saved one runs too, so the bar is right."""
    state, _ = saved(at_rest(done=LAST), 3)
    state, _ = after(state, Finished(run(STAGES[2], uses=("stage1_relu",))))
    state, _ = saved(state, 1)
    assert state.current == STAGES[0]
    assert order(state) == [1, 3]


def test_the_task_to_work_at() -> None:
    """What is wrong comes before what is not written; hints are for that task."""
    state = pressed(at_rest(), "2")
    assert state.to_fix is not None and state.to_fix.task == "affine"
    wrong = {**state.runs, "stage2_forward": run(STAGES[1], "passed", "not written", "failed")}
    state = replace(state, runs=wrong)
    assert state.to_fix is not None and state.to_fix.task == "loss"
    assert pressed(state, "h").hints == {("stage2_forward", "loss"): 1}


def test_hints_come_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each press shows one level more, three in all, and they stay until the task is done."""
    monkeypatch.setattr(words, "hints_of", lambda stage, task: (f"1 {task}", f"2 {task}", f"3 {task}"))
    state = at_rest()
    for level in range(1, 4):
        state = pressed(state, "h")
        shown = list(words.hints(state))
        assert [text for _, text in shown] == [f"{number} relu" for number in range(1, level + 1)]
        assert shown[0][0] == "Hint 1 of 3 for relu: A question"
    state = pressed(state, "h")
    assert "all the hints for relu" in state.notice
    state = ended(state, run(STAGES[0], "passed", "failed"))
    assert list(words.hints(state)) == []
    assert pressed(ended(state, run(STAGES[0])), "h").notice == "This stage is complete."


@pytest.mark.parametrize(
    ("key", "says"), [("h", "There are no hints for relu: none."), ("r", "There is no reading here: none.")]
)
def test_a_course_may_lack_hints_and_pages(key: str, says: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """That there is none is said in a sentence, and nothing else changes."""

    def none(*_: object) -> None:
        raise ValueError("none")

    monkeypatch.setattr(session, "hints", none)
    monkeypatch.setattr(session, "reading", none)
    assert pressed(at_rest(), key) == replace(at_rest(), notice=says)
    monkeypatch.setattr(tutor, "hints", none)
    assert "Error: there are no hints for 1.relu: none" in CliRunner().invoke(tutor.hint, ["1.relu"]).output


def test_next_goes_to_what_is_not_complete() -> None:
    """Next skips complete stages, and begins again at the first; when all is done it says so."""
    state = at_rest(done=2)
    assert pressed(state, "n").current == STAGES[3]
    assert pressed(state, "n" * (LAST - 2)).current == STAGES[2]
    assert pressed(at_rest(done=LAST - 1), "n").notice == "Every other stage is complete."
    assert pressed(at_rest(done=LAST), "n").notice == "Every stage is complete."


def test_any_stage_can_be_gone_to() -> None:
    """Stages unlock in order, but a digit goes to any, also from the list, which other keys close."""
    state = pressed(at_rest(done=1), "l")
    assert state.view == "stages"
    assert state.is_unlocked(STAGES[1]) and not state.is_unlocked(STAGES[2])
    assert (after(state, Pressed("5"))) == (replace(state, view="tests", current=STAGES[4]), [])
    for key in (str(LAST + 1), "0", "\r", "z", "l"):
        assert pressed(state, key) == replace(state, view="tests")


BEYOND_NINE = {"l 1 2": 12, "l 2": 2, "l 1 \r": 1, "l 1 ": 1, "1": 1, "l 12": 12, "11": 11, "l 1 l 2": 2}
"""Keys in the list of twelve stages, and where they go."""


@pytest.mark.parametrize(
    ("keys", "stage"), [*BEYOND_NINE.items(), *dict.fromkeys(("l 1 3", "l x", "l 0"), 5).items()]
)
def test_stages_beyond_nine(keys: str, stage: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the list a number may have two digits: what it may go on to is waited for, or Enter."""
    state = pressed(at_rest(), "5")
    many = tuple(replace(STAGES[0], number=n, name=f"stage{n}_x") for n in range(1, 13))
    monkeypatch.setattr(session, "STAGES", many)
    monkeypatch.setattr(session, "NUMBERS", {str(stage.number): stage for stage in many})
    assert pressed(state, keys.split(" ")).current.number == stage
    assert pressed(state, "l1").notice == "Stage 1: Enter goes there, or another digit."


def test_reset_asks_first() -> None:
    """Only y resets; any other key, also a command's, does nothing."""
    asking = pressed(at_rest(), "x")
    assert asking.view == "reset"
    for key in "nq x":
        assert after(asking, Pressed(key)) == (replace(asking, view="tests", notice="Nothing was reset."), [])
    assert after(asking, Pressed("y"))[1] == [Command.RESET]


def test_reading_is_turned_by_pages() -> None:
    """Space and b turn pages, within the pages that there are; another key closes it and does its own."""
    state = pressed(at_rest(), "r")
    pages = []
    for key in "  bb":
        state, _ = after(state, Pressed(key, last_page=1))
        pages.append(state.page)
    assert pages == [1, 1, 0, 0]
    assert pressed(state, "r").view == "tests"
    assert pressed(state, "l").view == "stages"


def test_keys_that_command(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys whose work is done at the edge; that for pictures is one where the course has any."""
    assert after(at_rest(), Pressed("q"))[1] == [Command.LEAVE]
    for plotted, commands in (((3,), [Command.PLOT]), ((), [])):
        monkeypatch.setattr(session, "PLOTTED", plotted)
        assert after(at_rest(), Pressed("p"))[1] == commands


def test_run_all() -> None:
    """All are run again, the current one first."""
    state, commands = after(pressed(at_rest(), "4"), Pressed("a"))
    assert commands == [START]
    assert order(state) == [4, *(stage.number for stage in STAGES if stage.number != 4)]


def test_the_end_of_input_waits_for_runs() -> None:
    """Without more keys, what is to be run is run, then the session ends; Ctrl-C ends it at once."""
    state, commands = after(BEGIN, Ending.INPUT_ENDED)
    assert commands == []
    state, _ = after(state, FilesRead(STUBS))
    for stage in STAGES:
        assert Command.LEAVE not in commands
        state, commands = after(state, Finished(run(stage)))
    assert commands == [Command.LEAVE]
    assert after(BEGIN, Ending.INTERRUPTED)[1] == [Command.LEAVE]


def test_notices_go_with_the_next_key_or_save() -> None:
    """What was said stays until something else is done."""
    state, _ = after(at_rest(), Notice("a picture"))
    assert state.notice == "a picture"
    assert pressed(state, "l").notice == saved(state, 1)[0].notice == ""


def on_screen(state: State, signs: Signs = ASCII, columns: int = 100, brief: bool = False) -> str:
    """What the terminal shows, without colours."""
    console = Console(width=columns, record=True, file=None, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(page(state, signs, brief))
    return captured.get()


HALF_RIGHT = ended(at_rest(), run(STAGES[0], "passed", "failed", printed="\n".join(map(str, range(20)))))
"""Stage 1 with a wrong relu_grad."""
NO_FILE, _ = after(
    at_rest(),
    FilesRead({**STUBS, "stage1_relu": None}),
    Finished(Run(tuple(Ended(task, task, 0.0, 5.0, "not written", "no file") for task in STAGES[0].tasks))),
)
SHOWN = {
    "stage": (HALF_RIGHT, "Stage 1 of 6: ReLU", "exercises/stage1_relu.py"),
    "points": (HALF_RIGHT, "✗ relu_grad ", "0 of 5", "✓ relu ", "5 of 5"),
    "failure": (HALF_RIGHT, " relu_grad: The rule of relu_grad.\n", "   relu_grad is failed\n"),
    "bar": (HALF_RIGHT, "█░", " 5 of 100 points", "Data drawn with seed 7."),
    "printed": (HALF_RIGHT, "12 lines before", "│ 19"),
    "no file": (NO_FILE, "no file: x writes its stub."),
    "no file, reset": (pressed(NO_FILE, "x"), "stage1_relu.py is missing. Write the stub there?"),
    "kit": (ended(at_rest(), Run(failure="no suites")), "The kit itself failed", "\n   no suites"),
    "all": (at_rest(done=LAST), "All stages are complete."),
    "keys": (pressed(at_rest(), "?"), f" 1-{LAST}  the stage of this number"),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
def test_the_screen(name: str) -> None:
    """What is shown: tests, the first failure by its rule and message, the bar of all points, what to do next."""
    state, *texts = SHOWN[name]
    text = "\n".join(line.rstrip() for line in on_screen(state, Signs()).splitlines())
    assert [each for each in texts if each not in text] == []


def test_other_terminals() -> None:
    """A terminal may lack the characters, room for a list of single tests, or width."""
    assert on_screen(HALF_RIGHT).replace("…", "").isascii()
    assert len(on_screen(HALF_RIGHT, brief=True).splitlines()) < len(on_screen(HALF_RIGHT).splitlines())
    assert all(len(line) <= 30 for line in on_screen(HALF_RIGHT, columns=30).splitlines())


def test_plain_lines_use_words_alone() -> None:
    """Lines for a screen reader say in words what the screen shows by signs."""
    shown = lines.view_lines(HALF_RIGHT)
    assert "relu: 5 of 5 points." in shown
    assert "relu_grad: 0 of 5 points." in shown
    assert not set("✓✗█░│·") & set("".join(shown))
    listed = lines.view_lines(pressed(HALF_RIGHT, "l"))
    assert "Stage 3, backward pass and training: not written yet, comes later." in listed


def test_training_offers_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """A complete stage whose training the course draws offers the pictures; no other stage does."""
    monkeypatch.setattr(state, "PLOTTED", (3, 6))
    offering = [n for n in range(1, LAST + 1) if "p draws" in on_screen(pressed(at_rest(done=LAST), str(n)))]
    assert offering == [3, 6]
    assert "p draws" not in on_screen(pressed(at_rest(done=2), "3"))


def test_warnings_of_the_reference_are_not_the_learners_output() -> None:
    """What the reference's own lines warn of is left out of what the learner's code printed."""
    printed = "mine\nreference stage2_forward.py:53: RuntimeWarning: overflow\n  return x\nmine too\n"
    assert words.printed(Run(printed=printed)) == ["mine", "mine too"]
