"""Docstrings become Markdown with formulas that render, and stay readable where they are written."""

import pytest

from grader.course.pages import flat, headed, latex, markdown

BLOCK = """\
The forward pass:

    a1 = X W1ᵀ + b1    (N, H)    pre-activation
    f  = ½ (a1 − y)²   (N,)

    zero_grad → step

It ends."""


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
        ("dᵀ x", r"d^{\mathsf{T}}\,x"),
        ("dW + db2", r"dW + db_2"),
        ("(out, in)", r"(\text{out},\text{ in})"),
        ("−0.5·2", r"-0.5\cdot 2"),
        ("½ (0 − 1)²", r"\tfrac{1}{2}\,(0 - 1)^2"),
        ("2⁻⁵² of float64", r"2^{-52}\text{ of float64}"),
        ("a1[0, 1]", r"a_1[0, 1]"),
        ("[ 1 −1 ]", r"\begin{bmatrix} 1 & -1 \end{bmatrix}"),
        ("[ 1 −1 ; 0 a ]", r"\begin{bmatrix} 1 & -1 \\ 0 & a \end{bmatrix}"),
    ],
)
def test_a_formula(formula: str, wanted: str) -> None:
    """Names get their index, products a thin space, quotients a bar, matrices brackets, and words stay words."""
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


def test_a_matrix() -> None:
    """A matrix drawn over several lines stands in one formula, others beside it; a lower line stands alone."""
    drawn = [
        "X = ⎡ 1   −1 ⎤   W = ⎡ a ⎤   b = [ 2 ]",
        "    ⎢ 0.5  3 ⎥       ⎣ c ⎦",
        "    ⎣ 0    4 ⎦",
        "y = 1",
    ]
    with pytest.raises(ValueError, match="askew"):
        flat(drawn)
    del drawn[2]
    assert flat(drawn) == ["X = [ 1 −1 ; 0.5 3 ]   W = [ a ; c ]   b = [ 2 ]", "y = 1"]
    for askew in ("     ⎣ 0.5  3 ⎦       ⎣ c ⎦", "    ⎣ 0.5  3 ⎦       ⎣ c ⎦   more"):
        with pytest.raises(ValueError, match="askew"):
            flat([drawn[0], askew])


def test_headings_and_sessions() -> None:
    """An underlined line becomes a heading; a Python session stays, though it holds an equals sign."""
    session = "    >>> a = 1\n    >>> b = 2"
    assert markdown(f"By hand\n-------\n{session}") == f"### By hand\n\n{session}"
    assert headed("The idea\n--------\n- one\n- two", level=2) == "## The idea\n\n- one\n- two"
