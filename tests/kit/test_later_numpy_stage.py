"""A NumPy stage may come after one of PyTorch: its worker is given the references of what it imports."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from conftest import COURSE
from isolation import ISOLATION
from processes import run_python

from grader.course.catalogue import source_of
from grader.course.finding import KIT, VARIABLE

SOLUTION = '''"""Stage 3: fourfold, by hand in NumPy."""

from stage1_double import double


def fourfold(x):
    """Four times x, for each element by itself."""
    ### BEGIN SOLUTION
    return 2 * double(x)
    ### END SOLUTION
'''
SUITE = '''import pytest

from grader.judging import judge


class TestFourfold:
    @pytest.mark.points(3)
    def test_values(self, impl, rng) -> None:
        """fourfold(x) is 4·x for each element."""
        x = rng.normal(size=4)
        judge.array("fourfold(x)", impl.fourfold(x), 4 * x)
'''
ONE, TWO, THREE, FOUR = "stage1_double", "stage2_slope", "stage3_fourfold", "stage4_eightfold"


def of_stage_4(text: str) -> str:
    """Stage 4, which is like stage 3 and imports that."""
    for old, new in (("fourfold", "eightfold"), ("Four", "Eight"), ("4 *", "8 *"), ("double", "fourfold")):
        text = text.replace(old, new)
    return text.replace("Stage 3", "Stage 4").replace("stage1_", "stage3_")


MARK = """
import json, sys
from grader.course.catalogue import STAGES
from grader.intake.submissions import Submission
from grader.marking.mark import Settings, mark
from verdicts import losses
isolation, cases = json.load(sys.stdin)
assert [stage.numpy_only for stage in STAGES] == [True, False, True, True]
marked = {}
for name, sources in cases.items():
    result = mark(Submission(name, sources), Settings(7, isolation=isolation))
    third = result.stages[2]
    marked[name] = [losses(result), third.tests[0].message, [stage.seed for stage in result.stages]]
print(json.dumps(marked))
"""
LOST = "4 for 1.double, 2 for 1.both, 2 for 2.slope, 1 for 2.Doubler, 1 for 2.train"
RIGHT = {ONE: source_of(ONE), TWO: source_of(TWO), THREE: SOLUTION, FOUR: of_stage_4(SOLUTION)}
BROKEN = RIGHT | {ONE: "def double(x):\n    return x * x", TWO: "1 / 0"}
CASES = {
    "right": RIGHT,
    "stages before are broken": BROKEN,
    "imports torch": RIGHT | {THREE: "import torch\ndef fourfold(x):\n    return 4 * torch.ones(1) * x"},
    "needs the stage of PyTorch": RIGHT | {THREE: "from stage2_slope import slope\nfourfold = slope"},
    "table = 1": {ONE: "table = 1", THREE: f"from {ONE} import table", FOUR: f"from {THREE} import table"},
}
CASES["table = 2"] = CASES["table = 1"] | {ONE: "table = 2"}


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the small course with two more stages, and a given module of PyTorch for stage 2."""
    folder: Path = tmp_path_factory.mktemp("grown") / "course"
    shutil.copytree(COURSE, folder, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "solutions" / "tensors.py").write_text("import torch\n", encoding="utf-8")
    (folder / "solutions" / f"{TWO}.py").write_text(f"import tensors\n{RIGHT[TWO]}", encoding="utf-8")
    for name, suite in ((THREE, SUITE), (FOUR, of_stage_4(SUITE))):
        (folder / "solutions" / f"{name}.py").write_text(RIGHT[name], encoding="utf-8")
        (folder / "tests" / f"test_{name}.py").write_text(suite, encoding="utf-8")
    return folder


def run_on(course: Path, *arguments: str | Path, given: str = "") -> str:
    """What a process of Python's prints that is about this course."""
    path = os.pathsep.join([str(KIT), str(Path(__file__).parent)])
    return run_python(*arguments, cwd=course, given=given, PYTHONPATH=path, **{VARIABLE: str(course)}).stdout


@pytest.fixture(scope="module")
def marked(course: Path) -> dict[str, list[Any]]:
    """Of each case what it lost, what the test of stage 3 told, and the seeds of its stages."""
    found: dict[str, list[Any]] = json.loads(run_on(course, "-c", MARK, given=json.dumps([ISOLATION, CASES])))
    return found


@pytest.mark.parametrize(
    ("case", "lost", "says"),
    [
        ("right", "full", ""),
        ("stages before are broken", f"full but {LOST}", ""),
        ("imports torch", "full but 3 for 3.fourfold", "this stage is NumPy only, but fourfold imports torch"),
        ("needs the stage of PyTorch", "full but 3 for 3.fourfold", "this stage is NumPy only, but "),
    ],
)
def test_it_is_marked(marked: dict[str, list[Any]], case: str, lost: str, says: str) -> None:
    """It gets its points whatever became of the stages before, and is NumPy only."""
    assert marked[case][0] == lost
    assert marked[case][1].startswith(says)


def test_what_it_takes_through_another_stage_decides_its_data(marked: dict[str, list[Any]]) -> None:
    """A table of stage 1 that comes to stage 4 by stage 3 changes the data of all three."""
    pairs = zip(marked["table = 1"][2], marked["table = 2"][2], strict=True)
    assert [one == other for one, other in pairs] == [False, True, False, False]


def test_it_runs_in_a_learners_own_pytest(course: Path, tmp_path: Path) -> None:
    """In one process, after the stage of PyTorch, both get their points as well."""
    for name, source in BROKEN.items():
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
    assert "6 of 16 points" in run_on(course, "-m", "pytest", "--impl", tmp_path).splitlines()
