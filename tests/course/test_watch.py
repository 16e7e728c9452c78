"""A session of watch mode as data: what an event makes of it, and how it reads; no process, file or terminal."""

from dataclasses import replace

import pytest
from rich.console import Console

from grader.course.catalogue import STAGES, Stage
from grader.judging.results import TestResult as Ended
from grader.learner.watch import plain, words
from grader.learner.watch.screen import ASCII, Look, page
from grader.learner.watch.session import (
    Command,
    Event,
    Finished,
    InputEnded,
    Interrupted,
    Leave,
    Plot,
    Pressed,
    Reset,
    Saw,
    Start,
    Stop,
    Told,
    update,
)
from grader.learner.watch.state import Run, State
from grader.outside.verdicts import Outcome

STUBS = {stage.name: "stub" for stage in STAGES}
SESSION = words.Session(
    7, "exercises", lambda stage, task: (f"1 {task}", f"2 {task}", f"3 {task}"), lambda stage: "page"
)


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
    state, _ = after(State(), Saw(STUBS))
    for stage in STAGES:
        ends: list[Outcome] = [] if stage.number <= done else ["not written"] * len(stage.tasks)
        state, _ = after(state, Finished(run(stage, *ends)))
    assert state.running is None
    return state


def pressed(state: State, keys: str) -> State:
    """The state after these keys."""
    return after(state, *map(Pressed, keys))[0]


def saved(state: State, *numbers: int) -> tuple[State, list[Command]]:
    """What comes of saving these stages at once, each as a text that it never was before."""
    new = {STAGES[n - 1].name: f"{state.sources[STAGES[n - 1].name]}+" for n in numbers}
    return after(state, Saw({**state.sources, **new}))


def test_at_first_every_stage_is_run_in_order() -> None:
    """What is there decides where the learner is: the first stage that is not complete."""
    state, commands = after(State(), Saw(STUBS))
    assert commands == [Start(STAGES[0], STUBS)]
    for stage in STAGES[:2]:
        state, commands = after(state, Finished(run(stage)))
        assert commands == [Start(STAGES[stage.number], STUBS)]
        assert state.current == STAGES[stage.number]
    assert at_rest(done=2).current == STAGES[2]
    assert at_rest(done=6).current == STAGES[5]


def test_a_save_runs_that_stage_alone() -> None:
    """Only what changed is run, on what was saved."""
    state, commands = saved(at_rest(), 1)
    assert commands == [Start(STAGES[0], state.sources)]
    assert after(state, Finished(run(STAGES[0])))[1] == []


def test_what_did_not_change_is_not_run() -> None:
    """An event without a change of any module is none."""
    state = at_rest()
    assert after(state, Saw(state.sources)) == (state, [])


def test_several_saves_at_once() -> None:
    """Of several files saved at once the current one runs first, and stays current; the others follow in order."""
    state, commands = saved(pressed(at_rest(), "3"), 1, 3, 2)
    order = [command.stage.number for command in commands if isinstance(command, Start)]
    for _ in range(2):
        state, commands = after(state, Finished(run(state.running or STAGES[0])))
        order += [command.stage.number for command in commands if isinstance(command, Start)]
    assert order == [3, 1, 2]
    assert state.current == STAGES[2]


def test_the_learner_is_where_they_save() -> None:
    """Saving another stage than the current one goes there."""
    assert saved(at_rest(), 4)[0].current == STAGES[3]


def test_a_save_ends_the_run_under_way() -> None:
    """The run is stopped, what it says no longer counts, and it begins anew."""
    state, _ = saved(at_rest(), 1)
    state, commands = saved(state, 1)
    assert commands == [Stop()]
    state, commands = after(state, Finished(run(STAGES[0])))
    assert not state.run.complete
    assert commands == [Start(STAGES[0], state.sources)]
    state, _ = after(state, Finished(run(STAGES[0])))
    assert state.run.complete


def test_a_stopped_run_of_another_stage_goes_on_later() -> None:
    """A save while another stage runs comes first, then the other begins again."""
    state, _ = saved(at_rest(), 6)
    state, _ = saved(state, 1)
    state, commands = after(state, Finished(None))
    assert [command.stage.number for command in commands if isinstance(command, Start)] == [1]
    state, commands = after(state, Finished(run(STAGES[0])))
    assert [command.stage.number for command in commands if isinstance(command, Start)] == [6]


def test_stages_that_use_what_was_saved_are_run_after_it() -> None:
    """A later stage that takes a helper of the learner's own from a saved one runs too, so the bar is right."""
    state = at_rest(done=6)
    state, _ = saved(state, 3)
    state, _ = after(state, Finished(run(STAGES[2], uses=("stage1_relu",))))
    state, _ = saved(state, 1)
    state, commands = after(state, Finished(run(STAGES[0])))
    assert [command.stage.number for command in commands if isinstance(command, Start)] == [3]
    assert state.current == STAGES[0]


def test_the_task_to_work_at() -> None:
    """What is wrong comes before what is not written; hints are for that task."""
    state, _ = after(at_rest(), *[Pressed("2")])
    assert state.to_fix is not None and state.to_fix.task == "affine"
    wrong = {**state.runs, "stage2_forward": run(STAGES[1], "passed", "not written", "failed")}
    state = replace(state, runs=wrong)
    assert state.to_fix is not None and state.to_fix.task == "loss"
    assert pressed(state, "h").hints == {("stage2_forward", "loss"): 1}


def test_hints_come_one_by_one() -> None:
    """Each press shows one level more, three in all, and they stay until the task is done."""
    state = at_rest()
    for level in range(1, 4):
        state = pressed(state, "h")
        shown = list(words.hints(state, SESSION))
        assert [text for _, text in shown] == [f"{number} relu" for number in range(1, level + 1)]
        assert shown[0][0] == "Hint 1 of 3 for relu: A question"
    state = pressed(state, "h")
    assert "all the hints for relu" in state.notice
    state, _ = after(*saved(state, 1)[:1], Finished(run(STAGES[0], "passed", "failed")))
    assert list(words.hints(state, SESSION)) == []
    state, _ = after(*saved(state, 1)[:1], Finished(run(STAGES[0])))
    assert pressed(state, "h").notice == "This stage is complete."


def test_next_goes_to_what_is_not_complete() -> None:
    """Next skips complete stages, and begins again at the first; when all is done it says so."""
    state = at_rest(done=2)
    assert pressed(state, "n").current == STAGES[3]
    assert pressed(state, "nnnn").current == STAGES[2]
    assert pressed(at_rest(done=5), "n").notice == "Every other stage is complete."
    assert pressed(at_rest(done=6), "n").notice == "Every stage is complete."


def test_any_stage_can_be_gone_to() -> None:
    """Stages unlock in order, but a digit goes to any, also from the list."""
    state = pressed(at_rest(done=1), "l")
    assert state.view == "stages"
    assert state.is_unlocked(STAGES[1]) and not state.is_unlocked(STAGES[2])
    state = pressed(state, "5")
    assert (state.view, state.current) == ("tests", STAGES[4])


def test_reset_asks_first() -> None:
    """Only y resets; any other key, also a command's, does nothing."""
    asking = pressed(at_rest(), "x")
    assert asking.view == "reset"
    for key in "nq x":
        state, commands = after(asking, Pressed(key))
        assert (commands, state.view, state.current) == ([], "tests", asking.current)
        assert state.notice == "Nothing was reset."
    assert after(asking, Pressed("y"))[1] == [Reset(STAGES[0])]


def test_reading_is_turned_by_pages() -> None:
    """Space and b turn pages, within the pages that there are; another key closes it and does its own."""
    state = pressed(at_rest(), "r")
    turn, back = Pressed(" ", last_page=1), Pressed("b", last_page=1)
    pages = []
    for event in (turn, turn, back, back):
        state, _ = after(state, event)
        pages.append(state.page)
    assert pages == [1, 1, 0, 0]
    assert pressed(state, "r").view == "tests"
    assert pressed(state, "l").view == "stages"


@pytest.mark.parametrize(("key", "command"), [("q", Leave()), ("p", Plot())])
def test_keys_that_command(key: str, command: Command) -> None:
    """Keys whose work is done at the edge."""
    assert after(at_rest(), Pressed(key))[1] == [command]


def test_run_all() -> None:
    """All six run again, the current one first."""
    state, commands = after(pressed(at_rest(), "4"), Pressed("a"))
    assert commands == [Start(STAGES[3], state.sources)]
    assert [stage.number for stage in state.waiting] == [1, 2, 3, 5, 6]


def test_the_end_of_input_waits_for_runs() -> None:
    """Without more keys, what is to be run is run, then the session ends; Ctrl-C ends it at once."""
    state, commands = after(State(), InputEnded())
    assert commands == []
    state, _ = after(state, Saw(STUBS))
    for stage in STAGES:
        assert Leave() not in commands
        state, commands = after(state, Finished(run(stage)))
    assert commands == [Leave()]
    assert after(State(), Interrupted())[1] == [Leave()]


def test_notices_go_with_the_next_key_or_save() -> None:
    """What was told stays until something else is done."""
    state, _ = after(at_rest(), Told("a picture"))
    assert state.notice == "a picture"
    assert pressed(state, "l").notice == ""
    assert saved(state, 1)[0].notice == ""


FANCY = Look()


def drawn(state: State, look: Look = FANCY, columns: int = 100, brief: bool = False) -> str:
    """What the terminal shows, without colours."""
    console = Console(width=columns, record=True, file=None, color_system=None, legacy_windows=False)
    with console.capture() as captured:
        console.print(page(state, SESSION, look, brief))
    return captured.get()


def half_right() -> State:
    """Stage 1 with a wrong relu_grad."""
    wrong = run(STAGES[0], "passed", "failed", printed="\n".join(map(str, range(20))))
    return after(*saved(at_rest(), 1)[:1], Finished(wrong))[0]


def test_the_verdict_shows_tests_failure_and_points() -> None:
    """The current stage's tests, the first failure with its rule and message, and the bar of 100 points."""
    text = drawn(half_right())
    for shown in ("Stage 1 of 6: ReLU", "exercises/stage1_relu.py", "✓ relu ", "5 of 5", "✗ relu_grad ", "0 of 5"):
        assert shown in text
    assert "relu_grad: The rule of relu_grad." in text
    assert "relu_grad is failed" in text
    assert "█░" in text and " 5 of 100 points" in text
    assert "12 lines before" in text and "│ 19" in text


def test_other_looks() -> None:
    """A terminal may lack the characters, room for a list of single tests, or width."""
    state = half_right()
    assert drawn(state, ASCII).replace("…", "").isascii()
    assert len(drawn(state, brief=True).splitlines()) < len(drawn(state).splitlines())
    assert all(len(line) <= 30 for line in drawn(state, columns=30).splitlines())


def test_plain_lines_use_words_alone() -> None:
    """Lines for a screen reader say in words what the screen shows by signs."""
    lines = plain.told(half_right(), SESSION)
    assert "relu: 5 of 5 points." in lines
    assert "relu_grad: 0 of 5 points." in lines
    assert not set("✓✗█░│·") & set("".join(lines))
    assert "Stage 3, backward pass and training: not written yet, comes later." in plain.told(
        pressed(half_right(), "l"), SESSION
    )


def test_a_missing_file_is_told_with_its_remedy() -> None:
    """A stage whose file was deleted says so, and which key brings the stub back."""
    state, _ = after(at_rest(), Saw({**STUBS, "stage1_relu": None}))
    missing = Run(
        tuple(Ended(task, task, 0.0, 5.0, "not written", "stage1_relu.py is missing") for task in STAGES[0].tasks)
    )
    state, _ = after(state, Finished(missing))
    assert "stage1_relu.py is missing: x writes its stub." in drawn(state)
    assert "Write the stub there?" in drawn(pressed(state, "x"))


def test_a_failure_of_the_kit_is_no_mistake_of_the_learner() -> None:
    """Where the kit fails, that is said, and the session goes on."""
    state, _ = after(*saved(at_rest(), 1)[:1], Finished(Run(failure="the suites cannot be collected")))
    assert "The kit itself failed" in drawn(state)
    assert "the suites cannot be collected" in drawn(state)


def test_training_offers_plots() -> None:
    """A right training task of stage 3 or 6 offers the pictures."""
    for number in (3, 6):
        assert "p draws" in drawn(pressed(at_rest(done=6), str(number)))
    assert "p draws" not in drawn(pressed(at_rest(done=6), "2"))


def test_warnings_of_the_reference_are_not_the_learners_output() -> None:
    """What the reference's own lines warn of is left out of what the learner's code printed."""
    printed = "mine\nreference stage2_forward.py:53: RuntimeWarning: overflow\n  return x\nmine too\n"
    assert words.printed(Run(printed=printed)) == ["mine", "mine too"]
