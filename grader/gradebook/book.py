"""Writes nbgrader's gradebook, and the folders that its pages read, from results."""

import json
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

from nbformat import NotebookNode
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config.loader import PyFileConfigLoader

from grader.course.catalogue import NOTEBOOKS
from grader.course.location import ASSIGNMENT
from grader.gradebook.assignment_rows import enter_assignment
from grader.gradebook.autograded import in_frame, notebooks_of, with_outputs
from grader.gradebook.database import Database, DatabaseError
from grader.gradebook.enrolment import Person, enrolled, submitters
from grader.gradebook.grade_rows import enter, write
from grader.gradebook.marks import marks_of
from grader.intake.submissions import Submission
from grader.judging.results import Result
from grader.outside.private_files import holds, own_file, own_folder, write_whole
from grader.publishing.nbgrader_course import CONFIG, lay_out

__all__ = ["DatabaseError", "Gradebook"]

OWN = ".chainrule"
"""Marks a folder that is written from results; without it a folder of submitted/ holds what learners handed in."""
TIMESTAMP = "timestamp.txt"
"""Where nbgrader looks for the time at which something was handed in."""


class Gradebook:
    """A folder that is a course of nbgrader's, and the gradebook of that course.

    db: SQLAlchemy's URL of the gradebook; by default what the folder's nbgrader_config.py says, and where that
    says nothing gradebook.db in the folder. Raises DatabaseError where it cannot be used, OutOfPlaceError where
    the folder is not the kit's, or what is executed or written there not its owner's.
    """

    def __init__(self, out: Path, db: str | None = None) -> None:
        lay_out(out)
        self._course, self._late = _configured(out.resolve())
        self._database = Database(db or self._course.db_url, out)
        with self._database.transaction() as connection:
            self._cells = enter_assignment(connection, self._course.course_id)
        self.url = self._database.shown
        """Where the gradebook is, without a password."""
        self._handed_in: dict[str, datetime] = {}

    def write(self, result: Result, submission: Submission, students: Sequence[Person] = ()) -> None:
        """Write what came of a submission, in one transaction; what is there already is brought up to date.

        students: the roster's, of whom it is; where there are none, those whom the platform names, or one by the
        submission's name. Of a student who has several submissions the one handed in last counts. What an
        instructor gave by hand stays. Raises DatabaseError.
        """
        known = [enrolled(s) for s in students] or submitters(submission.name, submission.submitters)
        who = [student for student in known if self._is_latest(student.id, submission.handed_in)]
        marks = marks_of(result)
        marked = {which: with_outputs(made, which, marks) for which, made in notebooks_of(submission).items()}
        files = {
            self._course.submitted_directory: _as_handed_in(submission) | {OWN: b""},
            self._course.autograded_directory: {which.file: _bytes(made) for which, made in marked.items()},
        }
        moment = _utc(submission.handed_in)
        for student in who:
            for step, contents in files.items():
                folder = Path(self._course.format_path(step, student.id, ASSIGNMENT))
                if step == self._course.autograded_directory or not _is_collected(folder):
                    self._fill(folder, contents, moment)
        with self._database.transaction() as connection:
            for student in who:
                write(connection, self._cells, student, moment, marks, self._penalty)

    def enrol(self, students: Sequence[Person]) -> None:
        """Enter students who handed in nothing. Raises DatabaseError."""
        with self._database.transaction() as connection:
            for student in students:
                enter(connection, enrolled(student))

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def _is_latest(self, student: str, handed_in: datetime | None) -> bool:
        """Whether nothing that was written so far of this student was handed in later."""
        moment = handed_in or datetime.min.replace(tzinfo=UTC)
        latest = self._handed_in.setdefault(student, moment)
        self._handed_in[student] = max(latest, moment)
        return moment >= latest

    def _fill(self, folder: Path, contents: Mapping[str, bytes], moment: datetime | None) -> None:
        """Make a folder hold these files and no others of their kind, and the time; write only what differs."""
        own_folder(folder)
        wanted = dict(contents)
        if moment is not None:
            wanted[TIMESTAMP] = f"{moment:%Y-%m-%d %H:%M:%S} UTC\n".encode()
        for old in folder.iterdir():
            if old.name not in wanted and (old.suffix in (".ipynb", ".py") or old.name == TIMESTAMP):
                old.unlink()
        for name, content in wanted.items():
            if not holds(folder / name, content):
                write_whole(folder / name, content)

    def _penalty(self, student: str, score: float, late: float) -> float | None:
        """What lateness costs, by the plug-in that the course's configuration names."""
        penalty = self._late.plugin_inst.late_submission_penalty(student, score, late)
        if penalty is None:
            return None
        return float(self._late._check_late_penalty(SimpleNamespace(score=score), penalty))


def _is_collected(folder: Path) -> bool:
    """Whether a folder holds what nbgrader, or an instructor, collected: not to be touched."""
    return folder.is_dir() and any(folder.iterdir()) and not (folder / OWN).exists()


def _as_handed_in(submission: Submission) -> dict[str, bytes]:
    """The files for `nbgrader autograde`: notebooks in the released frame; modules, which it does not mark."""
    modules = {f"{name}.py": source.encode("utf-8", "replace") for name, source in submission.sources.items()}
    given = [which for which in NOTEBOOKS if which.name in submission.notebooks]
    return modules | {which.file: _bytes(in_frame(which, submission.notebooks[which.name])) for which in given}


def _configured(out: Path) -> tuple[CourseDirectory, AssignLatePenalties]:
    """The course and its late penalties, as its configuration has them. Raises DatabaseError where it fails."""
    open(out / CONFIG, "rb", opener=own_file).close()
    if str(out) not in sys.path:
        sys.path.append(str(out))  # as nbgrader does, for plug-ins of the course's own
    try:
        config = PyFileConfigLoader(CONFIG, path=str(out)).load_config()
        late = AssignLatePenalties(config=config)
        late.init_plugin()
        return CourseDirectory(config=config, root=str(out)), late
    except Exception as error:  # an instructor's Python may fail in any way
        raise DatabaseError(f"{out / CONFIG} cannot be used: {type(error).__name__}: {error}") from error


def _utc(moment: datetime | None) -> datetime | None:
    """A time as nbgrader keeps it: in UTC, and without saying so."""
    return moment.astimezone(UTC).replace(tzinfo=None, microsecond=0) if moment else None


def _bytes(made: NotebookNode) -> bytes:
    """A notebook's file, in a hundredth of the time that nbformat takes to indent it."""
    return f"{json.dumps(made, ensure_ascii=False, sort_keys=True)}\n".encode()
