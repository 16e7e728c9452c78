"""A host's run: the host is looked at first, a submission is marked, and only the kit's verdict is written."""

import json
import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from command_line import chainrule
from host_rules import CLASSROOM50, GRADESCOPE, PRAIRIELEARN, check
from isolation import ISOLATION
from learners_modules import DOUBLE, SLOPE, solution
from test_hosts import RUNNER

from grader.commands import autograder
from grader.course.points import total_points
from grader.intake.readers import Readers
from grader.outside import doctor, workers
from grader.outside.doctor import Attempt, Finding
from grader.outside.workers import KitError, NoWorkersError

ESCAPING = """
import os
FORGED = '{{"score": 1000, "max-score": 1000, "tests": []}}'
for path in {paths}:
    try:
        with open(path, "w") as file:
            file.write(FORGED)
    except BaseException:
        pass
try:
    if os.fork() == 0:
        os._exit(0)
except BaseException:
    pass
print(FORGED)

def double(x):
    os._exit(0)
"""
kernel_only = pytest.mark.skipif(ISOLATION != "kernel", reason="nothing confines code here")
forked_only = pytest.mark.skipif(sys.platform != "linux", reason="hosts run Linux")


@pytest.fixture(scope="module", autouse=True)
def kept_servers() -> Iterator[None]:
    """The fork servers of all runs of this module."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(workers, "end_all", lambda end=workers.end_all: None)
        yield
    workers.end_all()


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which a host keeps submissions, beside whatever another run left; the host lacks nothing."""
    monkeypatch.setattr(autograder, "examined", lambda allowed: (ISOLATION, ""))
    for name, told in RUNNER.items():
        monkeypatch.setenv(name, told)
    (tmp_path / "results").mkdir()
    for name in ("results/results.json", "result.json"):
        (tmp_path / name).write_text("of another run", encoding="utf-8")
    return tmp_path


def run(host: str, place: Path, *options: str, code: int = 0) -> str:
    """What a run prints, which must end with this exit code."""
    done = CliRunner().invoke(autograder.main, [host, str(place), *options])
    assert done.exit_code == code, done.output
    return done.output


def put(folder: Path, **sources: str) -> None:
    """Hand in modules."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, source in sources.items():
        (folder / f"{name}.py").write_text(source, encoding="utf-8")


def read(path: Path, schema: dict[str, Any]) -> dict[str, Any]:
    """What was written, which is as the host takes it."""
    document = json.loads(path.read_text(encoding="utf-8"))
    check(document, schema)
    return dict(document)


def test_right_and_half_done(place: Path) -> None:
    """A right submission has all points; of one that is half done the rest is told."""
    put(place / "submission", **{DOUBLE.name: solution(DOUBLE), SLOPE.name: solution(SLOPE)})
    assert f"{total_points():g} of {total_points():g} points" in run("gradescope", place)
    assert read(place / "results" / "results.json", GRADESCOPE)["score"] == total_points()
    put(place / "student", **{DOUBLE.name: solution(DOUBLE, "return x + x", "return 2 * x.astype(float)")})
    run("prairielearn", place)
    half = read(place / "results" / "results.json", PRAIRIELEARN)
    assert 0 < half["score"] < 0.6 and any("float32" in test["message"] for test in half["tests"])


def test_what_cannot_be_read(place: Path) -> None:
    """It gets a result with the reason; files that hold something else get one with what is missing."""
    (place / "student").mkdir()
    run("prairielearn", place)
    empty = read(place / "results" / "results.json", PRAIRIELEARN)
    assert (empty["gradable"], empty["score"]) == (False, 0) and "it is empty" in empty["message"]
    put(place / "submission", **{DOUBLE.name: "def double(x:\n"})
    run("gradescope", place)
    broken = read(place / "results" / "results.json", GRADESCOPE)
    assert broken["score"] == 0 and any("never closed" in test["output"] for test in broken["tests"])


def test_where_the_host_keeps_nothing(place: Path) -> None:
    """Without the folder of the submission the host is at fault, and nobody gets a score."""
    told = run("gradescope", place, code=1)
    assert "nobody has a score" in told and "submission cannot be read: No such file" in told


@kernel_only
def test_who_writes_results_of_their_own(place: Path) -> None:
    """A forged file, a forged line and an early end bring no points, and the file is the kit's."""
    paths = [str(place / name) for name in ("results/results.json", "result.json", "release-body.md")]
    put(place / "submission", **{DOUBLE.name: ESCAPING.format(paths=paths)})
    run("gradescope", place)
    told = read(place / "results" / "results.json", GRADESCOPE)
    assert told["score"] == 0 and '"score": 1000' in told["output"]
    assert not (place / "release-body.md").exists()


def test_a_repository_on_classroom50(place: Path) -> None:
    """Its work counts, what it holds under the names of results does not; a link there is not followed."""
    put(place / "exercises", **{DOUBLE.name: solution(DOUBLE), SLOPE.name: "def slope(x):\n    return 0 * x\n"})
    put(place / "tests", **{f"test_{DOUBLE.name}": "raise SystemExit\n"})
    (place / "notes").mkdir()
    (place / "result.json").unlink()
    (place / "result.json").mkdir()
    outside = place.parent / "outside"
    outside.write_text("stays", encoding="utf-8")
    (place / "release-body.md").symlink_to(outside)
    run("classroom50", place)
    told = read(place / "result.json", CLASSROOM50)
    assert (told["score"], told["owner"]) == (6, "ann") and told["max-score"] == total_points()
    assert "6 of 10 points" in (place / "release-body.md").read_text(encoding="utf-8")
    assert outside.read_text(encoding="utf-8") == "stays"
    outside.unlink()


def test_a_folder_of_whatever_is_one_submission(tmp_path: Path) -> None:
    """A host keeps one submission in a folder, also where that looks like a cohort's."""
    put(tmp_path / "work", **{DOUBLE.name: solution(DOUBLE)})
    put(tmp_path / "notes", readme="")
    readers = Readers(tmp_path, ISOLATION, jobs=1, is_one=True)
    try:
        [submission] = readers.submissions()
    finally:
        readers.close()
    assert submission.sources.keys() == {DOUBLE.name} and submission.error is None


@pytest.mark.parametrize("host", ["gradescope", "classroom50"])
def test_where_the_kit_fails_nobody_gets_a_score(host: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no result then, not even that of another run, and the exit code says so."""

    def fail(*arguments: object) -> None:
        raise KitError("out of luck")

    monkeypatch.setattr(autograder, "mark", fail)
    put(place / "submission", **{DOUBLE.name: solution(DOUBLE)})
    told = run(host, place, code=1)
    assert "no result is written, and nobody has a score: out of luck" in told
    assert not (place / "results/results.json" if host == "gradescope" else place / "result.json").exists()


def test_without_what_classroom50_tells(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run outside of its runner says what is missing."""
    monkeypatch.delenv("ASSIGNMENT")
    assert "ASSIGNMENT is not set" in run("classroom50", place, code=1)
    assert not (place / "result.json").exists()


def test_points_of_gradescopes_assignment(place: Path) -> None:
    """Where they are others than the course's, whoever looks after the autograder reads it."""
    put(place / "submission", **{DOUBLE.name: solution(DOUBLE)})
    metadata = place / "submission_metadata.json"
    for points, is_told in (("20.0", True), (f"{total_points()}", False)):
        metadata.write_text(json.dumps({"assignment": {"total_points": points}}), encoding="utf-8")
        assert ("The assignment has 20 points on Gradescope" in run("gradescope", place)) == is_told
    metadata.write_text('{"assignment": [', encoding="utf-8")
    run("gradescope", place)


THROUGH = [Finding(Attempt("files", "read a solution", "read"), None)]


@pytest.mark.parametrize("lacking", ["a layer", "an attempt"])
def test_a_host_that_cannot_confine(lacking: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is marked there, unless the author allowed it; then the result says what is lacking."""

    def offers() -> Iterator[tuple[str, str]]:
        if lacking == "a layer":
            raise NoWorkersError("Landlock is missing\nhere")
        yield "Landlock", "version 7"

    monkeypatch.setattr(doctor, "offers", offers)
    monkeypatch.setattr(doctor, "findings", lambda: iter(THROUGH))
    monkeypatch.setattr(doctor, "torch_works", lambda: None)
    lacks = "Landlock is missing here" if lacking == "a layer" else "code that is confined could read a solution"
    assert autograder.examined("process") == ("process", lacks)
    with pytest.raises(KitError, match=f"cannot confine a learner's code: {lacks}.*--isolation process"):
        autograder.examined("kernel")
    monkeypatch.setattr(doctor, "findings", lambda: iter(()))
    if lacking == "an attempt":
        assert autograder.examined("process") == ("kernel", "")


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which Gradescope's setup.sh installs: the wheel alone, beside other people's libraries."""
    folder = tmp_path_factory.mktemp("installed")
    chainrule("gradescope", folder / "package", "--isolation", ISOLATION)
    with zipfile.ZipFile(folder / "package" / "autograder.zip") as archive:
        archive.extractall(folder / "source")
    venv.create(folder / "environment", symlinks=True)
    [libraries] = (folder / "environment").rglob("site-packages")
    with zipfile.ZipFile(next((folder / "source" / "chainrule").glob("*.whl"))) as wheel:
        wheel.extractall(libraries)
    (libraries / "lent.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    return folder


@pytest.mark.proof
@forked_only
def test_as_gradescope_runs_it(installed: Path, tmp_path: Path) -> None:
    """The package's own script marks by the course in the wheel, whatever course is around the submission."""
    put(tmp_path / "submission" / "solutions", **{DOUBLE.name: "raise SystemExit"})
    (tmp_path / "submission" / "pyproject.toml").write_text("[tool.chainrule]\n", encoding="utf-8")
    put(tmp_path / "submission" / "grader", __init__="raise SystemExit(0)\n")
    put(tmp_path / "submission" / "exercises", **{DOUBLE.name: solution(DOUBLE)})
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CHAINRULE", "PYTHON"))}
    done = subprocess.run(
        ["bash", str(installed / "source" / "run_autograder")],
        cwd=tmp_path / "submission",
        env=kept | {"CHAINRULE": str(installed), "AUTOGRADER": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    told = read(tmp_path / "results" / "results.json", GRADESCOPE)
    assert told["score"] == 6 and f"(isolation: {ISOLATION})" in told["output"]
