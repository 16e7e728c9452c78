"""What `chainrule gradescope`, `prairielearn` and `classroom50` write is complete, and what the hosts expect."""

import ast
import base64
import csv
import hashlib
import io
import json
import re
import subprocess
import tomllib
import zipfile
from importlib import metadata
from pathlib import Path

import pytest
from command_line import chainrule
from host_rules import QUESTION, check

from grader import __version__
from grader.course.catalogue import NOTEBOOKS, STAGES
from grader.course.finding import KIT, CourseError
from grader.publishing import kit_wheel
from grader.publishing.host_packages import PYTHON

PACKAGE = {"chainrule/install.sh", "chainrule/requirements.txt", "chainrule/constraints.txt"}
WHEEL = f"chainrule/chainrule-{__version__}-py3-none-any.whl"
FILES = {
    "gradescope": {"setup.sh", "run_autograder", *PACKAGE, WHEEL},
    "prairielearn": {
        "question/info.json",
        "question/question.html",
        "image/Dockerfile",
        "image/mark",
        *(f"image/{name}" for name in {*PACKAGE, WHEEL}),
    },
    "classroom50": {"autograder.py", "runtime.json", *PACKAGE, WHEEL},
}
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Files]:
    """The files of each host's package, of the archive those in it."""
    folder, found = tmp_path_factory.mktemp("packages"), {}
    for host in FILES:
        chainrule(host, folder / host, "--isolation", "process")
        files = {path for path in (folder / host).rglob("*") if path.is_file()}
        found[host] = {path.relative_to(folder / host).as_posix(): path.read_bytes() for path in files}
    with zipfile.ZipFile(folder / "gradescope" / "autograder.zip") as archive:
        found["gradescope"] = {name: archive.read(name) for name in archive.namelist()}
    return found


@pytest.mark.parametrize("host", FILES)
def test_nothing_is_missing(host: str, packages: dict[str, Files]) -> None:
    """Each has its scripts and the kit, no placeholder is left, and what the author chose is in it."""
    files = packages[host]
    assert files.keys() == FILES[host]
    texts = {name: content.decode() for name, content in files.items() if not name.endswith(".whl")}
    assert [name for name, text in texts.items() if re.search("@[A-Z]+@", text)] == []
    assert any(
        "process" in text for name, text in texts.items() if name.endswith(("mark", "run_autograder", ".py"))
    )
    for name, text in texts.items():
        if text.startswith("#!/usr/bin/env bash\n"):
            assert subprocess.run(["bash", "-n"], input=text, text=True).returncode == 0, name


def test_gradescope_can_run_the_scripts(tmp_path: Path) -> None:
    """Both scripts stand at the top of the archive and are executable; the same kit makes the same archive."""
    for name in ("one", "two"):
        chainrule("gradescope", tmp_path / name)
    one, two = ((tmp_path / name / "autograder.zip").read_bytes() for name in ("one", "two"))
    assert one == two
    with zipfile.ZipFile(io.BytesIO(one)) as archive:
        modes = {info.filename: info.external_attr >> 16 for info in archive.infolist()}
    assert modes["setup.sh"] == modes["run_autograder"] == 0o100755 and modes[WHEEL] == 0o100644


def test_prairielearns_question(packages: dict[str, Files]) -> None:
    """info.json is as PrairieLearn reads it, the page takes each stage's file, the image has the entry point."""
    files = {name: content.decode("utf-8", "replace") for name, content in packages["prairielearn"].items()}
    info = json.loads(files["question/info.json"])
    check(info, QUESTION)
    offered = re.search('optional-file-names="(.*?)"', files["question/question.html"])
    assert offered and offered[1].split(",") == [one.file for one in (*STAGES, *NOTEBOOKS)]
    assert f"COPY mark {info['externalGradingOptions']['entrypoint']}\n" in files["image/Dockerfile"]
    assert f"FROM python:{PYTHON}-slim\n" in files["image/Dockerfile"]


def test_prairielearns_image_is_named(tmp_path: Path) -> None:
    """The question asks for the image that the author names."""
    told = chainrule("prairielearn", tmp_path / "package", "--image", "example/marking:2")
    info = json.loads((tmp_path / "package" / "question" / "info.json").read_text(encoding="utf-8"))
    assert info["externalGradingOptions"]["image"] == "example/marking:2"
    assert "docker push example/marking:2" in told


def test_classroom50s_files(packages: dict[str, Files]) -> None:
    """The script is Python, and the assignment's runtime has the version that the libraries were tried with."""
    ast.parse(packages["classroom50"]["autograder.py"])
    assert json.loads(packages["classroom50"]["runtime.json"]) == {"runs-on": "ubuntu-latest", "python": PYTHON}


def test_the_wheel_is_whole(packages: dict[str, Files]) -> None:
    """Its record holds each file with its hash; of the course it has what marking reads, of the clone no tests."""
    with zipfile.ZipFile(io.BytesIO(packages["classroom50"][WHEEL])) as wheel:
        files = {name: wheel.read(name) for name in wheel.namelist()}
    about = f"chainrule-{__version__}.dist-info"
    for name, told, size in csv.reader(files[f"{about}/RECORD"].decode().splitlines()):
        if told:
            digest = base64.urlsafe_b64encode(hashlib.sha256(files[name]).digest()).decode().rstrip("=")
            assert (told, int(size)) == (f"sha256={digest}", len(files[name]))
        del files[name]
    assert files == {}
    names = set(wheel.namelist())
    assert {f"grader/bundled/{name}" for name in kit_wheel.course_files()} <= names
    assert {f"{about}/METADATA", f"{about}/entry_points.txt", f"{about}/licenses/LICENSE"} <= names
    assert {"grader/bundled/pyproject.toml", "grader/bundled/tests/mistakes/stage1_double.py"} <= names
    assert not [name for name in names if "__pycache__" in name or "conftest" in name or "stage1_relu" in name]


def test_the_wheel_says_what_the_kit_needs(packages: dict[str, Files]) -> None:
    """Its requirements, extras and entry points are those of the kit's pyproject.toml, whatever is installed."""
    with zipfile.ZipFile(io.BytesIO(packages["classroom50"][WHEEL])) as wheel:
        told = wheel.read(f"chainrule-{__version__}.dist-info/METADATA").decode()
        points = wheel.read(f"chainrule-{__version__}.dist-info/entry_points.txt").decode()
    project = tomllib.loads((KIT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert [line for line in project["dependencies"] if f"\nRequires-Dist: {line}\n" not in told] == []
    assert '\nRequires-Dist: torch>=2.6; extra == "torch"\n' in told and f"\nVersion: {__version__}\n" in told
    assert "[pytest11]\nchainrule = grader.judging.pytest_options\n" in points


def test_versions_are_those_installed_here(packages: dict[str, Files]) -> None:
    """The host gets the libraries, PyTorch among them, in the versions with which the author has tried it."""
    lines = packages["classroom50"]["chainrule/constraints.txt"].decode().splitlines()
    versions = dict(line.split("==") for line in lines)
    assert {"numpy", "torch", "pytest", "pluggy"} <= versions.keys() and "chainrule" not in versions
    for name, version in versions.items():
        assert metadata.version(name).partition("+")[0] == version
    assert packages["classroom50"]["chainrule/requirements.txt"].decode() == f"./{Path(WHEEL).name}[torch]\n"


def test_a_courses_own_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the course lets learners import is installed too, by the name under which it is installed here."""
    monkeypatch.setattr(kit_wheel, "LIBRARIES", ("dateutil",))
    assert kit_wheel.requirements()[1:] == ["python-dateutil"]
    monkeypatch.setattr(kit_wheel, "LIBRARIES", ("not_there",))
    with pytest.raises(CourseError, match="not_there, which the course lets learners import, is not installed"):
        kit_wheel.requirements()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    """It may hold a package of another version, or something that is nobody's to overwrite."""
    (tmp_path / "kept.txt").write_text("kept", encoding="utf-8")
    for place in (tmp_path, tmp_path / "kept.txt"):
        assert "name a folder that is new or empty" in chainrule("classroom50", place, code=2)
    assert [path.name for path in tmp_path.iterdir()] == ["kept.txt"]
