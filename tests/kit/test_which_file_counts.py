"""Which file counts for a stage: work before stubs, under any name and in any form; what is not taken is told."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from handed_in import Files, put, tarred, under, zipped
from nbconvert import PythonExporter

from grader.course.catalogue import NOTEBOOKS, STAGES, Notebook, Stage
from grader.course.location import EXERCISES, SOLUTIONS
from grader.intake.names import claim_of, looks_like
from grader.intake.notebook_files import is_named
from grader.intake.submissions import Submission, read_cohort
from grader.intake.work import written
from grader.publishing.assembly import notebook, text

OTHER, STAGE = STAGES
FIRST, NOTEBOOK = NOTEBOOKS
SOLVED = {f"notebooks/{one.file}": text(notebook(one, solved=True)).encode() for one in NOTEBOOKS}
STUBS = {f"notebooks/{one.file}": text(notebook(one, solved=False)).encode() for one in NOTEBOOKS}
WORK, STUB = SOLVED[f"notebooks/{NOTEBOOK.file}"], STUBS[f"notebooks/{NOTEBOOK.file}"]
SOURCES = {f"solutions/{stage.file}": (SOLUTIONS / stage.file).read_bytes() for stage in STAGES}
MODULE = SOURCES[f"solutions/{STAGE.file}"]
REST = {OTHER.file: SOURCES[f"solutions/{OTHER.file}"]}
"""What is handed in beside, of the stage before."""
UNWRITTEN = (EXERCISES / STAGE.file).read_bytes()


def read(folder: Path, files: Files, times: dict[str, int] | None = None) -> Submission:
    """One learner's submission of a cohort, its files written at these times."""
    put(folder, under("ann", files) | under("bob", REST))
    for name, time in (times or {}).items():
        os.utime(folder / "ann" / name, (time, time))
    return next(one for one in read_cohort(folder) if one.name == "ann")


def is_work(submission: Submission) -> bool:
    """Whether what counts for the stage, as a module or in its notebook, has something written in it."""
    cells = submission.notebooks.get(NOTEBOOK.name, ())
    sources = [submission.sources.get(STAGE.name, ""), *(cell.source for cell in cells)]
    return any(written(source, STAGE.tasks) for source in sources)


COPIES = [
    "Copy of {}",
    "{} ",
    "{} (1)",
    "{}-1",
    "{}-Copy1",
    "{}__20251121104101",
    "{}-DESKTOP-4711AB",
    "{} - Kopie",
]
COPIES += ["{} (Ann Lee's conflicted copy 2025-11-21)", "Kopie von {}", "ann_{}_final", "old/{}"]
"""How systems and learners name copies."""
TIMES = (1_000_000_000, 2_000_000_000)
"""When an earlier file was written, and a later one."""


@pytest.mark.parametrize("work_is_older", [True, False])
@pytest.mark.parametrize(("work", "stub"), [("{}", "{} (1)"), *((copy, "{}") for copy in COPIES)])
def test_work_counts_before_stubs(tmp_path: Path, work: str, stub: str, work_is_older: bool) -> None:
    """A stub as released never stands against work, whichever of them was saved later, and a note says so."""
    for file, contents in ((NOTEBOOK.file, (WORK, STUB)), (STAGE.file, (MODULE, UNWRITTEN))):
        stem, ending = Path(file).stem, Path(file).suffix
        names = [form.format(stem) + ending for form in (work, stub)]
        times = dict(zip(names, TIMES[:: 1 if work_is_older else -1], strict=True))
        ann = read(tmp_path / ending, dict(zip(names, contents, strict=True)), times)
        assert is_work(ann)
        assert any(f"{file} came more than once: {names[0]} counts" in note for note in ann.notes)
        assert "in which nothing is written" in " ".join(ann.notes)


@pytest.mark.parametrize(
    "stub",
    [
        UNWRITTEN.replace(b"\n", b"\r\n"),
        b"# Ann Lee, group 7\n\n" + UNWRITTEN,
        UNWRITTEN.replace(b'raise NotImplementedError("', b'raise NotImplementedError("in 2024: '),
        b"import numpy as np\n" + b"".join(b"def %s(*args): ...\n" % task.encode() for task in STAGE.tasks),
        b"import math\n\n\ndef helper(a):\n    return 2 * a\n",
        b"",
    ],
    ids=["Windows", "commented", "other release", "ellipsis", "a helper alone", "empty"],
)
def test_what_no_work_is(tmp_path: Path, stub: bytes) -> None:
    """A module in which no task is written is none, however it was saved, and from whichever release."""
    files = {f"{STAGE.name} (1).py": MODULE, STAGE.file: stub}
    assert is_work(read(tmp_path, files, dict(zip(files, TIMES, strict=True))))


def test_stubs_and_solutions_are_told_apart() -> None:
    """Nothing is written in a stub as released, and everything in a solution."""
    assert (written(UNWRITTEN.decode(), STAGE.tasks), written(MODULE.decode(), STAGE.tasks)) == (
        set(),
        {*STAGE.tasks},
    )


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def double(a):\n    return a", {"double"}),
        ("double = lambda a: a * (a > 0)", {"double"}),
        ("try:\n    def double(a):\n        return a\nexcept Exception:\n    pass", {"double"}),
        ("def double(a):\n    return (", {"double"}),
        ("def double(a):\n    '''Doc.'''\n    # nothing\n    raise NotImplementedError", set()),
        ("if __name__ == '__main__':\n    double = 5", set()),
        ("from stage1_double import double", set()),
        ("from numpy import abs as double", {"double"}),
        ("double = double(5)", set()),
        ("x = " + "(" * 100_000, set()),
        ("if a: pass\n" + "elif a: pass\n" * 20_000, set()),
        ("\0", set()),
    ],
)
def test_what_is_written(source: str, names: set[str]) -> None:
    """A task is written where its name is bound to more than a stub; nothing that a text holds stops this."""
    assert written(source, OTHER.tasks) == names


@pytest.mark.parametrize("work_is_older", [True, False])
def test_of_work_the_latest_counts(tmp_path: Path, work_is_older: bool) -> None:
    """Of two files with work the one saved later counts; of one time, the one with the plainest name."""
    later = b"def slope(x):\n    return 'later'\n"
    names = {STAGE.file: MODULE, f"{STAGE.name} (1).py": later}
    times = dict(zip(names, TIMES[:: 1 if work_is_older else -1], strict=True))
    ann = read(tmp_path / "apart", names, times)
    assert (ann.sources[STAGE.name] == later.decode()) is work_is_older
    ann = read(tmp_path / "same", names, dict.fromkeys(names, TIMES[0]))
    assert ann.sources[STAGE.name] == MODULE.decode()
    assert f"{STAGE.file} counts, not {STAGE.name} (1).py" in ann.notes[0]


def test_of_a_module_and_a_notebook(tmp_path: Path) -> None:
    """The later of the two counts, and the module where both are of one time; not one that cannot be read."""
    ann = read(tmp_path / "3", {STAGE.file: b"\xff", NOTEBOOK.file: WORK})
    assert is_work(ann) and not ann.unread
    assert any("is not UTF-8 text" in note for note in ann.notes)
    files = {STAGE.file: MODULE, NOTEBOOK.file: WORK}
    ann = read(tmp_path / "1", files, dict(zip(files, TIMES, strict=True)))
    assert (list(ann.sources), list(ann.notebooks)) == ([], [NOTEBOOK.name])
    assert "as it is later" in ann.notes[0]
    ann = read(tmp_path / "2", files, dict.fromkeys(files, TIMES[0]))
    assert (list(ann.sources), list(ann.notebooks)) == ([STAGE.name], [])


CALLED = ["stage2_slope (1).py", "stage2_slope.py.txt", "Stage2_Slope.py", "STAGE2_SLOPE.PY"]
CALLED += ["stage2_slope__20251121104101.py", "week3/stage2_slope.py", "a/b/c/stage2_slope.py"]
CALLED += ["Copy of stage2_slope.py", "stage2-slope.py", "stage 2 slope.py", "stage2_slope.txt"]
CALLED += ["stage2.py", "Stage 02.py", "homework.py", "lee_stage2_slope_v2.py", "stage2_slope.py.download"]
CALLED += ["stage2_slope.ipynb", "02_slope.ipynb.txt", "02_slope.json", "Untitled.ipynb"]


@pytest.mark.parametrize("name", CALLED)
def test_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    """A file that holds a stage's work counts under any name that systems and learners give it."""
    content = WORK if name.endswith((".ipynb", ".json", "ipynb.txt")) else MODULE
    assert is_work(read(tmp_path, REST | {name: content}))


@pytest.mark.parametrize("pack", [zipped, tarred, lambda files: zipped(under("rest", files))])
def test_an_archive_beside(tmp_path: Path, pack: Callable[[Files], bytes]) -> None:
    """An archive beside stage files is opened, in a folder as in an archive; what is in it further is told."""
    rest = pack({STAGE.file: MODULE})
    assert is_work(read(tmp_path / "folder", REST | {"rest.zip": rest}))
    assert is_work(read(tmp_path / "deep", REST | {"all/rest.zip": rest}))
    ann = read(tmp_path / "nested", REST | {"rest.zip": zipped({"more.zip": rest})})
    assert "rest.zip/more.zip was not opened: an archive in an archive" in ann.notes


def test_a_bomb_beside(tmp_path: Path) -> None:
    """An archive that unpacks to too much costs itself alone, and is told."""
    bombs = {"bomb.zip": zipped({STAGE.file: b" " * 2**25}), "b.tar.gz": tarred({"x.bin": bytes(2**29)})}
    ann = read(tmp_path, REST | bombs | {"broken.zip": b"PK"})
    assert list(ann.sources) == [OTHER.name]
    assert "larger than" in ann.unread[STAGE.name]
    assert any(note.startswith("b.tar.gz cannot be read") for note in ann.notes)
    assert any(note.startswith("broken.zip cannot be read") for note in ann.notes)


NOT_READ = ["stage2_slope.pdf", "stage2_slope.py.docx", "Stage 2.html", "slope.rtf"]


@pytest.mark.parametrize("name", [*NOT_READ, "stage2_slope.rar", "stage2.7z", "old/stage2_slope.py.1"])
def test_what_is_not_taken_is_told(tmp_path: Path, name: str) -> None:
    """A file that looks like a stage, and is not read, is named in a note with the stage that is missing."""
    ann = read(tmp_path, REST | {name: MODULE})
    assert any(note.startswith(f"{name} was not taken for {STAGE.file}, which is missing") for note in ann.notes)
    ann = read(tmp_path / "2", REST | {STAGE.file: MODULE, name: b""})
    assert not [note for note in ann.notes if name in note]
    ann = read(tmp_path / "3", REST | {STAGE.file: UNWRITTEN, name: MODULE})
    assert not is_work(ann)
    assert any(f"{name} was not taken for {STAGE.file}, in which nothing" in note for note in ann.notes)


def test_what_a_missing_stage_may_be_in_is_told(tmp_path: Path) -> None:
    """An archive that is not read is named as what it is, with the remedy; so is a module of several stages."""
    files = {"rest.rar": b"x", "all.7z": b"x", "all.py": b"\n".join(SOURCES.values())}
    ann = read(tmp_path, REST | files)
    for name, kind in (("rest.rar", "a RAR archive"), ("all.7z", "a 7-Zip archive")):
        assert f"{name} is {kind}, which the kit does not read: unpack it, or ask for a zip" in ann.notes
    assert any(note.startswith("all.py was not taken") and "several stages" in note for note in ann.notes)


AS_RELEASED = ["02_slope (1).ipynb", "02_slope-Copy1.ipynb", "02_Slope.IPYNB"]
"""A notebook's own name, with no more than browsers and Jupyter add to it."""
NAMES: dict[str, tuple[Stage | None, Notebook | None]] = {
    **dict.fromkeys(["stage1_double.py", "STAGE1 DOUBLE(2).PY", "stage" + "_" * 200 + "1.py"], (OTHER, None)),
    **dict.fromkeys(["test_stage1_double.py", "tests stage1_double.py", "stage1_double.md"], (None, None)),
    **dict.fromkeys(["stage1_double_stage2_slope.py", "stage12.py", "plan.pdf", "homework.ipynb"], (None, None)),
    **dict.fromkeys(["01-Doubling.py", "ann_01_doubling.ipynb", "01-doubling_final.ipynb"], (None, FIRST)),
    **dict.fromkeys(["Copy of 02_slope.ipynb", "notebook 2.ipynb", *AS_RELEASED], (None, NOTEBOOK)),
    "stage2_slope-final.py": (STAGE, None),
}


def test_names() -> None:
    """Which stage or notebook a file's name says that it is, by their numbers; a test's name says neither."""
    for name, says in NAMES.items():
        claim = claim_of(name)
        assert ((claim and claim.stage), (claim and claim.notebook)) == says
        assert is_named(name) == (name in AS_RELEASED)
    assert looks_like("Slope.py") == [STAGE]  # a word alone
    assert looks_like("test_stage2_slope.py") == looks_like("plan.pdf") == []


@pytest.mark.parametrize("wrapped", ["", "kit/", "chainrule-main/chainrule-main/"])
@pytest.mark.parametrize("form", ["folder", "zip", "tgz"])
@pytest.mark.parametrize("in_notebook", [True, False])
def test_a_whole_clone(tmp_path: Path, wrapped: str, form: str, in_notebook: bool) -> None:
    """Of a clone counts what is written in exercises/ and notebooks/, and nothing of what was released with it."""
    released = STUBS | {f"exercises/{s.file}": (EXERCISES / s.file).read_bytes() for s in STAGES}
    kit = SOURCES | under("tests/kit/gallery/x", REST | {STAGE.file: MODULE})
    kit |= {"grader/cli.py": b"x = 1", "README.md": b"", "results/ann/stage2_slope.py": MODULE}
    mine = under("exercises", REST)
    if in_notebook:
        mine[f"notebooks/{NOTEBOOK.file}"] = WORK
    files = {f"{wrapped}{name}": content for name, content in (released | kit | mine).items()}
    packed = {"zip": {"ann.zip": zipped(files)}, "tgz": {"ann.tgz": tarred(files)}}
    put(tmp_path, packed.get(form, under("ann", files)) | under("bob", REST))
    ann = next(one for one in read_cohort(tmp_path) if one.name == "ann")
    assert list(ann.notebooks) == [NOTEBOOK.name] * in_notebook
    as_released = {} if in_notebook else {STAGE.name: UNWRITTEN.decode()}
    assert ann.sources == {OTHER.name: REST[OTHER.file].decode()} | as_released
    why = "the notebook counts, as the file is not written"
    assert ann.notes == (f"{STAGE.file} came in {NOTEBOOK.file} as well: {why}",) * in_notebook


def test_what_a_clone_lacks(tmp_path: Path) -> None:
    """Where only notebooks are there, those as released stand for what is not written.

    A clone that is given to the command is one submission, as a folder and as an archive.
    """
    kit = {"grader/x.py": b"", "tests/x.py": b""}
    ann = read(tmp_path / "1", STUBS | kit)
    assert (ann.error, list(ann.notebooks), ann.notes) == (None, [one.name for one in NOTEBOOKS], ())
    files = kit | under("exercises", REST) | under("solutions", {STAGE.file: MODULE})
    put(tmp_path, under("clone", files) | {"clone.zip": zipped(under("main", files))})
    for path in (tmp_path / "clone", tmp_path / "clone.zip"):
        [one] = read_cohort(path)
        assert (one.error, list(one.sources)) == (None, [OTHER.name])


@pytest.mark.parametrize("beside", ["exercises", "homework"])
def test_solutions_are_nobodys_work(tmp_path: Path, beside: str) -> None:
    """The solutions as released count in no submission; a learner's own folder of that name does."""
    ann = read(tmp_path / "1", under(beside, {STAGE.file: UNWRITTEN, **REST}) | SOURCES)
    assert not is_work(ann)
    assert list(ann.sources) == [OTHER.name, STAGE.name]
    assert is_work(read(tmp_path / "2", under("solutions", {STAGE.file: MODULE + b"# mine", **REST})))


def exported(form: str) -> str:
    """The stage's notebook, solved, as a Python file."""
    made = nbformat.from_dict(notebook(NOTEBOOK, solved=True))
    if form == "nbconvert":
        return str(PythonExporter().from_notebook_node(made)[0])
    parts = {
        ("percent", "code"): "# %%\n{}\n",
        ("percent", "markdown"): "# %% [markdown]\n'''{}\n",
        ("colab", "code"): "{}\n",
        ("colab", "markdown"): '"""{}\n"""\n',
    }
    head = '"""Copy of x.ipynb\n\nAutomatically generated by Colab.\n"""\n' if form == "colab" else ""
    return head + "\n".join(
        parts[form, cell.cell_type].format(cell.source) for cell in made.cells if not cell.source.startswith("%%")
    )


@pytest.mark.parametrize("name", ["02_slope.py", "copy_of_02_slope.py", "homework.py"])
@pytest.mark.parametrize("form", ["nbconvert", "percent", "colab"])
def test_a_notebook_as_a_python_file(tmp_path: Path, form: str, name: str) -> None:
    """A notebook that was exported as a Python file is that notebook, by its name or by its marks."""
    ann = read(tmp_path, {name: exported(form).encode()})
    assert is_work(ann)
    cells = ann.notebooks[NOTEBOOK.name]
    assert len(cells) > 1
    assert form == "nbconvert" or not any("The formula" in cell.source for cell in cells)
    assert f"{name} counts as {NOTEBOOK.file}" in ann.notes


def combined(with_ids: bool) -> bytes:
    """Both notebooks in one, solved."""
    made, second = (notebook(which, solved=True) for which in NOTEBOOKS)
    there = {cell["id"] for cell in made["cells"]}
    made["cells"] += [cell for cell in second["cells"] if cell["id"] not in there]
    for cell in made["cells"] if not with_ids else ():
        cell["metadata"] = {}
        del cell["id"]
    return json.dumps(made).encode()


@pytest.mark.parametrize("name", ["capstone.ipynb", FIRST.file])
@pytest.mark.parametrize("with_ids", [True, False])
def test_one_notebook_for_all(tmp_path: Path, with_ids: bool, name: str) -> None:
    """A notebook that holds all stages counts for each of the course's notebooks, with or without ids."""
    ann = read(tmp_path, {name: combined(with_ids)})
    assert sorted(ann.notebooks) == [one.name for one in NOTEBOOKS]
    assert len({*ann.notebooks.values()}) == 1
    assert ann.notes == ()


def test_given_cells_define_nothing(tmp_path: Path) -> None:
    """The modules that a notebook is given are not handed in with it."""
    assert list(read(tmp_path, {"mine.ipynb": WORK}).notebooks) == [NOTEBOOK.name]


def test_a_name_decides_before_contents(tmp_path: Path) -> None:
    """A notebook named as released is that one, and counts for another only where nothing better is there."""
    ann = read(tmp_path, {FIRST.file: combined(True), NOTEBOOK.file: WORK})
    assert ann.notebooks[NOTEBOOK.name] != ann.notebooks[FIRST.name]
    ann = read(tmp_path / "2", {FIRST.file: WORK})
    assert sorted(ann.notebooks) == [FIRST.name, NOTEBOOK.name]


@pytest.mark.parametrize("label", ["Ann Lee_12_assignsubmission_file_{}", "annlee_12_{number}_{}"])
def test_uploads(tmp_path: Path, label: str) -> None:
    """In a platform's export the learner's own names count; a later stub never stands against earlier work."""
    files = {f"{STAGE.name} (1).py": MODULE, STAGE.file: UNWRITTEN, f"{OTHER.name}-1.py": REST[OTHER.file]}
    put(tmp_path, {label.format(name, number=900 + n): files[name] for n, name in enumerate(files)})
    [ann] = read_cohort(tmp_path)
    assert is_work(ann)
    assert list(ann.sources) == [OTHER.name, STAGE.name]


def test_an_upload_of_another_name(tmp_path: Path) -> None:
    """A module that a platform took under another name counts by what it holds; one that holds nothing is told."""
    put(tmp_path, {"annlee_12_900_homework.py": MODULE, "bob_13_901_plan.py": b"x = 1\n"})
    ann, bob = read_cohort(tmp_path)
    assert is_work(ann)
    assert ann.notes == (f"homework.py counts as {STAGE.file}",)
    assert (bob.error or "").endswith("it holds plan.py")
    put(tmp_path / "other", {"cem/helper.py": b"x = 1\n", **under("bob", REST)})
    assert (read_cohort(tmp_path / "other")[1].error or "").endswith("it holds helper.py")
