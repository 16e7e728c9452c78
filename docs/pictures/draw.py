"""Draws the pictures of the README and the documentation, light and dark: `nox -s pictures`.

watch-*.svg is the screen of watch mode after a save of stage 1 with a mistake in it; networks-*.svg is what the
solutions' networks make of the square. Everything is run as a learner runs it, with a fixed seed; nothing is drawn
by hand. Text stays text, and no picture fetches anything.
"""

import argparse
import contextlib
import io
import re
from pathlib import Path
from typing import NamedTuple

import matplotlib as mpl
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from rich.console import Console, RenderableType
from rich.terminal_theme import TerminalTheme

from grader.course.catalogue import STAGES, Stage, source_of
from grader.course.stubs import stubs
from grader.judging.rendering import Signs
from grader.learner.pictures.figures import draw_points, draw_scores, draw_wrong
from grader.learner.pictures.runs import Runs, runs_of
from grader.learner.watch.running import Runner
from grader.learner.watch.screen import page
from grader.learner.watch.session import Command, FilesRead, Finished, update
from grader.learner.watch.state import State
from grader.outside.client import SameProcess, load_request

HERE = Path(__file__).parent
SEED = 1
TIME_LIMIT = 30.0
"""Seconds for one call: a busy machine draws the same."""
RIGHT, WRONG = "return (a > 0).astype(a.dtype)", "return (a >= 0).astype(a.dtype)"
"""A line of stage 1's solution, and what stands there in the picture."""
COLUMNS = 80
FONT_RATIO = 0.6
"""A character's width by its height: that of the usual fonts."""
TERMINAL = """\
<svg class="terminal" viewBox="0 0 {width} {height}" role="img" xmlns="http://www.w3.org/2000/svg">
<title>Watch mode after a save with a mistake</title>
<style>
.terminal > rect {{ stroke: #8c959f66 }}
.{unique_id}-title {{ font: bold 16px system-ui, sans-serif }}
.{unique_id}-matrix {{
  font: {char_height}px/{line_height}px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono",
    "Liberation Mono", monospace;
  white-space: pre;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""
"""Around what rich draws; rich's own would fetch a font."""
WIDTH, HEIGHT, TEXT = 7.6, 3.5, 14
"""Inches, and points of the text: so large that it is read where the picture is 400 pixels wide."""
EACH = 4
"""Of the points along a side of the square one in so many is drawn, for a small file."""
STYLE = {"svg.fonttype": "none", "svg.hashsalt": "chainrule", "font.size": TEXT}
INKED = ("text.color", "axes.labelcolor", "axes.edgecolor")
"""What has the colour of the page's text."""


class Theme(NamedTuple):
    """The colours of a page: what stands on it, and a terminal's sixteen colours beside it."""

    ink: str
    paper: str
    colours: tuple[str, ...]  # black, red, green, yellow, blue, magenta, cyan, white

    @property
    def terminal(self) -> TerminalTheme:
        """The same as rich takes it; bright colours are no others."""
        paper, ink, *colours = map(_rgb, (self.paper, self.ink, *self.colours))
        return TerminalTheme(paper, ink, colours, colours)


THEMES = {
    "light": Theme(
        *("#101418", "#f6f8fa"),
        ("#101418", "#b3261e", "#1a7f37", "#8a5a00", "#0b57d0", "#8e3cb5", "#0b6a8a", "#6e7781"),
    ),
    "dark": Theme(
        *("#e6edf3", "#161b22"),
        ("#484f58", "#ff7b72", "#56d364", "#e3b341", "#79c0ff", "#d2a8ff", "#76d4e8", "#e6edf3"),
    ),
}


def main() -> None:
    """Draw all pictures into a folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=HERE, help="where to [default: beside this file]")
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in {**watch_pictures(), **networks_pictures()}.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        print(f"written: {folder / name}, {len(text.encode()) / 1000:.0f} kB")


def watch_pictures() -> dict[str, str]:
    """The screen of watch mode, by the names of the files."""
    shown = page(watched(), Signs(), COLUMNS)
    return {f"watch-{name}.svg": _terminal(shown, theme) for name, theme in THEMES.items()}


def watched() -> State:
    """Watch mode's state once everything was run: stubs, and a stage 1 with a mistake."""
    sources = {stage.name: stubs()[stage.file] for stage in STAGES}
    first = source_of(STAGES[0].name)
    assert RIGHT in first, f"{STAGES[0].file} has no line {RIGHT!r} any more: give docs/pictures/draw.py another"
    sources[STAGES[0].name] = first.replace(RIGHT, WRONG)
    with contextlib.closing(Runner(SEED, TIME_LIMIT)) as runner:
        state, commands = update(State(SEED, "exercises"), FilesRead(sources))
        while Command.START in commands:
            assert state.running
            run = runner.start(state.running, state.sources).result()
            state, commands = update(state, Finished(run))
    return state


def networks_pictures() -> dict[str, str]:
    """What the solutions' networks make of the square, by the names of the files."""
    own = {stage.name: source_of(stage.name) for stage in STAGES}

    def code(stage: Stage) -> SameProcess:
        return SameProcess(load_request(stage, own, {name: f"{name}.py" for name in own}), own, ())

    found = runs_of(code)
    assert not found.notes, found.notes
    return {f"networks-{name}.svg": _networks(found, theme) for name, theme in THEMES.items()}


def _terminal(shown: RenderableType, theme: Theme) -> str:
    console = Console(
        record=True, width=COLUMNS, file=io.StringIO(), highlight=False, force_terminal=True, no_color=False
    )
    console.print(shown)
    return console.export_svg(
        title="chainrule",
        theme=theme.terminal,
        code_format=TERMINAL,
        font_aspect_ratio=FONT_RATIO,
        unique_id="watch",
    )


def _networks(found: Runs, theme: Theme) -> str:
    """A row of squares, each with a network's scores, the points, and those that it takes wrongly."""
    square, runs = found.overview.square, [run for run in found.runs if run.surface]
    assert square
    with mpl.rc_context(STYLE | dict.fromkeys(INKED, theme.ink)):
        picture = Figure(figsize=(WIDTH, HEIGHT), layout="constrained")
        for axes, run in zip(picture.subplots(1, len(runs), sharey=True), runs, strict=True):
            made = run.surface._replace(square=run.surface.square[::EACH, ::EACH])
            draw_scores(axes, made, square)
            draw_points(axes, square)
            wrong = draw_wrong(axes, made, square)
            axes.set_title(run.name, weight="bold")
            axes.set(xlabel=f"{wrong.sum()} of {len(wrong)} wrong", ylabel="", xticks=[], yticks=[])
        ring = Line2D([], [], ls="", marker="o", ms=10, mfc="none", mec=theme.ink, mew=1.6, label="wrong")
        key = [*axes.get_legend_handles_labels()[0], ring]
        picture.legend(handles=key, loc="outside lower center", ncols=len(key), frameon=False, handletextpad=0.2)
        drawn = io.StringIO()
        picture.savefig(drawn, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    return re.sub(r"\d+\.\d{3,}", lambda number: f"{float(number[0]):.2f}", drawn.getvalue())


def _rgb(colour: str) -> tuple[int, int, int]:
    red, green, blue = bytes.fromhex(colour.removeprefix("#"))
    return red, green, blue


if __name__ == "__main__":
    main()
