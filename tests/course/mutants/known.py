"""What is known beforehand: the named mistakes of each task, and the mutants that are no mistakes at all."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from grader.course.catalogue import STAGES, Stage
from mutants.handmade import HandMade

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


@dataclass(frozen=True)
class Names:
    """The names of the known mistakes: own, of one task each, as `stage:task:mistake`; common, of any task."""

    own: frozenset[str]
    common: frozenset[str]


def named_mistakes() -> Names:
    """The names in the tables beside the suites, which must be in the module path."""
    from mistakes import tables
    from mistakes.exceptions import EXCEPTIONS
    from mistakes.form import FORM

    from grader.judging.judge import ARGUMENT_CHANGED

    own = {f"{stage}:{task}:{known.name}" for (stage, task), table in tables().items() for known in table}
    return Names(frozenset(own), frozenset({ARGUMENT_CHANGED, *(known.name for known in (*FORM, *EXCEPTIONS))}))


def unmatched(made: list[HandMade], names: Names, stages: tuple[Stage, ...]) -> list[str]:
    """What has no counterpart: a named mistake that no hand-made mutant makes, a mutant whose mistake has no name.

    A mistake that any task can have must be made in one of them.
    """
    ids = {mutant.id for mutant in made}
    asked = {name for name in names.own if name.partition(":")[0] in {stage.name for stage in stages}}
    unnamed = sorted(m.id for m in made if m.id not in names.own and m.mistake not in names.common)
    unmade = sorted(asked - ids)
    if stages == STAGES:
        unmade += sorted(f"any task:{name}" for name in names.common - {mutant.mistake for mutant in made})
    return [f"{name}: a named mistake without a hand-made mutant" for name in unmade] + [
        f"{name}: a hand-made mutant without a named mistake" for name in unnamed
    ]
