"""The walkthrough shows today's figures: executed afresh, it gives what is committed and what is promised."""

import re
from pathlib import Path

import nbformat
import pytest

from grader.course.location import RELEASED_NOTEBOOKS, ROOT
from grader.publishing import walkthrough

REFERENCE = {"NumPy": (0.0313, 0.98), "TinyMLP": (0.0362, 0.96), "nn.Sequential": (0.0343, 0.95)}
"""Loss and accuracy: full batch, 1000 epochs, learning rate 0.1; modules in float32 under PyTorch's seed 1."""
LOSS = 1.5e-4
"""One unit of the last digit shown, should rounding tip it, and a half for the order of float32 sums."""
ACCURACY = 0.0101
"""One of the 200 points may lie so near the boundary that it changes sides; and percents are shown rounded."""
MAX_BYTES = 300_000
RESULT = re.compile(r"^\| ([^|]+?) +\| ([\d.]+) +\| (\d+) % +\|", re.MULTILINE)
"""A row of the results table: model, loss, accuracy."""


@pytest.fixture(scope="module")
def committed() -> str:
    """The committed walkthrough."""
    return (RELEASED_NOTEBOOKS / walkthrough.FILE).read_text(encoding="utf-8")


def results(notebook: str) -> dict[str, tuple[float, float]]:
    """The results table of an executed walkthrough: model → loss, accuracy as a fraction."""
    outputs = [
        output for cell in nbformat.reads(notebook, as_version=4).cells for output in cell.get("outputs", ())
    ]
    tables = "\n".join(output.data.get("text/markdown", "") for output in outputs)
    return {name: (float(loss), int(percent) / 100) for name, loss, percent in RESULT.findall(tables)}


@pytest.mark.proof
def test_executed_afresh(committed: str) -> None:
    """The results table has the same figures as the committed one, and those of the reference."""
    shown, fresh = results(committed), results(walkthrough.executed())
    assert [*shown] == [*fresh] == [*REFERENCE]
    for model, (loss, accuracy) in fresh.items():
        for figures in (shown[model], REFERENCE[model]):
            assert figures == (pytest.approx(loss, abs=LOSS), pytest.approx(accuracy, abs=ACCURACY))


def test_it_is_valid_and_small(committed: str) -> None:
    """The file is a valid notebook with its pictures and tables, and takes little room."""
    made = nbformat.reads(committed, as_version=4)
    nbformat.validate(made, relax_add_props=False)
    kinds = [next(iter(output.data)) for cell in made.cells for output in cell.get("outputs", ())]
    assert kinds == [
        *("image/png", "text/markdown", "image/png", "text/markdown"),
        *("image/png", "image/png", "text/markdown"),
    ]
    assert len(committed) < MAX_BYTES


def test_nothing_tells_of_the_machine(committed: str) -> None:
    """No path, no version, no time."""
    made = nbformat.reads(committed, as_version=4)
    assert made.metadata == walkthrough.notebook().metadata
    assert all(cell.metadata == {} or cell.id == "setup" for cell in made.cells)
    for cell in made.cells:
        for output in cell.get("outputs", ()):
            plain = {kind: data for kind, data in output.data.items() if kind != "image/png"}
            assert not re.search(rf"{re.escape(str(ROOT))}|/home|/tmp|\b0x[0-9a-f]+", str(plain))


def test_drift_is_told(committed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing, broken, edited or unexecuted walkthrough is told apart from one that will do; or from none."""
    assert walkthrough.drift(committed) == ""
    assert walkthrough.drift(None) == "is missing"
    assert walkthrough.drift("{") == "is no notebook"
    assert walkthrough.drift(committed.replace("## Results", "## Figures")) == (
        "differs from solutions/walkthrough.py"
    )
    assert walkthrough.drift(nbformat.writes(walkthrough.notebook())) == "is not executed"
    monkeypatch.setattr(walkthrough, "SOURCE", tmp_path / "solutions/walkthrough.py")
    assert walkthrough.drift(None) == ""
    assert walkthrough.drift(committed) == "has no solutions/walkthrough.py"
