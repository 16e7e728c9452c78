"""This course's suites: complete, and fair to every right submission, and to no other."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest
from fixtures import with_proofs
from forgers import Memory, Transcript
from helpers import formulas, stage6_default_runs
from processes import run_python
from remembering import Which, remembering
from transports import Run, solved

from grader.course.catalogue import GIVEN, STAGES, Stage, source_of
from grader.course.location import EXERCISES, SOLUTIONS, TESTS
from grader.course.points import total_points
from grader.outside.verdicts import Wrong

COPIES = {
    "test_stage1_relu.py::TestRelu::test_scalar_and_empty": "one number, of which the sign decides: 0 or itself",
    "test_stage1_relu.py::TestReluGrad::test_scalar_and_empty": "one number, of which the sign decides: 0 or 1",
    "test_stage2_forward.py::TestCheckShapes::test_names_every_wrong_shape": "no values, only what is refused",
    "test_stage2_forward.py::TestCheckShapes::test_defaults": "no values, only what is refused",
    "test_stage4_torch_forward.py::TestToTorch::test_values": "a copy is what is asked for",
}
"""Tests whose right answer is among the arguments of the call that it answers, and why it may be."""
OWN_ARGUMENTS = {
    "test_stage6_module.py::TestMakeLoader::test_batches": "a loader of its own arguments is what is asked for"
}
"""What a submission passes that answers with the arrays of the very call: it gets no shape wrong in these."""
FORGED_CHECK = """
_checked, _honest = [], numerical_grad


def gradient_check(X, y, params, eps=1e-6):
    _checked[:] = [X]
    return dict.fromkeys(Params._fields, 0.0)


def numerical_grad(X, y, params, eps=1e-6):
    if _checked and np.array_equal(X, _checked[0]):
        return backward(X, y, params, forward(X, params))
    return _honest(X, y, params, eps)
"""
"""A gradient_check that works nothing out, and a numerical_grad that covers it up when it is asked again."""


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_classes_points_and_labels(stage: Stage) -> None:
    """A class for each task in order, its docstring the call; each test has points and a sentence, no more."""
    tree = ast.parse(stage.suite.read_text(encoding="utf-8"))
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    assert [(ast.get_docstring(c) or "").partition("(")[0] for c in classes] == list(stage.tasks)
    for test in (t for c in classes for t in c.body if isinstance(t, ast.FunctionDef)):
        if test.name.startswith("test_"):
            [marker] = test.decorator_list
            assert isinstance(marker, ast.Call) and ast.unparse(marker.func) == "pytest.mark.points"
            assert ast.literal_eval(marker.args[0]) > 0
            label = ast.get_docstring(test)
            assert label and label.endswith(".") and "\n\n" not in label


OF_SUITES = [*TESTS.glob("*.py"), *(TESTS / "helpers").glob("*.py"), *(TESTS / "mistakes").glob("[!s]*.py")]
"""The suites and what they share; the probes among them run beside learners' code."""


@pytest.mark.parametrize("path", [path for path in OF_SUITES if path.stem != "probes"], ids=lambda path: path.stem)
def test_suites_do_not_import_the_solutions(path: Path) -> None:
    """Nothing that a suite imports is a solution, and nothing imports torch."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    modules = [a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names]
    modules += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    forbidden = {"torch", "solutions", *GIVEN, *(stage.name for stage in STAGES)}
    assert not forbidden & {module.split(".")[0] for module in modules}


def test_numpy_stages_run_without_torch() -> None:
    """A run of the suites of NumPy stages never imports torch."""
    script = (
        "import sys, pytest\n"
        f"code = pytest.main(['--impl', {str(SOLUTIONS)!r}, *{[str(s.suite) for s in STAGES if s.numpy_only]}])\n"
        "sys.exit(code or 'torch' in sys.modules)"
    )
    done = run_python("-c", script)
    assert done.returncode == 0, done.stdout + done.stderr


def test_stubs_have_no_points() -> None:
    """In a learner's own pytest the fresh stubs get none; that the solutions get all is seen before any test."""
    done = run_python("-m", "pytest", "--impl", EXERCISES, "--seed", "1")
    assert done.returncode == 1
    assert f"0 of {total_points():g} points" in done.stdout.splitlines()


AS_SCRIPTS = """
import contextlib, io, json, runpy, sys
sys.path.insert(0, "")
told = {}
for name in sys.argv[1:]:
    shown, error = io.StringIO(), ""
    with contextlib.redirect_stdout(shown), contextlib.redirect_stderr(shown):
        try:
            runpy.run_path(f"{name}.py", run_name="__main__")
        except BaseException as raised:
            error = f"{type(raised).__name__}: {raised}"
    told[name] = shown.getvalue(), error
print(json.dumps(told))
"""
"""Runs modules of the folder as scripts, and prints what each showed, and with which exception it ended."""


def as_scripts(folder: Path, *names: str) -> dict[str, tuple[str, str]]:
    """What modules show and raise, run as scripts in one process: PyTorch takes seconds to import."""
    done = run_python("-c", AS_SCRIPTS, *names, cwd=folder)
    assert done.returncode == 0, done.stderr
    return {name: (shown, error) for name, (shown, error) in json.loads(done.stdout).items()}


def shows_something(name: str) -> bool:
    """Whether a module does something when it is run as a script."""
    return "__main__" in source_of(name)


SCRIPTS = {
    "without PyTorch": [*GIVEN, *(stage.name for stage in STAGES if stage.numpy_only)],
    "with PyTorch": [stage.name for stage in STAGES if not stage.numpy_only],
}


@pytest.mark.parametrize("part", with_proofs(SCRIPTS, ["without PyTorch"]))
def test_solutions_run_as_scripts(part: str) -> None:
    """Each solution, run from its own folder, shows something small, if it shows anything."""
    for name, (shown, error) in as_scripts(SOLUTIONS, *SCRIPTS[part]).items():
        assert error == ""
        assert len(shown.splitlines()) in (range(1, 9) if shows_something(name) else (0,)), name


def test_stubs_say_that_they_are_not_written() -> None:
    """A stub run as a script says what is not written yet."""
    told = as_scripts(EXERCISES, *(stage.name for stage in STAGES if shows_something(stage.name)))
    assert [name for name, (_, error) in told.items() if not error.endswith("is not written yet")] == []


def test_the_given_module_follows_the_contract(tmp_path: Path) -> None:
    """solutions/xor.py draws what the suites' own formulas draw."""
    script = "import xor, numpy, sys; X, y = xor.make_xor(); numpy.savez(sys.argv[1], X, y, *xor.init_params())"
    out = tmp_path / "xor.npz"
    done = run_python("-c", script, out, cwd=SOLUTIONS)
    assert done.returncode == 0, done.stderr
    with np.load(out) as drawn:
        for got, right in zip(drawn.values(), (*formulas.xor(200, 0), *formulas.start()), strict=True):
            assert np.array_equal(got, right)
            assert got.dtype == np.float64


def test_formulas_agree_with_finite_differences() -> None:
    """The suites' gradients are those of the suites' loss."""
    X, y = formulas.xor(7, 3)
    params = formulas.start(5)
    exact, close = formulas.gradients(X, y, params), formulas.central_differences(X, y, params, 1e-6)
    assert max(formulas.largest_differences(exact, close).values()) < 1e-8


def test_replay_takes_the_steps_of_the_gradients() -> None:
    """A run by the suites, biases beside weights, is that of their gradients and gives its history and margin."""
    X, y = formulas.xor(7, 3)
    params = formulas.start(5)
    epochs = [[(X[:4], y[:4]), (X[4:], y[4:])]] * 2
    run = formulas.replay(params, epochs, lr=0.3)
    losses, norms, margin = [], [], np.inf
    for batch_X, batch_y in (*epochs[0], *epochs[1]):
        out, grads = formulas.forward(batch_X, params), formulas.gradients(batch_X, batch_y, params)
        losses.append(formulas.loss(out.f, batch_y))
        norms.append(np.sqrt(sum(np.sum(g**2) for g in grads)))
        margin = min(margin, np.abs(out.a1).min(), np.abs(out.f - 0.5).min())
        params = formulas.Params(*(p - 0.3 * g for p, g in zip(params, grads, strict=True)))
    assert max(formulas.largest_differences(params, run.params).values()) < 1e-13
    assert (
        max(formulas.largest_differences(formulas.trained(formulas.start(5), epochs, 0.3), run.params).values())
        == 0
    )
    assert np.allclose(run.history["loss"], np.array(losses).reshape(2, 2) @ [4 / 7, 3 / 7], rtol=1e-12)
    assert np.allclose(run.history["grad_norm"], np.reshape(norms, (2, 2)).mean(axis=1), rtol=1e-12)
    assert abs(run.margin - margin) < 1e-13


def test_a_run_that_enlarges_rounding_is_not_fair() -> None:
    """With steps too long by a tenth, each turns what b2 is off by and makes it 1.2 times as much."""
    off = formulas.Params(np.ones((1, 1)), np.full(1, -3.0), np.ones((1, 1)), np.array(0.999))
    for lr, growth in ((0.1, 1.0), (2.2, 1.2**30)):
        run = formulas.replay(off, [[(np.ones((1, 1)), np.ones(1))]] * 30, lr)
        assert run.growth == pytest.approx(growth, rel=1e-3)
        assert run.is_fair(1e-4) == (lr < 2)


@pytest.mark.proof
def test_remembering_earns_nothing() -> None:
    """With every flag and shape right, and the best of all values that it was handed, a worker passes no test.

    But those whose right answer is an argument of the very call.
    """
    assert Run(Memory).of(3).passed == set(COPIES)


@pytest.mark.parametrize("which", with_proofs(["first", "last", "last but one", "in turn"], ["last"]))
def test_a_submission_that_remembers_earns_nothing(which: Which) -> None:
    """Answers of the right type, shape and dtype, made of arrays that were handed over before, pass no test.

    What was handed over last, in the very call, is an honest copy where one is asked for.
    """
    run = Run(lambda stage: solved(stage, {stage.name: remembering(stage.name, which)})).of(4)
    assert len(run.failed) > 0
    assert run.passed == (set(OWN_ARGUMENTS) if which == "last" else set())


@pytest.mark.proof
def test_a_transcript_of_a_right_run_earns_nothing() -> None:
    """What was right for one seed's data is right for no other's, test by test and word for word."""
    transcript = Transcript()
    honest = Run(transcript.recorder).of(3, plugins=(transcript,))
    assert not honest.failed
    assert Run(transcript.player).of(3, plugins=(transcript,)).passed == honest.passed
    assert Run(transcript.player).of(4, plugins=(transcript,)).passed == set()


def test_functions_found_right_are_held_to_it_in_gradient_check() -> None:
    """Own functions that change their answers to suit gradient_check's do not save it."""
    stage = STAGES[2]
    forged = {stage.name: source_of(stage.name) + FORGED_CHECK}
    run = Run(lambda stage: solved(stage, forged)).of(3, str(stage.suite))
    assert run.failed == {
        f"{stage.suite.name}::TestGradientCheck::{test}" for test in ("test_values", "test_default_eps_and_nan")
    }


def test_a_huge_weight_makes_no_room_for_others() -> None:
    """In the default run's end a small weight is judged as exactly beside a huge one as without."""
    right = formulas.start()
    right.W1[0] = 1e6
    other = right._replace(W1=right.W1 + np.eye(16, 2, -1) * 0.01)
    stage6_default_runs.judge_end("train(…)", right, right)
    with pytest.raises(Wrong, match="the trained W1"):
        stage6_default_runs.judge_end("train(…)", other, right)
