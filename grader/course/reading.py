"""A stage's page of reading, for a terminal: the docstring of its module, with headings in Markdown."""

import ast
from pathlib import Path

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Markdown
from rich.padding import Padding
from rich.text import Text

from grader.course.catalogue import Stage
from grader.course.location import SOLUTIONS
from grader.course.pages import headed


def reading(stage: Stage, folder: Path | None = None) -> str:
    """The page of a stage as Markdown; its formulas stay as they are written, in blocks of code.

    folder: where the stages' modules are, the kit's solutions/ unless another is given.
    Raises ValueError when the module has no page.
    """
    path = (folder or SOLUTIONS) / stage.file
    page = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    if not page:
        raise ValueError(f"{path.name} does not begin with a page of reading")
    title, _, text = page.partition("\n")
    return f"# {title.removesuffix('.')}\n{headed(text, level=2)}\n"


class _Block(CodeBlock):
    """A block of code in the terminal's own colours, indented as it is written."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Padding(Text(str(self.text).rstrip()), (0, 0, 0, 4))


class Page(Markdown):
    """Markdown as rich shows it, but for formulas: no colours and no frame come between the signs."""

    elements = Markdown.elements | {"code_block": _Block, "fence": _Block}
