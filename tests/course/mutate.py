"""Proves the suites on wrong and on right versions of the solutions: `nox -s mutants`, see `-- --help`.

Every systematic mutant and every known mistake's piece of wrong code must lose points in its own stage, the latter
must be told its own mistake, and every entry of the gallery must get all points of its stages without a message.
"""

import secrets
import sys
from collections import Counter

import click
from mutants.galleries import gallery
from mutants.known import equivalents
from mutants.running import complaints_of, killed, pieces, spread, told, verdict
from mutants.systematic import Mutant, mutants
from rich.console import Console
from rich.progress import track
from rich.table import Table

from grader.course.catalogue import STAGES, Stage
from grader.course.location import TESTS
from grader.judging.naming import families

CONSOLE = Console(highlight=False, soft_wrap=True, emoji=False)
PARTS = ("systematic", "mistakes", "gallery")
ENDS = ("killed", "equivalent", "survived", "stale", "kit failed")
DRAWS = 3
"""How many times the gallery is run, each on data of its own."""


def systematic(stages: tuple[Stage, ...], seed: int, jobs: int) -> list[str]:
    """Run the systematic mutants and print their counts; what is wrong, in words."""
    made = [mutant for stage in stages for mutant in mutants(stage)]
    known = {name: reason for stage in stages for name, reason in equivalents(stage).items()}
    gone = sorted(known.keys() - {mutant.id for mutant in made})
    troubles = [f"{name}: listed as equivalent, but there is no such mutant" for name in gone]
    counts: Counter[tuple[str, str, str]] = Counter()
    results = spread(killed, made, seed, jobs)
    for mutant, lost in track(results, "systematic", len(made), console=CONSOLE):
        found = verdict(mutant, lost, known)
        end = found.partition(":")[0]
        counts[mutant.stage, mutant.operator, end] += 1
        if end not in ("killed", "equivalent"):
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


def known_mistakes(stages: tuple[Stage, ...], seed: int, jobs: int) -> list[str]:
    """Run the known mistakes' pieces of wrong code; what is wrong, in words."""
    made, troubles = [piece for stage in stages for piece in pieces(stage)], []
    table = Table("stage", "made", "killed", "told", "told later", "not told", title="known mistakes", box=None)
    counts: Counter[tuple[str, str]] = Counter()
    for piece, result in track(spread(told, made, seed, jobs), "mistakes", len(made), console=CONSOLE):
        trouble = result.trouble(piece)
        counts.update((piece.stage, end) for end in ("made", result.end(piece), "killed" * (result.lost > 0)))
        troubles += [f"{piece.id} {trouble}"] if trouble else []
    for stage in stages:
        row = [counts[stage.name, end] for end in ("made", "killed", "told", "told later", "not told")]
        table.add_row(stage.name, *map(str, row))
    CONSOLE.print(table)
    names = {piece.id for piece in made}
    CONSOLE.print(f"known mistakes: {len(names)} in {len(made)} pieces, and {len(families())} families")
    return troubles


def right(stages: tuple[Stage, ...], seed: int, jobs: int) -> list[str]:
    """Run the gallery on several draws of the data; what is wrong, in words."""
    entries = gallery()
    items = [
        (entry, stage, seed + draw)
        for draw in range(DRAWS)
        for entry in entries
        for stage in entry.stages
        if stage in stages
    ]
    troubles, wrong = [], 0
    results = spread(complaints_of, items, seed, jobs)
    for (entry, stage, drawn), against in track(results, "gallery", len(items), console=CONSOLE):
        wrong += bool(against)
        troubles += [f"gallery, {entry.style}, {stage.name}, seed {drawn}: {complaint}" for complaint in against]
    counted = f"{len(items) // DRAWS} stages in {len(entries)} styles, {DRAWS} draws each"
    CONSOLE.print(f"gallery: {counted}; right {len(items) - wrong}, not right {wrong}")
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
    sys.path.append(str(TESTS))  # where the tables of mistakes are
    seed = secrets.randbelow(2**31) if seed is None else seed
    CONSOLE.print(f"The data were drawn: --seed {seed} draws the same.")
    parts = dict(zip(PARTS, (systematic, known_mistakes, right), strict=True))
    troubles = [
        trouble for name, part in parts.items() if only in (None, name) for trouble in part(stages, seed, jobs)
    ]
    for trouble in troubles:
        CONSOLE.print(f"\n{trouble}", markup=False)
    CONSOLE.print(f"\n{len(troubles)} not as they must be" if troubles else "All as they must be.")
    sys.exit(bool(troubles))


if __name__ == "__main__":
    main()
