"""Docstrings become Markdown with formulas that render, and stay readable where they are written."""

import ast
import re

import pytest
from matplotlib.mathtext import MathTextParser

from grader.catalogue import GIVEN, SOLUTIONS, STAGES
from grader.notebooks.readings import latex, markdown

BLOCK = """\
The forward pass:

    a1 = X W1ᵀ + b1    (N, H)    pre-activation
    f  = ½ (a1 − y)²   (N,)

    zero_grad → step

It ends."""


def docstring(name: str) -> str:
    """The reading of a module of solutions/."""
    return ast.get_docstring(ast.parse((SOLUTIONS / f"{name}.py").read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        ("X W1ᵀ + b1", r"X\,W_1^{\mathsf{T}} + b_1"),
        ("(r W2) ⊙ ReLU′(a1)", r"(r\,W_2) \odot \operatorname{ReLU}'(a_1)"),
        ("1 where a > 0, else 0", r"1\text{ where }a > 0,\text{ else }0"),
        ("Σ da1 over samples", r"\sum da_1\text{ over samples}"),
        ("(f − y) / N", r"\frac{f - y}{N}"),
        ("∂L/∂θ", r"\frac{\partial L}{\partial \theta}"),
        ("(L(θ + ε) − L(θ − ε)) / 2ε", r"\frac{L(\theta + \varepsilon) - L(\theta - \varepsilon)}{2\varepsilon}"),
        ("(N, D) (D, H) → (N, H)", r"(N, D)\,(D, H) \to (N, H)"),
        ("pre-activation", r"\text{pre-activation}"),
        ("max(0, a)", r"\max(0, a)"),
    ],
)
def test_a_formula(formula: str, wanted: str) -> None:
    """Names get their index, products a thin space, quotients a bar, and words stay words."""
    assert latex(formula) == wanted


def test_a_block_of_formulas() -> None:
    """A block is aligned at its relations, shapes and remarks in columns; other blocks and text stay."""
    assert markdown(BLOCK) == (
        "The forward pass:\n\n"
        "$$\n\\begin{aligned}\n"
        "a_1 &= X\\,W_1^{\\mathsf{T}} + b_1 &&\\quad (N, H) &&\\quad \\text{pre-activation} \\\\\n"
        "f &= \\tfrac{1}{2}\\,(a_1 - y)^2 &&\\quad (N,)\n"
        "\\end{aligned}\n$$\n\n"
        "    zero_grad → step\n\n"
        "It ends."
    )


@pytest.mark.parametrize("name", [GIVEN, *(stage.name for stage in STAGES)])
def test_the_readings_render(name: str) -> None:
    """Every formula of the solutions is LaTeX that a parser accepts, without a sign of another alphabet."""
    blocks = re.findall(
        r"\$\$\n\\begin\{aligned\}\n(.*?)\n\\end\{aligned\}\n\$\$", markdown(docstring(name)), re.DOTALL
    )
    indented = re.findall(r"^ {4}\S.*[=≈].*$", docstring(name), re.MULTILINE)
    assert sum(block.count("\\\\\n") + 1 for block in blocks) == len(indented)
    for cell in re.split(r"\\\\\n|&+", "\\\\\n".join(blocks)):
        assert cell.isascii()
        plain = cell.replace(r"\tfrac", r"\frac").replace(r"\,", " ").replace("\n", " ").strip()
        if plain:
            MathTextParser("path").parse(f"${plain}$")
