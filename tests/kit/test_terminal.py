"""What a learner sees in a terminal of 80 columns, and what `--full` shows."""

from pathlib import Path

import pytest
from learners_modules import DOUBLE, SLOPE, save, solution
from processes import run_python

from grader.course.catalogue import Stage
from grader.course.location import EXERCISES

FULL = "1 doubling ████████████████████    6 of 6\n"


def shown(*arguments: str | Path) -> str:
    """What pytest prints."""
    done = run_python("-m", "pytest", "--seed", "5", *arguments)
    assert all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout
    return done.stdout


def test_fresh_stubs() -> None:
    """On fresh stubs each stage says in a line or two what is to be written, and nothing else."""
    text = shown("--impl", EXERCISES)
    assert "1 doubling ░░░░░░░░░░░░░░░░░░░░    0 of 6\n" in text
    assert text.count("    not written yet\n") == 2
    assert "0 of 10 points\n" in text
    assert len(text.splitlines()) == 7


def test_half_finished(modules: Path) -> None:
    """A half-finished exercise sees its full bars, its points and what is next."""
    stub = (EXERCISES / SLOPE.file).read_text(encoding="utf-8")
    at = "class Doubler"
    save(modules, SLOPE, solution(SLOPE).partition(at)[0] + at + stub.partition(at)[2])
    text = shown("--impl", modules)
    assert f"{FULL}2 slopes   ██████████░░░░░░░░░░    2 of 4\n" in text
    assert "    not written yet: Doubler, train\n" in text
    assert "8 of 10 points\n" in text


def test_the_first_thing_to_fix(modules: Path) -> None:
    """A wrong function is shown by its rule, the call, what was expected and what came; no traceback."""
    save(modules, DOUBLE, solution(DOUBLE, "return x + x", "return x / 0.0 + undefined"))
    text = shown("--impl", modules, DOUBLE.suite)
    assert "    double: double(x) is 2·x for each element, in an array of the same shape.\n" in text
    assert "      double raised NameError: name 'undefined' is not defined" in text
    assert "(stage1_double.py, line " in text.replace("\n       ", "")
    assert "and 3 more to fix after it" in text
    assert "Traceback (" not in text and "grader" not in text


@pytest.mark.parametrize(
    ("option", "stage", "right", "wrong", "task"),
    [
        ("-x", DOUBLE, "double(pair.b))", "pair.b)", "both"),
        ("--maxfail=1", SLOPE, "leaf.grad.numpy()", "leaf.grad.numpy() + 1", "slope"),
    ],
)
def test_a_run_that_is_stopped(
    option: str, stage: Stage, right: str, wrong: str, task: str, modules: Path
) -> None:
    """The failure that stopped the run is shown, once, like any other, after what is complete; nothing more."""
    save(modules, stage, solution(stage, right, wrong))
    text = shown(option, "--impl", modules)
    assert (FULL in text) is ("\n2 slopes " in text) is (stage == SLOPE)
    assert text.count(f"{stage.number} {stage.title} ") == 1
    assert f"    {task}: " in text
    assert "expected" in text


def test_full_output_shows_the_learners_traceback(modules: Path) -> None:
    """`--full` is pytest's own output, with the learner's line in the traceback."""
    save(modules, DOUBLE, solution(DOUBLE, "return Pair(double(pair.a), double(pair.b))", "return undefined"))
    done = run_python("-m", "pytest", "--full", "--impl", modules, DOUBLE.suite)
    for text in ("=== FAILURES ===", "return undefined", "1 failed, 3 passed"):
        assert text in done.stdout


def test_a_single_test_can_be_asked_for(modules: Path) -> None:
    """One task, chosen by -k, is shown with its own points."""
    assert "2 of 2 points\n" in shown("--impl", modules, "-k", "TestBoth", DOUBLE.suite)


def test_the_seed_is_printed_and_draws_the_same(modules: Path) -> None:
    """A run prints its seed, and the seed gives the same messages again."""
    save(modules, DOUBLE, solution(DOUBLE, "x + x", "x - 5"))
    run = ("-m", "pytest", "--impl", modules, DOUBLE.suite)
    first = run_python(*run).stdout
    seed = first.rpartition("pytest --seed ")[2].split()[0]
    assert "got" in first
    assert run_python(*run, "--seed", seed).stdout == first


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--impl", "no/such/folder"), "there is no such folder"),
        (("--seed", "-1"), "--seed must be 0 or more"),
        (("--seed", "x"), "invalid int value"),
        (("tests/no_such_test.py",), "file or directory not found: tests/no_such_test.py"),
    ],
)
def test_wrong_options(arguments: tuple[str, ...], says: str) -> None:
    """A wrong option is told in a sentence."""
    done = run_python("-m", "pytest", *arguments)
    assert done.returncode == 4
    assert says in done.stderr


def test_a_terminal_without_blocks(modules: Path) -> None:
    """Where the terminal's encoding lacks the characters, plain ones stand in."""
    script = "import pytest, sys; sys.stdout.reconfigure(encoding='ascii'); pytest.main(sys.argv[1:])"
    assert FULL.replace("█", "#") in run_python("-c", script, "--impl", modules, DOUBLE.suite).stdout
