"""What a learner has in a folder of theirs: read as it is tested there, file by file, or as it would be marked."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from grader.intake.entries import Unreadable
from grader.intake.names import claim_of
from grader.intake.owners import own_folder
from grader.intake.source_text import Undecodable, Unread, decoded
from grader.intake.submissions import Submission, read


@dataclass(frozen=True)
class ModuleFile:
    """A stage's file in a learner's folder, and its source, or why that could not be read."""

    path: Path
    source: str | Unread


def modules_in(folder: Path) -> dict[str, ModuleFile]:
    """The stages' files in a folder, by the stage's name, as pytest and watch mode test them.

    Where a stage's own is not there, the plainest counts that is one by its name, as when it is marked: in another
    case, or as browsers and clouds make copies.
    """
    found: dict[str, list[tuple[bool, tuple[bool, int], Path]]] = {}
    try:
        paths = [path for path in folder.iterdir() if path.is_file()]
    except OSError:  # no folder
        return {}
    for path in paths:
        claim = claim_of(path.name)
        if claim and claim.stage and claim.form == "module" and claim.is_sure:
            found.setdefault(claim.stage.name, []).append((path.name != claim.stage.file, claim.plain, path))
    plainest = {name: min(several)[-1] for name, several in found.items()}
    sources = {name: module_at(path) for name, path in plainest.items()}
    return {name: ModuleFile(plainest[name], source) for name, source in sources.items() if source is not None}


def module_at(path: Path) -> str | Unread | None:
    """A module's source; None where no file is there, or it is being replaced at this moment."""
    try:
        return decoded(path.read_bytes())
    except Undecodable as error:
        return Unread(f"{path.name} {error}")
    except OSError:
        return None


def parted(modules: Mapping[str, str | Unread | None]) -> tuple[dict[str, str], dict[str, str]]:
    """The sources that there are, and why others could not be read."""
    own = {name: source for name, source in modules.items() if isinstance(source, str)}
    return own, {name: source.why for name, source in modules.items() if isinstance(source, Unread)}


def read_own(folder: Path) -> Submission:
    """All modules and notebooks in a folder, as when it is handed in. Raises Unreadable where there are none."""
    try:
        found = read(replace(own_folder(folder), alone=False))
    except OSError as error:
        raise Unreadable(f"{folder} cannot be read: {error.strerror}") from None
    if found.error:
        raise Unreadable(f"{folder}: {found.error}")
    return found
