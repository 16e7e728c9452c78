"""The cohort that ships with the kit: submissions of every kind, each with the verdict that it must get.

`nox -s grade` writes it and marks it. Most samples are the solutions with a few lines replaced, so they are
generated rather than kept. Where the other stages are nothing to what one shows, it is handed in without them.
"""

import shutil
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

import sample_notebooks as notebooks
from handed_in import zipped as zipped
from isolation import ISOLATION as ISOLATION

from grader.course.catalogue import NOTEBOOKS, STAGES
from grader.course.location import EXERCISES, SOLUTIONS
from grader.course.points import points_of
from grader.outside.verdicts import Outcome

Files = dict[str, bytes]


FULL = tuple(map(points_of, STAGES))
NONE = (0.0,) * len(STAGES)


@dataclass(frozen=True)
class Sample:
    """A submission and its golden verdict.

    files: what is handed in; packed: how. scores: points by stage, None where it is rejected. ends: task →
    how all of its failing tests end. says: text that a message, or the reason for the rejection, holds. alone: the
    numbers of the stages that are handed in, of those in the files; none for all.
    """

    name: str
    files: Callable[[], Files]
    scores: tuple[float, ...] | None
    packed: str = "folder"
    ends: dict[str, Outcome] = field(default_factory=dict)
    says: str = ""
    alone: tuple[int, ...] = ()


def solutions() -> Files:
    """The solutions."""
    return {stage.file: (SOLUTIONS / stage.file).read_bytes() for stage in STAGES}


def stubs() -> Files:
    """The stubs as released."""
    return {stage.file: (EXERCISES / stage.file).read_bytes() for stage in STAGES}


def edited(*edits: tuple[int, str, str]) -> Callable[[], Files]:
    """The solutions with a text replaced: (stage, old, new), the old occurring exactly once."""

    def files() -> Files:
        made = solutions()
        for number, old, new in edits:
            name = STAGES[number - 1].file
            source = made[name].decode("utf-8")
            if source.count(old) != 1:
                raise ValueError(f"{name} holds {old!r} {source.count(old)} times, not once")
            made[name] = source.replace(old, new).encode("utf-8")
        return made

    return files


def begun(number: int, source: str, start: Callable[[], Files] = solutions) -> Callable[[], Files]:
    """These files with a text put before a stage's own."""

    def files() -> Files:
        made = start()
        name = STAGES[number - 1].file
        return made | {name: source.encode("utf-8") + b"\n" + made[name]}

    return files


def replaced(number: int, content: bytes) -> Callable[[], Files]:
    """The solutions with one stage's file replaced as a whole."""
    return lambda: solutions() | {STAGES[number - 1].file: content}


def without(number: int) -> Callable[[], Files]:
    """The solutions with one stage's file missing."""
    return lambda: {name: text for name, text in solutions().items() if name != STAGES[number - 1].file}


def half_finished() -> Files:
    """Stages 1 and 2 done, the first function of stage 3 written, the rest as released."""
    files = stubs()
    for stage in STAGES[:2]:
        files[stage.file] = solutions()[stage.file]
    name = STAGES[2].file
    whole, stub = solutions()[name].decode("utf-8"), files[name].decode("utf-8")
    at, at_stub = whole.index("def numerical_grad"), stub.index("def numerical_grad")
    files[name] = (whole[:at] + stub[at_stub:]).encode("utf-8")
    return files


def every_function(body: str) -> Callable[[], Files]:
    """Modules whose every function and class does the same."""

    def files() -> Files:
        made = {}
        for stage in STAGES:
            imports = "import numpy as np\nfrom xor import Params, Forward\n"
            functions = [f"def {task}(*args, **kwargs):\n    {body}\n" for task in stage.tasks]
            made[stage.file] = (imports + "\n".join(functions)).encode("utf-8")
        return made

    return files


XOR_RULE = "Forward((X[:, 0] * X[:, 1] < 0) * 1.0, X @ params.W1.T, X @ params.W1.T)"
FIGURES = (
    "dict(loss=[0.03132575673] * 1000, accuracy=[0.98] * 1000, grad_norm=[0.0] * 1000, relu_active=[0.5] * 1000)"
)
HELPER = "def _half(x):\n    return x / 2\n"


def minus(*lost: tuple[int, float] | int) -> tuple[float, ...]:
    """The full scores less (stage, points), or less all points of a stage."""
    less = dict(loss if isinstance(loss, tuple) else (loss, FULL[loss - 1]) for loss in lost)
    return tuple(full - less.get(stage.number, 0.0) for stage, full in zip(STAGES, FULL, strict=True))


def only(*earned: tuple[int, float] | int) -> tuple[float, ...]:
    """No scores but (stage, points), or all points of a stage."""
    some = dict(one if isinstance(one, tuple) else (one, FULL[one - 1]) for one in earned)
    return tuple(some.get(stage.number, 0.0) for stage in STAGES)


SAMPLES = (
    Sample("perfect", solutions, FULL),
    Sample("perfect-zip", solutions, FULL, packed="zip", alone=(1, 2)),
    Sample("perfect-wrapped", solutions, FULL, packed="wrapped", alone=(1, 2)),
    Sample("perfect-wrapped-zip", solutions, FULL, packed="wrapped zip", alone=(1, 2)),
    Sample("fresh-stubs", stubs, NONE, says="relu is not written yet"),
    Sample("half-finished", half_finished, only(1, 2, (3, 8)), ends={"sgd_step": "not written"}),
    Sample(
        "wrong-relu",
        edited((1, "np.maximum(a, 0)", "np.abs(a)")),
        minus((1, 5)),
        ends={"relu": "failed"},
        says="relu(a)",
        alone=(1,),
    ),
    Sample(
        "wrong-relu-grad",
        edited((1, "(a > 0)", "(a >= 0)")),
        minus((1, 1)),
        says="The slope at exactly 0 came out as 1",
        alone=(1,),
    ),
    Sample(
        "wrong-loss",
        edited((2, "if f.shape != y.shape:", "if len(f) != len(y):")),
        minus((2, 2)),
        says="the shapes differ",
        alone=(2,),
    ),
    Sample(
        "wrong-backward",
        edited((3, "r = (out.f - y) / len(y)", "r = out.f - y")),
        minus((3, 8 + 6)),
        ends={"backward": "failed", "train": "failed"},
        says="backward(X, y, params, out)",
        alone=(1, 2, 3),
    ),
    Sample(
        "wrong-torch-loss",
        edited((4, "return torch.mean(0.5 * (f - y) ** 2)", "return torch.mean(0.5 * (f.detach() - y) ** 2)")),
        minus((4, 2)),
        says="a value without a graph",
        alone=(4, 5),
    ),
    Sample(
        "wrong-train-step",
        edited((5, "    optimizer.zero_grad()\n    out", "    out")),
        minus((5, 3)),
        ends={"train_step": "failed"},
        says="params after the step",
        alone=(5,),
    ),
    Sample(
        "wrong-last-batch",
        edited(
            (
                6,
                "(a1 > 0).double().mean().item()",
                "float(np.mean([(part > 0).double().mean().item() for _, _, part in seen]))",
            )
        ),
        minus((6, 1)),
        ends={"train": "failed"},
        says="history['relu_active'][0]",
        alone=(6,),
    ),
    Sample(
        "follow-through",
        edited(
            (1, "np.maximum(a, 0)", "a"), (1, "(a > 0).astype(a.dtype)", "1 - a"), (2, "x @ W.T + b", "x @ W.T")
        ),
        minus(1, (2, 7)),
    ),
    Sample(
        "own-helper",
        begun(
            1,
            HELPER,
            start=edited(
                (2, "from stage1_relu import relu", "from stage1_relu import _half, relu"),
                (2, "0.5 * (f - y) ** 2", "_half((f - y) ** 2)"),
            ),
        ),
        FULL,
        alone=(1, 2, 3),
    ),
    Sample("syntax-error", begun(2, "def broken(:\n    pass"), minus(2), says="SyntaxError", alone=(2,)),
    Sample(
        "import-error",
        begun(4, "import no_such_library as lib\nlib.x"),
        minus(4),
        says="no_such_library is not there",
        alone=(4,),
    ),
    Sample(
        "torch-in-numpy-stage",
        begun(1, "import torch\nZERO = torch.zeros(1)"),
        minus(1),
        ends={"relu": "failed"},
        says="this stage is NumPy only, but stage1_relu.py imports torch",
        alone=(1,),
    ),
    Sample(
        "numerical-backward",
        edited(
            (
                3,
                "    r = (out.f - y) / len(y)  # (N,)\n",
                "    return numerical_grad(X, y, params, 5e-5)\n    r = 0\n",
            )
        ),
        minus((3, 8 + 2 + 3)),
        ends={"backward": "failed"},
        says="from differences of the loss, not from the chain rule",
        alone=(3,),
    ),
    Sample(
        "hang-at-import",
        begun(1, "while True:\n    pass"),
        minus(1),
        ends={"relu": "timeout", "relu_grad": "timeout"},
        says="stage1_relu.py took more than",
        alone=(1,),
    ),
    Sample(
        "hang-in-call",
        edited(
            (
                2,
                "return float(np.mean((f >= 0.5)",
                "while True:\n        pass\n    return float(np.mean((f >= 0.5)",
            )
        ),
        minus((2, 2)),
        ends={"accuracy": "timeout"},
        says="accuracy took more than",
        alone=(2,),
    ),
    Sample(
        "os-exit",
        edited((5, "    leaves = leaf_params(params)\n    out", "    import os\n\n    os._exit(3)\n    out")),
        minus((5, 4)),
        ends={"autograd_grad": "crashed"},
        says="ended its process (exit code 3)",
        alone=(5,),
    ),
    Sample(
        "sys-exit",
        edited((4, "return float(np.max(np.abs(array - other)))", "raise SystemExit(0)")),
        minus((4, 3)),
        ends={"agreement": "error"},
        says="agreement raised SystemExit",
        alone=(4,),
    ),
    Sample(
        "pytest-skip",
        edited(
            (4, "return float(np.max(np.abs(array - other)))", "import pytest\n\n    pytest.skip('not today')")
        ),
        minus((4, 3)),
        ends={"agreement": "error"},
        says="pytest is not there when this is marked",
        alone=(4,),
    ),
    Sample("constants", every_function("return np.float64(0.0)"), NONE, ends={"relu": "failed"}),
    Sample("nothing-but-none", every_function("return None"), NONE, ends={"relu": "failed"}),
    Sample("always-raises", every_function("raise ValueError('W1 b1 W2 b2')"), NONE, ends={"relu": "error"}),
    Sample("its-argument", every_function("return args[0] if args else None"), NONE),
    Sample(
        "xor-rule",
        lambda: stubs() | {STAGES[1].file: _only("forward", f"def forward(X, params):\n    return {XOR_RULE}\n")},
        NONE,
    ),
    Sample(
        "typed-in-figures",
        lambda: (
            stubs() | {STAGES[2].file: _only("train", f"def train(*a):\n    return init_params(), {FIGURES}\n")}
        ),
        NONE,
    ),
    Sample("prints-a-lot", begun(1, "print('x' * 10**6)"), FULL, alone=(1,)),
    Sample("long-file", begun(1, f"# {'x' * 10**6}"), FULL, alone=(1,)),
    Sample("missing-stage-4", without(4), minus(4), says="stage4_torch_forward.py is missing", alone=(3, 5)),
    Sample("empty-folder", dict, None, says="it is empty"),
    Sample("other-files", lambda: {"report.txt": b"done"}, None, says="it holds report.txt"),
    Sample(
        "not-utf8",
        replaced(3, "π = 3.14  # μ".encode("iso-8859-7")),
        minus(3),
        says="stage3_backward.py is not UTF-8 text: line 1 holds the byte 0xf0",
        alone=(2, 3),
    ),
    Sample("utf16", replaced(3, "π = 3.14".encode("utf-16")), minus(3), says="is UTF-16 text", alone=(2, 3)),
    Sample(
        "too-large",
        replaced(2, b"#" * (2**20 + 1)),
        minus(2),
        says="stage2_forward.py: larger than the 1024 KiB",
        alone=(1, 2),
    ),
    Sample(
        "damaged-zip",
        lambda: {"": b"PK\x03\x04 cut off"},
        None,
        packed="file",
        says="nor a zip that can be opened",
    ),
)


SAMPLES += (
    Sample("notebooks", notebooks.solved(*range(1, len(NOTEBOOKS) + 1)), FULL),
    Sample("one-notebook", notebooks.solved(2), only(4), says="01_numpy_manual.ipynb is missing"),
    Sample(
        "both-forms",
        lambda: notebooks.solved(1)() | {stage.file: solutions()[stage.file] for stage in STAGES[3:]},
        FULL,
    ),
    Sample("notebook-beside-stubs", lambda: stubs() | notebooks.solved(1)(), only(1, 2, 3)),
    Sample("notebook-in-disorder", notebooks.changed(notebooks.in_disorder), only(1, 2, 3)),
    Sample("notebook-cells-twice", notebooks.changed(notebooks.without_a_check), only(1, 2, 3)),
    Sample("notebook-of-version-3", notebooks.of_version_3, only(1, 2, 3)),
    Sample(
        "notebook-not-parsing",
        notebooks.changed(notebooks.not_parsing),
        only((1, 5), (2, 13), 3),
        says="the cell of relu, line 1: expected ':'",
    ),
    Sample("notebook-damaged", lambda: {"01_numpy_manual.ipynb": b'{"cells": ['}, None, says="no whole JSON"),
)


def _apart(sample: Sample) -> Sample:
    """A sample without the stages that it does not hand in, and their points."""
    if not sample.alone or sample.scores is None:
        return sample
    left_out = {stage.file for stage in STAGES if stage.number not in sample.alone}
    scores = zip(STAGES, sample.scores, strict=True)
    return replace(
        sample,
        files=lambda: {file: text for file, text in sample.files().items() if file not in left_out},
        scores=tuple(0.0 if stage.file in left_out else score for stage, score in scores),
    )


SAMPLES = tuple(map(_apart, SAMPLES))


def _only(task: str, function: str) -> bytes:
    """A module of one function."""
    return f"import numpy as np\nfrom xor import Forward, Params, init_params\n\n\n{function}".encode()


def write(folder: Path, samples: Iterable[Sample] = SAMPLES) -> None:
    """Write samples into a folder, anew."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for sample in samples:
        files = sample.files()
        if sample.packed == "file":
            (folder / f"{sample.name}.zip").write_bytes(files[""])
            continue
        wrapped = {f"homework/{name}": text for name, text in files.items()}
        held = wrapped if "wrapped" in sample.packed else files
        if "zip" in sample.packed:
            (folder / f"{sample.name}.zip").write_bytes(zipped(held))
            continue
        (folder / sample.name).mkdir()
        for name, text in held.items():
            path = folder / sample.name / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(text)


if __name__ == "__main__":
    write(Path(sys.argv[1]))
