"""One suite, four front ends: samples of this course in both forms get the same scores in every way."""

import pytest
from compared_ways import Cohort, Submitted
from fixtures import selected, with_proofs
from sample_cohort import SAMPLES, edited

from grader.course.catalogue import NOTEBOOKS, STAGES, notebook_of

FIRST = NOTEBOOKS[0]
IN_KERNELS = {"wrong-backward": (FIRST,)}
"""Samples, and which notebooks they hand in: those where they differ from others."""
COHORT = IN_KERNELS | {
    "perfect": NOTEBOOKS,
    "half-finished": (FIRST,),
    "own-helper": (FIRST,),
    "wrong-torch-loss": (notebook_of(STAGES[3]),),
    "wrong-train-step": (notebook_of(STAGES[4]),),
    "wrong-last-batch": (notebook_of(STAGES[5]),),
    "calls-a-later-task": (FIRST,),
}
"""With more that no kernel runs. Of the last, no sample, it would say other words: its `backward` calls a later
task, and a check in a kernel does not see the cells below it."""
LATER = edited((3, "b2=r.sum(),", "b2=sgd_step(Params(*params), Params(*params), 1.0).b2 + r.sum(),"))

PART = ("half-finished", "own-helper", "wrong-train-step")
"""Those that are compared in every run of the tests, the others among the proofs."""


def submitted(name: str) -> Submitted:
    """A sample's notebooks and modules."""
    [files] = [LATER()] if name == "calls-a-later-task" else [s.files() for s in SAMPLES if s.name == name]
    return COHORT[name], {file.removesuffix(".py"): content.decode("utf-8") for file, content in files.items()}


@pytest.fixture(scope="module")
def cohort(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """The samples that are tested, in both forms."""
    samples = {
        name: submitted(name) for name in {*selected(request, "in_both_forms"), *selected(request, "in_kernels")}
    }
    return Cohort(tmp_path_factory.mktemp("both"), samples, selected(request, "in_kernels"))


@pytest.mark.proof
@pytest.mark.parametrize("in_kernels", IN_KERNELS)
def test_notebooks_in_three_ways(in_kernels: str, cohort: Cohort) -> None:
    """Check cells in a kernel, stock nbgrader and the engine say the same, to the word, with the same points."""
    expected = cohort.report_of(in_kernels)
    assert cohort.reports["nbclient"][in_kernels] == expected
    assert cohort.reports["nbgrader"][in_kernels] == expected


@pytest.mark.parametrize("in_both_forms", with_proofs(COHORT, PART))
def test_both_forms(in_both_forms: str, cohort: Cohort) -> None:
    """A learner's `pytest` on modules, and the engine on modules and on notebooks, agree test by test."""
    assert cohort.by_engine(in_both_forms, "modules") == cohort.by_pytest(in_both_forms)
    assert cohort.by_engine(in_both_forms, "notebooks") == cohort.by_pytest(in_both_forms)
