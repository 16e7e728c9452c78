"""The proof of the suites: its operators and tables, and a part of it that is quick. `nox -s mutants` runs all.

Some stages have their turn in every run of the tests, the others among the proofs.
"""

import random
from collections import Counter
from functools import cache

import pytest
from fixtures import with_proofs
from mutants.expressions import EXPRESSIONS
from mutants.galleries import GALLERY, Entry, complaints, gallery
from mutants.known import equivalents
from mutants.running import Piece, Told, killed, pieces, told, verdict
from mutants.statements import STATEMENTS
from mutants.systematic import Mutant, mutants
from mutants.tokens import TOKENS

from grader.course.catalogue import STAGES, Stage
from grader.course.mistakes import Mistake
from grader.outside.workers import KitError

SEED = 20261122
"""Of the samples taken here, and of the data that they are tested on."""
SAMPLES = {1: 12, 2: 12, 3: 12, 4: 8, 5: 8, 6: 6}
"""Systematic mutants taken of each stage: fewer where a suite takes long."""

EXAMPLES = {
    "binary": (
        "return a - b",
        {"a + b", "a * b", "a / b", "a // b", "a % b", "a ** b", "a @ b", "b - a", "a", "b"},
    ),
    "unary": ("return -a * b", {"a * b", "-(-a * b)", "-a * -b"}),
    "comparison": ("return a == b", {f"a {op} b" for op in ("<", "<=", ">", ">=", "!=", "is", "is not")}),
    "condition": ("return a if b else 0", {f"a if {test} else 0" for test in ("True", "False", "not b")}),
    "constant": ("return 3", {"4", "2", "6", "1", "-3", "0"}),
    "index": ("return a[:, 0]", {"a", "a[0, :]", "a[:, :]", "a[0]", "a[:]"}),
    "axis": ("return a.sum(axis=0)", {f"a.sum(axis={axis})" for axis in ("None", "1", "-1")}),
    "argument": (
        "return np.clip(a, b, out=a)",
        {"np.clip(b, out=a)", "np.clip(a, out=a)", "np.clip(b, a, out=a)", "np.clip(a, b)"},
    ),
    "call": ("return a.sum(b)", {"a", "b"}),
    "attribute": ("return a.W1", {"a.W2", "a"}),
    "transpose": ("return a @ b", {"a.T @ b", "a @ b.T"}),
    "name": ("return a.T", {"b.T"}),
    "returned": ("return a, b", {"None", "a", "b", "(b, a)", "(None, b)", "(a, None)"}),
    "repetition": (
        "return [c for c in a]",
        {f"[c for c in {part}]" for part in ("[]", "list(a)[1:]", "list(a)[:-1]", "list(a)[::-1]")},
    ),
    "deleted": ("a.sort()", {"pass"}),
    "twice": ("a.sort()", {"a.sort()"}),
    "order": ("a.sort()\n    b.sort()", {"b.sort()"}),
    "once": ("for c in a:\n        b.sort()", {"break"}),
    "moved": ("for c in a:\n        b.sort()", {"b.sort() ⏎ pass", "pass ⏎ b.sort()"}),
    "unguarded": ("with a:\n        b.sort()", {"if True:"}),
    "augmented": ("a += b", {f"a {op}= b" for op in ("", "-", "*", "/", "//", "%", "**", "@")}),
    "typed": ("return (a - b) * 2 ** a", {f"(a - b) * 2 {op} a" for op in ("+", "-", "*", "/", "//", "%", "@")}),
    "parentheses": ("return (a - b) / 2", {"a - b / 2"}),
}
"""For each operator a function's body, and all that it makes of it."""


@cache
def of_stage(stage: Stage) -> list[Mutant]:
    """The mutants of a stage's solution."""
    return mutants(stage)


def of_body(body: str) -> list[Mutant]:
    """The mutants of a function relu(a, b) with this body."""
    region = f"    ### BEGIN SOLUTION\n    {body}\n    ### END SOLUTION\n"
    return mutants(STAGES[0], f"import numpy as np\n\n\ndef relu(a, b):\n{region}")


@pytest.mark.parametrize("operator", EXAMPLES)
def test_operators(operator: str) -> None:
    """Each operator makes of its example what it must, less what an operator before it made."""
    body, expected = EXAMPLES[operator]
    made = {m.changed.removeprefix("return ") for m in of_body(body) if m.operator == operator}
    assert made
    missing = expected - made
    earlier = {m.changed.removeprefix("return ") for m in of_body(body) if m.operator != operator}
    assert made <= expected
    assert missing <= earlier


def test_every_operator_has_an_example() -> None:
    """No operator is without one."""
    assert list(EXAMPLES) == [*EXPRESSIONS, *STATEMENTS, *TOKENS]


def test_words_are_left_alone() -> None:
    """What is no code of the solution is not changed: lines outside the regions, annotations, errors' strings."""
    assert not [m for m in of_body("raise ValueError('a' 'b')") if m.operator == "constant"]
    assert not [m for m in of_body("c: a = b") if "c: b" in m.changed]
    source = "def relu(a, b):\n    c = a + b\n    ### BEGIN SOLUTION\n    return c\n    ### END SOLUTION\n"
    assert {m.line for m in mutants(STAGES[0], source)} == {4}


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_mutants_are_different_programs(stage: Stage) -> None:
    """Each mutant has an id of its own and differs from all others, and every task has some."""
    made = of_stage(stage)
    assert len({m.id for m in made}) == len({m.source for m in made}) == len(made)
    assert {m.task for m in made} == set(stage.tasks)


def test_mutants_come_in_the_same_order() -> None:
    """Made again they are the same, one after the other, so that an id stays what it was."""
    assert mutants(STAGES[1]) == of_stage(STAGES[1])


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_equivalents_are_there(stage: Stage) -> None:
    """Every mutant listed as equivalent exists."""
    assert equivalents(stage).keys() <= {m.id for m in of_stage(stage)}


def test_a_mutant_is_known_by_its_line() -> None:
    """Its id holds what it puts in; a number tells apart those that put in the same, and `strict` is no mutant."""
    made = of_body("for c in zip(a, b, strict=True):\n        a = b")
    assert len({m.id for m in made}) == len(made)
    assert all(m.changed in m.id for m in made) and not [m for m in made if "strict=False" in m.source]


def test_verdicts() -> None:
    """A mutant is killed, equivalent or a survivor; an entry that loses points is stale."""
    mutant = of_body("return a - b")[0]
    listed = {mutant.id}
    assert verdict(mutant, True, set()) == "killed"
    assert verdict(mutant, KitError("it broke"), listed) == "kit failed: it broke"
    assert verdict(mutant, False, set()) == "survived"
    assert verdict(mutant, False, listed) == "equivalent"
    assert verdict(mutant, True, listed) == "stale: listed as equivalent, but loses points"


def test_what_a_piece_of_wrong_code_must_be_told() -> None:
    """It loses points, and a failure of its task names its mistake; whether the first one does is counted."""
    piece = Piece("stage1_relu", Mistake("relu", "absolute", "", "", ()), "")
    first, later = Told(2.0, ("absolute", "")), Told(2.0, ("", "absolute"))
    assert (first.trouble(piece), first.end(piece)) == ("", "told")
    assert (later.trouble(piece), later.end(piece)) == ("", "told later")
    assert Told(0.0, ()).trouble(piece) == "loses no points"
    assert "is not told its mistake but no mistake" in Told(2.0, ("",)).trouble(piece)
    assert "nothing by its task" in Told(2.0, ()).trouble(piece)


@pytest.mark.parametrize("stage", with_proofs(STAGES, STAGES[::3]))
def test_a_sample_of_systematic_mutants(stage: Stage) -> None:
    """Of a sample, every mutant loses points, but for those that are listed."""
    sample = random.Random(SEED).sample(of_stage(stage), SAMPLES.get(stage.number, 4))
    known = equivalents(stage)
    ends = {f"{m.id}: {m.changed}": verdict(m, killed(m, SEED), known) for m in sample}
    assert {name: end for name, end in ends.items() if end not in ("killed", "equivalent")} == {}


@pytest.mark.parametrize("stage", with_proofs(STAGES, STAGES[:1]))
def test_known_mistakes(stage: Stage) -> None:
    """Pieces of wrong code, all of stages 1 and 2 and some of the others, lose points and are told by name."""
    made = pieces(stage)
    sample = (
        made
        if stage.number < 3
        else random.Random(SEED).sample(made, min(SAMPLES.get(stage.number, 4) // 3, len(made)))
    )
    assert {m.id: told(m, SEED).trouble(m) for m in sample} == {m.id: "" for m in sample}


def test_the_gallery_is_wide() -> None:
    """Each of its stages is there in three styles at least, and nothing else lies in the folder."""
    styles = Counter(stage.file for entry in gallery() for stage in entry.stages)
    assert min(styles.values()) >= 3
    files = {path.name for path in GALLERY.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert files == styles.keys() <= {stage.file for stage in STAGES}


@pytest.mark.parametrize("number", [1, pytest.param(3, marks=pytest.mark.proof)])
def test_some_of_the_gallery(number: int) -> None:
    """Right versions in unusual styles lose nothing and are told nothing."""
    for entry in random.Random(SEED).sample(gallery(), number):
        assert {stage.name: complaints(entry, stage, SEED) for stage in entry.stages} == {
            stage.name: [] for stage in entry.stages
        }


def test_complaints() -> None:
    """A version that is not right is complained about, and of a stage that it lacks nothing is asked."""
    stage = STAGES[0]
    wrong = Entry("wrong", {stage.name: of_stage(stage)[0].source})
    assert wrong.stages == (stage,)
    assert complaints(wrong, stage, SEED)[0].startswith("TestRelu::test_values: ")
