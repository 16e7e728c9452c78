"""The benchmark's cohort: 12 ordinary submissions, mostly complete, in several styles, some with mistakes."""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import steps, tools
from bench.mistakes import MISTAKES
from grader.course.catalogue import STAGES, Stage
from grader.course.location import EXERCISES, SOLUTIONS

REGION = re.compile(r"^( *)### BEGIN SOLUTION\n(.*?)^ *### END SOLUTION\n", re.DOTALL | re.MULTILINE)
CLASS_METHODS = {"TinyMLP": ("TinyMLP.__init__", "TinyMLP.forward")}
STYLES: dict[str, dict[int, dict[str, str]]] = {"s": steps.BODIES, "t": tools.BODIES}

Files = dict[str, str]
"""A submission: file name → source."""


@dataclass(frozen=True)
class Learner:
    """A learner: a style for each stage (r: as the solution, as every stage after those named is, s: step by step,
    t: by the libraries' tools, -: as released), and the mistake made, if any.
    """

    name: str
    styles: str
    mistake: str | None = None

    @property
    def complete(self) -> bool:
        """Whether all points are due."""
        return "-" not in self.styles and self.mistake is None


LEARNERS = (
    Learner("learner-01", "rrrrrr"),
    Learner("learner-02", "ssssss"),
    Learner("learner-03", "tttttt"),
    Learner("learner-04", "rsrsrs", "slope 1 at 0"),
    Learner("learner-05", "ststst"),
    Learner("learner-06", "ssrrtt", "shapes not compared"),
    Learner("learner-07", "rttssr"),
    Learner("learner-08", "tsrtst", "summed over the batch"),
    Learner("learner-09", "sstrr-"),
    Learner("learner-10", "rrttss", "no zero_grad"),
    Learner("learner-11", "ttssrr"),
    Learner("learner-12", "strtsr", "predicts above 0"),
)


def submissions(learners: Sequence[Learner] = LEARNERS, copies: int = 1) -> dict[str, Files]:
    """The learners' submissions by name; further copies differ in a comment, so that none is known already."""
    return {
        f"{learner.name}-{copy}" if copy else learner.name: {
            stage.file: touched(module(learner, stage), copy) for stage in STAGES
        }
        for copy in range(copies)
        for learner in learners
    }


def module(learner: Learner, stage: Stage) -> str:
    """A stage's source as the learner hands it in."""
    style = learner.styles[stage.number - 1 : stage.number] or "r"
    if style == "-":
        return (EXERCISES / stage.file).read_text(encoding="utf-8")
    bodies = dict(STYLES.get(style, {}).get(stage.number, {}))
    wrong, task, body = MISTAKES.get(learner.mistake or "", (0, "", ""))
    if wrong == stage.number:
        bodies[task] = body
    return filled(stage, bodies)


def filled(stage: Stage, bodies: dict[str, str]) -> str:
    """The solution without its marks, and with the bodies given in the place of its own."""
    names = iter([name for task in stage.tasks for name in CLASS_METHODS.get(task, (task,))])

    def body(region: re.Match[str]) -> str:
        name = next(names)
        if name not in bodies:
            return region[2]
        return textwrap.indent(bodies[name].strip("\n") + "\n", region[1])

    source = REGION.sub(body, (SOLUTIONS / stage.file).read_text(encoding="utf-8"))
    return source.replace("import torch\n", "import torch\n" + tools.IMPORTS.get(stage.number, ""), 1)


def touched(source: str, copy: int) -> str:
    """The source with a comment at its end, which changes its digest and nothing else."""
    return f"{source}\n# copy {copy}\n" if copy else source


def write(made: dict[str, Files], folder: Path) -> None:
    """Write each submission into a folder of its name."""
    for name, files in made.items():
        (folder / name).mkdir(parents=True)
        for file, source in files.items():
            (folder / name / file).write_text(source, encoding="utf-8")
