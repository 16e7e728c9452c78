"""Every number in the readings' worked examples is right: sessions are run, formulas and sentences computed."""

import ast
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fixtures import with_proofs
from helpers import formulas

from grader.course.catalogue import GIVEN, STAGES, Stage
from grader.course.location import SOLUTIONS
from grader.course.pages import flat, headed
from grader.course.records import Params

X, Y = np.array([[1.0, -1.0], [0.5, 1.0]]), np.array([1.0, 0.0])
PARAMS = Params(np.array([[1.0, -1.0], [2.0, 1.0]]), np.array([-1.0, 1.0]), np.array([[1.0, -1.0]]), np.array(1.0))
"""The small network that all readings follow."""
LR = 0.1
GALLERY = Path(__file__).parent / "gallery"
"""Right modules in many styles."""

OUT = formulas.forward(X, PARAMS)
GRADS = formulas.gradients(X, Y, PARAMS)
FIRST = formulas.gradients(X[:1], Y[:1], PARAMS)
"""Of a batch that holds the first sample alone."""


def stepped(grads: Params) -> Params:
    """The small network after a step."""
    return Params(*(p - LR * g for p, g in zip(PARAMS, grads, strict=True)))


def loss(params: Params, where: slice = slice(None)) -> float:
    """The loss on both samples, or on some."""
    return formulas.loss(formulas.forward(X[where], params).f, Y[where])


def gradients(grads: Params) -> dict[str, Any]:
    """Gradients as the readings call them."""
    return {f"d{name}": grad for name, grad in grads._asdict().items()}


def known(stage: Stage) -> dict[str, Any]:
    """What the names in a stage's formulas stand for."""
    r, mask = (OUT.f - Y) / 2, formulas.slope(OUT.a1)
    both = {"X": X, "y": Y, "N": 2, "f": OUT.f, "a1": OUT.a1, "h1": OUT.h1, "L": loss(PARAMS), "r": r}
    both |= {
        "dh1": r[:, None] * PARAMS.W2,
        "ReLU(a1)": OUT.h1,
        "ReLU′(a1)": mask,
        "r W2": r[:, None] * PARAMS.W2,
        "da1": r[:, None] * PARAMS.W2 * mask,
    }
    both |= {
        f"L(b2 {sign} 0.5)": loss(PARAMS._replace(b2=PARAMS.b2 + by)) for sign, by in (("+", 0.5), ("−", -0.5))
    }
    both |= {"f − y": OUT.f[:, None] - Y} if stage.number == 2 else {}  # the broadcasting trap
    if stage.number < 6:
        return both | PARAMS._asdict() | gradients(GRADS)
    after = stepped(FIRST)
    out = formulas.forward(X, after)
    then = {"r": OUT.f[0] - Y[0], "a1": out.a1, "f": out.f, "L": loss(after, slice(1, 2))}
    return then | after._asdict() | gradients(FIRST)


def reading(stage: Stage) -> str:
    """The stage's page."""
    return ast.get_docstring(ast.parse((SOLUTIONS / stage.file).read_text(encoding="utf-8"))) or ""


class Arrays(ast.NodeTransformer):
    """Makes arrays of tuples, but not of indices."""

    def visit_Subscript(self, node: ast.Subscript) -> ast.Subscript:
        """An index stays a tuple."""
        return node

    def visit_Tuple(self, node: ast.Tuple) -> ast.Call:
        """A vector becomes an array."""
        elements = [self.visit(element) for element in node.elts]
        return ast.Call(ast.Name("array", ast.Load()), [ast.List(elements, ast.Load())], [])


def value(text: str, names: dict[str, Any]) -> Any:
    """What one side of a formula comes to; None where it is no calculation with known names."""
    if text in names:
        return names[text]
    text = re.sub(r"\[ (.*?) \]", lambda m: f"(({m[1].replace(' ; ', '), (').replace(' ', ',')},),)", text)
    text = text.replace("),,(", "), (").replace("½ ", "½*").replace("½", "0.5").replace("·", "*").replace("−", "-")
    text = re.sub(
        r"[⁻⁰¹²³⁴-⁹]+", lambda m: "**" + m[0].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")), text
    )
    try:
        tree = ast.fix_missing_locations(Arrays().visit(ast.parse(text.strip(), mode="eval")))
        return eval(compile(tree, text, "eval"), {"array": np.array} | names)
    except (SyntaxError, NameError):
        return None


def equations(stage: Stage) -> list[list[str]]:
    """The sides of every equation in the indented blocks."""
    parts = [
        part
        for part in re.split(r"\n{2,}", headed(reading(stage), 2))
        if part.startswith("    ") and ">>>" not in part
    ]
    lines = [line for part in parts for line in flat(textwrap.dedent(part).splitlines())]
    columns = [column for line in lines for column in re.split(r" {2,}(?![ =≈←])", line)]
    return [sides for column in columns if len(sides := re.split(r"\s+[=≈←]\s+", column)) > 1]


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_the_formulas_come_out(stage: Stage) -> None:
    """Both sides of every equation agree where they can be computed, and no number stands alone."""
    names = known(stage)
    for sides in equations(stage):
        values = [value(side, names) for side in sides]
        computed = [v for v in values if v is not None]
        assert values[-1] is None or len(computed) > 1, sides
        for other in computed[1:]:
            tolerance = 0.02 if sides[0].startswith("2⁻") else 1e-12  # powers of two are given in two digits
            np.testing.assert_allclose(*np.broadcast_arrays(other, computed[0]), rtol=tolerance, atol=1e-12)


NUMBERS = [
    (2, "the accuracy is 0.5", formulas.accuracy(OUT.f, Y), 0.5),
    (2, "in place of 1.25:", loss(PARAMS), 1.25),
    (3, "f = (0, −2) and y = (1, 0)", [*OUT.f, *Y], [0.0, -2.0, 1.0, 0.0]),
    (3, "130 for the 65 of the network with 16 hidden units", 2 * (16 * 2 + 16 + 16 + 1), 130),
    (3, "the loss from 1.25 to 0.0818", [loss(PARAMS), round(loss(stepped(GRADS)), 4)], [1.25, 0.0818]),
    (3, "both samples are classified right", formulas.accuracy(formulas.forward(X, stepped(GRADS)).f, Y), 1.0),
    (3, "even exactly", formulas.central_differences(X, Y, PARAMS, 0.5).b2, -1.5),
    (4, "off by 1.5e-9.", round(float(np.float32(0.1)) - 0.1, 10), 1.5e-9),
    (4, "is off by 1.5e-7", round(100 * (float(np.float32(0.1)) - 0.1), 8), 1.5e-7),
    (5, "db2 is −1.5, and after a second backward without clearing, −3", [GRADS.b2, 2 * GRADS.b2], [-1.5, -3.0]),
    (6, "a sixth of the work on 200", round(200 / 32), 6),
    (6, "±0.71 for the first layer, ±0.25 for the other", [round(2**-0.5, 2), 16**-0.5], [0.71, 0.25]),
    (6, "The plain mean of the three would be 0.3", round((0.1 + 0.2 + 0.6) / 3, 12), 0.3),
    (6, "f = 0 where y = 1, so its loss is ½", [OUT.f[0], Y[0], loss(PARAMS, slice(1))], [0.0, 1.0, 0.5]),
    (6, "Unit 0 is off for it", formulas.forward(X, stepped(FIRST)).h1[1, 0], 0.0),
    (6, "(0.5 + 0.7938) / 2, that is 0.6469", round((0.5 + 0.7938) / 2, 12), 0.6469),
    (6, "With both at once it was 1.25", loss(PARAMS), 1.25),
]
"""Sentences with numbers: stage, words, what is computed, what they say."""


@pytest.mark.parametrize(("number", "words", "computed", "said"), NUMBERS, ids=[words for _, words, *_ in NUMBERS])
def test_the_sentences_are_true(number: int, words: str, computed: Any, said: Any) -> None:
    """What a sentence says in numbers is what comes out."""
    assert words in " ".join(reading(STAGES[number - 1]).split())
    np.testing.assert_allclose(computed, said, rtol=1e-12)


def test_the_sessions_run() -> None:
    """Python sessions show what the solutions print."""
    command = [sys.executable, "-m", "doctest", *(str(SOLUTIONS / stage.file) for stage in STAGES)]
    environment = os.environ | {"PYTHONPATH": str(SOLUTIONS), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("style", with_proofs(sorted(path.name for path in GALLERY.iterdir()), ["numbers"]))
def test_the_sessions_run_on_any_right_code(style: str, tmp_path: Path) -> None:
    """They show the same whatever a right function returns: NumPy's numbers or Python's, 0.0 or -0.0."""
    for name in GIVEN:
        shutil.copy(SOLUTIONS / f"{name}.py", tmp_path)
    for stage in STAGES:
        solution = (SOLUTIONS / stage.file).read_text(encoding="utf-8")
        own = GALLERY / style / stage.file
        page, *rest = ast.parse(solution).body
        imports = [ast.unparse(node) for node in rest if isinstance(node, ast.Import | ast.ImportFrom)]
        code = own.read_text(encoding="utf-8") if own.exists() else solution
        (tmp_path / stage.file).write_text("\n".join([ast.unparse(page), *imports, code]), encoding="utf-8")
    command = [sys.executable, "-m", "doctest", *(stage.file for stage in STAGES)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_blocks_fit_a_terminal(stage: Stage) -> None:
    """No formula and no session is wider than 80 columns, indentation included: a wrapped matrix is none."""
    assert [line for line in reading(stage).splitlines() if line.startswith("    ") and len(line) > 80] == []
