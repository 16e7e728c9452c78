"""Prints the benchmark's figures beside the bars."""

from rich.console import Console
from rich.table import Table

from bench import rounds
from bench.measure import Usage
from bench.rounds import Figures

ROWS = (
    rounds.FLOOR,
    rounds.NET,
    rounds.OURS,
    rounds.COLD,
    rounds.NBGRADER,
    rounds.NBGRADER_4,
    rounds.OTTER,
)
MAX_CPU, MAX_START = 1.15, 4.0
MIN_WALL = {rounds.NBGRADER: 12.0, rounds.NBGRADER_4: 20.0, rounds.OTTER: 25.0, rounds.COLD: 9.0}
"""The bars: CPU ÷ floor at the most, seconds of start at the most, wall ÷ ours at the least."""


def wall(usage: Usage) -> float:
    """Wall seconds."""
    return usage.wall


def cpu(usage: Usage) -> float:
    """CPU seconds."""
    return usage.cpu


def show(console: Console, figures: Figures, number: int) -> None:
    """Print the figures per submission, the bars, and a warning for every score that differs."""
    marked = f"{len(figures.learners)} submissions, medians of {number} round(s), one thread each"
    table = Table("way of marking", title=f"seconds per submission, {marked}")
    for column in ("wall", "from … to", "CPU", "from … to", "wall ÷ ours", "CPU ÷ floor"):
        table.add_column(column, justify="right")
    for row in ROWS:
        if row in figures.each:
            middle = figures.median(row)
            ranges = [_range([of(u) for u in figures.each[row]]) for of in (wall, cpu)]
            ratios = [figures.ratio(row, rounds.OURS, wall), figures.ratio(row, rounds.FLOOR, cpu)]
            times = (f"{middle.wall:.2f}", ranges[0], f"{middle.cpu:.2f}", ranges[1])
            table.add_row(row, *times, *("" if r is None else f"{r:.2f}" for r in ratios))
    console.print(table)
    if rounds.FLOOR_OWN in figures.each:
        own = figures.median(rounds.FLOOR_OWN).cpu
        console.print(f"Of the floor's CPU, {own:.2f} s pass in the learners' functions, the rest in the suites.")
    _show_bars(console, figures)
    _show_again(console, figures)
    for warning in differing(figures):
        console.print(f"WARNING {warning}", style="red")


def _show_bars(console: Console, figures: Figures) -> None:
    table = Table("figure", title="the bars")
    for column in ("measured", "bar", ""):
        table.add_column(column, justify="right")

    def add(figure: str, measured: float | None, bar: float, least: bool, unit: str = "") -> None:
        if measured is not None:
            met = measured >= bar if least else measured <= bar
            sign = "≥" if least else "≤"
            table.add_row(figure, f"{measured:.2f}{unit}", f"{sign} {bar:g}{unit}", "met" if met else "missed")

    add("CPU ÷ floor, net of start", figures.ratio(rounds.NET, rounds.FLOOR, cpu), MAX_CPU, least=False)
    add("CPU ÷ floor, start included", figures.ratio(rounds.OURS, rounds.FLOOR, cpu), MAX_CPU, least=False)
    for peer, bar in MIN_WALL.items():
        add(f"wall, {peer} ÷ ours", figures.ratio(peer, rounds.OURS, wall), bar, least=True)
        net = figures.ratio(peer, rounds.NET, wall)
        add(f"wall, {peer} ÷ ours, net of start", net, bar, least=True)
    start = figures.median(rounds.START).wall if rounds.START in figures.each else None
    add("start of grade until a learner's first line runs", start, MAX_START, least=False, unit=" s")
    console.print(table)


def _show_again(console: Console, figures: Figures) -> None:
    """What grading again takes: its start, and what it takes beyond that for the stages that are new."""
    if rounds.CHANGED not in figures.each:
        return
    whole, nothing, changed = (figures.median(r) for r in (rounds.NET, rounds.UNCHANGED, rounds.CHANGED))
    all_of_it = nothing.each(1 / len(figures.learners))
    console.print(
        f"Graded again, nothing new: {all_of_it.wall:.2f} s, CPU {all_of_it.cpu:.2f} s for the whole cohort."
    )
    console.print(
        "Graded again, one stage of each submission new, beyond that: "
        f"{changed.wall:.2f} s, CPU {changed.cpu:.2f} s per submission (all six stages: CPU {whole.cpu:.2f} s)."
    )
    if rounds.FLOOR_CHANGED in figures.each:
        floor = figures.median(rounds.FLOOR_CHANGED).cpu
        console.print(
            f"The floor takes CPU {floor:.2f} s for these stages alone: {changed.cpu / floor:.2f} times that."
        )


def _range(values: list[float]) -> str:
    return f"{min(values):.2f} … {max(values):.2f}"


def differing(figures: Figures) -> list[str]:
    """A line for each score that is not as the learner earned it, or that differs among the ways."""
    found = []
    for learner in figures.learners:
        given = {way: scores.get(learner.name) for way, scores in figures.scores.items()}
        if len(set(given.values())) > 1:
            found.append(f"{learner.name}: the ways differ: {given}")
        found += [
            f"{learner.name}: {way} gives {score}, all points due: {learner.complete}"
            for way, score in given.items()
            if (score == 100.0) is not learner.complete
        ]
    return found
