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


@pytest.mark.parametrize("solved", [True, False], ids=["solved", "released"])
@pytest.mark.parametrize("which", with_proofs(WITH_PICTURES, WITH_PICTURES[:1]))
def test_pictures_at_the_end(which: Notebook, solved: bool) -> None:
    """Nothing fails; a solved notebook has pictures, a released one says that what they show is not written."""
    made = notebook(which, solved)
    code = [cell.id for cell in made.cells if cell.cell_type == "code"]
    with front_ends.opened(made, front_ends.jupyterlab, seed=7) as lab:
        told = lab.run(*code)
    outputs = [output for cell in made.cells for output in cell.get("outputs", ())]
    assert not any(output.get("name") == "stderr" or output.output_type == "error" for output in outputs)
    pictures = [output for output in lab["pictures"].outputs if "image/png" in output.get("data", ())]
    assert pictures if solved else (told.startswith("No picture of ") and "not written yet" in told)
