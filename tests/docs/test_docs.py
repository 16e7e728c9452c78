"""Every page of the documentation is followed literally: its files written, its commands run, outputs compared."""

import re
from pathlib import Path

import pytest
from isolation import ISOLATION
from sessions import Session, difference, same, transcript, typed
from sybil import Document, Example, Sybil
from sybil.parsers.myst import CodeBlockParser

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
MOST_WORDS = 1500
"""Of a page; more belongs on two."""
WRITTEN = ("python", "toml", "markdown", "text")
"""Languages of the blocks that are files, where they have a caption with the path."""
NOT_RUN = {
    "uvx ": "fetches the kit from a package index",
    "uv pip ": "installs from a package index",
    "pip install ": "installs from a package index",
    "python -m pip ": "installs from a package index",
    "nox ": "makes an environment of its own with PyTorch; that the session exists is looked at",
    "jupyter lab ": "opens a browser",
    ". tls.sh && ": "needs a cluster; the engine's tests start one with the same commands",
    "chainrule grade submissions --scheduler ": "needs a cluster",
    "for host in ": "needs other machines",
    "openssl ": "is not on every machine",
    "sbatch ": "needs SLURM",
    "scancel ": "needs SLURM",
    "kubectl ": "needs Kubernetes",
}
"""Beginnings of commands that are shown and not run, with the reason. All others are run."""


def follow(example: Example) -> None:
    """Carry out a block: run what it shows, or write the file that it is."""
    session: Session = example.namespace["session"]
    options = example.region.lexemes.get("options") or {}
    if example.region.lexemes["arguments"] != "console":
        if "caption" in options:
            session.write(options["caption"], example.parsed)
        return
    words = options.get("class", "").split()
    code = next((int(word.removeprefix("exit-")) for word in words if word.startswith("exit-")), 0)
    keys = [word.removeprefix("key-") for word in words if word.startswith("key-")]
    commands = [*transcript(example.parsed)]
    assert commands, "a block of commands without a command"
    for number, (command, shown) in enumerate(commands, 1):
        if command.startswith(tuple(NOT_RUN)):
            continue
        if keys:
            session.type(command, typed(shown, keys))
            continue
        got = session.run(command, code if number == len(commands) else 0)
        assert same(shown, got), f"{command}\n{difference(shown, got)}"


BLOCKS = Sybil(parsers=[CodeBlockParser(language, follow) for language in ("console", *WRITTEN)])


def examples(page: Path) -> list[Example]:
    """The blocks of a page, in their order."""
    return [*BLOCKS.parse(page).examples()]


def name_of(page: Path) -> str:
    """A page's path in docs/."""
    return str(page.relative_to(DOCS))


@pytest.mark.skipif(
    ISOLATION != "kernel", reason="the pages show what is seen on Linux, where the kernel confines"
)
@pytest.mark.parametrize("page", [page for page in PAGES if examples(page)], ids=name_of)
def test_page_is_true(page: Path, tmp_path: Path) -> None:
    """What a page shows comes, in its order."""
    here, home = tmp_path / "here", tmp_path / "home"
    here.mkdir()
    home.mkdir()
    document: Document = BLOCKS.parse(page)
    document.namespace["session"] = Session(here, home)
    for example in document.examples():
        example.evaluate()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_page_is_short(page: Path) -> None:
    """A page can be read at one sitting."""
    assert len(page.read_text(encoding="utf-8").split()) <= MOST_WORDS


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_is_followed(page: Path) -> None:
    """No block escapes the test above by its language; drawings alone are text without a path."""
    text = page.read_text(encoding="utf-8")
    fences = re.findall(r"^(?:```|~~~)(?:\{code-block\} )?(\w\S*)$", text, re.MULTILINE)
    assert set(fences) <= {"console", *WRITTEN}
    for example in examples(page):
        lexemes = example.region.lexemes
        assert lexemes["arguments"] in ("console", "text") or "caption" in (lexemes.get("options") or {}), name_of(
            page
        )


def test_what_is_not_run() -> None:
    """Each reason not to run a command is needed, and the sessions of nox that are shown exist."""
    shown = [command for page in PAGES for command in commands_of(page)]
    assert [start for start in NOT_RUN if not any(command.startswith(start) for command in shown)] == []
    sessions = {found[1] for command in shown if (found := re.match(r"nox -s (\w+)", command))}
    there = re.findall(r"^def (\w+)\(session", (ROOT / "noxfile.py").read_text(encoding="utf-8"), re.MULTILINE)
    assert sessions <= set(there)


def commands_of(page: Path) -> list[str]:
    """The commands that a page shows in blocks."""
    blocks = (example for example in examples(page) if example.region.lexemes["arguments"] == "console")
    return [command for example in blocks for command, _ in transcript(example.parsed)]
