"""The command `chainrule doctor`."""

import json
import sys
from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from grader.commands.grade import REMEDY
from grader.outside import doctor as examination
from grader.outside.pytorch import IS_NEEDED, PyTorchMissing, check_course
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import KitError
from grader.reporting.summary import count


@click.command(
    epilog="""\b
Exit codes:
  0  every attempt was stopped: `chainrule grade` can be trusted here
  1  one went through, or learners' code cannot be confined
  2  called wrongly"""
)
@click.option("--json", "as_json", is_flag=True, help="Print what was found as one JSON document.")
def doctor(as_json: bool) -> None:
    """Prove that learners' code is kept apart here.

    It shows what this machine offers for that: the layers of the kernel's confinement, and the versions. Then a
    worker that is confined as in marking tries to break out in every way that the kit knows, and it is said what
    stopped it.

    \b
    --json prints these fields:
      machine   the system and the versions
      layers    by the layer's name: what this machine has of it
      attempts  to break out: layer, tried, and refused, which says what
                stopped it and is null where nothing did
      error     why learners' code cannot be confined, or null
      trusted   whether all was stopped, and PyTorch works when confined
    """
    try:
        check_course()
    except PyTorchMissing as error:
        raise click.ClickException(str(error)) from None
    console = Console(stderr=as_json, highlight=False)
    found: dict[str, Any] = {"machine": examination.machine(), "layers": {}, "attempts": [], "error": None}
    console.print(found["machine"], soft_wrap=True)
    try:
        _examine(console, found)
    except (KitError, NoAnswer) as error:
        found["error"] = str(error)
    passed = sum(attempt["refused"] is None for attempt in found["attempts"])
    if as_json:
        trusted = not passed and found["error"] is None
        click.echo(json.dumps(found | {"trusted": trusted}, indent=2))
        sys.exit(0 if trusted else 1)
    if found["error"] is not None:
        raise click.ClickException(f"learners' code cannot be confined here: {found['error']}\n{REMEDY}")
    if passed:
        raise click.ClickException(
            f"{count(passed, 'attempt')} to break out went through; mark no strangers' code"
        )
    works = "PyTorch works in a confined worker. " if IS_NEEDED else ""
    console.print(f"{works}`chainrule grade` can be trusted here.")


def _examine(console: Console, found: dict[str, Any]) -> None:
    """Find and show the layers, and what comes of attempts. Raises KitError or NoAnswer where none can be made."""
    for layer, offered in examination.offers():
        found["layers"][layer] = offered
        console.print(f"  {layer:<14}{offered}", soft_wrap=True)
    table = Table("layer", "a learner's code tries to", "and is stopped", box=None, pad_edge=False)
    for finding in examination.findings():
        layer, tried = finding.attempt.layer, finding.attempt.tried
        found["attempts"].append({"layer": layer, "tried": tried, "refused": finding.refused})
        told = Text("IT WAS NOT", "red") if finding.refused is None else Text(finding.refused)
        table.add_row(layer, tried, told)
    console.print(table)
    if IS_NEEDED:
        examination.torch_works()
