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
MAX_CPU = 1.2
"""CPU ÷ floor, net of start, at the most."""
MAX_CHANGED = 2.0
"""CPU of a changed stage ÷ its floor, at the most."""
MAX_OWN = 0.7
"""Seconds of CPU that the suites ask of a learner's functions, at the most."""
MIN_WALL = {rounds.NBGRADER: 12.0, rounds.NBGRADER_4: 24.0, rounds.OTTER: 24.0, rounds.COLD: 8.0}
"""Wall of the others ÷ ours, net of start, at the least."""
NUMPY_BAR = 0.2
"""Seconds from a save to its verdict in watch mode, on stages that need NumPy alone."""
TORCH_BAR = 0.15
"""Seconds beyond the learner's own on the others."""
MIN_EFFICIENCY = 0.95
"""Of several jobs beside one, at the least."""
MIN_RATE = 400.0
"""Submissions a second that the command's own work lets through, so that 400 cores are fed, at the least."""


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
    for column in ("wall", "from … to", "CPU", "from … to", "wall ÷ ours, net", "CPU ÷ floor"):
        table.add_column(column, justify="right")
    for row in ROWS:
        if row in figures.each:
            middle = figures.median(row)
            ranges = [_range([of(u) for u in figures.each[row]]) for of in (wall, cpu)]
            ratios = [figures.ratio(row, rounds.NET, wall), figures.ratio(row, rounds.FLOOR, cpu)]
            times = (f"{middle.wall:.2f}", ranges[0], f"{middle.cpu:.2f}", ranges[1])
            table.add_row(row, *times, *("" if r is None else f"{r:.2f}" for r in ratios))
    console.print(table)
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
    for peer, bar in MIN_WALL.items():
        add(f"wall, {peer} ÷ ours, net of start", figures.ratio(peer, rounds.NET, wall), bar, least=True)
    changed = figures.ratio(rounds.CHANGED, rounds.FLOOR_CHANGED, cpu)
    add("CPU of a changed stage ÷ its floor, net of start", changed, MAX_CHANGED, least=False)
    own = figures.median(rounds.FLOOR_OWN).cpu if rounds.FLOOR_OWN in figures.each else None
    add("CPU of the floor in the learners' functions", own, MAX_OWN, least=False, unit=" s")
    console.print(table)


def _show_again(console: Console, figures: Figures) -> None:
    """What a start takes, which all share, and what grading again takes, with nothing new and with one stage."""
    if rounds.NET not in figures.each:
        return
    ours, net, nothing, changed = (
        figures.median(row) for row in (rounds.OURS, rounds.NET, rounds.UNCHANGED, rounds.CHANGED)
    )
    for what, each in (("Start", ours - net), ("Graded again, nothing new", nothing)):
        whole = each.each(1 / len(figures.learners))
        console.print(f"{what}: {whole.wall:.2f} s, CPU {whole.cpu:.2f} s for the whole cohort.")
    console.print(
        "Graded again, one stage of each submission new, net of start: "
        f"{changed.wall:.2f} s, CPU {changed.cpu:.2f} s per submission (all six stages: CPU {net.cpu:.2f} s)."
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
