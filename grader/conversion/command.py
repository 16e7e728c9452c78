"""The command `chainrule convert`: a learner's notebooks from their modules, and the reverse."""

from pathlib import Path
from typing import Literal

import click

from grader.catalogue import GIVEN, NOTEBOOKS, SOLUTIONS, STAGES
from grader.intake.entries import Folder, Unreadable, file_on_disk, folder, folder_on_disk
from grader.intake.gathering import Gathered, gather
from grader.intake.learning_platforms import stage_of
from grader.intake.pieces import Piece, is_notebook

Form = Literal["modules", "notebooks"]


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder to write to.  [default: that of SOURCE]",
)
@click.option(
    "--to",
    type=click.Choice(["modules", "notebooks"]),
    help="What to make.  [default: what SOURCE does not hold]",
)
@click.option("--force", is_flag=True, help="Overwrite files that are there already.")
def convert(source: Path, out: Path | None, to: Form | None, force: bool) -> None:
    """Make a learner's notebooks from their modules, or their modules from notebooks.

    SOURCE is a folder with stage files or notebooks, or one such file.
    """
    try:
        held = _held(source)
        made = _made(held, _wanted(held, to))
    except Unreadable as error:
        raise click.ClickException(f"{source}: {error}") from None
    except OSError as error:
        raise click.ClickException(f"{source} cannot be read: {error.strerror}") from None
    folder = out or (source if source.is_dir() else source.parent)
    try:
        written = _write(made, folder, force)
    except FileExistsError as error:
        raise click.ClickException(f"{error}; nothing was written. Overwrite with --force") from None
    except OSError as error:
        raise click.ClickException(f"{folder} cannot be written to: {error.strerror}") from None
    for note in held.notes:
        click.echo(note)
    click.echo(f"written: {', '.join(str(folder / name) for name in written)}")


def _held(source: Path) -> Gathered:
    """What is in a folder or a file. Raises Unreadable, OSError."""
    if not source.exists():
        raise Unreadable("there is no such folder or file")
    if source.is_dir():
        found: Folder = folder_on_disk(source, source)
        return gather([Piece(source.name, folder(lambda: found))], settled=False)
    if not is_notebook(source.name) and not stage_of(source.name):
        raise Unreadable(f"neither a notebook nor a stage's file ({STAGES[0].file}, …)")
    entry = file_on_disk(source)
    if is_notebook(source.name):
        return gather([Piece(source.name, entry)], settled=False)
    return gather([Piece("file", folder(lambda: {source.name: entry}))], settled=False)


def _wanted(held: Gathered, to: Form | None) -> Form:
    """What to make. Raises Unreadable where that is not clear, or cannot be made."""
    if to is None and held.sources and held.notebooks:
        raise Unreadable("holds both modules and notebooks; say which to make: --to modules, or --to notebooks")
    to = to or ("notebooks" if held.sources else "modules")
    if not (held.sources if to == "notebooks" else held.notebooks):
        raise Unreadable(f"holds no {'stage file' if to == 'notebooks' else 'notebook'} to make {to} of")
    return to


def _made(held: Gathered, to: Form) -> dict[str, str]:
    """The files to write: name → text."""
    from grader.conversion import (
        forms as conversion,  # and with it nbformat, which takes longer to load than all else
    )
    from grader.notebooks.assembly import text

    if to == "modules":
        found = {
            f"{stage}.py": source
            for which in NOTEBOOKS
            if which.name in held.notebooks
            for stage, source in conversion.modules_of(which, held.notebooks[which.name]).items()
        }
        return found | {f"{GIVEN}.py": (SOLUTIONS / f"{GIVEN}.py").read_text(encoding="utf-8")}
    return {
        which.file: text(conversion.notebook_of(which, held.sources))
        for which in NOTEBOOKS
        if any(stage.name in held.sources for stage in which.stages)
    }


def _write(made: dict[str, str], folder: Path, force: bool) -> list[str]:
    """Write the files; returns their names. Raises FileExistsError before anything is overwritten."""
    if (folder / f"{GIVEN}.py").exists():
        made = {name: text for name, text in made.items() if name != f"{GIVEN}.py"}
    there = [name for name in made if (folder / name).exists()]
    if there and not force:
        raise FileExistsError(f"{', '.join(there)} in {folder} would be overwritten")
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in made.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return list(made)
