"""This course's notebooks: their cells know every name that they use, and their pictures are drawn in a kernel."""

import front_ends
import pytest
from fixtures import with_proofs
from notebook_forms import unknown_names

from grader.course.catalogue import NOTEBOOKS, Notebook, Stage
from grader.learner.pictures.runs import _course
from grader.publishing.assembly import notebook

PARTS = [(which, stage) for which in NOTEBOOKS for stage in which.stages]


@pytest.mark.parametrize(("which", "stage"), PARTS, ids=[stage.name for _, stage in PARTS])
def test_the_header_has_every_name(which: Notebook, stage: Stage) -> None:
    """A stage's header and cells together are a module that uses no name which it does not know."""
    assert unknown_names(which, stage) == ""


WITH_PICTURES = [which for which in NOTEBOOKS if any(stage.number in _course().RUNS for stage in which.stages)]


@pytest.mark.parametrize("which", with_proofs(WITH_PICTURES, WITH_PICTURES[:1]))
def test_pictures_at_the_end(which: Notebook) -> None:
    """A released notebook says that what its pictures show is not written; written, it has them. Nothing fails."""
    with front_ends.opened(notebook(which), front_ends.jupyterlab, seed=7) as lab:
        lab.write_all(lab.made)
        told = lab.printed("pictures")
        assert told.startswith("No picture of ") and "not written yet" in told
        assert lab.failures() == []
        lab.write_all(notebook(which, solved=True))
    assert lab.failures() == []
    assert [output for output in lab["pictures"].outputs if "image/png" in output.get("data", ())]
