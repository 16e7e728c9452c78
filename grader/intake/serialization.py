"""Submissions as JSON: from the process that read one, and in the folder of results."""

import json
from dataclasses import astuple, replace
from datetime import datetime
from typing import Any, Literal, cast

from grader.course.catalogue import NOTEBOOKS, STAGES
from grader.intake.learning_platforms import Submitter
from grader.intake.notebook_files import Cell
from grader.intake.owners import HandedIn
from grader.intake.submissions import Submission
from grader.outside.plain_text import PlainText, notes, plain_text


def head_of(of: Submission | HandedIn) -> dict[str, Any]:
    """A submission's name, and whom and what the platform names: all that its learner has no hand in."""
    return {"name": of.name, "submitters": [*map(astuple, of.submitters)], "labels": of.labels}


def content_of(submission: Submission) -> dict[str, Any]:
    """All else that was read of a submission."""
    told = {key: value for key, value in vars(submission).items() if key not in ("name", "submitters", "labels")}
    return told | {"handed_in": submission.handed_in and submission.handed_in.isoformat()}


def kept(submission: Submission) -> dict[str, Any]:
    """A submission whole."""
    return head_of(submission) | content_of(submission)


def submission_kept(data: dict[str, Any]) -> Submission:
    """A submission that was kept. Raises ValueError, TypeError or KeyError where it is none."""
    return _with(_named(data), data)


def _named(head: dict[str, Any]) -> Submission:
    submitters = tuple(Submitter(*who) for who in head["submitters"])
    return Submission(head["name"], submitters=submitters, labels=tuple(head["labels"]))


def submission_from(head: dict[str, Any], content: bytes) -> Submission:
    """A submission, by the name that the listing has, with what a child said that it holds, if that can be."""
    plain = _named(head)
    if head["ended"]:
        broke = "takes more than reading may take, or is made so that reading it fails"
        return replace(plain, error=plain_text(f"{broke} (the process that read it ended: {head['ended']})"))
    try:
        return _with(plain, json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return replace(plain, error=PlainText("is made so that reading it fails (what came was no submission)"))


def _with(plain: Submission, told: dict[str, Any]) -> Submission:
    """The submission with what a child told of it. Raises ValueError, TypeError or KeyError where it cannot be."""
    if failed := told.get("failed"):
        return replace(plain, failed=plain_text(_text(failed)))
    stages, notebooks = {stage.name for stage in STAGES}, {which.name for which in NOTEBOOKS}
    sources = {_one_of(stages, name): _text(source) for name, source in told["sources"].items()}
    cells = {
        _one_of(notebooks, name): tuple(Cell(_text(id), _text(source)) for id, source in found)
        for name, found in told["notebooks"].items()
    }
    form, attempt, time = told["form"], told["attempt"], told["handed_in"]
    return replace(
        plain,
        sources={stage.name: sources[stage.name] for stage in STAGES if stage.name in sources},
        notebooks=cells,
        error=None if told["error"] is None else plain_text(_text(told["error"])),
        form=cast(Literal["modules", "notebooks"], _one_of({"modules", "notebooks"}, form)),
        attempt=None if attempt is None else int(attempt),
        handed_in=None if time is None else datetime.fromisoformat(_text(time)),
        notes=notes([_text(note) for note in told["notes"]]),
        unread={_one_of(stages, name): plain_text(_text(why)) for name, why in told["unread"].items()},
    )


def _text(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    return value


def _one_of(known: set[str], name: Any) -> str:
    if name not in known:
        raise ValueError
    return str(name)
