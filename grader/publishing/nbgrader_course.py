"""Makes the course's folder for nbgrader: its configuration, and the notebooks with solutions."""

from functools import cache
from pathlib import Path

from grader.course.catalogue import NOTEBOOKS, Notebook
from grader.course.finding import KIT, VARIABLE
from grader.course.location import ASSIGNMENT, ROOT
from grader.outside.private_files import holds, own_folder, write_whole
from grader.publishing.assembly import notebook, text, with_checksums
from grader.publishing.results_folder import claim

CONFIG = "nbgrader_config.py"
SOURCE = "source"
"""nbgrader's name for the folder of the instructor's version."""
EXCHANGE = "exchange"
"""Where the configuration says that learners fetch assignments; nbgrader does not make it."""


def lay_out(folder: Path, force: bool = False) -> list[Path]:
    """Write what a course's folder lacks, with `force` also what differs but for the configuration; say what.

    Raises OutOfPlaceError where the folder is not the kit's.
    """
    claim(folder)
    written = []
    own_folder(folder / EXCHANGE)
    for path, content in _files(folder).items():
        if not path.exists() or (force and path.name != CONFIG and not holds(path, content)):
            own_folder(path.parent)
            write_whole(path, content)
            written.append(path)
    return written


def edited(folder: Path) -> list[Path]:
    """The files of a course's folder that are not as the kit would write them."""
    return [path for path, content in _files(folder).items() if path.exists() and not holds(path, content)]


def _files(folder: Path) -> dict[Path, bytes]:
    """What belongs in a course's folder."""
    sources = {folder / SOURCE / ASSIGNMENT / which.file: _source(which) for which in NOTEBOOKS}
    return {folder / CONFIG: _configuration(), **sources}


def _configuration() -> bytes:
    """nbgrader's configuration; it names the course whose suites mark there, where that is not the kit's own."""
    named = f'\n# The course whose suites mark here.\nos.environ.setdefault("{VARIABLE}", {str(ROOT)!r})\n'
    return (KIT / CONFIG).read_bytes() + named.encode() * (ROOT != KIT)


@cache
def _source(which: Notebook) -> bytes:
    return text(with_checksums(notebook(which, solved=True))).encode()
