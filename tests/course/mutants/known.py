"""The systematic mutants that are no mistakes at all, by the lines that they put in."""

import tomllib
from pathlib import Path

from grader.course.catalogue import Stage

EQUIVALENT = Path(__file__).parent / "equivalent"


def equivalents(stage: Stage, folder: Path = EQUIVALENT) -> dict[str, str]:
    """Why each of a stage's mutants, by its id, is allowed by the contract; from a table of reasons with theirs.

    Raises ValueError where a mutant is listed twice.
    """
    path = folder / f"{stage.name}.toml"
    if not path.is_file():
        return {}
    found: dict[str, str] = {}
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["equivalent"]:
        for where, several in entry["mutants"].items():
            for changed in several:
                name = f"{stage.name}:{where}: {changed}"
                if name in found:
                    raise ValueError(f"{path.name} lists {where}: {changed} twice")
                found[name] = entry["reason"]
    return found
