"""The class report as one HTML file: what was found, and the pages of all submissions packed into it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from grader.course.location import TITLE
from grader.intake.task_code import Code
from grader.reporting.html_pages import hash_of, template
from grader.reporting.report.gathering import Marked, gathered
from grader.reporting.report.pages import GROUP
from grader.reporting.report.view import View
from grader.reporting.similarity import Pair

TEMPLATES = Path(__file__).parent / "templates"
AT_ONCE = 200
"""Rows of the table that are shown until more are asked for: laying out thousands takes a browser seconds."""
NO_SCRIPT = "#table tr.later { display: table-row !important; }"
"""The style by which all are shown where no script can do it."""
Similar = Callable[[Mapping[str, Code]], Sequence[Pair]]


def report(marked: Marked, similar: Similar, anonymous: bool = False) -> str:
    """The report on a marked cohort. similar: finds near-identical submissions by the code of their tasks."""
    found = gathered(marked, anonymous)
    style, script = (_own_text(name) for name in ("report.css", "report.js"))
    policy = (
        f"default-src 'none'; script-src {hash_of(script)}; style-src {hash_of(style)} {hash_of(NO_SCRIPT)}; "
        "img-src data:; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    view = View(found, marked, anonymous)
    return template(TEMPLATES / "report.html").render(
        title=TITLE,
        policy=policy,
        style=style,
        no_script_style=NO_SCRIPT,
        script=script,
        at_once=AT_ONCE,
        anonymous=anonymous,
        rows=found.rows,
        pages=found.pages.packed(),
        group_size=GROUP,
        pairs=[view.pair(pair) for pair in similar(found.code) if not found.are_of_one(pair.first, pair.second)],
        **view.all(),
    )


def _own_text(name: str) -> str:
    """A file of the kit's own, which stands in the page as it is."""
    return (TEMPLATES / name).read_text(encoding="utf-8")
