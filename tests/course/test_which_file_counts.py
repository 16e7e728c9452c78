"""Which file counts for a stage: work before stubs, under any name and in any form; what is not taken is told."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from handed_in import Files, put, tarred, under
from nbconvert import PythonExporter
from sample_cohort import zipped

from grader.course.catalogue import NOTEBOOKS, STAGES, Stage
from grader.course.location import EXERCISES, SOLUTIONS
from grader.intake.names import claim_of, looks_like
from grader.intake.submissions import Submission, read_cohort
from grader.intake.work import written
from grader.publishing.assembly import notebook, text

FIRST = NOTEBOOKS[0]
STUB = text(notebook(FIRST, solved=False)).encode()
WORK = text(notebook(FIRST, solved=True)).encode()
STAGE = STAGES[2]
REST = {stage.file: (SOLUTIONS / stage.file).read_bytes() for stage in STAGES[:2]}
MODULE = (SOLUTIONS / STAGE.file).read_bytes()
UNWRITTEN = (EXERCISES / STAGE.file).read_bytes()


def read(folder: Path, files: Files, times: dict[str, int] | None = None) -> Submission:
    """One learner's submission of a cohort, its files written at these times."""
    put(folder, under("ann", files) | under("bob", REST))
    for name, time in (times or {}).items():
        os.utime(folder / "ann" / name, (time, time))
    return next(one for one in read_cohort(folder) if one.name == "ann")


def is_work(submission: Submission) -> bool:
    """Whether what counts for the stage, or for the first notebook, has something written in it."""
    cells = submission.notebooks.get(FIRST.name, ())
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


@pytest.mark.parametrize("work_is_older", [True, False])
@pytest.mark.parametrize(("work", "stub"), [("{}", "{} (1)"), *((copy, "{}") for copy in COPIES)])
def test_work_counts_before_stubs(tmp_path: Path, work: str, stub: str, work_is_older: bool) -> None:
    """A stub as released never stands against work, whichever of them was saved later, and a note says so."""
    for stem, ending, contents in (
        (FIRST.name, ".ipynb", (WORK, STUB)),
        (STAGE.name, ".py", (MODULE, UNWRITTEN)),
    ):
        names = [form.format(stem) + ending for form in (work, stub)]
        times = dict(zip(names, (1_700_000_000, 1_700_009_000)[:: 1 if work_is_older else -1], strict=True))
        ann = read(tmp_path / ending, dict(zip(names, contents, strict=True)), times)
        assert is_work(ann)
        assert any(f"{stem}{ending} came more than once: {names[0]} counts" in note for note in ann.notes)
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
    names = {f"{STAGE.name} (1).py": MODULE, STAGE.file: stub}
    ann = read(tmp_path, names, {STAGE.file: 2_000_000_000, f"{STAGE.name} (1).py": 1_000_000_000})
    assert is_work(ann)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_stubs_and_solutions_are_told_apart(stage: Stage) -> None:
    """Nothing is written in a stub as released, and everything in a solution."""
    assert written((EXERCISES / stage.file).read_text(encoding="utf-8"), stage.tasks) == set()
    assert written((SOLUTIONS / stage.file).read_text(encoding="utf-8"), stage.tasks) == {*stage.tasks}


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("def relu(a):\n    return a", {"relu"}),
        ("relu = lambda a: a * (a > 0)", {"relu"}),
        ("try:\n    def relu(a):\n        return a\nexcept Exception:\n    pass", {"relu"}),
        ("def relu(a):\n    return (", {"relu"}),
        ("def relu(a):\n    '''Doc.'''\n    # nothing\n    raise NotImplementedError", set()),
        ("if __name__ == '__main__':\n    relu = 5", set()),
        ("from stage1_relu import relu", set()),
        ("from numpy import abs as relu", {"relu"}),
        ("relu = relu(5)", set()),
        ("x = " + "(" * 100_000, set()),
        ("if a: pass\n" + "elif a: pass\n" * 20_000, set()),
        ("\0", set()),
    ],
)
def test_what_is_written(source: str, names: set[str]) -> None:
    """A task is written where its name is bound to more than a stub; nothing that a text holds stops this."""
    assert written(source, STAGES[0].tasks) == names


@pytest.mark.parametrize("work_is_older", [True, False])
def test_of_work_the_latest_counts(tmp_path: Path, work_is_older: bool) -> None:
    """Of two files with work the one saved later counts; of one time, the one with the plainest name."""
    later = b"def backward(X, y, params, out):\n    return 'dW1 later'\n"
    names = {STAGE.file: MODULE, f"{STAGE.name} (1).py": later}
    times = dict(zip(names, (1_000_000_000, 2_000_000_000)[:: 1 if work_is_older else -1], strict=True))
    ann = read(tmp_path / "apart", names, times)
    assert (ann.sources[STAGE.name] == later.decode()) is work_is_older
    ann = read(tmp_path / "same", names, dict.fromkeys(names, 1_000_000_000))
    assert ann.sources[STAGE.name] == MODULE.decode()
    assert f"{STAGE.file} counts, not {STAGE.name} (1).py" in ann.notes[0]


def test_of_a_module_and_a_notebook(tmp_path: Path) -> None:
    """The later of the two counts, and the module where both are of one time."""
    files = {STAGE.file: MODULE, FIRST.file: WORK}
    ann = read(tmp_path / "1", files, {STAGE.file: 1_000_000_000, FIRST.file: 2_000_000_000})
    assert (list(ann.sources), list(ann.notebooks)) == ([], [FIRST.name])
    assert "as it is later" in ann.notes[0]
    ann = read(tmp_path / "2", files, dict.fromkeys(files, 1_000_000_000))
    assert (list(ann.sources), list(ann.notebooks)) == ([STAGE.name], [FIRST.name])


CALLED = ["stage3_backward (1).py", "stage3_backward.py.txt", "Stage3_Backward.py", "STAGE3_BACKWARD.PY"]
CALLED += ["stage3_backward__20251121104101.py", "week3/stage3_backward.py", "a/b/c/stage3_backward.py"]
CALLED += ["Copy of stage3_backward.py", "stage3-backward.py", "stage 3 backward.py", "stage3_backward.txt"]
CALLED += ["stage3.py", "Stage 03.py", "homework.py", "lee_stage3_backward_v2.py", "stage3_backward.py.download"]
CALLED += ["stage3_backward.ipynb", "01_numpy_manual.ipynb.txt", "01_numpy_manual.json", "Untitled.ipynb"]


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
    assert len(ann.sources) == 2
    assert "larger than" in ann.unread[STAGE.name]
    assert any(note.startswith("b.tar.gz cannot be read") for note in ann.notes)
    assert any(note.startswith("broken.zip cannot be read") for note in ann.notes)


NOT_READ = ["stage3_backward.pdf", "stage3_backward.py.docx", "Stage 3.html", "backward.rtf"]


@pytest.mark.parametrize("name", [*NOT_READ, "stage3_backward.rar", "stage3.7z", "old/stage3_backward.py.1"])
def test_what_is_not_taken_is_told(tmp_path: Path, name: str) -> None:
    """A file that looks like a stage, and is not read, is named in a note with the stage that is missing."""
    ann = read(tmp_path, REST | {name: MODULE})
    assert any(note.startswith(f"{name} was not taken for {STAGE.file}, which is missing") for note in ann.notes)
    ann = read(tmp_path / "2", REST | {STAGE.file: MODULE, name: b""})
    assert not [note for note in ann.notes if name in note]
    ann = read(tmp_path / "3", REST | {STAGE.file: UNWRITTEN, name: MODULE})
    assert not is_work(ann)
    assert any(f"{name} was not taken for {STAGE.file}, in which nothing" in note for note in ann.notes)


@pytest.mark.parametrize(("name", "kind"), [("rest.rar", "a RAR archive"), ("all.7z", "a 7-Zip archive")])
def test_an_archive_that_is_not_read_is_told(tmp_path: Path, name: str, kind: str) -> None:
    """What a missing stage may be in is named as what it is, with the remedy."""
    ann = read(tmp_path, REST | {name: b"x"})
    assert f"{name} is {kind}, which the kit does not read: unpack it, or ask for a zip" in ann.notes


def test_a_module_of_all_stages_is_told(tmp_path: Path) -> None:
    """One module with the tasks of several stages cannot be divided, which a note says."""
    whole = b"\n".join((SOLUTIONS / stage.file).read_bytes() for stage in STAGES[:3])
    ann = read(tmp_path, REST | {"all.py": whole})
    assert any(note.startswith("all.py was not taken") and "several stages" in note for note in ann.notes)


NAMES: dict[str, tuple[int | None, int | None]] = {
    **dict.fromkeys(["stage1_relu.py", "STAGE1 RELU(2).PY", "stage" + "_" * 200 + "1.py"], (1, None)),
    **dict.fromkeys(["test_stage1_relu.py", "tests stage1_relu.py", "stage1_relu.md", "stage12.py"], (None, None)),
    **{"stage4_torch_forward-final.py": (4, None), "stage1_relu_stage2_forward.py": (None, None)},
    **{"Copy of 02_pytorch_no_autograd.ipynb": (None, 2), "03-PyTorch-Autograd.py": (None, 3)},
    **{"notebook 4.ipynb": (None, 4), "plan.pdf": (None, None)},
}


@pytest.mark.parametrize(("name", "says"), NAMES.items())
def test_names(name: str, says: tuple[int | None, int | None]) -> None:
    """Which stage or notebook a file's name says that it is, by their numbers; a test's name says neither."""
    claim = claim_of(name)
    found = (claim and claim.stage and claim.stage.number, claim and claim.notebook)
    assert found == (says[0], says[1] and NOTEBOOKS[says[1] - 1])
    assert looks_like("Backward.py") == [STAGE]  # a word alone
    assert looks_like("test_stage3_backward.py") == looks_like("plan.pdf") == []


@pytest.mark.parametrize("wrapped", ["", "kit/", "chainrule-main/chainrule-main/"])
@pytest.mark.parametrize("form", ["folder", "zip", "tgz"])
def test_a_whole_clone(tmp_path: Path, wrapped: str, form: str) -> None:
    """Of a clone counts what is written in exercises/ and notebooks/, and nothing of what was released with it."""
    released = {f"exercises/{s.file}": (EXERCISES / s.file).read_bytes() for s in STAGES}
    released |= {f"notebooks/{one.file}": text(notebook(one, solved=False)).encode() for one in NOTEBOOKS}
    kit = {f"solutions/{s.file}": (SOLUTIONS / s.file).read_bytes() for s in STAGES}
    kit |= {f"tests/kit/gallery/x/{s.file}": (SOLUTIONS / s.file).read_bytes() for s in STAGES}
    kit |= {"grader/cli.py": b"x = 1", "README.md": b"", "results/ann/stage3_backward.py": MODULE}
    mine = {f"exercises/{file}": content for file, content in REST.items()}
    mine |= {f"notebooks/{NOTEBOOKS[2].file}": text(notebook(NOTEBOOKS[2], solved=True)).encode()}
    files = {f"{wrapped}{name}": content for name, content in (released | kit | mine).items()}
    packed = {"zip": {"ann.zip": zipped(files)}, "tgz": {"ann.tgz": tarred(files)}}
    put(tmp_path, packed.get(form, under("ann", files)) | under("bob", REST))
    ann = next(one for one in read_cohort(tmp_path) if one.name == "ann")
    assert list(ann.notebooks) == [NOTEBOOKS[2].name]
    assert list(ann.sources) == [stage.name for stage in STAGES if stage.number != 5]
    done = {name for name, source in ann.sources.items() if "BEGIN SOLUTION" in source}
    assert done == {stage.name for stage in STAGES[:2]}
    assert ann.notes == (
        f"{STAGES[4].file} came in {NOTEBOOKS[2].file} as well: the notebook counts, as the file is not written",
    )


def test_a_clone_of_notebooks_alone(tmp_path: Path) -> None:
    """Where only notebooks are there, those as released stand for what is not written."""
    files = {f"notebooks/{one.file}": text(notebook(one, solved=False)).encode() for one in NOTEBOOKS}
    ann = read(tmp_path / "1", files | {"grader/x.py": b"", "tests/x.py": b""})
    assert (ann.error, len(ann.notebooks), ann.notes) == (None, 4, ())
    ann = read(tmp_path / "2", {STAGE.file: b"\xff", FIRST.file: WORK})
    assert is_work(ann) and not ann.unread
    assert any("is not UTF-8 text" in note for note in ann.notes)


def test_a_clone_by_itself(tmp_path: Path) -> None:
    """A clone that is given to the command is one submission, as a folder and as an archive."""
    files = {"grader/x.py": b"", "tests/x.py": b""} | under("exercises", REST)
    files |= under("solutions", {STAGE.file: MODULE})
    put(tmp_path, under("clone", files) | {"clone.zip": zipped(under("main", files))})
    for path in (tmp_path / "clone", tmp_path / "clone.zip"):
        [one] = read_cohort(path)
        assert (one.error, list(one.sources)) == (None, [stage.name for stage in STAGES[:2]])


@pytest.mark.parametrize("beside", ["exercises", "homework"])
def test_solutions_are_nobodys_work(tmp_path: Path, beside: str) -> None:
    """The solutions as released count in no submission; a learner's own folder of that name does."""
    solutions = {f"solutions/{stage.file}": (SOLUTIONS / stage.file).read_bytes() for stage in STAGES}
    ann = read(tmp_path / "1", under(beside, {STAGE.file: UNWRITTEN, **REST}) | solutions)
    assert not is_work(ann)
    assert list(ann.sources) == [stage.name for stage in STAGES[:3]]
    assert is_work(read(tmp_path / "2", under("solutions", {STAGE.file: MODULE + b"# mine", **REST})))


def exported(form: str) -> str:
    """The first notebook, solved, as a Python file."""
    made = nbformat.from_dict(notebook(FIRST, solved=True))
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
        parts[form, cell.cell_type].format(
            cell.source.replace('"""', "'''") if form == "colab" and cell.cell_type == "markdown" else cell.source
        )
        for cell in made.cells
        if not cell.source.startswith("%%")
    )


@pytest.mark.parametrize("name", ["01_numpy_manual.py", "copy_of_01_numpy_manual.py", "homework.py"])
@pytest.mark.parametrize("form", ["nbconvert", "percent", "colab"])
def test_a_notebook_as_a_python_file(tmp_path: Path, form: str, name: str) -> None:
    """A notebook that was exported as a Python file is that notebook, by its name or by its marks."""
    ann = read(tmp_path, {name: exported(form).encode()})
    assert is_work(ann)
    cells = ann.notebooks[FIRST.name]
    assert len(cells) > 3
    assert form == "nbconvert" or not any("The formulas" in cell.source for cell in cells)
    assert f"{name} counts as {FIRST.file}" in ann.notes


def combined(with_ids: bool) -> bytes:
    """All four notebooks in one, solved."""
    made = notebook(FIRST, solved=True)
    there = {cell["id"] for cell in made["cells"]}
    for which in NOTEBOOKS[1:]:
        made["cells"] += [cell for cell in notebook(which, solved=True)["cells"] if cell["id"] not in there]
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


def test_a_name_decides_before_contents(tmp_path: Path) -> None:
    """A notebook named as released is that one, and counts for another only where nothing better is there."""
    second = text(notebook(NOTEBOOKS[1], solved=True)).encode()
    ann = read(tmp_path, {FIRST.file: combined(True), NOTEBOOKS[1].file: second})
    assert ann.notebooks[NOTEBOOKS[1].name] != ann.notebooks[FIRST.name]
    ann = read(tmp_path / "2", {FIRST.file: second})
    assert sorted(ann.notebooks) == [FIRST.name, NOTEBOOKS[1].name]


def test_given_cells_define_nothing(tmp_path: Path) -> None:
    """The modules that a notebook is given are not handed in with it."""
    ann = read(tmp_path, {"mine.ipynb": text(notebook(NOTEBOOKS[3], solved=True)).encode()})
    assert list(ann.notebooks) == [NOTEBOOKS[3].name]


@pytest.mark.parametrize("label", ["Ann Lee_12_assignsubmission_file_{}", "annlee_12_{number}_{}"])
def test_uploads(tmp_path: Path, label: str) -> None:
    """In a platform's export the learner's own names count; a later stub never stands against earlier work."""
    files = [(f"{STAGE.name} (1).py", MODULE), (STAGE.file, UNWRITTEN)]
    files += [(f"{STAGES[1].name}-1.py", REST[STAGES[1].file])]
    put(tmp_path, {label.format(name, number=900 + n): content for n, (name, content) in enumerate(files)})
    [ann] = read_cohort(tmp_path)
    assert is_work(ann)
    assert list(ann.sources) == [STAGES[1].name, STAGE.name]


def test_an_upload_of_another_name(tmp_path: Path) -> None:
    """A module that a platform took under another name counts by what it holds; one that holds nothing is told."""
    put(tmp_path, {"annlee_12_900_homework.py": MODULE, "bob_13_901_plan.py": b"x = 1\n"})
    ann, bob = read_cohort(tmp_path)
    assert is_work(ann)
    assert ann.notes == (f"homework.py counts as {STAGE.file}",)
    assert (bob.error or "").endswith("it holds plan.py")
    put(tmp_path / "other", {"cem/helper.py": b"x = 1\n", **under("bob", REST)})
    assert (read_cohort(tmp_path / "other")[1].error or "").endswith("it holds helper.py")
