"""Near-identical submissions: what a copier changes does not hide a copy, and what many write alike is none."""

import ast
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from results_by_hand import notebooks

from grader.course.catalogue import NOTEBOOKS, STAGES, source_of, task_cell
from grader.course.stubs import stub, unmarked
from grader.intake.notebook_files import Cell
from grader.intake.submissions import Submission
from grader.intake.task_code import Code, code_of_tasks
from grader.reporting.python_tokens import _PATTERN, MAX_TOKENS, tokens
from grader.reporting.similarity import Pair, similar_pairs

FIRST, SECOND = STAGES[:2]
LONG = (SECOND.name, "train")
SHORT = (FIRST.name, "double")
STEPS = (
    (
        "assert x.shape == y.shape",
        "if len(x) != len(y): raise ValueError('x and y')",
        "x, y = x.double(), y.double()",
    ),
    ("losses = []", "history = list()", "kept: list[float] = []", "out = [0.0 for _ in range(0)]"),
    ("n = len(x)", "count, = x.shape", "size = x.numel()", "n = int(x.shape[0])"),
    (
        "for _ in range(epochs):",
        "epoch = 0\n    while epoch < epochs:\n        epoch += 1",
        "for step in [*range(epochs)]:",
    ),
    ("    got = model(x)", "    got = model.forward(x)", "    model.train(); got = model(x).reshape(-1)"),
    ("    e = got - y", "    e = torch.sub(got, y)", "    e = y.neg().add(got)", "    e = -(y - got)"),
    (
        "    loss = (e ** 2).mean()",
        "    loss = torch.mean(e * e)",
        "    loss = (e @ e) / n",
        "    loss = e.pow(2).sum() / len(e)",
        "    loss = torch.nn.functional.mse_loss(got, y)",
    ),
    (
        "    for p in model.parameters(): p.grad = None",
        "    model.zero_grad()",
        "    [q.grad.zero_() for q in model.parameters() if q.grad is not None]",
    ),
    (
        "    loss.backward()",
        "    torch.autograd.backward(loss)",
        "    found = torch.autograd.grad(loss, [*model.parameters()])",
    ),
    (
        "    with torch.no_grad():\n            for p in model.parameters(): p -= lr * p.grad",
        "    for p in model.parameters():\n            p.data = p.data - lr * p.grad",
        "    for q in model.parameters(): q.data.add_(q.grad, alpha=-lr)",
        "    torch.optim.SGD(model.parameters(), lr).step()",
    ),
    (
        "    losses.append(loss.item())",
        "    losses += [float(loss)]",
        "    losses.append(float(loss.detach().numpy()))",
    ),
    (
        "if not losses: print('nothing to do')",
        "model.eval()",
        "print(min(losses, default=None))",
        "del e, got",
    ),
    ("return losses", "return [round(one, 12) for one in losses]", "return list(map(float, losses))"),
)
"""Ways to write each step of a task: who writes it alone takes one of each."""
DOUBLES = ("return 2 * x", "return x * 2", "return np.add(x, x)", "y = x.copy()\n    y += x\n    return y")


def body(rng: random.Random) -> str:
    """A task as somebody writes it who copies from nobody."""
    return "\n    ".join(["def train(model, x, y, lr=0.1, epochs=20):", *map(rng.choice, STEPS)])


def honest(count: int = 50) -> dict[str, Code]:
    """Submissions of learners who each wrote a short and a long task by themselves."""
    rng = random.Random(7)
    return {
        f"learner-{number}": {SHORT: f"def double(x):\n    {rng.choice(DOUBLES)}", LONG: body(rng)}
        for number in range(count)
    }


COHORT = honest()
COPIED = COHORT["learner-3"][LONG]


def renamed(code: str) -> str:
    """Other names for all arguments and variables."""
    tree = ast.parse(code)
    own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(tree):
        if isinstance(node, ast.arg):
            node.arg = f"my_{node.arg}"
        elif isinstance(node, ast.Name) and node.id in own:
            node.id = f"my_{node.id}"
    return ast.unparse(tree)


def commented(code: str) -> str:
    """A docstring and comments of one's own, blank lines, tabs, and semicolons at the ends of statements."""
    first, *rest = code.replace("    ", "\t").split("\n")
    lines = [f"{line}  # my idea" if line.endswith(":") else f"{line};\n" for line in rest]
    return "\n".join([f'{first}\n\t"""I wrote this.\n\n\tAll of it."""', *lines])


def moved(code: str) -> str:
    """Behind a helper that was put before it, and before another."""
    helper = "def show(x):\n    for one in x.ravel():\n        print(f'{one:.2f}', end=' ')\n"
    return f"{helper}\n\n{code}\n\n\n{helper.replace('show', 'tell')}"


def padded(code: str) -> str:
    """With statements that do nothing between its own."""
    lines = code.split("\n")
    return "\n".join([*lines[:3], "    unused = sorted([3, 1, 2])", *lines[3:-1], "    del unused", lines[-1]])


WAYS: tuple[Callable[[str], str], ...] = (str, renamed, commented, moved, padded, lambda c: moved(renamed(c)))


def names(pairs: list[Pair]) -> list[tuple[str, str]]:
    """The two submissions of each pair."""
    return [(pair.first, pair.second) for pair in pairs]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_a_copied_task_is_found(way: Callable[[str], str]) -> None:
    """One task that was copied and changed so that it looks like another is found, and no other pair."""
    cohort = COHORT | {"copier": {SHORT: COHORT["learner-8"][SHORT], LONG: way(COPIED)}}
    [pair] = similar_pairs(cohort)
    assert (pair.first, pair.second) == ("learner-3", "copier")
    [shared] = pair.tasks
    assert (shared.stage, shared.task) == LONG
    assert shared.score > 0.75
    assert (shared.left, shared.right) == (COPIED, way(COPIED))


def test_work_of_ones_own_is_no_copy() -> None:
    """Of 50 who each wrote by themselves, though in few ways and short, no two are near-identical."""
    assert similar_pairs(COHORT) == []


def test_what_all_write_is_no_evidence() -> None:
    """Code that a whole class has, from a lecture perhaps, is not held against any two of it."""
    assert similar_pairs({name: {**code, LONG: COPIED} for name, code in COHORT.items()}) == []


def test_what_is_given_and_shown_is_no_evidence() -> None:
    """Stubs, and solutions as the kit shows them, are in nobody's disfavour, even of two alone."""
    for made in (stub, unmarked):
        code = code_of_tasks(Submission("", {stage.name: made(source_of(stage.name)) for stage in STAGES}))
        assert set(code) == {(stage.name, task) for stage in STAGES for task in stage.tasks}
        assert similar_pairs({"ann": code, "ben": dict(code)}) == []


def test_two_alone_can_be_compared() -> None:
    """In a cohort of two a long task that both have counts, a short one does not."""
    assert names(similar_pairs({"ann": {LONG: COPIED}, "ben": {LONG: COPIED}})) == [("ann", "ben")]
    short = {SHORT: "def double(x):\n    return np.add(x, x)"}
    assert similar_pairs({"ann": short, "ben": short}) == []


def test_earlier_years_are_compared_with_the_cohort_alone() -> None:
    """What was copied from an earlier year is found; that two of an earlier year are alike is nobody's concern."""
    earlier = {"2024/one": {LONG: renamed(COPIED)}, "2024/two": {LONG: commented(COPIED)}}
    found = similar_pairs(COHORT, reference=earlier)
    assert sorted(names(found)) == [("learner-3", "2024/one"), ("learner-3", "2024/two")]
    assert len(similar_pairs(COHORT, reference=earlier, most=1)) == 1


def test_pairs_come_by_their_evidence() -> None:
    """Who copied more comes first; the share of all says how much of everything it is."""
    other = COHORT["learner-5"][LONG]
    both = {LONG: renamed(COPIED), (SECOND.name, "slope"): renamed(other)}
    source = {LONG: COPIED, (SECOND.name, "slope"): other}
    found = similar_pairs(COHORT | {"of all": both, "source": source, "of one": {LONG: renamed(other)}})
    assert names(found)[0] == ("of all", "source")
    assert {task.task for task in found[0].tasks} == {"train", "slope"}
    assert found[0].score == pytest.approx(1.0)
    assert [pair.evidence for pair in found] == sorted((pair.evidence for pair in found), reverse=True)


def test_lines_that_are_shared_are_marked() -> None:
    """Of both texts those lines are marked on which something stands that both have and nobody was given."""
    own = "def show(a):\n    for one in a.ravel():\n        print(one * 17 - 3, end='')\n"
    [pair] = similar_pairs(COHORT | {"copier": {LONG: f"{own}\n{COPIED}"}})
    [shared] = pair.tasks
    first = own.count("\n") + 1
    assert min(shared.right_lines) >= first
    assert {line - first for line in shared.right_lines} == shared.left_lines
    assert shared.left_lines <= set(range(len(COPIED.split("\n"))))


def test_code_that_was_moved_to_another_task_is_marked() -> None:
    """A helper counts wherever a copier put it, and its lines are marked."""
    helper = "def centred(z):\n    middle = z.sum() / max(1, len(z))\n    return z - middle + 0.5\n\n\n"
    source = {SHORT: "def double(x):\n    return 2 * x", LONG: f"{helper}{COPIED}"}
    copy = {SHORT: f"{helper}def double(x):\n    return 2 * x", LONG: renamed(COPIED)}
    [pair] = [one for one in similar_pairs({**COHORT, "source": source, "copy": copy}) if one.second == "copy"][:1]
    assert pair.first == "source"
    [shared] = [shared for shared in pair.tasks if (shared.stage, shared.task) == LONG]
    assert {1, 2} <= shared.left_lines


def test_what_stands_in_every_task_counts_once() -> None:
    """Two who wrote the same few words into each of many tasks have no more in common than in one."""
    tasks = [f"task_{number}" for number in range(30)]
    same = {(FIRST.name, task): f"def {task}(*args, **kwargs):\n    return kwargs or dict(args)" for task in tasks}
    assert similar_pairs({"ann": same, "ben": dict(same), "cleo": {SHORT: DOUBLES[0]}}) == []


@pytest.mark.parametrize("cohort", [{}, {"alone": {LONG: COPIED}}, {"a": {}, "b": {LONG: ""}}])
def test_nothing_to_compare(cohort: dict[str, Code]) -> None:
    """Nobody, one alone, and those who wrote nothing are near-identical to none."""
    assert similar_pairs(cohort) == []


HOSTILE = (
    *("'''", '"""' * 50_000 + "\\", "'" * 100_000, "\\" * 100_001, "f'{" * 50_000, "(" * 500_000, "\\\n" * 50_000),
    *("0x" * 50_000, "1e+" * 50_000, "\x00\ud800\u202e" * 30_000, "#" * 100_000, "\r\r\n" * 50_000, "rb" * 50_000),
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_is_taken_apart(text: str) -> None:
    """No text is too long, too deep or too broken, and two who hand in the same of it are compared like others."""
    assert len(tokens(text)) <= MAX_TOKENS
    assert all(0 <= token.line <= text.count("\n") for token in tokens(text))
    similar_pairs({"ann": {LONG: text}, "ben": {LONG: text}})


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.sampled_from("'\"\\\n#rf1.e+a_ ({:=\t;é\x00"), max_size=60))
def test_every_character_is_taken_once(text: str) -> None:
    """The pattern takes a text apart without leaving anything out."""
    assert "".join(found[0] for found in _PATTERN.finditer(text)) == text


def test_tokens_are_what_a_copier_leaves() -> None:
    """Names of the learner's own, comments, docstrings, layout and ways to write a number make no difference."""
    one = 'def f(a):\n    """Twice."""\n    b = self.w * a.sum(0.0)  # so\n    return "x" + len(b)'
    other = "def g( q ):\n\tc = self.weights*q . sum(0)\n\n\treturn 'y' + \\\n\t  len( c ) ;"
    assert [token.text for token in tokens(one, {"f"})][2:] == [token.text for token in tokens(other, {"g"})][2:]
    assert [token.line for token in tokens(other)][-1] == 4
    assert [token.text for token in tokens("x.mean(1)")] != [token.text for token in tokens("x.sum(1)")]


def test_a_task_of_a_module_is_its_lines() -> None:
    """A module is divided where tasks begin, without its page; what stands above the first goes with it."""
    source = (
        '"""A page.\n\nof reading"""\nimport os\n\ndef double(x):\n    return x\n\n\ndef both(p):\n    return p\n'
    )
    code = code_of_tasks(Submission("ann", {FIRST.name: source}))
    assert code == {
        SHORT: "import os\n\ndef double(x):\n    return x",
        (FIRST.name, "both"): "def both(p):\n    return p",
    }


def test_a_task_of_a_notebook_is_its_cell() -> None:
    """A task is its cell, with the cells that help it above; given cells are nobody's; a module counts before."""
    changed = {task_cell(FIRST, "double"): "def double(x):\n    return helped(x)"}
    cells = notebooks(changed, solved=False)[NOTEBOOKS[0].name]
    at = [cell.id for cell in cells].index(task_cell(FIRST, "double"))
    helped = (*cells[:at], Cell("own", "def helped(x):\n    return 2 * x"), Cell("", "print(1)"), *cells[at:])
    code = code_of_tasks(Submission("ann", notebooks={NOTEBOOKS[0].name: helped}, form="notebooks"))
    assert [task for _, task in code] == list(FIRST.tasks)
    assert code[SHORT] == "def helped(x):\n    return 2 * x\n\ndef double(x):\n    return helped(x)"
    both = Submission("ann", {FIRST.name: "def double(x): pass"}, notebooks={NOTEBOOKS[0].name: helped})
    assert code_of_tasks(both) == {SHORT: "def double(x): pass"}


def test_a_cell_with_several_tasks_is_divided() -> None:
    """Where all stands in one cell, without an id, each task has its own lines."""
    cell = Cell("", "def double(x):\n    return x\n\ndef both(p):\n    return p")
    code = code_of_tasks(Submission("ann", notebooks={NOTEBOOKS[0].name: (cell,)}, form="notebooks"))
    assert code == {SHORT: "def double(x):\n    return x", (FIRST.name, "both"): "def both(p):\n    return p"}
