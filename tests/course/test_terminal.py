"""What a learner sees in a terminal of 80 columns, and what `--full` shows."""

from pathlib import Path

import pytest
from sample_cohort import edited, half_finished, solutions
from test_suites import run_python

from grader.course.location import EXERCISES, TESTS


def folder_of(files: dict[str, bytes], folder: Path) -> Path:
    """A folder with these files."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def shown(*arguments: str | Path) -> str:
    """What pytest prints."""
    done = run_python("-m", "pytest", "--seed", "5", *arguments)
    assert all(len(line) <= 80 for line in done.stdout.splitlines()), done.stdout
    return done.stdout


def test_fresh_stubs() -> None:
    """On fresh stubs each stage says in a line or two what is to be written, and nothing else."""
    text = shown("--impl", EXERCISES)
    assert "1 ReLU                       ░░░░░░░░░░░░░░░░░░░░    0 of 10\n" in text
    assert text.count("    not written yet\n") == 6
    assert "0 of 100 points\n" in text
    assert len(text.splitlines()) == 15


def test_half_finished(tmp_path: Path) -> None:
    """A half-finished exercise sees its full bars, its points and what is next."""
    text = shown("--impl", folder_of(half_finished(), tmp_path))
    assert "2 forward pass               ████████████████████   15 of 15\n" in text
    assert "3 backward pass and training ██████░░░░░░░░░░░░░░    8 of 25\n" in text
    assert "    not written yet: numerical_grad, gradient_check, sgd_step, train\n" in text
    assert "33 of 100 points\n" in text


def test_the_first_thing_to_fix(tmp_path: Path) -> None:
    """A wrong function is shown by its rule, the call, what was expected and what came; no traceback."""
    files = edited((1, "(a > 0)", "(a >= 0)"), (1, "np.maximum(a, 0)", "np.maximum(a, 0) / 0.0 + undefined"))()
    text = shown("--impl", folder_of(files, tmp_path), TESTS / "test_stage1_relu.py")
    assert "    relu: relu(a) is max(0, a) for each element, in an array of the same shape.\n" in text
    assert "      relu raised NameError: name 'undefined' is not defined" in text
    assert "(stage1_relu.py, line " in text.replace("\n       ", "")
    assert "and 4 more to fix after it" in text
    assert "Traceback (" not in text and "grader" not in text


@pytest.mark.parametrize("option", ["-x", "--maxfail=1"])
def test_a_run_that_is_stopped_shows_the_failure(option: str, tmp_path: Path) -> None:
    """With `-x` the failure that stopped the run is shown, once, like any other."""
    files = edited((2, "x @ W.T + b", "x @ W.T - b"))()
    text = shown(option, "--impl", folder_of(files, tmp_path))
    assert "1 ReLU                       ████████████████████   10 of 10\n" in text
    assert text.count("\n2 forward pass ") == 1
    assert "    affine: " in text
    assert "expected" in text
    assert "3 backward" not in text


def test_full_output_shows_the_learners_traceback(tmp_path: Path) -> None:
    """`--full` is pytest's own output, with the learner's line in the traceback."""
    files = edited((1, "np.maximum(a, 0)", "undefined"))()
    done = run_python(
        "-m", "pytest", "--full", "--impl", folder_of(files, tmp_path), TESTS / "test_stage1_relu.py"
    )
    assert "=== FAILURES ===" in done.stdout
    assert "return undefined" in done.stdout
    assert "4 failed, 5 passed" in done.stdout


def test_a_single_test_can_be_asked_for(tmp_path: Path) -> None:
    """One task, chosen by -k, is shown with its own points."""
    text = shown("--impl", folder_of(solutions(), tmp_path), "-k", "TestReluGrad", TESTS / "test_stage1_relu.py")
    assert "5 of 5 points\n" in text


def test_the_seed_is_printed_and_draws_the_same(tmp_path: Path) -> None:
    """A run prints its seed, and the seed gives the same messages again."""
    folder = folder_of(edited((2, "x @ W.T + b", "x @ W.T - b"))(), tmp_path)
    suite = TESTS / "test_stage2_forward.py"
    first = run_python("-m", "pytest", "--impl", folder, suite).stdout
    seed = first.rpartition("pytest --seed ")[2].split()[0]
    again = run_python("-m", "pytest", "--impl", folder, suite, "--seed", seed).stdout
    assert first == again


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


def test_a_terminal_without_blocks(tmp_path: Path) -> None:
    """Where the terminal's encoding lacks the characters, plain ones stand in."""
    script = "import pytest, sys; sys.stdout.reconfigure(encoding='ascii'); pytest.main(sys.argv[1:])"
    suite = TESTS / "test_stage1_relu.py"
    done = run_python("-c", script, "--impl", folder_of(solutions(), tmp_path), suite)
    assert "1 ReLU                       ####################   10 of 10" in done.stdout
