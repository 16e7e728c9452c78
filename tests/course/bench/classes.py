"""A class as it comes in, of any size: drawn from styles, known mistakes and systematic mutants, by ability."""

import random
import re
from functools import cache

from mutants.systematic import mutants

from bench import cohort, steps, tools
from grader.course.catalogue import STAGES, Stage
from grader.course.location import EXERCISES
from grader.course.mistakes import mistakes_of

MARKS = re.compile(r"^ *### (?:BEGIN|END) SOLUTION\n", re.MULTILINE)
ODD = (
    {"notes.txt": "I will hand this in tomorrow.\n"},
    {STAGES[0].file: "while True:\n    pass\n"},
    {STAGES[0].file: "import os\n\nos._exit(3)\n"},
    {STAGES[0].file: "open('/etc/passwd').read()\n"},
    {STAGES[0].file: "def broken(:\n"},
)
"""What some hand in: nothing that is asked for, a loop without end, an exit, a file that is read, no Python."""
ONE_IN = 60
"""So many submissions hold one of these, and as many are somebody else's with other names in them."""


def submissions(number: int, seed: int = 1) -> dict[str, cohort.Files]:
    """So many submissions by name, the same for the same seed."""
    drawn = random.Random(seed)
    made: dict[str, cohort.Files] = {}
    for count in range(1, number + 1):
        name = f"learner-{count:04}"
        ability = drawn.betavariate(4, 1.6)
        if count % ONE_IN == 7:
            made[name] = dict(ODD[count // ONE_IN % len(ODD)])
        elif count % ONE_IN == 31:
            made[name] = _renamed(drawn.choice(list(made.values())))
        else:
            made[name] = {
                stage.file: _source(stage, drawn, ability - 0.04 * stage.number, count) for stage in STAGES
            }
    return made


def _source(stage: Stage, drawn: random.Random, ability: float, copy: int) -> str:
    """A stage by a learner who has it right with this chance: unwritten, a known mistake, a mutant, or right."""
    if drawn.random() < 0.4 * (1 - ability) ** 2:
        return (EXERCISES / stage.file).read_text(encoding="utf-8")
    if drawn.random() < ability:
        bodies = drawn.choice([{}, steps.BODIES.get(stage.number, {}), tools.BODIES.get(stage.number, {})])
        return cohort.touched(cohort.filled(stage, dict(bodies)), copy)
    wrong = _wrong(stage)[drawn.random() < 0.3]
    place = min(int(drawn.paretovariate(0.6)) - 1, len(wrong) - 1)  # few are made by many, many by few
    return cohort.touched(MARKS.sub("", wrong[place]), copy)


@cache
def _wrong(stage: Stage) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Wrong versions of a stage's solution: known mistakes, and mutants; each in an order drawn once."""
    known = [way for mistake in mistakes_of(stage) for way in mistake.ways]
    unknown = [mutant.source for mutant in mutants(stage)]
    for sources in (known, unknown):
        random.Random(stage.number).shuffle(sources)
    return tuple(known or unknown), tuple(unknown)


def _renamed(files: cohort.Files) -> cohort.Files:
    """The same code with some local names changed, as who copies does."""
    names = {"losses": "loss_list", "batch_loss": "current_loss", "out": "result", "grads": "gradients"}
    pattern = re.compile(rf"\b({'|'.join(names)})\b")
    return {file: pattern.sub(lambda found: names[found[1]], source) for file, source in files.items()}
