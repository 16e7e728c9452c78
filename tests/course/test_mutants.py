"""The proof of the suites: its operators and tables, and a part of it that is quick. `nox -s mutants` runs all."""

import random
import re
from collections import Counter
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from mutants.expressions import EXPRESSIONS
from mutants.galleries import GALLERY, Entry, complaints, gallery
from mutants.handmade import HandMade, hand_made
from mutants.known import Equivalent, Names, equivalents, named_mistakes, unmatched
from mutants.running import Told, killed, told, verdict
from mutants.statements import STATEMENTS
from mutants.systematic import Mutant, mutants
from mutants.tokens import TOKENS

from grader.course.catalogue import STAGES, Stage
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
    """Every mutant listed as equivalent exists, and is the one that was meant."""
    listed = equivalents(stage)
    made = {m.id: m.changed for m in of_stage(stage) if m.id in listed}
    assert {name: entry.changed for name, entry in listed.items()} == made


def test_verdicts() -> None:
    """A mutant is killed, equivalent or a survivor; an entry that no longer fits is stale."""
    mutant = of_body("return a - b")[0]
    listed = {mutant.id: Equivalent(mutant.id, mutant.changed, "a reason")}
    other = {mutant.id: Equivalent(mutant.id, "return b", "a reason")}
    assert verdict(mutant, True, {}) == "killed"
    assert verdict(mutant, KitError("it broke"), listed) == "kit failed: it broke"
    assert verdict(mutant, False, {}) == "survived"
    assert verdict(mutant, False, listed) == "equivalent"
    assert verdict(mutant, True, listed).startswith("stale: listed as equivalent, but loses points")
    assert verdict(mutant, False, other).startswith("stale: listed as “return b”")


def test_what_a_hand_made_mutant_must_be_told() -> None:
    """It loses points, and a failure of its task names its mistake; whether the first one does is counted."""
    mutant = HandMade("stage1_relu", "relu", "absolute", "")
    first, later = Told(2.0, ("absolute", "")), Told(2.0, ("", "absolute"))
    assert (first.trouble(mutant), first.end(mutant)) == ("", "told")
    assert (later.trouble(mutant), later.end(mutant)) == ("", "told later")
    assert Told(0.0, ()).trouble(mutant) == "loses no points"
    assert "is not told its mistake but no mistake" in Told(2.0, ("",)).trouble(mutant)
    assert "nothing by its task" in Told(2.0, ()).trouble(mutant)


def test_hand_made_mutants_and_named_mistakes_belong_together() -> None:
    """Each named mistake is made by hand, one of any task in some task, and each mutant has a name."""
    mutant = HandMade("stage1_relu", "relu", "absolute", "")
    typed = HandMade("stage2_forward", "affine", "column", "")
    names = Names(frozenset({mutant.id}), frozenset({"column"}))
    assert unmatched([mutant, typed], names, STAGES) == []
    assert unmatched([mutant], names, STAGES) == ["any task:column: a named mistake without a hand-made mutant"]
    assert unmatched([mutant], names, STAGES[:1]) == unmatched([], names, STAGES[1:2]) == []
    assert unmatched([], names, STAGES[:1]) == [f"{mutant.id}: a named mistake without a hand-made mutant"]
    other = HandMade("stage1_relu", "relu_grad", "absolute", "")
    assert unmatched([mutant, other], names, STAGES[:1]) == [
        f"{other.id}: a hand-made mutant without a named mistake"
    ]


def test_hand_made_mutants_are_put_together(tmp_path: Path) -> None:
    """The definition takes the task's place and name, and brings the imports that it uses."""
    written = (
        "import numpy as np\nimport math\nfrom stage1_relu import relu\nfrom itertools import count, chain\n\n\n"
        "def relu__not_at_all(a):\n    return relu__not_at_all if math.inf else chain\n"
    )
    (tmp_path / "stage1_relu.py").write_text(written, encoding="utf-8")
    [mutant] = hand_made(STAGES[0], tmp_path)
    assert mutant.id == "stage1_relu:relu:not_at_all"
    assert "import math\nfrom itertools import chain\nimport numpy as np\n\n\ndef relu(a):" in mutant.source
    assert "    return relu if math.inf else chain\n\n\ndef relu_grad(" in mutant.source


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("def relu(a): pass\n", "relu is not named <task>__<mistake>"),
        ("def loss__late(a): pass\n", "loss__late is not named"),
        ("x = 1\n", "only imports and definitions"),
        ("def relu__a(a): pass\n\n\ndef relu__a(a): pass\n", "defines twice: stage1_relu:relu:a"),
    ],
)
def test_hand_made_mutants_that_are_none(written: str, says: str, tmp_path: Path) -> None:
    """What cannot be a hand-made mutant is refused with what to do."""
    (tmp_path / "stage1_relu.py").write_text(written, encoding="utf-8")
    with pytest.raises(ValueError, match=re.escape(says)):
        hand_made(STAGES[0], tmp_path)


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_a_sample_of_systematic_mutants(stage: Stage) -> None:
    """Of a sample, every mutant loses points, but for those that are listed."""
    sample = random.Random(SEED).sample(of_stage(stage), SAMPLES.get(stage.number, 4))
    known = equivalents(stage)
    ends = {f"{m.id}: {m.changed}": verdict(m, killed(m, SEED), known) for m in sample}
    assert {name: end for name, end in ends.items() if end not in ("killed", "equivalent")} == {}


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage.name)
def test_hand_made_mutants(stage: Stage) -> None:
    """Hand-made mutants, all of stages 1 and 2 and some of the others, lose points and are told their mistake."""
    made = hand_made(stage)
    sample = made if stage.number < 3 else random.Random(SEED).sample(made, min(4, len(made)))
    assert {m.id: told(m, SEED).trouble(m) for m in sample} == {m.id: "" for m in sample}


def test_every_named_mistake_is_made_by_hand() -> None:
    """The hand-made mutants are those of the tables, of each stage that has any."""
    made = [mutant for stage in STAGES for mutant in hand_made(stage)]
    names, with_some = named_mistakes(), {mutant.stage for mutant in made}
    own = frozenset(name for name in names.own if name.partition(":")[0] in with_some)
    assert unmatched(made, replace(names, own=own), STAGES) == []


def test_the_gallery_is_wide() -> None:
    """Each of its stages is there in eight styles at least, and nothing else lies in the folder."""
    styles = Counter(stage.file for entry in gallery() for stage in entry.stages)
    assert min(styles.values()) >= 8
    files = {path.name for path in GALLERY.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert files == styles.keys() <= {stage.file for stage in STAGES}


def test_two_of_the_gallery() -> None:
    """Right versions in unusual styles lose nothing and are told nothing."""
    for entry in random.Random(SEED).sample(gallery(), 2):
        assert {stage.name: complaints(entry, stage, SEED) for stage in entry.stages} == {
            stage.name: [] for stage in entry.stages
        }


def test_complaints() -> None:
    """A version that is not right is complained about, and of a stage that it lacks nothing is asked."""
    stage = STAGES[0]
    wrong = Entry("wrong", {stage.name: of_stage(stage)[0].source})
    assert wrong.stages == (stage,)
    assert complaints(wrong, stage, SEED)[0].startswith("TestRelu::test_values: ")
