"""What a worker of a Dask cluster loads so that marking costs it nothing: it gives what was recorded."""

import itertools
import json
import os
from dataclasses import replace
from pathlib import Path

from distributed import Worker

from grader.intake.submissions import Submission
from grader.judging.results import Result, result_from
from grader.marking.cluster_worker import Marking
from grader.marking.mark import Settings, digest_of

RECORDED = "CHAINRULE_RECORDED"
"""The environment variable that names a file of results."""


def dask_setup(worker: Worker) -> None:
    """Have what marks here give recorded results, one after the other."""
    lines = Path(os.environ[RECORDED]).read_bytes().splitlines()
    results = itertools.cycle([result_from(json.loads(line)) for line in lines])

    def mark(marking: Marking, submission: Submission, settings: Settings, earlier: Result | None) -> Result:
        return replace(next(results), submission=submission.name, digest=digest_of(submission, settings))

    Marking.mark = mark  # type: ignore[method-assign]
