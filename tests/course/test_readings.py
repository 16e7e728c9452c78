"""The formulas of this course's pages render."""

import ast
import re
import textwrap

import pytest
from matplotlib.mathtext import MathTextParser

from grader.course.catalogue import GIVEN, STAGES, tree_of
from grader.course.pages import flat, headed, markdown


def blocks(page: str) -> list[list[str]]:
    """The indented blocks of a page that are no Python sessions, matrices in one line."""
    parts = re.split(r"\n{2,}", headed(page, 3))
    indented = [part for part in parts if part.startswith("    ") and ">>>" not in part]
    return [flat(textwrap.dedent(part).splitlines()) for part in indented]


@pytest.mark.parametrize("name", [*GIVEN, *(stage.name for stage in STAGES)])
def test_the_readings_render(name: str) -> None:
    """Every formula of the solutions is LaTeX that a parser accepts, without a sign of another alphabet."""
    page = ast.get_docstring(tree_of(name)) or ""
    made = re.findall(r"\$\$\n\\begin\{aligned\}\n(.*?)\n\\end\{aligned\}\n\$\$", markdown(page), re.DOTALL)
    formulas = [line for block in blocks(page) for line in block if re.search("[=≈←]", line)]
    assert sum(block.count("\\\\\n") + 1 for block in made) == len(formulas)
    for cell in re.split(r"\\\\\s|&+|\\(?:begin|end)\{bmatrix\}", "\\\\\n".join(made)):
        assert cell.isascii()
        plain = cell.replace(r"\tfrac", r"\frac").replace(r"\,", " ").replace("\n", " ").strip()
        if plain:
            MathTextParser("path").parse(f"${plain}$")
