"""Proves the suites on wrong and on right versions of the solutions: `nox -s mutants`, see `-- --help`.

Every systematic and every hand-made mutant must lose points in its own stage, every hand-made one must be told its
own mistake, and every entry of the gallery must get all points of its stages without a message.
"""

import secrets
import sys
from collections import Counter

import click
from mutants.galleries import gallery
from mutants.handmade import hand_made
from mutants.known import equivalents, named_mistakes
from mutants.running import complaints_of, killed, spread, told, verdict
from mutants.systematic import Mutant, mutants
from rich.console import Console
from rich.progress import track
from rich.table import Table

from grader.catalogue import STAGES, Stage

CONSOLE = Console(highlight=False, soft_wrap=True, emoji=False)
PARTS = ("systematic", "by-hand", "gallery")
ENDS = ("killed", "equivalent", "survived", "stale")


def systematic(stages: tuple[Stage, ...], seed: int, jobs: int) -> list[str]:
    """Run the systematic mutants and print their counts; what is wrong, in words."""
    made = [mutant for stage in stages for mutant in mutants(stage)]
    known = {name: entry for stage in stages for name, entry in equivalents(stage).items()}
    gone = sorted(known.keys() - {mutant.id for mutant in made})
    troubles = [f"{name}: listed as equivalent, but there is no such mutant" for name in gone]
    counts: Counter[tuple[str, str, str]] = Counter()
    results = spread(killed, made, seed, jobs)
    for mutant, lost in track(results, "systematic", len(made), console=CONSOLE):
        found = verdict(mutant, lost, known)
        end = found.partition(":")[0]
        counts[mutant.stage, mutant.operator, end] += 1
        if end in ("survived", "stale"):
            troubles.append(f"{mutant.id}, line {mutant.line}: {found}\n{mutant.diff}")
    show_counts(made, counts)
    return troubles


def show_counts(made: list[Mutant], counts: Counter[tuple[str, str, str]]) -> None:
    """Print what became of the mutants, by stage and operator."""
    table = Table("stage", "operator", "made", *ENDS, title="systematic mutants", box=None)
    for column in table.columns:
        column.no_wrap = True
        column.justify = "left" if column.header in ("stage", "operator") else "right"
    kinds = Counter((mutant.stage, mutant.operator) for mutant in made)
    for stage in dict.fromkeys(stage for stage, _ in kinds):
        rows = {operator: count for (where, operator), count in kinds.items() if where == stage}
        for operator, count in rows.items():
            table.add_row(stage, operator, str(count), *(str(counts[stage, operator, end] or "") for end in ENDS))
        sums = [sum(counts[stage, operator, end] for operator in rows) for end in ENDS]
        table.add_row(stage, "all", *map(str, (sum(rows.values()), *sums)), style="bold", end_section=True)
    whole = [sum(count for (_, _, ended), count in counts.items() if ended == end) for end in ENDS]
    table.add_row("all", "", *map(str, (len(made), *whole)), style="bold")
    CONSOLE.print(table)


def by_hand(stages: tuple[Stage, ...], seed: int, jobs: int) -> list[str]:
    """Run the hand-made mutants and compare them with the named mistakes; what is wrong, in words."""
    made = [mutant for stage in stages for mutant in hand_made(stage)]
    names = {
        f"{stage.name}:{name}": mistake for stage in stages for name, mistake in named_mistakes(stage).items()
    }
    troubles, wrong = [], 0
    written = {f"{mutant.stage}:{mutant.task}__{mutant.mistake}" for mutant in made}
    if names:
        troubles += [
            f"{name}: a named mistake without a hand-made mutant" for name in sorted(names.keys() - written)
        ]
        troubles += [
            f"{name}: a hand-made mutant without a named mistake" for name in sorted(written - names.keys())
        ]
    for mutant, result in track(spread(told, made, seed, jobs), "by hand", len(made), console=CONSOLE):
        trouble = result.trouble(mutant, bool(names))
        if trouble:
            wrong += 1
            troubles.append(f"{mutant.id} {trouble}")
    CONSOLE.print(
        f"hand-made mutants: {len(made)}, of which {len(made) - wrong} as they must be; names: {len(names)}"
    )
    return troubles


def right(stages: tuple[Stage, ...], seed: int, jobs: int) -> list[str]:
    """Run the gallery; what is wrong, in words."""
    entries = gallery()
    items = [(entry, stage) for entry in entries for stage in entry.stages if stage in stages]
    troubles, results = [], spread(complaints_of, items, seed, jobs)
    for (entry, stage), against in track(results, "gallery", len(items), console=CONSOLE):
        troubles += [f"gallery, {entry.style}, {stage.name}: {complaint}" for complaint in against]
    CONSOLE.print(f"gallery: {len(items)} stages in {len(entries)} styles, complaints: {len(troubles)}")
    return troubles


@click.command(help=__doc__)
@click.option(
    "--stage", "numbers", multiple=True, type=click.IntRange(1, len(STAGES)), help="Only this one; again."
)
@click.option("--jobs", default=2, show_default=True, help="Processes at a time.")
@click.option("--seed", type=int, help="The data's seed; else drawn, and printed.")
@click.option("--only", type=click.Choice(PARTS), help="Only this part.")
@click.option("--list", "listing", is_flag=True, help="Show the systematic mutants and run none.")
def main(numbers: tuple[int, ...], jobs: int, seed: int | None, only: str | None, listing: bool) -> None:
    """Run what is asked for; the exit code is 1 where anything is not as it must be."""
    stages = tuple(stage for stage in STAGES if not numbers or stage.number in numbers)
    if listing:
        for mutant in (mutant for stage in stages for mutant in mutants(stage)):
            CONSOLE.print(f"{mutant.id}, line {mutant.line}\n{mutant.diff}\n", markup=False)
        return
    seed = secrets.randbelow(2**31) if seed is None else seed
    CONSOLE.print(f"The data were drawn: --seed {seed} draws the same.")
    parts = dict(zip(PARTS, (systematic, by_hand, right), strict=True))
    troubles = [
        trouble for name, part in parts.items() if only in (None, name) for trouble in part(stages, seed, jobs)
    ]
    for trouble in troubles:
        CONSOLE.print(f"\n{trouble}", markup=False)
    CONSOLE.print(f"\n{len(troubles)} not as they must be" if troubles else "All as they must be.")
    sys.exit(bool(troubles))


if __name__ == "__main__":
    main()
