"""Turns a module's docstring into Markdown: its formulas, plain Unicode in the module, become LaTeX.

A formula block is indented by four and holds a relation (= or ≈) in each line; two or more spaces part a line
into the formula, its shapes and a remark. An indented block of other lines stays as it is.
"""

import re
import textwrap

SYMBOLS = {
    "−": "-",
    "→": r"\to",
    "⊙": r"\odot",
    "≈": r"\approx",
    "≥": r"\geq",
    "∂": r"\partial ",
    "Σ": r"\sum",
    "θ": r"\theta",
    "ε": r"\varepsilon",
    "½": r"\tfrac{1}{2}",
    "²": "^2",
    "ᵀ": r"^{\mathsf{T}}",
    "′": "'",
    "ReLU": r"\operatorname{ReLU}",
    "max": r"\max",
}
OPERATORS = {"+", "−", "→", "⊙", "=", "≈", "≥", ">", "<", ",", ":", "Σ"}
"""What stands between two factors, so that a space beside it is no product."""

_UNDERLINED = re.compile(r"^(\S.*)\n-{3,}$", re.MULTILINE)
_RELATION = re.compile(r"\s+([=≈])\s+")
_COLUMN = re.compile(r" {2,}")
_FACTOR = r"((?:[^\s()/]|\((?:[^()]|\([^()]*\))*\))+)"
_FRACTION = re.compile(rf"{_FACTOR} ?/ ?{_FACTOR}")
_WORD = r"(?!ReLU|max)[A-Za-z]{2,}(?![A-Za-z0-9])"
_TOKEN = re.compile(
    rf"(?P<words> ?{_WORD}(?:[ -]{_WORD})* ?)|(?P<space> +)|(?P<name>(?:d[A-Za-z]\d+|[A-Za-z]\d*)(?![A-Za-z]))"
    r"|(?P<sign>ReLU|max|.)"
)


def markdown(docstring: str) -> str:
    """The reading: paragraphs as they are, formula blocks as LaTeX between double dollars."""
    return "\n\n".join(map(_block, re.split(r"\n{2,}", docstring.strip("\n"))))


def headed(page: str, level: int) -> str:
    """The page with its headings, underlined where they are written, in Markdown of this level."""
    return _UNDERLINED.sub(lambda heading: f"{'#' * level} {heading[1]}", page)


def latex(formula: str) -> str:
    r"""A formula as LaTeX: `X W1ᵀ + b1` → `X\,W_1^{\mathsf{T}} + b_1`; words become text."""
    plain, *fractions = _FRACTION.split(formula)
    made = _terms(plain)
    for above, below, then in zip(fractions[::3], fractions[1::3], fractions[2::3], strict=True):
        made += rf"\frac{{{latex(_bare(above))}}}{{{latex(_bare(below))}}}{_terms(then)}"
    return made


def _terms(formula: str) -> str:
    """The part of a formula between two fractions."""
    made = ""
    tokens = [*_TOKEN.finditer(formula)]
    for i, token in enumerate(tokens):
        text = token[0]
        if token["words"]:
            made += rf"\text{{{text}}}"
        elif token["space"]:
            around = {"".join(other[0] for other in tokens[k : k + 1]) for k in (i - 1, i + 1) if k >= 0}
            made += " " if around & {*OPERATORS, ""} else r"\,"
        elif token["name"]:
            made += re.sub(r"\d+$", lambda index: f"_{index[0]}", text)
        else:
            made += SYMBOLS.get(text, text)
    return made


def _bare(factor: str) -> str:
    """A numerator or denominator without the parentheses that the bar makes needless."""
    return factor[1:-1] if re.fullmatch(r"\((?:[^()]|\([^()]*\))*\)", factor) else factor


def _block(block: str) -> str:
    lines = textwrap.dedent(block).splitlines()
    if not block.startswith("    ") or not all(map(_RELATION.search, lines)):
        return block
    rows = " \\\\\n".join(map(_row, lines))
    return f"$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$"


def _row(line: str) -> str:
    """One line, aligned at its relation; shapes and remark stand in columns of their own."""
    left, relation, rest = _RELATION.split(line, maxsplit=1)
    right, *others = _COLUMN.split(rest)
    return "".join(
        [f"{latex(left)} &{latex(relation)} {latex(right)}", *(rf" &&\quad {latex(o)}" for o in others)]
    )
