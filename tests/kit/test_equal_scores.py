"""One suite, four front ends: a cohort in both forms gets the same scores in every way, test by test."""

import pytest
from compared_ways import Cohort, Submitted
from fixtures import selected, with_proofs

from grader.course.catalogue import NOTEBOOKS, source_of
from grader.course.location import EXERCISES

FIRST, SECOND = NOTEBOOKS
DOUBLE, SLOPE = "stage1_double", "stage2_slope"


def edited(stage: str, *edits: tuple[str, str]) -> Submitted:
    """The notebook of a stage, with the solution after edits that each apply once."""
    source = source_of(stage)
    for old, new in edits:
        assert source.count(old) == 1
        source = source.replace(old, new)
    return ((FIRST if stage == DOUBLE else SECOND,), {stage: source})


OPEN = "def both(pair):\n    raise NotImplementedError"
TWICE = ("\n\ndef double", "\n\ndef _twice(x):\n    return 2 * x\n\n\ndef double")
IN_KERNELS: dict[str, Submitted] = {
    "right": (NOTEBOOKS, {stage: source_of(stage) for stage in (DOUBLE, SLOPE)}),
    "stubs": ((FIRST,), {DOUBLE: (EXERCISES / f"{DOUBLE}.py").read_text(encoding="utf-8")}),
    "half-finished": ((FIRST,), {DOUBLE: source_of(DOUBLE).partition("def both")[0] + OPEN}),
    "wrong": edited(DOUBLE, ("return x + x", "return x * x")),
    "own-helper": edited(
        DOUBLE, TWICE, ("return x + x", "return _twice(x)"), ("double(pair.a)", "_twice(pair.a)")
    ),
    "wrong-step": edited(SLOPE, ("p -= lr", "p += lr")),
}
"""What is handed in, where front ends differ from one another."""
COHORT: dict[str, Submitted] = IN_KERNELS | {
    "constants": edited(DOUBLE, ("return x + x", "return np.ones(4)")),
    "always-raises": edited(DOUBLE, ("return x + x", "raise KeyError(1)")),
    "its-argument": edited(SLOPE, ("    leaf = ", "    return x\n    leaf = ")),
    "no-parameter": edited(SLOPE, ("nn.Parameter(torch.tensor(1.0))", "torch.tensor(1.0)")),
}
"""With more that no kernel runs here."""


@pytest.fixture(scope="module")
def cohort(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Cohort:
    """What is tested of the cohort, in both forms and in kernels."""
    run = selected(request, "in_kernels")
    submitted = {name: COHORT[name] for name in {*run, *selected(request, "in_both_forms")}}
    return Cohort(tmp_path_factory.mktemp("both"), submitted, run)


@pytest.mark.parametrize("in_kernels", with_proofs(IN_KERNELS, ["stubs"]))
def test_notebooks_in_three_ways(in_kernels: str, cohort: Cohort) -> None:
    """Check cells in a kernel, stock nbgrader and the engine say the same, to the word, with the same points."""
    expected = cohort.report_of(in_kernels)
    assert cohort.reports["nbclient"][in_kernels] == expected
    assert cohort.reports["nbgrader"][in_kernels] == expected


@pytest.mark.parametrize("in_both_forms", with_proofs(COHORT, ["right", "half-finished", "wrong", "own-helper"]))
def test_both_forms(in_both_forms: str, cohort: Cohort) -> None:
    """A learner's `pytest` on modules, and the engine on modules and on notebooks, agree test by test."""
    assert cohort.by_engine(in_both_forms, "modules") == cohort.by_pytest(in_both_forms)
    assert cohort.by_engine(in_both_forms, "notebooks") == cohort.by_pytest(in_both_forms)
