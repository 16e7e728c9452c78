"""The versions on which a verdict may depend, and whether they are those with which the kit is tested."""

import platform
import sys
from functools import cache
from importlib import metadata

from grader.course.finding import KIT

LIBRARIES = {"numpy": "NumPy", "torch": "PyTorch"}
CONSTRAINTS = KIT / "constraints.txt"
"""Exact versions of everything, in a clone; an installed wheel has none."""


def running() -> dict[str, str]:
    """The versions of Python and of the libraries here, by their names as they are written: those that are loaded,
    else those that are installed; without what is not. Builds are left out: digests hold these versions, and not
    every installation of PyTorch knows that it is 2.13.0+cu130 before it is loaded.
    """
    libraries = {LIBRARIES[name]: _public(_running(name)) for name in LIBRARIES}
    return {"Python": platform.python_version(), **{name: found for name, found in libraries.items() if found}}


def told() -> str:
    """The versions in a line."""
    return ", ".join(f"{name} {version}" for name, version in running().items())


def difference() -> str:
    """A sentence where NumPy or PyTorch are others here than in constraints.txt; "" where they are not."""
    pinned = _pinned()
    here = {name: _public(_running(name)) for name in pinned}
    others = {name: version for name, version in pinned.items() if here[name] not in (version, "")}
    if not others:
        return ""
    wanted = ", ".join(f"{LIBRARIES[name]} {version}" for name, version in others.items())
    stale = [name for name, version in others.items() if _public(metadata.version(name)) == version]
    remedy = f" It is installed: restart to have {LIBRARIES[stale[0]]} loaded anew." if stale else ""
    return f"Run with {told()}; marking has {wanted}, so a verdict may differ there.{remedy}"


def _running(name: str) -> str:
    """A library's version; "" where it is not there."""
    loaded: str | None = getattr(sys.modules.get(name), "__version__", None)
    try:
        return loaded or metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _public(version: str) -> str:
    """A version without what tells builds apart, as in 2.13.0+cpu."""
    return version.partition("+")[0]


@cache
def _pinned() -> dict[str, str]:
    """The libraries' versions in constraints.txt, as far as there are any."""
    if not CONSTRAINTS.exists():
        return {}
    lines = [line.partition("==") for line in CONSTRAINTS.read_text(encoding="utf-8").splitlines()]
    return {name: version.partition(";")[0].strip() for name, _, version in lines if name in LIBRARIES}
