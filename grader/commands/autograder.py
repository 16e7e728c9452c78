"""What a host starts for each submission: `python -I -m grader.commands.autograder HOST PLACE`.

The scripts that `chainrule gradescope`, `prairielearn` and `classroom50` write call it, in an image or a folder in
which the kit is installed with the course. A submission that cannot be read gets a result with the reason. Where
the kit itself fails nothing is written and the exit code is not 0, so that the host shows a failure of the
autograder, and nobody gets a score of 0 for it.
"""

import contextlib
import json
import os
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import click

from grader.course.points import total_points
from grader.intake.entries import Unreadable
from grader.intake.readers import Readers
from grader.judging.results import Result
from grader.marking.mark import Settings, mark
from grader.outside import doctor, pytorch, workers
from grader.outside.plain_text import plain_text
from grader.outside.private_files import replaced
from grader.outside.verdicts import NoAnswer
from grader.outside.workers import Isolation, KitError
from grader.reporting.hosts import classroom50, gradescope, prairielearn
from grader.reporting.hosts.marked import Marked

FILE_MODE = 0o644
"""Of what is written: hosts read it as another user."""
MAX_METADATA = 2**22
"""Bytes of Gradescope's metadata at the most that are looked at; it holds all earlier results."""


@dataclass(frozen=True)
class Host:
    """Where a host keeps a submission and takes results, in the folder that it gives; and what it is told.

    files: makes the content of each of its files, by the path in the folder. notes: makes what whoever looks
    after the autograder should know, which goes to standard output.
    """

    submission: str
    results: tuple[str, ...]
    files: Callable[[Marked], dict[str, str]]
    notes: Callable[[Path], list[str]] = lambda place: []


def _of_classroom50(marked: Marked) -> dict[str, str]:
    result = classroom50.result(marked, os.environ)
    return {classroom50.FILE: result, classroom50.BODY: classroom50.body(marked)}


def _points_of_assignment(place: Path) -> list[str]:
    """A sentence where Gradescope's assignment has other points than the course."""
    path = place / "submission_metadata.json"
    try:
        with path.open(encoding="utf-8") as file:
            points = float(json.loads(file.read(MAX_METADATA))["assignment"]["total_points"])
    except (OSError, ValueError, TypeError, KeyError):
        return []
    if points == total_points():
        return []
    return [f"The assignment has {points:g} points on Gradescope, the course {total_points():g}: make them equal."]


HOSTS = {
    "gradescope": Host(
        "submission",
        (gradescope.FILE,),
        lambda marked: {gradescope.FILE: gradescope.results(marked)},
        _points_of_assignment,
    ),
    "prairielearn": Host(
        "student", (prairielearn.FILE,), lambda marked: {prairielearn.FILE: prairielearn.results(marked)}
    ),
    "classroom50": Host(".", (classroom50.FILE, classroom50.BODY), _of_classroom50),
}


@click.command()
@click.argument("host", type=click.Choice([*HOSTS]))
@click.argument("place", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--isolation", type=click.Choice(["kernel", "process"]), default="kernel")
def main(host: str, place: Path, isolation: Isolation) -> None:
    """Check the host, mark the submission that it keeps in PLACE, and write the results where it takes them."""
    began, its = time.monotonic(), HOSTS[host]
    try:
        _clear(place, its)
        apart, lacks = examined(isolation)
        click.echo(f"Isolation: {apart}. {f'This host lacks: {lacks}' if lacks else 'All attempts were stopped.'}")
        for note in its.notes(place):
            click.echo(note)
        result = marked(place / its.submission, apart)
        files = its.files(Marked(result, lacks, time.monotonic() - began))
        workers.end_all()  # before anything is written that code of the learner's should not reach
        _write(place, files)
    except (KitError, NoAnswer, Unreadable, pytorch.PyTorchMissing, classroom50.NotTold) as error:
        raise click.ClickException(f"no result is written, and nobody has a score: {error}") from None
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be read or written: {error.strerror}") from error
    finally:
        workers.end_all()
    click.echo(f"{result.score:g} of {result.max_score:g} points, seed {result.seed}, {result.seconds:g} s.")


def examined(allowed: Isolation) -> tuple[Isolation, str]:
    """What keeps the learner's code apart here, and what this host lacks for that, "" for nothing.

    allowed: "process" goes on where no kernel confines. Raises KitError where that is not allowed.
    """
    pytorch.check_course()
    try:
        layers = dict(doctor.offers())
        through = [finding.attempt.tried for finding in doctor.findings() if finding.refused is None]
        if pytorch.IS_NEEDED:
            doctor.torch_works()
    except (KitError, NoAnswer) as error:
        lacks = str(plain_text(" ".join(str(error).split())))
    else:
        lacks = f"code that is confined could {'; '.join(through)}" if through else ""
        for layer, offered in layers.items():
            click.echo(f"{layer}: {offered}")
    if lacks and allowed == "kernel":
        raise KitError(
            f"this host cannot confine a learner's code: {lacks}. Where that must do, make the package again with "
            "--isolation process; every result then says so"
        )
    return ("process" if lacks else "kernel"), lacks


def marked(folder: Path, isolation: Isolation) -> Result:
    """The result of the submission in a folder. Raises KitError, and Unreadable where there is no folder."""
    with contextlib.closing(Readers(folder, isolation, jobs=1, is_one=True)) as readers:
        [submission] = readers.submissions()
    if submission.failed:
        raise KitError(f"reading the submission failed: {submission.failed}")
    result = mark(submission, Settings(secrets.randbelow(2**31), isolation=isolation))
    return replace(result, notes=[*submission.notes, *result.notes])


def _clear(place: Path, host: Host) -> None:
    """Remove what has the name of a result, whoever put it there."""
    for name in host.results:
        path = place / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _write(place: Path, files: dict[str, str]) -> None:
    """Write each file in one piece."""
    for name, text in files.items():
        path = place / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(path, FILE_MODE) as file:
            file.write(text.encode())


if __name__ == "__main__":
    main()
