"""How feedback finds its way back: the names under which Moodle, Canvas and folders take it.

Moodle ("Upload multiple feedback files in a zip", mod/assign/feedback/file/importziplib.php) parts a name at `_`,
`Ann Lee_123456_assignfeedback_file_feedback.html`: a name that it does not look at, the participant's number in
this assignment, the plugin's kind and name, and the name that the file gets.

Canvas ("Re-Upload Submissions", AbstractAssignment#infer_comment_context_from_filename) takes files under the
names that it gave to submissions when they were downloaded, and finds the user and the file handed in by their
numbers. It shows the feedback under the name of that file, whose end what is written has to fit.
"""

import io
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO

import nbformat
from nbformat.v4 import new_markdown_cell, new_notebook

from grader.intake.entries import digest_of_name
from grader.intake.learning_platforms import of_canvas, of_canvas_anonymous
from grader.intake.matching import Matching
from grader.intake.submissions import Submission
from grader.reporting.feedback.pages import Page, html, markdown

HTML, MARKDOWN = "feedback.html", "feedback.md"
MAX_NAME = 100
"""Characters of a folder's name at the most."""
RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(10))}
"""Names that Windows keeps for devices, whatever ending follows."""
TEXTS = (".py", ".txt", ".md")
"""How files end that a reader opens as text."""
NOTEBOOK, ZIP = ".ipynb", ".zip"
NOT_MOODLES = "Moodle's download names no participant's number for it"
NOT_CANVAS = "no file of Canvas's download belongs to it"
NOT_OPENED = "Canvas would show its feedback as {}, which nobody could open"
TWICE = "another submission has the same number"


class Unfit(Exception):
    """Why a submission's feedback cannot go back this way."""


def files_of(page: Page, forms: Sequence[str]) -> dict[str, bytes]:
    """The page's files, by name."""
    made = {HTML: html, MARKDOWN: markdown}
    return {form: made[form](page).encode("utf-8") for form in forms}


def for_moodle(submission: Submission, page: Page, forms: Sequence[str]) -> dict[str, bytes]:
    """The files in Moodle's zip that are one submission's. Raises Unfit."""
    who = submission.submitters[0] if submission.submitters else None
    if who is None or not who.local or not (who.id or "").isdecimal():
        raise Unfit(NOT_MOODLES)
    name = safe_name((who.name or "").replace("_", " ")) or "participant"
    return {f"{name}_{who.id}_assignfeedback_file_{file}": made for file, made in files_of(page, forms).items()}


def for_canvas(submission: Submission, page: Page) -> dict[str, bytes]:
    """The file in Canvas's zip that is one submission's, under the name of what was handed in. Raises Unfit."""
    ids = {who.id for who in submission.submitters}
    labels = []
    for label in submission.labels:
        said = of_canvas(label, False) or of_canvas_anonymous(label, False)
        if said and not said.typed and {who.id for who in said.submitters} == ids and label.isprintable():
            labels.append(label)
    if not labels:
        raise Unfit(NOT_CANVAS)
    for ends in (TEXTS, (NOTEBOOK,), (ZIP,)):
        for label in labels:
            if label.lower().endswith(ends):
                return {label: _as(ends[-1], page)}
    raise Unfit(NOT_OPENED.format(labels[0]))


def _as(ending: str, page: Page) -> bytes:
    """The page as a file that opens by this ending."""
    if ending == NOTEBOOK:
        made = new_notebook(cells=[new_markdown_cell(markdown(page), id="feedback")])
        return str(nbformat.writes(made)).encode("utf-8")
    if ending == ZIP:
        packed = io.BytesIO()
        write_zip(packed, files_of(page, (HTML, MARKDOWN)).items())
        return packed.getvalue()
    return markdown(page).encode("utf-8")


def write_zip(file: IO[bytes], made: Iterable[tuple[str, bytes]]) -> None:
    """Write a zip of files, which is the same whenever it is written."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)


def folders(submissions: Iterable[str], matching: Matching | None) -> Iterator[tuple[str, str]]:
    """The folders of feedback, each with the submission that it is of: a folder for each student of the roster.

    Without a student it has the submission's name. No two names are the same to any file system.
    """
    taken: set[str] = set()
    for submission in submissions:
        students = matching.students.get(submission, ()) if matching else ()
        for name in [f"{student.name} {student.id}" for student in students] or [submission]:
            made = safe_name(name)
            if not made or made != name or _key(made) in taken:
                made = f"{made} {digest_of_name(f'{submission}/{name}')}".strip()
            taken.add(_key(made))
            yield made, submission


def safe_name(text: str) -> str:
    """A text as a file's name on any system; it may be empty."""
    plain = "".join(c if c.isalnum() or c in " -_.,()" else "-" for c in text[:MAX_NAME])
    made = plain.strip(" .~")
    return f"-{made}" if made.partition(".")[0].strip().lower() in RESERVED else made


def _key(name: str) -> str:
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKD", name).casefold())
