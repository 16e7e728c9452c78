"""What is known beforehand: the named mistakes of each task, and the mutants that are no mistakes at all."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from grader.catalogue import Stage
from mutants.handmade import identifier

EQUIVALENT = Path(__file__).parent / "equivalent"


@dataclass(frozen=True)
class Equivalent:
    """A systematic mutant that the contract allows; changed: the lines that it puts in, by which it is known."""

    id: str
    changed: str
    reason: str


def equivalents(stage: Stage, folder: Path = EQUIVALENT) -> dict[str, Equivalent]:
    """A stage's equivalent mutants by id, from a table of reasons, each with its mutants.

    Raises ValueError where a mutant is listed twice.
    """
    path = folder / f"{stage.name}.toml"
    if not path.is_file():
        return {}
    found: dict[str, Equivalent] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["equivalent"]:
        for name, changed in entry["mutants"].items():
            full = f"{stage.name}:{name}"
            if full in found:
                raise ValueError(f"{path.name} lists {name} twice")
            found[full] = Equivalent(full, changed, entry["reason"])
    return found


def named_mistakes(stage: Stage) -> dict[str, str]:
    """The names of a stage's known mistakes, by `task__mistake` as a hand-made mutant has it."""
    try:
        from mistakes import TABLES
    except ModuleNotFoundError as missing:
        if missing.name != "mistakes":
            raise
        return {}  # TODO at merge: the tables are there, and this branch goes
    return {
        f"{task}__{identifier(mistake.name)}": mistake.name
        for task in stage.tasks
        for mistake in TABLES.get((stage.name, task), ())
    }
