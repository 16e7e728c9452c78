"""A stage's page of reading (a stand-in until the real one is here)."""

import ast
from pathlib import Path

from rich.markdown import Markdown

from grader.catalogue import SOLUTIONS, Stage


def reading(stage: Stage, folder: Path | None = None) -> str:
    """The page as Markdown for a terminal."""
    source = (SOLUTIONS / stage.file).read_text(encoding="utf-8")
    return ast.get_docstring(ast.parse(source)) or ""


class Page(Markdown):
    """Markdown as rich shows it."""
