"""Turns a module's docstring into Markdown: its formulas, plain Unicode in the module, become LaTeX.

A formula block is indented by four and holds a relation (=, ≈ or ←) in each line; two or more spaces part a line
into the formula, its shapes and a remark. A matrix is drawn over several lines, ⎡ 1  2 ⎤ above ⎣ 3  4 ⎦, or with
one row as [ 1  2 ]. An indented block of other lines stays as it is, and so does a Python session. Headings are
underlined with hyphens.
"""

import ast
import re
import textwrap

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Markdown
from rich.padding import Padding
from rich.text import Text
from rich.theme import Theme

from grader.course.catalogue import Stage, tree_of

_GREEK = "alpha beta gamma delta eta theta kappa lambda mu nu pi rho sigma tau phi omega Delta"
SYMBOLS = {
    "−": "-",
    "·": r"\cdot ",
    "→": r"\to",
    "←": r"\leftarrow",
    "⊙": r"\odot",
    "≈": r"\approx",
    "≥": r"\geq",
    "∂": r"\partial ",
    "Σ": r"\sum",
    "ε": r"\varepsilon",
    **dict(zip("αβγδηθκλμνπρστφωΔ", (rf"\{name}" for name in _GREEK.split()), strict=True)),
    "½": r"\tfrac{1}{2}",
    "ᵀ": r"^{\mathsf{T}}",
    "′": "'",
    "ReLU": r"\operatorname{ReLU}",
    "max": r"\max",
}
OPERATORS = {"+", "−", "·", "→", "⊙", "=", "≈", "←", "≥", ">", "<", ",", ":", "Σ"}
"""What stands between two factors, so that a space beside it is no product."""

_UNDERLINED = re.compile(r"^(\S.*)\n-{3,}\n+", re.MULTILINE)
_RELATION = re.compile(r"\s+([=≈←])\s+")
_COLUMN = re.compile(r" {2,}")
_FACTOR = r"((?:[^\s()/]|\((?:[^()]|\([^()]*\))*\))+)"
_FRACTION = re.compile(rf"{_FACTOR} ?/ ?{_FACTOR}")
_POWERS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_UPPER = re.compile(r"⎡[^⎤]*⎤")
_LOWER = re.compile(r"[⎢⎣]([^⎥⎦]*)[⎥⎦]")
_MATRIX = re.compile(r"[⎡[] ([^⎤\]]*)[⎤\]]")
_NAME = r"(?:d[A-Za-z]\d*|[A-Za-z]\d*)(?![A-Za-z0-9])"
_WORD = rf"(?!ReLU|max|{_NAME})[A-Za-z]{{2,}}\d*(?![A-Za-z0-9])"
_TOKEN = re.compile(
    rf"(?P<matrix>\[ [^\]]* \])|(?P<words> ?{_WORD}(?:[ -]{_WORD})* ?)|(?P<space> +)|(?P<name>{_NAME})"
    r"|(?P<power>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?P<sign>ReLU|max|.)"
)


def markdown(docstring: str) -> str:
    """The reading: paragraphs as they are, headings of level 3, formula blocks as LaTeX between double dollars."""
    return "\n\n".join(map(_block, re.split(r"\n{2,}", headed(docstring, level=3).strip("\n"))))


def headed(page: str, level: int) -> str:
    """The page with its headings, underlined where they are written, in Markdown of this level."""
    return _UNDERLINED.sub(lambda heading: f"{'#' * level} {heading[1]}\n\n", page)


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
        elif token["matrix"]:
            rows = r" \\ ".join(" & ".join(map(latex, row.split())) for row in text[1:-1].split(";"))
            made += rf"\begin{{bmatrix}} {rows} \end{{bmatrix}}"
        elif token["power"]:
            power = text.translate(_POWERS)
            made += f"^{power}" if len(power) == 1 else f"^{{{power}}}"
        else:
            made += SYMBOLS.get(text, text)
    return made.replace("  ", " ")


def _bare(factor: str) -> str:
    """A numerator or denominator without the parentheses that the bar makes needless."""
    return factor[1:-1] if re.fullmatch(r"\((?:[^()]|\([^()]*\))*\)", factor) else factor


def _block(block: str) -> str:
    if not block.startswith("    ") or block.lstrip().startswith(">>>"):
        return block
    lines = flat(textwrap.dedent(block).splitlines())
    if not all(map(_RELATION.search, lines)):
        return block
    rows = " \\\\\n".join(map(_row, lines))
    return f"$$\n\\begin{{aligned}}\n{rows}\n\\end{{aligned}}\n$$"


def flat(lines: list[str]) -> list[str]:
    """A block's lines with every matrix in one line, as [ 1 2 ; 3 4 ].

    Raises ValueError where the lower lines of a matrix do not stand right below its first, and alone there.
    """
    made: list[str] = []
    spans: list[tuple[int, int]] = []
    for line in lines:
        lower = [*_LOWER.finditer(line)]
        if not lower:
            spans = [matrix.span() for matrix in _UPPER.finditer(line)]
            made.append(line)
        elif [row.span() for row in lower] != spans or _LOWER.sub("", line).strip():
            raise ValueError(f"a matrix is drawn askew: {line}")
        else:
            first, *parts = made[-1].split("⎤")
            made[-1] = first + "".join(f"; {row[1]}⎤{part}" for row, part in zip(lower, parts, strict=True))
    return [_MATRIX.sub(lambda matrix: f"[ {' '.join(matrix[1].split())} ]", line) for line in made]


def _row(line: str) -> str:
    """One line, aligned at its relation; shapes and remark stand in columns of their own."""
    left, relation, rest = _RELATION.split(line, maxsplit=1)
    right, *others = _COLUMN.split(rest)
    return "".join(
        [f"{latex(left)} &{latex(relation)} {latex(right)}", *(rf" &&\quad {latex(o)}" for o in others)]
    )


def reading(stage: Stage) -> str:
    """The page of a stage as Markdown; its formulas stay as they are written, in blocks of code.

    Raises ValueError when the module has no page.
    """
    page = ast.get_docstring(tree_of(stage.name))
    if not page:
        raise ValueError(f"{stage.file} does not begin with a page of reading")
    title, _, text = page.partition("\n")
    return f"# {title.removesuffix('.')}\n{headed(text, level=2)}\n"


THEME = Theme(
    {
        "markdown.code": "bold",
        "markdown.h2": "bold underline",
        "markdown.h3": "bold",
        "markdown.item.number": "none",
        "markdown.link": "underline",
        "markdown.link_url": "underline",
    }
)
"""How consoles show pages so that they are read on white as on black: rich's own cyan, yellow and blue are not."""


class _Block(CodeBlock):
    """A block of code in the terminal's own colours, indented as it is written."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Padding(Text(str(self.text).rstrip()), (0, 0, 0, 4))


class Page(Markdown):
    """Markdown as rich shows it, but for formulas: no colours and no frame come between the signs."""

    elements = Markdown.elements | {"code_block": _Block, "fence": _Block}
