"""The way into Colab: the repository's address, the badge that opens a notebook there, and how to install."""

import re
from urllib.parse import urlsplit

from grader.course.finding import settings_of
from grader.course.location import PYPROJECT

BRANCH = "main"
"""What a badge opens; a clone takes the repository's default branch."""

_ADDRESS = re.compile(r"https://[\w.-]+(:\d+)?(/[\w.~-]+)+")
_SETTING = re.compile(r'^Repository = ".*"$', re.MULTILINE)
_INSTALL = """\
# In Colab this fetches the kit; elsewhere it is there already.
import os
import sys

kit = os.path.expanduser("~/chainrule")
if "google.colab" in sys.modules and kit not in sys.path:
    if not os.path.isdir(kit):
        !GIT_TERMINAL_PROMPT=0 git clone --quiet --depth 1 REPOSITORY {kit}
    with open(f"{kit}/constraints.txt", encoding="utf-8") as pinned:  # of PyTorch Colab's own stays: gigabytes
        numpy = next(line.strip() for line in pinned if line.startswith("numpy=="))
    %pip install --quiet --editable {kit} {numpy}
    sys.path.insert(0, kit)  # a running kernel does not look for new packages by itself"""


def repository() -> str:
    """The address under `[project.urls]` now, from which Colab fetches the kit; empty where there is none."""
    project = settings_of(PYPROJECT.parent).get("project", {})
    address: str = project.get("urls", {}).get("Repository", "")
    return address


def set_repository(address: str) -> None:
    """Write the address into pyproject.toml, where `repository` finds it.

    Raises ValueError for what is not an https address of a repository, as the address becomes part of a command,
    and where the file has no such line.
    """
    address = address.removesuffix("/").removesuffix(".git")
    if not _ADDRESS.fullmatch(address):
        raise ValueError(f"{address!r} is not the https address of a repository")
    text, found = _SETTING.subn(f'Repository = "{address}"', PYPROJECT.read_text(encoding="utf-8"), count=1)
    if not found:
        raise ValueError(f'{PYPROJECT.name} has no line Repository = "…" under [project.urls]')
    PYPROJECT.write_text(text, encoding="utf-8", newline="\n")


def badge(address: str, file: str) -> str:
    """Markdown of the badge that opens a file of notebooks/ in Colab, which knows GitHub's addresses only.

    Empty for a repository elsewhere; its notebooks are uploaded to Colab by hand.
    """
    parts = urlsplit(address)
    if parts.hostname != "github.com":
        return ""
    colab = "https://colab.research.google.com"
    link = f"{colab}/github{parts.path}/blob/{BRANCH}/notebooks/{file}"
    return f"[![Open in Colab]({colab}/assets/colab-badge.svg)]({link})"


def install(address: str) -> str:
    """Source of a cell that in Colab installs the kit, once, and elsewhere does nothing; "" without an address."""
    return f"{_INSTALL.replace('REPOSITORY', address)}\n\n" if address else ""
