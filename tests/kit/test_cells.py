"""Cells to modules: what of a learner's notebook counts, and what each fault in it costs."""

import sys
from types import ModuleType
from typing import Any

import pytest

from grader.inside.cells.sources import sources_of

HEADER = "import math"
TASKS = {"relu": "one-relu", "slope": "one-slope"}
RELU = "def relu(a): return max(a, 0)"
SLOPE = "def slope(a): return float(a > 0)"
LATER = {"stage": "two", "header": "import math\nfrom one import relu, slope", "cells": {"twice": "two-twice"}}

Cells = list[tuple[str, str]]


def read(cells: Cells, *more: dict[str, Any], given: tuple[str, ...] = ("setup", "imports")) -> dict[str, Any]:
    """What comes of a notebook with these cells, of stage `one` and more."""
    stages = [{"stage": "one", "header": HEADER, "cells": TASKS}, *more]
    numbered = [[number, *cell] for number, cell in enumerate(cells, 1)]
    reply = sources_of({"cells": numbered, "given": list(given), "stages": stages})
    assert set(reply) == {stage["stage"] for stage in stages}
    return reply


def run(source: str) -> dict[str, Any]:
    """The names of a module that runs."""
    names: dict[str, Any] = {"__name__": "one"}
    exec(compile(source, "one.py", "exec", dont_inherit=True), names)
    return names


def module(*cells: tuple[str, str]) -> dict[str, Any]:
    """The names of stage `one` made of these cells."""
    return run(read(list(cells))["one"]["source"])


def written(relu: str = RELU, slope: str = SLOPE) -> Cells:
    """The task cells."""
    return [("one-relu", relu), ("one-slope", slope)]


HELPER = "def helper(a): return max(a, 0)"
GATHERING = (
    "class Base:\n    kinds = {}\n    def __init_subclass__(cls):\n        Base.kinds[cls.__name__] = cls\n"
    "class Max(Base):\n    def __call__(self, a):\n        return max(a, 0)"
)


@pytest.mark.parametrize(
    "cells",
    [
        written(),
        [("setup", "%load_ext grader.kernel"), ("x", "%%given pair\nSIZE = 2"), *written()],
        written(f"%matplotlib inline\n!pip install x\n?help\nmax?\n{RELU}"),
        written(f"%%time\n{RELU}"),
        written(f"from __future__ import nothing\n{RELU}"),
        written(f"\n\n%%capture out\n%%time\n{RELU}"),
        written("%time relu = lambda a: max(a, 0)"),
        written("    def relu(a):\n        return max(a, 0)"),
        written("def relu(a):\r\n\treturn max(a, 0)\r"),
        written("import operator; relu = lambda a: a * operator.gt(a, 0); print(relu(3))"),
        written(f"{RELU}\nassert relu(1) == 2\nwhile True: pass\nraise SystemExit"),
        [("", "helper = lambda a, b: max(a, b)"), *written("def relu(a): return helper(a, 0)")],
        [*written("def relu(a): return helper(a, 0)"), ("", "helper = max")],
        [
            ("", "%%bash\nrm -rf x"),
            ("", "%%html\n<b>"),
            *written(),
            ("", "%%writefile x.py\ndef relu(a): return 7"),
        ],
        [*written(), ("", "def relu(a): return 7")],
        [("", "def relu(a): return 7"), *written()],
        [("one-relu", "def relu(a): return 7"), *written()],
        [*written(), ("one-relu", "print(1)")],
        [*written(), ("one-relu", "def relu(a) return 7")],
        [("one-slope", SLOPE), ("new", RELU)],
        [("a", RELU), ("b", SLOPE)],
        *([("", RELU), ("", SLOPE), ("", value)] for value in ("relu = 3", "relu = relu(2)", "relu += 1")),
        *([("", RELU), ("", SLOPE), ("", value)] for value in ("for relu in []: pass", "relu: int = 3")),
        [("", RELU), ("", "slope = 3"), ("", 'check_task("one", "relu")'), ("", SLOPE)],
        [("", RELU), ("", SLOPE), ("one-relu", "relu = relu(3)")],
        [("", RELU), ("", 'check_task("one", "relu")'), ("", SLOPE), ("", "def relu(a): return 7")],
        [*written("def relu(a):\n    raise NotImplementedError('no')"), ("", RELU)],
        [("", RELU), *written("def relu(a) return a")],
        written("GLOBAL = 0\ndef relu(a): return max(a, GLOBAL)\nGLOBAL = 1; del GLOBAL\nGLOBAL = 0"),
        [*written(), ("imports", "import nothing_of_the_kind"), ("", "max = 3\nmath = 4")],
        # names looked up by text; an import of the future, wherever its cell is; a star may bring anything
        written("def _max(a): return max(a, 0)\n\ndef relu(a): return globals()['_' + 'max'](a)"),
        [("", "x = 1\nfrom __future__ import annotations"), *written("def relu(a: Nothing): return max(a, 0)")],
        [("", "from operator import *"), *written("def relu(a): return mul(a, gt(a, 0))")],
        # a class that only its base knows of; methods that are put to a class in a later cell
        [("", GATHERING), *written("def relu(a): return Base.kinds['Max']()(a)")],
        [
            ("one-relu", "class relu:\n    def __new__(cls, a):\n        return cls.of(a)"),
            ("", "relu.of = staticmethod(lambda a: max(a, 0))"),
            ("one-slope", SLOPE),
        ],
        # what stands before a check counts, also in cells after the task; what stands below it, or below the last
        # task where there is no check, is an experiment
        [
            ("one-slope", SLOPE),
            ("one-relu", "def relu(a): return KINDS['max'](a, 0)\n\n\nKINDS = {}\nKINDS: dict"),
            ("", "KINDS['max'] = max"),
            ("imports", 'check_task("one", "relu")'),
            ("", "KINDS['max'] = min"),
        ],
        [("", HELPER), *written("def relu(a): return helper(a)"), ("", HELPER.replace("0", "7"))],
        written(
            "if True:\n    def relu(a):\n        '''a\nb'''\n        return max(a, 0)\nelse:\n    relu = None"
        ),
        written("try:\n    import fast\nexcept ImportError:\n    fast = 0\ndef relu(a): return max(a, fast)"),
    ],
)
def test_what_is_written_counts(cells: Cells) -> None:
    """Extra cells, magics, experiments, duplicates, lost ids and changed given cells do not hurt."""
    names = module(*cells)
    assert names["relu"](-2) == 0
    assert names["relu"](2) == 2
    assert names["slope"](3) == 1.0


@pytest.mark.parametrize(
    "body",
    [
        "%time a = max(a, 0)\nreturn a",
        "b = %time max(a, 0)\nreturn b",
        "%time return max(a, 0)",
        "if True:\n    %time a = max(a, 0); b = a\nreturn b",
        "!ls\nreturn max(a, 0)",
        "files = !ls\nreturn max(a, len(files))",
        "%matplotlib inline\nreturn max(a, 0)",
        "%timeit -n 1 max(a, 0)\nreturn max(a, 0)",
        "get_ipython().run_line_magic('time', 'a = max(a, 0)')\nreturn a",
        "if a: get_ipython().run_line_magic('time', 'for _ in []: pass')\nreturn max(a, 0)",
        "get_ipython().run_cell_magic('time', '', 'a')\nreturn max(a, 0)",
        "display(a, raw=True)\nreturn max(a, 0)",
        "shell = get_ipython()\nreturn max(a, 0)",
    ],
)
def test_magics_within_functions(body: str) -> None:
    """What %time runs is run where it stands, with the function's own names; the rest of the shell is idle."""
    indented = "\n".join(f"    {line}" for line in body.split("\n"))
    for before in ("", "from IPython.display import display\nfrom IPython import get_ipython\n"):
        relu = module(*written(f"{before}def relu(a):\n{indented}"))["relu"]
        assert (relu(-2), relu(2)) == (0, 2)


def test_lines_keep_their_numbers_beside_magics() -> None:
    """A statement after a magic is told at the line at which its cell holds it."""
    reply = read(written("def relu(a):\n    %time b = a\n    !ls\n    return b.missing"))["one"]
    start, label, first = next(place for place in reply["places"] if place[1])
    line = reply["source"].split("\n").index("    return b.missing") + 1
    assert (label, first + line - start) == ("the cell of relu", 4)


@pytest.mark.parametrize(
    "changes",
    [
        "KINDS['max'] = max",
        "KINDS.update(max=max)",
        "KINDS |= {'max': max}",
        "for f in (min, max):\n    KINDS[f.__name__] = f",
        "setattr(KINDS, '__doc__', 1) if False else None\nKINDS = {'max': max}",
        "def keep(f):\n    KINDS[f.__name__] = f\n    return f\n@keep\ndef max(a, b): return (a > b) * a",
        "def fill():\n    KINDS['max'] = max\nfill()",
        "def fill():\n    global KINDS\n    KINDS = {'max': max}\nfill()",
    ],
)
def test_what_changes_data_comes_along(changes: str) -> None:
    """Statements that change what a task uses are part of its stage, whatever shape they have."""
    names = module(("", f"KINDS = {{}}\n{changes}"), *written("def relu(a): return KINDS['max'](a, 0)"))
    assert names["relu"](-1) == 0


def test_what_no_task_needs_is_left_out() -> None:
    """Trainings, pictures and prints cost no time, and what a task does need stays in the learner's own words."""
    task = f"# the rectifier\n{RELU}  # elementwise\nhistory = train()\nplt.plot(history)"
    source = read(written(task))["one"]["source"]
    assert "# the rectifier\ndef relu(a): return max(a, 0)  # elementwise\n" in source
    assert "history" not in source


@pytest.mark.parametrize("scratch", ["def helper(a): return 7", "helper = 3", "HELD.clear()", "HELD = [7]"])
@pytest.mark.parametrize("ids", [("one-relu", "one-slope"), ("", "")])
def test_what_stands_below_a_check_changes_nothing_above(scratch: str, ids: tuple[str, str]) -> None:
    """A task's helpers are what they were at its own check, also where other tasks of its stage come below."""
    cells = [
        ("", "HELD = [0]\n\ndef helper(a): return max(a, *HELD)"),
        (ids[0], "def relu(a): return helper(a)"),
        ("", 'check_task("one", "relu")'),
        ("", scratch),
        (ids[1], SLOPE),
        ("", 'check_task("one", "slope")'),
    ]
    assert module(*cells)["relu"](-1) == 0


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        (written("def relu(a):\n\n    retur a"), "the cell of relu, line 3: invalid syntax"),
        (written("%%time\ndef relu(a):\n    retur a"), "the cell of relu, line 3: invalid syntax"),
        (written("def relu(a):\n  a\n b"), "the cell of relu, line 3: unindent does not match"),
        (written("def relu(a): return\0"), "null byte|not a text of Python"),  # the latter before Python 3.11.4
        (written("relu = '\ud800'"), "the cell of relu, line 1: not a text"),
        (written("relu = " + "(" * 1000), "too many nested parentheses"),
        (written("(" * 1000), "too many nested parentheses"),
        (written(")"), "the cell of relu, line 1: unmatched"),
        (written("relu = " + "-" * 50_000 + "1"), "nested too deeply"),
        (written("relu = " + "+".join("1" * 50_000)), "nested too deeply"),
        (written("#" * (2**20 + 1)), "too long to be read"),
        (written("!ls\n" * 3000 + "relu = 1"), "more magics than are read"),
        (written("relu = (yield 3)"), "the cell of relu, line 1: 'yield' outside function"),
        ([("a", "def relu(a): a a"), ("b", SLOPE)], "the cell of relu, line 1: invalid syntax"),
        ([("a", "\ndef helper(a): a a"), *written("def relu(a): return helper(a)")], "cell 1, line 2: invalid"),
        ([*written("def relu(a): a a"), ("", RELU)], "the cell of relu, line 1: invalid syntax"),
    ],
)
def test_a_broken_cell_costs_its_own_task(cells: Cells, message: str) -> None:
    """Of a cell that cannot be parsed the task says so when it is called, with the line; the others go on."""
    names = module(*cells)
    with pytest.raises(SyntaxError, match=message):
        names["relu"](1)
    assert names["slope"](1) == 1.0


def test_helpers_of_a_broken_cell() -> None:
    """Definitions of a broken cell that nothing else makes serve other tasks; its own task stays broken."""
    over = "import operator\n@staticmethod\ndef over(a): return operator.gt(a, 0)\n\n\ndef relu(a):\n    retur a"
    text = "def text(): return '''\nodd(\n'''"
    cells = written(f"{over}\n\n\n{text}", slope="def slope(a): return over(a)")
    names = module(*cells)
    assert names["slope"](2) is True
    with pytest.raises(SyntaxError, match="the cell of relu, line 7: invalid syntax"):
        names["relu"](1)
    assert module(("", "def over(a): return 7"), *cells)["slope"](2) == 7


@pytest.mark.parametrize(
    ("relu", "error"),
    [
        ("relu = undefined", NameError),
        ("relu = [][1]", IndexError),
        ("SCALE = {}['x']\n\n\ndef relu(a): return a * SCALE", KeyError),
        ("SCALE = {}['x']\nTWICE = 2 * SCALE\n\n\ndef relu(a): return a + TWICE", KeyError),
        ("@undefined\ndef relu(a):\n    '''x\ny'''\n    return a", NameError),
        ("def relu(a, b=math.nothing): return a", AttributeError),
        ("class Base(undefined):\n    pass\n\n\nclass relu(Base):\n    pass", NameError),
        ("from nowhere_at_all import relu", ModuleNotFoundError),
        ("for k in (1, 0):\n    relu = 1 / k\n    del relu", ZeroDivisionError),
    ],
)
def test_a_statement_that_fails_costs_what_needs_it(relu: str, error: type[Exception]) -> None:
    """What a failing statement was to make raises the same error when it is used, and the other tasks go on."""
    names = module(*written(relu))
    assert names["slope"](1) == 1.0
    with pytest.raises(error):
        names["relu"](1)
    with pytest.raises(error):
        names["relu"](2)


def test_a_statement_that_fails_leaves_what_was_there() -> None:
    """As in a kernel, a name keeps its value when a statement that would bind it anew fails."""
    assert module(*written(f"{RELU}\n\n\nrelu = undefined(relu)"))["relu"](-1) == 0


@pytest.mark.parametrize(
    ("cells", "notes"),
    [
        (written(), []),
        ([("a", RELU), ("b", SLOPE)], []),
        (
            [*written(), ("one-relu", "x = 1")],
            ["the cell of relu is there 2 times: the last that defines it counts"],
        ),
        ([("one-slope", SLOPE), ("", RELU)], ["relu is taken from cell 2, as its own cell is missing"]),
        ([*written("x = 1"), ("", RELU)], ["relu is taken from cell 3, as its own cell does not define it"]),
        (
            [*written("def relu(a):\n    raise NotImplementedError"), ("", RELU)],
            ["relu is taken from cell 3, as its own cell is not written"],
        ),
        ([("", RELU), *written("a a")], ["relu is taken from cell 1, as its own cell cannot be read"]),
        (
            [*written("def relu(a): return helper(a)"), ("", "def helper(a): return a")],
            ["helper: defined only after the cells of one that need it"],
        ),
    ],
)
def test_notes(cells: Cells, notes: list[str]) -> None:
    """Where something else counts than the task's own cell, a sentence says so."""
    assert read(cells)["one"]["notes"] == notes


def test_unwritten_and_missing_tasks() -> None:
    """A stub stays one, also a class; a task that is nowhere is not there."""
    stub = "class relu:\n    def __init__(self):\n        raise NotImplementedError('relu is not written yet')"
    names = module(("one-relu", stub))
    with pytest.raises(NotImplementedError):
        names["relu"]()
    assert "slope" not in names


def test_earlier_stages_are_imported_never_copied() -> None:
    """A stage takes the earlier stages' tasks by import, so that a mistake costs its own stage only."""
    cells = [*written("def relu(a): return 7"), ("two-twice", "def twice(a): return 2 * relu(a)")]
    one = ModuleType("one")
    exec(f"{RELU}\n{SLOPE}", one.__dict__)
    sys.modules["one"] = one
    try:
        names = run(read(cells, LATER)["two"]["source"])
    finally:
        del sys.modules["one"]
    assert names["twice"](3) == 6
    assert module(*cells)["relu"](3) == 7


def test_helpers_of_earlier_stages_come_along() -> None:
    """A helper that was written for one stage serves in the next; a later stage's name is no task before it."""
    double = "def double(a): return 2 * a\n\n\ndef twice(a): return a"
    cells = written(f"{double}\n\n\n{RELU.replace('max(a, 0)', 'twice(max(a, 0))')}")
    reply = read([*cells, ("two-twice", "def twice(a): return double(a)")], LATER)
    assert "def double" in reply["two"]["source"]
    assert "def relu" not in reply["two"]["source"]
    assert run(reply["one"]["source"])["relu"](2) == 2


@pytest.mark.parametrize("guard", ["", "SCALE = math.sqrt(4)\n"])
def test_places(guard: str) -> None:
    """Each line of a module is told by the cell and the line that it is of; the kit's own lines by none."""
    wrong = "a.wrong * SCALE" if guard else "a.wrong"
    relu = f"x = 1\n\n# mine\n{guard}\n\ndef relu(a):\n    '''two\n    lines'''\n    return {wrong}"
    found = read([("", "def slope(a): return 5"), ("one-relu", relu)])["one"]
    lines = found["source"].splitlines()
    at = next(n for n, line in enumerate(lines, 1) if "a.wrong" in line)
    [line, cell, first] = [place for place in found["places"] if place[0] <= at][-1]
    assert cell == "the cell of relu"
    assert relu.splitlines()[first + at - line - 1].strip() == lines[at - 1].strip()
    of_slope = next(n for n, line in enumerate(lines, 1) if "return 5" in line)
    assert [place[1] for place in found["places"] if place[0] <= of_slope][-1] == "cell 1"
    assert [place[1] for place in found["places"] if place[0] <= 1] == [""]


def test_only_data_comes_back() -> None:
    """The reply is made of what crosses the wire."""
    reply = read([*written(), ("", "a a")])["one"]
    assert [type(reply[key]) for key in ("source", "places", "notes")] == [str, list, list]
    assert {tuple(map(type, place)) for place in reply["places"]} == {(int, str, int)}


FAR = {"bend": "far-bend", "slope": "far-slope"}
FAR_SLOPE = "def slope(a): return 'far'"
BEND = "def bend(a): return slope(a)"
BOTH = [("one", "slope", SLOPE), ("one", "relu", RELU), ("far", "slope", FAR_SLOPE), ("far", "bend", BEND)]


@pytest.mark.parametrize(("ids", "checks"), [(True, True), (True, False), (False, True), (False, False)])
@pytest.mark.parametrize("left_out", ["", "one", "far"])
def test_a_notebook_that_holds_several_of_the_course(ids: bool, checks: bool, left_out: str) -> None:
    """Of two stages' tasks of one name each is its own stage's, by ids, checks or the cells around it."""
    cells: Cells = []
    for stage, task, source in BOTH:
        if (stage, task) != (left_out, "slope"):
            cells.append((f"{stage}-{task}" if ids else "", source))
        cells += [("", f'check_task("{stage}", "{task}")')] if checks else []
    numbered = [[number, *cell] for number, cell in enumerate(cells, 1)]
    modules = {}
    for stage, tasks, other in (("one", TASKS, FAR), ("far", FAR, TASKS)):
        own = {"stage": stage, "header": "", "cells": tasks}
        beside = {"stage": "far" if stage == "one" else "one", "cells": other}
        told = {"cells": numbered, "given": [], "stages": [own], "others": [beside]}
        modules[stage] = run(sources_of(told)[stage]["source"])
    answers = {stage: names["slope"](3) for stage, names in modules.items() if "slope" in names}
    assert answers == {stage: answer for stage, answer in (("one", 1.0), ("far", "far")) if stage != left_out}


SHARED = "LOW = 0\ndef floor(): return LOW\ndef least(a): return max(a, floor())\n"
"""Data and helpers of two tasks."""


@pytest.mark.parametrize(
    "between",
    [
        "LOW = 2",
        "LOW += 2",
        "def floor(): return 3",
        "def least(a): return a - LOW",
        "LOW = 1\ndef floor(): return LOW + 1",
        "floor = lambda: 4",
        "from math import floor as least",
        "old = least\ndef least(a): return old(a) + 1",
        "for LOW in range(3): pass",
        "print(relu(3))",
    ],
)
@pytest.mark.parametrize("ids", [True, False])
def test_each_task_sees_names_as_at_its_check(between: str, ids: bool) -> None:
    """Of a name that changes its meaning between two tasks each has the one that it had at the task's check."""
    cells = [
        ("", SHARED),
        ("one-relu", "def relu(a, *, times=2):\n    'Doc.'\n    return least(a) * times + LOW"),
        ("relu-check", 'check_task("one", "relu")'),
        ("", between),
        ("one-slope", "def slope(a): return [least(a), LOW, relu(a)]"),
        ("slope-check", 'check_task("one", "slope")'),
    ]
    seen: dict[str, Any] = {}
    names: dict[str, Any] = {"check_task": lambda _, task: seen.update({task: [names[task](a) for a in (-1, 5)]})}
    for _, source in cells:
        exec(source, names)
    made = module(*(cell if ids else ("", cell[1]) for cell in cells))
    checked = {task: made.get("__settled__", made).get(task, made[task]) for task in TASKS}
    assert {task: [checked[task](a) for a in (-1, 5)] for task in TASKS} == seen
    assert (checked["relu"].__doc__, checked["relu"](5, times=0)) == ("Doc.", 0)


def test_a_task_written_again_below_its_check_is_told() -> None:
    """What does not count is named, whether ids tell the task's own cell or not."""
    check = ("check", 'check_task("one", "relu")')
    again = ("", "def relu(a): return 9")
    for id in ("one-relu", ""):
        found = read([(id, RELU), check, again, ("one-slope", SLOPE)])["one"]
        assert "relu is written again below its check, in cell 3, which does not count" in found["notes"]
        assert run(found["source"])["relu"](5) == 5


@pytest.mark.parametrize("magic", ["writefile one.py", "timeit -n1", "python"])
def test_a_task_below_a_magic_that_keeps_it_is_told(magic: str) -> None:
    """Code that a magic runs elsewhere, or not at all, defines nothing, which is told where it would have."""
    made = module(*written(f"%%{magic}\n{RELU}"))
    with pytest.raises(SyntaxError, match=rf"what stands below %%{magic.split()[0]} is no code of this notebook"):
        made["relu"](1)
    assert made["slope"](1) == 1.0
