"""Runs the ways of marking in interleaved rounds, and keeps what each took per submission."""

import json
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench import cohort, cold, measure, ours, way
from bench.cohort import Learner
from bench.measure import Usage
from bench.stock_nbgrader import Nbgrader
from bench.stock_otter import Otter
from bench.way import Marked, Setup, Way

FLOOR, OURS, COLD = "floor: one warm process", "chainrule grade", "cold pytest"
NBGRADER, NBGRADER_4, OTTER = "nbgrader, one notebook", "nbgrader, four notebooks", "otter run"
NET, UNCHANGED, CHANGED = (
    "chainrule grade, net of start",
    "graded again, nothing new",
    "again, one stage new, net of start",
)
FLOOR_OWN = "floor, in the learners' own functions"
FLOOR_CHANGED = "floor, the new stages alone"
WAYS = ("floor", "ours", "cold", "nbgrader", "nbgrader4", "otter")
"""The ways' short names, for choosing among them."""
COPIES = 3


@dataclass
class Figures:
    """Every round's figures: seconds per submission by row, and the scores that each way gave."""

    learners: Sequence[Learner]
    each: dict[str, list[Usage]] = field(default_factory=dict)
    scores: dict[str, dict[str, float]] = field(default_factory=dict)

    def add(self, row: str, usage: Usage) -> None:
        """Keep a round's figure."""
        self.each.setdefault(row, []).append(usage)

    def median(self, row: str) -> Usage:
        """The medians over the rounds."""
        usages = self.each[row]
        return Usage(statistics.median(u.wall for u in usages), statistics.median(u.cpu for u in usages))

    def ratio(self, above: str, below: str, of: Callable[[Usage], float]) -> float | None:
        """The median of the rounds' ratios of two rows; None where either was not measured."""
        if above not in self.each or below not in self.each:
            return None
        pairs = zip(self.each[above], self.each[below], strict=True)
        return statistics.median(of(a) / of(b) for a, b in pairs)

    def write(self, path: Path) -> None:
        """Write every figure as JSON."""
        rows = {row: [[u.wall, u.cpu] for u in usages] for row, usages in self.each.items()}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps({"wall, cpu": rows, "scores": self.scores}, indent=1), encoding="utf-8")


def run(setup: Setup, number: int, only: set[str], say: Callable[[str], None]) -> Figures:
    """Mark the cohort in each way, round after round; each round begins with another way."""
    measure.adopt_orphans()
    figures = Figures(setup.learners)
    with tempfile.TemporaryDirectory() as temporary:
        ways = _ways(setup, Path(temporary), only, figures)
        for count in range(number):
            first = count % len(ways)
            for one in ways[first:] + ways[:first]:
                folder = Path(temporary) / f"round-{count}" / one.name
                folder.mkdir(parents=True)
                marked = one.mark(folder)
                figures.scores[one.name] = marked.scores
                figures.add(one.name, each := marked.usage.each(len(setup.learners)))
                say(f"{way.stamp()} round {count + 1}: {one.name}: {each.wall:.2f} s, CPU {each.cpu:.2f} s")
    return figures


def _ways(setup: Setup, folder: Path, only: set[str], figures: Figures) -> list[Way]:
    """The ways, those of courses with the course made."""

    def course(name: str) -> Path:
        return folder / name / "course"

    made: dict[str, tuple[str, Callable[[], Callable[[Path], Marked]]]] = {
        "floor": (FLOOR, lambda: lambda new: _floor(setup, new, figures)),
        "ours": (OURS, lambda: lambda new: _ours(setup, new, figures)),
        "cold": (COLD, lambda: lambda new: cold.mark(setup, new)),
        "nbgrader": (NBGRADER, lambda: Nbgrader(setup, course("one"), four=False).mark),
        "nbgrader4": (NBGRADER_4, lambda: Nbgrader(setup, course("four"), four=True).mark),
        "otter": (OTTER, lambda: Otter(setup, course("otter")).mark),
    }
    return [Way(name, make()) for key, (name, make) in made.items() if not only or key in only]


def _floor(setup: Setup, folder: Path, figures: Figures) -> Marked:
    """The floor, in a process of its own that tells its own times; what `again` marks anew is added up too."""
    cohort.write(cohort.submissions(setup.learners), folder / "cohort")
    measure.run(
        [setup.kit, "-m", "bench.floor", folder / "cohort", folder / "floor.json"],
        folder,
        way.environment(setup.kit, folder / "home"),
    )
    told = json.loads((folder / "floor.json").read_text(encoding="utf-8"))
    cpu = sum(told[name]["stages"][file.removesuffix(".py")] for name, file in ours.changed(setup))
    own = sum(t["own"] for t in told.values())
    figures.add(FLOOR_OWN, Usage(own, own).each(len(setup.learners)))
    figures.add(FLOOR_CHANGED, Usage(cpu, cpu).each(len(setup.learners)))
    usage = Usage(sum(t["wall"] for t in told.values()), sum(t["cpu"] for t in told.values()))
    return Marked(usage, {name: t["score"] for name, t in told.items()})


def _ours(setup: Setup, folder: Path, figures: Figures) -> Marked:
    """`chainrule grade`: the cohort, and both again; a larger one beside it tells the start from the marking."""
    number = len(setup.learners)
    marked = ours.mark(setup, folder)
    figures.add(NET, ours.marginal(setup, folder / "more", COPIES, marked.usage))
    figures.add(UNCHANGED, ours.grade(setup, folder / "cohort", folder / "out").usage.each(number))
    again, more = ours.again(setup, folder), ours.again(setup, folder / "more")
    figures.add(CHANGED, (more.usage - again.usage).each((COPIES - 1) * number))
    figures.scores[CHANGED] = again.scores
    return marked
