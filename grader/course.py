"""Makes the course's folder for nbgrader: its configuration, and the notebooks with solutions."""

from functools import cache
from pathlib import Path

import click
import nbformat
from nbformat import NotebookNode

from grader.catalogue import ASSIGNMENT, NOTEBOOKS, ROOT, Notebook
from grader.notebooks import notebook, text

CONFIG = "nbgrader_config.py"
SOURCE = "source"
"""nbgrader's name for the folder of the instructor's version."""


class OverwritingError(Exception):
    """A course that is there already, and may have been edited; the text says which files differ."""


def lay_out(folder: Path, force: bool = False) -> list[Path]:
    """Write what a course's folder lacks, with `force` also what differs but for the configuration; say what."""
    written = []
    for path, content in _files(folder).items():
        if not path.exists() or (force and path.name != CONFIG and path.read_bytes() != content):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, content)
            written.append(path)
    return written


def edited(folder: Path) -> list[Path]:
    """The files of a course's folder that are not as the kit would write them."""
    return [path for path, content in _files(folder).items() if path.exists() and path.read_bytes() != content]


@cache
def released(which: Notebook) -> NotebookNode:
    """A notebook as nbgrader releases it: the checksums in its metadata. Not to be changed."""
    return _with_checksums(notebook(which))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file in one piece, or leave the one that is there."""
    beside = path.with_name(f".{path.name}.new")
    beside.write_bytes(content)
    beside.replace(path)


def _files(folder: Path) -> dict[Path, bytes]:
    """What belongs in a course's folder."""
    sources = {folder / SOURCE / ASSIGNMENT / which.file: _source(which) for which in NOTEBOOKS}
    return {folder / CONFIG: (ROOT / CONFIG).read_bytes(), **sources}


@cache
def _source(which: Notebook) -> bytes:
    return text(_with_checksums(notebook(which, solved=True))).encode()


def _with_checksums(made: NotebookNode) -> NotebookNode:
    """The notebook with what nbgrader writes beside a cell's grade_id."""
    from nbgrader.preprocessors import ComputeChecksums  # a second of imports, and a package of its own

    filled: NotebookNode = ComputeChecksums().preprocess(nbformat.from_dict(made), {})[0]
    return filled


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--force", is_flag=True, help="Overwrite notebooks that are there and differ.")
def course(folder: Path, force: bool) -> None:
    """Make a course for nbgrader in DIR: nbgrader_config.py, and the notebooks with solutions in source/."""
    differing = edited(folder)
    if differing and not force:
        names = ", ".join(str(path.relative_to(folder)) for path in differing)
        raise click.ClickException(
            f"{folder} holds a course with other files: {names}. Nothing was changed; --force overwrites the "
            f"notebooks, and leaves {CONFIG}"
        )
    written = lay_out(folder, force)
    click.echo(f"written: {', '.join(str(path.relative_to(folder)) for path in written) or 'nothing'}")
    click.echo(f"next: cd {folder} && nbgrader generate_assignment {ASSIGNMENT}")
