"""The folder that results, or a course, are written to: the kit's own, or neither believed nor written to.

What lies in it counts as results, and its nbgrader_config.py is executed; among what learners hand in may be a
folder of that name with anything in it. So each folder of the kit's has a mark that its owner alone can make: an
HMAC of where the folder is, by a secret that is kept in the owner's home and in no folder of results.
"""

import contextlib
import hmac
import os
import secrets
from pathlib import Path

from filelock import FileLock
from platformdirs import user_state_path

from grader.outside.private_files import FILE_MODE, OutOfPlaceError, holds, own_file, own_folder, write_whole

MARK = ".made-by-chainrule"
STATE = "CHAINRULE_STATE"
"""The environment variable that names another folder for the secret than the user's own for such things."""
SECRET_LENGTH = 32


def claim(folder: Path, adopt: bool = False) -> None:
    """Make a folder the kit's own, or see that it is; in either case nobody but its owner may look into it.

    adopt: also one that is filled and has no mark, or one that was made for another place. Raises OutOfPlaceError.
    """
    mark = _mark_of(folder)
    if not (adopt or _is_free(folder) or holds(folder / MARK, mark)):
        raise OutOfPlaceError(
            f"{folder} was not made here by this kit for you, so nothing in it is believed: choose another place, "
            "or move it away. If all of it is yours (of an earlier version, moved, restored), --adopt takes it as "
            "it is, with its nbgrader_config.py, which is executed"
        )
    own_folder(folder)
    if not holds(folder / MARK, mark):
        write_whole(folder / MARK, mark)


def check_apart(folder: Path, submissions: Path) -> None:
    """Raise OutOfPlaceError where results would lie among submissions, or submissions among results."""
    if _lies_in(folder, submissions):
        beside = Path(os.path.realpath(submissions)).parent / (folder.name or "results")
        with contextlib.suppress(ValueError):  # on another drive
            beside = Path(os.path.relpath(beside))
        told = (
            f"{folder} lies in {submissions}, among what learners handed in: choose another place, --out {beside}"
        )
        yours = ". If you made that folder in an earlier run, move it there, and add --adopt once"
        raise OutOfPlaceError(told + (yours if folder.exists() else ""))
    if _lies_in(submissions, folder):
        raise OutOfPlaceError(f"{submissions} lies in {folder}, where results would go: choose another --out")


def _is_free(folder: Path) -> bool:
    """Whether nothing is there, or an empty folder."""
    try:
        return not any(folder.iterdir())
    except FileNotFoundError:
        return True


def _lies_in(inner: Path, outer: Path) -> bool:
    """Whether one path is the other or below it, by whatever names."""
    if not outer.exists():
        return False
    place = Path(os.path.realpath(inner))
    return any(around.exists() and around.samefile(outer) for around in (place, *place.parents))


def _mark_of(folder: Path) -> bytes:
    """The content of the mark of a folder where it is now."""
    return hmac.digest(_secret(), os.fsencode(os.path.realpath(folder)), "sha256").hex().encode() + b"\n"


def _secret() -> bytes:
    """What this user's marks are made with; drawn the first time. Raises OutOfPlaceError."""
    folder = Path(os.environ.get(STATE) or user_state_path("chainrule", appauthor=False))
    try:
        if not folder.is_absolute():
            raise OutOfPlaceError(f"{folder} is no absolute path")
        own_folder(folder)
        kept = _kept(folder / "secret")
        if not kept:
            with FileLock(folder / "lock", mode=FILE_MODE):  # two first runs at a time are to have the same
                kept = _kept(folder / "secret") or secrets.token_bytes(SECRET_LENGTH)
                write_whole(folder / "secret", kept)
        return kept
    except (OSError, OutOfPlaceError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise OutOfPlaceError(
            f"the secret by which the kit knows its folders again cannot be kept in {folder} ({why}): name a "
            f"folder of your own in the environment variable {STATE}"
        ) from None


def _kept(path: Path) -> bytes:
    """The secret, empty where there is none, or less than one."""
    try:
        with open(path, "rb", opener=own_file) as file:
            found = file.read()
    except FileNotFoundError:
        return b""
    return found if len(found) == SECRET_LENGTH else b""
