"""A `pytest --impl SUBMISSION` for each submission, one after the other, each a process from its start."""

import json
from pathlib import Path

from bench import cohort, measure
from bench.check import SEED
from bench.measure import Usage
from bench.way import Marked, Setup, environment
from grader.course.catalogue import STAGES
from grader.course.location import ROOT


def mark(setup: Setup, folder: Path) -> Marked:
    """Mark the cohort."""
    cohort.write(cohort.submissions(setup.learners), folder / "cohort")
    usages, scores = [], {}
    for submission in sorted((folder / "cohort").iterdir()):
        written = folder / f"{submission.name}.json"
        command = [setup.kit, "-m", "pytest", f"--rootdir={ROOT}", f"--config-file={ROOT / 'pyproject.toml'}"]
        command += ["-p", "bench.check", f"--impl={submission}", f"--seed={SEED}"]
        command += [stage.suite for stage in STAGES]
        environ = environment(setup.kit, folder / "home", CHAINRULE_POINTS=str(written))
        usages.append(measure.run(command, folder, environ, codes=(0, 1)))
        scores[submission.name] = json.loads(written.read_text(encoding="utf-8"))
    return Marked(Usage(sum(u.wall for u in usages), sum(u.cpu for u in usages)), scores)
