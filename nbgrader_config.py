"""The course's configuration for nbgrader and `chainrule grade`; `chainrule course` copies it into a course.

In a course's folder this file is yours: the kit never changes it again.
"""

import os
import warnings
from pathlib import Path

c = get_config()  # noqa: F821 -- nbgrader gives it to this file

# What SQLAlchemy 2 finds in nbgrader's own code when a submission is new; nothing comes of it.
warnings.filterwarnings("ignore", r"Object of type <Submitted\w+> not in session")

# The course. A university that runs several names it for its exchange folder, e.g. "cs101-2026".
c.CourseDirectory.course_id = "chainrule"

# Where learners on the same machine fetch assignments and hand them in, if they do: a folder of your JupyterHub's.
# Until you name it, one in the course, so that formgrader does not miss it.
c.Exchange.root = str(Path(__file__).resolve().parent / "exchange")

# The gradebook: gradebook.db beside this file, or what CHAINRULE_DB says, for nbgrader and for `chainrule grade`
# alike, e.g. postgresql+psycopg://grader:secret@host/chainrule. In the environment no password is in a file.
if os.environ.get("CHAINRULE_DB"):
    c.CourseDirectory.db_url = os.environ["CHAINRULE_DB"]

# Else formgrader shows this configuration on a page, the gradebook's password included.
c.FormgradeExtension.debug = False

# What stands in a released notebook where a solution was; a check says of it "not written yet".
c.ClearSolutions.code_stub = {"python": 'raise NotImplementedError("not written yet")'}

# Late submissions: "none" for no penalty, "zero" for no points, or a plug-in of your own
# (https://nbgrader.readthedocs.io, "Late submission plugin"). The due date is set in formgrader, or by
# `nbgrader db assignment add chainrule --duedate "2026-12-01 18:00 UTC"`; extensions count.
c.LateSubmissionPlugin.penalty_method = "none"
# c.AssignLatePenalties.plugin_class = "my_plugin.SubMarks"

# Cells that a learner deleted come back before anything is marked, and HTML in a learner's Markdown becomes text.
c.Autograde.sanitize_preprocessors = [
    "nbgrader.preprocessors.ClearOutput",
    "nbgrader.preprocessors.DeduplicateIds",
    "grader.gradebook.autograding.RestoreCells",
    "nbgrader.preprocessors.OverwriteKernelspec",
    "nbgrader.preprocessors.OverwriteCells",
    "grader.gradebook.autograding.PlainMarkdown",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# `nbgrader autograde` marks with the kit's engine: learners' code runs confined, and the messages become comments.
# With CHAINRULE_STOCK=1 nbgrader's own kernel runs the notebooks instead, with no protection from what is in them.
STOCK = os.environ.get("CHAINRULE_STOCK") == "1"
c.Autograde.autograde_preprocessors = [
    "nbgrader.preprocessors.Execute" if STOCK else "grader.gradebook.autograding.MarkingEngine",
    "nbgrader.preprocessors.IgnorePattern",
    "nbconvert.preprocessors.ClearMetadataPreprocessor",
    "nbgrader.preprocessors.LimitOutput",
    "nbgrader.preprocessors.SaveAutoGrades" if STOCK else "grader.gradebook.autograding.SaveMarks",
    "nbgrader.preprocessors.AssignLatePenalties",
    "nbgrader.preprocessors.CheckCellMetadata",
]

# The engine: seconds for one call of a learner's function and for a notebook, MiB for a learner's code. Without a
# seed one is drawn for each run of `nbgrader autograde`, and logged; "process" goes on where no kernel confines.
# c.MarkingEngine.seed = 20261121
# c.MarkingEngine.time_limit = 10.0
# c.MarkingEngine.total_limit = 180.0
# c.MarkingEngine.memory_limit = 1024
# c.MarkingEngine.isolation = "process"

# Stock execution: seconds for one cell. Training twice, and the checks of it, take a slow machine a while.
c.Execute.timeout = 300
c.ExecutePreprocessor.timeout = 300

# Kernels of this machine's are spoken to in private where they can be; else they warn that anybody could listen.
c.KernelManager.transport_encryption = "auto"
